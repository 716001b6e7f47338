"""Panel minutes: who sat by role, conflicts, quorum, scores or positions, the ranking, the decision."""

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import ClassVar, Literal
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, Field
from sqlmodel import Session

from documents.alignment import Glue, glue_of, stages_ahead
from documents.formats import DASH, money, percent, short_day
from documents.gathering import identity_of
from documents.languages import gettext as _
from documents.languages import marked
from documents.meta import Confidentiality, DocumentContext, Line, Plain
from documents.parts import Identity
from documents.proposal.approvals import RegionalPosition, printed_position
from documents.review.rounds import (
    RoundStanding,
    RoundSubject,
    Scores,
    departure_from_scores,
    departure_of,
    numbered_seats,
    outcome_said,
    role_of,
    round_standing,
    round_subject_of,
    scores_of,
)
from documents.words import word
from states.archive.tables import DocumentKind
from states.crossings.review.calibration import ranking_of
from states.errors import Missing
from states.places.exonyms import region_said
from states.review.conflicts.tables import ConflictKind, Ruling
from states.review.definition import PanelKind, Phase
from states.review.queries import (
    consensus_of,
    decision_of,
    declarations_of,
    evaluations_of,
    minute_of,
    positions_of,
    seat_changes_of,
    submissions_of,
)
from states.review.ranking import BY_LESS_DEVELOPED, BY_POINTS, BY_SUBMISSION
from states.review.recommendation import recommend
from states.review.scoring import PanelStatus, panel_status
from states.review.tables import Decision, SeatState
from states.rights.access import Role
from states.texts.titles import said

# Minutes write times by the clock of the Union's programmes.
ZONE = "Europe/Brussels"


class SeatLine(Plain):
    """A seat that somebody had in the round; the person appears by role and number."""

    number: int = Field(ge=1)
    role: Line
    region: str = ""
    why: tuple[str, ...] = ()
    invited_at: AwareDatetime
    answered_at: AwareDatetime | None = None
    state: SeatState
    left_at: AwareDatetime | None = None
    left_because: str = ""


class DeclarationLine(Plain):
    """What the holder of a seat declared, and what was ruled on it."""

    seat: int = Field(ge=1)
    kind: ConflictKind
    reason: str = ""
    declared_at: AwareDatetime
    ruling: Ruling
    ruling_reason: str = ""
    ruled_by: str = ""
    ruled_at: AwareDatetime | None = None


class SeatChangeLine(Plain):
    """A change of seats by hand, with its reason."""

    seat: int | None = Field(default=None, description="none where the person never came to sit")
    seated: bool
    reason: Line
    by_role: Line
    at: AwareDatetime


class MinuteNote(Plain):
    """What the panel noted."""

    text: Line
    by_role: Line
    at: AwareDatetime


class RankLine(Plain):
    """A place in the panel's ranking; only the dossier of these minutes shows its points."""

    rank: int = Field(ge=1)
    this: bool
    points: Decimal | None = None
    decided_by: str = Field(default="", description="the rule that put it behind the one before")


class Difference(Plain):
    """A question on which the regions do not say the same."""

    question: Line
    answers: tuple[str, ...] = Field(min_length=2, description="each with the regions that gave it")


class Recommended(Plain):
    """What the positions recommend by the rules of the field; the chair is not bound by it."""

    outcome: Line
    conditions: tuple[str, ...] = ()


class Act(Plain):
    """Who did something, by role, and when."""

    what: Line
    by_role: Line
    at: AwareDatetime

    @property
    def there(self) -> datetime:
        """When it was by the clock of `ZONE`."""
        return self.at.astimezone(ZoneInfo(ZONE))


class AgendaItem(Plain):
    """What the panel dealt with, in the order of its phases; without a day where it was not done."""

    what: Line
    done_on: date | None = None


class DecisionFacts(Plain):
    """A released decision with the hands that it went through."""

    outcome: Line
    reasons: Line
    conditions: tuple[str, ...] = ()
    departs_because: str = Field(default="", description="why, in the words of whoever prepared it")
    departures: tuple[str, ...] = Field(default=(), description="from the scores or from what the regions recommend")
    acts: tuple[Act, ...] = ()


