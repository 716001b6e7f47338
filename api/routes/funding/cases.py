"""Routes of a collaboration's funding case: what is asked, the case itself, what the rules say of it."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field

from api.http.conditional import Answered, IfMatch
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent
from api.http.problems import FaultOut
from api.http.schemas import Input, Money, Output, Rate, Slug, kept
from api.routes.funding.cost_lines import Read
from api.routes.funding.finances import Edit
from states.clock import LAST_DAY, today
from states.funding.aid.ceilings import Ceiling, Step, ceilings_of
from states.funding.aid.comparison import Change, compare_case
from states.funding.amount_faults import FIRST_DAY
from states.funding.case.explained import explain_case
from states.funding.case.gathering import case_and_shelf, case_of
from states.funding.case.reader import CaseInvalid
from states.funding.case.vocabulary import BY_DATE
from states.funding.inputs.questions import Asked, ask, question_of
from states.funding.law.de_minimis import headrooms
from states.funding.law.facts import Answer as Verdict
from states.funding.law.facts import CaseFacts
from states.funding.rules.choice import awards_of, rules_of, why_chosen
from states.funding.rules.overview import shelf_under

router = APIRouter(prefix="/collaborations/{collaboration_id}", tags=["funding"], route_class=Idempotent)

Day = Annotated[date | None, Query(ge=FIRST_DAY, le=LAST_DAY, description="of the headroom; else today")]
Tree = Annotated[dict[str, object], Field(max_length=100)]


class FundingQuestionIn(Input):
    """Under which rules, on which facts, with which wishes; the keys are those of docs/reference/funding-case.md."""

    model_config = example(rule_set="eu-2023")

    rule_set: Slug = Field(default=BY_DATE, description="by-date: for each award of aid what holds on its day")
    project: Tree = Field(default={}, description="facts of the project as a whole")
    partners: dict[Slug, Tree] = Field(default={}, max_length=200, description="what partners declare, by short name")
    wanted: Tree = Field(default={}, description="what is asked of any mix")


class FundingQuestionOut(Output):
    rule_set: str
    project: dict[str, object]
    partners: dict[str, dict[str, object]]
    wanted: dict[str, object]
    version: int = Field(description="0 while nobody has asked")


class FundingCaseOut(Output):
    case: dict[str, object] | None = Field(
        description="as in docs/reference/funding-case.schema.json; null where it has faults"
    )
    faults: list[FaultOut] = Field(description="what is missing or does not fit, each with its place and remedy")


class RuleOut(Output):
    rule: str
    article: str
    answer: Verdict
    sentence: str
    verified: bool
    remedy: str
    partner: str
    item: str
    instrument: str
    blocks: bool


class AwardOut(Output):
    """The award of an instrument that gives aid, and the set of rules that it is under."""

    instrument: str
    awarded_on: date
    rule_set: str


class RulesOut(Output):
    date: date
    rule_set: str = Field(description="of the first award")
    why: str = Field(description="why this set: it holds on the day of the award, or the question names it")
    awards: list[AwardOut] = Field(description="each under the set that holds on its day, or that the question names")
    fingerprint: str = Field(description="of the text of the rules")
    illustrative: bool
    rules: list[RuleOut] = Field(description="by partner, in the order of the case")


class RuleStepOut(Output):
    rule: str
    article: str
    verified: bool
    points: Rate = Field(description="percent")
    answer: Verdict
    counted: bool
    says: str
    would: str = Field(description="what would meet it")


class CeilingOut(Output):
    item: str
    rule_set: str
    article: str
    answer: Verdict
    percent: Rate
    by_percent: Money = Field(description="what the percentage comes to")
    amount: Money = Field(description="the same, or less where a limit in EUR of the article is lower")
    limits: list[str] = Field(description="articles whose limit in EUR is lower, with the sum")
    says: str
    would: str
    base: RuleStepOut | None
    bonuses: list[RuleStepOut]
    cap: RuleStepOut | None
    unverified: list[str] = Field(description="rules it rests on that nobody verified")


class HeadroomOut(Output):
    partner: str
    undertaking: list[str] = Field(description="all that count as one single undertaking")
    member_state: str
    on: date
    ceiling: Money
    used: Money
    left: Money


class AidCeilingsOut(Output):
    rule_set: str
    ceilings: list[CeilingOut] = Field(description="by cost line in the order of the case, the highest first")
    de_minimis: list[HeadroomOut]


class CeilingChangeOut(Output):
    """The most aid for a cost line under an article; null: the set has no such article."""

    item: str
    article: str
    percent_before: Rate | None
    percent_after: Rate | None
    amount_before: Money | None
    amount_after: Money | None
    rules: list[str] = Field(description="those that one of the two rests on alone")


class AnswerChangeOut(Output):
    rule: str
    partner: str
    item: str
    instrument: str
    before: Verdict | None
    after: Verdict | None
    sentence: str
    remedy: str


class CaseComparisonOut(Output):
    before: str = Field(description="the rule set of the case")
    after: str
    why: str = Field(description="why the case is under the first")
    ceilings: list[CeilingChangeOut]
    answers: list[AnswerChangeOut]


@router.get("/funding-question")
def get_funding_question(row: Read, session: Tx, answer: Answered) -> FundingQuestionOut:
    """Read what is asked of a collaboration's funding; its ETag, "0" at first, is what a change sends back as
    If-Match."""
    found = question_of(session, row)
    answer.tag(found.version)
    return FundingQuestionOut.model_validate(found)


@router.put("/funding-question")
def put_funding_question(
    row: Edit, version: IfMatch, sent: FundingQuestionIn, session: Tx, answer: Answered
) -> FundingQuestionOut:
    """Ask another question of a collaboration's funding, in the place of the present one; what is left out stays."""
    found = ask(session, row, Asked(**dict(kept(sent, question_of(session, row)))), expected_version=version)
    answer.tag(found.version)
    return FundingQuestionOut.model_validate(found)


