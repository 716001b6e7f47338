"""The commands `bankable progress`: what partners did and spent by period, and planned money against actual."""

from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer
from sqlmodel import Session

from api.commands.collaborations import Partnership, Slug, collaboration_named
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkPurpose, revoke_links
from states.crossings.implementation.drawdown import drawdown_of
from states.crossings.implementation.progress import (
    accept_progress,
    ask_by_link,
    correct_progress,
    hand_in,
    open_due_progress,
    return_progress,
    take_back,
    write_progress,
)
from states.errors import Missing
from states.funding.queries import instruments_of
from states.implementation.progress import Reached, Receipt, Spending, content_of, total
from states.implementation.queries import progress_of
from states.implementation.tables import PartnerProgress
from states.partners.addresses import address_key
from states.partners.queries import find_grants, organisation_slugs
from states.rights.access import Role
from states.storage import begin
from states.storage.amounts import NumberUnreadable, read_number

progress = typer.Typer(
    help="List, open, write, hand in, accept and return what partners did and spent; planned money against actual.",
    no_args_is_help=True,
)

Partner = Annotated[str, typer.Argument(metavar="PARTNER", help="short name of the partner")]
Period = Annotated[int, typer.Argument(metavar="PERIOD", help="number of the period")]


@progress.command("list")
def list_progress(partnership: Partnership, slug: Slug) -> None:
    """List all, one a line with tabs between: partner, period, from, to, version, state, TRL, spent, received, done."""
    with begin(read_only=True) as session:
        rows = progress_of(session, [collaboration_named(session, partnership, slug).id])
        names = organisation_slugs(session, {one.organisation_id for one in rows})
        for one in rows:
            days = (one.starts_on.isoformat(), one.ends_on.isoformat())
            said = (str(one.revision), one.state, "" if one.readiness is None else str(one.readiness))
            sums = (f"{total(one.spent):.2f}", f"{total(one.received):.2f}")
            typer.echo("\t".join((names[one.organisation_id], str(one.period), *days, *said, *sums, one.done)))


@progress.command("open")
def open_due(partnership: Partnership, slug: Slug) -> None:
    """Open what each partner is to say of every period that has begun; print how many are new."""
    with begin() as session:
        typer.echo(str(len(open_due_progress(session, collaboration_named(session, partnership, slug)))))


@progress.command()
def write(
    partnership: Partnership,
    slug: Slug,
    partner: Partner,
    period: Period,
    done: Annotated[str | None, typer.Option(help="what was done")] = None,
    readiness: Annotated[int | None, typer.Option(help="technology readiness level now, 1 to 9")] = None,
    jobs: Annotated[str | None, typer.Option(help="full-time, made so far")] = None,
    spent: Annotated[list[str] | None, typer.Option(help="COST_LINE=EUR, as often as needed")] = None,
    received: Annotated[list[str] | None, typer.Option(help="AGREEMENT:YYYY-MM-DD=EUR, as often as needed")] = None,
    indicator: Annotated[list[str] | None, typer.Option(help="NAME=VALUE, as often as needed")] = None,
) -> None:
    """Write what a partner did and spent; what is left out stays, a list replaces the former one."""
    said: dict[str, Any] = {"done": done, "readiness": readiness, "jobs": None if jobs is None else _number(jobs)}
    if spent is not None:
        said["spent"] = tuple(Spending(name, _number(amount)) for name, amount in map(_pair, spent))
    if received is not None:
        said["received"] = tuple(_receipt(one) for one in received)
    if indicator is not None:
        said["indicators"] = tuple(Reached(name, value) for name, value in map(_pair, indicator))
    with begin() as session:
        row = _named(session, partnership, slug, partner, period)
        wanted = replace(content_of(row), **{name: value for name, value in said.items() if value is not None})
        write_progress(session, row, wanted)


@progress.command("hand-in")
def hand_in_now(partnership: Partnership, slug: Slug, partner: Partner, period: Period) -> None:
    """Hand it in for a partner."""
    with begin() as session:
        hand_in(session, _named(session, partnership, slug, partner, period), person_id=None)


@progress.command("take-back")
def take_back_now(partnership: Partnership, slug: Slug, partner: Partner, period: Period) -> None:
    """Take it back before it is decided on."""
    with begin() as session:
        take_back(session, _named(session, partnership, slug, partner, period))


