"""The commands `bankable collaboration`: open one, say what may be done with it, and do it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated

import typer
from sqlmodel import Session, select

from api.commands.differences import tell_copied
from api.http.lookups import organisations_named, working_area_numbered
from states.collaborations.queries import collaborations_of, members_of
from states.collaborations.service import Joining, edit_collaboration
from states.collaborations.tables import Collaboration, MemberPart
from states.crossings.consortium import change_part, join, leave, open_points
from states.crossings.copying import Wanted
from states.crossings.dossier import dossier_of
from states.errors import Fault, Invalid, Missing
from states.lifecycle.available_moves import lifecycle_view
from states.lifecycle.copying import copy_collaboration
from states.lifecycle.move import move as make_move
from states.lifecycle.move import undo as undo_move
from states.lifecycle.opening import Origin, open_collaboration, open_with_origin
from states.matchmaking.queries import contact_by_id
from states.matchmaking.tables import ContactKind
from states.partners.queries import partnership_by_slug
from states.rights.access import Actor, Role
from states.storage import begin

collaborations = typer.Typer(
    help="Open collaborations, say what may be done with one, and do it; take whole cases out and in.",
    no_args_is_help=True,
)

Partnership = Annotated[str, typer.Argument(help="short name of the partnership")]
Slug = Annotated[str, typer.Argument(help="short name of the collaboration")]
Organisation = Annotated[str, typer.Argument(help="short name of the organisation")]
Summary = Annotated[str | None, typer.Option(help="what it is about")]
Area = Annotated[int | None, typer.Option(help="number of its working area")]


@collaborations.command("list")
def list_collaborations(partnership: Partnership) -> None:
    """List the collaborations, one a line with tabs between: short name, title, stage, edition, who takes part."""
    with begin(read_only=True) as session:
        rows = collaborations_of(session, partnership_by_slug(session, partnership).id)
        members = members_of(session, [row.id for row in rows])
        for row in rows:
            names = ", ".join(entry.organisation.slug for entry in members[row.id])
            typer.echo("\t".join((row.slug, row.title, row.stage, row.playbook, names)))


@collaborations.command("open")
def open_one(
    partnership: Partnership,
    slug: Slug,
    title: Annotated[str, typer.Option(help="its title")],
    lead: Annotated[str, typer.Option(help="short name of the organisation that leads")],
    partner: Annotated[list[str], typer.Option(help="short name of an organisation; may be repeated")],
    came_from: Annotated[ContactKind | None, typer.Option(help="a meeting held, or an interest accepted")] = None,
    contact: Annotated[str | None, typer.Option(help="instead: id of the contact, as recorded")] = None,
    held_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="day of the meeting")] = None,
    subject: Annotated[str, typer.Option(help="what it was about; the title where none is given")] = "",
    summary: Summary = None,
    area: Area = None,
) -> None:
    """Open a collaboration with the contact from which it came: one that was recorded, or one between the lead and the
    first partner that is recorded with it."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        wanted = {"lead": lead, **{f"partner[{place}]": one for place, one in enumerate(partner, start=1)}}
        first, *others = organisations_named(session, row.id, wanted).values()
        if contact is not None and came_from is None:
            members = [Joining(first, MemberPart.LEAD), *map(Joining, others)]
            known = contact_by_id(session, contact)
            made = open_collaboration(session, row, contact=known, slug=slug, title=title, members=members)
        elif came_from is not None and contact is None:
            origin = Origin(came_from, subject, held_on.date() if held_on else None)
            made = open_with_origin(session, row, origin, lead=first, partners=others, slug=slug, title=title)
        else:
            raise Invalid(faults=[Fault("came_from", "one_origin", remedy="give_came_from_or_contact")])
        _describe(session, made, summary=summary, area=area)
        typer.echo(f"{made.slug}\t{made.title}\t{made.stage}")


@collaborations.command("copy")
def copy_one(
    partnership: Partnership,
    source: Annotated[str, typer.Argument(metavar="FROM", help="short name of the collaboration that is copied")],
    slug: Slug,
    title: Annotated[str, typer.Option(help="of the new one")],
    contact: Annotated[str, typer.Option(help="id of the contact from which the new one comes, as recorded")],
    summary: Summary = None,
    section: Annotated[list[str] | None, typer.Option(help="key of a section; left out: all")] = None,
    protocol: Annotated[bool, typer.Option(help="copy sections of its protocol")] = True,
    costs: Annotated[bool, typer.Option(help="copy its cost lines")] = True,
) -> None:
    """Open a collaboration with the partners of another, and copy its protocol and costs.

    What was decided, signed, scored, filed as evidence or had stays behind; what does not fit is left out and named.
    """
    with begin() as session:
        former = collaboration_named(session, partnership, source)
        known = contact_by_id(session, contact)
        wanted = Wanted(None, section or (), costs, protocol)
        made, copied = copy_collaboration(
            session, former, contact=known, slug=slug, title=title, summary=summary or "", wanted=wanted
        )
        tell_copied(copied)
        typer.echo(f"{made.slug}\t{made.title}\t{made.stage}")


@collaborations.command()
def edit(
    partnership: Partnership,
    slug: Slug,
    title: Annotated[str | None, typer.Option(help="another title")] = None,
    summary: Summary = None,
    area: Area = None,
) -> None:
    """Change title, summary or working area; what is left out stays."""
    with begin() as session:
        _describe(session, collaboration_named(session, partnership, slug), title=title, summary=summary, area=area)
    typer.echo("It is changed.")


