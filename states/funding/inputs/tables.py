"""Rows behind a funding case: calls, cost lines, aid received, accounts, links of ownership, what was asked, solved."""

from datetime import date, datetime, time
from decimal import Decimal

from sqlmodel import Field, SQLModel, UniqueConstraint

import states.funding.rules.tables  # noqa: F401 - a solved case refers to its text of rules
from states.clock import now
from states.funding.case.vocabulary import BY_DATE, Activity, CostCategory
from states.seals import SealedRow, sealed
from states.storage import Cents, EnumText, Exact, Instant, Json, new_dict, new_id, new_list


class Call(SQLModel, table=True):
    """One window of an instrument in which applications are taken; without a day on one side it is open there."""

    __tablename__ = "instrument_call"
    __table_args__ = (UniqueConstraint("instrument_id", "slug"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    instrument_id: str = Field(foreign_key="instrument.id", index=True)
    slug: str = Field(description="unique within the instrument, such as 2026")
    opens_on: date | None = None
    closes_on: date | None = Field(default=None, description="the last day on which one may apply")
    closes_at: time | None = Field(default=None, description="local time in `time_zone`; none: the end of the day")
    time_zone: str = Field(default="", description="an IANA name")
    apply_on: date | None = Field(default=None, description="the day on which one means to apply; none: the last one")
    budget: Decimal | None = Field(default=None, sa_type=Cents, description="EUR of the whole call")
    months_to_award: int = 0
    months_to_money: int = 0
    source: str = ""
    illustrative: bool = False
    version: int = 1


class CostLine(SQLModel, table=True):
    """What one partner spends at one site for one activity: eligible cost in EUR, before any funding.

    Where it was stated in another currency, with VAT, or by a simplified cost option, `amount` follows from that.
    """

    __tablename__ = "cost_line"
    __table_args__ = (UniqueConstraint("collaboration_id", "slug"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    slug: str
    organisation_id: str = Field(foreign_key="organisation.id")
    nuts: str = Field(description="NUTS 2024 code of the site where the money is spent, level 3 or 2")
    activity: Activity = Field(sa_type=EnumText(Activity))
    cost_category: CostCategory = Field(default=CostCategory.OTHER, sa_type=EnumText(CostCategory))
    amount: Decimal = Field(sa_type=Cents, description="EUR that are eligible")
    currency: str = Field(default="EUR", description="ISO 4217: of what was stated")
    stated: Decimal | None = Field(default=None, sa_type=Exact, description="in the currency, as people have it")
    rate: Decimal | None = Field(default=None, sa_type=Exact, description="units of the currency for EUR 1")
    rate_on: date | None = Field(default=None, description="the day of an own rate, or the first of its month")
    rate_source: str = ""
    own_rate: bool = Field(default=False, description="somebody gave the rate; else it is of the partnership's table")
    vat_percent: Decimal | None = Field(default=None, sa_type=Exact, description="none: nothing is said of VAT")
    vat_included: bool = Field(default=False, description="what was stated holds the VAT")
    vat_recoverable: bool | None = Field(default=None, description="none: as the organisation's status says")
    in_kind: bool = Field(default=False, description="no cash is paid for it (Regulation 2021/1060, Article 67(1))")
    option: str = Field(default="", description="the simplified cost option that it goes by")
    percent: Decimal | None = Field(default=None, sa_type=Exact, description="of a flat rate, where less than at most")
    units: Decimal | None = Field(default=None, sa_type=Exact, description="of a unit cost")
    starts_on: date | None = Field(default=None, description="start of works: the first firm commitment")
    title: str = ""
    economic: bool = True
    disadvantaged_trainees: bool = False
    illustrative: bool = False
    version: int = 1


class AidGranted(SQLModel, table=True):
    """Aid that an undertaking received before, in the ledger of the State that granted it."""

    __tablename__ = "aid_granted"

    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    member_state: str = Field(description="ISO 3166-1 alpha-2")
    granted_on: date = Field(description="the day on which the legal right was conferred")
    amount: Decimal = Field(sa_type=Cents, description="EUR, gross grant equivalent")
    basis: str = Field(description="id of an article, `de_minimis` or `eu_direct`")
    cost_line_id: str | None = Field(default=None, foreign_key="cost_line.id")
    eu_grant: bool = False
    source: str = ""
    illustrative: bool = False


class Ownership(SQLModel, table=True):
    """One organisation holds a part of another, or controls it."""

    __tablename__ = "ownership"
    __table_args__ = (UniqueConstraint("holder_id", "held_id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    holder_id: str = Field(foreign_key="organisation.id", index=True)
    held_id: str = Field(foreign_key="organisation.id", index=True)
    percent: Decimal = Field(default=Decimal(0), max_digits=5, decimal_places=2, description="of capital or votes")
    control: list[str] = Field(default_factory=new_list, sa_type=Json, description="values of `vocabulary.Control`")
    version: int = 1


class Accounts(SQLModel, table=True):
    """The approved accounts of an organisation for one year, of itself alone: EUR, and annual work units."""

    __tablename__ = "accounts"
    __table_args__ = (UniqueConstraint("organisation_id", "year"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    year: int
    headcount: Decimal | None = Field(default=None, max_digits=9, decimal_places=2)
    turnover: Decimal | None = Field(default=None, sa_type=Cents)
    balance_sheet: Decimal | None = Field(default=None, sa_type=Cents)
    subscribed_capital: Decimal | None = Field(default=None, sa_type=Cents)
    own_funds: Decimal | None = Field(default=None, sa_type=Cents)
    debt: Decimal | None = Field(default=None, sa_type=Cents)
    ebitda: Decimal | None = Field(default=None, sa_type=Cents)
    interest: Decimal | None = Field(default=None, sa_type=Cents)
    version: int = 1


class FundingQuestion(SQLModel, table=True):
    """What a collaboration asks: under which rules, on which facts of the project, with which wishes."""

    __tablename__ = "funding_question"

    collaboration_id: str = Field(foreign_key="collaboration.id", primary_key=True)
    rule_set: str = BY_DATE
    project: dict[str, object] = Field(default_factory=new_dict, sa_type=Json, description="a `ProjectFacts`")
    partners: dict[str, dict[str, object]] = Field(
        default_factory=new_dict, sa_type=Json, description="what partners declare besides, by their short names"
    )
    wanted: dict[str, object] = Field(default_factory=new_dict, sa_type=Json, description="a `Wanted`")
    version: int = 1


class FinancialAssumptions(SQLModel, table=True):
    """What people assume of a collaboration's future, by which a mix becomes a financial plan."""

    __tablename__ = "financial_assumptions"

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", unique=True)
    content: dict[str, object] = Field(sa_type=Json, description="an `Assumptions`")
    changed_at: datetime = Field(default_factory=now, sa_type=Instant)
    version: int = 1


@sealed(frozen=True)
class SolvedCase(SealedRow, table=True):
    """A case as it was solved, whole and frozen, with the rule set and the text of its rules."""

    __tablename__ = "solved_case"

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    protocol_version_id: str = Field(description="no foreign key between stages")
    case: dict[str, object] = Field(sa_type=Json, description="a `FundingCase`")
    rule_set: str
    fingerprint: str = Field(description="of the text of the rules")
    rules_text: str | None = Field(
        default=None, foreign_key="rule_text.digest", description="the rules whole; cases of earlier releases kept none"
    )
    solved_at: datetime = Field(default_factory=now, sa_type=Instant)
