"""Which column of a table in a file is which: by the keys beside the headings, else by what these say."""

from collections.abc import Callable, Mapping

from states.errors import Fault
from states.protocol.definition import FieldSpec
from states.protocol_files.shapes import plain

OWNER = "Whose row it is"


def columns_of(
    field: FieldSpec, keys: Mapping[int, str], heads: Mapping[int, str], *, place: Callable[[int], str]
) -> tuple[dict[int, str], list[Fault]]:
    """Return the keys of columns by their numbers, and what is wrong with the headings; `place` tells where one is."""
    titles = {column.key: plain(column.title) for column in field.columns}
    found = {at: keys.get(at) or _by_title(head, titles) for at, head in heads.items()}
    at_key = {key: at for at, key in sorted(found.items(), reverse=True) if key in titles}
    faults = []
    for key, title in titles.items():
        if key not in at_key:
            first = place(min(heads, default=1))
            faults.append(Fault(first, "column_missing", remedy="put_column_back", heading=title))
        elif (written := heads[at_key[key]]) != title:
            where, said = place(at_key[key]), written[:100]
            faults.append(Fault(where, "heading_changed", remedy="put_heading_back", written=said, heading=title))
    for at, head in heads.items():
        if found[at] not in titles and head and head != OWNER:
            faults.append(Fault(place(at), "column_unknown", remedy="take_column_out", heading=head[:100]))
        elif found[at] in titles and at_key[found[at]] != at:
            faults.append(Fault(place(at), "column_twice", remedy="keep_one_of_them"))
    return {at: key for key, at in at_key.items()}, faults


def _by_title(head: str, titles: Mapping[str, str]) -> str:
    fitting = [key for key, title in titles.items() if title == head]
    return fitting[0] if len(fitting) == 1 else ""
