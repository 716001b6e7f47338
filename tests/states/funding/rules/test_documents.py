"""An office's own documents: what is right is read, and every fault is told at its line with what to do."""

import pytest

from states.funding.rules.documents import MapDocument, SetDocument, read_document
from states.funding.rules.library import RulesInvalid, set_names
from states.funding.rules.overview import shipped_text
from tests.rule_documents import A_MAP, CATEGORIES, successor


@pytest.mark.parametrize("name", [*set_names(), "aid-map-2022-2027"])
def test_what_ships_is_written_as_a_document_to_begin_ones_own_with(name: str) -> None:
    found = read_document(shipped_text(name))

    assert isinstance(found, SetDocument | MapDocument)
    assert found.id == name


@pytest.mark.parametrize("text", [successor(), A_MAP, CATEGORIES])
def test_documents_without_a_fault_are_read(text: str) -> None:
    assert read_document(text).version == 1


def _line(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


SET, MAP, LISTS = successor(), A_MAP, CATEGORIES
FAULTY = [
    # what is written, what stands in its place, where the fault is, what is said
    pytest.param(SET, "kind: rule_set", "kind: law", "kind: law", "kind of the document", id="kind"),
    pytest.param(SET, "id: eu-2027", "id: EU 2027", "id: EU 2027", "does not fit the pattern", id="id"),
    pytest.param(SET, "id: eu-2027", "id: by-date", "id: by-date", "is the id of something else", id="reserved"),
    pytest.param(SET, "id: eu-2027", "id: sme-2003-361", "id: sme", "is the id of something else", id="an act's id"),
    pytest.param(SET, "version: 1", "version: 0", "version: 0", "version: is less than 1", id="version"),
    pytest.param(SET, "version: 1\n", "", "kind:", "does not say its version", id="no version"),
    pytest.param(SET, "eu/eli/reg/2026", "eu/reg/2026", "eli:", "eli: does not fit", id="no ELI"),
    pytest.param(SET, "source: consolidated", "origin: consolidated", "origin:", "origin: is not known", id="key"),
    pytest.param(SET, "valid_to: 2033-12-31", "valid_to: 2026-01-01", "valid_to: 2026", "is before", id="reversed"),
    pytest.param(
        SET, "valid_from: 2027-01-01", "valid_from: 2027-02-30", "valid_from: 2027-02-30", "date", id="no day"
    ),
    pytest.param(SET, "succeeds: eu-2023", "succeeds: eu-1999", "succeeds:", "no 'eu-1999'", id="successor of nothing"),
    pytest.param(SET, "until: 2027-06-30", "until: 2026-06-30", "until:", "ends before the document", id="transition"),
    pytest.param(
        SET, "- de-minimis-2023-2831", "- de-minimis-2031", "- de-minimis-2031", "there is no book", id="book"
    ),
    pytest.param(SET, "- id: gber-58", "- id: gber-59", "kind:", "rule 'gber-58' is missing", id="needed rule"),
    pytest.param(SET, "tail_months: 6", "months: 6", "- id: gber-58", "has no figure tail_months", id="figure"),
    pytest.param(SET, "percent: 60", "percent: 160", "percent: 160", "percent: is over 100", id="percent"),
    pytest.param(SET, "- id: gber-25-5-c", "- id: gber-25-5-b", "", "rule 'gber-25-5-b' stands 2 times", id="twice"),
    pytest.param(SET, "- fundamental\n", "- fundamentl\n", "- fundamentl", "is none of", id="activity"),
    pytest.param(SET, "tail_months: 6", "tail_months: six", "tail_months: six", "is no number", id="no number"),
    pytest.param(SET, "- id: gber-58", "- id: gber-58\n  certainty: memory", "certainty", "nobody read", id="unread"),
    pytest.param(SET, "verified_on: 2026-11-20", "verified_on: 2126-11-20", "2126", "on a day to come", id="future"),
    pytest.param(SET, "articles:\n", "articles: [\n", "", "", id="bracket"),
    pytest.param(MAP, "nuts: PL22", "nuts: PL2X", "nuts: PL2X", "PL2X", id="no region"),
    pytest.param(MAP, "nuts: PL22", "nuts: FR24", "nuts: FR24", "FR24", id="former region"),
    pytest.param(
        MAP, "percent: 40", "percent: 40\n    verified: true", "- id: own-map-pl22", "without source", id="source"
    ),
    pytest.param(MAP, "- id: own-map-pl22", "- id: aid-map-pl22", "- id: aid-map", "something else", id="id of a map"),
    pytest.param(MAP, "area: a", "area: b", "area: b", "is none of: a, c, none", id="area"),
    pytest.param(LISTS, "[PL91]", "[PL91, PL22]", "[PL91, PL22]", "PL22 stands twice", id="two categories"),
    pytest.param(LISTS, "[PL91]", "[PL911]", "[PL911]", "PL911 is no level 2 code", id="level"),
    pytest.param(LISTS, "verified_on: 2026-11-20\n", "\n", "- source: the", "the day of reading", id="day of reading"),
]


@pytest.mark.parametrize(("text", "part", "instead", "at", "said"), FAULTY)
def test_a_fault_is_told_at_its_line(text: str, part: str, instead: str, at: str, said: str) -> None:
    assert part in text
    faulty = text.replace(part, instead, 1)

    with pytest.raises(RulesInvalid) as caught:
        read_document(faulty, source="own.yaml")

    places = {fault.place for fault in caught.value.faults if said in fault.message}
    assert f"own.yaml:{_line(faulty, at)}" in places if at else places
    assert all(fault.remedy for fault in caught.value.faults)


def test_all_faults_come_at_once_in_the_order_of_their_lines() -> None:
    faulty = SET
    for part, instead in (
        ("id: eu-2027", "id: EU 2027"),
        ("succeeds: eu-2023", "succeeds: eu-1999"),
        ("tail_months: 6", "tail_months: six"),
        ("percent: 60", "percent: 160"),
        ("- de-minimis-2023-2831", "- de-minimis-2031"),
    ):
        faulty = faulty.replace(part, instead, 1)

    with pytest.raises(RulesInvalid) as caught:
        read_document(faulty, source="own.yaml")

    lines = [int(fault.place.rpartition(":")[2]) for fault in caught.value.faults]
    wrong = [_line(faulty, part) for part in ("EU 2027", "eu-1999", "months: six", "percent: 160", "minimis-2031")]
    assert lines == sorted(lines)
    assert set(wrong) <= set(lines)
