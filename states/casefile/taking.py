"""Take a case of another installation in: whole, with its history, or not at all.

Rows keep their ids. What they point to is found here by id, or by what it is known by outside (an organisation by its
numbers, a region by its short name), and is made where it is not there; what is said of it here stays, and every
difference is told. Seals are made anew with the secret that is in force here, and marked as those of a case taken in.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Table, bindparam, insert, select, update
from sqlmodel import Session, SQLModel

from states.archive.absence import name_of_store, needing_the_store
from states.archive.evidence.removal import lock_object, remove_unused
from states.archive.store import Kept, Received, drop, receive, settle, verify
from states.casefile.declared import OWN, ROOT, belonging, columns_of_case, targets_of
from states.casefile.manifest import Audience, CaseUnfit
from states.casefile.matching import CaseFaulty, Difference, Matched, match
from states.casefile.reading import Opened, open_case
from states.casefile.values import Row, renamed
from states.casefile.verifying import Checked, check
from states.casefile.zipped import chunks_of_part
from states.changes import record
from states.changes.declared import RECORDED
from states.clock import now
from states.deadlines.tables import DeadlineState
from states.errors import Fault, Refusal, Refused
from states.partners.tables import Partnership
from states.seals.declared import SEALED
from states.seals.resealing import seal_taken_in
from states.seals.seal import Mark, mark_of
from states.search import SearchKind, write_subjects
from states.storage import Json, aside, begin

_AT_ONCE = 500

Into = Callable[[Session], Partnership | None]


class CaseHere(Refused):
    """The case cannot be taken in here as things stand."""

    code = "case_file_refused"


@dataclass(slots=True)
class Taken:
    """What was taken in, or would be: where to, how many rows and files, what around it was made and found here."""

    checked: Checked
    partnership: str = ""
    rows: int = 0
    files: int = 0
    made: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)


def _nothing(_: Session, __: Taken) -> None:
    pass


def take_in(
    path: Path, *, into: Into = lambda _: None, dry_run: bool = False, keep: Callable[[Session, Taken], None] = _nothing
) -> Taken:
    """Take a case in, in one transaction; a dry run says what would happen, and leaves nothing.

    `into` gives the partnership: without one it is that of the case, which is made where there is none at all. `keep`
    is called last within the transaction. Raise `CaseUnfit` or `CaseDamaged` for the file, `CaseHere` where the case is
    here already, and `CaseFaulty` with everything that does not go together.
    """
    with open_case(path) as found:
        checked = check(found)
        if found.manifest.audience is not Audience.OFFICE:
            raise CaseUnfit("case_file_of_partner", path=str(path))
        if dry_run:
            with aside() as session:
                return _take(session, found, Taken(checked), into)
        with begin(read_only=True) as session:
            _need_new(session, found)  # before anything is written to the store
        with _received(found) as files, begin() as session:
            taken = _take(session, found, Taken(checked), into)
            for one in files:
                lock_object(session, one.sha256)
                settle(one)
            taken.files = len(files)
            keep(session, taken)
        return taken


@contextmanager
def _received(found: Opened) -> Iterator[list[Received]]:
    """Yield the files that the store lacks, under no name yet; where the block fails nothing of them is left."""
    files: list[Received] = []
    name_of_store()
    try:
        with needing_the_store():
            for name, part in found.manifest.parts.items():
                if name.startswith(("files/", "documents/")) and verify(part.sha256) is not Kept.INTACT:
                    files.append(receive(chunks_of_part(found.archive, found.archive.getinfo(name))))
            yield files
    except BaseException:
        for one in files:
            drop(one)
            with begin() as session:
                remove_unused(session, one.sha256)
        raise


def _need_new(session: Session, found: Opened) -> None:
    key = found.manifest.case["id"]
    table = next(table for table in belonging() if table.name == ROOT)
    if session.execute(select(table.c.id).where(table.c.id == key)).first() is not None:
        where = f"collaborations/{key}"
        raise CaseHere([Refusal("case_is_here", where=where, case=found.manifest.case["slug"])])


def _take(session: Session, found: Opened, taken: Taken, into: Into) -> Taken:
    _need_new(session, found)
    matched = match(session, found, into(session))
    faults = [*matched.faults, *_faults(session, found, matched)]
    if faults:
        raise CaseFaulty(faults=faults)
    taken.partnership = matched.partnership.slug
    taken.made, taken.found, taken.differences = matched.made, matched.found, matched.differences
    for table in belonging():
        if rows := found.case.of(table.name):
            _put(session, table, [_here(table, row, matched) for row in rows])
            taken.rows += len(rows)
    _seal(session, found, matched)
    for kind in SearchKind:
        write_subjects(session, kind, [row["id"] for rows in found.case.rows.values() for row in rows if "id" in row])
    record(
        session,
        ROOT,
        found.manifest.case["id"],
        field="taken_in",
        before=None,
        after={"manifest": found.manifest.own_digest(), "release": taken.checked.release},
        partnership_id=matched.partnership.id,
    )
    return taken


def _faults(session: Session, found: Opened, matched: Matched) -> Iterator[Fault]:
    """Yield why the case itself cannot stand here: its short name is taken, or it merges into one that is not here."""
    [row] = found.case.of(ROOT)
    table = next(one for one in belonging() if one.name == ROOT)
    place = "data/collaboration.json"
    same = (table.c.partnership_id == matched.partnership.id, table.c.slug == row["slug"])
    if session.execute(select(table.c.id).where(*same)).first() is not None:
        yield Fault(f"{place}, slug", "case_slug_taken", remedy="take_into_another", slug=row["slug"])
    target = row.get("merges_into_id")
    if target is not None and session.execute(select(table.c.id).where(table.c.id == target)).first() is None:
        yield Fault(f"{place}, merges_into_id", "leads_nowhere", remedy="take_that_in_first", key=target)


def _here(table: Table, row: Row, matched: Matched) -> Row:
    """Return a row as it stands here: with the ids of what it points to here, and this installation's own columns."""
    # What a row keeps for ever is what was signed, word for word.
    kept = RECORDED[table.name].machine if table.name in RECORDED else frozenset[str]()
    names = matched.ids
    made: Row = {}
    for column in columns_of_case(table):
        value = row.get(column.name, _default(table, column.name))
        made[column.name] = value if isinstance(column.type, Json) and column.name in kept else renamed(value, names)
    for name in OWN.get(table.name, ()):
        made[name] = _default(table, name)
    if table.name == "deadline" and row["state"] is DeadlineState.OPEN:
        made["next_check_at"] = now()
    for column in table.columns:
        if column.name not in made and column.name != "seal" and not column.primary_key and column.computed is None:
            made[column.name] = None  # it leads to what stays where it was
    if table.name in SEALED:
        made["seal"] = ""
    return made


