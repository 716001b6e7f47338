"""Rows of money as people have it: rates of a month, what a partnership has ruled, and who recovers VAT."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

import states.changes  # noqa: F401 - whoever writes these rows is recorded
from states.clock import now
from states.storage import Cents, EnumText, Exact, Instant, Json, new_id, new_list


class RateRule(StrEnum):
    """Of which month a rate is taken: that of the entry, of the first submission, or of the first agreement.

    Before there is a submission or an agreement, each goes by the month of the entry.
    """

    ENTRY = "month_of_entry"
    SUBMISSION = "month_of_submission"
    AWARD = "month_of_award"


class ExchangeRate(SQLModel, table=True):
    """How much of a currency EUR 1 is in a month; a rate that was corrected has a later edition, and stays."""

    __tablename__ = "exchange_rate"
    __table_args__ = (UniqueConstraint("partnership_id", "currency", "month", "edition"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    currency: str = Field(description="ISO 4217")
    month: date = Field(description="its first day")
    edition: int = Field(description="1, 2, 3 ...: the last one holds")
    rate: Decimal = Field(sa_type=Exact, description="units of the currency for EUR 1")
    source: str
    imported_at: datetime = Field(default_factory=now, sa_type=Instant)


class MoneyTerms(SQLModel, table=True):
    """What a partnership has ruled on rates and on simplified costs."""

    __tablename__ = "money_terms"

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", unique=True)
    rate_rule: RateRule = Field(default=RateRule.ENTRY, sa_type=EnumText(RateRule))
    options: list[str] = Field(
        default_factory=new_list, sa_type=Json, description="simplified cost options that it uses; empty: all"
    )
    version: int = 1


class VatStatus(SQLModel, table=True):
    """Whether an organisation recovers the VAT that it pays."""

    __tablename__ = "vat_status"

    id: str = Field(default_factory=new_id, primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", unique=True)
    recovers: bool
    source: str = ""
    version: int = 1


class OptionKind(StrEnum):
    """In which form costs are simplified (Regulation (EU) 2021/1060, Article 53(1)(b) to (d))."""

    FLAT_RATE = "flat_rate"
    UNIT_COST = "unit_cost"
    LUMP_SUM = "lump_sum"


class SimplifiedCost(SQLModel, table=True):
    """A simplified cost option that a partnership added: of a programme, a call or a playbook."""

    __tablename__ = "simplified_cost"
    __table_args__ = (UniqueConstraint("partnership_id", "slug"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    slug: str
    title: str
    kind: OptionKind = Field(sa_type=EnumText(OptionKind))
    under: str = Field(default="", description="the option of a regulation whose bounds it keeps")
    percent: Decimal | None = Field(default=None, sa_type=Exact, description="at most, of the base")
    amount: Decimal | None = Field(default=None, sa_type=Cents, description="EUR a unit, or of the lump sum")
    unit: str = ""
    base: list[str] = Field(default_factory=new_list, sa_type=Json, description="cost categories it is a part of")
    covers: list[str] = Field(default_factory=new_list, sa_type=Json, description="cost categories that it stands for")
    article: str = ""
    source: str
    instrument: str = Field(default="", description="short name of the programme or call; empty: any")
    valid_from: date
    valid_to: date | None = None
    version: int = 1
