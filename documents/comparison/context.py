"""Two to five scenarios of one case side by side: sources and uses, figures, aid, what speaks against each."""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from enum import StrEnum
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session

from documents.gathering import identity_of, protocol_meta
from documents.languages import gettext
from documents.meta import Confidentiality, DocumentContext, Line, Plain
from documents.parts import Identity
from documents.proposal.aid import printed_aid
from documents.proposal.names import article_said, told
from documents.proposal.reading import CaseRead, Financed, read_case
from documents.proposal.rules import Law
from documents.proposal.scenario import Scenario
from documents.words import word
from states.archive.tables import BETWEEN, MOST_COMPARED, DocumentKind
from states.clock import today
from states.crossings.scenarios.validity import validity_of, validity_reads
from states.errors import Invalid, Missing, Refusal
from states.funding.aid.comparison import Change, compare
from states.funding.facts import FundingFacts, ScenarioFacts
from states.funding.guards import gap_at_most, scenario_fresh, scenario_legal
from states.funding.queries import scenario_by_id
from states.funding.tables import SourceKind, SourceStatus
from states.protocol.queries import latest_versions
from states.storage import Readings
from states.texts import Text
from states.texts.titles import said

FEWEST, MOST = 2, MOST_COMPARED


class Unit(StrEnum):
    """In what a measure is written."""

    EURO = "euro"
    PERCENT = "percent"
    RATIO = "ratio"


class Measure(Plain):
    """One figure of each scenario, in their order; None where it is not known. `best` is -1 for less, 1 for more."""

    key: Line
    unit: Unit = Unit.EURO
    best: int = Field(default=0, ge=-1, le=1)
    values: tuple[Decimal | None, ...]

    @property
    def differs(self) -> bool:
        """Whether the scenarios differ in it."""
        return len(set(self.values)) > 1

    def is_best(self, place: int) -> bool:
        """Whether one scenario, by its place, alone has the best value of all that are known."""
        known = [value * self.best for value in self.values if value is not None and self.best]
        mine = self.values[place]
        return len(known) > 1 and mine is not None and [mine * self.best] == [one for one in known if one == max(known)]


class Compared(Plain):
    """A scenario, what speaks against it in words, and whether rules were asked at all."""

    scenario: Scenario
    unmet: tuple[str, ...] = ()
    solved: bool
    rule_set: str = ""
    notified: bool | None = Field(default=None, description="None: no rule was asked")
    valued: str = ""


class CeilingChange(Plain):
    """A ceiling of aid that two rule sets set differently for one cost, percent; None where a set has none."""

    what: Line
    before: Decimal | None
    after: Decimal | None


class RulesCompared(Plain):
    """What another rule set changes of the case of a scenario."""

    scenario: Line
    before: Line
    after: Line
    changes: tuple[CeilingChange, ...]


class ComparisonContext(DocumentContext):
    """Scenarios of one case side by side."""

    KIND: ClassVar[DocumentKind] = DocumentKind.COMPARISON

    identity: Identity
    scenarios: tuple[Compared, ...] = Field(min_length=FEWEST, max_length=MOST)
    measures: tuple[Measure, ...]
    sources: tuple[Measure, ...]
    uses: tuple[Measure, ...]
    rules: tuple[RulesCompared, ...] = ()
    elsewhere: str = Field(default="", description="the chosen scenario, where it is none of those compared")

    @property
    def chosen(self) -> int | None:
        """The place of the chosen scenario among them."""
        return next((place for place, one in enumerate(self.scenarios) if one.scenario.chosen), None)

    @property
    def debts(self) -> tuple[bool, ...]:
        """Which of them borrow."""
        return next(tuple(map(bool, one.values)) for one in self.measures if one.key == "debt")

    @property
    def advantages(self) -> tuple[str, ...]:
        """In which measures the chosen scenario alone is the best."""
        place = self.chosen
        return () if place is None else tuple(one.key for one in self.measures if one.is_best(place))

    @property
    def drawbacks(self) -> tuple[str, ...]:
        """In which measures another one alone is the best."""
        others = [place for place in range(len(self.scenarios)) if place != self.chosen]
        if self.chosen is None:
            return ()
        return tuple(one.key for one in self.measures if any(one.is_best(place) for place in others))


