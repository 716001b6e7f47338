"""Where partners' progress meets agreements, costs and deadlines: opened for each period, reminded of, accepted."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta

from sqlmodel import Session, col, select

from states.calendars.queries import actors_of
from states.clock import today
from states.collaborations.queries import collaboration_by_id, collaborations_by_id, members_of
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkEnded, LinkFor, LinkPurpose, make_link, revoke_links
from states.crossings.agreements import ladder_of
from states.deadlines.kinds import AFTER_THE_YES
from states.deadlines.queries import open_deadlines_of
from states.deadlines.service import After, Due, On, Owner, close_deadlines, open_deadline, redate
from states.deadlines.states import CANCEL, FINISH
from states.deadlines.tables import Deadline, DeadlineState
from states.errors import Denied
from states.funding.awards.queries import agreements_of
from states.funding.awards.states import AgreementState, agreement_state
from states.funding.awards.tables import Agreement
from states.funding.queries import costs_of
from states.implementation import progress
from states.implementation.definition import ProgressTerms
from states.implementation.periods import ProgressPeriod, periods_between
from states.implementation.progress import Known, ProgressContent, open_progress
from states.implementation.queries import progress_by_id, progress_of
from states.implementation.tables import PartnerProgress, ProgressState
from states.mail.addresses import address
from states.mail.ledger import enter_mail
from states.mail.tables import MailKind
from states.partners.tables import Organisation
from states.places.working_days import shift
from states.playbooks.definition import StageKind
from states.playbooks.editions import playbook_of
from states.rights.access import Action, Role, Scope, may
from states.storage import bump_version
from states.texts import Text

_, PROGRESS_DEADLINE, CHECK_DEADLINE, _ = AFTER_THE_YES
_OPEN = (ProgressState.DRAFT, ProgressState.RETURNED)


def in_force(session: Session, collaboration_id: str) -> list[Agreement]:
    """Return the agreements that were signed and not withdrawn."""
    states = (AgreementState.SIGNED, AgreementState.ENDED)
    return [row for row in agreements_of(session, collaboration_id) if agreement_state(row) in states]


def periods_of(session: Session, collaboration: Collaboration) -> list[ProgressPeriod]:
    """Return the periods on which partners report: from the first day of an agreement to the last one.

    Before an agreement is signed there is none; where no agreement says when it ends they go on to the present one.
    """
    signed = in_force(session, collaboration.id)
    starts = [day for day in (row.starts_on or row.agreed_on for row in signed) if day is not None]
    if not starts:
        return []
    ends = [day for day in (row.ends_on for row in signed) if day is not None]
    last = max(ends, default=max(today(), *starts))
    months = playbook_of(session, collaboration).progress.months
    return list(periods_between(min(starts), last, months=months, whole=not ends))


def open_due_progress(session: Session, collaboration: Collaboration) -> list[PartnerProgress]:
    """Open what each partner is to say of every period that has begun, with its deadline; return what is new.

    What is open already follows where an amendment has moved the end of its period.
    """
    begun = [one for one in periods_of(session, collaboration) if one.starts_on <= today()]
    standing = {(one.period, one.organisation_id): one for one in progress_of(session, [collaboration.id])}
    members = [one.organisation for one in members_of(session, [collaboration.id])[collaboration.id]]
    wanted = [(period, member) for period in begun for member in members if (period.number, member.id) not in standing]
    if wanted:
        bump_version(session, collaboration)  # two at once would open the same
    made = [_opened(session, collaboration, period, member) for period, member in wanted]
    for period in begun:
        for row in standing.values():
            if row.period == period.number and row.ends_on != period.ends_on and row.state in _OPEN:
                _move_end(session, collaboration, row, period.ends_on)
    for row in standing.values():
        if row.state in _OPEN and _is_cancelled(session, row):  # it was dropped, and taken up again
            _wait(
                session, collaboration, row, PROGRESS_DEADLINE, _due(playbook_of(session, collaboration).progress, row)
            )
    return made


def with_agreements(session: Session) -> list[str]:
    """Return the collaborations on which partners may have to report: those with an agreement."""
    query = select(Agreement.collaboration_id).where(col(Agreement.agreed_on).is_not(None)).distinct()
    return list(session.exec(query.order_by(col(Agreement.collaboration_id))))


def open_due_of(session: Session, keys: Sequence[str]) -> list[PartnerProgress]:
    """Open what is due in these collaborations."""
    rows = collaborations_by_id(session, keys)
    return [made for key in keys if _runs(session, rows[key]) for made in open_due_progress(session, rows[key])]


def _runs(session: Session, row: Collaboration) -> bool:
    """Tell whether a collaboration is at work: nobody reports on one that was dropped, merged or completed."""
    return playbook_of(session, row).stages[row.stage].kind is StageKind.ACTIVE


def known_to(session: Session, row: PartnerProgress) -> Known:
    """Return what a partner may name: its cost lines, and the agreements by which it receives money."""
    lines = (one.slug for one in costs_of(session, row.collaboration_id) if one.organisation_id == row.organisation_id)
    agreements = (
        one.number
        for one in in_force(session, row.collaboration_id)
        if one.organisation_id in (None, row.organisation_id)
    )
    return Known(frozenset(lines), frozenset(agreements))


def write_progress(
    session: Session, row: PartnerProgress, content: ProgressContent, *, expected_version: int | None = None
) -> PartnerProgress:
    """Keep what a partner says, as far as it has come."""
    return progress.write_progress(
        session, row, content, known=known_to(session, row), expected_version=expected_version
    )


def hand_in(
    session: Session, row: PartnerProgress, *, person_id: str | None, expected_version: int | None = None
) -> PartnerProgress:
    """Hand it in: the partner's deadline is done, and the office's begins."""
    progress.hand_in(session, row, person_id=person_id, expected_version=expected_version)
    close_deadlines(session, PROGRESS_DEADLINE, subject_id=row.id, move=FINISH)
    collaboration = collaboration_by_id(session, row.collaboration_id)
    terms = playbook_of(session, collaboration).progress
    _wait(session, collaboration, row, CHECK_DEADLINE, After(today(), terms.check))
    return row


def take_back(session: Session, row: PartnerProgress, *, expected_version: int | None = None) -> PartnerProgress:
    """Take it back: it waits for the partner again, until it was due."""
    progress.take_back(session, row, expected_version=expected_version)
    close_deadlines(session, CHECK_DEADLINE, subject_id=row.id, move=CANCEL)
    collaboration = collaboration_by_id(session, row.collaboration_id)
    _wait(session, collaboration, row, PROGRESS_DEADLINE, _due(playbook_of(session, collaboration).progress, row))
    return row


def return_progress(
    session: Session, row: PartnerProgress, *, question: str, person_id: str | None, expected_version: int | None = None
) -> PartnerProgress:
    """Return it with a question, to be answered within the playbook's working days."""
    progress.return_progress(session, row, question=question, person_id=person_id, expected_version=expected_version)
    close_deadlines(session, CHECK_DEADLINE, subject_id=row.id, move=FINISH)
    collaboration = collaboration_by_id(session, row.collaboration_id)
    terms = playbook_of(session, collaboration).progress
    _wait(session, collaboration, row, PROGRESS_DEADLINE, After(today(), terms.answer))
    return row


