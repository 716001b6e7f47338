"""What an input holds is what code goes on with: sums are decimal numbers until they are written as JSON."""

import ast
from decimal import Decimal

import pytest

from api.http.schemas import Exactly, Input, Money, Rate
from tests.conventions.sources import python_files


class _Sums(Input):
    amount: Money
    rate: Rate
    exactly: Exactly
    none: Money | None = None
    several: list[Money]


def test_sums_are_numbers_for_code_and_fixed_texts_in_json() -> None:
    sent = _Sums.model_validate({"amount": "12.50", "rate": "5", "exactly": "4.2583", "several": ["1.00"]})

    assert sent.model_dump() == {
        "amount": Decimal("12.50"),
        "rate": Decimal(5),
        "exactly": Decimal("4.2583"),
        "none": None,
        "several": [Decimal("1.00")],
    }
    assert sent.model_dump(mode="json") == {
        "amount": "12.50",
        "rate": "5.00",
        "exactly": "4.2583",
        "none": None,
        "several": ["1.00"],
    }


@pytest.mark.long
def test_no_type_of_the_api_turns_its_value_into_another_before_it_is_json() -> None:
    """Else `Plan(**sent.model_dump())` hands a text to code that counts with it."""
    found = [
        (source.path, node.lineno)
        for source in python_files()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "PlainSerializer"
        if not any(one.arg == "when_used" and getattr(one.value, "value", "") == "json" for one in node.keywords)
    ]
    assert found == []
