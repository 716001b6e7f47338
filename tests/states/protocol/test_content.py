"""The content of sections: each kind of cell, every fault at once with its place, sums and digests."""

from decimal import Decimal

import pytest
from pydantic import ValidationError

from states.protocol.content import (
    SectionInvalid,
    checked,
    column_sums,
    digest,
    filled,
    need_within_limits,
    table_rows,
    unfilled,
)
from states.protocol.definition import ColumnKind, SectionSpec
from tests.expect import places
from tests.factories import content_of, s3

SECTION = SectionSpec.model_validate(
    {
        "key": "plan",
        "title": "Plan",
        "fields": [
            {"key": "why", "title": "Why"},
            {"key": "note", "title": "Note", "mandatory": False},
            {
                "key": "costs",
                "title": "Costs",
                "columns": [
                    {"key": kind.value, "title": kind.value, "kind": kind.value}
                    | ({"choices": ["Planned", "Granted"]} if kind is ColumnKind.CHOICE else {})
                    for kind in ColumnKind
                ],
            },
        ],
    }
)
CELLS: dict[str, object] = {
    "text": "Bench",
    "money": "1000.10",
    "percent": "50",
    "integer": "3",
    "date": "2020-06-30",
    "nuts": "PL22",
    "number": "0.5",
    "months": "1-12",
    "partner": "gliwice",
    "url": "https://example.org",
    "choice": "Planned",
}


def _stored(kind: ColumnKind, cell: object) -> object:
    rows = checked({"costs": [{**CELLS, kind.value: cell}]}, section=SECTION)["costs"]
    assert isinstance(rows, list)
    return rows[0][kind.value]


@pytest.mark.parametrize(
    ("kind", "cell", "stored"),
    [
        (ColumnKind.TEXT, "  Bench, 2 m ", "  Bench, 2 m "),
        (ColumnKind.TEXT, 7, "7"),
        (ColumnKind.MONEY, "0", "0.00"),
        (ColumnKind.MONEY, "-0.00", "0.00"),
        (ColumnKind.MONEY, "1250000.5", "1250000.50"),
        (ColumnKind.MONEY, Decimal("12.3400"), "12.34"),
        (ColumnKind.MONEY, "1 250 000,50", "1250000.50"),
        (ColumnKind.NUTS, "pl22", "PL22"),
        (ColumnKind.MONEY, 1e3, "1000.00"),
        (ColumnKind.PERCENT, "62.5", "62.50"),
        (ColumnKind.PERCENT, 100, "100.00"),
        (ColumnKind.INTEGER, "-07", "-7"),
        (ColumnKind.DATE, "20200630", "2020-06-30"),
        (ColumnKind.NUTS, "PL", "PL"),
        (ColumnKind.NUTS, "FRL04", "FRL04"),
        (ColumnKind.NUMBER, "1 200,50", "1200.5"),
        (ColumnKind.NUMBER, "-0.00", "0"),
        (ColumnKind.NUMBER, "100", "100"),
        (ColumnKind.NUMBER, "0,1250", "0.1250"),
        (ColumnKind.MONTHS, "M1 – M12", "1-12"),
        (ColumnKind.MONTHS, 7, "7"),
        (ColumnKind.MONTHS, "07-7", "7"),
        (ColumnKind.URL, " https://example.org/a?b=c ", "https://example.org/a?b=c"),
        (ColumnKind.CHOICE, "granted", "Granted"),
    ],
)
def test_a_cell_is_kept_in_one_form(kind: ColumnKind, cell: object, stored: str) -> None:
    assert _stored(kind, cell) == stored


DOUBTFUL, NONE = "may be thousands or decimals", "is no number"


