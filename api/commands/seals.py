"""The command `bankable seals`: take what lies in the database as it is, with a reason that is kept."""

from typing import Annotated

import typer
from sqlmodel import col, or_, select

from api.commands.counting import counted
from states.changes import record
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Missing
from states.rights.authors import present_author
from states.seals.resealing import seal_anew
from states.storage import begin

seals = typer.Typer(help="Look after the seals over what people sign and decide.", no_args_is_help=True)


@seals.callback()
def group() -> None:
    """Look after the seals over what people sign and decide."""


@seals.command()
def accept(
    case: Annotated[
        str, typer.Argument(help="a collaboration by its id or short name; or a scope as `doctor` names it")
    ],
    reason: Annotated[str, typer.Option(help="why it is right as it is; kept, and said by `doctor` for ever")],
) -> None:
    """Seal a case as it is now, whatever was changed in it; who did that, when and why stays."""
    if not reason.strip():
        raise Invalid(faults=[Fault("reason", "missing", remedy="say_why")])
    author = present_author()
    with begin() as session:
        scope = case
        if case != "installation" and not case.startswith("partnership:"):
            key = case.removeprefix("collaboration:")
            named = select(Collaboration.id).where(or_(col(Collaboration.id) == key, col(Collaboration.slug) == key))
            found = session.exec(named).all()
            if not found:
                raise Missing("collaboration", key)
            if len(found) > 1:
                raise Invalid(faults=[Fault("case", "named_by_several", remedy="give_its_id", there=tuple(found))])
            scope = f"collaboration:{found[0]}"
        unfit = seal_anew(session, scope, reason=reason.strip(), by=author.operator if author else "")
        record(session, "seal_tip", scope, field="notes", before=None, after=reason.strip())
    typer.echo(f"{scope} is sealed as it is; {counted(unfit, 'row')} in it did not fit their seal.")
