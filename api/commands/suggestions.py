"""The commands `bankable suggest`: whom to meet and why, for a profile, at an event; and which partner is wanted."""

from collections.abc import Iterable, Sequence
from typing import Annotated

import typer
from rich.table import Column, Table
from sqlmodel import Session, col, select

from api.commands.funding_explanations import PartnershipOption, collaboration_named
from api.commands.tables import print_tables
from api.routes.matchmaking.suggestion_schemas import SuggestedOut, suggested
from states.crossings.matchmaking.suggestions import suggestions_at, suggestions_in
from states.errors import Invalid, Missing
from states.lifecycle.partners_wanted import Joining, partners_wanted
from states.matchmaking.event_day.queries import brokerage_by_id, participants_of
from states.matchmaking.event_day.tables import Participant
from states.matchmaking.profiles.tables import Profile
from states.matchmaking.suggestions.explain import Sight, Suggestion
from states.matchmaking.suggestions.introductions import introductions, need_in_force
from states.matchmaking.suggestions.partner_wanted import Fit
from states.matchmaking.suggestions.taxonomy import Taxonomy
from states.partners.tables import PartnershipEvent
from states.storage import begin

suggest = typer.Typer(help="Who should meet whom, and which partner a collaboration wants.", no_args_is_help=True)

Top = Annotated[int, typer.Option(min=1, max=50, help="how many")]
Why = Annotated[int | None, typer.Option(min=1, max=50, help="show every term of the one with this rank")]


@suggest.command()
def profile(
    reference: Annotated[str, typer.Argument(help="of a public profile")], top: Top = 10, why: Why = None
) -> None:
    """Print the profiles that suit best, what meets, what is missing and what the partner would add."""
    with begin(read_only=True) as session:
        row = _profile(session, reference)
        found = suggestions_in(session, row.partnership_id)
        need_in_force(found, row)
        shown = found.of(row.id, stop=max(top, why or 0))
        others = suggested(session, [one.other.id for one in shown])
    _print(f"{row.reference}: {row.title}", [(one.rank, one) for one in shown], others, top=top, why=why)


@suggest.command()
def event(
    named: Annotated[str, typer.Argument(metavar="EVENT", help="its name or id")],
    organisation: Annotated[str, typer.Argument(help="short name of an organisation that takes part")],
    label: Annotated[str | None, typer.Option(help="which of its participants, by function")] = None,
    top: Top = 10,
    why: Why = None,
) -> None:
    """Print whom a participant should still ask for a meeting, among those with a free slot in common."""
    with begin(read_only=True) as session:
        held = brokerage_by_id(session, _event(session, named))
        who = _participant(session, held.id, organisation, label)
        pool = suggestions_at(session, held)
        entries = introductions(session, held, who, pool)[: max(top, why or 0)]
        ranked = [
            (rank, pool.of(entry.profile_id, start=entry.place, stop=entry.place + 1)[0])
            for rank, entry in enumerate(entries, 1)
        ]
        others = suggested(session, [one.other.id for _, one in ranked])
    _print(f"{named}: {organisation}, {who.label}", ranked, others, top=top, why=why)


@suggest.command()
def partners(
    collaboration: Annotated[str, typer.Argument(help="short name of a collaboration")],
    of: PartnershipOption = None,
    instrument: Annotated[list[str] | None, typer.Option(help="only these instruments, by short name")] = None,
    competence: Annotated[list[str] | None, typer.Option(help="codes of the taxonomy that are missing besides")] = None,
    top: Top = 10,
) -> None:
    """Print which kind of partner would mend what stands against a collaboration, and who is one."""
    with begin(read_only=True) as session:
        row = collaboration_named(session, collaboration, of)
        found = partners_wanted(session, row, instruments=instrument or (), competences=competence or (), top=top)
    wanted = Table("Refused because", "Would be mended by", title=row.title)
    for need in found.found.needs:
        wanted.add_row(need.refusal.message, str(need))
    print_tables(wanted)
    fitting = Table("Organisation", "Site", Column("Mends", overflow="fold"), Column("Because", overflow="fold"))
    for fit in found.found.fits:
        fitting.add_row(*_fit(found, fit))
    print_tables(fitting)
    names = ", ".join(found.organisations[fit.party.organisation].name for fit in found.found.together)
    typer.echo(f"Together they mend what can be mended: {names or 'nobody'}.")
    for left in found.found.unmet:
        typer.echo(f"Nobody here: {left} ({left.refusal.message})")
    for other in found.found.not_by_a_partner:
        typer.echo(f"No partner mends: {other.message}")