class MinutesContext(DocumentContext):
    """The minutes of a panel on one round; people appear by role and by the number of their seat."""

    KIND: ClassVar[DocumentKind] = DocumentKind.PANEL_MINUTES

    identity: Identity
    round: RoundStanding
    chair: str = ""
    agenda: tuple[AgendaItem, ...] = ()
    seats: tuple[SeatLine, ...] = ()
    declarations: tuple[DeclarationLine, ...] = ()
    changes: tuple[SeatChangeLine, ...] = ()
    missing: tuple[str, ...] = ()
    status: PanelStatus | Literal[""] = Field(
        default="", description="of the panel by its single evaluations; none for positions"
    )
    scores: Scores | None = None
    positions: tuple[RegionalPosition, ...] = ()
    differences: tuple[Difference, ...] = ()
    recommended: Recommended | None = None
    sits: bool = Field(default=True, description="whether the panel compares dossiers in a sitting")
    glue: Glue | None = Field(default=None, description="calls and criteria to align, where regions were asked")
    note: MinuteNote | None = None
    ranking: tuple[RankLine, ...] = ()
    tie_break: tuple[Line, ...] = ()
    decision: DecisionFacts | None = None

    @property
    def present(self) -> list[SeatLine]:
        """The seats whose answers count."""
        return [one for one in self.seats if one.state is SeatState.ACTIVE and one.answered_at]

    @property
    def absent(self) -> list[SeatLine]:
        """The seats in the round that did not answer."""
        return [one for one in self.seats if one.state is SeatState.ACTIVE and not one.answered_at]

    @property
    def left(self) -> list[SeatLine]:
        """The seats that were left or taken away."""
        return [one for one in self.seats if one.state is not SeatState.ACTIVE]


def gather(session: Session, *, subject_id: str) -> MinutesContext:
    """Read the minutes of a closed round, by its id; raise `Missing` while it still collects answers."""
    about = round_subject_of(session, subject_id)
    row, panel = about.row, about.panel
    if row.closed_at is None:
        raise Missing("closed_review_round", subject_id)
    decision, minute = decision_of(session, row.id), minute_of(session, row.id)
    instants = (decision.released_at if decision else None, minute.recorded_at if minute else None, row.closed_at)
    given = [one.scores for one in evaluations_of(session, row.id)]
    illustrative = about.subject.collaboration.illustrative
    positions = tuple(
        printed_position(one, region, illustrative=illustrative) for one, region in positions_of(session, row.id)
    )
    closed = row.closed_at.date()
    asked = [region for region in about.subject.regions if region.id in row.asked_regions]
    stages = stages_ahead(about.subject, row.panel, after=closed)
    titles = {one.key: said(one.title) for one in panel.criteria}
    return MinutesContext(
        meta=about.meta(
            MinutesContext.KIND,
            subtitle=_("Minutes of round %(number)s: %(panel)s") % {"number": row.number, "panel": said(panel.title)},
            issued_at=max(instant for instant in instants if instant is not None),
            readers=Confidentiality.REVIEWERS,
        ),
        identity=identity_of(about.subject, about.version, stage=False),
        round=round_standing(session, about),
        chair=word(panel.chair),
        agenda=tuple(agenda_items(session, about)),
        seats=seat_lines(session, about),
        declarations=declaration_lines(session, about),
        changes=seat_changes(session, about),
        missing=missing_answers(session, about),
        status=panel_status(given, awaited=0, panel=panel) if titles else "",
        scores=scores_of(session, about),
        positions=positions,
        differences=differences(positions),
        recommended=recommended(session, about),
        sits=Phase.PANEL in panel.phases,
        glue=glue_of(session, about.subject, asked, on=closed, stages=stages) if asked else None,
        note=minute_note(session, about),
        ranking=rank_lines(session, about),
        tie_break=tuple(titles[key] for key in panel.tie_break),
        decision=decision_facts(session, about),
    )


def seat_lines(session: Session, about: RoundSubject) -> tuple[SeatLine, ...]:
    """Return every seat of the round, also those that were left, in the order of invitation."""
    answered = {one.person_id: one.submitted_at for one in reversed(submissions_of(session, about.row.id))}
    answered |= {one.person_id: one.stated_at for one, _region in positions_of(session, about.row.id)}
    regions = {region.id: region_said(region.name, region.codes) for region in about.subject.regions}
    return tuple(
        SeatLine(
            number=number,
            role=word(about.panel.members),
            region=regions.get(seat.region_id or "", ""),
            why=tuple(map(_why_said, seat.why)),
            invited_at=seat.invited_at,
            answered_at=answered.get(seat.person_id),
            state=seat.state,
            left_at=seat.left_at,
            left_because=seat.left_because,
        )
        for number, seat, _person in numbered_seats(session, about.row.id)
    )


