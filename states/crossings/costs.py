"""Costs are entered once: the protocol's table of costs shows the cost lines, and who writes that table writes them.

The table of costs is the one with the columns `organisation`, `category` and `amount`, with or without `nuts`: where it
names no site, a new line's is the organisation's own. What was typed into one before stays until somebody writes that
table, or the cost lines come to the same sum; until then it is an open point.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from itertools import groupby

from sqlmodel import Session, col, select

from states.clock import now
from states.collaborations.queries import members_of
from states.collaborations.tables import Collaboration
from states.crossings.receipts import acknowledge_version
from states.errors import Fault, Refusal, Refused, Stale
from states.funding.case.vocabulary import Activity, CostCategory
from states.funding.inputs import cost_lines
from states.funding.inputs.cost_lines import CostInvalid, CostPlan, plan_of
from states.funding.inputs.cost_values import value
from states.funding.inputs.tables import CostLine
from states.funding.money.rates import holding, month_for, terms_of
from states.funding.money.tables import ExchangeRate, RateRule
from states.funding.queries import costs_of
from states.partners.tables import Organisation
from states.playbooks.editions import playbook_of
from states.protocol.content import Content, Row, SectionInvalid, need_within_limits, table_rows
from states.protocol.definition import ColumnKind, SectionSpec
from states.protocol.merging import Conflict, merge
from states.protocol.ownership import Writer, need_own_part
from states.protocol.parts import Owners, with_members
from states.protocol.queries import drafts_of
from states.protocol.section_states import Written, claim_section, content_at, last_written
from states.protocol.service import freeze_version, write_section
from states.protocol.tables import ProtocolVersion, SectionDraft

_COLUMNS = {"organisation", "category", "amount"}
_SITE = "nuts"
_CATEGORIES = {one.value.replace("_", " ").capitalize(): one for one in CostCategory}
_COLUMN_OF = {"cost_category": "category", "option": "category"}
# By what a row that was changed is known again, the closest first.
_ALIKE = (("organisation", "nuts", "category"), ("organisation", "category"), ("organisation", "nuts"))


def add_cost(session: Session, row: Collaboration, plan: CostPlan) -> CostLine:
    """Add a cost line, and show it in the protocol."""
    with _shown_afterwards(session, row):
        return cost_lines.add_cost(session, row, plan)


def change_cost(
    session: Session, row: Collaboration, line: CostLine, plan: CostPlan, *, expected_version: int | None = None
) -> None:
    """Change a cost line, and show it so in the protocol."""
    with _shown_afterwards(session, row):
        cost_lines.change_cost(session, row, line, plan, expected_version=expected_version)


def withdraw_cost(session: Session, row: Collaboration, line: CostLine, *, expected_version: int | None = None) -> None:
    """Take a cost line out, of the protocol's draft too; a frozen version keeps what it had."""
    with _shown_afterwards(session, row):
        cost_lines.withdraw_cost(session, row, line, expected_version=expected_version)


@dataclass(frozen=True, slots=True)
class Redated:
    """A cost line with the rate of another month, and the EUR that it comes to by it."""

    line: CostLine
    rate: Decimal
    month: date
    source: str
    amount: Decimal


def at_rates_of(session: Session, row: Collaboration, month: date) -> list[Redated]:
    """Return what each line that goes by the partnership's table comes to with the rates of a month.

    Raises `CostInvalid` where the table lacks one. Lines with a rate of their own, and flat rates, are not named.
    """
    found, faults = list[Redated](), list[Fault]()
    known = {one.currency: one for one in holding(session, row.partnership_id, month=month)}
    for line in costs_of(session, row.id):
        if line.rate is None or line.own_rate:
            continue
        rate = known.get(line.currency)
        if rate is None:
            said = f"{month:%Y-%m}"
            what = {"currency": line.currency, "month": said}
            faults.append(Fault(f"{line.slug}.currency", "no_rate_of_month", remedy="import_rates_or_give_own", **what))
            continue
        valued = value(session, row, _at(line, rate), row=line)
        faults += [one.at(f"{line.slug}.{one.place}") for one in valued.faults]
        found.append(Redated(line, rate.rate, month, rate.source, valued.amount or line.amount))
    if faults:
        raise CostInvalid(faults=faults)
    return found


def take_rates_of(session: Session, row: Collaboration, month: date) -> list[Redated]:
    """Let the lines go by the rates of a month, and show it; return what was taken."""
    taken = at_rates_of(session, row, month)
    rates = {one.currency: one for one in holding(session, row.partnership_id, month=month)}
    with _shown_afterwards(session, row):
        for one in taken:
            cost_lines.change_cost(session, row, one.line, _at(one.line, rates[one.line.currency]))
    return taken


