"""How the work runs and the money with it: bars and days of a Gantt chart, from protocol, case and plan."""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum

from documents.languages import gettext
from documents.meta import Line, Plain
from documents.proposal.finances import FinancialAnalysis
from documents.proposal.names import told
from states.funding.case.case import FundingCase
from states.funding.case.instruments import months_after
from states.protocol.content import Content, table_rows

_MONTHS = re.compile(r"([0-9]+)(?:-([0-9]+))?")


MOST_MONTHS = 240  # twenty years: what is longer is a slip of the pen


class Task(StrEnum):
    """What a row is about: work, a day on which it is decided, money."""

    WORK = "work"
    DAY = "day"
    MONEY = "money"


class GanttRow(Plain):
    """A row of the chart; of a day both ends are the same."""

    name: Line
    task: Task
    start: date
    end: date


def gantt_rows(
    content: Mapping[str, Content], case: FundingCase | None, analysis: FinancialAnalysis | None
) -> tuple[GanttRow, ...]:
    """Return work packages, milestones, and the years of spending, loans and revenue, in this order."""
    began = min((item.starts for item in case.cost_items), default=None) if case else None
    rows = [*_packages(content, began), *_milestones(content)]
    return (*rows, *(_money(analysis) if analysis else ()))


class MonthsRow(Plain):
    """A work package by months of its plan, the first of which is 1."""

    name: Line
    first: int
    last: int


def months_rows(content: Mapping[str, Content]) -> tuple[MonthsRow, ...]:
    """Return the work packages whose months can be read, in their order."""
    return tuple(
        MonthsRow(name=name, first=first, last=last)
        for name, first, last in _months(content)
        if 0 < first <= last <= MOST_MONTHS
    )


def _months(content: Mapping[str, Content]) -> Iterator[tuple[str, int, int]]:
    for row in table_rows(content, "work_plan", "packages"):
        if found := _MONTHS.fullmatch(row.get("months", "")):
            name = told(" ".join(filter(None, (row.get("number", ""), row.get("title", "")))))
            yield name, int(found[1]), int(found[2] or found[1])


def _packages(content: Mapping[str, Content], began: date | None) -> Iterator[GanttRow]:
    """Months of a plan count from the first start of works."""
    if began is None:
        return
    for name, first, last in _months(content):
        end = months_after(began, last) - timedelta(days=1)
        yield GanttRow(name=name, task=Task.WORK, start=months_after(began, first - 1), end=end)


def _milestones(content: Mapping[str, Content]) -> Iterator[GanttRow]:
    for row in table_rows(content, "work_plan", "milestones"):
        try:
            day = date.fromisoformat(row["date"])
        except (KeyError, ValueError):
            continue
        yield GanttRow(name=told(row.get("milestone") or gettext("Milestone")), task=Task.DAY, start=day, end=day)


def _money(analysis: FinancialAnalysis) -> Iterator[GanttRow]:
    spans = {
        gettext("Money spent"): [one.year for one in analysis.cash if one.uses],
        gettext("Grants paid"): [one.year for one in analysis.cash if one.grants],
        gettext("Loans drawn"): [one.year for one in analysis.cash if one.drawn],
        gettext("Revenue"): [one.year for one in analysis.cash if one.revenue],
        gettext("Loans repaid"): [one.year for one in analysis.cash if one.repaid],
    }
    for name, years in spans.items():
        if years:
            yield GanttRow(name=name, task=Task.MONEY, start=date(years[0], 1, 1), end=date(years[-1], 12, 31))
