"""Every key of the domain that a mail may show has a word."""

from enum import StrEnum

import pytest

from documents.mails.words import ANY_DUTY, Duty, EventPart, duty_of, word_of
from states.archive.tables import DocumentKind
from states.review.tables import Outcome
from states.rights.access import Role


@pytest.mark.parametrize("keys", [Role, Outcome, DocumentKind, EventPart])
def test_no_key_is_without_a_word_of_its_own(keys: type[StrEnum]) -> None:
    assert len({word_of(key) for key in keys}) == len(keys)


def test_a_kind_of_deadline_that_a_playbook_invents_is_a_deadline() -> None:
    assert len({duty_of(kind) for kind in Duty}) == len(Duty)
    assert duty_of("visit") == ANY_DUTY == ("deadline", "Deadline")