@progress.command("return")
def return_now(
    partnership: Partnership,
    slug: Slug,
    partner: Partner,
    period: Period,
    question: Annotated[str, typer.Option(help="what is asked")],
) -> None:
    """Return it to the partner with a question."""
    with begin() as session:
        row = _named(session, partnership, slug, partner, period)
        return_progress(session, row, question=question, person_id=None)


@progress.command()
def accept(partnership: Partnership, slug: Slug, partner: Partner, period: Period) -> None:
    """Accept it."""
    with begin() as session:
        accept_progress(session, _named(session, partnership, slug, partner, period), person_id=None)


@progress.command()
def correct(
    partnership: Partnership,
    slug: Slug,
    partner: Partner,
    period: Period,
    because: Annotated[str, typer.Option(help="why")],
) -> None:
    """Open a new version of what was accepted."""
    with begin() as session:
        correct_progress(session, _named(session, partnership, slug, partner, period), because=because)


@progress.command()
def ask(
    partnership: Partnership,
    slug: Slug,
    partner: Partner,
    period: Period,
    person: Annotated[str, typer.Option(help="address of somebody who speaks for the partner")],
    days: Annotated[int, typer.Option(min=1, max=90, help="how long the link is good")] = 30,
) -> None:
    """Mail a link by which it is written and handed in without an account, and print it."""
    with begin() as session:
        row = _named(session, partnership, slug, partner, period)
        held = find_grants(row.partnership_id, role=Role.PARTNER)
        wanted = address_key(person)
        key = next((one.id for _, one in session.exec(held) if one.email == wanted), None)
        if key is None:
            raise Missing("person", person)
        typer.echo(f"/api/v1/links/progress/{ask_by_link(session, row, person_id=key, days=days)}")


@progress.command("end-links")
def end_links(partnership: Partnership, slug: Slug, partner: Partner, period: Period) -> None:
    """End every link that was given out for it."""
    with begin() as session:
        row = _named(session, partnership, slug, partner, period)
        revoke_links(session, purpose=LinkPurpose.PROGRESS, subject_id=row.id)


@progress.command()
def drawdown(partnership: Partnership, slug: Slug) -> None:
    """List sources by year, one a line with tabs between: kind, instrument, partner, year, planned, received."""
    with begin(read_only=True) as session:
        row = collaboration_named(session, partnership, slug)
        found = drawdown_of(session, row)
        instruments = {one.id: one.slug for one in instruments_of(session, row.partnership_id)}
        keys = {one.standing.key.organisation_id for one in found.sources}
        names = organisation_slugs(session, {key for key in keys if key is not None})
        for one in found.sources:
            key = one.standing.key
            who = (
                key.kind or "",
                instruments.get(key.instrument_id or "", ""),
                names.get(key.organisation_id or "", ""),
            )
            for year in one.years:
                typer.echo("\t".join((*who, str(year.year), f"{year.planned:.2f}", f"{year.received:.2f}")))
            if one.undated:
                typer.echo("\t".join((*who, "", f"{one.undated:.2f}", "0.00")))


def _named(session: Session, partnership: str, slug: str, partner: str, period: int) -> PartnerProgress:
    """Return the newest version of what a partner says of a period."""
    collaboration: Collaboration = collaboration_named(session, partnership, slug)
    rows = progress_of(session, [collaboration.id])
    names = organisation_slugs(session, {one.organisation_id for one in rows})
    found = [one for one in rows if (names[one.organisation_id], one.period) == (partner, period)]
    if not found:
        raise Missing("partner_progress", f"{partner}/{period}")
    return found[-1]


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text}: write NAME=VALUE")
    return name, value


def _receipt(text: str) -> Receipt:
    name, amount = _pair(text)
    number, _, day = name.partition(":")
    try:
        return Receipt(int(number), date.fromisoformat(day), _number(amount))
    except ValueError as error:
        raise typer.BadParameter(f"{text}: write AGREEMENT:YYYY-MM-DD=EUR") from error


def _number(text: str) -> Decimal:
    try:
        return read_number(text)
    except (NumberUnreadable, InvalidOperation) as error:
        raise typer.BadParameter(f"{text}: {error}") from error