# What an assignment writes to a seat (`states.review.assignment`), as it is kept, and as it is said.
_WHY = (
    (re.compile(r"The seat stands already\."), marked("The seat stands already.")),
    (re.compile(r"Decided by hand\."), marked("Decided by hand.")),
    (
        re.compile(r"Knows (?P<known>\d+) of (?P<asked>\d+) fields asked for\."),
        marked("Fields asked for: %(asked)s, known: %(known)s."),
    ),
    (
        re.compile(r"Knows (?P<known>\d+) of (?P<asked>\d+) fields asked for: (?P<fields>.+)\."),
        marked("Fields asked for: %(asked)s, known: %(known)s (%(fields)s)."),
    ),
    (
        re.compile(r"Brings the required expertise: (?P<field>.+)\."),
        marked("Brings the required expertise: %(field)s."),
    ),
)


def _why_said(kept: str) -> str:
    """Say why somebody has a seat; what a person wrote stays as it is."""
    found = ((pattern.fullmatch(kept), text) for pattern, text in _WHY)
    return next((_(text) % match.groupdict() for match, text in found if match), kept)


def declaration_lines(session: Session, about: RoundSubject) -> tuple[DeclarationLine, ...]:
    """Return every declaration with its ruling, by seat."""
    numbers = {seat.person_id: number for number, seat, _person in numbered_seats(session, about.row.id)}
    rows = sorted(declarations_of(session, about.row.id), key=lambda one: (numbers[one.person_id], one.number))
    return tuple(
        DeclarationLine(
            seat=numbers[one.person_id],
            kind=one.kind,
            reason=one.reason,
            declared_at=one.declared_at,
            ruling=one.ruling,
            ruling_reason=one.ruling_reason,
            ruled_by=role_of(session, about.subject, one.ruled_by, about.panel.chair) if one.ruled_by else "",
            ruled_at=one.ruled_at,
        )
        for one in rows
    )


def seat_changes(session: Session, about: RoundSubject) -> tuple[SeatChangeLine, ...]:
    """Return what was changed by hand, oldest first."""
    numbers = {seat.person_id: number for number, seat, _person in numbered_seats(session, about.row.id)}
    return tuple(
        SeatChangeLine(
            seat=numbers.get(one.person_id),
            seated=one.seated,
            reason=one.reason,
            by_role=role_of(session, about.subject, one.changed_by, Role.IAG_SECRETARY, about.panel.chair),
            at=one.changed_at,
        )
        for one in seat_changes_of(session, about.row.id)
    )


def missing_answers(session: Session, about: RoundSubject) -> tuple[str, ...]:
    """Return what was missing when the round was closed; people appear by the number of their seat."""
    seats = {
        person.label: _("the answer of seat %(number)s") % {"number": number}
        for number, _seat, person in numbered_seats(session, about.row.id)
    }
    nobody = {
        f"{region.name}: nobody is appointed": _("%(region)s: nobody is appointed")
        % {"region": region_said(region.name, region.codes)}
        for region in about.subject.regions
    }
    return tuple((seats | nobody).get(one, one) for one in about.row.missing)


def minute_note(session: Session, about: RoundSubject) -> MinuteNote | None:
    """Return what the panel noted, if it did."""
    row = minute_of(session, about.row.id)
    if row is None:
        return None
    by_role = role_of(session, about.subject, row.recorded_by, Role.IAG_SECRETARY, about.panel.chair)
    return MinuteNote(text=row.text, by_role=by_role, at=row.recorded_at)


_DECIDED_BY = {
    "thresholds": marked("thresholds"),
    BY_POINTS: marked("weighted points"),
    BY_LESS_DEVELOPED: marked("participation of a less developed region"),
    BY_SUBMISSION: marked("earlier submission"),
    "nothing: they are equal": marked("nothing: they are equal"),
}


def rank_lines(session: Session, about: RoundSubject) -> tuple[RankLine, ...]:
    """Return the ranking as it stood when the decision was prepared; other dossiers appear without title and points.

    Who may read these minutes may be in conflict with another dossier, and must not learn its scores here.
    """
    decision = decision_of(session, about.row.id)
    if decision is None or decision.released_at is None or about.panel.kind is not PanelKind.SCORES:
        return ()
    ranked = ranking_of(
        session, about.subject.partnership.id, about.row.panel, panel=about.panel, until=decision.prepared_at
    )
    own = about.row.collaboration_id
    return tuple(
        RankLine(
            rank=one.rank,
            this=one.contender.collaboration_id == own,
            points=one.points if one.contender.collaboration_id == own else None,
            decided_by=_(_DECIDED_BY[one.decided_by]) if one.decided_by in _DECIDED_BY else said(one.decided_by),
        )
        for one in ranked
    )


