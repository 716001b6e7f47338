"""The flows that write to people because something happened: invited, short of reviewers, decided, out of date.

They enter mails in the ledger, in the transaction that notes the message as consumed; `deliver` sends them.
"""

from collections.abc import Callable, Sequence
from functools import partial

from prefect import flow
from prefect.runtime import flow_run
from sqlmodel import Session

from flows import letters
from flows.acting import as_clock
from flows.consuming import Results, consume_each
from flows.letters import Letter
from flows.subjects import run_name
from states.mail.ledger import enter_mail
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.outbox.tables import OutboxMessage
from states.storage import begin


@flow(name="invite-reviewer", flow_run_name=run_name)
@as_clock
def invite_reviewer(message_ids: tuple[str, ...]) -> Results:
    """Invite the people on the seats that `review.invited` messages name; nobody is invited twice to one seat."""
    return _tell(message_ids, letters.invitation, consumer="invite_reviewer")


@flow(name="report-shortage", flow_run_name=run_name)
@as_clock
def report_shortage(message_ids: tuple[str, ...]) -> Results:
    """Tell the secretary what `review.short_of_reviewers` messages say; without one, the project managers."""
    return _tell(message_ids, letters.shortage, consumer="report_shortage")


@flow(name="announce-decision", flow_run_name=run_name)
@as_clock
def announce_decision(message_ids: tuple[str, ...]) -> Results:
    """Tell project managers and partners of the decisions that `review.decided` messages name."""
    return _tell(message_ids, letters.decision, consumer="announce_decision")


@flow(name="report-stale-scenario", flow_run_name=run_name)
@as_clock
def report_stale_scenario(message_ids: tuple[str, ...]) -> Results:
    """Tell the project managers of the chosen scenarios that `scenario.stale` messages name."""
    return _tell(message_ids, letters.stale_scenario, consumer="report_stale_scenario")


def _tell(
    message_ids: Sequence[str], write: Callable[[Session, OutboxMessage], Sequence[Letter]], *, consumer: str
) -> Results:
    return consume_each(message_ids, partial(_enter, write, consumer), consumer=consumer)


def _enter(
    write: Callable[[Session, OutboxMessage], Sequence[Letter]], consumer: str, message_id: str
) -> dict[str, int]:
    with begin() as session:
        message = message_by_id(session, message_id)
        if not consume(session, message_id, consumer=consumer, flow_run_id=flow_run.id):
            return {"entered": 0}
        entered = [
            enter_mail(
                session,
                letter.kind,
                key=letter.key,
                person_id=letter.person_id,
                partnership_id=message.partnership_id,
                values=letter.values,
            )
            for letter in write(session, message)
        ]
        return {"entered": sum(mail is not None for mail in entered)}
