"""What a playbook may say of things that wait beside stages and seats: when they fall due, and whom they wait for."""

from collections.abc import Collection, Iterator, Sequence
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from states.deadlines.kinds import Waiting
from states.partners.tables import EventKind
from states.protocol.definition import SectionSpec
from states.rights.access import Role

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


TermFault = tuple[str, str, str]
"""The key of the term that is at fault (empty: the term itself), what is wrong, what to do."""

_COLLECTIVE = frozenset({Waiting.CONSENSUS, Waiting.REPORT})
_NO_OWNER = frozenset({Role.CLOCK, Role.OBSERVER})


def term_faults(kind: Waiting, term: Term, *, stages: Collection[str], tables: Collection[str]) -> Iterator[TermFault]:
    """Yield what is wrong with a term although its shape is right; `tables` are the protocol's, as section.field."""
    yield from _timing_faults(kind, term)
    if term.owner in _NO_OWNER or (kind is Waiting.SIGN_OFF and term.owner is not Role.PARTNER):
        remedy = "a sign-off waits for `partner`" if kind is Waiting.SIGN_OFF else "name a role that acts"
        yield "owner", f"it cannot wait for {term.owner.value}", remedy
    if term.done_in and kind in _COLLECTIVE:
        yield "done_in", "no stage ends it", "leave `done_in` out"
    elif unknown := [name for name in term.done_in if name not in stages]:
        yield "done_in", f"there is no stage {unknown[0]!r}", "name stages of this playbook"
    if kind is not Waiting.RISK_REVIEW and term.table is not None:
        yield "table", "only a risk review looks through a table", "leave `table` out"
    elif kind is Waiting.RISK_REVIEW and term.table not in tables:
        yield "table", f"the protocol has no table {term.table!r}", "name it as section.field"


def _timing_faults(kind: Waiting, term: Term) -> Iterator[TermFault]:
    if (kind is Waiting.RISK_REVIEW) != (term.every is not None):
        what = "it comes again and again" if kind is Waiting.RISK_REVIEW else "it does not come again"
        yield "every", what, "give `every`" if kind is Waiting.RISK_REVIEW else "give `due`"
    if kind is Waiting.RISK_REVIEW and (term.due is not None or term.anchor is not None):
        yield "due" if term.due is not None else "anchor", "it counts from the last time", "give `every` alone"
    if kind is Waiting.CALL_CLOSING and (term.anchor is not AnchorKind.CALL or term.due is not None):
        yield "anchor", "it falls due when the call closes", "give `anchor: call`, and no `due`"
    if kind not in (Waiting.RISK_REVIEW, Waiting.CALL_CLOSING) and term.due is None:
        yield "due", "it needs working days, also for when no anchor is known", "give `due`"
    if kind is Waiting.REPORT and term.anchor is AnchorKind.CALL:
        yield "anchor", "a report of the partnership waits for no call", "give `due`, or `anchor: event`"
    if (term.anchor is AnchorKind.EVENT) != (term.event is not None):
        yield "event", "the kind of event and `anchor: event` go together", "give both, or neither"
    if term.delta and term.anchor is None:
        yield "delta", "counts from an anchor, and there is none", "give `anchor`, or leave it out"


def tables_in(sections: Sequence[SectionSpec]) -> list[str]:
    """Return the tables of a protocol, as section.field."""
    return [f"{section.key}.{field.key}" for section in sections for field in section.fields if field.columns]