@pytest.mark.parametrize(
    ("kind", "cell", "message"),
    [
        (ColumnKind.TEXT, ["a"], "'['a']' does not fit"),
        (ColumnKind.TEXT, {"a": 1}, "'{'a': 1}' does not fit"),
        (ColumnKind.TEXT, True, "'True' does not fit"),
        (ColumnKind.TEXT, "", "is empty"),
        (ColumnKind.TEXT, " \t", "is empty"),
        (ColumnKind.TEXT, None, "is empty"),
        (ColumnKind.MONEY, "10.005", DOUBTFUL),
        (ColumnKind.MONEY, "-1", "'-1' does not fit"),
        (ColumnKind.MONEY, "1.00.0,00", NONE),
        (ColumnKind.MONEY, "NaN", NONE),
        (ColumnKind.MONEY, "Infinity", NONE),
        (ColumnKind.MONEY, "1e40", NONE),
        (ColumnKind.MONEY, 0.1 + 0.2, "'0.30000000000000004' does not fit"),
        (ColumnKind.PERCENT, "100.01", "'100.01' does not fit"),
        (ColumnKind.PERCENT, "-0.01", "'-0.01' does not fit"),
        (ColumnKind.PERCENT, "33.333", DOUBTFUL),
        (ColumnKind.PERCENT, "NaN", NONE),
        (ColumnKind.INTEGER, "3.0", "'3.0' does not fit"),
        (ColumnKind.DATE, "2020-02-30", "is no day: February 2020 has no day 30"),
        (ColumnKind.DATE, "June 2020", "is no day: it is not known to the day, with a year of four digits"),
        (ColumnKind.DATE, "9999-12-31", "is no day: the year 9999 is too far away: 1900 to 2199"),
        (ColumnKind.NUTS, "XX99", "'XX99' is not a code of NUTS 2024"),
        (ColumnKind.MONEY, "400.000", DOUBTFUL),
        (ColumnKind.MONEY, "1_000", NONE),
        (ColumnKind.MONEY, "1.00\n", NONE),
        (ColumnKind.MONEY, "٣", NONE),
        (ColumnKind.INTEGER, "1_000", "'1_000' does not fit"),
        (ColumnKind.INTEGER, "٣", "'٣' does not fit"),
        (ColumnKind.NUTS, "PL2200", "'PL2200' is not a code of NUTS 2024"),
        (ColumnKind.NUTS, "Silesia", "'Silesia' is not a code of NUTS 2024"),
        (ColumnKind.NUMBER, "1e3", NONE),
        (ColumnKind.MONTHS, "12-1", "'12-1' does not fit"),
        (ColumnKind.MONTHS, "0-3", "'0-3' does not fit"),
        (ColumnKind.MONTHS, "May", "'May' does not fit"),
        (ColumnKind.URL, "javascript:alert(1)", "'javascript:alert(1)' does not fit"),
        (ColumnKind.URL, "https:///path", "'https:///path' does not fit"),
        (ColumnKind.URL, "http://[", "'http://[' does not fit"),
        (ColumnKind.CHOICE, "asked for", "'asked for' does not fit"),
    ],
)
def test_a_cell_that_does_not_fit_is_placed(kind: ColumnKind, cell: object, message: str) -> None:
    with pytest.raises(SectionInvalid) as caught:
        _stored(kind, cell)
    assert [(f.place, f.message) for f in caught.value.faults] == [(f"plan.costs[1].{kind.value}", message)]


def test_all_faults_come_at_once_with_their_places() -> None:
    content = {
        "when": "now",
        "why": 3,
        "costs": [CELLS, "a row", {**CELLS, "colour": "red", "money": "much"}, {"text": "Bench"}],
    }
    with pytest.raises(SectionInvalid) as caught:
        checked(content, section=SECTION)
    assert places(caught.value) == [
        "plan.when",
        "plan.why",
        "plan.costs[2]",
        "plan.costs[3].colour",
        "plan.costs[3].money",
        "plan.costs[4].money",
        "plan.costs[4].percent",
        "plan.costs[4].integer",
        "plan.costs[4].date",
        "plan.costs[4].nuts",
        "plan.costs[4].number",
        "plan.costs[4].months",
        "plan.costs[4].partner",
        "plan.costs[4].url",
        "plan.costs[4].choice",
    ]


def test_a_table_is_a_list() -> None:
    with pytest.raises(SectionInvalid) as caught:
        checked({"costs": "none yet"}, section=SECTION)
    assert str(caught.value) == "plan.costs: it is a table (give a list of rows)"


def test_nothing_is_a_content_too() -> None:
    assert checked({}, section=SECTION) == {}
    assert checked({"why": "", "costs": []}, section=SECTION) == {"why": "", "costs": []}


def test_what_is_mandatory_and_empty() -> None:
    assert unfilled({}, sections=[SECTION]) == ("Plan: Why", "Plan: Costs")
    assert unfilled({"plan": {"why": " ", "costs": []}}, sections=[SECTION]) == ("Plan: Why", "Plan: Costs")
    assert unfilled({"plan": {"why": "So.", "costs": [{}]}}, sections=[SECTION]) == ()
    assert filled({"plan": {"note": "x"}}, section=SECTION, field=SECTION.fields[1])


