"""Takes what a file says into the draft: merged with what others wrote since it was made, all of it or nothing."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.crossings.costs import write_protocol
from states.errors import BankableError, Fault, Invalid, Stale
from states.playbooks.editions import playbook_of
from states.protocol.comparison import SectionDifference, compare_sections
from states.protocol.content import Content, SectionInvalid, digest, table_rows
from states.protocol.definition import SectionSpec
from states.protocol.merging import Conflict, merge
from states.protocol.ownership import PartOfAnother, Writer
from states.protocol.parts import with_members
from states.protocol.queries import draft_version, drafts_of, versions_of
from states.protocol.section_states import UNWRITTEN, content_at
from states.protocol.tables import SectionDraft
from states.protocol_files.base import Base, ProtocolFileInvalid
from states.protocol_files.interpreting import Interpreted, interpret
from states.protocol_files.shapes import Filed


class Settle(StrEnum):
    """What happens to a place that the file and somebody else changed, each in another way."""

    REFUSE = "refuse"
    YOURS = "yours"
    THEIRS = "theirs"


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file changes; `version` is that of the draft as it was before: the sum of its sections' versions."""

    base: Base
    version: int
    sections: list[SectionDifference]
    conflicts: list[Conflict]


class ProtocolTouched(BankableError):
    """Somebody else changed the same places since the file was made; `conflicts` hold what both wrote."""

    code = "protocol_touched"

    def __init__(self, conflicts: Sequence[Conflict]) -> None:
        super().__init__()
        self.conflicts = tuple(conflicts)


def take(
    session: Session,
    row: Collaboration,
    filed: Filed,
    *,
    writer: Writer | None = None,
    settle: Settle = Settle.REFUSE,
    expected_version: int | None = None,
) -> Taken:
    """Write what a file changes and return it, field by field; conflicts that are refused stay as they stand.

    Raises `Stale` where the draft is another one than expected, `ProtocolFileInvalid` or `PartOfAnother` with every
    fault at its place in the file. Whoever refuses conflicts calls `need_untouched` with what comes back.
    """
    drafts = {draft.key: draft for draft in drafts_of(session, [row.id])[row.id]}
    version = draft_version(drafts.values())
    if expected_version is not None and expected_version != version:
        raise Stale("protocol", expected=expected_version, actual=version)
    sections = {one.key: one for one in playbook_of(session, row).protocol}
    faults = [*_base_faults(row, filed.base), *filed.faults]
    bases = {} if faults else _bases(session, row, filed.base, drafts, faults)
    plans = [_Plan(session, row, filed, sections[key], base, drafts.get(key)) for key, base in bases.items()]
    faults += [fault for plan in plans for fault in plan.faults]
    if faults:
        raise ProtocolFileInvalid(faults=faults)
    for plan in plans:
        plan.merge(settle)
    taken = [found for plan in plans if (found := plan.write(writer)) is not None]
    faults = [fault for plan in plans for fault in plan.faults]
    if faults:
        own = any(plan.of_others for plan in plans)
        raise PartOfAnother(faults=faults) if own else ProtocolFileInvalid(faults=faults)
    return Taken(filed.base, version, taken, [one for plan in plans for one in plan.conflicts])


def need_untouched(taken: Taken, settle: Settle) -> None:
    """Raise `ProtocolTouched` where conflicts are refused and there are some."""
    if settle is Settle.REFUSE and taken.conflicts:
        raise ProtocolTouched(taken.conflicts)


def _base_faults(row: Collaboration, base: Base) -> list[Fault]:
    if base.collaboration_id != row.id:
        return [Fault("file", "file_of_another_collaboration", remedy="take_file_out_of_this_one", title=row.title)]
    return [Fault("file", "names_are_masked", remedy="take_file_out_anew")] if base.masked else []


