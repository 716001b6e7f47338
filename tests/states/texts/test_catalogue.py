"""The catalogue holds every sentence that the code says, nothing else, and each gets what it speaks of."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from string import Formatter

import pytest
from babel.core import Locale

from api.http.problems import OF_THE_EDGE
from states.changes.declared import RECORDED
from states.places.cohesion import Category
from states.review.tables import Outcome, SeatState
from states.rights.access import Action
from states.rights.actors import Role
from states.schema import METADATA
from states.seals import SEALED
from states.texts import Text
from states.texts.catalogue import catalogue
from states.texts.formats import FORMATS, written_number
from tests.conventions.texts import Said, said

# What the code says as a sentence; all other kinds are words that a sentence names by a code.
SENTENCES = {
    "about",
    "checked",
    "error",
    "fault",
    "finding",
    "missing",
    "problem",
    "refusal",
    "remedy",
    "seal",
    "waits",
    "why",
    "word",
}
WORDS: dict[str, set[str]] = {
    "action": {*Action},
    "cohesion": {*Category, "outermost"},
    "field": {
        column.name
        for noun, kept in RECORDED.items()
        for column in METADATA.tables[noun].columns
        if column.name not in kept.machine
    },
    "outcome": {*Outcome},
    "recorded": {*RECORDED, "browser_session", "mail", "outbox_message", "seal_tip", "signed_link"},
    "role": {*Role},
    "seat_state": {*SeatState},
    "sealed": {*SEALED, "scope", "seal_tip"},
}


# Nouns of what is seen by the checks of machines, and of what another partnership has.
NOUNS = {"state", "stage", "such_record"}


def versioned_tables() -> set[str]:
    """Return the tables whose rows somebody may have changed in the meantime."""
    return {table.name for table in METADATA.tables.values() if "version" in table.columns}


def texts() -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Yield kind, code and the forms of every text of the catalogue."""
    for message in catalogue():
        code = message.id if isinstance(message.id, str) else message.id[0]
        if code:
            forms = message.string
            assert message.context
            yield message.context, code, (forms,) if isinstance(forms, str) else tuple(forms or ())


@pytest.fixture(scope="module")
def uses() -> list[Said]:
    return said()


def fields(form: str) -> set[tuple[str, str]]:
    """Return name and format of every parameter of a pattern."""
    return {(name, spec or "") for _, name, spec, _ in Formatter().parse(form) if name is not None}


def test_every_code_can_be_read(uses: list[Said]) -> None:
    unread = {use.place.partition(":")[0] for use in uses if use.code is None}

    # What a machine of states says stands in its definitions, which are read; the errors pass on what they are given.
    assert unread == {
        "api/http/access.py",  # the nouns of paths
        "api/http/schemas.py",  # what the reader of numbers says
        "states/computations/service.py",  # the nouns of kinds of computation
        "states/crossings/questions/mails.py",  # the words of roles
        "states/crossings/costs.py",  # the name of a table
        "api/pages/views/history.py",  # the names of tables, of which one is chosen
        "states/crossings/changes/told.py",  # the names of tables
        "states/crossings/changes/values.py",  # the names of columns
        "states/errors.py",
        "states/packages.py",  # the remedies of whoever reads a package
        "states/partners/partial_dates.py",
        "states/partners/registry_faults.py",
        "states/places/nuts.py",
        "states/playbooks/reader.py",
        "states/seals/checking.py",  # the names of tables
        "states/shapes.py",
        "states/storage/locking.py",  # the names of tables
        "states/yaml_source.py",
    }


def test_every_text_that_is_said_is_written_and_every_other_is_not(uses: list[Said]) -> None:
    written = {(kind, code) for kind, code, _ in texts() if kind in SENTENCES}

    sentences = {(use.kind, use.code) for use in uses if use.code and use.kind in SENTENCES}
    sentences |= {("problem", code) for code in OF_THE_EDGE}
    assert (sentences - written, written - sentences) == (set(), set())


def test_every_text_gets_what_it_speaks_of(uses: list[Said]) -> None:
    needed = {(kind, code): {name for form in forms for name, _ in fields(form)} for kind, code, forms in texts()}
    counted = {(kind, code) for kind, code, forms in texts() if len(forms) > 1}

    lacking = [
        f"{use.place}: {use.code} without {sorted(missing)}"
        for use in uses
        if use.code and use.given is not None
        if (
            missing := (needed[use.kind, use.code] | ({"count"} if (use.kind, use.code) in counted else set()))
            - use.given
        )
    ]

    assert lacking == []


