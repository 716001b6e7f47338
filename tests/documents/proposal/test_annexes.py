"""The index of annexes: what is filed and in force beside a proposal, by kind, owner, date, class and hash."""

from collections.abc import Mapping
from datetime import date

import pytest
from sqlmodel import Session

from documents.meta import DocumentContext
from documents.proposal.annexes import Annex, annexes_of
from documents.proposal.context import ProposalContext, gather
from documents.render import html, render
from states.archive.evidence.queries import evidence_in_force
from states.archive.evidence.service import filing_of, withdraw_evidence
from states.archive.tables import DocumentClass, DocumentKind
from states.funding.queries import scenarios_of
from tests.documents.story import text_of
from tests.factories import a_collaboration_at, a_piece_of_evidence, a_world, s3

KIND = DocumentKind.PROPOSAL


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_proposal_lists_what_is_in_force_with_the_first_digits_of_each_hash(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "bankable")
    gone = a_piece_of_evidence(world, row, content=b"%PDF-1.7 not meant")
    withdraw_evidence(session, gone, reason="Filed by mistake.")
    shown = a_piece_of_evidence(world, row, evidence_class=DocumentClass.PUBLIC)
    (chosen,) = (one for one in scenarios_of(session, row.id) if one.chosen)

    found = gather(session, subject_id=chosen.id)
    printed = text_of(render(KIND, found))

    told = [(one.number, one.kind, one.owner, one.confidentiality) for one in found.annexes]
    assert told == [
        (1, "Letter of intent", "gliwice", "confidential"),
        (2, "Letter of intent", "marseille", "confidential"),
        (3, "Accounts", "gliwice", "confidential"),
        (4, "Offer", "", "confidential"),
        (5, "Letter of support", "", "public"),
    ]
    assert [one.sha256 for one in found.annexes] == [one.sha256 for one in evidence_in_force(session, row.id)]
    assert shown.sha256[:12] in printed
    assert gone.sha256[:12] not in printed


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_a_kind_that_the_playbook_knows_no_more_goes_by_its_key(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "investment_protocol")
    filed = a_piece_of_evidence(world, row, kind="letter_of_comfort")

    [annex] = annexes_of(session, row.id, s3().evidence)

    assert (annex.kind, annex.title, annex.dated) == ("letter_of_comfort", "A letter", filing_of(filed).dated_on)


def test_whose_they_are_is_a_column_where_one_is_somebodys(samples: Mapping[DocumentKind, DocumentContext]) -> None:
    sample = samples[KIND]
    assert isinstance(sample, ProposalContext)
    day, sha256 = date(2026, 10, 19), "9f" * 32
    offer = Annex(number=1, title="Offer", kind="Offer", dated=day, confidentiality="public", sha256=sha256)

    def page(*annexes: Annex) -> str:
        return html(KIND, sample.model_copy(update={"annexes": annexes}), with_contents=False)

    owned = offer.model_copy(update={"owner": "Field Cluster"})
    assert [">Whose</th>" in page(one) for one in (owned, offer)] == [True, False]
    assert "Annexes: evidence" not in page()
