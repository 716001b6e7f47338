"""The commands `bankable partnership`: found one, describe it, choose its playbook, close it and open it again."""

from dataclasses import asdict, replace
from typing import Annotated, Any

import typer
from sqlmodel import col, select

from api.commands.addresses import warn_of
from api.commands.printing import as_json
from states.founding.service import Plan, found
from states.lifecycle.edition_change import running
from states.partners.partnerships import (
    Description,
    close_partnership,
    description_of,
    edit_partnership,
    reopen_partnership,
)
from states.partners.people import PersonPlan
from states.partners.queries import partnership_by_slug
from states.partners.tables import Partnership, PartnershipKind
from states.playbooks.editions import choose_playbook
from states.storage import begin

partnerships = typer.Typer(help="Found, describe, close and reopen partnerships.", no_args_is_help=True)

Slug = Annotated[str, typer.Argument(help="its short name")]
Name = Annotated[str | None, typer.Option(help="its name")]
Kind = Annotated[PartnershipKind | None, typer.Option(help="of regions (tssp), or of clusters and funded (escp_s3)")]
Programme = Annotated[str | None, typer.Option(help="by which it is funded")]
Objective = Annotated[str | None, typer.Option(help="what it is for")]
Acknowledges = Annotated[list[str] | None, typer.Option(help="a body that papers acknowledge; may be repeated")]
Language = Annotated[str | None, typer.Option(help="of its papers: en, de, fr, it, pl or es")]
Playbook = Annotated[str | None, typer.Option(help="its name, for the newest edition, or name@version")]


@partnerships.command()
def create(
    slug: Slug,
    name: Annotated[str, typer.Option(help="its name")],
    manager: Annotated[str, typer.Option(help="e-mail address of who manages it")],
    manager_label: Annotated[str, typer.Option(help="who that is, by function")] = "project manager",
    kind: Kind = None,
    programme: Programme = None,
    objective: Objective = None,
    acknowledges: Acknowledges = None,
    language: Language = None,
    playbook: Playbook = None,
    taxonomy: Annotated[str, typer.Option(help="of its matchmaking: medtech, or nace for any field")] = "nace",
) -> None:
    """Found a partnership with its manager; `bankable init` asks for regions and working areas as well."""
    said = _given(kind=kind, programme=programme, objective=objective, acknowledges=acknowledges, language=language)
    who = PersonPlan(manager, manager_label)
    plan = Plan(Description(slug, name, **said), who, playbook=playbook or "s3", taxonomy=taxonomy)
    with begin() as session:
        row = found(session, plan).partnership
        typer.echo(f"{row.slug}: {row.name} begins with the playbook {row.playbook}.")
    warn_of(manager)
    typer.echo(f"Next: bankable token create --role project_manager --partnership {slug}", err=True)


@partnerships.command("list")
def list_partnerships() -> None:
    """List the partnerships, one a line with tabs between: short name, name, kind, playbook, state."""
    with begin(read_only=True) as session:
        for row in session.exec(select(Partnership).order_by(col(Partnership.slug))):
            state = "open" if row.closed_at is None else f"closed {row.closed_at:%Y-%m-%d}"
            typer.echo("\t".join((row.slug, row.name, row.kind.value, row.playbook, state)))


@partnerships.command()
def show(slug: Slug) -> None:
    """Print all that a partnership says of itself as one JSON object."""
    with begin(read_only=True) as session:
        row = partnership_by_slug(session, slug)
        chosen = {"playbook": row.playbook, "taxonomy": row.taxonomy, "closed_at": row.closed_at}
        typer.echo(as_json(asdict(description_of(row)) | chosen))


@partnerships.command()
def edit(
    slug: Slug,
    new_slug: Annotated[str | None, typer.Option("--slug", help="another short name")] = None,
    name: Name = None,
    kind: Kind = None,
    programme: Programme = None,
    objective: Objective = None,
    acknowledges: Acknowledges = None,
    language: Language = None,
    playbook: Playbook = None,
) -> None:
    """Rename or describe a partnership, or choose the playbook of its new collaborations; what is left out stays."""
    changes = _given(
        slug=new_slug,
        name=name,
        kind=kind,
        programme=programme,
        objective=objective,
        acknowledges=acknowledges,
        language=language,
    )
    with begin() as session:
        row = partnership_by_slug(session, slug)
        edit_partnership(session, row, replace(description_of(row), **changes))
        if playbook is not None:
            choose_playbook(session, row, playbook)
    typer.echo("It is changed.")


@partnerships.command()
def close(slug: Slug, reason: Annotated[str, typer.Option(help="why")]) -> None:
    """Close a partnership in which no collaboration runs: it is read only until it is opened again."""
    with begin() as session:
        row = partnership_by_slug(session, slug)
        close_partnership(session, row, reason=reason, running=running(session, row.id))
    typer.echo("It is closed.")


@partnerships.command()
def reopen(slug: Slug) -> None:
    """Open a closed partnership again."""
    with begin() as session:
        reopen_partnership(session, partnership_by_slug(session, slug))
    typer.echo("It is open.")


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}
