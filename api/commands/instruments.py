"""The commands `bankable instrument`: programmes that may pay, their terms and their calls."""

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlmodel import Session

from api.commands.files import file_text
from states.clock import today
from states.crossings.deadlines.followers import counting_on
from states.errors import Invalid, Missing
from states.founding.naming import region_plan
from states.funding.case.reader import read_shape
from states.funding.catalogue.calls import CallPlan, Closing, add_call, change_call, plan_of, set_closing
from states.funding.catalogue.loading import Terms, basis_faults, set_terms, terms_in_short
from states.funding.inputs.tables import Call
from states.funding.queries import closing_call, instruments_of, windows_of
from states.funding.service import add_instrument, edit_instrument
from states.funding.tables import Instrument, SourceKind
from states.partners.queries import partnership_by_slug
from states.storage import begin
from states.storage.amounts import NumberUnreadable, read_number

instruments = typer.Typer(help="List, add, correct and close programmes that may pay.", no_args_is_help=True)

Of = Annotated[str, typer.Argument(metavar="PARTNERSHIP", help="short name of the partnership")]
Slug = Annotated[str, typer.Argument(metavar="INSTRUMENT", help="its short name")]
Name = Annotated[str | None, typer.Option(help="its name")]
Programme = Annotated[str | None, typer.Option(help="of which it is a part")]
Kind = Annotated[SourceKind | None, typer.Option(help="what its money is")]
Places = Annotated[
    list[str] | None, typer.Option("--territory", help="where: code of NUTS 2024 or name; may be repeated")
]
Basis = Annotated[
    list[str] | None,
    typer.Option(
        help="what makes it lawful: an article such as gber-25, de_minimis, eu_direct or market; may be repeated"
    ),
]
Percent = Annotated[str | None, typer.Option(help="it pays at most of the cost")]
ProjectMost = Annotated[str | None, typer.Option(help="EUR at most for one project")]
PartnerMost = Annotated[str | None, typer.Option(help="EUR at most for one partner")]
State = Annotated[str, typer.Option(help="whose aid it is; else the State of the territory")]
LegalBasis = Annotated[str | None, typer.Option(help="regulation and article")]
Source = Annotated[str | None, typer.Option(help="where this is known from")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="a day, such as 2027-03-31")]


@instruments.command("list")
def list_instruments(partnership: Of) -> None:
    """List the instruments, one a line with tabs between: short name, name, territory, closing, terms, verified."""
    with begin(read_only=True) as session:
        rows = instruments_of(session, partnership_by_slug(session, partnership).id)
        calls = windows_of(session, [row.id for row in rows])
        for row in rows:
            call = closing_call(calls[row.id], on=today())
            terms = "with terms" if row.terms else "without terms"
            verified = f"verified {row.verified_on}" if row.verified_on else "not verified"
            place = ", ".join(row.territory) or "anywhere"
            typer.echo("\t".join((row.slug, row.name, place, _closing(call), terms, verified)))


@instruments.command()
def show(partnership: Of, instrument: Slug) -> None:
    """Print an instrument with its terms and calls as YAML."""
    import yaml  # here, not above: the other commands write none

    with begin(read_only=True) as session:
        row = _row(session, partnership, instrument)
        said = row.model_dump(mode="json", exclude={"id", "partnership_id", "version"})
        said["calls"] = [
            {name: None if value is None else str(value) for name, value in asdict(plan_of(call)).items()}
            for call in windows_of(session, [row.id])[row.id]
        ]
    typer.echo(yaml.safe_dump(said, allow_unicode=True, sort_keys=False), nl=False)


@instruments.command()
def add(
    partnership: Of,
    instrument: Slug,
    name: Annotated[str, typer.Option(help="its name")],
    programme: Programme = None,
    kind: Annotated[SourceKind, typer.Option(help="what its money is")] = SourceKind.GRANT,
    territory: Places = None,
    basis: Basis = None,
    percent: Percent = None,
    project_most: ProjectMost = None,
    partner_most: PartnerMost = None,
    member_state: State = "",
    legal_basis: LegalBasis = None,
    source: Source = None,
    opens: Day = None,
    closes: Day = None,
) -> None:
    """Add an instrument, such as a region's own call; with --basis cases count on it, with days it has a first call."""
    if faults := list(basis_faults(basis or (), place="--basis")):
        raise Invalid(faults=faults)
    places = _codes(territory)
    rate = _number("--percent", percent)
    project, partner = _number("--project-most", project_most), _number("--partner-most", partner_most)
    with begin() as session:
        row = Instrument(
            partnership_id=partnership_by_slug(session, partnership).id,
            slug=instrument,
            name=name,
            programme=programme or name,
            kind=kind,
            territory=places,
            maximum_rate=rate,
            maximum_amount=project,
            legal_basis=legal_basis or "",
            source=source or "",
        )
        add_instrument(session, row)
        if basis:
            given = terms_in_short(
                basis,
                territory=places,
                percent=rate,
                member_state=member_state,
                project_most=project,
                partner_most=partner,
            )
            set_terms(session, row, given)
        if opens or closes:
            year = str(max(day.year for day in (opens, closes) if day))
            add_call(session, row, CallPlan(year, opens and opens.date(), closes and closes.date()))
        said = "with terms" if row.terms else "without terms: no case counts on it"
        typer.echo("\t".join((row.slug, row.name, said)))


