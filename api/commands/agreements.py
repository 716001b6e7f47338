"""The commands `bankable agreements`: plan, sign, amend, end and withdraw agreements; and their conditions."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

import typer
from sqlmodel import Session

from api.commands.collaborations import Partnership, Slug, collaboration_named
from states.collaborations.tables import Collaboration
from states.crossings.agreements import (
    add_condition,
    change_condition,
    reopen_condition,
    settle_condition,
    withdraw_agreement,
)
from states.funding.awards.agreements import (
    AgreementPlan,
    agreement_plan_of,
    amend_agreement,
    correct_agreement,
    end_agreement,
    plan_agreements,
    record_agreement,
    remove_agreement,
    reopen_agreement,
    sign_agreement,
)
from states.funding.awards.queries import (
    agreement_numbered,
    agreements_of,
    condition_numbered,
    conditions_of,
    submission_numbered,
    terms_of,
)
from states.funding.awards.service import AwardInvalid
from states.funding.awards.sources import sources_standing
from states.funding.awards.states import agreement_state
from states.funding.awards.tables import Agreement
from states.funding.queries import instruments_of
from states.partners.queries import organisation_slugs
from states.storage import begin
from states.storage.amounts import NumberUnreadable, read_number

agreements = typer.Typer(
    help="Plan, sign, amend and end agreements with funders, one for each source, and look after their conditions.",
    no_args_is_help=True,
)

Number = Annotated[int, typer.Argument(help="number of the agreement")]
ConditionNumber = Annotated[int, typer.Argument(metavar="CONDITION", help="number of the condition")]
Because = Annotated[str, typer.Option(help="why")]
Funder = Annotated[str | None, typer.Option(help="who grants")]
Amount = Annotated[str | None, typer.Option(help="EUR")]
Start = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="first day of what it pays for")]
End = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="last day of what it pays for")]
File = Annotated[str | None, typer.Option(help="id of the evidence of kind agreement")]
Due = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="until when")]


@agreements.command("list")
def list_agreements(partnership: Partnership, slug: Slug) -> None:
    """List agreements, tabs between: number, state, funder, reference, EUR, signed, from, to, partner."""
    with begin(read_only=True) as session:
        rows = agreements_of(session, collaboration_named(session, partnership, slug).id)
        names = organisation_slugs(session, {one.organisation_id for one in rows if one.organisation_id})
        for one in rows:
            days = [day.isoformat() if day else "" for day in (one.agreed_on, one.starts_on, one.ends_on)]
            said = (str(one.number), agreement_state(one), one.funder, one.reference, f"{one.amount:.2f}", *days)
            typer.echo("\t".join((*said, names.get(one.organisation_id or "", ""))))


@agreements.command("sources")
def list_sources(partnership: Partnership, slug: Slug) -> None:
    """List the sources, tabs between: kind, instrument, partner, expected, agreed, apart, agreements."""
    with begin(read_only=True) as session:
        row = collaboration_named(session, partnership, slug)
        standing = sources_standing(session, row.id)
        partners = organisation_slugs(session, {one.key.organisation_id for one in standing if one.key.organisation_id})
        instruments = {one.id: one.slug for one in instruments_of(session, row.partnership_id)}
        for one in standing:
            key = one.key
            names = (
                key.kind or "",
                instruments.get(key.instrument_id or "", ""),
                partners.get(key.organisation_id or "", ""),
            )
            sums = [f"{amount:.2f}" for amount in (one.expected, one.agreed, one.apart)]
            typer.echo("\t".join((*names, *sums, ",".join(map(str, one.numbers)))))


@agreements.command("terms")
def list_terms(partnership: Partnership, slug: Slug, number: Number) -> None:
    """List replaced terms, one a line with tabs between: number, reference, EUR, signed, from, to, why replaced."""
    with begin(read_only=True) as session:
        row = agreement_numbered(session, collaboration_named(session, partnership, slug).id, number)
        for one in terms_of(session, row.id):
            days = [day.isoformat() if day else "" for day in (one.agreed_on, one.starts_on, one.ends_on)]
            typer.echo("\t".join((str(one.number), one.reference, f"{one.amount:.2f}", *days, one.replaced_because)))


@agreements.command()
def plan(partnership: Partnership, slug: Slug) -> None:
    """Plan an agreement for each source of the chosen scenario that has none; print their numbers."""
    with begin() as session:
        for one in plan_agreements(session, collaboration_named(session, partnership, slug)):
            typer.echo(str(one.number))


@agreements.command()
def record(
    partnership: Partnership,
    slug: Slug,
    funder: Annotated[str, typer.Option(help="who grants")],
    reference: Annotated[str, typer.Option(help="number of the agreement, as the funder has it")],
    amount: Annotated[str, typer.Option(help="EUR")],
    agreed_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="when it was signed")],
    submission: Annotated[int | None, typer.Option(help="number of the submission that it grants")] = None,
    starts_on: Start = None,
    ends_on: End = None,
    evidence: File = None,
) -> None:
    """Record a signed agreement that was never planned; print its number."""
    with begin() as session:
        row = collaboration_named(session, partnership, slug)
        granted = None if submission is None else submission_numbered(session, row.id, submission).id
        said = _said(None, None, None, None, starts_on, ends_on, evidence)
        terms = AgreementPlan(granted, funder, reference, _amount(amount), agreed_on.date())
        typer.echo(str(record_agreement(session, row, replace(terms, **said)).number))


@agreements.command()
def sign(
    partnership: Partnership,
    slug: Slug,
    number: Number,
    reference: Annotated[str, typer.Option(help="number of the agreement, as the funder has it")],
    agreed_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="when it was signed")],
    funder: Funder = None,
    amount: Amount = None,
    starts_on: Start = None,
    ends_on: End = None,
    evidence: File = None,
) -> None:
    """Record that a planned agreement is signed; what is left out is as it was planned."""
    with begin() as session:
        collaboration, row = _named(session, partnership, slug, number)
        said = _said(funder, reference, amount, agreed_on, starts_on, ends_on, evidence)
        wanted = replace(agreement_plan_of(row), **said)
        sign_agreement(session, collaboration, row, wanted, expected_version=row.version)


@agreements.command()
def change(
    partnership: Partnership,
    slug: Slug,
    number: Number,
    funder: Funder = None,
    reference: Annotated[str | None, typer.Option(help="as the funder has it")] = None,
    amount: Amount = None,
    agreed_on: Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"], help="when it was signed")] = None,
    starts_on: Start = None,
    ends_on: End = None,
    evidence: File = None,
) -> None:
    """Correct what is recorded of an agreement; new terms are an amendment."""
    with begin() as session:
        collaboration, row = _named(session, partnership, slug, number)
        said = _said(funder, reference, amount, agreed_on, starts_on, ends_on, evidence)
        correct_agreement(session, collaboration, row, replace(agreement_plan_of(row), **said))


@agreements.command()
def amend(
    partnership: Partnership,
    slug: Slug,
    number: Number,
    because: Because,
    agreed_on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="when the amendment was signed")],
    reference: Annotated[str | None, typer.Option(help="as the funder has it")] = None,
    amount: Amount = None,
    starts_on: Start = None,
    ends_on: End = None,
    evidence: File = None,
) -> None:
    """Put new terms in force; the former ones are kept."""
    with begin() as session:
        collaboration, row = _named(session, partnership, slug, number)
        said = _said(None, reference, amount, agreed_on, starts_on, ends_on, evidence)
        amend_agreement(session, collaboration, row, replace(agreement_plan_of(row), **said), because=because)


@agreements.command()
def end(
    partnership: Partnership,
    slug: Slug,
    number: Number,
    because: Because,
    on: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"], help="its last day")],
) -> None:
    """Record that an agreement has ended."""
    with begin() as session:
        end_agreement(session, _named(session, partnership, slug, number)[1], on=on.date(), because=because)


@agreements.command()
def reopen(partnership: Partnership, slug: Slug, number: Number, because: Because) -> None:
    """Open an agreement again that was recorded as ended by mistake."""
    with begin() as session:
        reopen_agreement(session, _named(session, partnership, slug, number)[1], because=because)


@agreements.command()
def withdraw(partnership: Partnership, slug: Slug, number: Number, because: Because) -> None:
    """Withdraw an agreement that is not to be."""
    with begin() as session:
        withdraw_agreement(session, _named(session, partnership, slug, number)[1], because=because)


@agreements.command()
def remove(partnership: Partnership, slug: Slug, number: Number) -> None:
    """Remove an agreement that was recorded by mistake, before it was amended."""
    with begin() as session:
        remove_agreement(session, _named(session, partnership, slug, number)[1])


@agreements.command("conditions")
def list_conditions(partnership: Partnership, slug: Slug, number: Number) -> None:
    """List what the funder asks for, one a line with tabs between: number, state, until, text, note."""
    with begin(read_only=True) as session:
        for one in conditions_of(session, _named(session, partnership, slug, number)[1].id):
            until = one.due_on.isoformat() if one.due_on else ""
            typer.echo("\t".join((str(one.number), one.state, until, one.text, one.note)))


@agreements.command("ask")
def ask_condition(
    partnership: Partnership,
    slug: Slug,
    number: Number,
    text: Annotated[str, typer.Argument(help="what the funder asks for")],
    due_on: Due = None,
) -> None:
    """Record a condition of an agreement; with a day it becomes a deadline."""
    with begin() as session:
        collaboration, row = _named(session, partnership, slug, number)
        typer.echo(str(add_condition(session, collaboration, row, text=text, due_on=_date(due_on)).number))


@agreements.command("change-condition")
def correct_condition(
    partnership: Partnership,
    slug: Slug,
    number: Number,
    condition: ConditionNumber,
    text: Annotated[str | None, typer.Option(help="what the funder asks for")] = None,
    due_on: Due = None,
) -> None:
    """Correct an open condition; what is left out stays."""
    with begin() as session:
        collaboration, row = _named(session, partnership, slug, number)
        found = condition_numbered(session, row.id, condition)
        said = (found.text if text is None else text, found.due_on if due_on is None else due_on.date())
        change_condition(session, collaboration, row, found, text=said[0], due_on=said[1])


@agreements.command("settle")
def settle(
    partnership: Partnership,
    slug: Slug,
    number: Number,
    condition: ConditionNumber,
    note: Annotated[str, typer.Option(help="how it was met, or why it is waived")],
    waived: Annotated[bool, typer.Option(help="the funder asks for it no more")] = False,
    evidence: Annotated[str | None, typer.Option(help="id of the file that shows it")] = None,
) -> None:
    """Record that a condition is met, or waived."""
    with begin() as session:
        collaboration, row = _named(session, partnership, slug, number)
        found = condition_numbered(session, row.id, condition)
        settle_condition(session, collaboration, found, waived=waived, note=note, evidence_id=evidence)


@agreements.command("ask-again")
def ask_again(
    partnership: Partnership,
    slug: Slug,
    number: Number,
    condition: ConditionNumber,
    note: Annotated[str, typer.Option(help="why")],
) -> None:
    """Ask again for a condition that was settled by mistake."""
    with begin() as session:
        collaboration, row = _named(session, partnership, slug, number)
        found = condition_numbered(session, row.id, condition)
        reopen_condition(session, collaboration, row, found, note=note)


def _named(session: Session, partnership: str, slug: str, number: int) -> tuple[Collaboration, Agreement]:
    collaboration = collaboration_named(session, partnership, slug)
    return collaboration, agreement_numbered(session, collaboration.id, number)


def _said(
    funder: str | None,
    reference: str | None,
    amount: str | None,
    agreed_on: datetime | None,
    starts_on: datetime | None,
    ends_on: datetime | None,
    evidence: str | None,
) -> dict[str, Any]:
    """Return what was said, by the column that it changes."""
    said: dict[str, Any] = {
        "funder": funder,
        "reference": reference,
        "amount": None if amount is None else _amount(amount),
        "agreed_on": _date(agreed_on),
        "starts_on": _date(starts_on),
        "ends_on": _date(ends_on),
        "evidence_id": evidence,
    }
    return {name: value for name, value in said.items() if value is not None}


def _amount(text: str) -> Decimal:
    try:
        return read_number(text)
    except NumberUnreadable as error:
        raise AwardInvalid(faults=[error.fault.at("amount")]) from error


def _date(at: datetime | None) -> date | None:
    return at.date() if at else None
