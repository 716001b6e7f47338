"""Faults of shape: what pydantic finds in a value, by codes and with sentences of our own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING

from states.errors import Fault
from states.texts import Text, Value

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


class Unfit(ValueError):
    """What a model's own check says against a value: a fault by its code, for `shape_fault` to pass on."""

    def __init__(self, code: str, /, *, remedy: str | None = None, **parameters: Value) -> None:
        super().__init__(code)
        self.text = Text("fault", code, **parameters)
        self.advice = remedy and Text("remedy", remedy, **parameters)

    def __str__(self) -> str:
        return str(self.text)


@dataclass(frozen=True, slots=True)
class Shape:
    """How one of pydantic's types of error is said: by which code, with which parameters, and what to do.

    `parameters` names what the sentence speaks of after what pydantic's context calls it.
    """

    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)
    remedy: str | None = None


_TEXT, _LIST, _OBJECT = Shape("not_a_text", remedy="texts_stand_in_quotes"), Shape("not_a_list"), Shape("not_an_object")
_NUMBER, _WHOLE, _YES_NO = Shape("not_a_number"), Shape("not_a_whole_number"), Shape("neither_true_nor_false")
_DATE, _INSTANT = Shape("not_a_date", remedy="write_date_as"), Shape("not_an_instant", remedy="write_instant_as")
_TIME, _ID, _ADDRESS = Shape("not_a_time", remedy="write_time_as"), Shape("not_an_id"), Shape("not_an_address")
_ONE_OF = Shape("not_one_of", {"known": "expected"})

SHAPES: Mapping[str, Shape] = {
    "missing": Shape("missing", remedy="give_it"),
    "extra_forbidden": Shape("not_known_here", remedy="leave_out_or_mend_spelling"),
    "json_invalid": Shape("not_json", remedy="send_json"),
    "json_type": Shape("not_json", remedy="send_json"),
    "invalid_key": Shape("key_not_a_text"),
    "recursion_loop": Shape("nested_too_deep"),
    "recursion_depth_exceeded": Shape("nested_too_deep"),
    "none_required": Shape("not_empty"),
    "string_type": _TEXT,
    "string_unicode": _TEXT,
    "bytes_type": _TEXT,
    "string_too_short": Shape("text_too_short", {"count": "min_length"}),
    "string_too_long": Shape("text_too_long", {"count": "max_length"}),
    "url_too_long": Shape("text_too_long", {"count": "max_length"}),
    "string_pattern_mismatch": Shape("pattern_mismatch", {"pattern": "pattern"}),
    "string_not_ascii": Shape("not_ascii"),
    "list_type": _LIST,
    "tuple_type": _LIST,
    "set_type": _LIST,
    "frozen_set_type": _LIST,
    "iterable_type": _LIST,
    "too_short": Shape("too_few_entries", {"count": "min_length"}),
    "too_long": Shape("too_many_entries", {"count": "max_length"}),
    "dict_type": _OBJECT,
    "mapping_type": _OBJECT,
    "model_type": _OBJECT,
    "model_attributes_type": _OBJECT,
    "dataclass_type": _OBJECT,
    "bool_type": _YES_NO,
    "bool_parsing": _YES_NO,
    "int_type": _WHOLE,
    "int_parsing": _WHOLE,
    "int_from_float": _WHOLE,
    "int_parsing_size": Shape("number_too_large"),
    "float_type": _NUMBER,
    "float_parsing": _NUMBER,
    "decimal_type": _NUMBER,
    "decimal_parsing": _NUMBER,
    "finite_number": Shape("not_finite"),
    "decimal_max_digits": Shape("too_many_digits", {"count": "max_digits"}),
    "decimal_max_places": Shape("too_many_decimals", {"count": "decimal_places"}),
    "decimal_whole_digits": Shape("too_many_whole_digits", {"count": "whole_digits"}),
    "greater_than": Shape("not_more_than", {"bound": "gt"}),
    "greater_than_equal": Shape("less_than", {"bound": "ge"}),
    "less_than": Shape("not_less_than", {"bound": "lt"}),
    "less_than_equal": Shape("over", {"bound": "le"}),
    "multiple_of": Shape("no_multiple_of", {"of": "multiple_of"}),
    "enum": _ONE_OF,
    "literal_error": _ONE_OF,
    "union_tag_invalid": Shape("kind_unknown", {"kind": "tag", "known": "expected_tags"}),
    "union_tag_not_found": Shape("kind_missing", {"key": "discriminator"}),
    "date_type": _DATE,
    "date_parsing": _DATE,
    "date_from_datetime_parsing": _DATE,
    "date_from_datetime_inexact": _DATE,
    "date_past": Shape("not_past"),
    "date_future": Shape("not_to_come"),
    "datetime_type": _INSTANT,
    "datetime_parsing": _INSTANT,
    "datetime_object_invalid": _INSTANT,
    "datetime_from_date_parsing": _INSTANT,
    "datetime_past": Shape("not_past"),
    "datetime_future": Shape("not_to_come"),
    "timezone_aware": Shape("time_without_offset", remedy="write_instant_as"),
    "timezone_naive": Shape("offset_unwanted"),
    "time_type": _TIME,
    "time_parsing": _TIME,
    "uuid_type": _ID,
    "uuid_parsing": _ID,
    "uuid_version": _ID,
    "url_type": _ADDRESS,
    "url_parsing": _ADDRESS,
    "url_syntax_violation": _ADDRESS,
    "url_scheme": _ADDRESS,
}
OTHERWISE = Shape("unfit")
"""For what no value from outside brings about: pydantic's types for Python objects, calls and dataclasses."""

_QUOTED = re.compile(r"'((?:[^'\\]|\\.)*)'")


def shape_fault(
    error: "ErrorDetails", *, place: str | None = None, otherwise: str = "", remedy: str | Text | None = None
) -> Fault:
    """Return one of pydantic's errors as a fault of ours.

    Its place is that of the error, with dots between its steps, unless another is given (`otherwise`: for the whole);
    its remedy is the one that is given, else the usual one.
    """
    where = (".".join(map(str, error["loc"])) or otherwise) if place is None else place
    context = error.get("ctx", {})
    if isinstance(reason := context.get("error"), Unfit):
        advice = Text("remedy", remedy) if isinstance(remedy, str) else remedy
        return Fault(where, reason.text, remedy=advice or reason.advice)
    shape = SHAPES.get(error["type"], OTHERWISE)
    parameters = {name: _value(context.get(theirs)) for name, theirs in shape.parameters.items()}
    return Fault(where, shape.code, remedy=remedy or shape.remedy, **parameters)


def _value(raw: object) -> Value:
    """Return what pydantic's context holds as a parameter: a list of quoted words as these words."""
    if isinstance(raw, str):
        words = tuple(_QUOTED.findall(raw))
        return words if len(words) > 1 else words[0] if words and raw == f"'{words[0]}'" else raw
    if isinstance(raw, float):
        return Decimal(str(raw))
    return raw if isinstance(raw, int | Decimal) else str(raw)