def _default(table: Table, name: str) -> object:
    """Return what a column holds where nothing is said of it."""
    model = model_of(table)
    known = model.model_fields[name]
    return None if known.is_required() else known.get_default(call_default_factory=True)


def model_of(table: Table) -> type[SQLModel]:
    """Return the class of a table's rows."""
    return next(mapper.class_ for mapper in SQLModel._sa_registry.mappers if mapper.local_table is table)


def _put(session: Session, table: Table, rows: list[Row]) -> None:
    """Insert rows; a reference to a row of the same table is set afterwards."""
    later = [column for column in table.columns if column.nullable and table in targets_of(table, column)]
    held = [
        {"of": row["id"], **{f"to_{column.name}": row[column.name] for column in later}}
        for row in rows
        if any(row[column.name] is not None for column in later)
    ]
    plain = [{**row, **{column.name: None for column in later}} for row in rows]
    connection = session.connection()
    for begin_at in range(0, len(plain), _AT_ONCE):
        connection.execute(insert(table), plain[begin_at : begin_at + _AT_ONCE])
    if held:
        values: dict[str, Any] = {column.name: bindparam(f"to_{column.name}") for column in later}
        connection.execute(update(table).where(table.c.id == bindparam("of")).values(values), held)


def _seal(session: Session, found: Opened, matched: Matched) -> None:
    tip = found.seals["tip"]
    unfit = {
        (noun, key)
        for noun, seals in found.seals["seals"].items()
        for key, seal in seals.items()
        if mark_of(seal) is Mark.UNFIT
    }
    key = found.manifest.case["id"]
    history = {"doubts": tip["doubts"], "notes": tip["notes"]}
    seal_taken_in(session, key, partnership_id=matched.partnership.id, unfit=unfit, **history)
