"""The commands `bankable playbook`: list, check and draw them; let collaborations go on under another edition."""

from pathlib import Path
from typing import Annotated

import typer

from api.commands.files import file_text
from states.errors import Invalid, Missing
from states.machines.drawing import diagram as mermaid
from states.playbooks.editions import find, playbook_names
from states.playbooks.reader import parse
from states.texts.titles import is_translated, titles_in

playbooks = typer.Typer(help="List, check and draw playbooks; change editions.", no_args_is_help=True)


@playbooks.command()
def check(file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, readable=True)]) -> None:
    """Print every fault of a playbook with its line; the exit code is 1 if there is one.

    Of each language into which it is translated, what is not: it stays as it is written, and is no fault.
    """
    try:
        playbook = parse(file_text(file), source=str(file))
    except Invalid as error:
        for fault in error.faults:
            typer.echo(str(fault))
        raise typer.Exit(1) from None
    typer.echo(f"{file}: {playbook.key} has {len(playbook.stages)} stages and {len(playbook.moves)} moves; no fault.")
    for language in playbook.translations:
        left = [title for title in dict.fromkeys(titles_in(playbook)) if title and not is_translated(title, language)]
        typer.echo("\t".join((language, f"{len(left)} not translated", *left)))


@playbooks.command("diagram")
def draw(playbook: Annotated[str, typer.Argument(help="a file, or the name of a playbook")] = "s3") -> None:
    """Draw a playbook as a Mermaid state diagram."""
    file = Path(playbook)
    text = file_text(file) if file.is_file() else find(playbook)
    typer.echo(mermaid(parse(text, source=playbook).machine()), nl=False)


@playbooks.command("list")
def list_playbooks() -> None:
    """List the playbooks that may be chosen, one a line with tabs between: name, newest edition, title.

    A fourth column says where rules of one were not compared with their source.
    """
    for name in playbook_names():
        newest = parse(find(name), source=name)
        doubt = ("not verified",) if newest.verified is False else ()
        typer.echo("\t".join((name, newest.key, newest.title, *doubt)))


@playbooks.command()
def show(playbook: Annotated[str, typer.Argument(help="a file, or the name of a playbook")]) -> None:
    """Print stages, panels and the fields of expertise that these want, one a line with tabs between."""
    file = Path(playbook)
    found = parse(file_text(file) if file.is_file() else find(playbook), source=playbook)
    lines: list[tuple[object, ...]] = [("playbook", found.key, found.title)]
    if found.source:
        lines.append(("source", found.source, "not verified" if found.verified is False else ""))
    lines += [("stage", key, stage.title, stage.due or "") for key, stage in found.stages.items()]
    for key, panel in found.panels.items():
        lines.append(("panel", key, panel.title, panel.members, panel.seats))
        lines += [("expertise", key, rule.expertise, rule.at_least) for rule in panel.composition]
    for line in lines:
        typer.echo("\t".join(map(str, line)))


@playbooks.command()
def change(
    partnership: Annotated[str, typer.Argument(help="short name of the partnership")],
    edition: Annotated[str, typer.Argument(help="name of a playbook, for its newest edition, or name@version")],
    collaboration: Annotated[str | None, typer.Option(help="short name of the only one to change")] = None,
    dry_run: Annotated[bool, typer.Option(help="say what would happen and change nothing")] = False,
) -> None:
    """Let collaborations go on under another edition; say of each that does not fit why, with exit code 1."""
    # Here, not above: the other commands use no row.
    from states.lifecycle.edition_change import change_edition, fittings, of_other_editions
    from states.partners.queries import partnership_by_slug
    from states.playbooks.editions import need_playbook
    from states.storage import begin

    with begin() as session:
        row = partnership_by_slug(session, partnership)
        playbook = need_playbook(session, edition)
        wanted = of_other_editions(session, row, playbook)
        wanted = [one for one in wanted if collaboration in (None, one.slug)]
        if collaboration is not None and not wanted:
            raise Missing("collaboration", collaboration)
        found = fittings(session, wanted, playbook)
        for one in found:
            before = one.collaboration.playbook
            if one.fits and not dry_run:
                change_edition(session, one.collaboration, playbook)
            said = "fits" if one.fits else " ".join(reason.message for reason in one.reasons)
            typer.echo("\t".join((one.collaboration.slug, before, playbook.key, said)))
    if not all(one.fits for one in found):
        raise typer.Exit(1)
