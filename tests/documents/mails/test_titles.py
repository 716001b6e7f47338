"""What a playbook calls its parts comes in the recipient's language, by an own translation where there is one."""

import json
from collections.abc import Mapping

import pytest

from documents.mails.message import render
from documents.mails.values import values_of
from states.mail.tables import MailKind
from states.texts.titles import Title, kept_title

LINK = "https://bankable.example/section-assignments/1"


def handed_in(section: object, language: str) -> str:
    values: Mapping[str, object] = {"title": "Soil", "section": section, "by": "Lab", "link": LINK}
    kept = json.loads(json.dumps(values_of(MailKind.SECTION_HANDED_IN, **values)))
    return render(MailKind.SECTION_HANDED_IN, kept, language=language, recipient="Office", unsubscribe=None).text


@pytest.mark.parametrize(("language", "said"), [("de", "Versuchsfeld"), ("es", "Trial field"), ("en", "Trial field")])
def test_an_own_translation_is_kept_with_the_mail(language: str, said: str) -> None:
    title = Title("Trial field", {"de": "Versuchsfeld"})

    assert f" {said}\n" in handed_in(title, language)
    assert f" {said}\n" in handed_in(kept_title(title), language)


@pytest.mark.parametrize(("language", "said"), [("es", "Mercado y demanda"), ("pl", "Rynek i popyt")])
def test_a_title_of_a_shipped_playbook_comes_from_the_catalogue(language: str, said: str) -> None:
    assert f" {said}\n" in handed_in("Market and demand", language)


def test_a_deadline_is_named_in_the_language_of_who_is_reminded() -> None:
    values = {
        "kind": "checklist",
        "title": "Soil: checklist Due diligence",
        "due_on": "2026-12-01",
        "days": -1,
        "rung": -1,
        "waits_for": "project_manager",
        "link": LINK,
    }
    mail = render(MailKind.REMINDER, values, language="fr", recipient="Office", unsubscribe=None)

    assert "Soil: liste de contrôle Vérifications préalables (due diligence)" in mail.subject