def test_the_factory_fills_everything() -> None:
    sections = s3().protocol
    assert len(sections) == 17
    content = {section.key: checked(content_of(section), section=section) for section in sections}
    assert unfilled(content, sections=sections) == ()


def test_money_columns_add_up_to_the_cent() -> None:
    rows = [{"money": "0.10"}, {"money": "0.20"}, {"money": "99999999999999.70"}]
    assert column_sums({"plan": {"costs": rows}}, sections=[SECTION]) == {
        "plan.costs.money": Decimal("100000000000000.00")
    }
    assert column_sums({}, sections=[SECTION]) == {"plan.costs.money": Decimal("0.00")}


def test_rows_of_a_table() -> None:
    assert list(table_rows({"plan": {"costs": [{"text": "a"}]}}, "plan", "costs")) == [{"text": "a"}]
    assert list(table_rows({"plan": {"costs": "text"}}, "plan", "costs")) == []
    assert list(table_rows({}, "plan", "costs")) == []


def test_the_digest_sees_content_not_its_order() -> None:
    one: dict[str, dict[str, object]] = {"a": {"x": "1", "y": [{"p": "ä", "q": "2"}]}, "b": {"z": "3"}}
    same: dict[str, dict[str, object]] = {"b": {"z": "3"}, "c": {}, "a": {"y": [{"q": "2", "p": "ä"}], "x": "1"}}
    assert digest(one) == digest(same)
    assert digest({}) == "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"  # SHA-256 of {}


@pytest.mark.parametrize(
    "other",
    [
        {"a": {"x": "2"}},
        {"a": {"x": "1", "y": ""}},
        {"b": {"x": "1"}},
        {"a": {"x": "1"}, "b": {"x": "1"}},
        {"a": {"x": ["1"]}},
    ],
)
def test_the_digest_sees_every_difference(other: dict[str, dict[str, object]]) -> None:
    assert digest(other) != digest({"a": {"x": "1"}})


def test_a_column_that_is_not_required_may_stay_empty_and_rows_have_bounds() -> None:
    section = SectionSpec.model_validate(
        {
            "key": "market",
            "title": "Market",
            "fields": [
                {
                    "key": "segments",
                    "title": "Segments",
                    "min_rows": 2,
                    "max_rows": 3,
                    "columns": [
                        {"key": "segment", "title": "Segment"},
                        {"key": "size", "title": "Size", "kind": "money", "required": False},
                    ],
                }
            ],
        }
    )
    row = {"segment": "Clinics"}

    stored = checked({"segments": [row, {"segment": "Dentists", "size": " "}]}, section=section)
    with pytest.raises(SectionInvalid) as caught:
        checked({"segments": [row] * 4}, section=section)

    assert stored == {"segments": [row, {"segment": "Dentists"}]}
    assert column_sums({"market": stored}, sections=[section]) == {"market.segments.size": Decimal("0.00")}
    assert [fault.place for fault in caught.value.faults] == ["market.segments"]
    assert [
        filled({"market": {"segments": [row] * count}}, section=section, field=section.fields[0]) for count in (1, 2)
    ] == [False, True]


@pytest.mark.parametrize(
    "field",
    [
        {"columns": [{"key": "one", "title": "One", "kind": "choice"}]},
        {"columns": [{"key": "one", "title": "One", "choices": ["a"]}]},
        {"columns": [{"key": "one", "title": "One"}], "limit": 10},
        {"max_rows": 3},
        {"columns": [{"key": "one", "title": "One"}], "min_rows": 3, "max_rows": 2},
    ],
)
def test_what_means_nothing_is_a_fault_of_the_playbook(field: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        SectionSpec.model_validate({"key": "a", "title": "A", "fields": [{"key": "b", "title": "B"} | field]})


def test_a_text_has_a_limit_and_what_stands_may_stay() -> None:
    fields = [{"key": "why", "title": "Why", "limit": 3}]
    section = SectionSpec.model_validate({"key": "a", "title": "A", "fields": fields})

    need_within_limits({"why": "four"}, section=section, standing={"why": "four"})
    need_within_limits({"why": "one"}, section=section, standing={})
    with pytest.raises(SectionInvalid) as caught:
        need_within_limits({"why": "four"}, section=section, standing={"why": "five!"})
    assert [(fault.place, fault.message) for fault in caught.value.faults] == [("a.why", "has 4 characters")]
