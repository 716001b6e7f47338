"""The commands `bankable officer`: who looks after which case, who steps in, and who is away."""

from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import Session, select

from api.commands.collaborations import collaboration_named
from api.http.lookups import people_by_email
from states.clock import today
from states.collaborations.officers import assign_officer, case_officer, hand_over_cases, handing_over
from states.collaborations.queries import collaborations_of
from states.collaborations.tables import CaseOfficer
from states.errors import Missing
from states.partners.absences import add_absence, find_absences, remove_absence
from states.partners.queries import partnership_by_slug, person_labels
from states.partners.tables import Absence
from states.rights.access import Actor, Role
from states.storage import begin

officers = typer.Typer(help="Say who looks after a case, who steps in, and who is away.", no_args_is_help=True)

Partnership = Annotated[str, typer.Argument(help="short name of the partnership")]
Slug = Annotated[str, typer.Argument(help="short name of the collaboration")]
Email = Annotated[str, typer.Argument(help="e-mail address")]
Reason = Annotated[str, typer.Option(help="why")]
Day = datetime
_DAY = ["%Y-%m-%d"]


@officers.command("list")
def list_officers(
    partnership: Partnership,
    none: Annotated[bool, typer.Option("--none", help="only what nobody looks after")] = False,
) -> None:
    """List the collaborations, one a line with tabs between: short name, officer, deputy, each by role."""
    with begin(read_only=True) as session:
        key = partnership_by_slug(session, partnership).id
        query = select(CaseOfficer).where(CaseOfficer.partnership_id == key)
        cases = {one.collaboration_id: one for one in session.exec(query)}
        labels = person_labels(session, {one for case in cases.values() for one in _pair(case) if one})
        for row in collaborations_of(session, key):
            names = [labels.get(one or "", "-") for one in _pair(cases.get(row.id))]
            if not none or names[0] == "-":
                typer.echo("\t".join((row.slug, *names)))


@officers.command()
def assign(
    partnership: Partnership,
    slug: Slug,
    reason: Reason,
    officer: Annotated[str | None, typer.Option(help="address of who looks after it; what is left out stays")] = None,
    deputy: Annotated[str | None, typer.Option(help="address of who steps in; what is left out stays")] = None,
    nobody: Annotated[bool, typer.Option("--nobody", help="nobody looks after it any more")] = False,
) -> None:
    """Name who looks after a case and who steps in; what waits there for the office waits for the new one."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        named = people_by_email(session, row.partnership_id, {"officer": officer, "deputy": deputy})
        present = (None, None) if nobody else _pair(case_officer(session, row.id))
        case = assign_officer(
            session,
            row,
            officer_id=named.get("officer", present[0]),
            deputy_id=named.get("deputy", present[1]),
            reason=reason,
            actor=Actor(Role.PROJECT_MANAGER, row.partnership_id),
        )
        labels = person_labels(session, [key for key in _pair(case) if key])
        typer.echo("\t".join((slug, *(labels.get(key or "", "-") for key in _pair(case)))))


@officers.command("hand-over")
def hand_over(
    partnership: Partnership,
    person: Email,
    reason: Reason,
    to: Annotated[str | None, typer.Option(help="address of who takes the cases; else each deputy steps in")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="tell what would go over, change nothing")] = False,
) -> None:
    """Hand all cases of somebody over; list each with its officer and deputy afterwards."""
    with begin() as session:
        key = partnership_by_slug(session, partnership).id
        people = people_by_email(session, key, {"person": person, "to": to})
        of, heir = people["person"], people.get("to")
        if dry_run:
            found = handing_over(session, key, person_id=of, heir=heir)
        else:
            operator = Actor(Role.PROJECT_MANAGER, key)
            found = hand_over_cases(session, key, person_id=of, heir=heir, reason=reason, actor=operator)
        labels = person_labels(session, {one for case in found for one in case.after if one})
        for case in found:
            typer.echo("\t".join((case.collaboration.slug, *(labels.get(one or "", "-") for one in case.after))))


@officers.command("absences")
def list_absences(partnership: Partnership) -> None:
    """List who is away today or later: who, first day, last day."""
    with begin(read_only=True) as session:
        key = partnership_by_slug(session, partnership).id
        query = find_absences(key, since=today())
        rows = session.exec(query.order_by(Absence.first_day, Absence.id)).all()  # type: ignore[arg-type]
        labels = person_labels(session, {row.person_id for row in rows})
        for row in rows:
            typer.echo("\t".join((labels[row.person_id], str(row.first_day), str(row.last_day))))


@officers.command()
def absent(
    partnership: Partnership,
    person: Email,
    first: Annotated[Day, typer.Option("--from", formats=_DAY, help="first day")],
    last: Annotated[Day | None, typer.Option("--to", formats=_DAY, help="last day; the first one without it")] = None,
) -> None:
    """Enter that somebody is away: deputies stand in on these days."""
    with begin() as session:
        key = partnership_by_slug(session, partnership).id
        who = people_by_email(session, key, {"person": person})["person"]
        until = last.date() if last is not None else None
        row = add_absence(session, partnership_id=key, person_id=who, first_day=first.date(), last_day=until)
        typer.echo(f"{row.first_day}\t{row.last_day}")


@officers.command()
def present(
    partnership: Partnership,
    person: Email,
    first: Annotated[Day, typer.Option("--from", formats=_DAY, help="first day of the absence")],
) -> None:
    """Take an absence back that does not come about."""
    with begin() as session:
        key = partnership_by_slug(session, partnership).id
        who = people_by_email(session, key, {"person": person})["person"]
        remove_absence(session, _absence(session, key, who, first))
    typer.echo("It is taken back.")


def _absence(session: Session, partnership_id: str, person_id: str, first: datetime) -> Absence:
    query = find_absences(partnership_id, person_id=person_id).where(Absence.first_day == first.date())
    found = session.exec(query).one_or_none()
    if found is None:
        raise Missing("absence", str(first.date()))
    return found


def _pair(case: CaseOfficer | None) -> tuple[str | None, str | None]:
    return (None, None) if case is None else (case.officer_id, case.deputy_id)
