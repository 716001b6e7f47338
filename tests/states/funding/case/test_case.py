"""Reading a funding case: exact figures, all faults at once, the schema and the documented example."""

import json
import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from pydantic import BaseModel

from states.errors import Fault
from states.funding.aid.ceilings import ceilings
from states.funding.case.case import CostItem, FundingCase, FundingScenario, Wanted, with_cohesion
from states.funding.case.instruments import Call, Consortium, Instrument, Rate, Seats, Whom
from states.funding.case.partners import AidReceived, Link, Partner, ProjectFacts, Site, YearFigures
from states.funding.case.reader import CaseInvalid, read_case, read_scenario
from states.funding.case.vocabulary import Activity, Cohesion, ScenarioKind
from states.funding.checks.checker import check
from states.funding.rules.library import rule_set
from tests.states.funding.builders import case, item, partner

DOCS = Path(__file__).parents[4] / "docs" / "reference"
GUIDE = (DOCS / "funding-case.md").read_text(encoding="utf-8")
EXAMPLE = GUIDE.partition("```yaml\n")[2].partition("```")[0]
SCENARIO = GUIDE.partition("```json\n")[2].partition("```")[0]

SMALLEST = """
name: Smallest
date: 2026-11-22
partners: [{id: a, name: A, kind: enterprise, sites: [{id: site, nuts: DE111}]}]
cost_items: [{id: work, partner: a, site: site, activity: industrial, amount: AMOUNT, starts: 2027-01-01}]
"""


@pytest.mark.parametrize(
    ("written", "amount"),
    [("1000000.10", "1000000.10"), ("9999999999.99", "9999999999.99"), ("'7.5'", "7.50"), ("12", "12.00")],
)
def test_amounts_are_read_as_written(written: str, amount: str) -> None:
    assert read_case(SMALLEST.replace("AMOUNT", written)).cost_items[0].amount == Decimal(amount)


def test_a_case_survives_json() -> None:
    found = read_case(EXAMPLE)

    assert read_case(found.model_dump_json()) == found


def _faults(text: str) -> list[Fault]:
    with pytest.raises(CaseInvalid) as caught:
        read_case(text)
    return list(caught.value.faults)


def test_faults_of_shape_come_at_once() -> None:
    text = SMALLEST.replace("AMOUNT", "0.001").replace("name: Smallest", "nme: x").replace("industrial", "applied")

    assert [fault.place for fault in _faults(text)] == [
        "name",
        "cost_items[0].activity",
        "cost_items[0].amount",
        "nme",
    ]


def test_faults_of_sense_come_at_once() -> None:
    text = """
name: Wrong in many places
date: 2026-11-22
coordinator: nobody
partners:
  - {id: a, name: A, kind: enterprise, sites: [{id: site, nuts: DE11X}, {id: site, nuts: FR}]}
  - {id: a, name: A, kind: enterprise, sites: [{id: site, nuts: GR303}]}
links: [{holder: a, held: a}, {holder: x, held: a}]
cost_items:
  - {id: work, partner: b, site: site, activity: industrial, amount: 1, starts: 2027-01-01}
  - {id: work, partner: a, site: roof, activity: industrial, amount: 1, starts: 2027-01-01}
  - {id: free, partner: a, site: site, activity: industrial, amount: 1, starts: 2027-01-01, economic: false}
instruments:
  - {id: f, name: F, basis: [gber-25, market], eu_grant: true, trl: [7, 6], rates: [{percent: 50}],
     project_least: 2, project_most: 1, call: {opens: 2027-02-01, closes: 2027-01-01}}
  - {id: g, name: G, basis: [de_minimis], rates: [{percent: 50}]}
aid_received:
  - {recipient: z, member_state: DE, granted_on: 2026-01-01, amount: 1, basis: de_minimis, cost_item: none}
  - {recipient: a, member_state: DE, granted_on: 2026-01-01, amount: 2, basis: gber-25, cost_item: free}
wanted: {use: [h]}
"""
    assert [fault.place for fault in _faults(text)] == [
        "partners and enterprises",
        "cost_items",
        "partners[0].sites",
        "partners[0].sites[0].nuts",
        "partners[0].sites[1].nuts",
        "partners[1].sites[0].nuts",
        "cost_items[0].partner",
        "cost_items[1].site",
        "cost_items[2].economic",
        "coordinator",
        "links[0]",
        "links[1].holder",
        "aid_received[0].recipient",
        "aid_received[0].cost_item",
        "cost_items[2].amount",
        "wanted.use[0]",
        "instruments[0].basis",
        "instruments[0].call",
        "instruments[0].trl",
        "instruments[0].project_least",
        "instruments[0].eu_grant",
        "instruments[1].member_state",
    ]
    assert all(fault.remedy for fault in _faults(text))


def test_norway_is_no_denial() -> None:
    text = SMALLEST.replace("AMOUNT", "1") + "project: {designing_states: [NO, DE], licences: true}"

    assert read_case(text).project.designing_states == ("NO", "DE")


BROKEN = {
    "open bracket": "a: [",
    "nothing": "",
    "a list": "- 1",
    "no day": "date: 2026-13-45",
    "no text": "\x00",
    "too deep": "[" * 100_000,
    "a number beyond all": f"date: {'9' * 5000}",
    "no number": SMALLEST.replace("AMOUNT", ".nan"),
    "no JSON number": '{"date": NaN}',
    "a key twice": SMALLEST.replace("AMOUNT", "1") + "name: Again",
    "a key twice in JSON": '{"name": "x", "name": "y"}',
    "a part repeated by an alias": "a: &a [1]\nb: [*a, *a]",
}


