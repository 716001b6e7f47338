"""A scenario is chosen while it is lawful, still holds, and no region that it counts on said no."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from states import clock
from states.collaborations.tables import Collaboration
from states.crossings.dossier import dossiers_of
from states.crossings.review.rounds import open_requested_round
from states.crossings.scenarios.choice import choose
from states.errors import Invalid, Refusal, Refused
from states.funding.case.case import FundingScenario
from states.funding.case.gathering import case_of
from states.funding.case.vocabulary import Activity
from states.funding.catalogue.loading import Catalogue, load_catalogue
from states.funding.checks.scenario_legality import record_mix, review_scenario
from states.funding.inputs.tables import Call, CostLine, FundingQuestion, SolvedCase
from states.funding.queries import lines_of
from states.funding.rules.library import RuleSet, kept_set, rule_set
from states.funding.rules.service import Signatory, keep_text, put_in_force, verify_document, withdraw_document
from states.funding.rules.tables import RuleDocument, RuleText
from states.funding.tables import Scenario, SourceKind
from states.playbooks.guards import GUARDS
from states.protocol.queries import latest_versions
from states.review.positions import Stance, state_position
from states.review.tables import PriorityMatch, Willingness
from tests.factories import World, a_collaboration, a_collaboration_at, a_scenario, a_world, clear
from tests.rule_documents import a_rule_document, successor

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SILESIA = {
    "slug": "silesia",
    "name": "Silesian vouchers",
    "programme": "Regional",
    "kind": "grant",
    "territory": ["PL22"],
    "terms": {"basis": ["eu_direct"], "whom": {"territory": ["PL22"]}, "rates": [{"percent": 50}]},
    "calls": [{"slug": "2027", "opens_on": "2027-01-04", "closes_on": "2027-03-31"}],
}


@dataclass
class Desk:
    """A collaboration with one cost line, and a call that may pay half of it."""

    world: World
    row: Collaboration

    def mix(self, pays: str = "500.00", own: str = "400.10", gap: str = "100.00") -> FundingScenario:
        allocations = [{"item": "rigs", "instrument": "silesia--2027", "amount": pays}]
        amounts = {"own": {"rigs": own}, "gap": {"rigs": gap}}
        parts = {"name": "Best", "rule_set": "eu-2023", "allocations": allocations, **amounts}
        return FundingScenario.model_validate(parts)

    def record(self) -> Scenario:
        case = case_of(self.world.session, self.row)
        return record_mix(self.world.session, self.row, case, self.mix(), protocol_version_id="version")


def desk_of(world: World, row: Collaboration) -> Desk:
    load_catalogue(world.session, world.partnership.id, Catalogue.model_validate({"instruments": [SILESIA]}))
    declared: dict[str, object] = {"difficulty": {"insolvent": False, "rescue_aid": False}, "recovery_order": False}
    line = CostLine(
        collaboration_id=row.id,
        slug="rigs",
        organisation_id=world.organisations["gliwice"].id,
        nuts="PL229",
        activity=Activity.OTHER,
        amount=Decimal("1000.10"),
        starts_on=date(2027, 9, 1),
    )
    partners = {f"medtech-{name}": declared for name in ("gliwice", "marseille")}
    world.session.add_all([line, FundingQuestion(collaboration_id=row.id, partners=partners)])
    world.session.flush()
    return Desk(world, row)


def answers(session: Session, row: Collaboration) -> tuple[Refusal | None, Refusal | None]:
    """Return what the guards of law and of validity say of the chosen scenario."""
    (dossier,) = dossiers_of(session, [row])
    return GUARDS["scenario_legal"](dossier, {}), GUARDS["scenario_fresh"](dossier, {})


@pytest.fixture(autouse=True)
def _before_the_call_opens() -> Iterator[None]:
    with clock.at(NOW):
        yield


@pytest.fixture
def desk(session: Session) -> Desk:
    world = a_world(session)
    return desk_of(world, a_collaboration(world))


def test_a_mix_is_recorded_to_the_cent_with_its_frozen_case(session: Session, desk: Desk) -> None:
    row = desk.record()

    (lines,) = lines_of(session, [row])
    frozen = session.get_one(SolvedCase, row.solved_case_id)
    assert [(use.category, use.amount) for use in lines.uses] == [("other", Decimal("1000.10"))]
    assert [(source.kind, source.amount) for source in lines.sources] == [
        (SourceKind.GRANT, Decimal("500.00")),
        (SourceKind.OWN_CASH, Decimal("400.10")),
    ]
    assert row.gap == Decimal("100.00")
    assert (frozen.rule_set, frozen.fingerprint) == ("eu-2023", rule_set("eu-2023").fingerprint)
    assert row.mix["fingerprint"] == frozen.fingerprint


@pytest.mark.parametrize(
    "amounts", [{"pays": "500.06", "own": "400.04"}, {"own": "400.09"}], ids=["over the rate", "a cent is lost"]
)
def test_a_mix_that_breaks_a_rule_is_not_recorded(session: Session, desk: Desk, amounts: dict[str, str]) -> None:
    case = case_of(session, desk.row)

    with pytest.raises(Invalid):
        record_mix(session, desk.row, case, desk.mix(**amounts), protocol_version_id="version")

    assert session.exec(select(Scenario)).all() == []


def test_a_lawful_scenario_is_chosen_and_passes_both_guards(session: Session, desk: Desk) -> None:
    row = choose(session, desk.row, desk.record())

    assert (row.chosen, row.breaches, row.stale) == (True, [], [])
    assert answers(session, desk.row) == (None, None)


def test_a_scenario_whose_call_has_closed_is_stale_and_refused(session: Session, desk: Desk) -> None:
    row = choose(session, desk.row, desk.record())
    call = session.exec(select(Call)).one()
    call.closes_on = date(2027, 1, 5)
    session.flush()

    with clock.at(datetime(2027, 2, 1, 12, tzinfo=UTC)):
        with pytest.raises(Refused) as refused:
            choose(session, desk.row, row)
        review_scenario(session, desk.row, row)
        legal, fresh = answers(session, desk.row)

    assert [reason.code for reason in refused.value.reasons] == ["scenario_stale"]
    assert fresh is not None
    assert fresh.missing == tuple(row.stale)
    assert legal is None


def test_a_scenario_of_other_costs_is_stale(session: Session, desk: Desk) -> None:
    row = desk.record()
    session.exec(select(CostLine)).one().amount = Decimal("1000.11")
    session.flush()

    review_scenario(session, desk.row, row)

    assert (row.breaches, len(row.stale)) == ([], 1)


def test_a_scenario_whose_case_is_gone_is_stale(session: Session, desk: Desk) -> None:
    row = desk.record()
    session.delete(session.exec(select(CostLine)).one())
    session.flush()

    review_scenario(session, desk.row, row)

    remedy = "record what the partners will spend: one line for each partner, site and activity"
    assert row.stale == [f"cost_items: centre has no cost lines ({remedy})"]


def test_rules_with_another_text_break_a_frozen_scenario(session: Session, desk: Desk) -> None:
    row = desk.record()
    row.mix = {**row.mix, "fingerprint": "0" * 64}

    with pytest.raises(Refused) as refused:
        choose(session, desk.row, row)

    assert [reason.code for reason in refused.value.reasons] == ["scenario_not_legal", "scenario_stale"]


def test_a_scenario_under_rules_that_are_shipped_no_more_is_broken(session: Session, desk: Desk) -> None:
    row = desk.record()
    frozen = session.get_one(SolvedCase, row.solved_case_id)
    # No service changes it: as it came from another release.
    case = json.dumps({**frozen.case, "rule_set": "eu-1957"})
    session.execute(text('UPDATE solved_case SET "case" = :case'), {"case": case})
    session.refresh(frozen)

    review_scenario(session, desk.row, row)

    assert (row.breaches, row.stale) == (["There is no rule set 'eu-1957' here."], [])


def test_a_frozen_case_keeps_rules_that_are_shipped_no_more(session: Session, desk: Desk) -> None:
    row = desk.record()
    frozen = session.get_one(SolvedCase, row.solved_case_id)
    rules = rule_set("eu-2023")
    kept = keep_text(session, RuleSet("eu-1957", rules.title, rules.books).text)
    case, mix = json.dumps({**frozen.case, "rule_set": "eu-1957"}), {**row.mix, "rule_set": "eu-1957"}
    statement = text('UPDATE solved_case SET "case" = :case, rule_set = :name, rules_text = :kept')
    session.execute(statement, {"case": case, "name": "eu-1957", "kept": kept})
    session.refresh(frozen)
    row.mix = mix

    review_scenario(session, desk.row, row)

    assert row.breaches == []
    assert row.stale == ["the case itself: The scenario was made under eu-1957, the case is under eu-2023."]


def test_one_made_by_hand_is_chosen_but_never_called_legal(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "funding_scenario")

    made = choose(session, row, a_scenario(world, row, latest_versions(session, [row.id])[row.id]))

    refusal, _ = answers(session, row)
    assert made.chosen
    assert refusal is not None
    assert (refusal.code, *map(str, refusal.missing)) == ("scenario_not_legal", "a scenario made from the funding case")


def _answer(world: World, row: Collaboration, willingness: Willingness) -> None:
    opened = open_requested_round(world.session, row.id, "wgra")
    clear(world, row, opened, "upper-silesia")
    region, person = world.regions["upper-silesia"], world.people["upper-silesia"].id
    stance = Stance(willingness, PriorityMatch.FULL, condition="If the others pay.")
    state_position(world.session, opened, person_id=person, region=region, stance=stance)


def test_a_region_that_said_no_is_not_counted_on(session: Session) -> None:
    world = a_world(session)
    desk = desk_of(world, a_collaboration_at(world, "wgra_review"))
    row = desk.record()
    _answer(world, desk.row, Willingness.NO)

    with pytest.raises(Refused) as refused:
        choose(session, desk.row, row)

    (reason,) = refused.value.reasons
    said = "upper-silesia puts in no money of its own, and the scenario counts on Silesian vouchers."
    assert (reason.code, reason.message) == ("region_unwilling", said)


def test_a_region_that_is_willing_on_a_condition_is_counted_on(session: Session) -> None:
    world = a_world(session)
    desk = desk_of(world, a_collaboration_at(world, "wgra_review"))
    _answer(world, desk.row, Willingness.IF)

    assert choose(session, desk.row, desk.record()).chosen


def _in_force(desk: Desk, text: str) -> RuleDocument:
    """Add a document by one person, let another one verify it, and put it in force."""
    session, row = desk.world.session, a_rule_document(desk.world, text)
    verify_document(session, row, by=Signatory(desk.world.people["iag_secretary"].id, "iag_secretary"))
    return put_in_force(session, row)


def test_a_scenario_is_stale_once_its_rules_are_withdrawn_and_keeps_their_text(session: Session, desk: Desk) -> None:
    own = successor().replace("id: eu-2027\n", "id: eu-2023\n").replace("version: 1\n", "version: 2\n", 1)
    own = own.replace("valid_from: 2027-01-01", "valid_from: 2026-01-01")
    document = _in_force(desk, own.replace("succeeds: eu-2023", "succeeds: eu-2014"))
    row = desk.record()
    frozen = session.get_one(SolvedCase, row.solved_case_id)

    before = review_scenario(session, desk.row, row).stale
    withdraw_document(session, document, reason="Article 25 was misread.")
    after = review_scenario(session, desk.row, row)

    assert (frozen.rule_set, before) == ("eu-2023", [])
    assert after.breaches == []
    assert [one.partition(": ")[2] for one in after.stale] == ["eu-2023@2 was withdrawn (Article 25 was misread.)"]
    assert frozen.rules_text is not None
    kept = kept_set(session.get_one(RuleText, frozen.rules_text).text)
    assert (kept.documents, kept.fingerprint) == (("eu-2023@2",), frozen.fingerprint)


def test_a_scenario_is_stale_once_another_text_takes_the_place_of_what_ships(session: Session, desk: Desk) -> None:
    row = desk.record()
    own = successor().replace("id: eu-2027\n", "id: eu-2023\n").replace("succeeds: eu-2023", "succeeds: eu-2014")

    _in_force(desk, own.replace("valid_from: 2027-01-01", "valid_from: 2026-01-01"))

    stale = review_scenario(session, desk.row, row).stale
    assert [one.partition(": ")[2] for one in stale][-1:] == ["eu-2023 as it is shipped was replaced by eu-2023@1"]
