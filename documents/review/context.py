"""What a reviewer gets to read: the protocol and the yardstick, never somebody else's scores."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from documents.alignment import Glue, glue_of, stages_ahead
from documents.gathering import (
    Subject,
    completeness_of,
    identity_of,
    partners_of,
    protocol_meta,
    sections_of,
    subject_of,
)
from documents.meta import Confidentiality, DocumentContext, Line, Named, Plain
from documents.parts import Completeness, Identity, Partner, Section
from states.archive.tables import DocumentKind
from states.collaborations.blinding import blinding_over
from states.collaborations.queries import partners_ever_of
from states.crossings.review.rounds import panel_of
from states.funding.catalogue.calendar_of_calls import StageDeadline
from states.partners.tables import Region
from states.protocol.queries import version_by_id
from states.review.queries import round_by_id
from states.review.seats import declare_by


class DossierCriterion(Plain):
    """A criterion of the panel; its weight serves the ranking only, never the threshold."""

    name: Line
    guidance: str = ""
    threshold: Decimal = Field(ge=0)
    weight: Decimal = Field(default=Decimal(1), gt=0)


class RegionAsked(Plain):
    """A region whose authority is asked for its own position on money."""

    code: Line
    name: Line
    authority: str = ""
    partners: tuple[Named, ...] = ()


class ReviewContext(DocumentContext):
    """The dossier of one review round, with an evaluation form to fill."""

    KIND: ClassVar[DocumentKind] = DocumentKind.REVIEW_DOSSIER

    identity: Identity
    round_number: int = Field(ge=1)
    panel: Line
    quorum: int = Field(ge=1)
    deadline: date
    declare_by: date
    lookback: int = Field(default=3, ge=0, description="years in which a tie to a partner has to be declared")
    phases: tuple[str, ...] = ()
    spread: Decimal = Field(default=Decimal("1.5"), ge=0, description="points; more than that must be discussed")
    comment: int = Field(default=0, ge=0, description="characters of a comment at least, per criterion")
    blind: bool = Field(default=False, description="partners appear by letter until the evaluations are in")
    criteria: tuple[DossierCriterion, ...] = Field(default=(), description="none where the panel states positions")
    maximum: Decimal = Field(default=Decimal(5), gt=0, description="points of one criterion")
    step: Decimal = Field(default=Decimal("0.5"), gt=0)
    overall_threshold: Decimal = Field(default=Decimal(0), ge=0)
    protocol_version: Line
    completeness: Completeness
    regions_asked: tuple[RegionAsked, ...] = ()
    glue: Glue | None = Field(default=None, description="calls and criteria to align, where regions are asked")
    partners: tuple[Partner, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def overall_maximum(self) -> Decimal:
        """The highest unweighted sum of points."""
        return self.maximum * len(self.criteria)


def gather(session: Session, *, subject_id: str) -> ReviewContext:
    """Read the dossier of a review round, by the round's id, without anybody's answers; raise `Missing`."""
    opened = round_by_id(session, subject_id)
    version = version_by_id(session, opened.protocol_version_id)
    subject = subject_of(session, opened.collaboration_id)
    panel = panel_of(session, opened)
    identity, partners = identity_of(subject, version, stage=False), partners_of(subject)
    sections = sections_of(subject.playbook, version)
    stages = [StageDeadline(panel.title, opened.due_on)]
    stages += stages_ahead(subject, opened.panel, after=opened.due_on)
    asked = [region for region in subject.regions if region.id in opened.asked_regions]
    whole = ReviewContext(
        meta=protocol_meta(
            subject,
            version,
            kind=ReviewContext.KIND,
            subtitle=f"Dossier for round {opened.number} of the {panel.title}",
            issued_at=opened.opened_at,
            confidentiality=Confidentiality.REVIEWERS,
        ),
        identity=identity,
        round_number=opened.number,
        panel=panel.title,
        quorum=panel.quorum,
        deadline=opened.due_on,
        declare_by=declare_by(opened, panel, seated_on=opened.opened_at.date()),
        lookback=panel.lookback,
        phases=tuple(phase.value for phase in panel.phases),
        spread=panel.spread,
        comment=panel.comment,
        blind=panel.blind,
        criteria=tuple(
            DossierCriterion(name=criterion.title, threshold=criterion.threshold, weight=criterion.weight)
            for criterion in panel.criteria
        ),
        maximum=panel.maximum,
        step=panel.step,
        overall_threshold=panel.overall,
        protocol_version=str(version.number),
        completeness=completeness_of(sections),
        regions_asked=tuple(_asked(region, partners) for region in asked),
        glue=glue_of(session, subject, asked, on=opened.opened_at.date(), stages=stages) if asked else None,
        partners=partners,
        sections=sections,
    )
    return _blind(session, subject, whole) if panel.blind else whole


def _blind(session: Session, subject: Subject, whole: ReviewContext) -> ReviewContext:
    """Return the dossier with the partners by label; a site or a contribution would tell who they are."""
    row = subject.collaboration
    shown = blinding_over(row, partners_ever_of(session, [row.id])[row.id]).over(whole)
    bare = {"site_nuts3": "", "site_name": "", "commitment": ""}
    partners = sorted(
        (one.model_copy(update=bare) for one in shown.partners), key=lambda one: (len(one.name), one.name)
    )
    return shown.model_copy(update={"partners": tuple(partners)})


def _asked(region: Region, partners: tuple[Partner, ...]) -> RegionAsked:
    there = tuple(partner.name for partner in partners if partner.region_name == region.name)
    return RegionAsked(code=", ".join(region.codes), name=region.name, partners=there)
