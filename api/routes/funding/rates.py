"""Routes of exchange rates: brought in as they are published, taken by a rule, tried before they are taken."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

from fastapi import APIRouter, Body, Depends, Query, Response
from pydantic import Field

from api.http.access import COLLABORATION, PARTNERSHIP, Allowed
from api.http.conditional import Answered, IfMatch
from api.http.dependencies import Tx
from api.http.examples import example
from api.http.idempotency import Idempotent, keep_in
from api.http.paging import Page
from api.http.schemas import Exactly, Input, Listing, Money, Output, Slug
from api.routes.partnerships.imports import Into
from states.collaborations.tables import Collaboration
from states.crossings.costs import Redated, at_rates_of, take_rates_of
from states.funding.money.currencies import currency_fault
from states.funding.money.options import rule
from states.funding.money.rates import INFOREURO, RatesInvalid, editions_of, holding, import_rates, month_for, terms_of
from states.funding.money.tables import ExchangeRate, MoneyTerms, RateRule
from states.partners.tables import Partnership
from states.rights.access import Action
from states.storage import begin, bump_version
from states.workbook.rate_tables import month_named, read_rates

router = APIRouter(tags=["funding"], route_class=Idempotent)

Read = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.READ_PARTNERSHIP))]
Edit = Annotated[Partnership, Depends(Allowed(PARTNERSHIP, Action.EDIT_PARTNERSHIP))]
ReadCosts = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.READ_FUNDING_CASE))]
EditFunding = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.EDIT_FUNDING))]
Month = Annotated[str, Field(max_length=10, description="such as 2026-11")]
_RATES = "/partnerships/{partnership}/exchange-rates"
_TERMS = "/partnerships/{partnership}/money-terms"
_TAKEN = "/collaborations/{collaboration_id}/exchange-rates"


class ExchangeRateOut(Output):
    currency: str = Field(description="ISO 4217")
    month: date = Field(description="its first day")
    rate: Exactly = Field(description="units of the currency for EUR 1")
    edition: int = Field(description="1, 2, 3 ...: the last one of a month holds")
    source: str
    imported_at: datetime


class RatesImportedOut(Output):
    added: int
    superseded: int = Field(description="that differ from what was there; the earlier edition stays")
    unchanged: int


class MoneyTermsIn(Input):
    model_config = example(rate_rule="month_of_submission", options=["interreg-office-15", "interreg-travel-15"])

    rate_rule: RateRule = Field(description="of which month a rate is taken")
    options: list[Slug] = Field(default=[], max_length=200, description="simplified costs that may be used; empty: all")


class MoneyTermsOut(Output):
    rate_rule: RateRule
    options: list[str]
    version: int


class RedatedLineOut(Output):
    line: str
    currency: str
    stated: Exactly | None
    rate: Exactly | None = Field(description="that it goes by now")
    rate_on: date | None
    amount: Money = Field(description="EUR by that rate")
    rate_then: Exactly
    amount_then: Money = Field(description="EUR by the rate of the month")
    difference: str = Field(description="EUR more, or less with a minus")


class RedatedOut(Output):
    month: str
    lines: list[RedatedLineOut]
    difference: str = Field(description="EUR more in all, or less with a minus")


class MonthIn(Input):
    model_config = example(month="2026-11")

    month: Month | None = Field(default=None, description="null: that of the partnership's rule")


@router.get(_RATES)
def list_exchange_rates(
    row: Read,
    session: Tx,
    page: Page,
    month: Annotated[Month | None, Query()] = None,
    currency: Annotated[str | None, Query(max_length=3, description="ISO 4217")] = None,
    superseded: Annotated[bool, Query(description="those too that a later edition superseded")] = False,
) -> Listing[ExchangeRateOut]:
    """List the rates of the months by currency, the newest month first."""
    if currency is not None and (fault := currency_fault("query.currency", currency)):
        raise RatesInvalid(faults=[fault])
    of = {"currency": currency, "month": month_named(month)}

    def read() -> list[ExchangeRate]:
        return editions_of(session, row.id, **of) if superseded else holding(session, row.id, **of)  # type: ignore[arg-type]

    rows = page.each(session, read)
    return page.cut(rows, lambda one: one.id, show=lambda part: [ExchangeRateOut.model_validate(one) for one in part])


@router.post(_RATES, response_model=RatesImportedOut)
def post_exchange_rates(
    target: Into,
    file: Annotated[bytes, Body(media_type="application/octet-stream", description="JSON, CSV or XLSX")],
    name: Annotated[str, Query(max_length=200, description="of the file")] = "file",
    month: Annotated[Month | None, Query(description="of the rates, where the file names none")] = None,
    source: Annotated[str, Query(max_length=300, description="who publishes them")] = INFOREURO,
) -> Response:
    """Bring in published rates, all or none: one that differs supersedes what was there, and cost lines keep theirs."""
    published = read_rates(file, name=name, month=month_named(month))
    with begin() as session:
        keep = keep_in(session)
        done = import_rates(session, target.check(session), published, source=source)
        told = RatesImportedOut.model_validate(done).model_dump_json()
        answer = Response(told, media_type="application/json")
        keep(answer)
    return answer


@router.get(_TERMS)
def get_money_terms(row: Read, session: Tx, answer: Answered) -> MoneyTermsOut:
    """Read of which month rates are taken, and which simplified costs may be used; version 0 until somebody rules."""
    return _terms(terms_of(session, row.id), answer)


@router.put(_TERMS)
def put_money_terms(row: Edit, version: IfMatch, sent: MoneyTermsIn, session: Tx, answer: Answered) -> MoneyTermsOut:
    """Rule of which month rates are taken, and which simplified costs may be used; lines that stand keep theirs."""
    ruled = rule(session, row, rate_rule=sent.rate_rule, options=sent.options, expected_version=version)
    return _terms(ruled, answer)


def _terms(row: MoneyTerms, answer: Answered) -> MoneyTermsOut:
    answer.tag(row.version)
    return MoneyTermsOut.model_validate(row)


@router.get(_TAKEN)
def get_rates_of_a_month(
    row: ReadCosts, session: Tx, month: Annotated[Month | None, Query(description="the rule's where left out")] = None
) -> RedatedOut:
    """Say what changes if the cost lines go by the rates of a month; nothing is changed.

    Lines with a rate of their own keep it, and flat rates follow their base.
    """
    day = month_named(month) or month_for(session, row)
    return _redated(day, [_line(one) for one in at_rates_of(session, row, day)])


@router.post(_TAKEN)
def post_rates_of_a_month(
    row: EditFunding, version: IfMatch, sent: MonthIn, session: Tx, answer: Answered
) -> RedatedOut:
    """Let the cost lines go by the rates of a month; If-Match is the version of the collaboration."""
    day = month_named(sent.month) or month_for(session, row)
    before = [_line(one) for one in at_rates_of(session, row, day)]
    bump_version(session, row, expected=version)
    take_rates_of(session, row, day)
    answer.tag(row.version)
    return _redated(day, before)


def _line(one: Redated) -> RedatedLineOut:
    line = one.line
    return RedatedLineOut(
        line=line.slug,
        currency=line.currency,
        stated=line.stated,
        rate=line.rate,
        rate_on=line.rate_on,
        amount=line.amount,
        rate_then=one.rate,
        amount_then=one.amount,
        difference=f"{one.amount - line.amount:.2f}",
    )


def _redated(day: date, lines: list[RedatedLineOut]) -> RedatedOut:
    total = sum((one.amount_then - one.amount for one in lines), Decimal(0))
    return RedatedOut(month=f"{day:%Y-%m}", lines=lines, difference=f"{total:.2f}")
