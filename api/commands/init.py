"""The command `bankable init`: from nothing to a partnership with its manager's token, by a few questions."""

import sys
from collections.abc import Callable
from typing import Annotated, Any, TypeVar, overload

import typer

from api.commands.addresses import warn_of
from api.commands.database import bring_up_to_date
from states.credentials.tokens import create_token
from states.errors import Fault, Invalid
from states.founding.naming import region_plan, short_name
from states.founding.service import AlreadyFounded, Cluster, Founded, Plan, found_first, need_first
from states.partners.addresses import read_address
from states.partners.organisations import Profile
from states.partners.partnerships import Description
from states.partners.people import PersonPlan
from states.partners.regions import RegionPlan
from states.partners.registry_faults import blank, refuse, slug_fault
from states.partners.tables import OrganisationKind
from states.partners.working_areas import AreaPlan
from states.places import nuts
from states.settings import settings
from states.storage import begin

_DAYS = 90
Answer = TypeVar("Answer")


def init(
    name: Annotated[str | None, typer.Option(help="name of the partnership")] = None,
    slug: Annotated[str | None, typer.Option(help="its short name; made from its name where none is given")] = None,
    region: Annotated[list[str] | None, typer.Option(help="code of NUTS 2024 or name; may be repeated")] = None,
    area: Annotated[list[str] | None, typer.Option(help="name of a working area; may be repeated")] = None,
    cluster: Annotated[str | None, typer.Option(help="name of the coordinating cluster; empty: later")] = None,
    site: Annotated[str | None, typer.Option(help="code of NUTS 2024 where the cluster is")] = None,
    manager: Annotated[str | None, typer.Option(help="e-mail address of who manages it")] = None,
    label: Annotated[str, typer.Option(help="who that is, by function")] = "project manager",
    programme: Annotated[str, typer.Option(help="by which it is funded")] = "",
    playbook: Annotated[str, typer.Option(help="name of a playbook, or name@version")] = "s3",
    taxonomy: Annotated[str, typer.Option(help="of its matchmaking: medtech, or nace for any field")] = "nace",
) -> None:
    """Make the database and the first partnership by a few questions; end with its manager's token.

    What options say is not asked; without a terminal all must be said by options. Run again it changes nothing.
    """
    kept, _ = bring_up_to_date()
    typer.echo(f"The database is at the newest schema{f', and backed up in {kept}' if kept else ''}.", err=True)
    try:
        with begin(read_only=True) as session:
            need_first(session)
    except AlreadyFounded as error:
        typer.echo(f"{error} Nothing was changed.", err=True)
        typer.echo("`bankable partnership create` founds another one, `bankable token create` makes a token.", err=True)
        return
    called = name or _ask("Name of the partnership", _named)
    regions = region or _ask("Its regions, by name or code of NUTS 2024, with a semicolon between", _regions)
    areas = area or _ask("Its working areas, with a semicolon between", _several)
    host = cluster if cluster is not None else _ask("Name of the coordinating cluster (empty: later)", default="")
    place = (site or _ask("Where it is: a code of NUTS 2024", _site, default=regions[0])) if host else ""
    address = manager or _ask("Your e-mail address", _address)
    plan = Plan(
        Description(slug or short_name(called), called, programme=programme),
        PersonPlan(address, label),
        playbook=playbook,
        taxonomy=taxonomy,
        regions=[_region(one, leading=number == 0) for number, one in enumerate(regions)],
        areas=[AreaPlan(one) for one in areas],
        cluster=_cluster(host, place) if host else None,
    )
    with begin() as session:
        made = found_first(session, plan)
        token = create_token(session, made.manager, days=_DAYS, label="bankable init")
        warn_of(address)
        _say_next(made)
    typer.echo(token)


def _region(written: str, *, leading: bool) -> RegionPlan:
    try:
        return region_plan([written], leading=leading)
    except Invalid as error:
        raise Invalid(faults=[fault.at(f"--region {written}") for fault in error.faults]) from None


def _cluster(name: str, place: str) -> Cluster:
    site = region_plan([place]).codes[0]
    return Cluster(short_name(name), Profile(name, OrganisationKind.CLUSTER, nuts.country(site), site))


@overload
def _ask(question: str, *, default: str | None = None) -> str: ...
@overload
def _ask(question: str, read: Callable[[str], Answer], *, default: str | None = None) -> Answer: ...
def _ask(question: str, read: Callable[[str], Any] = str, *, default: str | None = None) -> Any:
    """Ask until the answer can be used, and say each time why it cannot; without a terminal it must have been said."""
    if not sys.stdin.isatty():
        if default is not None:
            return read(default)
        raise Invalid(faults=[Fault(question, "not_said", remedy="say_by_option")])
    while True:
        try:
            said = typer.prompt(question, default=default or "", show_default=bool(default), err=True)
            return read(str(said).strip())
        except Invalid as error:
            for fault in error.faults:
                typer.echo(f"  {fault.message}{f' ({fault.remedy})' if fault.remedy else ''}", err=True)
        except typer.Abort:
            typer.echo("\nStopped: no partnership was founded. Run it again to begin anew.", err=True)
            raise


def _named(said: str) -> str:
    """Return a name of which a short name can be made."""
    refuse(blank("", said) or slug_fault(short_name(said), taken=False))
    return said


def _several(said: str) -> list[str]:
    found = [one.strip() for one in said.split(";") if one.strip()]
    refuse(blank("", "".join(found)))
    return found


def _regions(said: str) -> list[str]:
    """Return the regions: each can be no other, and none is named twice."""
    found = _several(said)
    holder: dict[str, str] = {}
    for one in found:
        for code in region_plan([one]).codes:
            if code in holder:
                refuse(Fault("", "belongs_already", remedy="leave_it_out", code=code, region=holder[code]))
            holder[code] = one
    return found


def _site(said: str) -> str:
    """Return the code of a site: NUTS 2 or 3, or the name of a region."""
    [code, *_] = region_plan([said]).codes
    return code


def _address(said: str) -> str:
    read = read_address("", said)
    if isinstance(read, Fault):
        refuse(read)
    return said


def _say_next(made: Founded) -> None:
    slug = made.partnership.slug
    mature = f"Its collaborations mature by `{made.partnership.playbook}`; `bankable playbook list` names others."
    typer.echo(f"{made.partnership.name} is there, as {slug}. {mature} Next:", err=True)
    for line in (
        "bankable serve                              # API, Prefect server and runner",
        "bankable template plan.xlsx                 # organisations, people, profiles and events in one workbook",
        f"bankable import plan.xlsx --partnership {slug}",
        f"bankable people list {slug}                 # and invite, edit, end",
        f"curl -H 'Authorization: Bearer TOKEN' {settings().public_url}/api/v1/pipeline",
    ):
        typer.echo(f"  {line}", err=True)
    typer.echo(f"The token of the manager, for {_DAYS} days; it is not shown again:", err=True)