@router.get("/funding-case")
def get_funding_case(row: Read, session: Tx) -> FundingCaseOut:
    """Read a collaboration's funding case as it is now, whole, so that it can be solved anywhere; or all that is
    wrong with it."""
    try:
        return FundingCaseOut(case=case_of(session, row).model_dump(mode="json"), faults=[])
    except CaseInvalid as invalid:
        return FundingCaseOut(case=None, faults=[FaultOut.of(fault) for fault in invalid.faults])


@router.get("/funding-rules")
def get_funding_rules(row: Read, session: Tx) -> RulesOut:
    """Read what each rule of funding says of each partner, with its article, and whether anybody verified the rule."""
    case, shelf = case_and_shelf(session, row)
    rules = rules_of(case, shelf)
    return RulesOut(
        date=case.date,
        rule_set=rules.id,
        why=str(why_chosen(case, rules)),
        awards=[AwardOut(instrument=key, awarded_on=on, rule_set=rules.at(on).id) for key, on in awards_of(case)],
        fingerprint=rules.fingerprint,
        illustrative=case.illustrative,
        rules=[RuleOut.model_validate(one) for one in explain_case(case, rules=rules)],
    )


@router.get("/rules-comparison")
def get_rules_comparison(
    row: Read,
    session: Tx,
    rules: Annotated[str, Query(max_length=80, description="a rule set, by its id or id@version, in any state")],
) -> CaseComparisonOut:
    """Read what another rule set would change of the case: the most aid by cost line, and answers."""
    case, shelf = case_and_shelf(session, row)
    before = rules_of(case, shelf)
    name, other = shelf_under(session, row.partnership_id, rules)
    after = other.rule_set(name)
    found = compare_case(before, after, case)
    return CaseComparisonOut(
        before=before.id,
        after=after.id,
        why=str(why_chosen(case, before)),
        ceilings=[_changed(one) for one in found.ceilings],
        answers=[AnswerChangeOut.model_validate(one) for one in found.answers],
    )


@router.get("/aid-ceilings")
def get_aid_ceilings(row: Read, session: Tx, on: Day = None) -> AidCeilingsOut:
    """Read the most aid for each cost line, with each bonus met or missing, and what is left of de minimis on a day."""
    case, shelf = case_and_shelf(session, row)
    facts = CaseFacts(case, rules_of(case, shelf))
    return AidCeilingsOut(
        rule_set=facts.rules.id,
        ceilings=[
            _ceiling(one, law.rules.id)
            for item in case.cost_items
            for law in facts.each
            for one in ceilings_of(law, item)
        ],
        de_minimis=[
            HeadroomOut(
                partner=partner,
                undertaking=sorted(facts.undertakings[partner]),
                member_state=state,
                on=room.on,
                ceiling=room.ceiling,
                used=room.used,
                left=room.left,
            )
            for one in case.partners
            for partner, state, room in headrooms(facts, one, on=on or today())
        ],
    )


def _changed(one: Change) -> CeilingChangeOut:
    before, after = one.before or (None, None), one.after or (None, None)
    return CeilingChangeOut(
        item=one.item,
        article=one.article,
        percent_before=before[0],
        percent_after=after[0],
        amount_before=before[1],
        amount_after=after[1],
        rules=list(one.rules),
    )


def _ceiling(one: Ceiling, rule_set: str) -> CeilingOut:
    return CeilingOut(
        item=one.item,
        rule_set=rule_set,
        article=one.article.article,
        answer=one.answer,
        percent=one.percent,
        by_percent=one.by_percent,
        amount=one.amount,
        limits=[f"{limit.rule.article}: {limit.sentence}" for limit in one.limits],
        says=one.says,
        would=one.would,
        base=_step(one.base),
        bonuses=[shown for shown in map(_step, one.bonuses) if shown],
        cap=_step(one.cap),
        unverified=[rule.id for rule in one.unverified],
    )


def _step(step: Step | None) -> RuleStepOut | None:
    if step is None:
        return None
    return RuleStepOut(
        rule=step.rule.id,
        article=step.rule.article,
        verified=step.rule.verified,
        points=step.points,
        answer=step.answer,
        counted=step.counted,
        says=step.says,
        would=step.would,
    )
