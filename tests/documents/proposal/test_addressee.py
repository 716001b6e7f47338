"""A proposal is addressed: to a bank, to all regions or to one, to a fund; class, order and depth follow."""

from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlmodel import Session

from documents.meta import Confidentiality
from documents.proposal.addressee import ORDER, Addressed, Addressee
from documents.proposal.context import ProposalContext, gather
from documents.render import render
from states.archive.tables import DocumentKind
from states.errors import Missing
from states.funding.queries import scenarios_of
from states.partners.queries import regions_of
from tests.factories import World, a_collaboration_at, a_world

SQLITE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def scenario_id(world: World) -> str:
    row = a_collaboration_at(world, "bankable")
    return next(one.id for one in scenarios_of(world.session, row.id) if one.chosen)


def test_each_subject_is_read_as_it_was_written() -> None:
    found = [Addressed("a" * 32, reader, region) for reader in Addressee for region in ("", "b" * 32)]
    named = [one for one in found if one.reader is Addressee.REGION or not one.region_id]

    assert [Addressed.read(one.subject) for one in named] == named
    assert named[0].subject == "a" * 32  # as every proposal before there were other readers


@SQLITE
@pytest.mark.parametrize(
    ("reader", "confidentiality", "first"),
    [
        (Addressee.BANK, Confidentiality.BANK, "Investment and financing plan"),
        (Addressee.REGION, Confidentiality.AUTHORITY, "Region by region"),
        (Addressee.FUND, Confidentiality.FUND, "The project"),
    ],
)
def test_class_and_order_follow_from_the_reader(
    world: World, scenario_id: str, reader: Addressee, confidentiality: Confidentiality, first: str
) -> None:
    context = gather(world.session, subject_id=Addressed(scenario_id, reader).subject)

    contents = PdfReader(BytesIO(render(DocumentKind.PROPOSAL, context))).pages[1].extract_text()

    assert context.meta.confidentiality is confidentiality
    places = [contents.index(title) for title in ("The decision in two pages", "What is missing", first)]
    others = [contents.index(title) for title in ("Reviews and approvals", "Versions and index of annexes")]
    assert places == sorted(places)
    assert max(places) < min(others)


def test_readers_get_no_chapter_twice_and_all_of_them_the_front_and_the_back() -> None:
    for order in ORDER.values():
        assert len(set(order)) == len(order)
        assert (order[:2], order[-1]) == (("decision", "missing"), "annexes")
    assert {"analysis", "aid"} <= set(ORDER[Addressee.BANK])
    assert "analysis" not in ORDER[Addressee.REGION]  # a summary of it
    assert "aid" not in ORDER[Addressee.FUND]


@SQLITE
def test_one_region_is_asked_for_its_own_money(world: World, scenario_id: str) -> None:
    region = next(one for one in regions_of(world.session, world.partnership.id) if one.name == "paca")

    def shown(region_id: str) -> ProposalContext:
        return gather(world.session, subject_id=Addressed(scenario_id, Addressee.REGION, region_id).subject)

    one, every = shown(region.id), shown("")

    assert (one.meta.subtitle, every.meta.subtitle) == ("Proposal to paca", "Proposal to the regional authorities")
    assert [row.name for row in one.regions if row.addressed] == ["paca"]
    assert [row.name for row in every.regions if row.addressed] == []
    assert one.decision is not None
    assert every.decision is not None
    assert one.decision.amount <= every.decision.amount


@SQLITE
@pytest.mark.parametrize("rest", ["..region:" + "0" * 32, "..nobody"])
def test_a_reader_that_is_not_there_is_missing(world: World, scenario_id: str, rest: str) -> None:
    with pytest.raises(Missing):
        gather(world.session, subject_id=scenario_id + rest)