def _at(line: CostLine, rate: ExchangeRate) -> CostPlan:
    return replace(plan_of(line), amount=None, rate=rate.rate, rate_on=rate.month, rate_source=rate.source)


def follow_vat(session: Session, organisation_id: str) -> None:
    """Work out anew the lines that go by whether their organisation recovers VAT, in every collaboration."""
    query = select(CostLine).where(
        CostLine.organisation_id == organisation_id,
        col(CostLine.vat_percent).is_not(None),
        col(CostLine.vat_recoverable).is_(None),
    )
    lines = session.exec(query.order_by(col(CostLine.collaboration_id), col(CostLine.slug))).all()
    for key, theirs in groupby(lines, key=lambda line: line.collaboration_id):
        row = session.get_one(Collaboration, key)
        with _shown_afterwards(session, row):
            for line in theirs:
                cost_lines.change_cost(session, row, line, replace(plan_of(line), amount=None))


def rates_apart(session: Session, row: Collaboration) -> Refusal | None:
    """Return the open point where lines go by another month than the partnership's rule asks for."""
    wanted = month_for(session, row)
    if terms_of(session, row.partnership_id).rate_rule is RateRule.ENTRY:
        return None
    lines = [
        line
        for line in costs_of(session, row.id)
        if line.rate is not None and not line.own_rate and line.rate_on != wanted
    ]
    if not lines:
        return None
    return Refusal(
        "rates_apart",
        month=f"{wanted:%Y-%m}",
        mend_by=("project_manager",),
        where="exchange-rates",
        missing=tuple(f"{line.slug}: {line.currency}, {line.rate_on:%Y-%m}" for line in lines),
    )


def write_protocol(
    session: Session,
    row: Collaboration,
    section: SectionSpec,
    content: Mapping[str, object],
    *,
    illustrative: bool | None = None,
    expected_version: int | None = None,
    writer: Writer | None = None,
    merging: bool = False,
) -> SectionDraft:
    """Write fields of a section; what is written into its table of costs becomes the cost lines.

    A field that is left out stays, and None takes it away. A row that was changed changes its line, a new one is a line
    whose activity and start of works are still to be said. A `writer` changes its own part alone. Where somebody else
    wrote since the expected version, `SectionChanged` holds what both wrote; `merging` lets what does not touch be one.
    """
    known = next((one for one in drafts_of(session, [row.id])[row.id] if one.key == section.key), None)
    standing = known.content if known else {}
    sent = {key: value for key, value in content.items() if value is not None}
    kept = standing if writer is not None else {}
    sent = with_members(session, row, section, sent, kept=kept)
    need_within_limits(sent, section=section, standing=standing)
    if known is None or expected_version in (None, known.version):
        stored = _whole(standing, content, sent)
    else:
        stored = _merged(session, known, section, content, sent, expected=expected_version, merging=merging)
        expected_version = known.version
    if writer is not None:
        need_own_part(Owners(session, row), section, standing, stored, writer=writer)
    illustrative = (known.illustrative if known else False) if illustrative is None else illustrative
    table = _table(session, row)
    if table is None or table.section != section.key or stored.get(table.field) == standing.get(table.field):
        return _written(session, row, section, stored, illustrative, expected_version)
    rows, before = table.rows({section.key: stored}), table.rows({section.key: standing})
    draft = _written(session, row, section, stored, illustrative, expected_version)
    if rows != before:
        _enter(session, row, rows, table, illustrative=illustrative)
        _show(session, row, draft, table)
    return draft


def _merged(
    session: Session,
    known: SectionDraft,
    section: SectionSpec,
    content: Mapping[str, object],
    sent: Mapping[str, object],
    *,
    expected: int,
    merging: bool,
) -> Content:
    """Return what was sent with what others wrote since; raise `SectionChanged` where it is not to be, or touches."""
    base, written = content_at(session, known, expected), last_written(session, known)
    yours = _whole(base or {}, content, sent)
    merged = merge(section, base=base, yours=yours, theirs=known.content) if base is not None else None
    if merged is None or merged.conflicts or not merging:
        touched = merged.conflicts if merged else ()
        raise SectionChanged(known, expected=expected, base=base, yours=yours, written=written, conflicts=touched)
    return merged.content


def _whole(standing: Mapping[str, object], content: Mapping[str, object], sent: Mapping[str, object]) -> Content:
    return {key: value for key, value in standing.items() if key not in content} | dict(sent)