@instruments.command()
def edit(
    partnership: Of,
    instrument: Slug,
    name: Name = None,
    programme: Programme = None,
    kind: Kind = None,
    territory: Places = None,
    legal_basis: LegalBasis = None,
    source: Source = None,
    verified_on: Day = None,
) -> None:
    """Correct what is said of an instrument; what is left out stays."""
    given: dict[str, Any] = {"name": name, "programme": programme, "kind": kind}
    given |= {"legal_basis": legal_basis, "source": source, "verified_on": verified_on and verified_on.date()}
    given["territory"] = _codes(territory) if territory else None
    with begin() as session:
        row = _row(session, partnership, instrument)
        edit_instrument(session, row, {key: value for key, value in given.items() if value is not None})
    typer.echo("It is changed.")


@instruments.command()
def terms(
    partnership: Of,
    instrument: Slug,
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="YAML: `terms`, `criteria`, `overall`")],
) -> None:
    """Put the terms of a file in the place of an instrument's, as docs/reference/funding-case.md has them."""
    sent = read_shape(file_text(file), Terms)
    with begin() as session:
        row = _row(session, partnership, instrument)
        set_terms(session, row, sent.terms, criteria=sent.criteria, overall=sent.overall)
    typer.echo("It is changed.")


@instruments.command()
def call(
    partnership: Of,
    instrument: Slug,
    slug: Annotated[str, typer.Argument(metavar="CALL", help="unique within the instrument, such as 2027")],
    opens: Day = None,
    closes: Day = None,
    budget: Annotated[str | None, typer.Option(help="EUR of the whole call")] = None,
    source: Source = None,
) -> None:
    """Publish a call of an instrument, or change one: deadlines that hang on its closing move along."""
    given: dict[str, Any] = {"opens_on": opens and opens.date(), "closes_on": closes and closes.date()}
    given |= {"budget": _number("--budget", budget), "source": source}
    changes = {key: value for key, value in given.items() if value is not None}
    with begin() as session:
        row = _row(session, partnership, instrument)
        known = next((one for one in windows_of(session, [row.id])[row.id] if one.slug == slug), None)
        with counting_on(session, row):
            if known is None:
                add_call(session, row, CallPlan(slug, **changes))
            else:
                change_call(session, row, known, CallPlan(**{**asdict(plan_of(known)), **changes}))
    typer.echo("It is published." if known is None else "It is changed.")


@instruments.command()
def close(
    partnership: Of, instrument: Slug, on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="the last day")]
) -> None:
    """Say on which day an instrument closes, or closed: no case counts on it later, until there is another call."""
    with begin() as session:
        row = _row(session, partnership, instrument)
        with counting_on(session, row):
            set_closing(session, row, Closing(on.date()))
    typer.echo("It is closed." if on.date() < today() else "It is changed.")


def _row(session: Session, partnership: str, slug: str) -> Instrument:
    rows = instruments_of(session, partnership_by_slug(session, partnership).id)
    found = next((row for row in rows if row.slug == slug), None)
    if found is None:
        raise Missing("instrument", slug)
    return found


def _codes(territory: list[str] | None) -> list[str]:
    return [code for written in territory or () for code in region_plan([written]).codes]


def _number(place: str, written: str | None) -> Decimal | None:
    if written is None:
        return None
    try:
        return read_number(written)
    except NumberUnreadable as error:
        raise Invalid(faults=[error.fault.at(place)]) from None


def _closing(row: Call | None) -> str:
    if row is None or row.closes_on is None:
        return "open"
    return f"{'closes' if row.closes_on >= today() else 'closed'} {row.closes_on}"
