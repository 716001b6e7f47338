"""Cases as a list and in columns by stage, as one reader may read them; in a fixed number of statements each."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal
from urllib.parse import urlencode

from fastapi import Query
from sqlalchemy import ColumnElement, exists, func, union_all
from sqlalchemy import select as plain
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from api.http.lookups import cases_where, need_open_sort, need_stage, working_area_numbered
from api.pages.ahead import next_of
from api.routes.collaborations.collaborations import OutlineOut, shown_to
from api.routes.collaborations.moves import MoveOut, present_pipeline
from states.clock import today
from states.collaborations.officers import OFFICE
from states.collaborations.queries import ORDERS, find_collaborations
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.deadlines.sync import STAGE_DEADLINE
from states.crossings.search import matching
from states.deadlines.tables import Deadline, DeadlineState
from states.partners.queries import holders
from states.partners.tables import Partnership
from states.playbooks.definition import Playbook
from states.playbooks.editions import chosen_playbook, playbooks_of
from states.playbooks.way import way_of
from states.rights.access import Action, Actor, may
from states.rights.conditions import permitted_where
from states.rights.scopes import scopes_of
from states.search import SearchKind
from states.search.words import LONGEST, read_words
from states.storage.paging import Order, read_part, sorted_by
from states.texts.titles import said

SORTS = ("-stage_since", "stage_since", "opened", "-opened", "title", "-title")
IN_A_COLUMN, AT_ONCE, MOST_IN_A_SHEET = 8, 200, 20_000


class Filters:
    """What of the cases is wanted, as the address says it; an empty field of the form asks for nothing."""

    def __init__(
        self,
        stage: Annotated[str, Query(max_length=40)] = "",
        officer: Annotated[str, Query(max_length=300)] = "",
        area: Annotated[str, Query(max_length=9)] = "",
        q: Annotated[str, Query(max_length=LONGEST)] = "",
        late: Annotated[str, Query(max_length=5)] = "",
        sort: Annotated[str, Query(max_length=20)] = "",
        view: Literal["", "columns", "table"] = "",
    ) -> None:
        self.stage, self.officer, self.area, self.q = stage, officer, area, q.strip()
        self.late, self.sort, self.view = bool(late), sort if sort in SORTS else "", view

    @property
    def narrow(self) -> bool:
        """Tell whether not all cases are wanted."""
        return bool(self.stage or self.officer or self.area or self.q or self.late)

    def address(self, **other: str) -> str:
        """Return the address of the list with other values; an empty one takes its filter away."""
        values = {
            "stage": self.stage,
            "officer": self.officer,
            "area": self.area,
            "q": self.q,
            "late": "yes" if self.late else "",
            "sort": self.sort,
            "view": self.view,
        }
        asked = urlencode({name: value for name, value in (values | other).items() if value})
        return f"/cases?{asked}" if asked else "/cases"

    def query(self, session: Session, actor: Actor) -> SelectOfScalar[Collaboration]:
        """Return the query; by what it is narrowed the reader may read of every case that it finds."""
        if self.stage:
            need_stage(session, actor.partnership_id, self.stage)
        where: list[ColumnElement[bool]] = [permitted_where(session, actor, Collaboration, self._action)]
        if self.q:
            words = read_words(self.q, field="query.q")
            where.append(matching(session, SearchKind.COLLABORATION, words, actor))
        where += cases_where(session, actor, col(Collaboration.id), self.officer or None)
        if self.area:
            number = int(self.area) if self.area.isdecimal() else 0
            area = working_area_numbered(session, actor.partnership_id, number)
            where.append(col(Collaboration.working_area_id) == area.id)
        if self.late:
            where.append(_has_late_deadline())
        return find_collaborations(actor.partnership_id, *where, stage=self.stage or None)

    def order(self, actor: Actor) -> list[Order]:
        """Return in which order the list stands; by default the newest comes first."""
        sort = self.sort or "-opened"
        need_open_sort(actor, sort, hidden="title")
        return sorted_by(ORDERS, sort, col(Collaboration.id))

    @property
    def _action(self) -> Action:
        if self.late:
            return Action.READ_DEADLINES
        by_progress = self.stage or self.officer or self.area or "stage_since" in self.sort or self.view == "columns"
        return Action.READ_PROGRESS if by_progress else Action.READ_COLLABORATION


def _has_late_deadline() -> ColumnElement[bool]:
    late = plain(col(Deadline.id)).where(
        col(Deadline.collaboration_id) == col(Collaboration.id),
        col(Deadline.state) == DeadlineState.OPEN,
        col(Deadline.due_on) < today(),
    )
    return exists(late)


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case in a list. Of one of which only the outline may be read, stage and all that follows is empty."""

    id: str
    title: str
    lead: str
    partners: tuple[str, ...]
    regions: tuple[str, ...]
    slug: str = ""
    stage: str = ""
    stage_title: str = ""
    days: int = 0
    officer: str | None = None
    due_on: date | None = None
    next_move: MoveOut | None = None

    @property
    def late(self) -> bool:
        return self.due_on is not None and self.due_on < today()