def accept_progress(
    session: Session, row: PartnerProgress, *, person_id: str | None, expected_version: int | None = None
) -> PartnerProgress:
    """Accept it; its links end."""
    progress.accept_progress(session, row, person_id=person_id, expected_version=expected_version)
    close_deadlines(session, CHECK_DEADLINE, subject_id=row.id, move=FINISH)
    revoke_links(session, purpose=LinkPurpose.PROGRESS, subject_id=row.id)
    return row


def correct_progress(
    session: Session, row: PartnerProgress, *, because: str, expected_version: int | None = None
) -> PartnerProgress:
    """Open a correction of what was accepted, to be handed in within the playbook's working days."""
    made = progress.correct_progress(session, row, because=because, expected_version=expected_version)
    collaboration = collaboration_by_id(session, row.collaboration_id)
    terms = playbook_of(session, collaboration).progress
    _wait(session, collaboration, made, PROGRESS_DEADLINE, After(today(), terms.answer))
    return made


def ask_by_link(session: Session, row: PartnerProgress, *, person_id: str, days: int) -> str:
    """Return a link by which somebody of the partner writes and hands in without an account; it is mailed as well.

    Raise `Denied` where the person does not speak for the partner.
    """
    if not _speaks(session, row, person_id, confirmed=False):
        raise Denied("speaks_not_for_it")
    progress.need_open(row)
    text = make_link(session, LinkFor(row.partnership_id, person_id, LinkPurpose.PROGRESS, row.id), days=days)
    link = text.partition(".")[0]
    collaboration = collaboration_by_id(session, row.collaboration_id)
    enter_mail(
        session,
        MailKind.PROGRESS_ASKED,
        key=f"{MailKind.PROGRESS_ASKED.value}:{link}",
        person_id=person_id,
        partnership_id=row.partnership_id,
        values={
            "title": collaboration.title,
            "organisation": session.get_one(Organisation, row.organisation_id).name,
            "starts_on": row.starts_on.isoformat(),
            "ends_on": row.ends_on.isoformat(),
            "question": row.question if row.state is ProgressState.RETURNED else "",
            "until": (today() + timedelta(days=days)).isoformat(),
            "link": address(f"links/progress/{link}"),  # signed when the mail is sent
        },
    )
    return text


