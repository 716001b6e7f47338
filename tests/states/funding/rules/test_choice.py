"""Each award of a case is under the set of rules that holds on its day; solver and checker read the same of it."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from states.funding.aid.options import options
from states.funding.case.case import FundingCase, FundingScenario
from states.funding.case.explained import explain_case
from states.funding.case.instruments import Instrument
from states.funding.case.vocabulary import BY_DATE, Activity
from states.funding.checks.checker import check, open_points
from states.funding.law.facts import Answer, CaseFacts
from states.funding.rules.choice import awards_of, rules_of, settled, why_chosen
from states.funding.rules.documents import SetDocument, read_document, shelf_with_one_more
from states.funding.rules.library import RuleSet, Shelf, from_kept, kept_set, shipped
from states.funding.solver.solve import solve
from states.partners.tables import SizeClass
from tests.rule_documents import successor
from tests.states.funding.builders import case, instrument, item, partner, scenario

LARGE = (partner(size=SizeClass.LARGE, years=()),)


def _shelf(before: str = "", after: str = "") -> Shelf:
    """Return what ships with a successor from 2027 on: 60 percent for industrial research, not 50, and a change."""
    text = successor()
    assert before in text
    document = read_document(text.replace(before, after) if before else text)
    assert isinstance(document, SetDocument)
    return shelf_with_one_more(shipped(), document)


def _with_more_de_minimis(shelf: Shelf) -> Shelf:
    """Return the shelf with a later de minimis ceiling of EUR 400 000 in the successor."""
    book = shelf.books["de-minimis-2023-2831"]
    (ceiling,) = (one for one in book.rules if one.id == "de-minimis-ceiling")
    more = ceiling.model_copy(update={"figures": {**ceiling.figures, "euro": Decimal(400_000)}})
    changed = book.model_copy(update={"rules": tuple(more if one is ceiling else one for one in book.rules)})
    spec = shelf.sets["eu-2027"]
    books = tuple("small-2027" if key == book.id else key for key in spec.books)
    sets = {**shelf.sets, spec.id: spec.model_copy(update={"books": books})}
    return replace(shelf, sets=sets, books={**shelf.books, "small-2027": changed})


def _old(key: str = "old", basis: str = "gber-25", percent: str = "100") -> Instrument:
    return instrument(key, basis, percent=percent, call={"closes": date(2026, 12, 10)})


def _new(key: str = "new", basis: str = "gber-25", percent: str = "100") -> Instrument:
    return instrument(key, basis, percent=percent, call={"closes": date(2027, 2, 10)})


def _by_date(**parts: object) -> FundingCase:
    usual = {"partners": LARGE, "instruments": (_old(), _new())}
    return case(rule_set=BY_DATE, **{**usual, **parts})


def _mix(given: FundingCase, money: dict[tuple[str, str], str], rules: RuleSet) -> FundingScenario:
    own = {one.id: one.amount for one in given.cost_items}
    for (key, _), amount in money.items():
        own[key] -= Decimal(amount)
    made = scenario(money, own={key: str(amount) for key, amount in own.items()})
    return made.model_copy(update={"rule_set": rules.id, "fingerprint": rules.fingerprint})


def test_each_award_has_the_set_of_its_own_day() -> None:
    given, shelf = _by_date(), _shelf()
    rules = rules_of(given, shelf)

    assert [one.id for one in rules.each] == ["eu-2023", "eu-2027"]
    assert {one.instrument.id: one.ceiling.percent for one in options(CaseFacts(given, rules)) if one.ceiling} == {
        "old": 50,
        "new": 60,
    }
    assert {key: rules.at(on).id for key, on in awards_of(given)} == {"old": "eu-2023", "new": "eu-2027"}
    assert str(why_chosen(given, rules)) == (
        "its awards are under eu-2023 and eu-2027, each under the set that holds on its day: "
        "old (2026-12-10) eu-2023, new (2027-02-10) eu-2027"
    )
    assert settled(given, shelf).rule_set == BY_DATE


@pytest.mark.parametrize(
    ("parts", "sets"),
    [
        ({"instruments": (_old(),)}, ["eu-2023"]),
        ({"instruments": (_new(),)}, ["eu-2027"]),
        ({"instruments": (_new(), _old())}, ["eu-2023", "eu-2027"]),
        ({"instruments": (_old(), _new("eu", "eu_direct"))}, ["eu-2023"]),
        ({"instruments": (_old(), _new("small", "de_minimis"))}, ["eu-2023", "eu-2027"]),
        ({"instruments": ()}, ["eu-2023"]),
        ({"rule_set": "eu-2023"}, ["eu-2023"]),
        ({"rule_set": "eu-2027"}, ["eu-2027"]),
    ],
)
def test_which_sets_a_case_is_under(parts: dict[str, object], sets: list[str]) -> None:
    given = _by_date().changed(**parts)

    assert [one.id for one in rules_of(given, _shelf()).each] == sets


@pytest.mark.parametrize(
    ("award", "holds"),
    [
        (date(2014, 1, 1), "eu-2023"),
        (date(2026, 12, 31), "eu-2023"),
        (date(2027, 1, 1), "eu-2027"),
        (date(2033, 12, 31), "eu-2027"),
        (date(2040, 1, 1), "eu-2027"),  # after the last known day: an open point says so
    ],
)
def test_the_last_day_of_a_set_is_its_own(award: date, holds: str) -> None:
    rules = rules_of(_by_date(), _shelf())

    for known in (rules, kept_set(rules.text), from_kept(rules.kept)):
        assert known.at(award).id == holds
        assert (known.fingerprint, [one.fingerprint for one in known.each]) == (
            rules.fingerprint,
            [one.fingerprint for one in rules.each],
        )


def test_the_checker_holds_each_award_against_its_own_ceiling() -> None:
    given = _by_date(cost_items=(item("first"), item("second")))
    rules = rules_of(given, _shelf())
    lawful = _mix(given, {("first", "old"): "500000.00", ("second", "new"): "600000.00"}, rules)
    too_much = _mix(given, {("first", "old"): "500000.01", ("second", "new"): "600000.01"}, rules)

    assert check(given, lawful, rules=rules) == []
    assert [(one.rule, one.item) for one in check(given, too_much, rules=rules)] == [
        ("gber-25", "first"),
        ("gber-25", "second"),
    ]


def test_what_is_awarded_last_counts_what_was_awarded_before() -> None:
    given = _by_date()
    rules = rules_of(given, _shelf())
    lawful = _mix(given, {("work", "old"): "300000.00", ("work", "new"): "300000.00"}, rules)
    too_much = _mix(given, {("work", "old"): "300000.00", ("work", "new"): "300000.01"}, rules)

    assert check(given, lawful, rules=rules) == []
    (breach,) = check(given, too_much, rules=rules)
    assert (breach.rule, breach.verified) == ("gber-8-3", False)
    assert breach.sentence == "600000.01 EUR of aid meet on work; the highest ceiling is 600000.00 EUR."
    (point,) = (one for one in open_points(given, lawful, rules=rules) if one.rule == "gber-8-3")
    assert (point.answer, point.verified, point.item) == (Answer.MANUAL, False, "work")
    assert point.sentence == (
        "Aid under several sets meets on work: old by eu-2023 (award on 2026-12-10), new by eu-2027 (award on "
        "2027-02-10). What is awarded last counts what was awarded before, within the highest of their ceilings, by "
        "eu-2027."
    )


def test_aid_that_meets_under_one_set_needs_no_second_look() -> None:
    given = _by_date(instruments=(_old(), _old("other")))
    rules = rules_of(given, _shelf())
    lawful = _mix(given, {("work", "old"): "250000.00", ("work", "other"): "250000.00"}, rules)

    assert [one for one in open_points(given, lawful, rules=rules) if one.rule == "gber-8-3"] == []


ADVICE = (item("first", Activity.INNOVATION_ADVISORY), item("second", Activity.INNOVATION_ADVISORY))


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        ("200000.00", "50000.00", []),
        ("200000.00", "50000.01", ["gber-28-4-amount"]),
        ("220000.00", "30000.00", []),
        ("220000.01", "1000.00", ["gber-28-4-amount"]),  # under the set of its own day
        ("1000.00", "249000.00", []),
    ],
)
def test_a_limit_in_euro_of_the_later_set_counts_what_the_earlier_one_gave(
    old: str, new: str, broken: list[str]
) -> None:
    given = _by_date(
        partners=(partner(),),
        cost_items=ADVICE,
        instruments=(_old("old", "gber-28-4"), _new("new", "gber-28-4")),
    )
    rules = rules_of(given, _shelf("euro: 220000\n", "euro: 250000\n"))

    found = check(given, _mix(given, {("first", "old"): old, ("second", "new"): new}, rules), rules=rules)

    assert [one.rule for one in found] == broken


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        ("250000.00", "150000.00", []),
        ("250000.00", "150000.01", ["de-minimis-ceiling"]),
        ("300000.01", "1000.00", ["de-minimis-ceiling"]),
        ("1000.00", "399000.00", []),
    ],
)
def test_de_minimis_has_the_ceiling_of_the_day_of_each_award(old: str, new: str, broken: list[str]) -> None:
    given = _by_date(
        cost_items=(item("first"), item("second")),
        instruments=(_old("old", "de_minimis"), _new("new", "de_minimis")),
    )
    rules = rules_of(given, _with_more_de_minimis(_shelf()))

    found = check(given, _mix(given, {("first", "old"): old, ("second", "new"): new}, rules), rules=rules)

    assert [one.rule for one in found] == broken


def test_the_solver_finds_what_the_checker_lets_pass() -> None:
    given = _by_date(
        cost_items=(item("first"), item("second"), item("both")),
        instruments=(
            _old("old", percent="45"),
            _new("new", percent="55"),
            _new("small", "de_minimis"),
        ),
        scenarios=("best",),
    )
    rules = rules_of(given, _shelf())

    answer = solve(given, rules=rules)

    (best,) = answer.scenarios
    assert best.scenario is not None
    assert best.measures is not None
    assert (answer.complete, answer.fingerprint) == (True, rules.fingerprint)
    # Two at the higher ceiling of the later award, which the earlier one fills up, and what is de minimis beside them.
    assert best.measures.outside == 1_800_000
    assert check(given, best.scenario, rules=rules) == []
    assert {one.rule_set for one in answer.ceilings} == {"eu-2023", "eu-2027"}


def test_each_ceiling_says_its_set() -> None:
    given = _by_date()

    said = [one.sentence for one in explain_case(given, rules=rules_of(given, _shelf())) if one.rule == "gber-25"]

    assert [one.split(",")[0] for one in said] == [
        "work under eu-2023: 50 percent",
        "work under eu-2027: 60 percent",
    ]