def test_every_form_is_written_and_knows_its_formats() -> None:
    kinds = {kind for kind, _, _ in texts()}
    unknown = [
        f"{code}: {name}:{spec}"
        for _, code, forms in texts()
        for form in forms
        for name, spec in fields(form)
        if not {part for part in spec.split("|") if part} <= FORMATS | kinds
    ]

    assert unknown == []
    assert [code for _, code, forms in texts() if not all(forms)] == []


def test_the_words_are_those_of_the_code(uses: list[Said]) -> None:
    written: dict[str, set[str]] = {}
    for kind, code, _ in texts():
        written.setdefault(kind, set()).add(code)

    nouns = {use.code for use in uses if use.kind == "noun" and use.code} | NOUNS | versioned_tables()
    assert {kind: codes for kind, codes in written.items() if kind not in SENTENCES} == {**WORDS, "noun": nouns}


def test_no_two_texts_of_a_kind_are_the_same_but_for_their_code() -> None:
    seen: dict[tuple[str, tuple[str, ...]], list[str]] = {}
    for kind, code, forms in texts():
        if kind in SENTENCES:
            seen.setdefault((kind, forms), []).append(code)

    assert [codes for codes in seen.values() if len(codes) > 1] == []


class Colour(StrEnum):
    RED = "reject"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (Text("refusal", "no_lead"), "No lead partner is named."),
        (Text("missing", "more", count=1), "1 more"),
        (
            Text("refusal", "too_many_requests", count=1),
            "1 request waits for an answer already.",
        ),
        (
            Text("refusal", "too_many_requests", count=2),
            "2 requests wait for an answer already.",
        ),
        (
            Text("missing", "partner_elsewhere", regions=("FRK2", "ITC1", "PL22")),
            "a partner with its site in another NUTS 2 region than FRK2, ITC1 and PL22",
        ),
        (Text("missing", "sources", amount=Decimal("1234567.8")), "sources for EUR 1,234,567.80"),
        (
            Text("refusal", "decided_otherwise", panel="iag", outcome=Colour.RED, outcomes=("revise", "endorse")),
            "Panel iag decided: reject; needed is: revise or endorse.",
        ),
        (Text("refusal", "interest_too_late", until=date(2026, 3, 2)), "Interest was asked for until 2 March 2026."),
        (
            Text(
                "refusal",
                "requests_closed",
                opens=datetime(2026, 3, 2, 9, tzinfo=UTC),
                closes=datetime(2026, 3, 4, 17, 30, tzinfo=UTC),
            ),
            "Requests are taken from 2 March 2026, 09:00 UTC until 4 March 2026, 17:30 UTC.",
        ),
        (
            Text(
                "refusal",
                "not_possible",
                what=Text("word", "the_noun", noun="mail"),
                state="out",
                move="Edit it",
                possible=("Drop it", "Check it"),
            ),
            'The mail is out: "Edit it" is not possible. Possible: "Drop it" and "Check it".',
        ),
    ],
)
def test_what_a_text_says(text: Text, expected: str) -> None:
    assert str(text) == expected


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        ("1234567.125", "1,234,567.125"),
        ("0E-40", "0"),
        ("1E-20", "0.00000000000000000001"),
        ("1E+20", "100,000,000,000,000,000,000"),
        ("1E+40", "1E+40"),
        ("1E-40", "1E-40"),
        ("1E+999999", "1E+999999"),
        ("1." + 40 * "3", "1." + 40 * "3"),
        ("NaN", "NaN"),
        ("sNaN", "sNaN"),
        ("-Infinity", "-Infinity"),
    ],
)
def test_any_number_can_be_named(number: str, expected: str) -> None:
    assert written_number(Decimal(number), Locale("en", "GB")) == expected


def test_a_language_without_the_sentence_says_it_in_english() -> None:
    assert Text("refusal", "no_lead").in_language("fi") == "No lead partner is named."


def test_a_text_that_nobody_wrote_is_a_fault() -> None:
    with pytest.raises(LookupError, match="refusal no_such_code"):
        str(Text("refusal", "no_such_code"))