def case_lines(session: Session, actor: Actor, rows: Sequence[Collaboration]) -> list[CaseLine]:
    """Return what lists show of cases."""
    if not rows:
        return []
    scopes = dict(zip((row.id for row in rows), scopes_of(session, actor, rows), strict=True))
    shown = shown_to(session, actor, [(row, scopes[row.id]) for row in rows])
    open_rows = [row for row, one in zip(rows, shown, strict=True) if not isinstance(one, OutlineOut)]
    entries = {one.collaboration_id: one for one in present_pipeline(session, actor, open_rows)}
    playbooks = playbooks_of(session, open_rows)
    due = _stage_dates(session, [row.id for row in open_rows if may(actor, Action.READ_DEADLINES, scopes[row.id])])
    lines = []
    for one in shown:
        lead = next((member.name for member in one.members if member.part is MemberPart.LEAD), "")
        names = tuple(member.name for member in one.members)
        regions = tuple(sorted({member.nuts[:4] for member in one.members if member.nuts}))
        if isinstance(one, OutlineOut):
            lines.append(CaseLine(one.id, one.title, lead, names, regions))
            continue
        entry = entries[one.id]
        lines.append(
            CaseLine(
                one.id,
                one.title,
                lead,
                names,
                regions,
                one.slug,
                one.stage,
                one.stage_title,
                entry.days_in_stage,
                one.officer,
                due.get(one.id),
                next_of(playbooks[one.id], one.stage, entry.moves),
            )
        )
    return lines


def _stage_dates(session: Session, keys: Sequence[str]) -> dict[str, date]:
    query = select(col(Deadline.subject_id), col(Deadline.due_on)).where(
        col(Deadline.subject_id).in_(keys), Deadline.kind == STAGE_DEADLINE, Deadline.state == DeadlineState.OPEN
    )
    return dict(session.exec(query).all())


@dataclass(frozen=True, slots=True)
class Column:
    """A stage with how many cases stand in it, and those that have stood there longest."""

    stage: str
    title: str
    count: int
    lines: Sequence[CaseLine]


def columns(session: Session, actor: Actor, query: SelectOfScalar[Collaboration], playbook: Playbook) -> list[Column]:
    """Return the columns of the way, and of every other stage in which a case stands."""
    stage, since, key = col(Collaboration.stage), col(Collaboration.stage_since), col(Collaboration.id)
    counts = dict(session.execute(query.with_only_columns(stage, func.count()).group_by(stage)).tuples().all())
    longest = [
        plain(query.where(stage == name).with_only_columns(key).order_by(since, key).limit(IN_A_COLUMN).subquery())
        for name in counts
    ]
    ordered = select(Collaboration).order_by(since, key)
    rows = session.exec(ordered.where(key.in_(union_all(*longest)))).all() if longest else []
    lines = case_lines(session, actor, rows)
    titles = {one.stage: one.stage_title for one in lines}
    way = way_of(playbook)
    known = [name for name in playbook.stages if name in way or name in counts]
    return [
        Column(
            stage,
            said(playbook.stages[stage].title) if stage in playbook.stages else titles[stage],
            counts.get(stage, 0),
            [one for one in lines if one.stage == stage],
        )
        for stage in dict.fromkeys((*known, *counts))
    ]


def playbook_in_force(session: Session, actor: Actor) -> Playbook:
    """Return the playbook by which new cases of the actor's partnership go."""
    return chosen_playbook(session, session.get_one(Partnership, actor.partnership_id).playbook)


def office_people(session: Session, actor: Actor) -> list[tuple[str, str]]:
    """Return who may look after cases, each once, by id and label."""
    found = holders(session, actor.partnership_id, *OFFICE)
    return list({one.person.id: (one.person.id, one.person.label) for one in found}.values())


def every_line(session: Session, actor: Actor, filters: Filters) -> Iterator[CaseLine]:
    """Yield all that the filters find, in the order of the list; of very many the first ones."""
    query, order, after = filters.query(session, actor), filters.order(actor), None
    for _ in range(MOST_IN_A_SHEET // AT_ONCE):
        part = read_part(session, query, order, limit=AT_ONCE, after=after)
        yield from case_lines(session, actor, part.items)
        if part.last is None:
            return
        after = part.last
