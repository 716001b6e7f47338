"""Scenarios on a frozen case: recorded to the cent, checked under their rule set, and found stale by later facts."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from sqlmodel import Session

from states.clock import today
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Missing
from states.funding.case.case import FundingCase, FundingScenario
from states.funding.case.gathering import case_from, case_text, instrument_slug
from states.funding.case.rows import case_reads
from states.funding.case.vocabulary import BY_DATE, FinanceKind
from states.funding.checks.checker import check
from states.funding.facts import Validity
from states.funding.inputs.tables import SolvedCase
from states.funding.law.facts import Finding
from states.funding.queries import MIXES, Mix, instruments_of
from states.funding.rules.choice import rules_of
from states.funding.rules.library import RuleSet, Shelf
from states.funding.rules.queries import DOCUMENTS, kept_rules, rules_ended, shelf_for, shelf_of
from states.funding.rules.service import keep_text
from states.funding.service import SourceLine, UseLine, add_scenario
from states.funding.tables import Scenario, SourceKind, SourceStatus
from states.storage import Reading, Readings
from states.texts import Text

_KINDS = {
    FinanceKind.GRANT: SourceKind.GRANT,
    FinanceKind.LOAN: SourceKind.LOAN,
    FinanceKind.EQUITY: SourceKind.EQUITY,
    FinanceKind.GUARANTEE: SourceKind.LOAN,  # the loan that it makes possible
}


def record_mix(
    session: Session,
    collaboration: Collaboration,
    case: FundingCase,
    mix: FundingScenario,
    *,
    protocol_version_id: str,
) -> Scenario:
    """Record a scenario with the case it was made for: uses and sources by partner, to the cent.

    The case is kept whole, and the text of its rules beside it, so that both stay as they were whatever becomes of the
    rules. Raise `Invalid` for a mix that breaks a rule or does not add up, with each breach.
    """
    rules = rules_of(case, shelf_for(session, collaboration.partnership_id))
    frozen = mix.model_copy(update={"fingerprint": mix.fingerprint or rules.fingerprint})
    if found := check(case, frozen, rules=rules):
        raise Invalid(faults=[_fault(one) for one in found])
    who = {
        one.organisation.slug: one.organisation.id for one in members_of(session, [collaboration.id])[collaboration.id]
    }
    solved = SolvedCase(
        collaboration_id=collaboration.id,
        protocol_version_id=protocol_version_id,
        case=case.model_dump(mode="json"),
        rule_set=rules.id,
        fingerprint=rules.fingerprint,
        rules_text=keep_text(session, rules.text),
    )
    session.add(solved)
    session.flush()
    row = add_scenario(
        session,
        collaboration,
        protocol_version_id=protocol_version_id,
        name=mix.name,
        uses=[UseLine(who[partner], category, amount) for (partner, category), amount in _uses(case).items()],
        sources=list(_sources(session, collaboration, case, mix, who)),
        gap=sum(mix.gap.values(), Decimal("0.00")),
        note=mix.note,
        illustrative=case.illustrative or mix.illustrative,
    )
    row.solved_case_id, row.mix = solved.id, frozen.model_dump(mode="json")
    session.add(row)
    session.flush()
    return row


def legality_reads(rows: Iterable[Collaboration]) -> dict[Reading[object], Sequence[str]]:
    """Return all that the legality of these collaborations' scenarios depends on, by what it is read with."""
    listed = list(rows)
    return {**case_reads(listed), MIXES: [row.id for row in listed]}


def legality_of(read: Readings, row: Collaboration, scenario_id: str, *, on: date) -> Validity:
    """Check a scenario under its own frozen case, and against what is known on a date.

    One that was made by hand has no case, so that nothing can be found.
    """
    mix = next(one for one in read.of(MIXES, row.id) if one.scenario_id == scenario_id)
    if mix.case is None:
        return Validity()
    shelf = shelf_of(read, row.partnership_id)
    try:
        overtaken = _broken_now(case_text(read, row, on=on), mix.mix, mix.fingerprint or "", shelf)
    except Invalid as invalid:
        overtaken = tuple(str(fault) for fault in invalid.faults)
    rules = _rules_then(read, mix, shelf)
    ended = tuple(rules_ended(rules, read.of(DOCUMENTS, row.partnership_id), shelf)) if rules else ()
    return Validity(_broken_then(mix.case, mix.mix, rules, shelf), (*ended, *overtaken))


