"""Where evidence meets what it is about: members, regions, cost lines, conditions, sections, and the playbook."""

from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session, col, select

from states.archive.evidence.facts import Demand, demands_of
from states.archive.evidence.queries import evidence_by_id, request_by_id
from states.archive.evidence.service import (
    EvidenceInvalid,
    Filing,
    Upload,
    file_upload,
    withdraw_evidence,
)
from states.archive.evidence.states import EvidenceClosed
from states.archive.evidence.tables import Evidence, EvidenceRequest, EvidenceSubject
from states.archive.tables import DocumentClass
from states.calendars.queries import actors_of
from states.checklists.queries import ANSWERS
from states.clock import now, today
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkEnded, LinkPurpose, revoke_links
from states.crossings.rights.evidence import scope_of_filing
from states.errors import Denied, Fault, Invalid, Missing, Refusal
from states.funding.queries import costs_of
from states.partners.tables import Region
from states.playbooks.editions import every_playbook, playbook_of
from states.review.tables import Condition, ConditionState, ReviewRound
from states.rights.access import Action, Actor, Scope, may, require
from states.storage import Readings


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody says of a file, by names: of a member, a region, a cost line, section, or a condition's id."""

    kind: str
    title: str
    dated_on: date
    evidence_class: DocumentClass
    subject: EvidenceSubject = EvidenceSubject.COLLABORATION
    subject_name: str = ""
    organisation: str = ""
    region: str = ""
    description: str = ""


def file_evidence(
    session: Session,
    collaboration: Collaboration,
    wanted: Wanted,
    upload: Upload,
    *,
    actor: Actor | None,
    person_id: str | None = None,
    supersedes: str = "",
) -> Evidence:
    """File an upload; raise `EvidenceInvalid` with every name that is unknown, `Denied` where it is for another.

    Without an actor it is a command of the office, or a link that was made for this organisation.
    """
    said = _filing(session, collaboration, wanted)
    if actor is not None:
        person_id = actor.person_id
        require(actor, Action.EDIT_EVIDENCE, scope_of_filing(session, collaboration, said.organisation_id))
    former = None
    if supersedes:
        former = evidence_by_id(session, supersedes)
        if former.collaboration_id != collaboration.id:
            raise Missing("evidence", supersedes)
        if (former.kind, former.organisation_id) != (said.kind, said.organisation_id):
            raise EvidenceInvalid("evidence_of_other_kind", field="supersedes", remedy="same_kind_and_owner")
    return file_upload(session, collaboration, said, upload, person_id=person_id, supersedes=former)


def withdraw(session: Session, row: Evidence, *, reason: str, expected_version: int | None = None) -> None:
    """Withdraw a file on which nothing rests: no frozen version, no review, no closed condition, no checklist."""
    answers = Readings(session).of(ANSWERS, row.collaboration_id)
    if any(row.id in one.evidence_ids for one in answers):
        raise EvidenceClosed([Refusal("evidence_relied_on", mend_by=("project_manager",), where="evidence")])
    if row.subject is EvidenceSubject.CONDITION:
        condition = session.get(Condition, row.subject_id)
        if condition is not None and condition.state is not ConditionState.OPEN:
            raise EvidenceClosed([Refusal("evidence_relied_on", mend_by=("project_manager",), where="evidence")])
    withdraw_evidence(session, row, reason=reason, expected_version=expected_version)


def demands(session: Session, collaboration: Collaboration) -> list[Demand]:
    """Return all that the collaboration's playbook asks for, and whether it is there."""
    terms = playbook_of(session, collaboration).evidence
    return demands_of(Readings(session), collaboration, terms, on=today())


def ask_for_evidence(
    session: Session,
    collaboration: Collaboration,
    *,
    organisation: str,
    kind: str,
    evidence_class: DocumentClass,
    person_id: str,
) -> EvidenceRequest:
    """Ask one member for one kind; whoever holds the link to it may file that, and nothing else.

    Raise `Denied` where the person who is to hold the link does not speak for the member.
    """
    wanted = Wanted(kind, kind, today(), evidence_class, organisation=organisation)
    said = _filing(session, collaboration, wanted)
    if said.organisation_id is None:
        raise EvidenceInvalid("missing", field="organisation", remedy="say_which_member")
    if not _speaks(session, person_id, collaboration.partnership_id, said.organisation_id, confirmed=False):
        raise Denied("speaks_not_for_it")
    row = EvidenceRequest(
        partnership_id=collaboration.partnership_id,
        collaboration_id=collaboration.id,
        organisation_id=said.organisation_id,
        kind=kind,
        evidence_class=evidence_class,
        asked_at=now(),
    )
    session.add(row)
    session.flush()
    return row


