"""What the partners are told of a released decision: no reviewer, no score, nothing that is still pending."""

from collections.abc import Iterator
from datetime import date
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from documents.gathering import identity_of, partners_of
from documents.languages import gettext as _
from documents.meta import Confidentiality, DocumentContext, Line, Plain
from documents.parts import Identity
from documents.review.rounds import (
    RegionSaid,
    RoundSubject,
    departure_of,
    outcome_said,
    regions_said,
    role_of,
    round_subject_of,
)
from states.archive.tables import DocumentKind
from states.collaborations.tables import MemberPart
from states.errors import Missing
from states.mail.addresses import page_address
from states.playbooks.definition import Direction
from states.review.departures import GOES_ON
from states.review.queries import decision_of
from states.review.tables import Outcome
from states.texts.titles import said


class Addressee(Plain):
    """A partner to whom the letter goes."""

    name: Line
    role: Line
    region: Line
    leads: bool = False


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
    regions: tuple[RegionSaid, ...] = Field(default=(), description="of a panel whose regions state positions")
    departure: str = Field(default="", description="how the decision departs from what the regions recommend")
    departs_because: str = Field(default="", description="why, in the words of whoever prepared it")
    reference: str = ""
    contact: str = ""
    next_steps: tuple[str, ...] = ()
    goes_back: bool = False
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
            subtitle=_("Decision, round %(number)s: %(panel)s")
            % {"number": about.row.number, "panel": said(about.panel.title)},
            issued_at=decision.released_at,
            readers=Confidentiality.PARTNERSHIP,
        ),
        identity=identity_of(about.subject, about.version, stage=False),
        addressees=tuple(
            Addressee(
                name=one.name,
                role=one.role,
                region=one.region_name,
                leads=entry.member.part is MemberPart.LEAD,
            )
            for one, entry in zip(partners_of(about.subject), about.subject.members, strict=True)
        ),
        panel=said(about.panel.title),
        round_number=about.row.number,
        protocol_version=str(about.version.number),
        version_frozen_on=about.version.frozen_at.date(),
        outcome=outcome_said(decision.outcome),
        decided_on=decision.released_at.date(),
        reasons=decision.reasons,
        conditions=tuple(decision.conditions),
        regions=regions_said(session, about),
        departure=departure_of(session, about, decision),
        departs_because=decision.departure or "",
        reference=f"{about.subject.collaboration.slug} / {about.row.panel} / {about.row.number}",
        contact=page_address(""),
        next_steps=tuple(_next_steps(about, decision.outcome)),
        goes_back=decision.outcome not in GOES_ON,
        signed_by=role_of(session, about.subject, decision.confirmed_by, about.panel.chair),
    )


def _next_steps(about: RoundSubject, outcome: Outcome) -> Iterator[str]:
    version = {"version": about.version.number}
    if outcome in GOES_ON:
        yield _("The collaboration may now move on to: %(stages)s.") % {"stages": _reached(about, Direction.FORWARD)}
        if outcome is Outcome.ENDORSE_WITH_CONDITIONS:
            yield _(
                "Each condition stays open until it is recorded as met or waived; send what shows it, by its number."
            )
        yield (
            _("The decision holds for version %(version)s of the investment protocol. A new version is a new round.")
            % version
        )
    elif outcome is Outcome.REVISE:
        yield _("The collaboration may go back to: %(stages)s.") % {"stages": _reached(about, Direction.BACK)}
        yield _("Revise the protocol along the reasons above and freeze a new version of it.")
        yield (
            _("A new version is a new round. What was approved of version %(version)s does not carry over to it.")
            % version
        )
    else:
        yield _("Version %(version)s of the investment protocol is not taken further.") % version
        yield _("It stays on record as it was reviewed, with this decision.")


def _reached(about: RoundSubject, direction: Direction) -> str:
    """Return the stages to which moves of that direction lead from the panel's own stage."""
    playbook = about.subject.playbook
    own = [key for key, stage in playbook.stages.items() if stage.panel == about.row.panel]
    ways = [move for key in own for move in playbook.moves_from(key) if move.direction is direction]
    titles = [said(playbook.stages[move.to].title) for move in ways if move.to in playbook.stages]
    return "; ".join(dict.fromkeys(titles)) or _("the next stage of its playbook")
