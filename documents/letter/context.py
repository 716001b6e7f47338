"""What the partners are told of a released decision: no reviewer, no score, nothing that is still pending."""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from documents.gathering import identity_of, partners_of
from documents.meta import Confidentiality, DocumentContext, Line, Plain
from documents.parts import Identity
from documents.review.rounds import OUTCOMES, RoundSubject, role_of, round_subject_of
from states.archive.tables import DocumentKind
from states.errors import Missing
from states.playbooks.definition import Direction
from states.review.queries import decision_of
from states.review.tables import Outcome

_GOES_ON = frozenset({Outcome.ENDORSE, Outcome.ENDORSE_WITH_CONDITIONS})


class Addressee(Plain):
    """A partner to whom the letter goes."""

    name: Line
    role: Line
    region: Line


class LetterContext(DocumentContext):
    """The decision on one round as the partners receive it; it has no field for a reviewer or a score."""

    KIND: ClassVar[DocumentKind] = DocumentKind.DECISION_LETTER

    identity: Identity
    addressees: tuple[Addressee, ...] = ()
    panel: Line
    round_number: int = Field(ge=1)
    protocol_version: Line
    version_frozen_on: date
    outcome: Line
    decided_on: date
    reasons: Line
    conditions: tuple[str, ...] = ()
    next_steps: tuple[str, ...] = ()
    signed_by: Line = Field(description="role of whoever confirmed the decision")


def gather(session: Session, *, subject_id: str) -> LetterContext:
    """Read the letter on a released decision, by the round's id; raise `Missing` while it is pending."""
    about = round_subject_of(session, subject_id)
    decision = decision_of(session, subject_id)
    if decision is None or decision.released_at is None or decision.confirmed_by is None:
        raise Missing("released_decision_of_review_round", subject_id)
    return LetterContext(
        meta=about.meta(
            LetterContext.KIND,
            subtitle=f"Decision of the {about.panel.title}, round {about.row.number}",
            issued_at=decision.released_at,
            readers=Confidentiality.PARTNERSHIP,
        ),
        identity=identity_of(about.subject, about.version, stage=False),
        addressees=tuple(
            Addressee(name=one.name, role=one.role, region=one.region_name) for one in partners_of(about.subject)
        ),
        panel=about.panel.title,
        round_number=about.row.number,
        protocol_version=str(about.version.number),
        version_frozen_on=about.version.frozen_at.date(),
        outcome=OUTCOMES[decision.outcome],
        decided_on=decision.released_at.date(),
        reasons=decision.reasons,
        conditions=tuple(decision.conditions),
        next_steps=tuple(_next_steps(about, decision.outcome)),
        signed_by=role_of(session, about.subject, decision.confirmed_by, about.panel.chair),
    )


def _next_steps(about: RoundSubject, outcome: Outcome) -> Iterator[str]:
    version = about.version.number
    if outcome in _GOES_ON:
        yield f"The collaboration may now move on to: {_reached(about, Direction.FORWARD)}."
        if outcome is Outcome.ENDORSE_WITH_CONDITIONS:
            yield "Each condition stays open until it is recorded as met or waived; send what shows it, by its number."
        yield f"The decision holds for version {version} of the investment protocol. A new version is a new round."
    elif outcome is Outcome.REVISE:
        yield f"The collaboration may go back to: {_reached(about, Direction.BACK)}."
        yield "Revise the protocol along the reasons above and freeze a new version of it."
        yield f"A new version is a new round. What was approved of version {version} does not carry over to it."
    else:
        yield f"Version {version} of the investment protocol is not taken further."
        yield "It stays on record as it was reviewed, with this decision."


def _reached(about: RoundSubject, direction: Direction) -> str:
    """Return the stages to which moves of that direction lead from the panel's own stage."""
    playbook = about.subject.playbook
    own = [key for key, stage in playbook.stages.items() if stage.panel == about.row.panel]
    ways = [move for key in own for move in playbook.moves_from(key) if move.direction is direction]
    titles = [playbook.stages[move.to].title for move in ways if move.to in playbook.stages]
    return "; ".join(dict.fromkeys(titles)) or "the next stage of its playbook"
