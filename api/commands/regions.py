"""The commands `bankable region`: the regions of a partnership."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

import typer

from api.http.lookups import region_named
from states.founding.naming import region_plan
from states.founding.service import join
from states.partners.queries import partnership_by_slug, regions_of
from states.partners.regions import edit_region, region_plan_of
from states.storage import begin

regions = typer.Typer(help="Add and correct the regions of a partnership.", no_args_is_help=True)

Partnership = Annotated[str, typer.Argument(help="short name of the partnership")]
Slug = Annotated[str | None, typer.Option(help="its short name; made from its name where none is given")]
Name = Annotated[str | None, typer.Option(help="its name here; that of NUTS 2024 where none is given")]
Leading = Annotated[bool | None, typer.Option(help="whether it leads the partnership")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="a day, such as 2026-05-04")]


@regions.command("list")
def list_regions(partnership: Partnership) -> None:
    """List the regions, one a line with tabs between: short name, name, codes of NUTS 2024, part, days."""
    with begin(read_only=True) as session:
        for row in regions_of(session, partnership_by_slug(session, partnership).id):
            days = f"{row.valid_from or ''}..{row.valid_until or ''}" if row.valid_from or row.valid_until else ""
            part = "leading" if row.leading else "taking part"
            typer.echo("\t".join((row.slug, row.name, ", ".join(row.codes), part, days)))


@regions.command()
def add(
    partnership: Partnership,
    written: Annotated[list[str], typer.Argument(help="codes of NUTS 2024, or the name of a region")],
    slug: Slug = None,
    name: Name = None,
    leading: Leading = None,
) -> None:
    """Add a region, by its codes of NUTS 2024 or by its name; its programmes join what may pay."""
    with begin() as session:
        plan = region_plan(written, slug=slug, name=name, leading=bool(leading))
        row = join(session, partnership_by_slug(session, partnership), plan)
        typer.echo("\t".join((row.slug, row.name, ", ".join(row.codes))))


@regions.command()
def edit(
    partnership: Partnership,
    region: Annotated[str, typer.Argument(help="its short name")],
    slug: Slug = None,
    name: Name = None,
    code: Annotated[list[str] | None, typer.Option(help="a code of NUTS 2024; may be repeated")] = None,
    leading: Leading = None,
    valid_from: Day = None,
    valid_until: Day = None,
) -> None:
    """Correct a region; what is left out stays. One that takes part no more has a last day, --valid-until."""
    given: dict[str, Any] = {"slug": slug, "name": name, "codes": code, "leading": leading}
    given |= {key: day and day.date() for key, day in (("valid_from", valid_from), ("valid_until", valid_until))}
    with begin() as session:
        row = region_named(session, partnership_by_slug(session, partnership).id, region)
        changes = {key: value for key, value in given.items() if value is not None}
        edit_region(session, row, replace(region_plan_of(row), **changes))
    typer.echo("It is changed.")