def freeze(session: Session, row: Collaboration) -> ProtocolVersion:
    """Freeze the draft with the cost lines as they are.

    Refused while what was typed comes to another sum, or lines go by rates of another month than the rule's.
    """
    if points := [point for point in (typed_apart(session, row), rates_apart(session, row)) if point]:
        raise Refused(points)
    table = _table(session, row)
    lines = costs_of(session, row.id) if table else []
    if table and lines and _shown(session, row, table) != [cells for _, cells in _cells(session, lines, table)]:
        _renew(session, row, table)
    version = freeze_version(session, row)
    acknowledge_version(session, row, version)
    return version


class SectionChanged(Stale):
    """Somebody else wrote the section since it was read; it holds what both wrote, and from what.

    `base` is None where nobody can tell any more what was read. `conflicts` are the places that both changed; where
    there are none, it can be merged.
    """

    def __init__(
        self,
        draft: SectionDraft,
        *,
        expected: int,
        base: Content | None,
        yours: Content,
        written: Written | None,
        conflicts: Sequence[Conflict],
    ) -> None:
        super().__init__(draft.__tablename__, expected=expected, actual=draft.version)
        self.base, self.yours, self.theirs = base, yours, draft.content
        self.written, self.conflicts = written, tuple(conflicts)


@contextmanager
def _shown_afterwards(session: Session, row: Collaboration) -> Iterator[None]:
    """Let the table of costs be the cost lines after a change of these, unless something else was typed into it."""
    table = _table(session, row)
    as_lines = table is not None and _shows_lines(session, row, table)
    yield
    if table is not None and (as_lines or typed_apart(session, row) is None):
        _renew(session, row, table)


def _shows_lines(session: Session, row: Collaboration, table: "_Table") -> bool:
    """Tell whether the table shows the cost lines; an organisation may have another name by now."""
    shown = [{**one, "organisation": ""} for one in _shown(session, row, table)]
    return shown == [{**cells, "organisation": ""} for _, cells in _cells(session, costs_of(session, row.id), table)]


def _renew(session: Session, row: Collaboration, table: "_Table") -> None:
    found = next((one for one in drafts_of(session, [row.id])[row.id] if one.key == table.section), None)
    if found is None:
        found = SectionDraft(collaboration_id=row.id, key=table.section, content={}, updated_at=now())
        session.add(found)
    else:
        claim_section(session, row, found)
    _show(session, row, found, table)


def typed_apart(session: Session, row: Collaboration) -> Refusal | None:
    """Return the open point where a table that was typed in comes to another sum than the cost lines."""
    table = _table(session, row)
    lines = costs_of(session, row.id) if table else []
    if table is None or not lines:
        return None
    rows = _shown(session, row, table)
    typed = sum((Decimal(one["amount"]) for one in rows if "amount" in one), Decimal(0))
    amount = sum((line.amount for line in lines), Decimal(0))
    if not rows or typed == amount:
        return None
    return Refusal(
        "costs_apart",
        typed=typed,
        amount=amount,
        mend_by=("project_manager", "partner"),
        where="cost-lines",
        missing=tuple(f"{one.get('organisation')}, {one.get('category')}: {one.get('amount')}" for one in rows),
    )


def cost_table(session: Session, row: Collaboration) -> tuple[str, str] | None:
    """Return section and field of the table of costs, if the playbook has one."""
    found = _table(session, row)
    return None if found is None else (found.section, found.field)


@dataclass(frozen=True, slots=True)
class _Table:
    """Where the table of costs stands, and whether it names sites."""

    section: str
    field: str
    sites: bool

    def rows(self, content: Mapping[str, Mapping[str, object]]) -> list[Row]:
        return list(table_rows(content, self.section, self.field))


def _table(session: Session, row: Collaboration) -> _Table | None:
    for section in playbook_of(session, row).protocol:
        for field in section.fields:
            kinds = {column.key: column.kind for column in field.columns}
            if kinds.keys() - {_SITE} == _COLUMNS and kinds["amount"] is ColumnKind.MONEY:
                return _Table(section.key, field.key, _SITE in kinds)
    return None


def _written(
    session: Session,
    row: Collaboration,
    section: SectionSpec,
    content: Content,
    illustrative: bool,
    expected_version: int | None,
) -> SectionDraft:
    return write_section(
        session,
        row,
        section.key,
        content,
        sections=[section],
        illustrative=illustrative,
        expected_version=expected_version,
    )


