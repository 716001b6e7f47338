"""What pydantic finds is said in our own words, by codes of ours."""

import typing
from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

import pytest
from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, TypeAdapter, ValidationError
from pydantic_core import core_schema

from states.shapes import OTHERWISE, SHAPES, Unfit, shape_fault
from states.texts import Text

# What no value that comes from outside brings about: Python's own objects, calls, dataclasses, settings of a model.
OF_CODE = {
    "no_such_attribute",
    "needs_python_object",
    "frozen_field",
    "frozen_instance",
    "get_attribute_error",
    "dataclass_exact_type",
    "named_tuple_type",
    "default_factory_not_called",
    "iteration_error",
    "frozen_dict_type",
    "ordered_dict_type",
    "counter_type",
    "deque_type",
    "set_item_not_hashable",
    "bytes_too_short",
    "bytes_too_long",
    "bytes_invalid_encoding",
    "value_error",
    "assertion_error",
    "missing_sentinel_error",
    "ellipsis_error",
    "timezone_offset",
    "time_delta_type",
    "time_delta_parsing",
    "is_instance_of",
    "is_subclass_of",
    "callable_type",
    "arguments_type",
    "missing_argument",
    "unexpected_keyword_argument",
    "missing_keyword_only_argument",
    "unexpected_positional_argument",
    "missing_positional_only_argument",
    "multiple_argument_values",
    "fraction_type",
    "fraction_parsing",
    "complex_type",
    "complex_str_parsing",
}


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Cat(BaseModel):
    kind: Literal["cat"]


class Dog(BaseModel):
    kind: Literal["dog"]
    model_config = ConfigDict(extra="forbid")


PET = Annotated[Cat | Dog, Field(discriminator="kind")]
INSTANT = "write it as 2026-05-04T09:00:00+02:00"


def _refuse(_: object) -> object:
    raise Unfit("too_large_number")


def _fail(_: object) -> object:
    raise ValueError("the words of somebody else")


def found(shape: Any, value: object) -> list[str]:
    """Return what is said of a value that does not fit."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter[object](shape).validate_python(value)
    return [str(shape_fault(one, otherwise="it")) for one in caught.value.errors()]


@pytest.mark.parametrize(
    ("shape", "value", "says"),
    [
        (Cat, {}, "kind: is missing (give it)"),
        (Dog, {"kind": "dog", "colour": 1}, "colour: is not known here (leave it out, or mend its spelling)"),
        (Cat, 1, "it: is no mapping of keys to values"),
        (str, 1, "it: is no text (a text stands in quotes, a number too)"),
        (Annotated[str, Field(min_length=1)], "", "it: is shorter than 1 character"),
        (Annotated[str, Field(max_length=3)], "long", "it: is longer than 3 characters"),
        (Annotated[str, Field(pattern="^a$")], "b", "it: does not fit the pattern ^a$"),
        (list[int], "1", "it: is no list"),
        (Annotated[list[int], Field(min_length=2)], [1], "it: has fewer than 2 entries"),
        (Annotated[list[int], Field(max_length=1)], [1, 2], "it: has more than 1 entry"),
        (dict[str, int], [], "it: is no mapping of keys to values"),
        (dict[str, int], {"a": "b"}, "a: is no whole number"),
        (bool, "perhaps", "it: is neither true nor false"),
        (int, "one", "it: is no whole number"),
        (int, 1.5, "it: is no whole number"),
        (int, "9" * 5000, "it: is too large a number to be read"),
        (float, "one", "it: is no number"),
        (Decimal, "one", "it: is no number"),
        (Decimal, "NaN", "it: is no finite number"),
        (Annotated[Decimal, Field(max_digits=3)], "1234", "it: has more than 3 digits"),
        (Annotated[Decimal, Field(decimal_places=2)], "1.234", "it: has more than 2 decimals"),
        (
            Annotated[Decimal, Field(max_digits=3, decimal_places=2)],
            "12",
            "it: has more than 1 digit before the decimals",
        ),
        (Annotated[int, Field(gt=0)], 0, "it: is not more than 0"),
        (Annotated[int, Field(ge=1)], 0, "it: is less than 1"),
        (Annotated[float, Field(lt=1.5)], 2, "it: is not less than 1.5"),
        (Annotated[Decimal, Field(le=Decimal("0.25"))], 1, "it: is over 0.25"),
        (Annotated[int, Field(multiple_of=5)], 3, "it: is no multiple of 5"),
        (Colour, "green", "it: is none of: red, blue"),
        (Literal["red"], "blue", "it: is none of: red"),
        (
            PET,
            {"kind": "cow"},
            "it: 'cow' is none of its kinds: cat, dog",
        ),
        (PET, {}, "it: does not say its kind: kind"),
        (date, "tomorrow", "it: is no date (write the date as 2026-11-22)"),
        (date, datetime(2026, 5, 4, 9, tzinfo=UTC), "it: is no date (write the date as 2026-11-22)"),
        (datetime, "soon", f"it: is no date with a time ({INSTANT})"),
        (
            AwareDatetime,
            "2026-05-04T09:00:00",
            f"it: has a time without an offset ({INSTANT})",
        ),
        (time, "noon", "it: is no time of day (write it as 17:00)"),
        (Annotated[int, BeforeValidator(_refuse)], 1, "it: is too large a number"),
        (Annotated[int, BeforeValidator(_fail)], 1, "it: does not fit"),
    ],
)
def test_what_is_said_of_a_value(shape: Any, value: object, says: str) -> None:
    assert found(shape, value) == [says]


def test_json_that_is_none() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Cat).validate_json("{")

    assert [str(shape_fault(one, otherwise="body")) for one in caught.value.errors()] == [
        "body: cannot be read as JSON (send JSON)"
    ]


def test_every_type_of_error_that_a_value_can_bring_about_has_words_of_ours() -> None:
    known = set(typing.get_args(core_schema.ErrorType))

    assert (known - SHAPES.keys() - OF_CODE, SHAPES.keys() - known, SHAPES.keys() & OF_CODE) == (set(), set(), set())


def test_the_place_and_remedy_that_are_given_count() -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(Mapping[str, Cat]).validate_python({"a": {}})
    (error,) = caught.value.errors()

    own = shape_fault(error, place="cats[1]", remedy=Text("remedy", "see_line", line=3))

    assert (str(own), own.code, own.parameters) == ("cats[1]: is missing (see line 3)", "missing", {"line": 3})
    assert str(shape_fault(error, remedy="fill_it")) == "a.kind: is missing (fill it)"


def test_a_type_that_nobody_has_words_for_is_said_all_the_same() -> None:
    fault = shape_fault({"type": "poem", "loc": ("verse", 1), "msg": "It does not rhyme", "input": ""})

    assert (fault.place, fault.code, fault.message) == ("verse.1", OTHERWISE.code, "does not fit")
