"""What partners say of their part in a frozen version: asked for, signed or refused; and reviews of its risks."""

from collections.abc import Mapping

from sqlmodel import Session, col

from states.clock import now
from states.collaborations.tables import Collaboration
from states.deadlines.kinds import Waiting
from states.deadlines.service import close_deadlines
from states.errors import Fault, Invalid, Refusal, Refused
from states.machines.stepping import need
from states.mail.ledger import withdraw_matching
from states.mail.tables import Mail, MailKind
from states.protocol.queries import latest_versions, risk_reviews_of
from states.protocol.states import REFUSE, SIGN, SIGN_OFF, SignOffRefused, sign_off_state, transition_sign_off
from states.protocol.tables import RiskReview, SignOff
from states.storage import bump_version


class NothingToReview(Refused):
    """No version is frozen whose risks could be reviewed."""

    code = "nothing_to_review"


def sign_off(
    session: Session,
    row: SignOff,
    *,
    collaboration: Collaboration,
    person_id: str,
    refused_because: str = "",
    expected_version: int | None = None,
) -> SignOff:
    """Sign the part of one's organisation, or refuse it with a reason; who refused may sign after all.

    Raises `SignOffRefused` where it is signed, or the version is no longer the latest or void: the lead is another
    one, or a partner has left.
    """
    need_answerable(session, row, collaboration)
    bump_version(session, row, expected=expected_version)
    transition_sign_off(row, REFUSE if refused_because.strip() else SIGN, because=refused_because)
    row.answered_by = person_id
    session.add(row)
    close_deadlines(session, Waiting.SIGN_OFF.value, subject_id=row.id)
    session.flush()
    withdraw_requests(session, {row.id: "done"})
    return row


def need_answerable(session: Session, row: SignOff, collaboration: Collaboration) -> None:
    """Raise `SignOffRefused` with why there is nothing to be signed any more."""
    latest = latest_versions(session, [collaboration.id])[collaboration.id]
    where = "protocol/sign-offs"
    need(SIGN_OFF, sign_off_state(row), SIGN)
    if row.protocol_version_id != latest.id:
        raise SignOffRefused([Refusal("version_outdated", number=latest.number, mend_by=("partner",), where=where)])
    if latest.consortium != collaboration.consortium:
        mend, place = ("project_manager",), "protocol/versions"
        raise SignOffRefused([Refusal("consortium_changed", number=latest.number, mend_by=mend, where=place)])


def request_prefix(sign_off_id: str) -> str:
    """Return how the keys of all mails that ask for a signature begin."""
    return f"{MailKind.SIGN_OFF.value}:{sign_off_id}:"


def withdraw_requests(session: Session, whys: Mapping[str, str]) -> None:
    """Withdraw the mails that ask for these signatures and wait still, by the sign-offs' ids with why."""
    withdraw_matching(
        session,
        [
            ((col(Mail.kind) == MailKind.SIGN_OFF) & col(Mail.key).startswith(request_prefix(key)), why)
            for key, why in whys.items()
        ],
    )


def review_risks(session: Session, collaboration: Collaboration, *, note: str, person_id: str) -> RiskReview:
    """Record that the risks of the latest frozen version were looked at, and what came of it."""
    version = latest_versions(session, [collaboration.id]).get(collaboration.id)
    if version is None:
        raise NothingToReview([Refusal("protocol_not_frozen", mend_by=("partner",), where="protocol/versions")])
    if not note.strip():
        raise Invalid(faults=[Fault("note", "missing", remedy="say_what_was_found_or_that_nothing")])
    bump_version(session, collaboration)  # two at once would take the same number
    row = RiskReview(
        collaboration_id=collaboration.id,
        number=len(risk_reviews_of(session, collaboration.id)) + 1,
        protocol_version_id=version.id,
        note=note.strip(),
        reviewed_by=person_id,
        reviewed_at=now(),
    )
    session.add(row)
    session.flush()
    return row
