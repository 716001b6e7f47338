"""What a reviewer gets to read: the protocol and the yardstick, never somebody else's scores."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

from pydantic import Field

from documents.meta import DocumentContext, Line, Plain
from documents.parts import Completeness, Identity, Partner, Section
from states.archive.tables import DocumentKind


class DossierCriterion(Plain):
    """A criterion of the panel; its weight serves the ranking only, never the threshold."""

    name: Line
    guidance: str = ""
    threshold: Decimal = Field(ge=0, le=5)
    weight: Decimal = Field(default=Decimal(1), gt=0)


class RegionAsked(Plain):
    """A region whose authority is asked for its own position on money."""

    code: Line
    name: Line
    authority: str = ""
    partners: tuple[str, ...] = ()


class ReviewContext(DocumentContext):
    """The dossier of one review round, with an evaluation form to fill."""

    KIND: ClassVar[DocumentKind] = DocumentKind.REVIEW_DOSSIER

    identity: Identity
    round_number: int = Field(ge=1)
    panel: Line
    quorum: int = Field(ge=1)
    deadline: date
    criteria: tuple[DossierCriterion, ...] = Field(min_length=1)
    overall_threshold: Decimal = Field(ge=0)
    discussion_spread: Decimal = Field(default=Decimal("1.5"), gt=0)
    protocol_version: Line
    completeness: Completeness
    regions_asked: tuple[RegionAsked, ...] = ()
    partners: tuple[Partner, ...] = ()
    sections: tuple[Section, ...] = ()

    @property
    def overall_maximum(self) -> int:
        """The highest unweighted sum: five points for each criterion."""
        return 5 * len(self.criteria)
