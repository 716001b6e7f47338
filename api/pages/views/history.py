"""Every change of a case, by whom and from what to what; and the case as it stood at the end of a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Depends, Query, Request
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.http.access import COLLABORATION, Allowed
from api.http.dependencies import CurrentActor, Tx
from api.http.paging import Page
from api.pages.lists import Lists
from api.pages.rendering import page
from api.pages.signing import Reader
from api.routes.changes.changes import list_collaboration_changes
from api.routes.documents.documents import DocumentOut, list_documents
from states.changes.queries import ChangesOf
from states.changes.tables import ChangeRecord
from states.collaborations.queries import history_of
from states.collaborations.tables import Collaboration, Member, MemberPart
from states.crossings.changes.told import title_of_noun
from states.partners.tables import Organisation
from states.playbooks.editions import playbook_of
from states.protocol.queries import versions_of
from states.rights.access import Action
from states.texts.titles import said

router = APIRouter(prefix="/cases/{collaboration_id}/history")

OfCase = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_CHANGES))]

_NOUNS = (
    *("collaboration", "member", "case_officer", "section_draft", "protocol_version", "sign_off", "evidence"),
    *("review_round", "position", "decision", "review_condition", "cost_line", "scenario", "scenario_source"),
    *("submission", "agreement", "checklist", "checklist_answer", "issued_document"),
)


@router.get("")
def get_history(
    request: Request,
    row: OfCase,
    session: Tx,
    actor: CurrentActor,
    reader: Reader,
    cut: Page,
    lists: Lists,
    noun: Annotated[str, Query(max_length=60)] = "",
    person: Annotated[str, Query(max_length=40)] = "",
    since: Annotated[str, Query(max_length=10)] = "",
    until: Annotated[str, Query(max_length=10)] = "",
    on: Annotated[str, Query(max_length=10)] = "",
) -> Response:
    """Show what was changed, the newest first; with a day also how the case stood at its end."""
    zone = ZoneInfo(reader.time_zone)
    first, last, day = _day(since), _day(until), _day(on)
    wanted = ChangesOf(
        noun=noun if noun in _NOUNS else None,
        person_id=person or None,
        since=_begin(first, zone) if first else None,
        until=_begin(last + timedelta(days=1), zone) if last else None,
    )
    documents: Sequence[DocumentOut] = ()
    stood = None
    if day is not None:
        at = _begin(day + timedelta(days=1), zone)
        stood = _as_it_stood(session, row, at)
        listed = list_documents(session, actor, lists.first(200), None, collaboration=row.id).items
        documents = [one for one in listed if one.issued_at < at]
    return page(
        request,
        "cases/history.html",
        case=row,
        listed=list_collaboration_changes(row, session, actor, cut, wanted),
        nouns=[(key, title_of_noun(key)) for key in _NOUNS],
        noun=noun,
        person=person,
        since=first,
        until=last,
        on=day,
        stood=stood,
        documents=documents,
    )


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)


@dataclass(frozen=True, slots=True)
class Stood:
    """A case as it stood at an instant; `stage` is empty where it was not open yet."""

    stage: str
    since: datetime
    title: str
    summary: str
    members: Sequence[tuple[str, MemberPart]]
    version: int | None
    frozen_at: datetime | None


def _as_it_stood(session: Session, row: Collaboration, at: datetime) -> Stood:
    if row.opened_at >= at:
        return Stood("", row.opened_at, row.title, "", (), None, None)
    lines = history_of(session, [row.id])[row.id]
    before = [line for line in lines if line.at < at]
    stages = playbook_of(session, row).stages
    first = lines[0].from_stage if lines else row.stage
    stage = before[-1].to_stage if before else first
    versions = [one for one in versions_of(session, row.id) if one.frozen_at < at]
    return Stood(
        said(stages[stage].title) if stage in stages else stage,
        before[-1].at if before else row.opened_at,
        _text_at(session, row, "title", at),
        _text_at(session, row, "summary", at),
        _members_at(session, row, at.date()),
        versions[-1].number if versions else None,
        versions[-1].frozen_at if versions else None,
    )


def _text_at(session: Session, row: Collaboration, field: str, at: datetime) -> str:
    """Return what a text said: what the first change after that found there, or what stands there now."""
    query = select(ChangeRecord).where(
        ChangeRecord.noun == "collaboration",
        ChangeRecord.subject_id == row.id,
        ChangeRecord.field == field,
        col(ChangeRecord.at) >= at,
    )
    later = session.exec(query.order_by(col(ChangeRecord.at), col(ChangeRecord.number)).limit(1)).first()
    return str(later.before or "") if later is not None else str(getattr(row, field))


def _members_at(session: Session, row: Collaboration, day: date) -> list[tuple[str, MemberPart]]:
    query = (
        select(Member, Organisation)
        .join(Organisation, col(Organisation.id) == col(Member.organisation_id))
        .where(Member.collaboration_id == row.id, col(Member.joined_on) <= day)
        .order_by(col(Organisation.name))
    )
    there = [(member, one) for member, one in session.exec(query) if member.left_on is None or member.left_on > day]
    return [(one.name, member.part) for member, one in there]
