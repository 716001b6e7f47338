"""The protocol as it is written: how far each section is, and a page for each that loses nothing of what is typed."""

from collections.abc import Mapping
from typing import Any

from fastapi import APIRouter, Request
from sqlmodel import Session
from starlette.responses import JSONResponse, Response

from api.http.conditional import UNWRITTEN, must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.errors import JSON, Problem
from api.pages.formats import moment
from api.pages.forms import UNANSWERED, Form, Typed
from api.pages.languages import gettext, speaking_to
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.section_forms import chosen, fields_of, name_of, read_section, undecided
from api.routes.protocol.assignments import list_assignments
from api.routes.protocol.protocols import (
    Edit,
    Read,
    SectionIn,
    SectionOut,
    SectionsView,
    definition_of,
    get_protocol_status,
    put_section,
)
from states.changes.words import compare_texts
from states.clock import now
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Stale
from states.partners.queries import person_labels
from states.playbooks.editions import playbook_of
from states.protocol.comparison import compare_sections
from states.protocol.definition import SectionSpec
from states.protocol.merging import merge
from states.protocol.queries import drafts_of, versions_of
from states.protocol.section_states import content_at
from states.protocol.tables import SectionDraft
from states.rights.access import Actor

router = APIRouter(prefix="/cases/{collaboration_id}/protocol")


