"""Rows of the registry: partnerships, regions, working areas, events; organisations; people and their roles."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint, col

import states.changes  # noqa: F401 - whoever writes these rows is recorded
from states.clock import now
from states.rights.access import EVERY_SCOPE, Actor, Role, TokenScope
from states.storage import Cents, EnumText, Instant, Json, new_id, new_list
from states.storage.text_order import by_text


class PartnershipKind(StrEnum):
    """A thematic partnership of regions, or a funded partnership of clusters; never to be confused."""

    TSSP = "tssp"
    ESCP_S3 = "escp_s3"


class OrganisationKind(StrEnum):
    SME = "sme"
    LARGE_ENTERPRISE = "large_enterprise"
    TECHNOLOGY_CENTRE = "technology_centre"
    UNIVERSITY = "university"
    CLUSTER = "cluster"
    AUTHORITY = "authority"
    INVESTOR = "investor"
    OTHER = "other"


class SizeClass(StrEnum):
    """Size by Recommendation 2003/361/EC; `unknown` where no figures were given."""

    MICRO = "micro"
    SMALL = "small"
    MEDIUM = "medium"
    LARGE = "large"
    UNKNOWN = "unknown"


class MembershipPart(StrEnum):
    """An organisation's place in a partnership."""

    COORDINATOR = "coordinator"
    CLUSTER_PARTNER = "cluster_partner"
    MEMBER = "member"


class AreaPart(StrEnum):
    IN_CHARGE = "in_charge"
    INVOLVED = "involved"


class EventKind(StrEnum):
    BROKERAGE = "brokerage"
    CLUSTER_TO_CLUSTER = "cluster_to_cluster"
    PLENARY = "plenary"
    STEERING_COMMITTEE = "steering_committee"
    WORKING_GROUP = "working_group"
    KICK_OFF = "kick_off"
    OUTREACH = "outreach"


class Partnership(SQLModel, table=True):
    """A partnership; everything else belongs to exactly one."""

    __tablename__ = "partnership"

    id: str = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    kind: PartnershipKind = Field(sa_type=EnumText(PartnershipKind))
    programme: str = ""
    objective: str = ""
    acknowledges: list[str] = Field(default_factory=new_list, sa_type=Json, description="bodies the disclaimer names")
    playbook: str = Field(
        description="playbook that new collaborations begin with: its newest edition, or name@version"
    )
    language: str = Field(default="en", description="of its papers: one of `states.texts.catalogue.LANGUAGES`")
    taxonomy: str = Field(default="medtech", description="words of its matchmaking: a name that is shipped, or own")
    closed_at: datetime | None = Field(default=None, sa_type=Instant, description="since when it is read only")
    close_reason: str = ""
    version: int = 1


