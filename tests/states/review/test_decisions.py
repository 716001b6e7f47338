"""Decisions: quorum, four eyes, nobody twice in one chain, pending until released; conditions tracked to their end."""

import pytest
from sqlmodel import Session, select

from states.collaborations.tables import Collaboration
from states.errors import BankableError, Invalid, Refused, Stale
from states.lifecycle.available_moves import lifecycle_view
from states.lifecycle.move import move
from states.outbox.tables import OutboxMessage
from states.review.decisions import close_condition, confirm_decision, prepare_decision
from states.review.definition import Panel, Phase
from states.review.queries import conditions_of, decision_of, round_by_id
from states.review.states import AlreadyDone, DecisionRefused, PhaseRefused
from states.review.tables import Condition, ConditionState, Decision, Outcome
from states.rights.access import Actor, Role
from states.storage import begin
from states.tasks.queries import tasks_of
from states.tasks.task import TaskKind
from tests.expect import by_name, codes, places, race
from tests.factories import World, a_collaboration_at, a_world, answer_iag, answer_wgra, decide, s3
from tests.states.review.room import DISQUALIFYING, FIRST, IAG, SECOND, THIRD, Room, a_room


def _refused(room: Room) -> list[str]:
    """Return why the IAG chair cannot pass the collaboration on."""
    offers = by_name(lifecycle_view(room.session, room.row, actor=room.world.actor(Role.IAG_CHAIR)))
    return [refusal.code for refusal in offers["pass_to_wgra"].refusals]


