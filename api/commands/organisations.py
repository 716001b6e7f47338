"""The commands `bankable organisation`: register and correct the organisations of a partnership."""

from dataclasses import asdict, replace
from decimal import Decimal
from typing import Annotated, Any

import typer

from api.commands.printing import as_json
from states.crossings.costs import follow_vat
from states.crossings.members import return_organisation, withdraw_organisation
from states.founding.naming import region_plan, short_name
from states.funding.money.vat import record_vat_status, vat_status_of
from states.partners.organisations import Profile, edit_organisation, profile_of, register_organisation
from states.partners.queries import member_by_slug, organisations_of, partnership_by_slug
from states.partners.tables import MembershipPart, OrganisationKind
from states.places import nuts
from states.rights.access import Actor, Role
from states.storage import begin
from states.storage.amounts import NumberUnreadable, read_number

organisations = typer.Typer(help="Register and correct the organisations of a partnership.", no_args_is_help=True)


def _amount(text: str) -> Decimal:
    try:
        return read_number(text)
    except NumberUnreadable as error:
        raise typer.BadParameter(f"{text!r} is no amount: write 5300000 or 5300000.50") from error


Partnership = Annotated[str, typer.Argument(help="short name of the partnership")]
Slug = Annotated[str, typer.Argument(help="its short name")]
Kind = Annotated[OrganisationKind | None, typer.Option(help="what it is")]
Site = Annotated[str | None, typer.Option(help="code of NUTS 2024 of its site, or the region's name")]
Headcount = Annotated[Decimal | None, typer.Option(parser=_amount, metavar="NUMBER", help="annual work units")]
Turnover = Annotated[Decimal | None, typer.Option(parser=_amount, metavar="EUR", help="EUR a year")]
Balance = Annotated[Decimal | None, typer.Option(parser=_amount, metavar="EUR", help="EUR")]
Part = Annotated[MembershipPart | None, typer.Option(help="its place in the partnership")]
LegalName = Annotated[str | None, typer.Option(help="as registered, where it is called otherwise")]
LegalForm = Annotated[str | None, typer.Option(help="such as GmbH, SpA")]
Address = Annotated[str | None, typer.Option(help="of its registered office")]
Registration = Annotated[str | None, typer.Option(help="number in the national register")]
Vat = Annotated[str | None, typer.Option(help="VAT number")]
Pic = Annotated[str | None, typer.Option(help="participant identification code: nine digits")]
Nace = Annotated[str | None, typer.Option(help="activity by NACE Rev. 2.1")]
Domain = Annotated[list[str] | None, typer.Option(help="of its e-mail addresses; may be repeated")]


@organisations.command("list")
def list_organisations(partnership: Partnership) -> None:
    """List the organisations, one a line with tabs between: short name, name, kind, site, part, size."""
    with begin(read_only=True) as session:
        for row, membership in organisations_of(session, partnership_by_slug(session, partnership).id):
            part = membership.part.value
            typer.echo("\t".join((row.slug, row.name, row.kind.value, row.nuts, part, row.size_class.value)))


@organisations.command()
def show(partnership: Partnership, organisation: Slug) -> None:
    """Print all that is known of an organisation as one JSON object."""
    with begin(read_only=True) as session:
        row, membership = member_by_slug(session, partnership_by_slug(session, partnership).id, organisation)
        typer.echo(as_json({"slug": row.slug, "part": membership.part, **asdict(profile_of(row))}))


