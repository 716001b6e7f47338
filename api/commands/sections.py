"""The commands `bankable sections`: give sections of a protocol to people, and see them back."""

from datetime import date, datetime
from typing import Annotated

import typer
from sqlmodel import Session, col

from api.commands.collaborations import Partnership, Slug, collaboration_named
from states.collaborations.queries import collaboration_by_id
from states.crossings.section_assignments import (
    Giving,
    give_sections,
    hand_in,
    hand_over,
    possible_writers,
    return_section,
    take_back,
)
from states.crossings.section_assignments import ask_anew as ask_section_anew
from states.partners.addresses import address_key
from states.partners.queries import organisation_slugs, person_labels
from states.protocol.assignments.queries import assignment_by_id, find_assignments
from states.protocol.assignments.states import LIVE
from states.protocol.assignments.tables import AssignmentState, SectionAssignment
from states.rights.access import Actor, Role
from states.storage import begin

sections = typer.Typer(
    help="Give sections of a protocol to people, return, hand over and take back what they write.",
    no_args_is_help=True,
)

Key = Annotated[str, typer.Argument(metavar="ASSIGNMENT", help="its id, as in the list")]
To = Annotated[str, typer.Option("--to", help="e-mail address of somebody of a partner or of the office")]
For = Annotated[str, typer.Option("--for", help="short name of the partner, where the person speaks for several")]
Day = Annotated[datetime | None, typer.Option("--due", formats=["%Y-%m-%d"], help="the last day")]


@sections.command("give")
def give(
    partnership: Partnership,
    slug: Slug,
    keys: Annotated[list[str], typer.Argument(metavar="SECTIONS", help="keys of one or more sections")],
    to: To,
    organisation: For = "",
    due: Day = None,
    note: Annotated[str, typer.Option(help="what is asked")] = "",
) -> None:
    """Give sections to somebody, who is told by mail with a link, and print the id of each."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        wanted = Giving(keys, _person(session, to, row.id), organisation, _day(due), note)
        _tell(session, give_sections(session, row, wanted, actor=_office(row.partnership_id)))


@sections.command("list")
def list_sections(
    partnership: Partnership,
    slug: Slug,
    state: Annotated[AssignmentState | None, typer.Option(help="in this state alone")] = None,
    still_open: Annotated[bool, typer.Option("--open", help="given or returned alone")] = False,
    overdue: Annotated[bool, typer.Option("--overdue", help="those whose day has passed alone")] = False,
) -> None:
    """List what was given, one a line with tabs between: id, section, state, last day, to whom, for whom, remark."""
    with begin(read_only=True) as session:
        row = collaboration_named(session, partnership, slug)
        states = {state} if state is not None else set(AssignmentState)
        query = find_assignments(row.id, states=states & set(LIVE) if still_open else states, overdue=overdue)
        order = (col(SectionAssignment.given_at), col(SectionAssignment.id))
        _tell(session, list(session.exec(query.order_by(*order))))


@sections.command("hand-in")
def hand_one_in(key: Key) -> None:
    """Hand a section in as it stands, in the place of who writes it."""
    with begin() as session:
        one = assignment_by_id(session, key)
        hand_in(session, collaboration_by_id(session, one.collaboration_id), one, actor=_office(one.partnership_id))
        _tell(session, [one])


@sections.command("return")
def return_one(key: Key, question: Annotated[str, typer.Option(help="what is still open")], due: Day = None) -> None:
    """Return a section with a question: who has it writes again, until a new day."""
    with begin() as session:
        one = assignment_by_id(session, key)
        row, actor = collaboration_by_id(session, one.collaboration_id), _office(one.partnership_id)
        return_section(session, row, one, question=question, due_on=_day(due), actor=actor)
        _tell(session, [one])


@sections.command("change")
def change(key: Key, due: Day = None, note: Annotated[str | None, typer.Option(help="what is asked")] = None) -> None:
    """Give it another day, or another note."""
    with begin() as session:
        one = assignment_by_id(session, key)
        row, actor = collaboration_by_id(session, one.collaboration_id), _office(one.partnership_id)
        ask_section_anew(session, row, one, due_on=_day(due), note=note, actor=actor)
        _tell(session, [one])


@sections.command("hand-over")
def hand_one_over(key: Key, to: To, organisation: For = "", due: Day = None) -> None:
    """Hand a section over to somebody else, who is told; what was written stays."""
    with begin() as session:
        one = assignment_by_id(session, key)
        row, actor = collaboration_by_id(session, one.collaboration_id), _office(one.partnership_id)
        person = _person(session, to, row.id)
        hand_over(session, row, one, person_id=person, organisation=organisation, due_on=_day(due), actor=actor)
        _tell(session, [one])


@sections.command("take-back")
def take_one_back(key: Key, reason: Annotated[str, typer.Option(help="why")]) -> None:
    """Take a section back; what was written stays."""
    with begin() as session:
        one = assignment_by_id(session, key)
        row, actor = collaboration_by_id(session, one.collaboration_id), _office(one.partnership_id)
        take_back(session, row, one, reason=reason, actor=actor)
        _tell(session, [one])


def _office(partnership_id: str) -> Actor:
    return Actor(Role.ADMINISTRATOR, partnership_id)


def _day(given: datetime | None) -> date | None:
    return given.date() if given else None


def _person(session: Session, email: str, collaboration_id: str) -> str:
    """Return the id of who has this address; the address itself where nobody here does, which is refused by name."""
    row, wanted = collaboration_by_id(session, collaboration_id), address_key(email)
    found = (one.person.id for one in possible_writers(session, row) if one.person.email == wanted)
    return next(found, email)


def _tell(session: Session, given: list[SectionAssignment]) -> None:
    people = person_labels(session, {one.person_id for one in given})
    names = organisation_slugs(session, {one.organisation_id for one in given if one.organisation_id})
    for one in given:
        whose = names.get(one.organisation_id or "", "the office")
        said = (one.id, one.section, one.state.value, one.due_on.isoformat(), people[one.person_id], whose, one.remark)
        typer.echo("\t".join(said).rstrip("\t"))
