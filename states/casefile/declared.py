"""Which rows a case is made of: derived from the foreign keys of the tables, so that a new table comes along by itself.

A table belongs where it names a collaboration, or must name a row that belongs. What rows of a case point to beside
that goes along by reference. Everything else stays where it is, and says why.
"""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache

from sqlalchemy import BigInteger, Column, Integer, Table

from states.changes.declared import BOOKKEEPING
from states.schema import METADATA

ROOT = "collaboration"
_CASE = "collaboration_id"


class Place(StrEnum):
    """Where the rows of a table stand to a case."""

    BELONGS = "belongs"
    REFERENCED = "referenced"
    APART = "apart"


APART: dict[str, str] = {
    "absence": "a person's own",
    "access_token": "a credential",
    "accounts": "figures of an organisation; what a case used of them stands in its solved case",
    "aid_granted": "what an organisation received, from anybody",
    "anchor": "a day of the partnership; the deadline keeps the date that it gave",
    "avoidance": "an organisation's own",
    "brokerage_event": "an event of the partnership",
    "browser_session": "a credential",
    "calendar_feed": "a credential",
    "computation": "work of this installation's solver; what came of it stands in the solved case",
    "computation_line": "how far that work came",
    "consent": "given to this installation, for its events",
    "consumed_message": "work of this installation's flows",
    "document_seal": "made by this installation's key; the document goes along, and can be sealed elsewhere",
    "document_share": "a credential",
    "document_share_opening": "who had papers from this installation",
    "evidence_download": "who had files from this installation",
    "exchange_rate": "of the partnership; a cost line keeps the rate that it used",
    "initiative": "of the partnership",
    "instrument_call": "of the partnership; what was submitted names its call",
    "interest": "of the matchmaking; what came of it is the contact",
    "kept_answer": "answers for a repeated request",
    "mail": "the ledger of mails that this installation sent",
    "mail_preference": "a person's own",
    "meeting": "of the matchmaking; what came of it is the contact",
    "meeting_outcome": "of the matchmaking",
    "meeting_party": "of the matchmaking",
    "money_terms": "of the partnership",
    "outbox_message": "messages to this installation's flows",
    "saved_view": "a person's own",
    "ownership": "of organisations, whatever they collaborate in",
    "participant": "of an event",
    "passkey": "a credential",
    "passkey_challenge": "a credential",
    "password": "a credential",
    "partnership_event": "of the partnership; what came of it is the contact",
    "profile": "of the matchmaking",
    "profile_check": "of the matchmaking",
    "progress_report": "of the partnership",
    "relation": "a person's own",
    "reminder": "the ledger of reminders that this installation sent",
    "report_edition": "of the partnership",
    "reviewer_agreement": "a person's own, with the partnership",
    "role_grant": "a right in this installation",
    "rule_document": "law of this installation's shelf; the text that a case used goes along",
    "seal_tip": "the seals of this installation, which stand beside the case",
    "search_entry": "an index of what belongs",
    "signed_link": "a credential",
    "simplified_cost": "of the partnership; a cost line keeps what it came to",
    "sweep_fault": "work of this installation",
    "taxonomy_edition": "of the partnership",
    "vat_status": "an organisation's own",
    "working_area_region": "of the partnership",
    "working_process": "who works on this installation",
}

REFERENCED = (
    "partnership",
    "organisation",
    "membership",
    "region",
    "working_area",
    "instrument",
    "person",
    "playbook_edition",
    "rule_text",
    "document_context",
)
"""What rows of a case point to, in the order in which it is brought along: each after those to which it points."""

NAMED: dict[str, dict[str, str]] = {
    "collaboration": {"playbook": "playbook_edition"},
    "issued_document": {"context_sha256": "document_context"},
    "change_record": {"person_id": "person", "organisation_id": "organisation", "partnership_id": "partnership"},
}
"""Columns that name a row without a foreign key, and of which table."""

OWN: dict[str, frozenset[str]] = {
    "deadline": frozenset({"next_check_at"}),
    "evidence": frozenset({"bytes_removed_at"}),
    "issued_document": frozenset({"lost_at"}),
    "scenario": frozenset({"breaches", "stale", "reviewed_on"}),
}
"""Columns that tell of this installation only: what its store lacks, what its sweeps found."""


class Undeclared(TypeError):
    """Nobody has said where a table stands to a case: a fault of the program."""


@cache
def place_of(table: Table) -> Place:
    """Return where the rows of a table stand to a case; raise `Undeclared` where nobody has said it."""
    if table.name in APART:
        return Place.APART
    if table.name in REFERENCED:
        return Place.REFERENCED
    if table.name == ROOT or way_to_case(table) is not None:
        return Place.BELONGS
    raise Undeclared(f"{table.name}: say in states/casefile/declared.py whether it goes along with a case")


def way_to_case(table: Table) -> Column[str] | None:
    """Return the column that leads from a row to its collaboration, at once or by the row above."""
    if _CASE in table.columns:
        return table.columns[_CASE]
    for column in table.columns:
        for key in column.foreign_keys:
            above = key.column.table
            if not column.nullable and above is not table and above.name not in APART and above.name not in REFERENCED:
                return column
    return None


@cache
def belonging() -> tuple[Table, ...]:
    """Return the tables of a case, each after those to which it points."""
    return tuple(table for table in METADATA.sorted_tables if place_of(table) is Place.BELONGS)


@cache
def columns_of_case(table: Table) -> tuple[Column[object], ...]:
    """Return the columns of a table that go along, by its order."""
    return tuple(column for column in table.columns if _goes_along(table, column))


def _goes_along(table: Table, column: Column[object]) -> bool:
    if column.computed is not None or column.name == "seal" or column.name in OWN.get(table.name, ()):
        return False
    if is_numbered(table) and column.primary_key:
        return False
    if place_of(table) is Place.REFERENCED and column.name == "version":
        return False
    return not any(target.name in APART for target in targets_of(table, column))


@cache
def is_numbered(table: Table) -> bool:
    """Tell whether the database numbers the rows of a table: the numbers are its own, their order is not."""
    keys = list(table.primary_key)
    return len(keys) == 1 and isinstance(keys[0].type, Integer | BigInteger) and not keys[0].foreign_keys


def part_of(table: Table) -> str:
    """Return the name of the part that holds a table's rows."""
    if place_of(table) is Place.REFERENCED:
        return f"references/{table.name}.json"
    return f"{'history' if table.name in BOOKKEEPING else 'data'}/{table.name}.json"


def seal_key(table: Table, row: Mapping[str, object], place: int) -> str:
    """Return by what the seal of a row is known: its key, or its place where the database numbers the rows."""
    return str(place) if is_numbered(table) else "/".join(str(row[column.name]) for column in table.primary_key)


def targets_of(table: Table, column: Column[object]) -> Iterator[Table]:
    """Yield the tables of which a column names a row."""
    for key in column.foreign_keys:
        yield key.column.table
    if (name := NAMED.get(table.name, {}).get(column.name)) is not None:
        yield METADATA.tables[name]
