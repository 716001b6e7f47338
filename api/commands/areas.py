"""The commands `bankable area`: the working areas of a partnership."""

from dataclasses import replace
from typing import Annotated, Any

import typer

from states.partners.queries import partnership_by_slug, working_areas_of
from states.partners.working_areas import AreaPlan, add_area, area_by_number, edit_area, end_area, plan_of, resume_area
from states.storage import begin

areas = typer.Typer(help="Make, rename, assign and end working areas.", no_args_is_help=True)

Partnership = Annotated[str, typer.Argument(help="short name of the partnership")]
Number = Annotated[int, typer.Argument(help="its number")]
InCharge = Annotated[list[str] | None, typer.Option(help="short name of a region; may be repeated")]
Involved = Annotated[list[str] | None, typer.Option(help="short name of a region; may be repeated")]
OtherActors = Annotated[str | None, typer.Option(help="who takes part besides regions")]


@areas.command("list")
def list_areas(partnership: Partnership) -> None:
    """List the working areas, one a line with tabs between: number, name, in charge, involved, state."""
    with begin(read_only=True) as session:
        for entry in working_areas_of(session, partnership_by_slug(session, partnership).id):
            in_charge, involved = (
                ", ".join(region.slug for region in part) for part in (entry.in_charge, entry.involved)
            )
            state = "open" if entry.area.ended_at is None else f"ended {entry.area.ended_at:%Y-%m-%d}"
            typer.echo("\t".join((str(entry.area.number), entry.area.name, in_charge, involved, state)))


@areas.command()
def add(
    partnership: Partnership,
    name: Annotated[str, typer.Argument(help="its name")],
    number: Annotated[int | None, typer.Option(help="its number; the next one where none is given")] = None,
    in_charge: InCharge = None,
    involved: Involved = None,
    other_actors: OtherActors = None,
) -> None:
    """Make a working area."""
    plan = AreaPlan(name, in_charge or (), involved or (), other_actors or "")
    with begin() as session:
        row = add_area(session, partnership_by_slug(session, partnership), plan, number=number)
        typer.echo(f"{row.number}\t{row.name}")


@areas.command()
def edit(
    partnership: Partnership,
    number: Number,
    name: Annotated[str | None, typer.Option(help="another name")] = None,
    in_charge: InCharge = None,
    involved: Involved = None,
    other_actors: OtherActors = None,
) -> None:
    """Rename a working area, or assign it to other regions; what is left out stays."""
    given: dict[str, Any] = {"name": name, "in_charge": in_charge, "involved": involved, "other_actors": other_actors}
    with begin() as session:
        entry = area_by_number(session, partnership_by_slug(session, partnership).id, number)
        changes = {key: value for key, value in given.items() if value is not None}
        edit_area(session, entry.area, replace(plan_of(entry), **changes))
    typer.echo("It is changed.")


@areas.command()
def end(partnership: Partnership, number: Number) -> None:
    """End a working area: collaborations in it go on, and none takes it up any more."""
    with begin() as session:
        end_area(session, area_by_number(session, partnership_by_slug(session, partnership).id, number).area)
    typer.echo("It has ended.")


@areas.command()
def resume(partnership: Partnership, number: Number) -> None:
    """Let a working area that has ended be taken up again."""
    with begin() as session:
        resume_area(session, area_by_number(session, partnership_by_slug(session, partnership).id, number).area)
    typer.echo("It may be taken up again.")
