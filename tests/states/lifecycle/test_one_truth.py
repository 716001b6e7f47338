"""The law of one truth: whatever the facts, whoever asks, preview, dry run, pipeline and move give the same answer.

Facts are changed as people change them, at any stage; refusal by refusal, all four are held to one another. On SQLite
alone: what is random here are the facts, and both engines read the same.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from sqlmodel import Session, col, select

from states import clock
from states.collaborations.service import Joining, add_member, edit_collaboration
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.consortium import change_part, leave
from states.crossings.deadlines.followers import counting_on, followed
from states.crossings.review.rounds import open_requested_round
from states.crossings.scenarios.revalidation import revalidate_scenarios
from states.errors import BankableError, Refusal, Refused
from states.funding.catalogue.calls import change_call, plan_of
from states.funding.catalogue.loading import set_terms
from states.funding.inputs.accounts import Holding, YearAccounts, record_accounts, record_holding
from states.funding.inputs.tables import Call, CostLine
from states.funding.queries import instruments_of
from states.funding.service import choose_scenario
from states.lifecycle.available_moves import lifecycle_view
from states.lifecycle.move import dry_run, move
from states.lifecycle.pipeline import pipeline
from states.partners.organisations import edit_organisation, profile_of
from states.protocol.queries import latest_versions
from states.protocol.service import freeze_version, write_section
from states.protocol.tables import SectionDraft
from states.review.conflicts.service import declare
from states.review.conflicts.tables import ConflictKind
from states.review.decisions import close_condition
from states.review.positions import Stance, state_position
from states.review.queries import round_by_id
from states.review.service import close_round
from states.review.tables import Condition, ConditionState, PriorityMatch, Willingness
from states.rights.access import Actor, Role, TokenScope
from states.settings import settings
from states.storage import begin, engine, new_id
from states.texts import Text
from tests.factories import (
    World,
    a_collaboration,
    a_lawful_scenario,
    a_scenario,
    a_world,
    clear,
    open_iag,
    open_rounds,
    s3,
    sign,
)
from tests.laws import often
from tests.states.lifecycle.stages import LATER, NOW, REJECTED, THROUGH, Leg, a_catalogue, goes, world_of

Change = Callable[[World, Collaboration], object]


@dataclass(frozen=True)
class Start:
    """A database with one collaboration that stands at a leg of its way, ready to go on."""

    leg: Leg
    file: Path = field(repr=False)
    key: str = field(repr=False)


class _Starts(list[Start]):
    """All starts; told in one word where a test says with which arguments it failed."""

    def __repr__(self) -> str:
        return "starts"


def _joins(world: World, row: Collaboration) -> object:
    return add_member(world.session, row, Joining(world.organisations["katowice"]))


def _leaves(name: str) -> Change:
    def change(world: World, row: Collaboration) -> None:
        heir = world.organisations["marseille"].id if name == "gliwice" else None
        leave(world.session, row, world.organisations[name].id, next_lead=heir, actor=world.manager)

    return change


def _leads(world: World, row: Collaboration) -> None:
    key = world.organisations["marseille"].id
    change_part(world.session, row, key, part=MemberPart.LEAD, contribution=None, actor=world.manager)


def _moves_site(name: str, code: str) -> Change:
    def change(world: World, _: Collaboration) -> None:
        organisation = world.organisations[name]
        edit_organisation(world.session, organisation, replace(profile_of(organisation), country=code[:2], nuts=code))

    return change


def _loses_region(world: World, _: Collaboration) -> None:
    world.regions["upper-silesia"].codes = ["PL21"]
    world.session.flush()


def _says_nothing(world: World, row: Collaboration) -> object:
    return edit_collaboration(world.session, row, summary=" ")


def _writes(section: str, content: dict[str, object]) -> Change:
    return lambda world, row: write_section(world.session, row, section, content, sections=s3().protocol)


def _loses_draft(world: World, row: Collaboration) -> None:
    query = select(SectionDraft).where(SectionDraft.collaboration_id == row.id, SectionDraft.key == "market")
    for draft in world.session.exec(query).all():
        world.session.delete(draft)
    world.session.flush()


def _freezes(world: World, row: Collaboration) -> object:
    return freeze_version(world.session, row)


def _signs(*sites: str) -> Change:
    def change(world: World, row: Collaboration) -> None:
        if latest_versions(world.session, [row.id]):
            sign(world, row, *sites)

    return change


def _makes(scenario: Callable[..., object]) -> Change:
    def change(world: World, row: Collaboration) -> None:
        for version in latest_versions(world.session, [row.id]).values():
            choose_scenario(world.session, scenario(world, row, version, name=new_id()))  # type: ignore[arg-type]

    return change


def _costs_more(world: World, row: Collaboration) -> None:
    for line in world.session.exec(select(CostLine).where(CostLine.collaboration_id == row.id)):
        line.amount += Decimal("0.01")
    world.session.flush()


def _pays_less(world: World, _: Collaboration) -> None:
    (instrument,) = instruments_of(world.session, world.partnership.id)
    set_terms(world.session, instrument, {**instrument.terms, "rates": [{"percent": 20}]})


def _closes_on(day: date) -> Change:
    def change(world: World, _: Collaboration) -> None:
        (instrument,) = instruments_of(world.session, world.partnership.id)
        call = world.session.exec(select(Call)).one()
        with counting_on(world.session, instrument):
            change_call(world.session, instrument, call, replace(plan_of(call), opens_on=None, closes_on=day))

    return change


def _grows(world: World, _: Collaboration) -> None:
    holder, held = world.organisations["marseille"], world.organisations["gliwice"]
    record_accounts(world.session, holder, 2025, YearAccounts(headcount=Decimal(900)))
    record_holding(world.session, holder, held, Holding(Decimal(60)))


def _states(stance: Stance) -> Change:
    """Let Upper Silesia state a position in a round of its own, that may be closed after."""

    def change(world: World, row: Collaboration) -> None:
        opened = open_requested_round(world.session, row.id, "wgra")
        clear(world, row, opened, "upper-silesia")
        region, person_id = world.regions["upper-silesia"], world.people["upper-silesia"].id
        state_position(world.session, opened, person_id=person_id, region=region, stance=stance)

    return change


def _closes_rounds(world: World, row: Collaboration) -> None:
    for one in open_rounds(world.session):
        if one.collaboration_id == row.id:
            close_round(world.session, one, panel=s3().panels[one.panel])


def _is_conflicted(world: World, row: Collaboration) -> None:
    """Let who chairs the panel sit in it too, and declare that this one is of family."""
    opened = open_iag(world, row, reviewers=("iag_chair", "iag_member 1"))
    person_id = world.people["iag_chair"].id
    kind = ConflictKind.DISQUALIFYING
    declare(world.session, opened, person_id=person_id, kind=kind, reason="Family.", collaboration=row)


def _meets_conditions(world: World, row: Collaboration) -> None:
    with followed(world.session, row):
        for one in world.session.exec(select(Condition).order_by(col(Condition.id))).all():
            close_condition(
                world.session,
                round_by_id(world.session, one.round_id),
                one.number,
                state=ConditionState.MET,
                evidence="A letter.",
                person_id=world.people["iag_secretary"].id,
            )


def _is_looked_at(world: World, row: Collaboration) -> object:
    return revalidate_scenarios(world.session, row.id)


YES, NO = Willingness.YES, Willingness.NO
CHANGES: dict[str, Change] = {
    "a partner joins": _joins,
    "the lead leaves": _leaves("gliwice"),
    "a partner leaves": _leaves("marseille"),
    "a partner leads": _leads,
    "a site moves to the other's region": _moves_site("marseille", "PL229"),
    "a site moves abroad": _moves_site("gliwice", "ES220"),
    "a region is drawn anew": _loses_region,
    "the summary is gone": _says_nothing,
    "a field is emptied": _writes("market", {"users": " ", "competition": "None.", "evidence": "Letters."}),
    "the plan is dearer": _writes(
        "investment_plan",
        {"costs": [{"organisation": "gliwice", "nuts": "PL229", "category": "Equipment", "amount": "7.00"}]},
    ),
    "a section is gone": _loses_draft,
    "a version is frozen": _freezes,
    "one signs": _signs("gliwice"),
    "all sign": _signs(),
    "a lawful scenario is chosen": _makes(a_lawful_scenario),
    "a scenario made by hand is chosen": _makes(a_scenario),
    "costs rise by a cent": _costs_more,
    "the call pays less": _pays_less,
    "the call closes at once": _closes_on(date(2026, 11, 23)),
    "the call closes later": _closes_on(date(2027, 9, 30)),
    "a partner is of a large group": _grows,
    "a region says no": _states(Stance(NO, PriorityMatch.NONE)),
    "a region pays a tenth": _states(Stance(YES, PriorityMatch.FULL, maximum_rate=Decimal(10))),
    "a region pays one euro": _states(Stance(YES, PriorityMatch.FULL, maximum_amount=Decimal(1))),
    "a region pays next year": _states(Stance(YES, PriorityMatch.FULL, window_opens=date(2028, 1, 1))),
    "rounds are closed": _closes_rounds,
    "the chair is in conflict": _is_conflicted,
    "conditions are met": _meets_conditions,
    "scenarios are looked at": _is_looked_at,
}
INSTANTS = (NOW, NOW, LATER, datetime(2027, 4, 15, 12, tzinfo=UTC), datetime(2028, 3, 1, 12, tzinfo=UTC))


@contextmanager
def _installed(file: Path) -> Iterator[None]:
    """Make a copy of the database the present installation."""
    with tempfile.TemporaryDirectory() as home, pytest.MonkeyPatch.context() as patch:
        shutil.copy(file, Path(home) / "bankable.db")
        patch.setenv("BANKABLE_HOME", home)
        patch.setenv("BANKABLE_DATABASE_URL", "")
        settings.cache_clear()
        yield
        engine().dispose()
    settings.cache_clear()


@pytest.fixture(scope="module")
def starts(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Start]:
    """Return a database for each leg of both ways."""
    folder, found = tmp_path_factory.mktemp("legs"), _Starts()
    for way in (THROUGH, REJECTED):
        with _installed(migrated_sqlite), clock.at(NOW):
            with begin() as session:
                world = a_world(session)
                a_catalogue(world)
                key = a_collaboration(world).id
            for leg in way:
                with begin() as session:
                    leg.prepare(world_of(session), session.get_one(Collaboration, key))
                engine().dispose()  # the last connection to close folds the write-ahead log into the file
                file = folder / f"{len(found)}.db"
                shutil.copy(settings().home / "bankable.db", file)
                found.append(Start(leg, file, key))
                with begin() as session:
                    goes(session, key, leg) if leg.move else None
    return found


def _actors(world: World) -> list[Actor]:
    partners = [world.actor(Role.PARTNER, organisation_id=one.id) for one in world.organisations.values()]
    of_member = world.actor(Role.IAG_SECRETARY, organisation_id=world.organisations["gliwice"].id)
    reading = replace(world.manager, scopes=frozenset({TokenScope.READ}))
    stranger = Actor(Role.PROJECT_MANAGER, "another")
    return [*(world.actor(role) for role in Role), *partners, of_member, reading, stranger]


def _change(name: str, key: str) -> None:
    try:
        with begin() as session:
            CHANGES[name](world_of(session), session.get_one(Collaboration, key))
    except BankableError:
        return  # it cannot be so at this stage: there is no version to sign, nobody to leave


class _Undone(Exception):
    """Takes a move back that was made."""


def _tried(act: Callable[[Session], object], *, read_only: bool = False) -> tuple[Refusal, ...]:
    """Return what is said against an act, and take it back."""
    try:
        with begin(read_only=read_only) as session:
            act(session)
            raise _Undone
    except _Undone:
        return ()
    except Refused as refused:
        return refused.reasons


@given(
    leg=st.integers(0, len(THROUGH) + len(REJECTED) - 1),
    changes=st.lists(st.sampled_from(sorted(CHANGES)), max_size=4, unique=True),
    instant=st.sampled_from(INSTANTS),
    who=st.integers(0, 30),
    reason=st.sampled_from(["So.", "So.", " "]),
)
@examples(max_examples=often(60), deadline=None, database=None, derandomize=True)
def test_all_four_give_one_answer(
    starts: list[Start], leg: int, changes: Sequence[str], instant: datetime, who: int, reason: str
) -> None:
    start = starts[leg]
    key = start.key
    with _installed(start.file):
        for name in changes:
            with clock.at(NOW):
                _change(name, key)
        with clock.at(instant):
            with begin(read_only=True) as session:
                everybody = [world_of(session).manager, *_actors(world_of(session))]
                actor, row = everybody[who % len(everybody)], session.get_one(Collaboration, key)
                shown = lifecycle_view(session, row, actor=actor).moves
                (entry,) = pipeline(session, [row], actor=actor)
            assert entry.moves == shown
            for one in shown:
                name, expected = one.move.name, one.refusals
                if one.move.needs_reason and not reason.strip():
                    missing = (Text("missing", "reason"),)
                    expected += (Refusal("reason_missing", move=one.move.title, missing=missing),)

                def dry(session: Session, name: str = name) -> object:
                    return dry_run(session, session.get_one(Collaboration, key), name, actor=actor, reason=reason)

                def real(session: Session, name: str = name) -> object:
                    return move(session, key, name, actor=actor, reason=reason)

                answers = {"dry run": _tried(dry, read_only=True), "move": _tried(real)}
                assert answers == dict.fromkeys(answers, expected), name
            nothing = _tried(lambda session: move(session, key, "no_such_move", actor=actor, reason=reason))
            assert [refusal.code for refusal in nothing] == ["move_not_offered"]
