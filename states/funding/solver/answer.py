"""What the solver answers: named mixes with what binds them, or the rules that clash."""

from datetime import date
from decimal import Decimal
from enum import StrEnum

from pydantic import Field

from states.funding.aid.ceilings import ceilings
from states.funding.case.case import FundingCase, FundingScenario
from states.funding.case.vocabulary import CaseModel, Euro, Objective, ScenarioKind
from states.funding.law.facts import Answer as Verdict
from states.funding.law.facts import Finding
from states.funding.rules.library import RuleSet


class Ground(CaseModel):
    """A rule with its article: a limit that binds, or one of those that clash."""

    rule: str
    article: str
    sentence: str
    remedy: str = ""
    verified: bool
    partner: str = ""
    item: str = ""
    instrument: str = ""


class CeilingLine(CaseModel):
    """The most aid for a cost item under one article that knows its activity, and what would lift it.

    Where the article does not apply, `answer` is not pass, and `says` and `would` tell why and what would change it.
    """

    item: str
    rule_set: str = ""
    article: str
    answer: Verdict
    says: str
    would: str
    percent: Decimal
    by_percent: Euro
    amount: Euro = Field(description="what the percentage comes to, or less where a limit in EUR is lower")
    limits: tuple[str, ...] = Field(default=(), description="articles whose limit in EUR is lower")
    rests_on: tuple[str, ...] = Field(description="the rules it comes from, by their ids")
    unverified: tuple[str, ...] = ()
    lifts: tuple[str, ...] = ()


class Binding(CaseModel):
    """What one EUR more of a limit would bring, with the same lines: what the mix looks at first gets so much smaller.

    Gap and private cash in EUR, waiting in EUR times days. A mix that looks at time first has no word on cash here.
    """

    ground: Ground
    gap: Decimal = Decimal(0)
    private_cash: Decimal = Decimal(0)
    waiting: Decimal = Decimal(0)


class Measures(CaseModel):
    """What a mix comes to. Days are those from the day of the case to the money of instruments, on average by EUR."""

    gap: Euro
    own: Euro = Field(description="cash of the partners")
    in_kind: Euro = Field(default=Decimal(0), description="what they bring without cash")
    cost_of_capital: Euro = Field(description="rounded half up to the cent")
    outside: Euro = Field(description="money of instruments")
    applications: int
    days_to_money: int
    last_money: date | None


class Unproven(CaseModel):
    """An objective that may not be as small as it can be: `found`, and `least`, which no such mix goes below.

    Gap and private cash in EUR, applications in number, time to money in EUR times days.
    """

    objective: Objective
    found: Decimal
    least: Decimal


class Named(CaseModel):
    """A named mix: `differs` is the percent of the budget that others finance than in the best mix.

    `statement` says what the mix is, or why there is none. `proven` lists the objectives that are as small as they can
    be (to within EUR 1 where only HiGHS proved it), `unproven` how much smaller others might be. `clash` are the rules
    that leave no such mix.
    """

    kind: ScenarioKind
    statement: str
    scenario: FundingScenario | None = None
    measures: Measures | None = None
    differs: Decimal | None = None
    objectives: tuple[Objective, ...] = ()
    proven: tuple[Objective, ...] = ()
    unproven: tuple[Unproven, ...] = ()
    bindings: tuple[Binding, ...] = ()
    unpaid: tuple[Ground, ...] = Field(default=(), description="why each instrument that pays nothing does not")
    open_points: tuple[Ground, ...] = Field(default=(), description="what somebody still has to answer or to do")
    clash: tuple[Ground, ...] = ()


class Work(StrEnum):
    """What a search does for a named mix."""

    OPTIMUM = "optimum"  # makes one objective small
    ALTERNATIVE = "alternative"  # the same, among mixes that are truly different
    BINDINGS = "bindings"
    CLASH = "clash"


class Stage(CaseModel):
    """Where a search is: mix `number` of `total`, what it does for it, and the least gap found for that mix so far."""

    kind: ScenarioKind
    number: int
    total: int
    work: Work
    objective: Objective | None = None
    gap: Euro | None = None


class Answer(CaseModel):
    """The named mixes of a case in its order; those without a scenario are no real alternatives.

    Where no mix keeps the rules, `clash` is the smallest set of rules that cannot hold together. `complete` is false
    where the search was stopped before its end, by whoever cancelled or by a fault, or found no mix in its work;
    `stage` is then what it was at, and `failure` says how the solver's process ended, if it did so by itself.
    """

    case: str
    rule_set: str
    fingerprint: str
    illustrative: bool
    complete: bool = False
    stage: Stage | None = None
    seconds: float = 0.0
    ceilings: tuple[CeilingLine, ...] = ()
    scenarios: tuple[Named, ...] = ()
    clash: tuple[Ground, ...] = ()
    clash_is_smallest: bool = True
    failure: str = ""


def begun(case: FundingCase, rules: RuleSet) -> Answer:
    """Return the answer before anything is found."""
    return Answer(case=case.name, rule_set=rules.id, fingerprint=rules.fingerprint, illustrative=case.illustrative)


def ground_of(finding: Finding) -> Ground:
    return Ground(**{name: getattr(finding, name) for name in Ground.model_fields})


def ceiling_lines(case: FundingCase, rules: RuleSet) -> tuple[CeilingLine, ...]:
    """Return the ceilings of every cost item on the market by article, the highest first; else money is no aid."""
    return tuple(
        CeilingLine(
            item=item,
            rule_set=law.id,
            article=one.article.article,
            answer=one.answer,
            says=one.says,
            would=one.would,
            percent=one.percent,
            by_percent=one.by_percent,
            amount=one.amount,
            limits=tuple(limit.rule.article for limit in one.limits),
            rests_on=tuple(rule.id for rule in one.rests_on),
            unverified=tuple(rule.id for rule in one.unverified),
            lifts=tuple(f"{percent} percent by {step.rule.article}: {step.would}" for step, percent in one.lifts),
        )
        for law in rules.each
        for item, found in ceilings(case, law).items()
        for one in found
        if case.item_by_id[item].economic
    )