def _fit(joining: Joining, fit: Fit) -> tuple[str, str, str, str]:
    row = joining.organisations[fit.party.organisation]
    mends = [refusal.message for refusal in fit.mends] + [f"in part: {refusal.message}" for refusal in fit.helps]
    return row.name, row.nuts, "\n".join(mends), "\n".join(dict.fromkeys(fit.reasons))


def _print(
    title: str,
    ranked: Sequence[tuple[int, Suggestion]],
    others: dict[str, SuggestedOut],
    *,
    top: int,
    why: int | None,
) -> None:
    columns = [Column(name, overflow="fold") for name in ("Profile", "What meets", "Missing", "Would add")]
    table = Table("", Column("Score", justify="right"), "Organisation", *columns, title=title)
    for rank, one in ranked[:top]:
        other = others[one.other.id]
        made_up = " (illustrative)" if other.illustrative else ""
        table.add_row(
            str(rank),
            f"{one.score:.2f}",
            f"{other.organisation_name}, {other.nuts}{made_up}",
            f"{other.reference}\n{other.title}",
            "\n".join(_nodes(one.own, one.other.tree)),
            "\n".join(one.lacking),
            "\n".join(map(str, one.gains)),
        )
    print_tables(table)
    if not ranked:
        typer.echo("Nobody is suggested.")
    if why is not None:
        _explain(next((one for rank, one in ranked if rank == why), None), why)


def _explain(one: Suggestion | None, rank: int) -> None:
    if one is None:
        raise Invalid("suggestion_unknown", field="why", rank=rank)
    columns = [Column(name, justify="right") for name in ("Weight", "Here", "There")]
    table = Table("Term", *columns, title=f"Why number {rank}")
    theirs = {term.name: term for term in one.theirs.terms}
    for term in one.own.terms:
        table.add_row(term.name.value, f"{term.weight:.2f}", f"{term.value:.2f}", f"{theirs[term.name].value:.2f}")
    table.add_row("score", "", f"{one.own.score:.2f}", f"{one.theirs.score:.2f}")
    print_tables(table)
    typer.echo(f"The score is the geometric mean, {one.score:.2f}; times {one.spread:.2f} to spread over regions.")
    if one.words:
        typer.echo(f"Words in common: {', '.join(shared.word for shared in one.words)}.")


def _nodes(sight: Sight, tree: Taxonomy) -> Iterable[str]:
    for node in sight.nodes:
        if node.by is not None:
            near = "" if node.by == node.keyword else f" by {tree.label(node.by)}"
            yield f"{tree.label(node.keyword)}{near} ({node.credit:.0%})"


def _profile(session: Session, reference: str) -> Profile:
    rows = list(session.exec(select(Profile).where(Profile.reference == reference)))
    if not rows:
        raise Missing("profile", reference)
    if len(rows) > 1:
        raise Invalid("reference_in_several_partnerships", field="reference", count=len(rows), reference=reference)
    return rows[0]


def _event(session: Session, named: str) -> str:
    wanted = (col(PartnershipEvent.id) == named) | (col(PartnershipEvent.name) == named)
    rows = list(session.exec(select(PartnershipEvent).where(wanted)))
    if not rows:
        raise Missing("event", named)
    if len(rows) > 1:
        keys = ", ".join(row.id for row in rows)
        raise Invalid("several_events_of_that_name", field="event", count=len(rows), name=named, keys=keys)
    return rows[0].id


def _participant(session: Session, event_id: str, organisation: str, label: str | None) -> Participant:
    own = [row for row, owner in participants_of(session, event_id) if owner.slug == organisation]
    found = [row for row in own if label in (None, row.label)]
    if not found:
        raise Missing("participant", f"{organisation}, {label}" if label else organisation)
    if len(found) > 1:
        labels = ", ".join(row.label for row in found)
        raise Invalid("several_participants", field="label", organisation=organisation, count=len(found), labels=labels)
    return found[0]