@pytest.mark.parametrize("text", BROKEN.values(), ids=BROKEN)
def test_what_is_no_case_is_refused_with_a_place(text: str) -> None:
    assert all(fault.place and fault.remedy for fault in _faults(text))


def test_what_if_forgets_what_the_first_case_looked_up() -> None:
    first = case()
    assert first.item_by_id["work"].amount == 1_000_000

    dearer = first.changed(cost_items=[{**first.cost_items[0].model_dump(), "amount": "2.00"}])

    assert (dearer.item_by_id["work"].amount, first.item_by_id["work"].amount) == (Decimal(2), Decimal(1_000_000))


def test_sites_without_a_category_ask_for_it() -> None:
    known = Site(id="known", nuts="DE111", cohesion=Cohesion.TRANSITION)
    asked: list[tuple[str, date]] = []

    def category(nuts: str, on: date) -> str | None:
        asked.append((nuts, on))
        return "less_developed" if nuts == "PL229" else None

    sites = (known, Site(id="asked", nuts="PL229"), Site(id="unknown", nuts="FRK26"))
    first = case(partners=(partner(sites=sites),), cost_items=(item(site="known"),))

    found = with_cohesion(first, category).partners[0].sites

    assert [site.cohesion for site in found] == [Cohesion.TRANSITION, Cohesion.LESS_DEVELOPED, None]
    assert asked == [("PL229", first.date), ("FRK26", first.date)]


def json_schema(shape: type[BaseModel]) -> str:
    return json.dumps(shape.model_json_schema(), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize(("name", "shape"), [("case", FundingCase), ("scenario", FundingScenario)])
def test_the_schema_kept_in_docs_is_that_of_the_model(name: str, shape: type[BaseModel]) -> None:
    assert (DOCS / f"funding-{name}.schema.json").read_text(encoding="utf-8") == json_schema(shape)


def test_the_documented_example_fits_the_schema_and_the_model() -> None:
    found, mix = read_case(EXAMPLE), read_scenario(SCENARIO)

    jsonschema.validate(found.model_dump(mode="json"), json.loads(json_schema(FundingCase)))
    jsonschema.validate(json.loads(SCENARIO), json.loads(json_schema(FundingScenario)))
    assert found.illustrative
    assert mix.illustrative


def test_the_documented_collaboration_is_between_undertakings_of_two_states() -> None:
    """PL and DE: for the SME 25 + 20 + 25 of Art. 25(6)(d) are 70; for the large firm 25 + 15 by licences are 40."""
    found = ceilings(read_case(EXAMPLE), rule_set("eu-2023"))

    keys = ("implant-prototypes", "machine-development")
    percents = [next(one.percent for one in found[key] if one.article.id == "gber-25") for key in keys]

    assert percents == [Decimal(70), Decimal(40)]


@pytest.mark.parametrize(
    ("nuts", "said", "category"),
    [
        pytest.param("PL229", None, "less_developed", id="looked up"),
        pytest.param("PL229", "transition", "transition", id="what the case says goes before"),
        pytest.param("ES620", None, "transition", id="Murcia"),
        pytest.param("CY000", None, "transition", id="computed"),
        pytest.param("SE211", None, "more_developed", id="computed too"),
        pytest.param("FRY40", None, "outermost", id="Réunion"),
        pytest.param("CH011", None, None, id="outside of the Union"),
    ],
)
def test_a_case_file_has_its_cohesion_categories_looked_up(nuts: str, said: str | None, category: str | None) -> None:
    site = {"id": "site", "nuts": nuts, **({"cohesion": said} if said else {})}
    tree = case(partners=({**partner().model_dump(), "sites": [site]},)).model_dump_json(exclude_none=True)

    assert read_case(tree).partners[0].sites[0].cohesion == category


def test_verified_only_takes_no_computed_category() -> None:
    strict = case(partners=(partner(nuts="CY000"),), wanted={"verified_only": True})

    assert read_case(strict.model_dump_json(exclude_none=True)).partners[0].sites[0].cohesion is None


def test_the_documented_scenario_is_lawful() -> None:
    assert [(one.rule, one.sentence) for one in check(read_case(EXAMPLE), read_scenario(SCENARIO))] == []


def test_every_key_is_documented() -> None:
    shapes: list[type[BaseModel]] = [
        FundingCase,
        ProjectFacts,
        Partner,
        Site,
        YearFigures,
        Link,
        CostItem,
        Instrument,
        Whom,
        Rate,
        Consortium,
    ]
    shapes += [Seats, Call, AidReceived, Wanted]
    words = set(re.findall(r"`([a-z_]+)`", GUIDE.partition("## The parts")[2].partition("## A whole case")[0]))
    words |= set(re.findall(r"`partners\[\]\.(\w+)`|`instruments\[\]\.(\w+)`", GUIDE)[0])

    keys = {name for shape in shapes for name in shape.model_fields}
    nested = {"id", "name", "whom", "at_least"}

    assert sorted(keys - words - nested) == []
    assert sorted(set(Activity) - words) == []
    assert sorted(set(ScenarioKind) - words) == []
