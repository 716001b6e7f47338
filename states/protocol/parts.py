"""Whose part of a protocol a row is: tables name who takes part, and are read by what these were called then."""

from collections.abc import Mapping
from datetime import datetime

from sqlmodel import Session

from states.changes.queries import ChangesOf, changes_of
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.errors import Fault
from states.partners.tables import Organisation
from states.places.name_folding import fold
from states.protocol.content import Content, SectionInvalid, checked
from states.protocol.definition import FieldSpec, SectionSpec

ORGANISATION = "organisation"
"""The key of a column that names who takes part."""

Part = dict[str, list[dict[str, str]]]
"""Rows by section.field."""


def with_members(
    session: Session, collaboration: Collaboration, section: SectionSpec, content: Mapping[str, object]
) -> Content:
    """Return the content with each organisation by its present name, whether it was written so or by its short name.

    Raises `SectionInvalid` with every fault of the section, and for each cell that names nobody who takes part, or two.
    """
    faults: list[Fault] = []
    try:
        stored = checked(content, section=section)
    except SectionInvalid as error:
        faults, stored = list(error.faults), {}
    members = [entry.organisation for entry in members_of(session, [collaboration.id])[collaboration.id]]
    for field in section.fields:
        rows = content.get(field.key)
        if _names_members(field) and isinstance(rows, list):
            for number, row in enumerate(rows, start=1):
                written = row.get(ORGANISATION) if isinstance(row, Mapping) else None
                if not isinstance(written, str) or not written.strip():
                    continue  # said already
                found = _meant(written, members)
                if len(found) == 1 and field.key in stored:
                    stored[field.key][number - 1][ORGANISATION] = found[0].name  # type: ignore[index]
                elif len(found) != 1:
                    place = f"{section.key}.{field.key}[{number}].{ORGANISATION}"
                    faults.append(_nobody(place, written, members, several=len(found) > 1))
    if faults:
        raise SectionInvalid(faults=faults)
    return stored


def _names_members(field: FieldSpec) -> bool:
    return any(column.key == ORGANISATION for column in field.columns)


def _meant(written: str, members: list[Organisation]) -> list[Organisation]:
    by_slug = [one for one in members if one.slug == written.strip()]
    return by_slug or [one for one in members if fold(one.name) == fold(written)]


def _nobody(place: str, written: str, members: list[Organisation], *, several: bool) -> Fault:
    if several:
        known = tuple(one.slug for one in members)
        return Fault(place, "organisations_share_name", remedy="one_of", organisation=written, known=known)
    known = tuple(one.name for one in members)
    return Fault(place, "organisation_takes_no_part", remedy="one_of", organisation=written, known=known)


def part_of(session: Session, content: Mapping[str, object], organisation: Organisation, *, at: datetime) -> Part:
    """Return the rows of a version that are an organisation's, by what it was called when the version was frozen.

    An organisation that is renamed keeps its part, and one that takes the name of another gets nothing of it.
    """
    names = {fold(_at(session, organisation, name, at)) for name in ("name", "slug")}
    tables = (
        (f"{section}.{field}", rows)
        for section, fields in content.items()
        if isinstance(fields, dict)
        for field, rows in fields.items()
        if isinstance(rows, list)
    )
    found = {place: [row for row in rows if fold(str(row.get(ORGANISATION, ""))) in names] for place, rows in tables}
    return {place: rows for place, rows in found.items() if rows}


def _at(session: Session, organisation: Organisation, field: str, at: datetime) -> str:
    """Return what a field of an organisation said at an instant: by the record of what was changed since."""
    wanted = ChangesOf(noun="organisation", subject_id=organisation.id, field=field)
    later = [change for change in changes_of(session, wanted) if change.at > at]
    return str(later[-1].before) if later else str(getattr(organisation, field))