@collaborations.command()
def moves(partnership: Partnership, slug: Slug) -> None:
    """Say of every move from here whether it is open, or what speaks against it: name, stage, reasons."""
    with begin(read_only=True) as session:
        for one in lifecycle_view(session, collaboration_named(session, partnership, slug), actor=None).moves:
            said = "open" if one.open else " ".join(reason.message for reason in one.refusals)
            typer.echo("\t".join((one.move.name, one.to, said)))


@collaborations.command()
def move(
    partnership: Partnership,
    slug: Slug,
    name: Annotated[str, typer.Argument(metavar="MOVE", help="name of a move")],
    reason: Annotated[str, typer.Option(help="why; every move but one forward needs one")] = "",
) -> None:
    """Make a move that is open to project managers; whatever speaks against it is said, with exit code 2."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        line = make_move(session, row.id, name, actor=Actor(Role.PROJECT_MANAGER, row.partnership_id), reason=reason)
        typer.echo(f"{slug}\t{line.from_stage}\t{line.to_stage}")


@collaborations.command()
def undo(
    partnership: Partnership,
    slug: Slug,
    reason: Annotated[str, typer.Option(help="why it was a mistake")],
) -> None:
    """Take a mistaken move back, while nobody has built on it; the history keeps both lines."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        line = undo_move(session, row.id, actor=Actor(Role.PROJECT_MANAGER, row.partnership_id), reason=reason)
        typer.echo(f"{slug}\t{line.from_stage}\t{line.to_stage}")


@collaborations.command("members")
def list_members(partnership: Partnership, slug: Slug) -> None:
    """List who takes part, the lead first: short name, part, site; then what is open of former ones."""
    with begin(read_only=True) as session:
        row = collaboration_named(session, partnership, slug)
        for one in members_of(session, [row.id])[row.id]:
            typer.echo("\t".join((one.organisation.slug, one.member.part, one.organisation.nuts)))
        for point in open_points(session, row):
            typer.echo(f"open\t{point.message}")


@collaborations.command("join")
def join_one(
    partnership: Partnership,
    slug: Slug,
    organisation: Organisation,
    lead: Annotated[bool, typer.Option("--lead", help="it takes over from the present lead")] = False,
    contribution: Annotated[str, typer.Option(help="what it brings in")] = "",
) -> None:
    """Let an organisation join, or join again."""
    part = MemberPart.LEAD if lead else MemberPart.PARTNER
    with _of_members(partnership, slug) as (session, row, actor):
        found = organisations_named(session, row.partnership_id, {"organisation": organisation})["organisation"]
        join(session, row, Joining(found, part, contribution), actor=actor)


@collaborations.command("lead")
def let_lead(partnership: Partnership, slug: Slug, organisation: Organisation) -> None:
    """Let a member become the lead; what waited for the former one waits for it."""
    with _of_members(partnership, slug) as (session, row, actor):
        change_part(
            session, row, _member(session, row, organisation), part=MemberPart.LEAD, contribution=None, actor=actor
        )


@collaborations.command("leave")
def let_leave(
    partnership: Partnership,
    slug: Slug,
    organisation: Organisation,
    next_lead: Annotated[str | None, typer.Option(help="where the lead leaves: who leads then")] = None,
    costs_to: Annotated[
        str | None, typer.Option(help="who takes its cost lines over; else they are an open point")
    ] = None,
) -> None:
    """Let a member leave."""
    with _of_members(partnership, slug) as (session, row, actor):
        leave(
            session,
            row,
            _member(session, row, organisation),
            next_lead=None if next_lead is None else _member(session, row, next_lead),
            costs_to=None if costs_to is None else _member(session, row, costs_to),
            actor=actor,
        )


@collaborations.command()
def bankability(partnership: Partnership, slug: Slug) -> None:
    """Say how near it is to what a bank asks for: the score, the points by section, then what is missing.

    Of each point one line with tabs between: what mending it would add, what it is, whose it is, who can mend it.
    """
    with begin(read_only=True) as session:
        meter = dossier_of(session, collaboration_named(session, partnership, slug), "bankability").bankability
        typer.echo(f"{meter.score} of 100 points")
        for section in meter.sections:
            typer.echo(f"{section.title}\t{section.points} of {section.most}")
        for one in meter.missing:
            typer.echo("\t".join((f"+{one.adds}", str(one.text), one.partner, ", ".join(one.mend_by), one.where)))


@contextmanager
def _of_members(partnership: str, slug: str) -> Iterator[tuple[Session, Collaboration, Actor]]:
    """Yield a transaction, the collaboration and the operator; list afterwards who takes part."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        yield session, row, Actor(Role.PROJECT_MANAGER, row.partnership_id)
        for one in members_of(session, [row.id])[row.id]:
            typer.echo("\t".join((one.organisation.slug, one.member.part)))


def _member(session: Session, row: Collaboration, slug: str) -> str:
    found = next((one for one in members_of(session, [row.id])[row.id] if one.organisation.slug == slug), None)
    if found is None:
        raise Missing("member", slug)
    return found.organisation.id


def _describe(
    session: Session, row: Collaboration, *, title: str | None = None, summary: str | None, area: int | None
) -> None:
    chosen = working_area_numbered(session, row.partnership_id, area) if area is not None else None
    edit_collaboration(session, row, title=title, summary=summary, working_area=chosen)


def collaboration_named(session: Session, partnership: str, slug: str) -> Collaboration:
    """Return a collaboration by its short name, or raise `Missing`."""
    key = partnership_by_slug(session, partnership).id
    query = select(Collaboration).where(Collaboration.partnership_id == key, Collaboration.slug == slug)
    row = session.exec(query).one_or_none()
    if row is None:
        raise Missing("collaboration", slug)
    return row
