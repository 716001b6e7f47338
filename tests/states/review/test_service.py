"""A review round from its opening to a confirmed decision, with each way in which a step is refused."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import pytest
from sqlmodel import Session, select

from states.access import Role
from states.clock import today
from states.collaborations.tables import Collaboration
from states.deadlines.calendar import shift
from states.deadlines.queries import open_deadlines
from states.deadlines.tables import Deadline, DeadlineState
from states.errors import Invalid, Missing, Stale
from states.events.tables import OutboxEvent
from states.lifecycle.rounds import open_requested_round
from states.partners.service import grant_role, person_by_email
from states.partners.tables import RoleGrant
from states.protocol.service import freeze_version, write_section
from states.review.definition import Panel
from states.review.queries import (
    confirmed_decisions,
    decision_of,
    evaluations_of,
    open_rounds,
    positions_of,
    positions_of_rounds,
    round_by_id,
    rounds_of,
    seats_of,
)
from states.review.scoring import ScoresInvalid
from states.review.service import (
    SEAT_DEADLINE,
    AlreadyDone,
    DecisionRefused,
    NotSeated,
    PositionInvalid,
    RoundClosed,
    Stance,
    close_round,
    confirm_decision,
    outstanding,
    prepare_decision,
    state_position,
    submit_evaluation,
)
from states.review.tables import (
    Decision,
    Evaluation,
    Outcome,
    Position,
    PriorityMatch,
    ReviewRound,
    RoundState,
    Willingness,
)
from states.storage import begin
from tests.expect import codes, overlap, places
from tests.factories import World, a_collaboration_at, a_world, answer_iag, answer_wgra, s3

IAG = s3().panels["iag"]
SCORES: dict[str, object] = {criterion.key: "4" for criterion in IAG.criteria}
YES = Stance(Willingness.YES, PriorityMatch.FULL)


@dataclass
class Room:
    """A world with a collaboration whose IAG round is open."""

    world: World
    row: Collaboration
    opened: ReviewRound

    @property
    def session(self) -> Session:
        return self.world.session

    def person(self, key: str) -> str:
        return self.world.people[key].id

    def score(self, number: int, *, scores: dict[str, object] = SCORES) -> Evaluation:
        who = self.person(f"iag_member {number}")
        return submit_evaluation(self.session, self.opened, person_id=who, scores=scores, comments={}, panel=IAG)

    def state(self, member: str, *, region: str | None = None, stance: Stance = YES) -> Position:
        of = self.world.regions[region or member]
        return state_position(self.session, self.opened, person_id=self.person(member), region=of, stance=stance)

    def prepare(self, outcome: Outcome = Outcome.ENDORSE, **said: object) -> Decision:
        known: dict[str, object] = {"person_id": self.person("iag_secretary"), "reasons": "So.", "panel": IAG, **said}
        return prepare_decision(self.session, self.opened, outcome=outcome, **known)  # type: ignore[arg-type]

    def confirm(self, who: str, *, expected_version: int | None = None) -> Decision:
        return confirm_decision(
            self.session,
            self.opened,
            person_id=self.person(who),
            collaboration=self.row,
            expected_version=expected_version,
        )

    def told(self, name: str) -> list[dict[str, str]]:
        query = select(OutboxEvent).where(OutboxEvent.name == name)
        payloads = [event.payload for event in self.session.exec(query)]
        return [payload for payload in payloads if payload["round_id"] == self.opened.id]

    def seat_deadlines(self) -> list[Deadline]:
        return [one for one in open_deadlines(self.session) if one.kind == SEAT_DEADLINE]


@pytest.fixture
def iag(session: Session) -> Room:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    return Room(world, row, open_requested_round(session, row.id, "iag"))


@pytest.fixture
def wgra(session: Session) -> Room:
    world = a_world(session)
    row = a_collaboration_at(world, "wgra_review")
    return Room(world, row, open_requested_round(session, row.id, "wgra"))


# --- opening


def test_every_member_gets_a_seat_and_a_deadline(iag: Room) -> None:
    seats = seats_of(iag.session, iag.opened.id)
    due = shift(today(), IAG.due, nuts="")
    assert [person.label for _, person in seats] == ["iag_member 1", "iag_member 2", "iag_member 3"]
    assert {one.owner_person_id for one in iag.seat_deadlines()} == {person.id for _, person in seats}
    assert {one.due_on for one in iag.seat_deadlines()} == {iag.opened.due_on} == {due}
    assert (iag.opened.number, iag.opened.asked_regions) == (1, [])


def test_a_partners_own_reviewer_is_not_seated(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    key = world.people["iag_member 2"].id
    grant = session.exec(select(RoleGrant).where(RoleGrant.person_id == key)).one()
    grant.organisation_id = world.organisations["marseille"].id
    other = session.exec(select(RoleGrant).where(RoleGrant.person_id == world.people["iag_member 3"].id)).one()
    other.organisation_id = world.organisations["katowice"].id  # of an organisation that does not take part
    session.flush()
    opened = open_requested_round(session, row.id, "iag")
    assert [person.label for _, person in seats_of(session, opened.id)] == ["iag_member 1", "iag_member 3"]


def test_only_the_regions_of_the_consortium_are_asked(wgra: Room) -> None:
    world = wgra.world
    person = person_by_email(wgra.session, email="navarra@example.org", label="navarra")
    grant_role(wgra.session, world.partnership, person, Role.WGRA_MEMBER, region=world.regions["navarra"])
    close_round(wgra.session, wgra.opened)
    again = open_requested_round(wgra.session, wgra.row.id, "wgra")
    asked = {world.regions["upper-silesia"].id, world.regions["paca"].id}
    assert set(again.asked_regions) == asked
    assert {seat.region_id for seat, _ in seats_of(wgra.session, again.id)} == asked
    assert again.number == 2


def test_an_open_round_is_not_opened_twice(iag: Room) -> None:
    assert open_requested_round(iag.session, iag.row.id, "iag").id == iag.opened.id
    assert len(iag.seat_deadlines()) == 3


def test_a_newer_version_takes_the_place_of_an_open_round(iag: Room) -> None:
    write_section(iag.session, iag.row, "identity", {"acronym": "NEW"}, sections=s3().protocol)
    version = freeze_version(iag.session, iag.row)
    newer = open_requested_round(iag.session, iag.row.id, "iag")
    assert (newer.number, newer.protocol_version_id) == (2, version.id)
    assert (iag.opened.state, iag.opened.missing) == (
        RoundState.CLOSED,
        ["a newer version of the protocol took its place"],
    )
    assert {one.subject_id for one in iag.seat_deadlines()} == {newer.id}
    assert [row.id for row in rounds_of(iag.session, [iag.row.id])] == [iag.opened.id, newer.id]


# --- evaluations


def test_the_last_evaluation_tells_that_all_are_in_once(iag: Room) -> None:
    for number in (1, 2):
        iag.score(number)
    assert (iag.told("review.answers_in"), outstanding(iag.session, iag.opened)) == ([], ["iag_member 3"])
    iag.score(3)
    assert iag.told("review.answers_in") == [{"round_id": iag.opened.id}]
    assert (outstanding(iag.session, iag.opened), iag.seat_deadlines()) == ([], [])


def test_an_evaluation_is_submitted_once(iag: Room) -> None:
    iag.score(1)
    with pytest.raises(AlreadyDone) as caught:
        iag.score(1, scores=dict.fromkeys(SCORES, "0"))
    stored = [one.scores for one in evaluations_of(iag.session, iag.opened.id)]
    assert codes(caught.value) == ["evaluation_submitted"]
    assert stored == [dict.fromkeys(SCORES, "4.0")]


def test_scores_off_the_scale_leave_nothing(iag: Room) -> None:
    with pytest.raises(ScoresInvalid) as caught:
        iag.score(1, scores={**SCORES, "market": "4.3", "seventh": "4"})
    assert places(caught.value) == ["scores.seventh", "scores.market"]
    assert evaluations_of(iag.session, iag.opened.id) == []
    assert len(iag.seat_deadlines()) == 3


def test_nobody_scores_in_a_closed_round(iag: Room) -> None:
    close_round(iag.session, iag.opened)
    with pytest.raises(RoundClosed) as caught:
        iag.score(1)
    assert (codes(caught.value), evaluations_of(iag.session, iag.opened.id)) == (["round_closed"], [])


def test_nobody_scores_without_a_seat(iag: Room) -> None:
    with pytest.raises(NotSeated) as caught:
        submit_evaluation(
            iag.session, iag.opened, person_id=iag.person("iag_chair"), scores=SCORES, comments={}, panel=IAG
        )
    assert codes(caught.value) == ["not_seated"]


def test_a_panel_of_regions_does_not_score(wgra: Room) -> None:
    with pytest.raises(NotSeated) as caught:
        submit_evaluation(
            wgra.session,
            wgra.opened,
            person_id=wgra.person("paca"),
            scores={},
            comments={},
            panel=s3().panels["wgra"],
        )
    assert codes(caught.value) == ["panel_states_positions"]


@pytest.mark.usefixtures("installation")
def test_two_last_evaluations_at_once_tell_it_once() -> None:
    with begin() as session:
        world = a_world(session)
        row = a_collaboration_at(world, "iag_review")
        room = Room(world, row, open_requested_round(session, row.id, "iag"))
        room.score(1)
        key, people = room.opened.id, [room.person(f"iag_member {number}") for number in (2, 3)]

    def score(session: Session, person: str) -> str:
        opened = round_by_id(session, key)
        submit_evaluation(session, opened, person_id=person, scores=SCORES, comments={}, panel=IAG)
        return person

    def score_until_it_is_in() -> str:
        while True:
            try:
                with begin() as session:
                    return score(session, people[1])
            except Stale:
                continue  # as a client does: read again, then repeat

    assert overlap(lambda session: score(session, people[0]), score_until_it_is_in) == people[1]
    with begin() as session:
        told = session.exec(select(OutboxEvent).where(OutboxEvent.name == "review.answers_in")).all()
        assert (len(evaluations_of(session, key)), len(told)) == (3, 1)


# --- positions


def test_a_region_states_and_restates_and_the_last_one_tells_once(wgra: Room) -> None:
    wgra.state("paca", stance=Stance(Willingness.IF, PriorityMatch.PARTIAL, condition="A site here."))
    assert (wgra.told("review.answers_in"), outstanding(wgra.session, wgra.opened)) == ([], ["upper-silesia"])
    wgra.state("upper-silesia")
    wgra.state("paca", stance=Stance(Willingness.NO, PriorityMatch.NONE))
    found = positions_of(wgra.session, wgra.opened.id)
    assert [(region.slug, one.willingness, one.condition) for one, region in found] == [
        ("paca", Willingness.NO, ""),
        ("upper-silesia", Willingness.YES, ""),
    ]
    assert wgra.told("review.answers_in") == [{"round_id": wgra.opened.id}]


def test_everything_that_a_region_says_is_kept(wgra: Room) -> None:
    stance = Stance(
        Willingness.IF,
        PriorityMatch.PARTIAL,
        condition="A site here.",
        citation="Chapter 3",
        instrument="Regional fund",
        window_opens=date(2020, 9, 1),
        window_closes=date(2020, 9, 1),
        maximum_rate=Decimal("62.50"),
        maximum_amount=Decimal("1250000.01"),
        alignment_action="Widen the call.",
    )
    row = wgra.state("paca", stance=stance)
    wgra.session.expire_all()
    assert Stance(**{name: getattr(row, name) for name in Stance.__slots__}) == stance
    assert row.person_id == wgra.person("paca")


def test_a_colleague_of_a_region_that_answered_is_not_reminded(wgra: Room) -> None:
    world = wgra.world
    person = person_by_email(wgra.session, email="second@example.org", label="second of paca")
    grant_role(wgra.session, world.partnership, person, Role.WGRA_MEMBER, region=world.regions["paca"])
    close_round(wgra.session, wgra.opened)
    wgra.opened = open_requested_round(wgra.session, wgra.row.id, "wgra")
    assert len(wgra.seat_deadlines()) == 3
    wgra.state("paca")
    assert [one.owner_person_id for one in wgra.seat_deadlines()] == [wgra.person("upper-silesia")]
    assert outstanding(wgra.session, wgra.opened) == ["upper-silesia"]


def test_nobody_speaks_for_another_region(wgra: Room) -> None:
    with pytest.raises(NotSeated) as caught:
        wgra.state("paca", region="upper-silesia")
    assert (codes(caught.value), positions_of(wgra.session, wgra.opened.id)) == (["not_seated"], [])


def test_no_position_in_a_closed_round(wgra: Room) -> None:
    close_round(wgra.session, wgra.opened)
    with pytest.raises(RoundClosed):
        wgra.state("paca")
    assert positions_of(wgra.session, wgra.opened.id) == []


@pytest.mark.parametrize(
    ("said", "place"),
    [
        ({"willingness": Willingness.IF, "condition": " "}, "condition"),
        ({"window_opens": date(2020, 9, 2), "window_closes": date(2020, 9, 1)}, "window_closes"),
        ({"maximum_rate": Decimal("100.01")}, "maximum_rate"),
        ({"maximum_rate": Decimal(-1)}, "maximum_rate"),
        ({"maximum_rate": Decimal("33.333")}, "maximum_rate"),
        ({"maximum_rate": Decimal("NaN")}, "maximum_rate"),
        ({"maximum_amount": Decimal("-0.01")}, "maximum_amount"),
        ({"maximum_amount": Decimal("0.001")}, "maximum_amount"),
        ({"maximum_amount": Decimal("1e30")}, "maximum_amount"),
    ],
)
def test_a_position_that_does_not_fit(wgra: Room, said: dict[str, object], place: str) -> None:
    known: dict[str, object] = {"willingness": Willingness.YES, "priority_match": PriorityMatch.FULL, **said}
    with pytest.raises(PositionInvalid) as caught:
        wgra.state("paca", stance=Stance(**known))  # type: ignore[arg-type]
    assert places(caught.value) == [place]
    assert positions_of(wgra.session, wgra.opened.id) == []


def test_all_faults_of_a_position_come_at_once(wgra: Room) -> None:
    stance = Stance(
        Willingness.IF, PriorityMatch.NONE, maximum_rate=Decimal(101), maximum_amount=Decimal(-1), condition=""
    )
    with pytest.raises(PositionInvalid) as caught:
        wgra.state("paca", stance=stance)
    assert places(caught.value) == ["condition", "maximum_rate", "maximum_amount"]


# --- closing


def test_closing_names_what_is_missing_and_ends_the_reminders(iag: Room) -> None:
    iag.score(2)
    assert close_round(iag.session, iag.opened)
    assert iag.opened.missing == ["iag_member 1", "iag_member 3"]
    assert iag.seat_deadlines() == []
    states = iag.session.exec(select(Deadline.state).where(Deadline.subject_id == iag.opened.id)).all()
    assert sorted(states) == [DeadlineState.CANCELLED, DeadlineState.CANCELLED, DeadlineState.DONE]


def test_closing_names_regions_without_anybody(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "wgra_review")
    grant = session.exec(select(RoleGrant).where(RoleGrant.region_id == world.regions["paca"].id)).one()
    session.delete(grant)
    opened = open_requested_round(session, row.id, "wgra")
    close_round(session, opened)
    assert opened.missing == ["upper-silesia", "paca: nobody is appointed"]


def test_a_round_is_closed_once(iag: Room) -> None:
    assert close_round(iag.session, iag.opened, missing=["nothing"])
    closed_at, version = iag.opened.closed_at, iag.opened.version
    assert not close_round(iag.session, iag.opened)
    assert (iag.opened.closed_at, iag.opened.version, iag.opened.missing) == (closed_at, version, ["nothing"])
    assert open_rounds(iag.session) == []


# --- decisions


@pytest.fixture
def closed(session: Session) -> Room:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    return Room(world, row, answer_iag(world, row))


def test_one_prepares_and_another_confirms(closed: Room) -> None:
    prepared = closed.prepare(Outcome.ENDORSE_WITH_CONDITIONS, conditions=["A letter of support."])
    assert confirmed_decisions(closed.session, [closed.opened.id]) == {}
    confirmed = closed.confirm("iag_chair", expected_version=prepared.version)
    assert confirmed.conditions == ["A letter of support."]
    assert (confirmed.prepared_by, confirmed.confirmed_by) == (
        closed.person("iag_secretary"),
        closed.person("iag_chair"),
    )
    assert closed.told("review.decided") == [{"round_id": closed.opened.id, "outcome": "endorse_with_conditions"}]
    assert confirmed_decisions(closed.session, [closed.opened.id]) == {closed.opened.id: confirmed}


def test_no_decision_on_an_open_round(iag: Room) -> None:
    with pytest.raises(DecisionRefused) as caught:
        iag.prepare()
    assert (codes(caught.value), decision_of(iag.session, iag.opened.id)) == (["round_open"], None)


def test_no_decision_below_the_quorum(iag: Room) -> None:
    for number in (1, 2):
        iag.score(number)
    close_round(iag.session, iag.opened)
    with pytest.raises(DecisionRefused, match="2 of 3 answers that the quorum needs are in") as caught:
        iag.prepare()
    assert (codes(caught.value), decision_of(iag.session, iag.opened.id)) == (["below_quorum"], None)


def test_positions_count_for_the_quorum(wgra: Room) -> None:
    panel: Panel = s3().panels["wgra"]
    wgra.state("paca")
    close_round(wgra.session, wgra.opened)
    with pytest.raises(DecisionRefused, match="1 of 2 answers"):
        wgra.prepare(panel=panel)
    wgra.opened = answer_wgra(wgra.world, wgra.row)
    assert wgra.prepare(panel=panel).outcome is Outcome.ENDORSE


@pytest.mark.parametrize(
    ("outcome", "said", "expected"),
    [
        (Outcome.ENDORSE, {"reasons": " "}, ["reasons"]),
        (Outcome.ENDORSE, {"conditions": ["One"]}, ["conditions"]),
        (Outcome.ENDORSE_WITH_CONDITIONS, {}, ["conditions"]),
        (Outcome.ENDORSE_WITH_CONDITIONS, {"reasons": ""}, ["reasons", "conditions"]),
    ],
)
def test_a_decision_that_does_not_fit(
    closed: Room, outcome: Outcome, said: dict[str, object], expected: list[str]
) -> None:
    with pytest.raises(Invalid) as caught:
        closed.prepare(outcome, **said)
    assert places(caught.value) == expected
    assert decision_of(closed.session, closed.opened.id) is None


def test_a_decision_is_prepared_anew_until_it_is_confirmed(closed: Room) -> None:
    first = closed.prepare(Outcome.REVISE)
    read = first.version
    second = closed.prepare(Outcome.ENDORSE)
    assert (second.id, second.outcome, second.version) == (first.id, Outcome.ENDORSE, read + 1)
    with pytest.raises(Stale):
        closed.confirm("iag_chair", expected_version=read)  # what the chair read was to revise
    closed.confirm("iag_chair", expected_version=read + 1)
    with pytest.raises(AlreadyDone) as caught:
        closed.prepare(Outcome.REJECT)
    assert codes(caught.value) == ["decision_confirmed"]
    assert second.outcome is Outcome.ENDORSE


def test_four_eyes(closed: Room) -> None:
    closed.prepare(person_id=closed.person("iag_chair"))
    with pytest.raises(DecisionRefused) as caught:
        closed.confirm("iag_chair")
    assert (codes(caught.value), confirmed_decisions(closed.session, [closed.opened.id])) == (["four_eyes"], {})


def test_who_scored_does_not_confirm(closed: Room) -> None:
    closed.prepare()
    with pytest.raises(DecisionRefused) as caught:
        closed.confirm("iag_member 1")
    assert (codes(caught.value), closed.told("review.decided")) == (["seated"], [])


def test_a_decision_is_confirmed_once(closed: Room) -> None:
    closed.prepare()
    closed.confirm("iag_chair")
    with pytest.raises(AlreadyDone) as caught:
        closed.confirm("wgra_chair")
    assert (codes(caught.value), len(closed.told("review.decided"))) == (["decision_confirmed"], 1)


def test_nothing_to_confirm(closed: Room) -> None:
    with pytest.raises(DecisionRefused) as caught:
        closed.confirm("iag_chair")
    assert codes(caught.value) == ["not_prepared"]


# --- reads


def test_reads_keep_to_what_was_asked(wgra: Room) -> None:
    position = wgra.state("paca")
    with pytest.raises(Missing):
        round_by_id(wgra.session, "nothing")
    assert [row.panel for row in rounds_of(wgra.session, [wgra.row.id])] == ["iag", "wgra"]
    assert open_rounds(wgra.session) == [wgra.opened]
    assert positions_of_rounds(wgra.session, [wgra.opened.id, "nothing"]) == {
        wgra.opened.id: [position],
        "nothing": [],
    }