def test_before_the_phases_are_through_nothing_is_prepared(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    for step in (lambda: None, lambda: room.evaluate(FIRST), room.close, room.consent):
        step()
        with pytest.raises(PhaseRefused) as caught:
            room.prepare()
        assert codes(caught.value) == ["wrong_phase"]
    assert room.decision is None


def test_below_the_quorum_nothing_is_prepared(session: Session) -> None:
    room = a_room(session)
    room.to_decision(FIRST, SECOND)
    with pytest.raises(DecisionRefused) as caught:
        room.prepare()
    assert codes(caught.value) == ["below_quorum"]
    assert caught.value.reasons[0].message == "2 of 3 answers that the quorum needs are in."
    assert room.decision is None


def test_the_whole_chain_opens_the_gate_at_release_and_not_before(session: Session) -> None:
    room = a_room(session)
    room.to_decision()
    seen = []
    for step in (room.prepare, room.confirm, room.release):
        seen.append(_refused(room))
        step()
    told = session.exec(select(OutboxMessage).where(OutboxMessage.name == "review.decided")).all()
    assert seen == [["not_decided"]] * 3
    assert _refused(room) == []
    assert [(event.payload["round_id"], event.payload["outcome"]) for event in told] == [(room.round.id, "endorse")]


def test_release_before_confirmation_is_refused(session: Session) -> None:
    room = a_room(session)
    room.to_decision()
    reasons = []
    for step in (lambda: None, room.prepare):
        step()
        with pytest.raises(DecisionRefused) as caught:
            room.release()
        reasons += codes(caught.value)
    assert reasons == ["not_confirmed", "not_confirmed"]
    assert session.exec(select(OutboxMessage).where(OutboxMessage.name == "review.decided")).all() == []


def test_confirmation_needs_something_prepared(session: Session) -> None:
    room = a_room(session)
    room.to_decision()
    with pytest.raises(DecisionRefused) as caught:
        room.confirm()
    assert codes(caught.value) == ["not_prepared"]


def test_who_prepared_does_not_confirm(session: Session) -> None:
    room = a_room(session)
    room.to_decision()
    room.prepare(by="iag_chair")
    with pytest.raises(DecisionRefused) as caught:
        room.confirm(by="iag_chair")
    assert codes(caught.value) == ["four_eyes"]
    room.prepare(by="iag_secretary")  # prepared anew by somebody else
    assert room.confirm(by="iag_chair").prepared_by == room.id_of("iag_secretary")


def test_who_holds_or_held_a_seat_neither_prepares_confirms_nor_releases(session: Session) -> None:
    room = a_room(session)
    room.to_decision()
    room.declare(THIRD, DISQUALIFYING, "They bought my company.")
    panel = IAG.model_copy(update={"quorum": 2})
    for name in (FIRST, THIRD):
        with pytest.raises(DecisionRefused) as caught:
            _prepare_with(room, name, panel)
        assert codes(caught.value) == ["acts_twice"]
    _prepare_with(room, "iag_secretary", panel)
    with pytest.raises(DecisionRefused) as caught:
        confirm_decision(session, room.round, person_id=room.id_of(FIRST), panel=panel)
    assert codes(caught.value) == ["acts_twice"]


def _prepare_with(room: Room, name: str, panel: Panel) -> None:
    prepare_decision(
        room.session,
        room.round,
        person_id=room.id_of(name),
        outcome=Outcome.ENDORSE,
        reasons="Good.",
        panel=panel,
    )


def test_a_reviewer_does_not_release(session: Session) -> None:
    room = a_room(session)
    room.to_decision()
    room.prepare()
    room.confirm()
    with pytest.raises(DecisionRefused) as caught:
        room.release(by=FIRST)
    assert codes(caught.value) == ["acts_twice"]


@pytest.mark.parametrize("late", ["before confirmation", "before release"])
def test_a_conflict_found_late_stops_the_chain_below_the_quorum(session: Session, late: str) -> None:
    room = a_room(session)
    room.to_decision()
    room.prepare()
    if late == "before release":
        room.confirm()
    room.declare(FIRST, DISQUALIFYING, "They bought my company.")
    with pytest.raises(DecisionRefused) as caught:
        room.confirm() if late == "before confirmation" else room.release()
    assert codes(caught.value) == ["below_quorum"]
    assert (room.decision.released_at if room.decision else "none") is None
    assert _refused(room) == ["not_decided"]


def test_a_decision_is_made_once(session: Session) -> None:
    room = a_room(session)
    room.to_decision()
    room.prepare()
    room.confirm()
    with pytest.raises(PhaseRefused):
        room.prepare(outcome=Outcome.REJECT)
    with pytest.raises(AlreadyDone) as twice:
        room.confirm(by="wgra_chair")
    room.release()
    with pytest.raises(AlreadyDone) as again:
        room.release()
    assert codes(twice.value) + codes(again.value) == ["decision_confirmed", "decision_released"]
    assert [(one.outcome, one.confirmed_by) for one in session.exec(select(Decision))] == [
        (Outcome.ENDORSE, room.id_of("iag_chair"))
    ]


def test_until_it_is_confirmed_a_decision_is_prepared_anew(session: Session) -> None:
    room = a_room(session)
    room.to_decision()
    room.prepare()
    room.prepare(outcome=Outcome.ENDORSE_WITH_CONDITIONS, conditions=(" A clinic joins. ", " "))
    decided = room.decision
    assert decided is not None
    assert (decided.outcome, decided.conditions, decided.version) == (
        Outcome.ENDORSE_WITH_CONDITIONS,
        ["A clinic joins."],
        2,
    )
    with pytest.raises(Stale):
        room.confirm(expected=1)
    assert room.confirm(expected=2).confirmed_by == room.id_of("iag_chair")


@pytest.mark.parametrize(
    ("outcome", "conditions", "reasons", "expected"),
    [
        (Outcome.ENDORSE, ("A clinic joins.",), "Good.", ["conditions"]),
        (Outcome.ENDORSE_WITH_CONDITIONS, (), "Good.", ["conditions"]),
        (Outcome.ENDORSE_WITH_CONDITIONS, (" ",), "Good.", ["conditions"]),
        (Outcome.REJECT, (), "  ", ["reasons"]),
        (Outcome.REVISE, ("A clinic joins.",), "", ["reasons", "conditions"]),
    ],
)
def test_an_outcome_needs_reasons_and_only_conditional_ones_conditions(
    session: Session, outcome: Outcome, conditions: tuple[str, ...], reasons: str, expected: list[str]
) -> None:
    room = a_room(session)
    room.to_decision()
    with pytest.raises(Invalid) as caught:
        room.prepare(outcome=outcome, conditions=conditions, reasons=reasons, departure="The market is gone.")
    assert places(caught.value) == expected
    assert room.decision is None


@pytest.mark.parametrize("outcome", [Outcome.REVISE, Outcome.REJECT])
def test_an_outcome_that_is_no_endorsement_opens_no_gate(session: Session, outcome: Outcome) -> None:
    room = a_room(session)
    room.to_decision()
    room.prepare(outcome=outcome, departure="The market is gone.")
    room.confirm()
    room.release()
    assert _refused(room) == ["decided_otherwise"]


def test_a_decision_against_the_scores_says_why(session: Session) -> None:
    room = a_room(session)
    room.to_decision()
    with pytest.raises(Invalid) as caught:
        room.prepare(outcome=Outcome.REVISE, departure=" ")
    assert places(caught.value) == ["departure"]
    assert room.prepare(outcome=Outcome.REVISE, departure=" The market is gone. ").departure == "The market is gone."
    # What somebody says is kept, also where it departs from nothing that the scores tell.
    assert room.prepare(outcome=Outcome.ENDORSE, departure="The other came first.").departure == "The other came first."
    assert room.prepare(outcome=Outcome.ENDORSE, departure="  ").departure is None


def _both_panels(session: Session) -> Room:
    """Return the room of the WGRA: the IAG's chair has confirmed, the regions have answered."""
    room = a_room(session)
    room.to_decision()
    decide(room.world, room.row, room.round)
    move(session, room.row.id, "pass_to_wgra", actor=room.world.actor(Role.IAG_CHAIR))
    room.round = answer_wgra(room.world, room.row)
    return room


def test_nobody_confirms_for_both_panels_on_one_version(session: Session) -> None:
    room = _both_panels(session)
    room.prepare()
    with pytest.raises(DecisionRefused) as caught:
        room.confirm(by="iag_chair")
    assert codes(caught.value) == ["acts_twice"]
    assert room.confirm(by="wgra_chair").confirmed_by == room.id_of("wgra_chair")


def test_the_regions_quorum_counts_positions(session: Session) -> None:
    room = _both_panels(session)
    room.declare("paca", DISQUALIFYING, "The region owns the applicant.")
    with pytest.raises(DecisionRefused) as caught:
        room.prepare()
    assert codes(caught.value) == ["below_quorum"]


def _with_conditions(session: Session) -> Room:
    room = a_room(session)
    room.to_decision()
    room.prepare(outcome=Outcome.ENDORSE_WITH_CONDITIONS, conditions=("A clinic joins.", "A second site."))
    room.confirm()
    return room


def test_conditions_are_tracked_from_the_release_on(session: Session) -> None:
    room = _with_conditions(session)
    assert conditions_of(session, room.round.id) == []
    room.release()
    tracked = [(one.number, one.text, one.state) for one in conditions_of(session, room.round.id)]
    assert tracked == [(1, "A clinic joins.", ConditionState.OPEN), (2, "A second site.", ConditionState.OPEN)]
    assert _refused(room) == []


@pytest.mark.parametrize("state", [ConditionState.MET, ConditionState.WAIVED])
def test_a_condition_is_closed_once_with_what_shows_it(session: Session, state: ConditionState) -> None:
    room = _with_conditions(session)
    room.release()
    secretary = room.id_of("iag_secretary")
    closed = close_condition(session, room.round, 2, state=state, evidence=" Letter of May. ", person_id=secretary)
    assert (closed.state, closed.evidence, closed.closed_by) == (state, "Letter of May.", secretary)
    with pytest.raises(AlreadyDone) as caught:
        close_condition(session, room.round, 2, state=state, evidence="Again.", person_id=secretary)
    assert codes(caught.value) == ["condition_closed"]
    assert [one.state for one in conditions_of(session, room.round.id)] == [ConditionState.OPEN, state]


def test_a_condition_is_not_closed_as_open_nor_without_evidence_nor_where_there_is_none(session: Session) -> None:
    room = _with_conditions(session)
    room.release()
    secretary = room.id_of("iag_secretary")
    with pytest.raises(Invalid) as invalid:
        close_condition(session, room.round, 1, state=ConditionState.OPEN, evidence=" ", person_id=secretary)
    with pytest.raises(Refused) as refused:
        close_condition(session, room.round, 3, state=ConditionState.MET, evidence="Yes.", person_id=secretary)
    with pytest.raises(Stale):
        close_condition(
            session,
            room.round,
            1,
            state=ConditionState.MET,
            evidence="Yes.",
            person_id=secretary,
            expected_version=7,
        )
    assert (places(invalid.value), codes(refused.value)) == (["state", "evidence"], ["no_condition"])
    assert [one.state for one in session.exec(select(Condition))] == [ConditionState.OPEN] * 2


@pytest.mark.usefixtures("installation")
def test_of_two_chairs_at_once_one_confirms() -> None:
    with begin() as session:
        room = a_room(session)
        room.to_decision()
        room.prepare()
        key, chairs = room.round.id, [room.id_of(name) for name in ("iag_chair", "wgra_chair")]

    def confirm(person_id: str) -> str:
        with begin() as session:
            confirm_decision(session, round_by_id(session, key), person_id=person_id, panel=s3().panels["iag"])
        return person_id

    results = race(*(lambda who=who: confirm(who) for who in chairs))
    won = [one for one in results if not isinstance(one, BankableError)]
    lost = [type(one) for one in results if isinstance(one, BankableError)]
    with begin() as session:
        decided, row = decision_of(session, key), round_by_id(session, key)
        assert session.get_one(Collaboration, row.collaboration_id).stage == "iag_review"
        assert decided is not None
        assert ([decided.confirmed_by], len(lost), row.phase) == (won, 1, Phase.RELEASE)
    assert set(lost) <= {Stale, AlreadyDone}


def test_a_chair_does_not_prepare_what_nobody_else_could_confirm(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "wgra_review")  # the other panel's chair confirmed on this version
    opened = answer_wgra(world, row)
    panel, chair, secretary = (s3().panels["wgra"], world.people["wgra_chair"].id, world.people["iag_secretary"].id)
    said = {"outcome": Outcome.ENDORSE, "reasons": "Thresholds are met.", "panel": panel}
    with pytest.raises(DecisionRefused) as caught:
        prepare_decision(session, opened, person_id=chair, **said)  # type: ignore[arg-type]
    assert codes(caught.value) == ["nobody_would_confirm"]
    assert _asked(world, Role.WGRA_CHAIR) == []
    assert _asked(world, Role.IAG_SECRETARY) == [TaskKind.PREPARE]

    prepare_decision(session, opened, person_id=secretary, **said)  # type: ignore[arg-type]

    assert (_asked(world, Role.WGRA_CHAIR), _asked(world, Role.IAG_SECRETARY)) == ([TaskKind.CONFIRM], [])
    assert confirm_decision(session, opened, person_id=chair, panel=panel).confirmed_by == chair


def _asked(world: World, role: Role) -> list[TaskKind]:
    kinds = [one.kind for one in tasks_of(world.session, world.actor(role))]
    return [kind for kind in kinds if kind in (TaskKind.PREPARE, TaskKind.CONFIRM)]


def test_what_is_endorsed_and_released_is_not_rejected_by_hand(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "iag_review")
    opened = answer_iag(world, row)
    chair, manager = world.actor(Role.IAG_CHAIR), world.manager
    before = {who.role: _against_rejecting(session, row, who) for who in (chair, manager)}
    decide(world, row, opened)
    assert before == {Role.IAG_CHAIR: [], Role.PROJECT_MANAGER: ["role"]}
    assert _against_rejecting(session, row, chair) == ["endorsed_already"]


def _against_rejecting(session: Session, row: Collaboration, actor: Actor) -> list[str]:
    return [one.code for one in by_name(lifecycle_view(session, row, actor=actor))["reject"].refusals]