@router.get("")
def get_protocol_page(request: Request, row: Read, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show the sections as a list of tasks: how far each is, whose it is, and who wrote it last."""
    given = list_assignments(row, session, actor, lists.whole(), open=True).items
    return page(
        request,
        "protocol/protocol.html",
        case=row,
        can=Abilities(session, actor, row),
        sections=get_protocol_status(row, session).sections,
        versions=versions_of(session, row.id),
        given={key: [one for one in given if one.section == key] for key in {one.section for one in given}},
        yours={one.id for one in given if one.person_id == actor.person_id},
    )


@router.get("/{key}")
def get_section_page(request: Request, row: Read, key: str, session: Tx, actor: CurrentActor, lists: Lists) -> Response:
    """Show a section as a form; where somebody else wrote the same places since, what both wrote, to choose from."""
    section = definition_of(session, row, key)
    problem: Problem | None = getattr(request.state, "problem", None)
    known: dict[str, Any] = {
        "case": row,
        "chapter": section,
        "sections": playbook_of(session, row).protocol,
        "can": Abilities(session, actor, row),
    }
    if problem is not None and problem.whole.get("conflict"):
        return page(request, "protocol/conflict.html", **known, **_conflict(session, section, problem.whole))
    draft = _draft(session, row, key)
    typed: Typed = getattr(request.state, "typed", Typed())
    view = SectionsView.of(session, actor, row)
    content = draft.content if draft else {}
    return page(
        request,
        "protocol/section.html",
        **known,
        fields=list(fields_of(section, view, content, typed)),
        members=[one.name for one in view.owners.members],
        writes_all=view.writer is None,
        illustrative=draft.illustrative if draft else False,
        version=typed.version if typed.version is not None else draft.version if draft else UNWRITTEN,
        given=list_assignments(row, session, actor, lists.whole(), open=True, section=key).items,
        me=actor.person_id,
    )


@router.post("/{key}")
def post_section_page(sent: Form, request: Request, row: Edit, key: str, session: Tx, actor: CurrentActor) -> Response:
    """Write a section, put together with what others wrote since; `then` says where to go on."""
    if sent.all("conflict"):
        if undecided(sent):
            sent = Typed((*sent.fields, ("version", sent.get("read"))))
        else:
            sent = request.state.typed = chosen(sent)
    section = definition_of(session, row, key)
    wanted = read_section(section, SectionsView.of(session, actor, row), sent)
    version = must_match(sent.version)
    if JSON in request.headers.get("accept", ""):
        with speaking_to(request.state.language):
            return JSONResponse(_autosaved(request, row, section, version, wanted, session, actor))
    written = put_section(row, key, version, wanted, session, actor, UNANSWERED, merge=True)
    told = "saved" if written.version == version + 1 else "merged"
    return lead_to(f"/cases/{row.id}/protocol/{sent.get('then') or key}", told=told)


def _autosaved(
    request: Request,
    row: Collaboration,
    section: SectionSpec,
    version: int,
    wanted: SectionIn,
    session: Session,
    actor: Actor,
) -> dict[str, Any]:
    """Write what can be written of a section while it is typed, and return its new version and what is told.

    A field that is not ready (a row that lacks a cell) is left for the next time. What others wrote since comes back by
    the names of its texts in `fields`; a table that both write, or a place that both changed, waits for the button.
    """
    draft = _draft(session, row, section.key)
    base = content_at(session, draft, version) if draft and draft.version != version else None
    theirs = dict(draft.content) if draft else {}
    if draft and draft.version != version and (base is None or _tables_differ(section, base, theirs)):
        raise Stale("protocol_section", expected=version, actual=draft.version)
    content, faults = dict(wanted.content), list[Fault]()
    written: SectionOut | None = None
    while written is None:
        try:
            with session.begin_nested():
                sent = wanted.model_copy(update={"content": content})
                written = put_section(row, section.key, version, sent, session, actor, UNANSWERED, merge=True)
        except Invalid as error:
            unready = {_field_of(fault.place, section) for fault in error.faults} & content.keys()
            if not unready:
                raise
            faults += error.faults
            content = {name: value for name, value in content.items() if name not in unready}
    signed_in = request.state.signed_in
    told = gettext("Saved, %(when)s.") % {"when": moment(now(), signed_in.time_zone)}
    if faults:
        told = gettext("%(saved)s Not yet: %(faults)s") % {"saved": told, "faults": "; ".join(map(str, faults))}
    changed = {
        name_of(section, field): str(written.content.get(field.key) or "")
        for field in section.fields
        if base is not None and not field.columns and base.get(field.key) != theirs.get(field.key)
    }
    return {"version": written.version, "told": told, "fields": changed, "whole": not faults}


def _tables_differ(section: SectionSpec, one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    return any(field.columns and one.get(field.key) != other.get(field.key) for field in section.fields)


def _field_of(place: str, section: SectionSpec) -> str:
    """Return the key of the field in which a place lies."""
    return place.removeprefix(f"{section.key}.").partition("[")[0].partition(".")[0]


def _conflict(session: Session, section: SectionSpec, whole: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a page shows of a conflict: by field what both made of the base, and what can be put together."""
    told = whole["conflict"]
    yours, theirs, base = told["yours"], told["theirs"], told["base"]
    apart = [field.key for field in section.fields if (yours.get(field.key) or "") != (theirs.get(field.key) or "")]
    mine = others = {}
    if base is None:
        mine, others = yours, theirs
    else:
        both = merge(section, base=base, yours=yours, theirs=theirs)
        others, mine = both.content, merge(section, base=base, yours=theirs, theirs=yours).content
        touched = {_field_of(one.place, section) for one in both.conflicts}
        apart = [key for key in apart if key in touched]
    parts = [_part(section, key, base, mine, others) for key in apart]
    rest = {key: value for key, value in others.items() if key not in apart}
    labels = person_labels(session, {told["written_by_id"]} - {None})
    return {
        "parts": parts,
        "rest": rest,
        "who": labels.get(told["written_by_id"]) or told["written_by_role"],
        "at": told["written_at"],
        "read": whole["expected_version"],
        "now": whole["actual_version"],
    }


def _part(
    section: SectionSpec,
    key: str,
    base: Mapping[str, object] | None,
    mine: Mapping[str, object],
    theirs: Mapping[str, object],
) -> dict[str, Any]:
    field = section.field(key)
    assert field is not None
    was = {key: (base or {}).get(key)}
    return {
        "field": field,
        "name": name_of(section, field),
        "base": was[key],
        "yours": mine.get(key),
        "theirs": theirs.get(key),
        "runs_yours": [] if field.columns else compare_texts(str(was[key] or ""), str(mine.get(key) or "")),
        "runs_theirs": [] if field.columns else compare_texts(str(was[key] or ""), str(theirs.get(key) or "")),
        "rows_yours": _changed_rows(section, was, {key: mine.get(key)}) if field.columns else [],
        "rows_theirs": _changed_rows(section, was, {key: theirs.get(key)}) if field.columns else [],
    }


def _changed_rows(section: SectionSpec, before: dict[str, object], after: dict[str, object]) -> list[Any]:
    return [one for change in compare_sections(before, after, key=section.key, section=section) for one in change.rows]


def _draft(session: Session, row: Collaboration, key: str) -> SectionDraft | None:
    return next((one for one in drafts_of(session, [row.id])[row.id] if one.key == key), None)
