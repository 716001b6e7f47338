"""What of a protocol is taken out into a file: the draft or a frozen version, whose each row is, and the base."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.crossings.changes.compared import masked
from states.errors import Fault, Invalid
from states.playbooks.editions import playbook_of
from states.protocol.content import Content, digest, table_rows
from states.protocol.definition import FieldSpec, SectionSpec
from states.protocol.ownership import Writer
from states.protocol.parts import Owners
from states.protocol.queries import drafts_of
from states.protocol.section_states import UNWRITTEN
from states.protocol.tables import ProtocolVersion
from states.protocol_files.base import Base
from states.rights.blinding import Blinding


@dataclass(frozen=True, slots=True)
class Shown:
    """A protocol as a file shows it; `owners` say of each table whose its rows are, row by row."""

    title: str
    base: Base
    sections: Sequence[SectionSpec]
    content: Mapping[str, Content]
    owners: Mapping[tuple[str, str], Sequence[str]]
    locked: Collection[tuple[str, str]]

    def text(self, section: SectionSpec, field: FieldSpec) -> str:
        """Return the text of a field."""
        found = self.content.get(section.key, {}).get(field.key)
        return found if isinstance(found, str) else ""

    def says(self, section: SectionSpec, field: FieldSpec) -> str:
        """Return what a reader is told of a field: its help, an example, and whether it may stay empty."""
        parts = [
            field.help,
            f"Example: {field.example}" if field.example else "",
            "" if field.mandatory else "May stay empty.",
            f"At most {field.limit} characters." if field.limit else "",
            "The lead writes it." if (section.key, field.key) in self.locked else "",
        ]
        return " ".join(filter(None, parts))


def show_protocol(
    session: Session,
    row: Collaboration,
    *,
    version: ProtocolVersion | None = None,
    only: Collection[str] = (),
    writer: Writer | None = None,
    blinding: Blinding | None = None,
) -> Shown:
    """Return the draft, or a frozen version, with all sections or `only` some; raise `Invalid` for one unknown."""
    known = playbook_of(session, row).protocol
    if strange := [key for key in only if key not in {one.key for one in known}]:
        names = tuple(one.key for one in known)
        raise Invalid(faults=[Fault("section", "no_such_section", remedy="one_of", known=names) for _ in strange])
    sections = [one for one in known if not only or one.key in only]
    drafts = {draft.key: draft for draft in drafts_of(session, [row.id])[row.id]}
    held: dict[str, Content] = (
        {key: one.content for key, one in drafts.items()} if version is None else dict(version.content)  # type: ignore[arg-type]
    )
    held = {one.key: held.get(one.key, {}) for one in sections}
    versions = {
        one.key: drafts[one.key].version if version is None and one.key in drafts else UNWRITTEN for one in sections
    }
    base = Base(row.id, version.number if version else None, versions, digest(held), masked=bool(blinding))
    content = masked(held, blinding) if blinding else held
    owners = Owners(session, row)
    return Shown(
        blinding.name(row.title) if blinding else row.title,
        base,
        sections,
        content,
        {
            (section.key, field.key): [
                _owner(owners, cells, field.owner_column, writer)
                for cells in table_rows(content, section.key, field.key)
            ]
            for section in sections
            for field in section.fields
            if field.owner_column is not None and not blinding  # labels own nothing
        },
        {
            (section.key, field.key)
            for section in sections
            for field in section.fields
            if writer is not None and field.owner_column is None and not writer.may_write(section, field)
        },
    )


def _owner(owners: Owners, cells: Mapping[str, str], column: str, writer: Writer | None) -> str:
    found = owners.of_row(cells, column)
    if found is None:
        return "of nobody who takes part"
    if writer is None or found.id == writer.organisation_id:
        return "you may change it" if writer is not None else f"of {found.name}"
    return f"of {found.name}: leave it as it is"