def of_link(session: Session, subject_id: str, person_id: str) -> PartnerProgress:
    """Return what a link is for; raise `LinkEnded` where its holder, or the partner, is no more what it was."""
    row = progress_by_id(session, subject_id)
    entries = members_of(session, [row.collaboration_id])[row.collaboration_id]
    if row.organisation_id not in {one.organisation.id for one in entries}:
        raise LinkEnded("asked_takes_part_no_more")
    if not _speaks(session, row, person_id, confirmed=False):
        raise LinkEnded("speaks_for_it_no_more")
    if not _speaks(session, row, person_id, confirmed=True):
        raise Denied("grant_unconfirmed")
    return row


def _speaks(session: Session, row: PartnerProgress, person_id: str, *, confirmed: bool) -> bool:
    own = frozenset({row.organisation_id})
    scope = Scope(row.partnership_id, own, owner_ids=own)
    return any(
        may(actor if confirmed else replace(actor, unconfirmed=False), Action.EDIT_PARTNER_PROGRESS, scope)
        for actor in actors_of(session, person_id, row.partnership_id)
        if actor.organisation_id == row.organisation_id
    )


def _opened(
    session: Session, collaboration: Collaboration, period: ProgressPeriod, member: Organisation
) -> PartnerProgress:
    row = open_progress(
        session,
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        organisation_id=member.id,
        period=period,
    )
    _wait(session, collaboration, row, PROGRESS_DEADLINE, _due(playbook_of(session, collaboration).progress, row))
    return row


def _is_cancelled(session: Session, row: PartnerProgress) -> bool:
    query = select(Deadline.state).where(Deadline.kind == PROGRESS_DEADLINE, Deadline.subject_id == row.id)
    return set(session.exec(query)) == {DeadlineState.CANCELLED}


def _move_end(session: Session, collaboration: Collaboration, row: PartnerProgress, ends_on: date) -> None:
    bump_version(session, row)
    row.ends_on = ends_on
    session.flush()
    for one in open_deadlines_of(session, kind=PROGRESS_DEADLINE, subject_id=row.id):
        redate(session, one, _due(playbook_of(session, collaboration).progress, row))


def _due(terms: ProgressTerms, row: PartnerProgress) -> Due:
    """Return until when a period is reported on; of one that is long over as soon as a question is answered."""
    due = On(shift(row.ends_on, terms.due, nuts=""))
    return due if due.day >= today() else After(today(), terms.answer)


def _wait(session: Session, collaboration: Collaboration, row: PartnerProgress, kind: str, due: Due) -> None:
    partner = session.get_one(Organisation, row.organisation_id)
    present = [one.organisation for one in members_of(session, [row.collaboration_id])[row.collaboration_id]]
    writes = partner if partner in present else next(iter(present), partner)  # the lead, for a partner that left
    checks = kind == CHECK_DEADLINE
    what = Text("waits", "progress", partner=partner.name, period=row.period).kept
    open_deadline(
        session,
        kind=kind,
        subject_id=row.id,
        title=f"{collaboration.title}: {what}",
        partnership_id=row.partnership_id,
        collaboration_id=row.collaboration_id,
        owner=Owner(Role.PROJECT_MANAGER) if checks else Owner(Role.PARTNER, organisation_id=writes.id),
        due=due,
        ladder=ladder_of(playbook_of(session, collaboration)),
        nuts="" if checks else writes.nuts,
    )
