"""The books of rules: what ships is whole and honest, and a set of one's own is read with all its faults at once."""

from datetime import date
from decimal import Decimal

import pytest

from states.errors import Missing
from states.funding.case.reader import read_shape
from states.funding.rules.documents import SetDocument, shelf_with
from states.funding.rules.library import RulesInvalid, Shelf, kept_set, rule_set, set_names, shipped

# What no public text was found for; all else says where it was seen. Areas of the map that are computed come besides.
FROM_MEMORY = {"small-mid-cap", "sme-public", "sme-two-years", "tfeu-107-1", "union-no-retroactive"}


def test_the_shipped_sets() -> None:
    assert set_names() == ("eu-2023", "eu-2014")


@pytest.mark.parametrize("name", set_names())
def test_every_rule_has_article_sentence_and_validity(name: str) -> None:
    found = rule_set(name)

    bare = [rule.id for rule in found.rules.values() if not (rule.article and rule.sentence.endswith("."))]
    assert bare == []
    assert all(book.legal_basis and book.valid_from for book in found.books)


def test_what_is_from_memory_or_computed_is_not_verified() -> None:
    doubted = {rule.id for rule in rule_set("eu-2023").rules.values() if not rule.verified}
    computed = {key for key in doubted if key.startswith("aid-map-")}

    assert (doubted - computed, len(computed)) == (FROM_MEMORY, 33)


@pytest.mark.parametrize(
    ("name", "rule", "on", "holds"),
    [
        pytest.param("eu-2023", "gber-25", date(2023, 6, 30), False, id="Reg. 2023/1315 not yet"),
        pytest.param("eu-2023", "gber-25", date(2023, 7, 1), True, id="Reg. 2023/1315 first day"),
        pytest.param("eu-2023", "gber-25", date(2026, 12, 31), True, id="GBER Art. 59 last day"),
        pytest.param("eu-2023", "gber-25", date(2027, 1, 1), False, id="GBER Art. 59 after"),
        pytest.param("eu-2023", "de-minimis-ceiling", date(2030, 12, 31), True, id="Reg. 2023/2831 last day"),
        pytest.param("eu-2023", "small-mid-cap", date(2025, 5, 20), False, id="Rec. 2025/1099 not yet"),
        pytest.param("eu-2014", "gber-25", date(2023, 6, 30), True, id="GBER of 2014"),
    ],
)
def test_validity(name: str, rule: str, on: date, holds: bool) -> None:
    assert rule_set(name).in_force(rule, on) is holds


@pytest.mark.parametrize(
    ("nuts", "on", "percent"),
    [
        pytest.param("PL229", date(2026, 11, 22), 30, id="NUTS 3 inside"),
        pytest.param("PL22", date(2026, 11, 22), 30, id="the area itself"),
        pytest.param("DE111", date(2026, 11, 22), None, id="not on this map"),
        pytest.param("SK021", date(2023, 12, 31), 30, id="SK02 before the mid-term review"),
        pytest.param("SK021", date(2024, 1, 1), 40, id="SK02 since"),
        pytest.param("HU231", date(2023, 5, 11), 50, id="Baranya before the just transition amendment"),
        pytest.param("HU231", date(2023, 5, 12), 60, id="Baranya since"),
        pytest.param("BG411", date(2026, 11, 22), None, id="the area was read, its rate was not"),
        pytest.param("ES620", date(2023, 12, 31), None, id="Murcia before it became an area"),
        pytest.param("ES620", date(2024, 1, 1), 30, id="Murcia since, computed"),
        pytest.param("HU231", date(2028, 1, 1), None, id="after the map"),
    ],
)
def test_the_aid_map(nuts: str, on: date, percent: int | None) -> None:
    found = rule_set("eu-2023").map_area(nuts, on)

    assert (found.percent if found else None) == percent


def test_an_unknown_set_is_missing() -> None:
    with pytest.raises(Missing):
        rule_set("eu-1999")


OWN_BOOK = """
id: draft
title: A draft that raises industrial research
legal_basis: none yet
valid_from: 2027-01-01
rules: [RULES]
articles:
  - id: gber-25
    article: Draft Art. 25
    sentence: Sixty percent for industrial research.
    bases:
      - {id: draft-25-b, article: Draft Art. 25, sentence: Sixty percent., activities: [industrial], PERCENT}
"""


