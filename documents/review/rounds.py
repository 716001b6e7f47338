"""What the documents of a review round show of it: the round, seats by number, scores, the decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from pydantic import AwareDatetime, Field
from sqlmodel import Session, select

from documents.gathering import Subject, protocol_meta, subject_of
from documents.languages import gettext, marked, ngettext
from documents.meta import Confidentiality, DocumentMeta, Line, Plain
from documents.words import word
from states.archive.tables import DocumentKind
from states.crossings.review.rounds import panel_in
from states.partners.tables import Person, RoleGrant
from states.places.exonyms import region_said
from states.protocol.queries import version_by_id
from states.protocol.tables import ProtocolVersion
from states.review.definition import Panel, PanelKind
from states.review.departures import Advice, Departure, advice_of
from states.review.queries import (
    conditions_of,
    consensus_of,
    evaluations_of,
    positions_of,
    round_by_id,
    seats_of,
)
from states.review.scoring import panel_result
from states.review.tables import Decision, Outcome, ReviewRound, Seat, Willingness
from states.rights.access import Role
from states.texts.titles import said


class RoundFacts(Plain):
    """One round of one panel on one frozen version, as it was opened."""

    panel: Line
    number: int = Field(ge=1)
    protocol_version: Line
    opened_at: AwareDatetime
    due_on: date
    quorum: int = Field(ge=1)
    scores: bool = Field(description="whether the panel scores; else its members state positions")


class RoundStanding(RoundFacts):
    """A round, and how far it came."""

    closed_at: AwareDatetime | None = None
    answers: int = Field(ge=0, description="evaluations or positions that count")

    @property
    def quorate(self) -> bool:
        """Whether as many answers are in as a decision needs."""
        return self.answers >= self.quorum


class ScoredCriterion(Plain):
    """What the panel gave on one criterion, and how far apart its evaluations lie; nobody's single score."""

    name: Line
    score: Decimal = Field(ge=0)
    lowest: Decimal = Field(ge=0)
    highest: Decimal = Field(ge=0)
    threshold: Decimal = Field(ge=0)
    weight: Decimal = Field(default=Decimal(1), gt=0)

    @property
    def passed(self) -> bool:
        """Whether the score reaches the threshold; weights play no part in it."""
        return self.score >= self.threshold

    @property
    def spread(self) -> Decimal:
        """The highest less the lowest evaluation, in points."""
        return self.highest - self.lowest


class Scores(Plain):
    """The panel's scores with their thresholds; the overall ones are unweighted sums."""

    criteria: tuple[ScoredCriterion, ...] = Field(min_length=1)
    agreed: bool = Field(description="whether the reviewers agreed on them; else they are aggregated by the playbook")
    maximum: Decimal = Field(gt=0, description="points of one criterion")
    overall: Decimal = Field(ge=0)
    overall_threshold: Decimal = Field(ge=0)
    weighted: Decimal = Field(ge=0, description="for the ranking only")

    @property
    def overall_maximum(self) -> Decimal:
        """The highest unweighted sum of points."""
        return self.maximum * len(self.criteria)

    @property
    def weighted_maximum(self) -> Decimal:
        """The highest weighted sum of points."""
        return sum((self.maximum * one.weight for one in self.criteria), Decimal(0))

    @property
    def passed(self) -> bool:
        return self.overall >= self.overall_threshold and all(one.passed for one in self.criteria)


class PrintedCondition(Plain):
    """A condition of a decision, numbered as the partners know it; without a state where it is not tracked yet."""

    number: int = Field(ge=1)
    text: Line
    state: str = ""
    evidence: str = Field(default="", description="what shows that it is met, or why it is waived")
    closed_on: date | None = None


OUTCOMES = {
    Outcome.ENDORSE: marked("Endorsed"),
    Outcome.ENDORSE_WITH_CONDITIONS: marked("Endorsed with conditions"),
    Outcome.REVISE: marked("Sent back for revision"),
    Outcome.REJECT: marked("Rejected"),
}


class RegionSaid(Plain):
    """What one region answered for its own money, as others may read it: willing or not, and on what condition."""

    region: Line
    willingness: Willingness
    condition: str = ""


@dataclass(frozen=True, slots=True)
class RoundSubject:
    """A review round with all that its documents name."""

    row: ReviewRound
    subject: Subject
    panel: Panel
    version: ProtocolVersion

    def meta(self, kind: DocumentKind, *, subtitle: str, issued_at: datetime, readers: Confidentiality) -> DocumentMeta:
        """Return the metadata of a document about this round."""
        return protocol_meta(
            self.subject, self.version, kind=kind, subtitle=subtitle, issued_at=issued_at, confidentiality=readers
        )


def outcome_said(outcome: Outcome) -> str:
    """Say what was decided."""
    return gettext(OUTCOMES[outcome])


def round_subject_of(session: Session, round_id: str) -> RoundSubject:
    """Return the round with its collaboration, panel and version; raise `Missing`."""
    row = round_by_id(session, round_id)
    subject = subject_of(session, row.collaboration_id)
    panel = panel_in(subject.playbook.panels, row.panel)
    return RoundSubject(row, subject, panel, version_by_id(session, row.protocol_version_id))


