"""Expressions of interest in a profile: sent, answered in time, and who is behind them told once the host agrees."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import ColumnElement
from sqlmodel import Session, col, select

from states.clock import now, today
from states.errors import Fault, Invalid, Refusal
from states.machines.definition import Move
from states.machines.stepping import need, step
from states.matchmaking.consents.service import keeps_contact_hidden
from states.matchmaking.deadlines import ask, close_asked
from states.matchmaking.interests.states import ANSWERS, EXPIRE, INFORM, INTEREST, REVEAL, WITHDRAW, InterestRefused
from states.matchmaking.mails import tell_interest, tell_interest_answer
from states.matchmaking.profiles.service import is_live
from states.matchmaking.profiles.tables import Interest, InterestState, Profile
from states.matchmaking.service import record_contact
from states.matchmaking.tables import ContactKind, ContactStatus
from states.outbox.service import publish
from states.partners.tables import Organisation, Person
from states.places.working_days import shift
from states.storage import bump_version

ANSWER_DEADLINE = "interest_answer"
INFORMATION_DEADLINE = "interest_information"
ANSWER_WITHIN = 10  # working days at the site of who is to answer
TEXT_LENGTH = 4000


class InterestInvalid(Invalid):
    """The expression of interest, or the answer to it, cannot be kept so."""

    code = "interest_invalid"


@dataclass(frozen=True, slots=True)
class Statement:
    """What the sender says: why, in which role, and what speaks for it."""

    message: str
    role_proposed: str
    evidence: str = ""


def express_interest(
    session: Session, profile: Profile, statement: Statement, *, sender: Organisation, person_id: str
) -> Interest:
    """Send an expression of interest to whose profile it is; the host has `ANSWER_WITHIN` working days."""
    faults = [
        fault
        for place in ("message", "role_proposed", "evidence")
        if (fault := _text_fault(place, getattr(statement, place), needed=place != "evidence"))
    ]
    if sender.id == profile.organisation_id:
        faults.append(Fault("sender", "profile_own", remedy="choose_another_profile"))
    if faults:
        raise InterestInvalid(faults=faults)
    session.refresh(profile, with_for_update=True)  # of two at once from one sender, the second sees the first
    if reasons := _against(session, profile, sender):
        raise InterestRefused(reasons)
    row = Interest(
        partnership_id=profile.partnership_id,
        profile_id=profile.id,
        sender_id=sender.id,
        sender_person_id=person_id,
        host_id=profile.organisation_id,
        message=statement.message.strip(),
        role_proposed=statement.role_proposed.strip(),
        evidence=statement.evidence.strip(),
        sent_at=now(),
        answer_due_on=today(),
        illustrative=profile.illustrative,
    )
    session.add(row)
    session.flush()
    _wait_for(session, row, row.host_id, ANSWER_DEADLINE, f"Answer an expression of interest in {profile.reference}")
    publish(session, "interest.sent", partnership_id=row.partnership_id, interest=row.id)
    tell_interest(session, row, profile)
    return row


def answer_interest(
    session: Session,
    row: Interest,
    answer: InterestState,
    *,
    person_id: str,
    text: str = "",
    expected_version: int | None = None,
) -> Interest:
    """Let the host answer: interested, need information (`text` is the question) or not interested (the reason).

    Who is interested makes a contact, which can carry a collaboration.
    """
    if answer not in ANSWERS:
        raise InterestInvalid(
            "no_answer", field="answer", remedy="interested_need_information_or_not_interested", answer=answer
        )
    if fault := _text_fault("text", text, needed=answer is not InterestState.INTERESTED):
        raise InterestInvalid(faults=[fault])
    transition_interest(session, row, ANSWERS[answer], expected_version=expected_version)
    row.answered_at, row.answered_by_person_id = now(), person_id
    profile = session.get_one(Profile, row.profile_id)
    if answer is InterestState.NEED_INFORMATION:
        row.question = text.strip()
        title = f"Answer a question about your interest in {profile.reference}"
        _wait_for(session, row, row.sender_id, INFORMATION_DEADLINE, title)
    elif answer is InterestState.NOT_INTERESTED:
        row.reason = text.strip()
    else:
        row.contact_id = _contact(session, row, profile)
    session.flush()
    publish(session, "interest.answered", partnership_id=row.partnership_id, interest=row.id, answer=answer.value)
    if answer is not InterestState.NEED_INFORMATION:
        tell_interest_answer(session, row, profile, accepted=answer is InterestState.INTERESTED)
    return row


def inform(session: Session, row: Interest, information: str, *, expected_version: int | None = None) -> Interest:
    """Let the sender answer the host's question; the host's time begins anew."""
    if fault := _text_fault("information", information, needed=True):
        raise InterestInvalid(faults=[fault])
    transition_interest(session, row, INFORM, expected_version=expected_version)
    row.information = information.strip()
    reference = session.get_one(Profile, row.profile_id).reference
    _wait_for(session, row, row.host_id, ANSWER_DEADLINE, f"Answer an expression of interest in {reference}")
    publish(session, "interest.informed", partnership_id=row.partnership_id, interest=row.id)
    return row


def withdraw_interest(
    session: Session, row: Interest, *, reason: str = "", expected_version: int | None = None
) -> Interest:
    """Let the sender take it back while it is open."""
    if fault := _text_fault("reason", reason, needed=False):
        raise InterestInvalid(faults=[fault])
    transition_interest(session, row, WITHDRAW, expected_version=expected_version)
    row.reason = reason.strip()
    session.flush()
    return row


def unanswered_interests(session: Session) -> list[str]:
    """Return what was due yesterday or earlier and has no answer, by its ids."""
    return list(session.exec(select(Interest.id).where(*_unanswered()).order_by(col(Interest.id))))


def _unanswered() -> tuple[ColumnElement[bool], ...]:
    return col(Interest.state).in_(INTEREST.live), col(Interest.answer_due_on) < today()


def expire_interests(session: Session, keys: Collection[str] | None = None) -> Sequence[Interest]:
    """Mark as expired what has no answer in time, of these or of all; return which."""
    query = select(Interest).where(*_unanswered())
    query = query if keys is None else query.where(col(Interest.id).in_(keys))
    rows = session.exec(query.order_by(col(Interest.id))).all()
    for row in rows:
        transition_interest(session, row, EXPIRE)
    return rows


def released_contacts(session: Session, row: Interest) -> dict[str, Person]:
    """Return who is behind either side (by organisation), or raise `ContactsHidden` before the host has agreed.

    Who said last, as a participant of an event, that its contact is not to be shown is left out.
    """
    need(INTEREST, row.state, REVEAL)
    profile = session.get_one(Profile, row.profile_id)
    behind = {row.sender_id: row.sender_person_id, row.host_id: profile.author_person_id or row.answered_by_person_id}
    known = {key: person_id for key, person_id in behind.items() if person_id is not None}
    hidden = keeps_contact_hidden(session, set(known.values()), row.partnership_id)
    return {key: session.get_one(Person, person_id) for key, person_id in known.items() if person_id not in hidden}


def _against(session: Session, profile: Profile, sender: Organisation) -> list[Refusal]:
    reasons = []
    if not is_live(profile, on=today()):
        reasons.append(Refusal("profile_not_public", mend_by=("partner",), where="profiles"))
    if profile.interest_until is not None and profile.interest_until < today():
        reasons.append(Refusal("interest_too_late", until=profile.interest_until, where="profiles"))
    query = select(Interest.id).where(
        Interest.profile_id == profile.id,
        Interest.sender_id == sender.id,
        col(Interest.state).in_((*INTEREST.live, InterestState.INTERESTED)),
    )
    if session.exec(query).first() is not None:
        reasons.append(Refusal("interest_known", where="interests"))
    return reasons


def transition_interest(
    session: Session, row: Interest, move: Move[InterestState], *, expected_version: int | None = None
) -> None:
    """Make a move of an expression of interest under its version; nobody is waited for any more."""
    need(INTEREST, row.state, move)
    bump_version(session, row, expected=expected_version)
    close_asked(session, ANSWER_DEADLINE, INFORMATION_DEADLINE, subject_id=row.id)
    row.state = step(INTEREST, row.state, move)
    session.flush()


def _wait_for(session: Session, row: Interest, organisation_id: str, kind: str, title: str) -> None:
    organisation = session.get_one(Organisation, organisation_id)
    row.answer_due_on = ask(
        session,
        organisation,
        partnership_id=row.partnership_id,
        kind=kind,
        subject_id=row.id,
        title=title,
        on=_in_time(organisation),
    )
    session.flush()


def _in_time(organisation: Organisation) -> date:
    return shift(today(), ANSWER_WITHIN, nuts=organisation.nuts)


def _contact(session: Session, row: Interest, profile: Profile) -> str:
    return record_contact(
        session,
        partnership_id=row.partnership_id,
        kind=ContactKind.EXPRESSION_OF_INTEREST,
        requester=session.get_one(Organisation, row.sender_id),
        host=session.get_one(Organisation, row.host_id),
        subject=profile.title,
        status=ContactStatus.ACCEPTED,
        illustrative=row.illustrative,
    ).id


def _text_fault(place: str, text: str, *, needed: bool) -> Fault | None:
    if needed and not text.strip():
        return Fault(place, "blank", remedy="give_it")
    return Fault(place, "too_long", remedy="at_most_characters", most=TEXT_LENGTH) if len(text) > TEXT_LENGTH else None