def decision_facts(session: Session, about: RoundSubject) -> DecisionFacts | None:
    """Return the decision once it is released: until then it is pending, and nobody reads it here."""
    row = decision_of(session, about.row.id)
    if row is None or row.released_at is None:
        return None
    return DecisionFacts(
        outcome=outcome_said(row.outcome),
        reasons=row.reasons,
        conditions=tuple(row.conditions),
        departures=tuple(
            filter(
                None,
                (departure_from_scores(session, about, row), departure_of(session, about, row)),
            )
        ),
        departs_because=row.departure or "",
        acts=tuple(_acts(session, about, row)),
    )


def _acts(session: Session, about: RoundSubject, row: Decision) -> Iterator[Act]:
    office = (Role.IAG_SECRETARY, about.panel.chair)
    for what, person_id, at, likely in (
        (_("Prepared"), row.prepared_by, row.prepared_at, office),
        (_("Confirmed"), row.confirmed_by, row.confirmed_at, (about.panel.chair,)),
        (_("Released"), row.released_by, row.released_at, office),
    ):
        if person_id is not None and at is not None:
            yield Act(what=what, by_role=role_of(session, about.subject, person_id, *likely), at=at)


def agenda_items(session: Session, about: RoundSubject) -> Iterator[AgendaItem]:
    """Yield what the panel dealt with, as its phases ask for it, with the day on which each was done."""
    row, decision = about.row, decision_of(session, about.row.id)
    declared = [one.declared_at.date() for one in declarations_of(session, row.id)]
    yield AgendaItem(what=_("Declarations of interest, and rulings on them"), done_on=max(declared, default=None))
    closed = row.closed_at.date() if row.closed_at else None
    scores = about.panel.kind is PanelKind.SCORES
    yield AgendaItem(what=_("Single evaluations") if scores else _("Positions of the regions"), done_on=closed)
    if Phase.CONSENSUS in about.panel.phases:
        agreed = consensus_of(session, row.id)
        yield AgendaItem(
            what=_("Discussion and consensus of the reviewers"), done_on=agreed.recorded_at.date() if agreed else None
        )
    if Phase.PANEL in about.panel.phases:
        note = minute_of(session, row.id)
        yield AgendaItem(
            what=_("Sitting of the panel: dossiers beside each other"),
            done_on=note.recorded_at.date() if note else None,
        )
    released = decision.released_at.date() if decision and decision.released_at else None
    yield AgendaItem(what=_("Decision"), done_on=released)


_QUESTIONS: tuple[tuple[str, Callable[[RegionalPosition], str]], ...] = (
    (marked("Willing to put in its own money"), lambda one: word(one.willingness)),
    (marked("Fit with a priority of its strategy"), lambda one: one.s3_match),
    (marked("Instrument that could pay"), lambda one: one.instrument or _("none named")),
    (marked("Call window"), lambda one: _window(one)),
    (marked("Highest rate"), lambda one: percent(one.max_rate) if one.max_rate is not None else _("not stated")),
    (marked("Highest amount, EUR"), lambda one: money(one.amount) if one.amount is not None else _("not stated")),
    (marked("What would have to be aligned"), lambda one: "; ".join(one.alignment) or _("nothing")),
)


def _window(one: RegionalPosition) -> str:
    opens, closes = (short_day(day) if day else _("open") for day in (one.call_opens, one.call_closes))
    return f"{opens} {DASH} {closes}" if one.call_opens or one.call_closes else _("not stated")


def recommended(session: Session, about: RoundSubject) -> Recommended | None:
    """Return what the regions' positions recommend; None for a panel that scores, and where none is stated."""
    found = recommend({region.name: one for one, region in positions_of(session, about.row.id)})
    return Recommended(outcome=outcome_said(found.outcome), conditions=found.conditions) if found else None


def differences(positions: Sequence[RegionalPosition]) -> tuple[Difference, ...]:
    """Return the questions on which the regions do not all say the same, with who says what."""
    found = []
    for question, answer in _QUESTIONS:
        said: dict[str, list[str]] = {}
        for one in positions:
            said.setdefault(answer(one), []).append(one.region_name)
        if len(said) > 1:
            answers = tuple(f"{text}: {', '.join(names)}" for text, names in said.items())
            found.append(Difference(question=_(question), answers=answers))
    return tuple(found)
