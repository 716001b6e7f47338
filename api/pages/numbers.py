"""Numbers of forms as people write them, for schemas that want them plain: "1,250,000.00" is 1250000.00."""

import re
from collections.abc import Collection

from api.pages.forms import Typed
from states.errors import Fault, Invalid
from states.storage.amounts import NumberUnreadable, read_number, read_rate


def plain_numbers(typed: Typed, names: Collection[str], *, rates: Collection[str] = ()) -> Typed:
    """Return what was typed with the numbers of these fields in their plain form; raise with every one that is none.

    What may be thousands or decimals (400.000) is none; of `rates` it is decimals.
    """
    fields, faults = list[tuple[str, str]](), list[Fault]()
    for name, value in typed.fields:
        plain = value
        if value and (name in names or name in rates):
            try:
                plain = f"{(read_rate if name in rates else read_number)(value):f}"
            except NumberUnreadable as error:
                faults.append(error.fault.at(name))
        fields.append((name, plain))
    if faults:
        raise Invalid(faults=faults)
    return Typed(tuple(fields), typed.files)


def unmistakable(number: str) -> str:
    """Return a plain number so that nobody takes its decimals for thousands: 12.1250 for 12.125."""
    return f"{number}0" if re.search(r"\.[0-9]{3}$", number) else number
