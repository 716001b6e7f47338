"""What the records say beside people's answers, as tables and as lines of figures."""

from collections.abc import Callable, Mapping

from documents.formats import in_words, percent, short_day
from documents.meta import Line, Plain
from documents.parts import CellKind, Column, Table
from states.reporting.figures import EventFigure, Figures, RegionFigure


class Figure(Plain):
    """A number that the system derived from its own records, shown apart from what people wrote."""

    label: Line
    value: Line
    basis: str = ""


Shown = tuple[tuple[Table, ...], tuple[Figure, ...]]


def shown(name: str, figures: Figures) -> Shown:
    """Return the tables and the lines for the figure of that name; nothing for one that the cover already tells."""
    return _SHOWN[name](figures) if name in _SHOWN else ((), ())


def _regions(regions: tuple[RegionFigure, ...]) -> Shown:
    columns = (Column(title="Region", weight=4), Column(title="Country", weight=1), Column(title="NUTS code"))
    rows = tuple((region.name, region.country, ", ".join(region.codes)) for region in regions)
    return _table("Regions on record", columns, rows)


def _events(events: tuple[EventFigure, ...]) -> Shown:
    columns = (
        Column(title="Event", weight=3),
        Column(title="Date"),
        Column(title="Place"),
        Column(title="Other information", weight=3),
    )
    rows = tuple((event.name, event.when, event.place, event.information) for event in events)
    return _table("Events on record", columns, rows, illustrative=any(event.illustrative for event in events))


def _other_entities(figures: Figures) -> Shown:
    columns = (Column(title="Organisation", weight=4), Column(title="Kind"), Column(title="Site"))
    rows = tuple((one.name, in_words(one.kind.value), one.nuts) for one in figures.other_entities)
    return _table(
        "Organisations on record", columns, rows, illustrative=any(one.illustrative for one in figures.other_entities)
    )


def _working_areas(figures: Figures) -> Shown:
    columns = (
        Column(title="No", weight=1),
        Column(title="Working area", weight=4),
        Column(title="Regions in charge", weight=4),
        Column(title="Involved regions", weight=5),
        Column(title="Other actors", weight=3),
    )
    rows = tuple(
        (str(area.number), area.name, ", ".join(area.in_charge), ", ".join(area.involved), area.other_actors)
        for area in figures.working_areas
    )
    return _table("Working areas on record", columns, rows)


def _progress(figures: Figures) -> Shown:
    found = figures.progress
    columns = (
        Column(title="Date"),
        Column(title="Collaboration", weight=4),
        Column(title="From, to", weight=5),
        Column(title="Reason", weight=3),
    )
    rows = tuple(
        (
            short_day(move.on),
            move.collaboration,
            f"{in_words(move.from_stage)} → {in_words(move.to_stage)}",
            move.reason,
        )
        for move in found.moves
    )
    tables, _ = _table(
        "Moves in the half-year", columns, rows, illustrative=any(move.illustrative for move in found.moves)
    )
    lines = [
        ("Collaborations opened", "; ".join(found.opened) or "none"),
        (
            "Moves",
            f"{len(found.moves)} ({_counted(found.by_direction)})" if found.by_direction else str(len(found.moves)),
        ),
        ("Collaborations by stage", _counted(found.by_stage)),
    ]
    return tables, _lines(*lines)


def _joint_work(figures: Figures) -> Shown:
    columns = (Column(title="Collaboration", weight=4), Column(title="Stage"), Column(title="Lead", weight=3))
    rows = tuple((one.title, in_words(one.stage), one.lead) for one in figures.joint_work.collaborations)
    made_up = any(one.illustrative for one in figures.joint_work.collaborations)
    tables, _ = _table("Collaborations on record", columns, rows, illustrative=made_up)
    beside = [
        f"{one.name} ({', '.join(part for part in (one.programme, one.lead) if part) or 'no details'})"
        for one in figures.joint_work.initiatives
        if one.running
    ]
    return tables, _lines(("Joint initiatives that run", "; ".join(beside) or "none"))


def _business(figures: Figures) -> Shown:
    found = figures.business
    basis = f"{found.illustrative} of them illustrative" if found.illustrative else ""
    lines = [Figure(label="Organisations", value=str(found.organisations), basis=basis)]
    lines += _lines(("By kind", _counted(found.by_kind)))
    if found.sme_share is not None:
        lines += _lines(("Share of SMEs", percent(found.sme_share)))
    return (), tuple(lines)


def _cooperation(figures: Figures) -> Shown:
    found = figures.cooperation
    columns = (
        Column(title="Region", weight=3),
        Column(title="Region", weight=3),
        Column(title="Collaborations", kind=CellKind.INTEGER),
    )
    tables, _ = _table(
        "Regions that share collaborations",
        columns,
        tuple((edge.first, edge.second, edge.collaborations) for edge in found.edges),
    )
    return tables, _lines(("Regions that share a collaboration", f"{found.connected} of {found.regions}"))


def _eu13(figures: Figures) -> Shown:
    names = figures.eu13.regions
    return (), _lines(("EU-13 regions", f"{len(names)}: {', '.join(names)}" if names else "none"))


def _outside_union(figures: Figures) -> Shown:
    found = figures.outside_union
    said = f"{found.participants}: {', '.join(found.names)}" if found.names else str(found.participants)
    return (), _lines(("Participants from outside the Union", said))


def _outreach(figures: Figures) -> Shown:
    found = figures.outreach
    said = f"{found.activities}: {', '.join(found.names)}" if found.names else str(found.activities)
    return (), _lines(("Outreach activities", said))


def _table(
    caption: str, columns: tuple[Column, ...], rows: tuple[tuple[str | int, ...], ...], *, illustrative: bool = False
) -> Shown:
    told = [index for index in range(len(columns)) if any(row[index] != "" for row in rows)]  # reasons are not public
    shape = tuple(columns[index] for index in told)
    cut = tuple(tuple(row[index] for index in told) for row in rows)
    return ((Table(caption=caption, columns=shape, rows=cut, illustrative=illustrative),) if rows else ()), ()


def _lines(*pairs: tuple[str, str]) -> tuple[Figure, ...]:
    return tuple(Figure(label=label, value=value) for label, value in pairs)


def _counted(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{in_words(name)} {count}" for name, count in counts.items()) or "none"


_SHOWN: dict[str, Callable[[Figures], Shown]] = {
    "leading_regions": lambda figures: _regions(figures.leading_regions),
    "participating_regions": lambda figures: _regions(figures.participating_regions),
    "other_entities": _other_entities,
    "working_areas": _working_areas,
    "past_events": lambda figures: _events(figures.past_events),
    "planned_events": lambda figures: _events(figures.planned_events),
    "progress": _progress,
    "joint_work": _joint_work,
    "business": _business,
    "cooperation": _cooperation,
    "eu13": _eu13,
    "outside_union": _outside_union,
    "outreach": _outreach,
}
