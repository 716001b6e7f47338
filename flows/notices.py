"""The flows that write to people because something happened: invited, short of reviewers, decided, out of date.

They enter mails in the ledger, in the transaction that notes the message as consumed; `deliver` sends them.
"""

from collections.abc import Callable, Sequence

from prefect import flow
from prefect.runtime import flow_run
from sqlmodel import Session

from flows import letters
from flows.acting import as_clock
from flows.letters import Letter
from flows.subjects import run_name
from states.mail.ledger import enter_mail
from states.outbox.queries import message_by_id
from states.outbox.service import consume
from states.outbox.tables import OutboxMessage
from states.storage import begin


@flow(name="invite-reviewer", flow_run_name=run_name)
@as_clock
def invite_reviewer(message_id: str) -> dict[str, int]:
    """Invite the person on the seat that a `review.invited` message names; nobody is invited twice to one seat."""
    return _tell(message_id, letters.invitation, consumer="invite_reviewer")


@flow(name="report-shortage", flow_run_name=run_name)
def report_shortage(message_id: str) -> dict[str, int]:
    """Tell the secretary what a `review.short_of_reviewers` message says; without one, the project managers."""
    return _tell(message_id, letters.shortage, consumer="report_shortage")


@flow(name="announce-decision", flow_run_name=run_name)
def announce_decision(message_id: str) -> dict[str, int]:
    """Tell project managers and partners of the decision that a `review.decided` message names."""
    return _tell(message_id, letters.decision, consumer="announce_decision")


@flow(name="report-stale-scenario", flow_run_name=run_name)
def report_stale_scenario(message_id: str) -> dict[str, int]:
    """Tell the project managers of the chosen scenario that a `scenario.stale` message names."""
    return _tell(message_id, letters.stale_scenario, consumer="report_stale_scenario")


def _tell(
    message_id: str, write: Callable[[Session, OutboxMessage], Sequence[Letter]], *, consumer: str
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
