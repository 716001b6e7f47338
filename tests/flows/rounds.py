"""What people do in a round, each act in a transaction of its own, as the API would do it."""

from sqlmodel import Session

from states.collaborations.queries import collaboration_by_id
from states.collaborations.tables import Collaboration
from states.crossings.review.rounds import close_answered_round, open_requested_round, panel_of
from states.partners.tables import Person
from states.review.conflicts.service import agree, declare
from states.review.conflicts.tables import ConflictKind
from states.review.consensus import record_consensus, record_minute
from states.review.decisions import confirm_decision, prepare_decision, release_decision
from states.review.evaluations import submit_evaluation
from states.review.queries import round_by_id, rounds_of, seats_of
from states.review.seats import Place, withdraw
from states.review.tables import Outcome, ReviewRound, SeatState
from states.rights.access import Role
from states.storage import begin
from tests.factories import scores_of
from tests.flows.conftest import World, a_person, ask_for_iag, hand_over_silently, move_on


def only_round(world: World, *, panel: str = "iag") -> ReviewRound:
    """Return the one round of a panel as it stands now."""
    with begin(read_only=True) as session:
        (row,) = [row for row in rounds_of(session, [world.collaboration_id]) if row.panel == panel]
        return row


def ask_for_wgra(world: World) -> str:
    """Let the IAG endorse and pass to the regions; return the id of the event that asks for their round."""
    ask_for_iag(world)
    with begin() as session:
        places = [Place(a_person(session, f"reviewer-{number}").id, why=("for a test",)) for number in (1, 2, 3)]
        round_id = open_requested_round(session, world.collaboration_id, "iag", places=places).id
    for name in sitting(round_id):
        answer(round_id, name)
    with begin() as session:
        close_answered_round(session, round_id)
    decide(round_id, outcome=Outcome.ENDORSE)
    with begin() as session:
        move_on(session, world, "pass_to_wgra", by=Role.IAG_CHAIR)
        return hand_over_silently(session, but="review.requested")


def seated(round_id: str) -> dict[str, str]:
    """Return the state of each seat of a round by the name in its holder's address."""
    with begin(read_only=True) as session:
        return {
            person.email.partition("@")[0]: seat.state.value for seat, person in seats_of(session, round_id, every=True)
        }


def sitting(round_id: str) -> list[str]:
    """Return the names of those whose seats are active, in order."""
    return sorted(name for name, state in seated(round_id).items() if state == SeatState.ACTIVE)


def leave(round_id: str, name: str) -> None:
    """Let a reviewer withdraw."""
    with begin() as session:
        row, collaboration, person = _act(session, round_id, name)
        withdraw(session, row, person_id=person.id, reason="No time.", collaboration=collaboration)


def declare_as(round_id: str, name: str, kind: ConflictKind) -> None:
    """Let a reviewer agree to the rules and declare."""
    with begin() as session:
        row, collaboration, person = _act(session, round_id, name)
        agree(session, partnership_id=collaboration.partnership_id, person_id=person.id)
        reason = "" if kind is ConflictKind.NONE else "Worked for a partner."
        declare(session, row, person_id=person.id, kind=kind, reason=reason, collaboration=collaboration)


def answer(round_id: str, name: str, *, score: str = "4") -> None:
    """Let a reviewer declare no conflict and evaluate."""
    declare_as(round_id, name, ConflictKind.NONE)
    with begin() as session:
        row, collaboration, person = _act(session, round_id, name)
        scores, comments = scores_of(score)
        submit_evaluation(
            session,
            row,
            person_id=person.id,
            scores=scores,
            comments=comments,
            panel=panel_of(session, row),
            collaboration=collaboration,
        )


def decide(round_id: str, *, outcome: Outcome, conditions: tuple[str, ...] = ()) -> None:
    """Let the secretary record consensus and minute and prepare, the chair confirm, the secretary release."""
    with begin() as session:
        row, collaboration, secretary = _act(session, round_id, "secretary")
        panel, by = panel_of(session, row), secretary.id
        scores, comments = scores_of("4")
        record_consensus(session, row, scores=scores, comments=comments, minority_views=(), person_id=by, panel=panel)
        record_minute(session, row, text="Compared with nothing else.", person_id=by, panel=panel)
        prepare_decision(
            session,
            row,
            person_id=by,
            outcome=outcome,
            reasons="Thresholds are met.",
            departure="The market has changed since.",
            conditions=conditions,
            panel=panel,
        )
        confirm_decision(session, row, person_id=a_person(session, "chair").id, panel=panel)
        release_decision(session, row, person_id=by, panel=panel, collaboration=collaboration)


def _act(session: Session, round_id: str, name: str) -> tuple[ReviewRound, Collaboration, Person]:
    row = round_by_id(session, round_id)
    return row, collaboration_by_id(session, row.collaboration_id), a_person(session, name)