def take_back_request(session: Session, collaboration_id: str, request_id: str) -> None:
    """End the links to what a member was asked for, or raise `Missing`; what was filed by them stays."""
    if request_by_id(session, request_id).collaboration_id != collaboration_id:
        raise Missing("evidence_request", request_id)
    revoke_links(session, purpose=LinkPurpose.EVIDENCE, subject_id=request_id)


def need_speaker(session: Session, asked: EvidenceRequest, person_id: str) -> None:
    """Raise `LinkEnded` where the organisation takes part no more, or the person speaks for it no more.

    Raise `Denied` where nobody confirmed that the person speaks for it.
    """
    entries = members_of(session, [asked.collaboration_id])[asked.collaboration_id]
    if asked.organisation_id not in {one.organisation.id for one in entries}:
        raise LinkEnded("asked_takes_part_no_more")
    about = (session, person_id, asked.partnership_id, asked.organisation_id)
    if not _speaks(*about, confirmed=False):
        raise LinkEnded("speaks_for_it_no_more")
    if not _speaks(*about, confirmed=True):
        raise Denied("grant_unconfirmed")


def _speaks(session: Session, person_id: str, partnership_id: str, organisation_id: str, *, confirmed: bool) -> bool:
    own = frozenset({organisation_id})
    scope = Scope(partnership_id, own, owner_ids=own)
    return any(
        may(actor if confirmed else replace(actor, unconfirmed=False), Action.EDIT_EVIDENCE, scope)
        for actor in actors_of(session, person_id, partnership_id)
        if actor.organisation_id == organisation_id  # the office files in its own name
    )


def need_kind(session: Session, kind: str) -> None:
    """Raise `Invalid` unless some playbook knows this kind of evidence."""
    known = tuple(sorted({one for playbook in every_playbook(session).values() for one in playbook.evidence.kinds}))
    if kind not in known:
        raise Invalid("evidence_kind_unknown", field="kind", remedy="one_of", kind=kind, known=known)


def _filing(session: Session, collaboration: Collaboration, wanted: Wanted) -> Filing:
    """Return what was said with ids in the place of names, or raise with every name that is unknown."""
    playbook, faults = playbook_of(session, collaboration), []
    kinds = playbook.evidence.kinds
    if wanted.kind not in kinds:
        faults.append(Fault("kind", "evidence_kind_unknown", remedy="one_of", kind=wanted.kind, known=tuple(kinds)))
    entries = members_of(session, [collaboration.id])[collaboration.id]
    members = {one.organisation.slug: one.organisation.id for one in entries}
    regions = _regions(session, collaboration.partnership_id)
    organisation_id = _named(faults, "organisation", wanted.organisation, members)
    region_id = _named(faults, "region", wanted.region, regions)
    known: dict[str, str] = {}
    match wanted.subject:
        case EvidenceSubject.ORGANISATION:
            known = members
        case EvidenceSubject.COST_LINE:
            known = {one.slug: one.id for one in costs_of(session, collaboration.id)}
        case EvidenceSubject.SECTION:
            known = {one.key: one.key for one in playbook.protocol}
        case EvidenceSubject.CONDITION:
            known = {key: key for key in _conditions(session, collaboration.id)}
        case EvidenceSubject.COLLABORATION:
            known = {"": collaboration.id}
    subject_id = known.get(wanted.subject_name)
    if subject_id is None:
        faults.append(_unknown("subject_name", wanted.subject_name, known))
    if faults:
        raise EvidenceInvalid(faults=faults)
    return Filing(
        kind=wanted.kind,
        title=wanted.title,
        dated_on=wanted.dated_on,
        evidence_class=wanted.evidence_class,
        subject=wanted.subject,
        subject_id=subject_id or collaboration.id,
        organisation_id=organisation_id,
        region_id=region_id,
        description=wanted.description,
    )


def _named(faults: list[Fault], place: str, name: str, known: dict[str, str]) -> str | None:
    if name and name not in known:
        faults.append(_unknown(place, name, known))
    return known.get(name) if name else None


def _unknown(place: str, name: str, known: dict[str, str]) -> Fault:
    remedy = "one_of" if any(known) else "leave_it_out"
    return Fault(place, "evidence_name_unknown", remedy=remedy, name=name, known=tuple(known))


def _regions(session: Session, partnership_id: str) -> dict[str, str]:
    return dict(session.exec(select(Region.slug, Region.id).where(Region.partnership_id == partnership_id)).all())


def _conditions(session: Session, collaboration_id: str) -> list[str]:
    query = select(Condition.id).join(ReviewRound, col(ReviewRound.id) == col(Condition.round_id))
    return list(session.exec(query.where(ReviewRound.collaboration_id == collaboration_id)))
