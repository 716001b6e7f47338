"""The meter of bankability: each point is found in the case, and each that is missing has an owner."""

from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace

import pytest
from sqlmodel import Session, select

from states.bankability.criteria import SECTIONS
from states.bankability.facts import BankabilityFacts
from states.bankability.figures import Figures
from states.bankability.guards import bankability_at_least
from states.bankability.meter import Criterion, Judged, Lack, Meter, Section, measure
from states.collaborations.tables import Collaboration
from states.crossings.dossier import Dossier, dossier_of, dossiers_of, gather
from states.funding.facts import FundingFacts, ScenarioFacts, Validity
from states.funding.queries import ChosenSource
from states.funding.tables import Source, SourceKind, SourceStatus
from states.playbooks.guards import GUARDS
from states.protocol.service import write_section
from states.review.facts import ReviewFacts
from states.rights.actors import Role
from states.texts import Text
from tests.factories import (
    World,
    a_collaboration,
    a_collaboration_at,
    a_piece_of_evidence,
    a_world,
    freeze,
    s3,
)

SQLITE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
NOTHING = Text("missing", "bank_team")


def known(**parts: object) -> BankabilityFacts:
    """Return the facts of a case of which nothing is known but these."""
    empty: dict[str, object] = {
        **dict.fromkeys(("held", "asked"), frozenset()),
        **dict.fromkeys(("risks", "partners", "pieces", "sources"), ()),
        "version": None,
        "funding": FundingFacts(0, None),
        "validity": Validity(),
        "uses": Decimal("0.00"),
        "figures": None,
        "review": ReviewFacts({}),
        "conditions": (),
    }
    return BankabilityFacts(**{**empty, **parts})  # type: ignore[arg-type]


def of(meter: Meter, criterion: str) -> list[tuple[str, Decimal]]:
    return [(str(one.text), one.adds) for one in meter.missing if one.criterion == criterion]


def test_points_add_up_to_a_hundred_and_keys_are_unique() -> None:
    criteria = [one for section in SECTIONS for one in section.criteria]

    assert sum(one.points for one in criteria) == 100
    assert len({one.key for one in criteria}) == len(criteria)
    assert {role for one in criteria for role in one.mend_by} <= {*Role}


def test_nothing_known_is_no_point_and_every_criterion_says_what_it_lacks() -> None:
    meter = measure(known(), SECTIONS)

    assert meter.score == 0
    assert {one.criterion for one in meter.missing} == {one.key for section in SECTIONS for one in section.criteria}
    assert sum((one.adds for one in meter.missing), Decimal(0)) == 100


@pytest.mark.parametrize(
    ("whole", "parts", "adds"),
    [
        (3, (1, 1), ("0.7", "0.7")),  # two thirds of 2, rounded up once: 1.4
        (3, (1, 1, 1), ("0.7", "0.7", "0.6")),
        (1000, (1,), ("0.1",)),  # a lack is never nothing
        (1, (1,), ("2.0",)),
    ],
)
def test_lacks_share_the_points_and_add_up(whole: int, parts: tuple[int, ...], adds: tuple[str, ...]) -> None:
    judged = Judged(Decimal(whole), tuple(Lack(NOTHING, Decimal(part)) for part in parts))
    criterion = Criterion("team", 2, ("partner",), "protocol", lambda _: judged)

    (section,) = measure(known(), [Section("s", NOTHING, (criterion,))]).sections

    assert tuple(str(one.adds) for one in section.missing) == adds
    assert section.points == 2 - sum(map(Decimal, adds))