def round_facts(about: RoundSubject) -> RoundFacts:
    return RoundFacts(
        panel=said(about.panel.title),
        number=about.row.number,
        protocol_version=str(about.version.number),
        opened_at=about.row.opened_at,
        due_on=about.row.due_on,
        quorum=about.panel.quorum,
        scores=about.panel.kind is PanelKind.SCORES,
    )


def round_standing(session: Session, about: RoundSubject) -> RoundStanding:
    """Return what the round is, when it was closed, and how many answers count."""
    answers = len(evaluations_of(session, about.row.id)) + len(positions_of(session, about.row.id))
    return RoundStanding(**dict(round_facts(about)), closed_at=about.row.closed_at, answers=answers)


def numbered_seats(session: Session, round_id: str) -> list[tuple[int, Seat, Person]]:
    """Return every seat that a round ever had, numbered in the order of invitation: documents name no person."""
    found = sorted(seats_of(session, round_id, every=True), key=lambda pair: (pair[0].invited_at, pair[0].id))
    return [(number, seat, person) for number, (seat, person) in enumerate(found, start=1)]


def scores_of(session: Session, about: RoundSubject) -> Scores | None:
    """Return the consensus of a round, else its evaluations as the playbook aggregates them; None without any."""
    given = [one.scores for one in evaluations_of(session, about.row.id)]
    consensus = consensus_of(session, about.row.id)
    single = panel_result(given, panel=about.panel)
    agreed = panel_result([consensus.scores], panel=about.panel) if consensus else single
    if single is None or agreed is None:
        return None
    return Scores(
        criteria=tuple(
            ScoredCriterion(
                name=said(one.criterion.title),
                score=one.score,
                lowest=min(points(given, one.criterion.key)),
                highest=max(points(given, one.criterion.key)),
                threshold=one.criterion.threshold,
                weight=one.criterion.weight,
            )
            for one in agreed.criteria
        ),
        agreed=consensus is not None,
        maximum=about.panel.maximum,
        overall=agreed.overall,
        overall_threshold=agreed.threshold,
        weighted=agreed.weighted,
    )


def points(given: Sequence[Mapping[str, str]], criterion: str) -> list[Decimal]:
    """Return what the evaluations gave on one criterion."""
    return [Decimal(one[criterion]) for one in given]


def regions_said(session: Session, about: RoundSubject) -> tuple[RegionSaid, ...]:
    """Return what each region of the round answered, by its name."""
    found = sorted(positions_of(session, about.row.id), key=lambda pair: pair[1].name)
    return tuple(
        RegionSaid(region=region_said(region.name, region.codes), willingness=one.willingness, condition=one.condition)
        for one, region in found
    )


def departure_from_scores(session: Session, about: RoundSubject, decision: Decision) -> str:
    """Say how a decision departs from the panel's scores; nothing where it does not, or where nobody scored."""
    decided = {"decided": outcome_said(decision.outcome)}
    for one in _advice(session, about).departures(decision.outcome, decision.conditions):
        if one is Departure.THRESHOLDS_MET:
            return gettext("Every threshold is met. Decided was: %(decided)s.") % decided
        if one is Departure.THRESHOLD_MISSED:
            return gettext("Not every threshold is met. Decided was: %(decided)s.") % decided
    return ""


def departure_of(session: Session, about: RoundSubject, decision: Decision) -> str:
    """Say how a decision departs from what the regions' positions recommend; nothing where it does not."""
    advice = _advice(session, about)
    found = advice.departures(decision.outcome, decision.conditions)
    if Departure.POSITIONS in found and advice.regions is not None:
        names = {"recommended": outcome_said(advice.regions.outcome), "decided": outcome_said(decision.outcome)}
        return gettext("The positions of the regions recommend: %(recommended)s. Decided was: %(decided)s.") % names
    if Departure.CONDITIONS not in found:
        return ""
    left_out = len(advice.left_out(decision.conditions))
    return ngettext(
        "%(num)s condition of a region is not among the conditions of this decision in its own words.",
        "%(num)s conditions of regions are not among the conditions of this decision in their own words.",
        left_out,
    ) % {"num": left_out}


def _advice(session: Session, about: RoundSubject) -> Advice:
    return advice_of(session, about.row, panel=about.panel)


def printed_conditions(session: Session, decision: Decision) -> tuple[PrintedCondition, ...]:
    """Return the conditions of a decision, with their state once it is released and they are tracked."""
    tracked = {one.number: one for one in conditions_of(session, decision.round_id)}
    return tuple(
        PrintedCondition(
            number=number,
            text=text,
            state=word(tracked[number].state) if number in tracked else "",
            evidence=tracked[number].evidence if number in tracked else "",
            closed_on=closed.date() if number in tracked and (closed := tracked[number].closed_at) else None,
        )
        for number, text in enumerate(decision.conditions, start=1)
    )


def role_of(session: Session, subject: Subject, person_id: str, *likely: Role) -> str:
    """Return in which role a person acted: the first of the likely ones that the person has, or ever had."""
    query = select(RoleGrant.role).where(
        RoleGrant.partnership_id == subject.partnership.id, RoleGrant.person_id == person_id
    )
    held = {Role(key) for key in session.exec(query)}
    return next((word(role) for role in (*likely, *Role) if role in held), gettext("somebody without a role"))
