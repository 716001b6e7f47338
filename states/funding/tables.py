"""Rows of funding: instruments of payers, and scenarios as sources and uses to the cent."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, SQLModel, UniqueConstraint

from states.seals import SealedRow, sealed
from states.storage import Cents, EnumText, Instant, Json, new_dict, new_id, new_list


class SourceKind(StrEnum):
    GRANT = "grant"
    LOAN = "loan"
    EQUITY = "equity"
    OWN_CASH = "own_cash"
    IN_KIND = "in_kind"


class SourceStatus(StrEnum):
    """How sure the money is."""

    IDEA = "idea"
    APPLIED = "applied"
    COMMITTED = "committed"
    SIGNED = "signed"


class Instrument(SQLModel, table=True):
    """A programme that may pay, as data with its source and whether somebody verified it."""

    __tablename__ = "instrument"
    __table_args__ = (UniqueConstraint("partnership_id", "slug"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    slug: str
    name: str
    programme: str
    kind: SourceKind = Field(sa_type=EnumText(SourceKind))
    territory: list[str] = Field(default_factory=new_list, sa_type=Json, description="NUTS codes; empty: anywhere")
    maximum_rate: Decimal | None = Field(default=None, max_digits=5, decimal_places=2, description="percent of cost")
    maximum_amount: Decimal | None = Field(default=None, sa_type=Cents, description="EUR a project")
    legal_basis: str = ""
    source: str = ""
    verified_on: date | None = None
    terms: dict[str, object] = Field(
        default_factory=new_dict,
        sa_type=Json,
        description="who may have how much for what, as in a case; empty: unread",
    )
    criteria: list[dict[str, object]] = Field(
        default_factory=new_list, sa_type=Json, description="how applications are judged: each a `Criterion`"
    )
    overall_threshold: Decimal | None = Field(
        default=None, max_digits=7, decimal_places=2, description="the least plain sum of points"
    )
    illustrative: bool = False
    version: int = 1


@sealed(apart="breaches stale reviewed_on")
class Scenario(SealedRow, table=True):
    """A costed mix for one frozen protocol version: uses = sources + gap, to the cent."""

    __tablename__ = "scenario"
    __table_args__ = (UniqueConstraint("collaboration_id", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    collaboration_id: str = Field(foreign_key="collaboration.id", index=True)
    protocol_version_id: str = Field(description="no foreign key between stages")
    name: str
    note: str = ""
    gap: Decimal = Field(sa_type=Cents, description="EUR that no source covers, stated")
    chosen: bool = False
    solved_case_id: str | None = Field(default=None, foreign_key="solved_case.id", description="none: made by hand")
    mix: dict[str, object] = Field(default_factory=new_dict, sa_type=Json, description="a `FundingScenario`, or empty")
    breaches: list[str] = Field(default_factory=new_list, sa_type=Json, description="rules its frozen case breaks")
    stale: list[str] = Field(default_factory=new_list, sa_type=Json, description="what broke it since it was solved")
    reviewed_on: date | None = Field(default=None, description="when it was looked at last whether it still holds")
    illustrative: bool = False
    created_at: datetime = Field(sa_type=Instant)
    version: int = 1


@sealed(by="scenario_id", frozen=True)
class Use(SealedRow, table=True):
    """Money spent by one partner on one category of cost."""

    __tablename__ = "scenario_use"

    id: str = Field(default_factory=new_id, primary_key=True)
    scenario_id: str = Field(foreign_key="scenario.id", index=True)
    position: int
    organisation_id: str = Field(foreign_key="organisation.id")
    category: str
    amount: Decimal = Field(sa_type=Cents)


@sealed(by="scenario_id")
class Source(SealedRow, table=True):
    """Money that comes in: from an instrument, or from a partner's own means."""

    __tablename__ = "scenario_source"

    id: str = Field(default_factory=new_id, primary_key=True)
    scenario_id: str = Field(foreign_key="scenario.id", index=True)
    position: int
    organisation_id: str = Field(foreign_key="organisation.id", description="the partner that receives or brings it")
    instrument_id: str | None = Field(default=None, foreign_key="instrument.id")
    kind: SourceKind = Field(sa_type=EnumText(SourceKind))
    status: SourceStatus = Field(sa_type=EnumText(SourceStatus))
    amount: Decimal = Field(sa_type=Cents)
