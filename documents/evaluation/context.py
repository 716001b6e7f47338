"""What the report on one evaluation shows: the reviewer's scores, comments and corrections, never anybody else's."""

from decimal import Decimal
from typing import ClassVar

from pydantic import AwareDatetime, Field
from sqlmodel import Session

from documents.gathering import identity_of
from documents.languages import gettext as _
from documents.meta import Confidentiality, DocumentContext, Line, Plain
from documents.parts import Identity
from documents.review.rounds import RoundFacts, RoundSubject, numbered_seats, round_facts, round_subject_of
from documents.words import word
from states.archive.tables import DocumentKind
from states.errors import Missing
from states.review.conflicts.tables import ConflictKind, Ruling
from states.review.queries import declarations_of, submissions_of
from states.review.tables import Evaluation
from states.texts.titles import said


class EvaluationVersion(Plain):
    """One submission of the evaluation; a correction says why."""

    number: int = Field(ge=1)
    submitted_at: AwareDatetime
    reason: str = ""
    overall: Decimal = Field(ge=0)


class EarlierComment(Plain):
    """A comment that a later version of the evaluation replaced."""

    version: int = Field(ge=1)
    text: str


class EvaluatedCriterion(Plain):
    """The scores of one criterion by version, the last one valid, with its comment and those that it replaced."""

    name: Line
    threshold: Decimal = Field(ge=0)
    weight: Decimal = Field(default=Decimal(1), gt=0)
    scores: tuple[Decimal, ...] = Field(min_length=1)
    comment: str = ""
    earlier: tuple[EarlierComment, ...] = ()

    @property
    def score(self) -> Decimal:
        return self.scores[-1]

    @property
    def passed(self) -> bool:
        """Whether the valid score reaches the threshold."""
        return self.score >= self.threshold


class OwnDeclaration(Plain):
    """What the reviewer declared before the dossier opened."""

    kind: ConflictKind
    declared_at: AwareDatetime
    reason: str = ""
    ruling: Ruling


class EvaluationContext(DocumentContext):
    """The report on one reviewer's evaluation; the reviewer appears by role and seat."""

    KIND: ClassVar[DocumentKind] = DocumentKind.EVALUATION_REPORT

    identity: Identity
    round: RoundFacts
    role: Line
    seat: int = Field(ge=1)
    declarations: tuple[OwnDeclaration, ...] = ()
    versions: tuple[EvaluationVersion, ...] = Field(min_length=1)
    criteria: tuple[EvaluatedCriterion, ...] = Field(min_length=1)
    maximum: Decimal = Field(gt=0, description="points of one criterion")
    overall_threshold: Decimal = Field(ge=0)

    @property
    def overall_maximum(self) -> Decimal:
        """The highest unweighted sum of points."""
        return self.maximum * len(self.criteria)

    @property
    def weighted_maximum(self) -> Decimal:
        """The highest weighted sum of points."""
        return sum((self.maximum * one.weight for one in self.criteria), Decimal(0))

    @property
    def weighted(self) -> tuple[Decimal, ...]:
        """The weighted sum of each version, for the ranking only."""
        return tuple(
            sum((one.scores[version] * one.weight for one in self.criteria), Decimal(0))
            for version in range(len(self.versions))
        )

    @property
    def strongest(self) -> list[EvaluatedCriterion]:
        """The criteria with the highest valid score."""
        highest = max(one.score for one in self.criteria)
        return [one for one in self.criteria if one.score == highest]

    @property
    def weakest(self) -> list[EvaluatedCriterion]:
        """The criteria with the lowest valid score; none where all are equal."""
        lowest = min(one.score for one in self.criteria)
        return [one for one in self.criteria if one.score == lowest] if self.strongest != list(self.criteria) else []


def gather(session: Session, *, subject_id: str) -> EvaluationContext:
    """Read one evaluation with the versions before it, by its id; raise `Missing`."""
    row = session.get(Evaluation, subject_id)
    if row is None:
        raise Missing("evaluation", subject_id)
    about = round_subject_of(session, row.round_id)
    own = [one for one in submissions_of(session, row.round_id) if one.person_id == row.person_id]
    versions = [one for one in own if one.number <= row.number]
    return EvaluationContext(
        meta=about.meta(
            EvaluationContext.KIND,
            subtitle=_("One evaluation of round %(number)s: %(panel)s")
            % {"number": about.row.number, "panel": said(about.panel.title)},
            issued_at=row.submitted_at,
            readers=Confidentiality.REVIEWERS,
        ),
        identity=identity_of(about.subject, about.version, stage=False),
        round=round_facts(about),
        role=word(about.panel.members),
        seat=next(
            number for number, seat, _ in numbered_seats(session, row.round_id) if seat.person_id == row.person_id
        ),
        declarations=_declared(session, row),
        versions=tuple(
            EvaluationVersion(
                number=one.number,
                submitted_at=one.submitted_at,
                reason=one.reason,
                overall=sum((Decimal(score) for score in one.scores.values()), Decimal(0)),
            )
            for one in versions
        ),
        criteria=_criteria(about, versions),
        maximum=about.panel.maximum,
        overall_threshold=about.panel.overall,
    )


def _declared(session: Session, row: Evaluation) -> tuple[OwnDeclaration, ...]:
    """Return what stood declared when the evaluation was submitted: the report says nothing of what came later."""
    return tuple(
        OwnDeclaration(kind=one.kind, declared_at=one.declared_at, reason=one.reason, ruling=one.ruling)
        for one in declarations_of(session, row.round_id)
        if one.person_id == row.person_id and one.declared_at <= row.submitted_at
    )


def _criteria(about: RoundSubject, versions: list[Evaluation]) -> tuple[EvaluatedCriterion, ...]:
    *past, last = versions
    return tuple(
        EvaluatedCriterion(
            name=said(criterion.title),
            threshold=criterion.threshold,
            weight=criterion.weight,
            scores=tuple(Decimal(one.scores[criterion.key]) for one in versions),
            comment=last.comments.get(criterion.key, ""),
            earlier=tuple(
                EarlierComment(version=one.number, text=one.comments.get(criterion.key, ""))
                for one, following in zip(past, versions[1:], strict=True)
                if one.comments.get(criterion.key, "") != following.comments.get(criterion.key, "")
            ),
        )
        for criterion in about.panel.criteria
    )