def gather(session: Session, *, subject_id: str) -> ComparisonContext:
    """Read the comparison of scenarios by their ids; raise `Missing`, or `Invalid` where they are none to compare."""
    keys = list(dict.fromkeys(subject_id.split(BETWEEN)))
    rows = [scenario_by_id(session, key) for key in keys]
    if not FEWEST <= len(rows) <= MOST:
        raise Invalid("scenarios_to_compare", field="scenarios", most=MOST, count=len(rows))
    key = rows[0].collaboration_id
    for row in rows:
        if row.collaboration_id != key:
            raise Missing("scenario", row.id)
    case = read_case(session, latest_versions(session, [key])[key].id)
    found = [case.financed(session, row) for row in rows]
    chosen = next((row for row in case.rows if row.chosen), None)
    return ComparisonContext(
        meta=protocol_meta(
            case.subject,
            case.version,
            kind=ComparisonContext.KIND,
            subtitle=gettext("%(count)s scenarios of its financing, side by side") % {"count": len(rows)},
            issued_at=case.changed_at,
            confidentiality=Confidentiality.PARTNERSHIP,
        ),
        identity=identity_of(case.subject, case.version, stage=True),
        scenarios=tuple(_compared(session, case, found)),
        measures=tuple(_measures(found)),
        sources=tuple(_sources(found)),
        uses=tuple(_uses(found)),
        rules=tuple(rules_compared([(one.row.name, one.law) for one in found if one.law])),
        elsewhere=told(chosen.name) if chosen and chosen.id not in keys else "",
    )


def _compared(session: Session, case: CaseRead, found: Sequence[Financed]) -> Iterator[Compared]:
    collaboration = case.subject.collaboration
    read = Readings(session)
    read.load(validity_reads([collaboration]))
    for one in found:
        validity = validity_of(read, collaboration, one.row.id, on=today())
        solved = one.row.solved_case_id is not None
        facts = FundingFacts(
            len(case.rows), ScenarioFacts(one.row.id, one.row.name, one.row.protocol_version_id, one.row.gap, solved)
        )
        against = [gap_at_most(facts, euro=0), scenario_legal(facts, validity), scenario_fresh(facts, validity)]
        unmet = [_said(refusal, one.law) for refusal in against if refusal is not None]
        if one.row.protocol_version_id != case.version.id:
            said = gettext("It pays for an earlier version of the protocol; version %(number)s counts.")
            unmet.append(said % {"number": case.version.number})
        yield Compared(
            scenario=one.printed,
            unmet=tuple(unmet),
            solved=solved,
            rule_set=one.law.name if one.law else "",
            notified=printed_aid(one.law).notified if one.law else None,
            valued=one.analysis.valued if one.analysis else "",
        )


def _said(refusal: Refusal, law: Law | None) -> str:
    """Say a refusal with all that is missing, with names for keys."""
    missing = () if refusal.code == "funding_gap" else refusal.missing  # it says how much itself
    words = " ".join([refusal.message, "; ".join(_told(one).rstrip(".") for one in missing)]).strip()
    return law.worded(words) if law else told(words)


def _told(missing: str | Text) -> str:
    return said(missing) if isinstance(missing, str) else str(missing)


