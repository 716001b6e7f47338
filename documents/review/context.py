"""What a reviewer gets to read: the protocol and the yardstick, never somebody else's scores."""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from documents.alignment import Glue, glue_of, stages_ahead
from documents.gathering import (
    Subject,
    completeness_of,
    content_of,
    identity_of,
    partners_of,
    protocol_meta,
    sections_of,
    subject_of,
)
from documents.languages import gettext as _
from documents.meta import Confidentiality, DocumentContext, Line, Named, Plain
from documents.parts import Completeness, Euro, Identity, Partner, Section
from documents.proposal.approvals import ReviewResult, review_of
from documents.proposal.context import printed_scenarios
from documents.proposal.regions import region_rows
from states.archive.tables import DocumentKind
from states.collaborations.blinding import blinding_over
from states.collaborations.queries import partners_ever_of
from states.crossings.dossier import dossier_of
from states.crossings.review.rounds import panel_of
from states.funding.catalogue.calendar_of_calls import StageDeadline
from states.partners.tables import Region
from states.places.exonyms import region_said
from states.protocol.content import table_rows
from states.protocol.definition import ColumnKind
from states.protocol.queries import version_by_id
from states.protocol.tables import ProtocolVersion
from states.review.definition import Phase
from states.review.queries import released_decisions, round_by_id, rounds_of
from states.review.seats import declare_by
from states.review.tables import ReviewRound
from states.texts.titles import said


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


class RegionMoney(Plain):
    """One region, EUR: cost at its sites, what its programmes pay, grants to partners there; None: not known yet."""

    name: Line
    code: Line
    spent: Euro = Decimal("0.00")
    pays: Euro | None = None
    gets: Euro | None = None


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
    phases: tuple[Phase, ...] = ()
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
    regions_money: tuple[RegionMoney, ...] = ()
    reviewed: ReviewResult | None = Field(default=None, description="what the scoring panel decided on this version")
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
    stages = [StageDeadline(said(panel.title), opened.due_on)]
    stages += stages_ahead(subject, opened.panel, after=opened.due_on)
    asked = [region for region in subject.regions if region.id in opened.asked_regions]
    whole = ReviewContext(
        meta=protocol_meta(
            subject,
            version,
            kind=ReviewContext.KIND,
            subtitle=_("Dossier for round %(number)s: %(panel)s")
            % {"number": opened.number, "panel": said(panel.title)},
            issued_at=opened.opened_at,
            confidentiality=Confidentiality.REVIEWERS,
        ),
        identity=identity,
        round_number=opened.number,
        panel=said(panel.title),
        quorum=panel.quorum,
        deadline=opened.due_on,
        declare_by=declare_by(opened, panel, seated_on=opened.opened_at.date()),
        lookback=panel.lookback,
        phases=tuple(panel.phases),
        spread=panel.spread,
        comment=panel.comment,
        blind=panel.blind,
        criteria=tuple(
            DossierCriterion(name=said(criterion.title), threshold=criterion.threshold, weight=criterion.weight)
            for criterion in panel.criteria
        ),
        maximum=panel.maximum,
        step=panel.step,
        overall_threshold=panel.overall,
        protocol_version=str(version.number),
        completeness=completeness_of(sections),
        regions_asked=tuple(_asked(region, partners) for region in asked),
        regions_money=_money(session, subject, asked, version) if asked else (),
        reviewed=_reviewed(session, subject, opened) if asked else None,
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
    there = tuple(partner.name for partner in partners if partner.region_name == region_said(region.name, region.codes))
    return RegionAsked(code=", ".join(region.codes), name=region_said(region.name, region.codes), partners=there)


def _reviewed(session: Session, subject: Subject, opened: ReviewRound) -> ReviewResult | None:
    """Return the last decision of a scoring panel that was released on the version of this round before it opened."""
    scored = [
        one
        for one in rounds_of(session, [subject.collaboration.id])
        if one.protocol_version_id == opened.protocol_version_id and one.opened_at < opened.opened_at
    ]
    decided = released_decisions(session, [one.id for one in scored])
    found = (review_of(session, subject, one, decided[one.id]) for one in reversed(scored) if one.id in decided)
    return next((one for one in found if one is not None), None)


def _money(
    session: Session, subject: Subject, asked: Sequence[Region], version: ProtocolVersion
) -> tuple[RegionMoney, ...]:
    """Return what each region pays and gets by the chosen scenario; without one, the cost that the protocol states."""
    dossier = dossier_of(session, subject.collaboration, "bankability")
    chosen = next((one for one in printed_scenarios(session, subject, dossier) if one.chosen), None)
    if chosen is not None:
        rows = {row.name: row for row in region_rows(chosen, asked, (), None)}
        return tuple(
            RegionMoney(name=row.name, code=row.code, spent=row.spent, pays=row.pays, gets=row.gets)
            for row in rows.values()
        )
    costs = list(_costs(subject, version))
    return tuple(
        RegionMoney(
            name=region_said(region.name, region.codes),
            code=", ".join(region.codes),
            spent=sum((cost for site, cost in costs if site.startswith(tuple(region.codes))), Decimal("0.00")),
        )
        for region in asked
    )


def _costs(subject: Subject, version: ProtocolVersion) -> Iterator[tuple[str, Decimal]]:
    """Yield site and amount of each row of the protocol's first table that has both."""
    content = content_of(version)
    for section in subject.playbook.protocol:
        for field in section.fields:
            sites = [column.key for column in field.columns if column.kind is ColumnKind.NUTS]
            amounts = [column.key for column in field.columns if column.kind is ColumnKind.MONEY]
            if sites and amounts:
                for row in table_rows(content, section.key, field.key):
                    if row.get(sites[0]) and row.get(amounts[0]):
                        yield row[sites[0]], Decimal(row[amounts[0]])
                return