def _bases(
    session: Session, row: Collaboration, base: Base, drafts: Mapping[str, SectionDraft], faults: list[Fault]
) -> dict[str, Content]:
    """Return what stood in each section of the file when it was made."""
    known = {one.key for one in playbook_of(session, row).protocol}
    if base.number is not None:
        version = next((one for one in versions_of(session, row.id) if one.number == base.number), None)
        frozen: Mapping[str, Content] = version.content if version else {}  # type: ignore[assignment]
        found: dict[str, Content | None] = {key: frozen.get(key, {}) for key in base.versions}
    else:
        found = {key: _at(session, drafts.get(key), counted) for key, counted in base.versions.items()}
    held = {key: content for key, content in found.items() if content is not None and key in known}
    if len(held) < len(base.versions) or digest(held) != base.sha256:
        faults.append(Fault("file", "base_is_gone", remedy="take_file_out_anew"))
    return held


def _at(session: Session, draft: SectionDraft | None, version: int) -> Content | None:
    if draft is None:
        return {} if version == UNWRITTEN else None
    return content_at(session, draft, version)


@dataclass(slots=True)
class _Plan:
    """What a file does to a section."""

    session: Session
    row: Collaboration
    filed: Filed
    section: SectionSpec
    base: Content
    draft: SectionDraft | None
    yours: Content = field(init=False)
    merged: Content = field(init=False)
    read: Interpreted = field(init=False)
    faults: list[Fault] = field(init=False)
    conflicts: list[Conflict] = field(default_factory=list)
    of_others: bool = False

    def __post_init__(self) -> None:
        self.read = interpret(self.filed, self.section, self.base)
        self.faults = list(self.read.faults)
        self.yours = self.merged = self.base
        if self.faults:
            return
        changed = self.read.changed(self.base)
        sent = {key: value for key, value in changed.items() if value is not None}
        try:
            sent = with_members(self.session, self.row, self.section, sent, kept=self.base)
        except SectionInvalid as error:
            self.faults += [self._placed(fault) for fault in error.faults]
        self.yours = {key: value for key, value in self.base.items() if key not in changed} | sent

    @property
    def theirs(self) -> Content:
        """Return the section as it stands."""
        return self.draft.content if self.draft else {}

    def merge(self, settle: Settle) -> None:
        """Put the file's changes and what others wrote together."""
        found = merge(self.section, base=self.base, yours=self.yours, theirs=self.theirs)
        self.conflicts, self.merged = list(found.conflicts), found.content
        if settle is Settle.YOURS:
            self.merged = merge(self.section, base=self.base, yours=self.theirs, theirs=self.yours).content

    def write(self, writer: Writer | None) -> SectionDifference | None:
        """Write what is another one now, and return it; faults stand at their places in the file."""
        before = dict(self.theirs)
        names = dict.fromkeys((*self.merged, *before))
        content = {name: self.merged.get(name) for name in names if self.merged.get(name) != before.get(name)}
        if not content:
            return None
        version = self.draft.version if self.draft else None
        try:
            draft = write_protocol(
                self.session, self.row, self.section, content, expected_version=version, writer=writer
            )
        except PartOfAnother as error:
            self.of_others = True
            self.faults += [self._placed(fault) for fault in error.faults]
            return None
        except Invalid as error:
            self.faults += [self._placed(fault) for fault in error.faults]
            return None
        fields = compare_sections(before, draft.content, key=self.section.key, section=self.section)
        return SectionDifference(self.section.key, self.section.title, list(fields))

    def _placed(self, fault: Fault) -> Fault:
        """Return a fault at its place in the file: of the row that says the same, where rows were merged."""
        found = re.fullmatch(r"([\w.]+)\[(\d+)\](\.\w+)?", fault.place)
        place = fault.place
        if found and self.merged is not self.base:
            rows = list(table_rows({self.section.key: self.merged}, self.section.key, found[1].partition(".")[2]))
            mine = list(table_rows({self.section.key: self.yours}, self.section.key, found[1].partition(".")[2]))
            number = int(found[2])
            row = rows[number - 1] if number <= len(rows) else None
            place = f"{found[1]}[{mine.index(row) + 1}]{found[3] or ''}" if row in mine else found[1]
        return fault.at(self.place_of(place))

    def place_of(self, place: str) -> str:
        """Return where in the file a place of the protocol stands; the nearest that is known around it."""
        places = self.read.places
        around = [place, place.rpartition(".")[0], place.partition("[")[0]]
        return next((places[one] for one in around if one in places), place)
