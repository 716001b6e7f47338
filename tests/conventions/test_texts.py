"""The reader of texts sees what is said, wherever its code comes from, and what is no code."""

import pytest

from tests.conventions.sources import Source
from tests.conventions.texts import COMPOSED, Module, errors_of

ERRORS = """
class BankableError(Exception):
    code = "error"
    def __init__(self, text="", /, **parameters): ...
class Denied(BankableError):
    code = "denied"
class Invalid(BankableError):
    code = "invalid"
    def __init__(self, fault="", /, **parameters): ...
class Blind(Denied):
    code = "blind"
class NoPoem(Invalid):
    code = "no_poem"
"""


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('Fault(place, "blank", remedy="give_it")', {("fault", "blank"), ("remedy", "give_it")}),
        ('Fault(place, f"{name} is taken")', {("fault", COMPOSED)}),
        ('Fault(place, "is blank")', {("fault", "is blank")}),
        ('Fault(place, "taken" if known else "blank")', {("fault", "taken"), ("fault", "blank")}),
        ('NoPoem("blank", field="poem")', {("fault", "blank")}),
        ("NoPoem(faults=faults)", set()),
        ('Denied(f"The role {role} may not.")', {("error", COMPOSED)}),
        ("Denied(message)", {("error", None)}),
        ("Blind()", {("error", "blind")}),
        ("raise Blind", {("error", "blind")}),
        ('Refusal("no_lead", text="no_lead_yet")', {("refusal", "no_lead_yet")}),
        ('Missing("poem", key)', {("noun", "poem")}),
        ('Text("why", "no_year")', {("why", "no_year")}),
        (
            'def refuse(code, /, *, remedy): return Fault("", code, remedy=remedy)\nrefuse("blank", remedy="give_it")',
            {("fault", "blank"), ("remedy", "give_it")},
        ),
        (
            'def tell(known):\n    way = "one_of" if known else "none_yet"\n    return Fault("", "blank", remedy=way)',
            {("fault", "blank"), ("remedy", "one_of"), ("remedy", "none_yet")},
        ),
    ],
)
def test_what_a_line_says(code: str, expected: set[tuple[str, str | None]]) -> None:
    classes, module = Source("states/errors.py", ERRORS), Source("states/poems.py", code)

    said = Module(module, errors_of([classes])).said({})

    assert {(one.kind, one.code) for one in said} == expected