class TaxonomyEdition(SQLModel, table=True):
    """A partnership's own taxonomy, as it was brought: the newest one is spoken, none is ever changed."""

    __tablename__ = "taxonomy_edition"
    __table_args__ = (UniqueConstraint("partnership_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id")
    number: int = Field(description="1, 2, 3 ... within the partnership")
    nodes: list[dict[str, str]] = Field(sa_type=Json, description="code, and a label by language")
    published_at: datetime = Field(sa_type=Instant)


class Region(SQLModel, table=True):
    """A partnership region: a named set of NUTS codes, with the dates between which it takes part."""

    __tablename__ = "region"
    __table_args__ = (UniqueConstraint("partnership_id", "slug"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    slug: str
    name: str
    country: str = Field(description="ISO 3166-1 alpha-2")
    codes: list[str] = Field(sa_type=Json, description="NUTS 2024")
    leading: bool = False
    valid_from: date | None = None
    valid_until: date | None = None
    version: int = 1


class WorkingArea(SQLModel, table=True):
    """A working area of a partnership, numbered as in its report."""

    __tablename__ = "working_area"
    __table_args__ = (UniqueConstraint("partnership_id", "number"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    number: int
    name: str
    other_actors: str = ""
    ended_at: datetime | None = Field(default=None, sa_type=Instant, description="since when nothing new begins in it")
    version: int = 1


class WorkingAreaRegion(SQLModel, table=True):
    """A region's part in a working area; several regions may be in charge together."""

    __tablename__ = "working_area_region"

    working_area_id: str = Field(foreign_key="working_area.id", primary_key=True)
    region_id: str = Field(foreign_key="region.id", primary_key=True)
    part: AreaPart = Field(sa_type=EnumText(AreaPart))
    position: int = 0


class Organisation(SQLModel, table=True):
    """An organisation at one site; what it may receive depends on the site, not on a region's name."""

    __tablename__ = "organisation"

    id: str = Field(default_factory=new_id, primary_key=True)
    slug: str = Field(unique=True)
    name: str
    kind: OrganisationKind = Field(sa_type=EnumText(OrganisationKind))
    country: str
    nuts: str = Field(description="NUTS 2024 code of the site, level 3 where it is known")
    headcount: Decimal | None = Field(default=None, max_digits=9, decimal_places=2, description="annual work units")
    turnover: Decimal | None = Field(default=None, sa_type=Cents, description="EUR a year")
    balance_sheet: Decimal | None = Field(default=None, sa_type=Cents, description="EUR")
    size_class: SizeClass = Field(default=SizeClass.UNKNOWN, sa_type=EnumText(SizeClass))
    domains: list[str] = Field(default_factory=new_list, sa_type=Json, description="of its e-mail addresses")
    legal_name: str = Field(default="", description="as registered, where it is called otherwise")
    legal_form: str = ""
    address: str = Field(default="", description="of its registered office")
    registration_number: str = Field(default="", description="in the national register")
    vat_number: str = Field(default="", description="with the prefix of its country")
    pic: str = Field(default="", description="participant identification code of the Commission's portal")
    nace: str = Field(default="", description="its activity by NACE Rev. 2.1")
    illustrative: bool = Field(default=False, description="made up for a demonstration, wholly or in its figures")
    version: int = 1


Index("ix_organisation_by_name", by_text(Organisation.name), col(Organisation.id))


class Membership(SQLModel, table=True):
    """An organisation's place in a partnership."""

    __tablename__ = "membership"

    partnership_id: str = Field(foreign_key="partnership.id", primary_key=True)
    organisation_id: str = Field(foreign_key="organisation.id", primary_key=True)
    part: MembershipPart = Field(default=MembershipPart.MEMBER, sa_type=EnumText(MembershipPart))
    left_at: datetime | None = Field(default=None, sa_type=Instant, description="since when it is a member no more")
    left_because: str = ""


class Absence(SQLModel, table=True):
    """Days on which somebody is away: whoever was named to step in stands where that person stands."""

    __tablename__ = "absence"
    __table_args__ = (Index("ix_absence_by_day", "partnership_id", "last_day", "id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id")
    person_id: str = Field(foreign_key="person.id", index=True)
    first_day: date
    last_day: date
    version: int = 1


class Initiative(SQLModel, table=True):
    """A joint project beside the collaborations (COSME, Interreg ...), as the monitoring report lists them."""

    __tablename__ = "initiative"
    __table_args__ = (UniqueConstraint("partnership_id", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    name: str
    programme: str = ""
    lead: str = ""
    running: bool = True


class PartnershipEvent(SQLModel, table=True):
    """A meeting of the partnership, on a date that may be partial ("2020-03", "2020-mid") or at an exact time."""

    __tablename__ = "partnership_event"

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    name: str
    kind: EventKind = Field(sa_type=EnumText(EventKind))
    held_on: str = Field(description="a partial date in the storage form of states.partners.partial_dates")
    starts_at: datetime | None = Field(default=None, sa_type=Instant, description="none: only the date is known")
    ends_at: datetime | None = Field(default=None, sa_type=Instant)
    time_zone: str = Field(default="", description="IANA name; where the event has exact times, its clock")
    place: str = ""
    url: str = ""
    information: str = ""
    audience: list[str] = Field(default_factory=new_list, sa_type=Json, description="roles that are told; empty: all")
    announced_at: datetime | None = Field(default=None, sa_type=Instant, description="none: nobody was told of it")
    cancelled_at: datetime | None = Field(default=None, sa_type=Instant)
    cancel_reason: str = ""
    changed_at: datetime = Field(default_factory=now, sa_type=Instant)
    version: int = 1
    illustrative: bool = False

    @property
    def sequence(self) -> int:
        """How often it was changed since it was announced, as calendars count."""
        return self.version - 1


class Person(SQLModel, table=True):
    """Somebody who acts or is written to; `label` says who by role, so that lists need no names."""

    __tablename__ = "person"

    id: str = Field(default_factory=new_id, primary_key=True)
    label: str
    email: str = Field(unique=True)
    language: str = "en"
    time_zone: str = "Europe/Brussels"


class RoleGrant(SQLModel, table=True):
    """A role that a person holds in a partnership, for a region or an organisation where the role needs one."""

    __tablename__ = "role_grant"
    __table_args__ = (UniqueConstraint("person_id", "partnership_id", "role"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    role: Role = Field(sa_type=EnumText(Role))
    region_id: str | None = Field(default=None, foreign_key="region.id")
    organisation_id: str | None = Field(default=None, foreign_key="organisation.id")
    expertise: list[str] = Field(default_factory=new_list, sa_type=Json, description="what the person knows: keywords")
    since: datetime = Field(sa_type=Instant)
    until: datetime | None = Field(default=None, sa_type=Instant)
    unconfirmed: bool = Field(
        default=False, description="given by a manager: it signs for nobody until it is confirmed"
    )
    version: int = 1

    def actor(self, scopes: frozenset[TokenScope] = EVERY_SCOPE, *, dormant: bool = False) -> Actor:
        """Return its holder as somebody who acts, with what a token was made for; `dormant` where all is closed."""
        return Actor(
            self.role,
            self.partnership_id,
            person_id=self.person_id,
            region_id=self.region_id,
            organisation_id=self.organisation_id,
            scopes=scopes,
            dormant=dormant,
            unconfirmed=self.unconfirmed,
        )


class AccessToken(SQLModel, table=True):
    """A bearer token, kept as a digest only; it acts with the rights of one role grant."""

    __tablename__ = "access_token"

    id: str = Field(default_factory=new_id, primary_key=True)
    grant_id: str = Field(foreign_key="role_grant.id", index=True)
    digest: str = Field(unique=True)
    scopes: list[str] = Field(sa_type=Json, description="what it was made for: read, review, manage")
    label: str = ""
    created_at: datetime = Field(sa_type=Instant)
    expires_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
