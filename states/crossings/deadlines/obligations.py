"""What waits in a collaboration beside its stage and its seats, as its dossier has it now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, select

from states.checklists.queries import ROUNDS as CHECKLISTS
from states.checklists.tables import ChecklistState
from states.crossings.dossier import Dossier
from states.deadlines.kinds import Waiting
from states.deadlines.queries import DEADLINES
from states.deadlines.service import Owner
from states.deadlines.tables import Anchor, DeadlineState
from states.funding.catalogue.calls import CALL_ANCHOR
from states.funding.queries import COUNTED_ON, counted_on
from states.partners.tables import PartnershipEvent
from states.playbooks.deadline_terms import AnchorKind, Term
from states.playbooks.definition import Playbook, StageKind
from states.protocol.assignments.queries import LIVE_ASSIGNMENTS
from states.protocol.queries import ASKED, LATEST, RISK_REVIEWS, Asked, latest_of, table_of_latest
from states.questions.queries import OPEN_QUESTIONS
from states.review.definition import Phase
from states.review.queries import OPEN_CONDITIONS, ROUNDS, open_conditions, rounds_read
from states.review.tables import RoundState
from states.rights.access import Role
from states.storage import Reading
from states.texts import Text


@dataclass(frozen=True, slots=True)
class Obligation:
    """One thing that waits: for whom by organisation where it is one, who presides, and the date it hangs on.

    What somebody was asked for has its `owner` and its day (`due_on`); of all else the term says both.
    """

    kind: Waiting
    subject_id: str
    what: str
    organisation_id: str | None = None
    chair: Role | None = None
    anchor: Anchor | None = None
    owner: Owner | None = None
    due_on: date | None = None


@dataclass(frozen=True, slots=True)
class Present:
    """A dossier at this moment: the closings of the calls that it counts on, and sign-offs asked for just now."""

    dossier: Dossier
    closings: Sequence[Anchor] = ()
    fresh: Sequence[Asked] = field(default=())


def reads_of(playbook: Playbook, stage: str) -> list[Reading[object]]:
    """Return what the obligations of a stage depend on, by what it is read with."""
    wanted: list[Reading[object]] = [DEADLINES]
    if Waiting.SIGN_OFF in playbook.deadlines:
        wanted += [LATEST, ASKED]
    for kind in _waiting_in(playbook, stage):
        term = playbook.terms[kind]
        wanted += _READS[kind]
        if kind is Waiting.RISK_REVIEW:
            wanted.append(_register(term))
        if term.anchor is AnchorKind.CALL:
            wanted.append(COUNTED_ON)
    return wanted


def obligations_of(present: Present) -> list[Obligation]:
    """Return what waits now: nothing outside active stages, and nothing that entering the present stage has ended."""
    dossier = present.dossier
    kinds = _waiting_in(dossier.playbook, dossier.row.stage)
    return [obligation for kind in kinds for obligation in _OBLIGATIONS[kind](present)]


def _waiting_in(playbook: Playbook, stage: str) -> list[Waiting]:
    if playbook.stages[stage].kind is not StageKind.ACTIVE:
        return []
    return [kind for kind, term in playbook.terms.items() if kind in _OBLIGATIONS and stage not in term.done_in]


def _consensus(present: Present) -> Iterator[Obligation]:
    """Yield the round of this stage that was closed while the collaboration stood here, and is not agreed on yet."""
    dossier = present.dossier
    of_panel = [one for one in rounds_read(dossier.read, dossier.row.id) if one.panel == dossier.stage.panel]
    for last in of_panel[-1:]:
        closed = last.state is RoundState.CLOSED and last.phase is Phase.CONSENSUS
        if closed and last.closed_at is not None and last.closed_at >= dossier.row.stage_since:
            chair = dossier.playbook.panels[last.panel].chair
            yield Obligation(
                Waiting.CONSENSUS, last.id, Text("waits", "consensus", number=last.number).kept, chair=chair
            )


def _sign_offs(present: Present) -> Iterator[Obligation]:
    dossier = present.dossier
    latest, names = latest_of(dossier.read, dossier.row.id), {one.id: one.name for one in dossier.partners}
    asked = [one for one in (*dossier.read.of(ASKED, dossier.row.id), *present.fresh) if one.organisation_id in names]
    for one in sorted(asked, key=lambda one: (names[one.organisation_id], one.id)):
        if one.signed_at is None and latest is not None and latest.consortium == dossier.row.consortium:
            what = Text("waits", "sign_off", number=latest.number, partner=names[one.organisation_id]).kept
            yield Obligation(Waiting.SIGN_OFF, one.id, what, organisation_id=one.organisation_id)


def _conditions(present: Present) -> Iterator[Obligation]:
    for condition in open_conditions(present.dossier.read, present.dossier.row.id):
        title = present.dossier.playbook.panels[condition.panel].title
        yield Obligation(
            Waiting.CONDITION, condition.id, Text("waits", "panel_condition", number=condition.number, panel=title).kept
        )


def _call_closings(present: Present) -> Iterator[Obligation]:
    key = present.dossier.row.id
    names = {one.id: one.name for one in counted_on(present.dossier.read, key)}
    for anchor in present.closings:
        what = Text("waits", "call_closing", call=names[anchor.subject_id]).kept
        yield Obligation(Waiting.CALL_CLOSING, f"{key}:{anchor.subject_id}", what, anchor=anchor)


def _risk_reviews(present: Present) -> Iterator[Obligation]:
    """Yield the next review, while the latest version has a risk register; one that was waived counts as held."""
    dossier = present.dossier
    read, key = dossier.read, dossier.row.id
    if not any(read.of(_register(dossier.playbook.deadlines[Waiting.RISK_REVIEW]), key)):
        return
    waived = sum(
        one.kind == Waiting.RISK_REVIEW.value and one.state is DeadlineState.WAIVED for one in read.of(DEADLINES, key)
    )
    number = sum(read.of(RISK_REVIEWS, key)) + waived + 1
    yield Obligation(Waiting.RISK_REVIEW, f"{key}:{number}", Text("waits", "risk_review", number=number).kept)


def _sections(present: Present) -> Iterator[Obligation]:
    """Yield each section that somebody was given; of every turn it is asked for anew."""
    dossier = present.dossier
    titles = {one.key: one.title for one in dossier.playbook.protocol}
    for one in sorted(dossier.read.of(LIVE_ASSIGNMENTS, dossier.row.id), key=lambda one: (one.due_on, one.id)):
        role = Role.PARTNER if one.organisation_id is not None else Role.PROJECT_MANAGER
        yield Obligation(
            Waiting.SECTION,
            f"{one.id}:{one.turn}",
            Text("waits", "section", section=titles.get(one.section, one.section)).kept,
            organisation_id=one.organisation_id,
            owner=Owner(role, organisation_id=one.organisation_id, person_id=one.person_id, personal=True),
            due_on=one.due_on,
        )


def _questions(present: Present) -> Iterator[Obligation]:
    """Yield each question that nobody has answered; of every turn it is asked anew."""
    dossier = present.dossier
    for one in sorted(dossier.read.of(OPEN_QUESTIONS, dossier.row.id), key=lambda one: (one.due_on, one.id)):
        owner = Owner(one.to_role, organisation_id=one.to_organisation_id, person_id=one.to_person_id, personal=True)
        what = Text("waits", "question", about=one.about[:1].lower() + one.about[1:]).kept
        subject = f"{one.id}:{one.turn}"
        at = one.to_organisation_id
        yield Obligation(Waiting.QUESTION, subject, what, organisation_id=at, owner=owner, due_on=one.due_on)


def _register(term: Term) -> Reading[object]:
    section, _, table = (term.table or "").partition(".")
    return table_of_latest(section, table)


def checklist_subject(collaboration_id: str, key: str, number: int, reopened: int) -> str:
    """Return what a checklist's deadline is about: one round of it, each time that it is to be signed."""
    return f"{collaboration_id}:{key}:{number}:{reopened}"