def _shelf(*books: str, rules: str = "", percent: str = "percent: 60") -> Shelf:
    """Return a shelf with a set of one's own: the draft, joined with `books`."""
    text = OWN_BOOK.replace("RULES", rules).replace("PERCENT", percent)
    draft = read_shape(f"kind: rule_set\n{text}\nbooks: [{', '.join((*BESIDE, *books))}]", SetDocument)
    return shelf_with([draft])


BESIDE = ("de-minimis-2023-2831", "sme-2003-361")
PLAIN = ("gber-1-4-a", "gber-5", "gber-6-2", "gber-8-2", "gber-8-3")
NEEDED_RULES = [
    f"{{id: {key}, article: Draft, sentence: A rule of the draft.}}"
    for key in ("gber-1-4-a", "gber-5", "gber-6-2", "gber-8-2", "gber-8-3")
] + [
    "{id: gber-58, article: Draft, sentence: A rule of the draft., figures: {tail_months: 6}}",
    "{id: gber-9, article: Draft, sentence: A rule of the draft., figures: {euro: 1, months: 6}}",
    "{id: gber-1-4-c, article: Draft, sentence: A rule of the draft., figures: {capital_lost_share: 50,"
    " debt_to_equity: 7.5, interest_cover: 1, ratio_years: 2, young_years: 3}}",
]


def test_a_set_of_ones_own_joins_its_books_with_shipped_ones() -> None:
    shelf = _shelf("treaty-and-union-money", rules=", ".join(NEEDED_RULES))

    found = shelf.rule_set("draft")

    assert found.articles["gber-25"].bases[0].percent == Decimal(60)
    assert found.figure("gber-1-4-c", "debt_to_equity") == Decimal("7.5")
    assert [one.id for one in found.calendar] == ["eu-2014", "eu-2023", "draft"]
    assert shelf.rule_set("eu-2023").fingerprint == rule_set("eu-2023").fingerprint


@pytest.mark.parametrize(
    ("on", "holds"),
    [
        (date(2014, 6, 30), None),
        (date(2023, 6, 30), "eu-2014"),
        (date(2023, 7, 1), "eu-2023"),
        (date(2026, 12, 31), "eu-2023"),
        (date(2027, 1, 1), "draft"),
    ],
)
def test_a_day_picks_the_set_that_holds(on: date, holds: str | None) -> None:
    found = _shelf("treaty-and-union-money").holding(on)

    assert (found.id if found else None) == holds


def test_after_the_last_day_of_every_set_none_holds() -> None:
    assert shipped().holding(date(2027, 1, 1)) is None


def test_faults_of_a_set_come_at_once() -> None:
    rules = (
        "{id: gber-9, article: Draft, sentence: Without figures., verified: true},"
        "{id: gber-9, article: Draft, sentence: The same again.}"
    )

    with pytest.raises(RulesInvalid) as caught:
        _shelf("aid-map-2022-2027", rules=rules, percent="percent: 60, percent_from: eu_rate").rule_set("draft")

    said = [f"{fault.place}: {fault.message}" for fault in caught.value.faults]
    assert said[:2] == ["rule set draft: rule 'gber-9' stands 2 times", "rule set draft: rule 'gber-58' is missing"]
    assert "rule set draft: gber-9: has no figure euro, months" in said
    assert said[-1] == "rule set draft: draft-25-b: needs percent or percent_from"


def test_a_book_that_is_not_there_is_named() -> None:
    with pytest.raises(RulesInvalid) as caught:
        _shelf("nowhere").rule_set("draft")

    assert caught.value.faults[0].message == "there is no book 'nowhere'"


def test_what_is_verified_says_where_and_when() -> None:
    rules = "{id: x, article: Draft, sentence: Verified by nobody., verified: true}"

    with pytest.raises(RulesInvalid) as caught:
        _shelf("treaty-and-union-money", rules=rules).rule_set("draft")

    assert "rule set draft: x: is verified without source or date (say where and when)" in map(str, caught.value.faults)


def test_a_set_is_kept_and_read_again_as_it_was() -> None:
    found = rule_set("eu-2023")

    again = kept_set(found.text)

    assert again.books == found.books
    assert again.fingerprint == found.fingerprint