def test_money_that_is_not_committed_loses_by_its_part() -> None:
    lines = (("idea", "750.00"), ("committed", "250.00"))
    sources = tuple(
        ChosenSource(place, SourceKind.GRANT, SourceStatus(status), Decimal(amount), "o")
        for place, (status, amount) in enumerate(lines, start=1)
    )
    facts = known(
        sources=sources, uses=Decimal(1000), funding=FundingFacts(1, ScenarioFacts("s", "S", "v", Decimal(0)))
    )

    meter = measure(facts, SECTIONS)

    assert of(meter, "committed") == [("the commitment of source 1 (grant, EUR 750.00)", Decimal("3.8"))]
    assert of(meter, "gap") == []
    assert of(meter, "papers") == [("a letter or agreement behind EUR 250.00 of commitments", Decimal("3.0"))]


@pytest.mark.parametrize(
    ("figures", "cover", "cash"),
    [
        (Figures(cover=Decimal("1.20"), assumed=1, sourced=1), [], []),
        (Figures(cover=None, assumed=1, sourced=1), [], []),  # without debt there is none to cover
        (
            Figures(cover=Decimal("1.1999"), shortfalls=((2027, Decimal(5)), (2028, Decimal(9))), assumed=1),
            ["debt cover of 1.2 in every year; the least is 1.19"],
            ["cash at the end of 2028: EUR 9.00 are missing"],
        ),
        (Figures(faults=("loans: none",)), ["the least debt cover"], ["cash at the end of each year"]),
    ],
)
def test_plan_is_judged_by_its_figures(figures: Figures, cover: list[str], cash: list[str]) -> None:
    meter = measure(known(figures=figures), SECTIONS)

    assert [text for text, _ in of(meter, "cover")] == cover
    assert [text for text, _ in of(meter, "cash")] == cash


def test_what_no_field_asks_for_is_lacking_all_the_same() -> None:
    asked = measure(known(asked=frozenset({"packages"})), SECTIONS)
    unasked = measure(known(), SECTIONS)
    held = measure(known(asked=frozenset({"packages"}), held=frozenset({"packages"})), SECTIONS)

    assert of(asked, "packages") == [("work packages with months", Decimal("2.0"))]
    assert of(unasked, "packages") == [
        ("work packages with months (no field of the playbook asks for it)", Decimal("2.0"))
    ]
    assert of(held, "packages") == []


def test_procurement_is_owed_until_the_protocol_says_how_it_is_done() -> None:
    unasked, asked, held = (
        measure(known(asked=frozenset(there), held=frozenset(full)), SECTIONS)
        for there, full in (((), ()), (("procurement",), ()), (("procurement",), ("procurement",)))
    )

    said = "how the largest purchases are put out to tender: rules, procedure and timetable"
    assert of(unasked, "procurement") == [(f"{said} (no field of the playbook asks for it)", Decimal("1.0"))]
    assert of(asked, "procurement") == [(said, Decimal("1.0"))]
    assert of(held, "procurement") == []
    assert {one.mend_by for one in asked.missing if one.criterion == "procurement"} == {("project_manager", "partner")}


def test_risks_are_asked_one_by_one() -> None:
    rows = ({"risk": "Late", "response": "Earlier", "owner": "Lead"}, {"risk": "Dear", "response": "", "owner": "Lead"})

    meter = measure(known(risks=rows), SECTIONS)

    assert of(meter, "answers") == [("response and owner of the risk Dear", Decimal("1.0"))]
    assert of(meter, "residual") == [("what remains of each risk after its response", Decimal("2.0"))]


@pytest.mark.parametrize("score", [0, 1, 56, 57, 100])
def test_guard_refuses_below_its_score_alone(score: int) -> None:
    meter = SimpleNamespace(score=56, missing=measure(known(), SECTIONS).missing)

    refusal = bankability_at_least(meter, score=score)  # type: ignore[arg-type]

    assert (refusal is None) is (score <= 56)
    if refusal is not None:
        assert refusal.message == f"The meter shows 56 of 100 points; {score} are needed."
        assert (len(refusal.missing), refusal.where) == (5, "bankability")