@organisations.command()
def add(
    partnership: Partnership,
    name: Annotated[str, typer.Argument(help="its name")],
    kind: Annotated[OrganisationKind, typer.Option(help="what it is")],
    site: Annotated[str, typer.Option(help="code of NUTS 2024 of its site, or the region's name")],
    slug: Annotated[str | None, typer.Option(help="short name; made from its name where none is given")] = None,
    headcount: Headcount = None,
    turnover: Turnover = None,
    balance_sheet: Balance = None,
    part: Part = None,
    legal_name: LegalName = None,
    legal_form: LegalForm = None,
    address: Address = None,
    registration_number: Registration = None,
    vat_number: Vat = None,
    pic: Pic = None,
    nace: Nace = None,
    domain: Domain = None,
) -> None:
    """Register an organisation at its site and make it a member."""
    code = region_plan([site]).codes[0]
    figures = _given(headcount=headcount, turnover=turnover, balance_sheet=balance_sheet)
    identity = _given(
        legal_name=legal_name,
        legal_form=legal_form,
        address=address,
        registration_number=registration_number,
        vat_number=vat_number,
        pic=pic,
        nace=nace,
        domains=domain,
    )
    profile = Profile(name, kind, nuts.country(code), code, **figures, **identity)
    with begin() as session:
        row = register_organisation(
            session,
            partnership_by_slug(session, partnership),
            profile,
            slug=slug or short_name(name),
            part=part or MembershipPart.MEMBER,
        )
        typer.echo(f"{row.slug}\t{row.name}")


@organisations.command()
def edit(
    partnership: Partnership,
    organisation: Slug,
    slug: Annotated[str | None, typer.Option(help="another short name")] = None,
    name: Annotated[str | None, typer.Option(help="another name")] = None,
    kind: Kind = None,
    site: Site = None,
    headcount: Headcount = None,
    turnover: Turnover = None,
    balance_sheet: Balance = None,
    part: Part = None,
    legal_name: LegalName = None,
    legal_form: LegalForm = None,
    address: Address = None,
    registration_number: Registration = None,
    vat_number: Vat = None,
    pic: Pic = None,
    nace: Nace = None,
    domain: Domain = None,
) -> None:
    """Correct what is known of an organisation; what is left out stays."""
    code = region_plan([site]).codes[0] if site else None
    changes = _given(
        name=name,
        kind=kind,
        nuts=code,
        country=nuts.country(code) if code else None,
        headcount=headcount,
        turnover=turnover,
        balance_sheet=balance_sheet,
        legal_name=legal_name,
        legal_form=legal_form,
        address=address,
        registration_number=registration_number,
        vat_number=vat_number,
        pic=pic,
        nace=nace,
        domains=domain,
    )
    with begin() as session:
        row, membership = member_by_slug(session, partnership_by_slug(session, partnership).id, organisation)
        edit_organisation(session, row, replace(profile_of(row), **changes), slug=slug)
        membership.part = part or membership.part
    typer.echo("It is changed.")


@organisations.command()
def withdraw(partnership: Partnership, organisation: Slug, reason: Annotated[str, typer.Option(help="why")]) -> None:
    """Let an organisation leave that takes part in nothing that runs; its people's roles and its profiles end."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        found, membership = member_by_slug(session, row.id, organisation)
        operator = Actor(Role.ADMINISTRATOR, row.id)
        left = withdraw_organisation(session, found, membership, actor=operator, reason=reason)
        typer.echo(f"roles {left.roles}\tprofiles {left.profiles}")


@organisations.command("return")
def come_back(partnership: Partnership, organisation: Slug) -> None:
    """Let an organisation that left be a member again."""
    with begin() as session:
        row = partnership_by_slug(session, partnership)
        return_organisation(session, *member_by_slug(session, row.id, organisation))
    typer.echo("It is a member again.")


def _given(**options: Any) -> dict[str, Any]:
    return {name: value for name, value in options.items() if value is not None}


@organisations.command()
def vat(
    partnership: Partnership,
    slug: Slug,
    recovers: Annotated[
        bool | None,
        typer.Option("--recovers/--bears", help="whether VAT that it pays comes back; shown where left out"),
    ] = None,
    source: Annotated[str, typer.Option(help="where it is from")] = "",
) -> None:
    """Say whether an organisation recovers VAT; cost lines that do not say it themselves follow."""
    with begin() as session:
        row, _ = member_by_slug(session, partnership_by_slug(session, partnership).id, slug)
        status = vat_status_of(session, row.id)
        if recovers is not None:
            status = record_vat_status(session, row, recovers=recovers, source=source)
            follow_vat(session, row.id)
        said = "nobody has said" if status is None else "recovers VAT" if status.recovers else "bears VAT"
        typer.echo(f"{row.slug}: {said}" + (f" ({status.source})" if status else ""))
