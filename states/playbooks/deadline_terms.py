"""What a playbook may say of things that wait beside stages and seats: when they fall due, and whom they wait for."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from states.checklists.definition import FILLERS
from states.deadlines.kinds import Waiting
from states.partners.tables import EventKind
from states.protocol.definition import SectionSpec
from states.rights.access import Role
from states.texts import Text

_MOST_DAYS = 750


class AnchorKind(StrEnum):
    """Dates of others: the closing of the call that the chosen scenario counts on, the partnership's next event."""

    CALL = "call"
    EVENT = "event"


class Term(BaseModel):
    """When something falls due, whom it waits for, and by which ladder one is reminded."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    due: int | None = Field(default=None, gt=0, le=_MOST_DAYS, description="working days since it began to wait")
    every: int | None = Field(default=None, gt=0, le=_MOST_DAYS, description="working days since it was done last")
    anchor: AnchorKind | None = Field(default=None, description="hangs on this date where it is known, else `due`")
    event: EventKind | None = Field(default=None, description="kind of the event that it hangs on")
    delta: int = Field(default=0, ge=-250, le=250, description="working days from the anchor; negative is before")
    owner: Role
    ladder: str = "default"
    legal: bool = False
    done_in: list[str] = Field(default=[], description="stages whose entering ends the waiting")
    table: str | None = Field(default=None, description="risk register that is looked through, as section.field")


TermFault = tuple[str, Text, Text]
"""The key of the term that is at fault (empty: the term itself), what is wrong, what to do."""

UNSAID: Mapping[Waiting, Term] = {
    Waiting.SECTION: Term(due=10, owner=Role.PARTNER),
    Waiting.QUESTION: Term(due=5, owner=Role.PROJECT_MANAGER),
}
"""The terms of what people ask of each other, for playbooks that say nothing of it."""

_COLLECTIVE = frozenset({Waiting.CONSENSUS, Waiting.REPORT, *UNSAID})
_NO_OWNER = frozenset({Role.CLOCK, Role.OBSERVER})


def term_faults(kind: Waiting, term: Term, *, stages: Collection[str], tables: Collection[str]) -> Iterator[TermFault]:
    """Yield what is wrong with a term although its shape is right; `tables` are the protocol's, as section.field."""
    yield from _timing_faults(kind, term)
    of_office = kind is Waiting.CHECKLIST and term.owner not in FILLERS
    if term.owner in _NO_OWNER or of_office or (kind is Waiting.SIGN_OFF and term.owner is not Role.PARTNER):
        remedy = "sign_off_waits_for_partner" if kind is Waiting.SIGN_OFF else "name_role_that_acts"
        yield "owner", Text("why", "cannot_wait_for", role=term.owner), Text("remedy", remedy)
    if term.done_in and kind in _COLLECTIVE:
        yield "done_in", Text("why", "no_stage_ends_it"), Text("remedy", "leave_done_in_out")
    elif unknown := [name for name in term.done_in if name not in stages]:
        yield "done_in", Text("why", "no_such_stage", stage=unknown[0]), Text("remedy", "name_stages_of_playbook")
    if kind is not Waiting.RISK_REVIEW and term.table is not None:
        yield "table", Text("why", "only_risk_review_has_table"), Text("remedy", "leave_table_out")
    elif kind is Waiting.RISK_REVIEW and term.table not in tables:
        why = Text("why", "no_such_table", table=term.table) if term.table else Text("why", "table_needed")
        yield "table", why, Text("remedy", "name_as_section_field")


def _timing_faults(kind: Waiting, term: Term) -> Iterator[TermFault]:
    if (kind is Waiting.RISK_REVIEW) != (term.every is not None):
        again = kind is Waiting.RISK_REVIEW
        why, remedy = ("comes_again", "give_every") if again else ("does_not_come_again", "give_due")
        yield "every", Text("why", why), Text("remedy", remedy)
    if kind is Waiting.RISK_REVIEW and (term.due is not None or term.anchor is not None):
        place = "due" if term.due is not None else "anchor"
        yield place, Text("why", "counts_from_last_time"), Text("remedy", "give_every_alone")
    if kind is Waiting.CALL_CLOSING and (term.anchor is not AnchorKind.CALL or term.due is not None):
        yield "anchor", Text("why", "due_when_call_closes"), Text("remedy", "give_anchor_call")
    if kind not in (Waiting.RISK_REVIEW, Waiting.CALL_CLOSING) and term.due is None:
        yield "due", Text("why", "needs_working_days"), Text("remedy", "give_due")
    if kind in UNSAID and term.anchor is not None:
        yield "anchor", Text("why", "counts_from_asking"), Text("remedy", "give_due")
    if kind is Waiting.REPORT and term.anchor is AnchorKind.CALL:
        yield "anchor", Text("why", "report_waits_for_no_call"), Text("remedy", "give_due_or_anchor_event")
    if (term.anchor is AnchorKind.EVENT) != (term.event is not None):
        yield "event", Text("why", "event_and_anchor_together"), Text("remedy", "give_both_or_neither")
    if term.delta and term.anchor is None:
        yield "delta", Text("why", "counts_from_anchor"), Text("remedy", "give_anchor_or_leave_out")


def tables_in(sections: Sequence[SectionSpec]) -> list[str]:
    """Return the tables of a protocol, as section.field."""
    return [f"{section.key}.{field.key}" for section in sections for field in section.fields if field.columns]