def _measures(found: Sequence[Financed]) -> Iterator[Measure]:
    printed = [one.printed for one in found]
    analyses = [one.analysis for one in found]
    aid = [printed_aid(one.law) if one.law else None for one in found]

    def kinds(*wanted: SourceKind) -> tuple[Decimal, ...]:
        return tuple(_sum(line.amount for line in one.sources if line.kind in wanted) for one in printed)

    def figure(read: str) -> tuple[Decimal | None, ...]:
        return tuple(getattr(one, read) if one else None for one in analyses)

    def rate(read: str) -> tuple[Decimal | None, ...]:
        rates = [getattr(one, read) if one else () for one in analyses]
        return tuple(round(next(iter(one)), 2) if len(one) == 1 else None for one in rates)

    sure = (SourceStatus.COMMITTED.value, SourceStatus.SIGNED.value)
    yield Measure(key="cost", values=tuple(one.total_uses for one in printed))
    yield Measure(key="grants", best=1, values=kinds(SourceKind.GRANT))
    shares = (round(one.total_grants * 100 / one.total_uses, 1) if one.total_uses else None for one in printed)
    yield Measure(key="grant_share", unit=Unit.PERCENT, best=1, values=tuple(shares))
    yield Measure(key="debt", best=-1, values=kinds(SourceKind.LOAN))
    yield Measure(key="equity", values=kinds(SourceKind.EQUITY))
    yield Measure(key="own_cash", best=-1, values=kinds(SourceKind.OWN_CASH))
    yield Measure(key="in_kind", values=kinds(SourceKind.IN_KIND))
    yield Measure(key="gap", best=-1, values=tuple(one.gap for one in printed))
    committed = (_sum(line.amount for line in one.sources if line.status in sure) for one in printed)
    yield Measure(key="committed", best=1, values=tuple(committed))
    yield Measure(key="project_npv", best=1, values=figure("project_npv"))
    yield Measure(key="project_irr", unit=Unit.PERCENT, best=1, values=rate("project_irr"))
    yield Measure(key="owners_npv", best=1, values=figure("owners_npv"))
    yield Measure(key="owners_irr", unit=Unit.PERCENT, best=1, values=rate("owners_irr"))
    cover = (round(min(one.dscr.values()), 2) if one and one.dscr else None for one in analyses)
    yield Measure(key="dscr", unit=Unit.RATIO, best=1, values=tuple(cover))
    yield Measure(key="aid", values=tuple(one.granted if one else None for one in aid))
    yield Measure(key="headroom", best=1, values=tuple(one.left if one else None for one in aid))


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, Decimal("0.00"))


def _sources(found: Sequence[Financed]) -> Iterator[Measure]:
    yield from _side_by_side([{one.name: one.amount for one in each.printed.sources_by_name} for each in found])


def _uses(found: Sequence[Financed]) -> Iterator[Measure]:
    yield from _side_by_side([{one.name: one.amount for one in each.printed.uses_by_category} for each in found])


def _side_by_side(amounts: Sequence[dict[str, Decimal]]) -> Iterator[Measure]:
    nothing = Decimal("0.00")
    for name in dict.fromkeys(name for each in amounts for name in each):
        yield Measure(key=name, values=tuple(each.get(name, nothing) for each in amounts))


def rules_compared(asked: Sequence[tuple[str, Law]]) -> Iterator[RulesCompared]:
    """Yield what the rule sets of later scenarios change of their cases, against the first one's; names with laws."""
    for name, law in asked[1:]:
        first = asked[0][1]
        if first.rules.fingerprint != law.rules.fingerprint:
            changes = (_change(first, law, one) for one in compare(first.rules, law.rules, law.case))
            told_of = tuple(one for one in changes if one.before or one.after)  # neither: both allow nothing
            yield RulesCompared(scenario=told(name), before=first.name, after=law.name, changes=told_of)


def _change(first: Law, law: Law, change: Change) -> CeilingChange:
    item = law.case.item_by_id[change.item]
    title, partner = told(item.title) or word(item.cost_category), told(law.case.partner_of(item).name)
    article = (law.rules.articles | first.rules.articles)[change.article].article
    return CeilingChange(
        what=f"{title}, {partner}: {article_said(article)}",
        before=change.before[0] if change.before else None,
        after=change.after[0] if change.after else None,
    )
