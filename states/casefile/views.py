"""Through whose eyes a case is taken out: the office sees everything, a partner what it may read, and no reviewer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Table, true
from sqlmodel import Session, col, select

import states.crossings.rights.providers  # noqa: F401 - they answer for documents, files and dates
from states.archive.evidence.tables import Evidence
from states.archive.tables import IssuedDocument
from states.casefile.gathering import Narrow
from states.casefile.manifest import Audience
from states.casefile.values import Row, renamed
from states.collaborations.tables import Collaboration
from states.deadlines.tables import Deadline
from states.review.tables import Condition, Decision, DecisionCorrection
from states.rights.access import Action, Actor, may
from states.rights.conditions import permitted_where
from states.rights.scopes import scopes_of


@dataclass(frozen=True, slots=True)
class View:
    """What of a case goes into the file; `narrow` gives the rows of a table that do, `masked` shows them."""

    audience: Audience = Audience.OFFICE
    people: bool = False
    narrow: Narrow | None = None
    masked: Callable[[Mapping[str, list[Row]]], Mapping[str, list[Row]]] = lambda written: written


def office(*, people: bool = False) -> View:
    """Return the view of the office; `people` are names and addresses."""
    return View(people=people)


# A table that stands nowhere here is the office's alone: a new one is closed until somebody opens it.
_BY_CASE = {
    "collaboration": Action.READ_COLLABORATION,
    "member": Action.READ_COLLABORATION,
    "history_line": Action.READ_PROGRESS,
    "section_draft": Action.READ_PROTOCOL,
    "protocol_version": Action.READ_PROTOCOL,
    "sign_off": Action.READ_PROTOCOL,
    "cost_line": Action.READ_FUNDING,
    "funding_question": Action.READ_FUNDING_CASE,
    "financial_assumptions": Action.READ_FUNDING,
    "scenario": Action.READ_FUNDING,
    "scenario_source": Action.READ_FUNDING,
    "scenario_use": Action.READ_FUNDING,
    "solved_case": Action.READ_FUNDING_CASE,
    "submission": Action.READ_FUNDING,
    "agreement": Action.READ_FUNDING,
}
_PUBLIC_OF_ORGANISATIONS = ("id", "slug", "name", "kind", "country", "nuts", "legal_name")


def partner(session: Session, actor: Actor, collaboration: Collaboration) -> View:
    """Return the view of a partner: what it may read, without names, and everybody but itself under a number."""
    [scope] = scopes_of(session, actor, [collaboration])

    def narrow(table: Table) -> ColumnElement[bool] | None:
        if (action := _BY_CASE.get(table.name)) is not None:
            return true() if may(actor, action, scope) else None
        return _by_row(session, actor, table, decides=may(actor, Action.READ_DECISION, scope))

    def masked(written: Mapping[str, list[Row]]) -> Mapping[str, list[Row]]:
        return _masked(written, own=actor.person_id)

    return View(Audience.PARTNER, narrow=narrow, masked=masked)


def _by_row(session: Session, actor: Actor, table: Table, *, decides: bool) -> ColumnElement[bool] | None:
    """Return the condition where a right is that of each row: of documents, files, dates, and released decisions."""
    match table.name:
        case "issued_document":
            return permitted_where(session, actor, IssuedDocument, Action.READ_DOCUMENT)
        case "evidence":
            return permitted_where(session, actor, Evidence, Action.READ_EVIDENCE)
        case "deadline":
            return permitted_where(session, actor, Deadline, Action.READ_DEADLINES)
        case "decision" if decides:
            return col(Decision.released_at).is_not(None)
        case "decision_correction" if decides:
            return col(DecisionCorrection.released_at).is_not(None)
        case "review_condition" if decides:
            released = select(Decision.round_id).where(col(Decision.released_at).is_not(None))
            return col(Condition.round_id).in_(released)
    return None


def _masked(written: Mapping[str, list[Row]], *, own: str | None) -> dict[str, list[Row]]:
    """Return the parts with every person but one under a number, and of organisations what everybody may know."""
    people = sorted(row["id"] for row in written.get("references/person.json", []))
    numbers = {key: f"person-{number}" for number, key in enumerate(people, start=1) if key != own}
    shown = {name: [renamed(row, numbers) for row in rows] for name, rows in written.items()}
    if (organisations := shown.get("references/organisation.json")) is not None:
        kept = [{name: row[name] for name in _PUBLIC_OF_ORGANISATIONS} for row in organisations]
        shown["references/organisation.json"] = kept
    return shown