def _shown(session: Session, row: Collaboration, table: _Table) -> list[Row]:
    return table.rows({one.key: one.content for one in drafts_of(session, [row.id])[row.id]})


def _show(session: Session, row: Collaboration, draft: SectionDraft, table: _Table) -> None:
    lines = costs_of(session, row.id)
    draft.content = {**draft.content, table.field: [cells for _, cells in _cells(session, lines, table)]}
    draft.illustrative = draft.illustrative or any(line.illustrative for line in lines)
    draft.updated_at = now()
    session.flush()


def _cells(session: Session, lines: Sequence[CostLine], table: _Table) -> list[tuple[CostLine, Row]]:
    """Return each line with the row of the table that shows it."""
    keys = {line.organisation_id for line in lines}
    found = session.exec(select(Organisation).where(col(Organisation.id).in_(keys))).all()
    names = {one.id: one.name for one in found}
    return [
        (
            line,
            {
                "organisation": names[line.organisation_id],
                **({_SITE: line.nuts} if table.sites else {}),
                "category": _category(line),
                "amount": f"{line.amount:.2f}",
            },
        )
        for line in lines
    ]


def _category(line: CostLine) -> str:
    if line.cost_category is CostCategory.OTHER and line.title.strip():
        return line.title
    return line.cost_category.value.replace("_", " ").capitalize()


def _enter(session: Session, row: Collaboration, rows: Sequence[Row], table: _Table, *, illustrative: bool) -> None:
    """Let the cost lines be these rows: changed where they are known again, else withdrawn, and new ones added."""
    left = _cells(session, costs_of(session, row.id), table)
    fresh: list[tuple[int, Row]] = []
    for number, wanted in enumerate(rows, start=1):
        same = next((one for one in left if one[1] == wanted), None)
        if same is None:
            fresh.append((number, wanted))
        else:
            left.remove(same)
    members = {entry.organisation.name: entry.organisation for entry in members_of(session, [row.id])[row.id]}
    known = {number: line for number, _, line in _known_again(fresh, left)}
    for line, _ in left:
        if line not in known.values():
            cost_lines.withdraw_cost(session, row, line)
    taken = {line.slug for line in costs_of(session, row.id)}
    for number, wanted in fresh:
        meant = known.get(number)
        base = plan_of(meant) if meant else None
        plan = _plan(wanted, members, base=base, slug=_slug(taken), illustrative=illustrative)
        try:
            if meant is None:
                taken.add(cost_lines.add_cost(session, row, plan).slug)
            else:
                cost_lines.change_cost(session, row, meant, plan)
        except CostInvalid as error:
            place = f"{table.section}.{table.field}[{number}]"
            places = [_COLUMN_OF.get(one.place, one.place) for one in error.faults]
            raise SectionInvalid(
                faults=[one.at(f"{place}.{where}") for one, where in zip(error.faults, places, strict=True)]
            ) from error


def _known_again(
    fresh: Sequence[tuple[int, Row]], left: Sequence[tuple[CostLine, Row]]
) -> Iterator[tuple[int, Row, CostLine]]:
    found, used = set(), set()
    for keys in _ALIKE:
        for number, wanted in fresh:
            for line, cells in left:
                if number in found or line.id in used or any(cells.get(key) != wanted.get(key) for key in keys):
                    continue
                found.add(number)
                used.add(line.id)
                yield number, wanted, line


def _plan(
    wanted: Row, members: Mapping[str, Organisation], *, base: CostPlan | None, slug: str, illustrative: bool
) -> CostPlan:
    category = _CATEGORIES.get(wanted["category"].strip().capitalize(), CostCategory.OTHER)
    named = category is CostCategory.OTHER and wanted["category"].strip().capitalize() not in _CATEGORIES
    organisation, amount = members[wanted["organisation"]], Decimal(wanted["amount"])
    if base is not None:
        own = base.nuts if base.organisation_id == organisation.id else organisation.nuts
        title = wanted["category"].strip() if named else base.title
        shape = replace(base, cost_category=category, title=title)
        return replace(shape, organisation_id=organisation.id, nuts=wanted.get(_SITE, own), amount=amount)
    return CostPlan(
        slug=slug,
        organisation_id=organisation.id,
        nuts=wanted.get(_SITE, organisation.nuts),
        activity=Activity.OTHER,
        amount=amount,
        starts_on=None,
        cost_category=category,
        title=wanted["category"].strip() if named else "",
        illustrative=illustrative,
    )


def _slug(taken: set[str]) -> str:
    number = 1
    while f"cost-{number:03}" in taken:
        number += 1
    return f"cost-{number:03}"