def _rules_then(read: Readings, mix: Mix, shelf: Shelf) -> RuleSet | None:
    """Return the rules of a frozen case as they were; None where an earlier release kept no text of them."""
    name = mix.rule_set or ""
    if name in shelf.sets and not shelf.faults(name) and shelf.rule_set(name).fingerprint == mix.fingerprint:
        return shelf.rule_set(name)
    return kept_rules(read, mix.rules_text) if mix.rules_text else None


def _fault(finding: Finding) -> Fault:
    remedy = Text("remedy", "finding", remedy=finding.remedy) if finding.remedy else None
    return Fault(finding.article, "finding", sentence=finding.sentence, remedy=remedy)


def review_scenario(session: Session, collaboration: Collaboration, row: Scenario) -> Scenario:
    """Check a scenario again, and write down what is found."""
    read = Readings(session)
    read.load(legality_reads([collaboration]))
    note_validity(session, row, legality_of(read, collaboration, row.id, on=today()))
    return row


def note_validity(session: Session, row: Scenario, validity: Validity) -> None:
    """Write down what was found against a scenario today."""
    breaches, stale = list(validity.breaches), list(validity.stale)
    if (row.breaches, row.stale, row.reviewed_on) != (breaches, stale, today()):
        row.breaches, row.stale, row.reviewed_on = breaches, stale, today()
        session.add(row)
        session.flush()


@lru_cache(maxsize=64)
def frozen_case(text: str) -> FundingCase:
    """Return the case of a `SolvedCase`, as it was kept."""
    return FundingCase.model_validate_json(text)


@lru_cache(maxsize=64)
def mix_of(text: str) -> FundingScenario:
    return FundingScenario.model_validate_json(text)


# Both answers depend on nothing but these texts: while nothing changes, what was found once is found again.


@lru_cache(maxsize=256)
def _broken_then(case: str, mix: str, rules: RuleSet | None, shelf: Shelf) -> tuple[str, ...]:
    return _found(frozen_case(case), mix_of(mix), rules, shelf)


@lru_cache(maxsize=256)
def _broken_now(case: str, mix: str, fingerprint: str, shelf: Shelf) -> tuple[str, ...]:
    # That its set has another text since is no breach by itself: what that says of this case is what counts.
    known, now = mix_of(mix), case_from(case, shelf)
    update = {"fingerprint": ""} if known.fingerprint == fingerprint else {}
    return _found(now, known.model_copy(update=update), None, shelf)


def _found(case: FundingCase, mix: FundingScenario, rules: RuleSet | None, shelf: Shelf) -> tuple[str, ...]:
    try:
        law = rules if rules is not None and case.rule_set in (rules.id, BY_DATE) else rules_of(case, shelf)
        return tuple(f"{one.article}: {one.sentence}" for one in check(case, mix, rules=law))
    except Missing as missing:  # a set of rules that is there no more
        return (missing.message,)


def _uses(case: FundingCase) -> dict[tuple[str, str], Decimal]:
    spent: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for item in case.cost_items:
        spent[item.partner, item.cost_category.value] += item.amount
    return spent


def _sources(
    session: Session, collaboration: Collaboration, case: FundingCase, mix: FundingScenario, who: dict[str, str]
) -> Iterator[SourceLine]:
    catalogue = {row.slug: row.id for row in instruments_of(session, collaboration.partnership_id)}
    paid: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    own: dict[str, Decimal] = defaultdict(Decimal)
    before: dict[str, Decimal] = defaultdict(Decimal)
    for one in mix.allocations:
        paid[case.item_by_id[one.item].partner, one.instrument] += one.amount
    for item in case.cost_items:
        own[item.partner] += mix.own.get(item.id, Decimal(0))
        before[item.partner] += case.granted(item)
    for (partner, key), amount in paid.items():
        kind = _KINDS[case.instrument_by_id[key].kind]
        yield SourceLine(who[partner], kind, SourceStatus.IDEA, amount, catalogue[instrument_slug(key)])
    for partner, amount in before.items():
        if amount:
            yield SourceLine(who[partner], SourceKind.GRANT, SourceStatus.SIGNED, amount)
    for partner, amount in own.items():
        brought = min(case.in_kind(partner), amount)
        for means, part in ((SourceKind.IN_KIND, brought), (SourceKind.OWN_CASH, amount - brought)):
            if part:
                yield SourceLine(who[partner], means, SourceStatus.IDEA, part)