@pytest.mark.parametrize(("score", "fits"), [(0, True), (100, True), (101, False), (-1, False), ("70", False)])
def test_a_playbook_gives_the_guard_a_score_of_a_hundred(score: object, fits: bool) -> None:
    assert (GUARDS["bankability_at_least"].faults({"score": score}, s3()) == []) is fits


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def dossiers(world: World, *rows: Collaboration) -> Iterator[Dossier]:
    found = dossiers_of(world.session, rows)
    gather(found, {row.id: ("bankability",) for row in rows})
    yield from found


@SQLITE
def test_meter_is_read_from_the_case_and_rises_with_it(world: World) -> None:
    new, ripe = a_collaboration(world), a_collaboration_at(world, "bankable", slug="ripe")

    first, last = (one.bankability for one in dossiers(world, new, ripe))

    assert first.score < 10 < 50 < last.score
    for meter in (first, last):
        assert (
            sum((one.adds for one in meter.missing), Decimal(0))
            + sum((one.points for one in meter.sections), Decimal(0))
            == 100
        )
    assert [one.most for one in last.sections if one.key == "approvals"] == [10]
    assert of(last, "lead") == of(last, "scenario") == of(last, "committed") == of(last, "review") == []


@SQLITE
def test_evidence_that_is_filed_brings_its_points(world: World) -> None:
    row = a_collaboration_at(world, "investment_protocol")
    before = dossier_of(world.session, row, "bankability").bankability

    a_piece_of_evidence(world, row, kind="offer")
    a_piece_of_evidence(world, row, kind="letter_of_intent", owner=world.organisations["gliwice"])
    after = dossier_of(world.session, row, "bankability").bankability

    assert [len(of(before, key)) for key in ("offers", "demand")] == [1, 1]
    # A letter of a partner itself shows no demand.
    assert [len(of(after, key)) for key in ("offers", "demand")] == [0, 1]
    assert after.score > before.score


@SQLITE
def test_accounts_that_are_filed_without_figures_are_half_of_what_is_asked(world: World) -> None:
    row = a_collaboration_at(world, "bankable")
    meter = dossier_of(world.session, row, "bankability").bankability
    owed = [one for one in meter.missing if one.criterion == "accounts"]

    assert {str(one.text).partition(": ")[2] for one in owed} == {"filed, their figures by year are not entered"}
    assert sum(one.adds for one in owed) == Decimal("2.5")


@SQLITE
def test_letters_of_partners_are_the_papers_behind_what_they_bring(world: World) -> None:
    written = a_collaboration_at(world, "investment_protocol", slug="written")
    filed = a_collaboration_at(world, "bankable")
    lacking = [dossier_of(world.session, row, "bankability").bankability for row in (written, filed)]

    before, after = (sum(adds for _, adds in of(one, "papers")) for one in lacking)
    assert after < before


@SQLITE
def test_a_source_that_falls_back_to_an_idea_is_its_partners_to_mend(world: World) -> None:
    row = a_collaboration_at(world, "bankable")
    source = world.session.exec(select(Source)).first()
    assert source is not None
    source.status = SourceStatus.IDEA

    meter = dossier_of(world.session, row, "bankability").bankability

    (missing,) = (one for one in meter.missing if one.criterion == "committed")
    owner = next(one for one in world.organisations.values() if one.id == source.organisation_id)
    assert missing.partner == (owner.name if source.kind is SourceKind.OWN_CASH else "")


@SQLITE
def test_the_frozen_version_counts_and_the_draft_only_before_it(world: World) -> None:
    row = a_collaboration_at(world, "investment_protocol")
    risk = {"risk": "Late", "probability": "3", "impact": "4", "response": "Earlier", "owner": "Lead"}
    write_section(world.session, row, "risks", {"register": [risk]}, sections=s3().protocol)
    assert of(dossier_of(world.session, row, "bankability").bankability, "register") == []

    freeze(world, row)
    write_section(world.session, row, "risks", {"register": []}, sections=s3().protocol)

    assert of(dossier_of(world.session, row, "bankability").bankability, "register") == []
