"""What waits in a collaboration beside its stage and its seats, as facts and playbook have it now."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, col, select

from states.collaborations.queries import MemberEntry, members_of
from states.collaborations.tables import Collaboration
from states.deadlines.kinds import Waiting
from states.deadlines.tables import Anchor, Deadline, DeadlineState
from states.funding.catalogue.calls import CALL_ANCHOR
from states.funding.queries import calls_of
from states.partners.tables import PartnershipEvent
from states.playbooks.deadline_terms import Term
from states.playbooks.definition import Playbook, Stage, StageKind
from states.protocol.queries import latest_versions, risk_reviews_of, sign_offs_of
from states.protocol.tables import ProtocolVersion
from states.review.definition import Phase
from states.review.queries import open_conditions_of, rounds_of
from states.review.tables import RoundState
from states.rights.access import Role


@dataclass(frozen=True, slots=True)
class Wait:
    """One thing that waits: for whom by organisation where it is one, who presides, and the date it hangs on."""

    kind: Waiting
    subject_id: str
    what: str
    organisation_id: str | None = None
    chair: Role | None = None
    anchor: Anchor | None = None


@dataclass(frozen=True, slots=True)
class Case:
    """A collaboration under its playbook, with its members, its latest version, and every deadline it has had."""

    session: Session
    row: Collaboration
    playbook: Playbook
    members: Sequence[MemberEntry]
    version: ProtocolVersion | None
    deadlines: Sequence[Deadline]

    @property
    def stage(self) -> Stage:
        return self.playbook.stages[self.row.stage]


def case_of(session: Session, row: Collaboration, *, playbook: Playbook) -> Case:
    """Read what is to be known of a collaboration."""
    return Case(
        session,
        row,
        playbook,
        members_of(session, [row.id])[row.id],
        latest_versions(session, [row.id]).get(row.id),
        session.exec(select(Deadline).where(Deadline.collaboration_id == row.id).order_by(col(Deadline.id))).all(),
    )


def waits_of(case: Case) -> list[Wait]:
    """Return what waits now: nothing outside active stages, and nothing that entering the present stage has ended."""
    if case.stage.kind is not StageKind.ACTIVE:
        return []
    return [
        wait
        for kind, term in case.playbook.deadlines.items()
        if kind in _WAITS and case.row.stage not in term.done_in
        for wait in _WAITS[kind](case)
    ]


def _consensus(case: Case) -> Iterator[Wait]:
    """Yield the round of this stage that was closed while the collaboration stood here, and is not agreed on yet."""
    of_panel = [one for one in rounds_of(case.session, [case.row.id]) if one.panel == case.stage.panel]
    for last in of_panel[-1:]:
        closed = last.state is RoundState.CLOSED and last.phase is Phase.CONSENSUS
        if closed and last.closed_at is not None and last.closed_at >= case.row.stage_since:
            chair = case.playbook.panels[last.panel].chair
            yield Wait(Waiting.CONSENSUS, last.id, f"consensus of round {last.number}", chair=chair)


def _sign_offs(case: Case) -> Iterator[Wait]:
    present = {entry.organisation.id for entry in case.members}
    for row, organisation in sign_offs_of(case.session, case.version.id) if case.version else []:
        if row.signed_at is None and organisation.id in present and case.version is not None:
            what = f"sign-off of version {case.version.number} by {organisation.name}"
            yield Wait(Waiting.SIGN_OFF, row.id, what, organisation_id=organisation.id)


def _conditions(case: Case) -> Iterator[Wait]:
    for condition, opened in open_conditions_of(case.session, case.row.id):
        title = case.playbook.panels[opened.panel].title
        yield Wait(Waiting.CONDITION, condition.id, f"condition {condition.number} of the {title}")


def _call_closings(case: Case) -> Iterator[Wait]:
    calls = {call.id: call for call in calls_of(case.session, case.row.id)}
    for anchor in call_anchors(case.session, list(calls)):
        what = f"closing of {calls[anchor.subject_id].name}"
        yield Wait(Waiting.CALL_CLOSING, f"{case.row.id}:{anchor.subject_id}", what, anchor=anchor)


def call_anchors(session: Session, instrument_ids: Sequence[str]) -> Sequence[Anchor]:
    """Return when these calls close, the first to close first; whoever moves one is waited for, and waits."""
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


def _risk_reviews(case: Case) -> Iterator[Wait]:
    """Yield the next review, while the latest version has a risk register; one that was waived counts as held."""
    section, _, field = (case.playbook.deadlines[Waiting.RISK_REVIEW].table or "").partition(".")
    content = case.version.content.get(section) if case.version is not None else None
    if not isinstance(content, Mapping) or not content.get(field):
        return
    waived = sum(one.kind == Waiting.RISK_REVIEW.value and one.state is DeadlineState.WAIVED for one in case.deadlines)
    number = len(risk_reviews_of(case.session, case.row.id)) + waived + 1
    yield Wait(Waiting.RISK_REVIEW, f"{case.row.id}:{number}", f"risk review {number}")


_WAITS = {
    Waiting.CONSENSUS: _consensus,
    Waiting.SIGN_OFF: _sign_offs,
    Waiting.CONDITION: _conditions,
    Waiting.CALL_CLOSING: _call_closings,
    Waiting.RISK_REVIEW: _risk_reviews,
}