def _checklists(present: Present) -> Iterator[Obligation]:
    """Yield the lists that are filled in this stage and not signed off."""
    dossier = present.dossier
    rounds = {one.key: one for one in sorted(dossier.read.of(CHECKLISTS, dossier.row.id), key=lambda one: one.number)}
    for spec in dossier.playbook.checklists:
        held = rounds.get(spec.key)
        if dossier.row.stage in spec.stage and (held is None or held.state is not ChecklistState.SIGNED_OFF):
            number, reopened = (1, 0) if held is None else (held.number, held.reopened)
            subject = checklist_subject(dossier.row.id, spec.key, number, reopened)
            yield Obligation(Waiting.CHECKLIST, subject, Text("waits", "checklist", checklist=spec.title).kept)


_OBLIGATIONS = {
    Waiting.CONSENSUS: _consensus,
    Waiting.SIGN_OFF: _sign_offs,
    Waiting.CONDITION: _conditions,
    Waiting.CALL_CLOSING: _call_closings,
    Waiting.RISK_REVIEW: _risk_reviews,
    Waiting.CHECKLIST: _checklists,
    Waiting.SECTION: _sections,
    Waiting.QUESTION: _questions,
}

_READS: dict[Waiting, Sequence[Reading[object]]] = {
    Waiting.CONSENSUS: (ROUNDS,),
    Waiting.SIGN_OFF: (LATEST, ASKED),
    Waiting.CONDITION: (OPEN_CONDITIONS,),
    Waiting.CALL_CLOSING: (COUNTED_ON,),
    Waiting.RISK_REVIEW: (RISK_REVIEWS,),
    Waiting.CHECKLIST: (CHECKLISTS,),
    Waiting.SECTION: (LIVE_ASSIGNMENTS,),
    Waiting.QUESTION: (OPEN_QUESTIONS,),
}


def call_anchors(session: Session, instrument_ids: Sequence[str]) -> Sequence[Anchor]:
    """Return when these calls close, the first to close first; whoever moves one is waited for, and waits."""
    if not instrument_ids:
        return []
    query = select(Anchor).where(Anchor.kind == CALL_ANCHOR, col(Anchor.subject_id).in_(instrument_ids))
    return session.exec(query.order_by(col(Anchor.day), col(Anchor.id)).with_for_update(read=True)).all()


def event_anchors(session: Session, partnership_id: str, term: Term) -> Sequence[Anchor]:
    """Return when events of the term's kind begin that are known to the day and not cancelled, earliest first."""
    query = (
        select(Anchor)
        .join(PartnershipEvent, col(PartnershipEvent.id) == col(Anchor.subject_id))
        .where(
            Anchor.kind == term.anchor,
            Anchor.partnership_id == partnership_id,
            PartnershipEvent.kind == term.event,
            col(PartnershipEvent.cancelled_at).is_(None),
        )
    )
    return session.exec(query.order_by(col(Anchor.day), col(Anchor.id)).with_for_update(read=True, of=Anchor)).all()
