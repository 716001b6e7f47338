"""Whose part of a protocol a row is: tables name who takes part, and are read by what these were called then."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlmodel import Session

from states.changes.queries import ChangesOf, changes_of
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration, MemberPart
from states.errors import Fault
from states.partners.tables import Organisation
from states.places.name_folding import fold
from states.protocol.content import Content, SectionInvalid, checked, table_rows
from states.protocol.definition import SectionSpec

Part = dict[str, list[dict[str, str]]]
"""Rows by section.field."""


def with_members(
    session: Session,
    collaboration: Collaboration,
    section: SectionSpec,
    content: Mapping[str, object],
    *,
    kept: Mapping[str, object] | None = None,
) -> Content:
    """Return the content with each organisation by its present name, whether it was written so or by its short name.

    Rows that stand in `kept` already may name who takes part no more.
    Raises `SectionInvalid` with every fault of the section, and for each cell that names nobody who takes part, or two.
    """
    faults: list[Fault] = []
    try:
        stored = checked(content, section=section)
    except SectionInvalid as error:
        faults, stored = list(error.faults), {}
    owners = Owners(session, collaboration)
    for field in section.fields:
        rows = content.get(field.key)
        sent: list[object] = rows if isinstance(rows, list) else []
        known = list(table_rows({section.key: kept or {}}, section.key, field.key))
        for column in field.partner_columns:
            for number, row in enumerate(sent, start=1):
                written = row.get(column) if isinstance(row, Mapping) else None
                if not isinstance(written, str) or not written.strip():
                    continue  # said already
                found = owners.meant(written)
                if len(found) == 1 and field.key in stored:
                    stored[field.key][number - 1][column] = found[0].name  # type: ignore[index]
                elif len(found) != 1 and row not in known:
                    place = f"{section.key}.{field.key}[{number}].{column}"
                    faults.append(_nobody(place, written, owners.members, several=len(found) > 1))
    if faults:
        raise SectionInvalid(faults=faults)
    return stored


class Owners:
    """Who takes part in a collaboration, and whom a cell of a draft means: by short name, name, or a former name."""

    def __init__(self, session: Session, collaboration: Collaboration) -> None:
        self._session = session
        entries = members_of(session, [collaboration.id])[collaboration.id]
        self.members = [entry.organisation for entry in entries]
        self.lead = next((one.organisation for one in entries if one.member.part is MemberPart.LEAD), None)

    def meant(self, written: str) -> list[Organisation]:
        """Return the members that a cell may mean."""
        by_slug = [one for one in self.members if one.slug == written.strip()]
        by_name = by_slug or [one for one in self.members if fold(one.name) == fold(written)]
        return by_name or [one for one in self.members if fold(written) in self._former(one)]

    def of_row(self, row: Mapping[str, str], column: str) -> Organisation | None:
        """Return whose a row is; None where that is nobody who takes part, or not to be told."""
        found = self.meant(str(row.get(column, "")))
        return found[0] if len(found) == 1 else None

    def _former(self, organisation: Organisation) -> set[str]:
        wanted = ChangesOf(noun="organisation", subject_id=organisation.id, field="name")
        return {fold(str(change.before)) for change in changes_of(self._session, wanted)}


def _nobody(place: str, written: str, members: list[Organisation], *, several: bool) -> Fault:
    if several:
        known = tuple(one.slug for one in members)
        return Fault(place, "organisations_share_name", remedy="one_of", organisation=written, known=known)
    known = tuple(one.name for one in members)
    return Fault(place, "organisation_takes_no_part", remedy="one_of", organisation=written, known=known)


def part_of(
    session: Session,
    content: Mapping[str, object],
    organisation: Organisation,
    *,
    at: datetime,
    sections: Sequence[SectionSpec],
) -> Part:
    """Return the rows of a version that are an organisation's, by what it was called when the version was frozen.

    An organisation that is renamed keeps its part, and one that takes the name of another gets nothing of it.
    """
    names = {fold(_at(session, organisation, name, at)) for name in ("name", "slug")}
    tables = (
        (f"{section.key}.{field.key}", field.owner_column, table_rows(content, section.key, field.key))
        for section in sections
        for field in section.fields
        if field.owner_column is not None
    )
    found = {place: [row for row in rows if fold(row.get(column, "")) in names] for place, column, rows in tables}
    return {place: rows for place, rows in found.items() if rows}


def _at(session: Session, organisation: Organisation, field: str, at: datetime) -> str:
    """Return what a field of an organisation said at an instant: by the record of what was changed since."""
    wanted = ChangesOf(noun="organisation", subject_id=organisation.id, field=field)
    later = [change for change in changes_of(session, wanted) if change.at > at]
    return str(later[-1].before) if later else str(getattr(organisation, field))
