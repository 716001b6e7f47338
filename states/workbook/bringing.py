"""Bring a file in while others write: what is slow is tried aside, what is long is written part by part."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from itertools import chain

from sqlmodel import Session

from states.errors import Fault
from states.partners.tables import Partnership
from states.rights.access import Role
from states.storage import aside, begin
from states.workbook.importing import EVERY_ROLE, ImportInvalid, SheetReport, Workbook, import_workbook

Reports = list[SheetReport]
Keep = Callable[[Reports], None]


def keeps_nothing(_: Session) -> Keep:
    """Keep nothing of what is reported."""
    return lambda _: None


def bring_in(
    book: Workbook,
    *,
    into: Callable[[Session], Partnership],
    grantable: Iterable[Role] = EVERY_ROLE,
    reserve: Callable[[Session], Keep] = keeps_nothing,
    dry_run: bool = False,
) -> Reports:
    """Bring a file in and report by sheet, or raise `ImportInvalid` with every fault; a dry run changes nothing.

    A file of more lines than one transaction may write (`MOST_AT_ONCE`) is tried aside first, where all its faults are
    found, and then written part by part: others write between them. Should another's change make a later part fail, the
    fault says how many lines are in, and the file may be brought in again. `into` finds the partnership in each
    transaction anew; `reserve` returns what keeps the reports, in the transaction of the last part.
    """
    grants, parts = frozenset(grantable), book.parts()
    tried: Reports = []
    if dry_run or len(parts) > 1:
        with aside() as session:
            partnership = into(session)
            reserve(session)
            tried = import_workbook(session, partnership, book.copied(), grantable=grants)
    if dry_run:
        with begin() as session:
            reserve(session)(tried)
        return tried
    done: list[Reports] = []
    for number, part in enumerate(parts, start=1):
        with begin() as session:
            partnership = into(session)
            keep = (reserve if number == len(parts) else keeps_nothing)(session)
            try:
                done.append(import_workbook(session, partnership, part, grantable=grants))
            except ImportInvalid as error:
                raise _after(error, parts[: number - 1]) from None
            keep(_total(done))
    return _total(done)


def _after(error: ImportInvalid, before: Sequence[Workbook]) -> ImportInvalid:
    lines = sum(len(table.lines) for part in before for table in part.tables)
    told = [Fault("file", "lines_before_are_in", remedy="bring_file_in_again", lines=lines)] if lines else []
    return ImportInvalid(faults=[*told, *error.faults])


def _total(parts: Iterable[Reports]) -> Reports:
    """Return what the parts of a file did, by sheet."""
    found: dict[str, SheetReport] = {}
    for report in chain.from_iterable(parts):
        before = asdict(found.get(report.sheet, SheetReport(report.sheet)))
        counts = {name: count + before[name] for name, count in asdict(report).items() if name != "sheet"}
        found[report.sheet] = SheetReport(report.sheet, **counts)
    return list(found.values())
