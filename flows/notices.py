"""The flows that write to people because something happened: invited, short of reviewers, decided."""

from collections import Counter
from collections.abc import Callable, Sequence

from prefect import flow
from prefect.runtime import flow_run
from sqlmodel import Session

from flows import letters
from flows.letters import Letter
from flows.mail import Post, attempt, mail, post
from flows.subjects import run_name
from states.deadlines.notices import settle_notice, take_notice
from states.events.queries import event_by_id
from states.events.service import consume
from states.events.tables import OutboxEvent
from states.storage import begin


@flow(name="invite-reviewer", flow_run_name=run_name)
def invite_reviewer(event_id: str) -> dict[str, int]:
    """Invite the person on the seat that a `review.invited` event names; nobody is invited twice to one seat."""
    return _tell(event_id, letters.invitation, consumer="invite_reviewer")


@flow(name="report-shortage", flow_run_name=run_name)
def report_shortage(event_id: str) -> dict[str, int]:
    """Tell the secretary what a `review.short_of_reviewers` event says; without one, the project managers."""
    return _tell(event_id, letters.shortage, consumer="report_shortage")


@flow(name="announce-decision", flow_run_name=run_name)
def announce_decision(event_id: str) -> dict[str, int]:
    """Tell project managers and partners of the decision that a `review.decided` event names."""
    return _tell(event_id, letters.decision, consumer="announce_decision")


def _tell(event_id: str, write: Callable[[Session, OutboxEvent], Sequence[Letter]], *, consumer: str) -> dict[str, int]:
    with begin(read_only=True) as session:
        written = write(session, event_by_id(session, event_id))
    told = _deliver(written)
    with begin() as session:
        consume(session, event_id, consumer=consumer, flow_run_id=flow_run.id)
    return told


def _deliver(written: Sequence[Letter]) -> dict[str, int]:
    """Send each letter once for ever and count what became of them; nothing is entered while no server answers."""
    if not written:
        return {}
    with post() as opened:
        return dict(Counter(_send(one, opened) for one in written))


def _send(letter: Letter, opened: Post) -> str:
    """Enter, send, settle: a crash between the last two leaves the line handed over, to be seen and not sent again."""
    with begin() as session:
        line = take_notice(session, letter.kind, subject_id=letter.subject_id, person_id=letter.person.id)
    if line is None:
        return "told before"
    message = mail(
        letter.person,
        subject=letter.title,
        message_id=line.message_id,
        template=letter.kind.value,
        values=letter.values,
    )
    state, detail = attempt(opened, message)
    with begin() as session:
        settle_notice(session, line.id, state=state, detail=detail)
    return state.value
