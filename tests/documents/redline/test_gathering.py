"""The redline shows what differs between two frozen versions, word by word, and what nobody touched by title only."""

from decimal import Decimal

import pytest
from sqlmodel import Session

from documents.formats import money
from documents.gathering import current_subject
from documents.redline.context import RedlineContext, gather
from documents.render import render
from states.archive.tables import BETWEEN, DocumentKind
from states.changes.words import RunKind
from states.collaborations.tables import Collaboration
from states.errors import Missing
from states.protocol.comparison import Became
from states.protocol.service import write_section
from states.protocol.tables import ProtocolVersion
from tests.documents.story import text_of
from tests.factories import (
    World,
    a_collaboration,
    a_collaboration_at,
    a_world,
    content_of,
    fill_protocol,
    freeze,
    open_iag,
    s3,
)

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def write(world: World, row: Collaboration, key: str, content: dict[str, object]) -> None:
    section = next(one for one in s3().protocol if one.key == key)
    write_section(world.session, row, key, content_of(section) | content, sections=s3().protocol)


def two_versions(world: World) -> tuple[Collaboration, ProtocolVersion, ProtocolVersion]:
    """Freeze, change a text, a row of costs and nothing else, and freeze again."""
    row = a_collaboration(world)
    fill_protocol(world, row)
    write(world, row, "market", {"users": "Ten small makers of implants wait."})
    before = freeze(world, row)
    write(world, row, "market", {"users": "Twelve small makers of implants wait."})
    costs = [{"organisation": "gliwice", "nuts": "PL22", "category": "equipment", "amount": "1234567.80"}]
    write(world, row, "investment_plan", {"costs": costs})
    return row, before, freeze(world, row)


def shown(world: World) -> RedlineContext:
    _, before, after = two_versions(world)
    return gather(world.session, subject_id=f"{before.id}{BETWEEN}{after.id}")


def test_words_and_rows_are_shown_and_the_rest_by_title(session: Session) -> None:
    found = shown(a_world(session))

    market, plan = found.changed
    words = [(run.kind, run.text) for run in market.fields[0].runs]
    text = " ".join(text_of(render(DocumentKind.REDLINE, found)).split())
    assert words[:2] == [(RunKind.REMOVED, "Ten"), (RunKind.ADDED, "Twelve")]
    assert len(found.unchanged) == len(s3().protocol) - 2
    assert {row.became for row in plan.fields[0].rows} <= {Became.ADDED, Became.REMOVED, Became.CHANGED}
    assert money(Decimal("1234567.80")) in [cell.after for row in plan.fields[0].rows for cell in row.cells]
    assert all(said in text for said in ("2 of 17 sections changed", "Twelve", "Row 1"))


def test_of_equal_versions_it_says_so(session: Session) -> None:
    world = a_world(session)
    _, before, _ = two_versions(world)

    found = gather(session, subject_id=f"{before.id}{BETWEEN}{before.id}")

    assert found.changed == ()
    assert "Nothing changed" in " ".join(text_of(render(DocumentKind.REDLINE, found)).split())


def test_leads_from_what_a_panel_saw_to_the_latest_version(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    open_iag(world, row)
    seen = current_subject(session, DocumentKind.INVESTMENT_PROTOCOL, collaboration_id=row.id)
    with pytest.raises(Missing):
        current_subject(session, DocumentKind.REDLINE, collaboration_id=row.id)
    versions = []
    for users in ("Ten.", "Eleven."):
        write(world, row, "market", {"users": users})
        versions.append(freeze(world, row).id)

    subject = current_subject(session, DocumentKind.REDLINE, collaboration_id=row.id)

    assert subject == f"{seen}{BETWEEN}{versions[-1]}"


def test_versions_of_two_collaborations_are_not_compared(session: Session) -> None:
    world = a_world(session)
    _, before, _ = two_versions(world)
    other = a_collaboration_at(world, "iag_review", slug="other")
    foreign = current_subject(session, DocumentKind.INVESTMENT_PROTOCOL, collaboration_id=other.id)

    with pytest.raises(Missing):
        gather(session, subject_id=f"{before.id}{BETWEEN}{foreign}")
