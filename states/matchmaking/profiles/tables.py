"""Rows of partnering profiles: what is offered or wanted, its quality checks, and who is interested."""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from sqlmodel import Field, Index, SQLModel, UniqueConstraint, col

from states.storage import Cents, EnumText, Instant, Json, new_id, new_list
from states.storage.text_order import by_text


class ProfileType(StrEnum):
    """Who pays is the request, who is paid the offer; a research request looks for members of a proposal."""

    BUSINESS_OFFER = "business_offer"
    BUSINESS_REQUEST = "business_request"
    TECHNOLOGY_OFFER = "technology_offer"
    TECHNOLOGY_REQUEST = "technology_request"
    RESEARCH_REQUEST = "research_request"


OFFERS = frozenset({ProfileType.BUSINESS_OFFER, ProfileType.TECHNOLOGY_OFFER})


class OfferKind(StrEnum):
    """What an offer consists of; technology centres publish services and infrastructure."""

    PRODUCT = "product"
    TECHNOLOGY = "technology"
    SERVICE = "service"
    INFRASTRUCTURE = "infrastructure"


class Development(StrEnum):
    """How far what is offered has come."""

    CONCEPT = "concept"
    UNDER_DEVELOPMENT = "under_development"
    LAB_TESTED = "lab_tested"
    AVAILABLE_FOR_DEMONSTRATION = "available_for_demonstration"
    ON_THE_MARKET = "on_the_market"


class Ipr(StrEnum):
    """How the intellectual property is protected."""

    SECRET_KNOW_HOW = "secret_know_how"
    PATENT_APPLIED = "patent_applied"
    PATENT_GRANTED = "patent_granted"
    COPYRIGHT = "copyright"
    TRADEMARK = "trademark"
    DESIGN = "design"
    EXCLUSIVE_RIGHTS = "exclusive_rights"
    NO_IPR = "no_ipr"
    OTHER = "other"


class PartnerType(StrEnum):
    """What kind and size of partner is sought; a small one has up to 10, 49 or 249 people."""

    SME_UP_TO_10 = "sme_up_to_10"
    SME_11_TO_49 = "sme_11_to_49"
    SME_50_TO_249 = "sme_50_to_249"
    LARGE = "large"
    UNIVERSITY = "university"
    RESEARCH_INSTITUTION = "research_institution"
    OTHER = "other"


class Cooperation(StrEnum):
    """What kind of agreement is sought."""

    COMMERCIAL = "commercial"
    COMMERCIAL_WITH_ASSISTANCE = "commercial_with_assistance"
    SUPPLY = "supply"
    OUTSOURCING = "outsourcing"
    INVESTMENT = "investment"
    RESEARCH = "research"


class ProfileState(StrEnum):
    DRAFT = "draft"
    IN_REVIEW = "in_review"
    PUBLISHED = "published"
    ON_HOLD = "on_hold"
    REJECTED = "rejected"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"


class Profile(SQLModel, table=True):
    """What an organisation offers or wants; in force from its publication for a year, and renewable."""

    __tablename__ = "profile"
    __table_args__ = (UniqueConstraint("partnership_id", "reference"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    organisation_id: str = Field(foreign_key="organisation.id", index=True)
    author_person_id: str | None = Field(default=None, foreign_key="person.id", description="told to whom is accepted")
    reference: str = Field(description="type, country and date of drafting, then a number: TODE20260301001")
    type: ProfileType = Field(sa_type=EnumText(ProfileType))
    offer_kind: OfferKind | None = Field(default=None, sa_type=EnumText(OfferKind))
    title: str
    summary: str = ""
    description: str = ""
    advantages: str = ""
    expertise_sought: str = ""
    development: Development | None = Field(default=None, sa_type=EnumText(Development))
    trl: int | None = Field(default=None, description="technology readiness level, 1 to 9")
    ipr: Ipr | None = Field(default=None, sa_type=EnumText(Ipr))
    ipr_note: str = ""
    partner_role: str = ""
    partner_types: list[str] = Field(default_factory=new_list, sa_type=Json)
    cooperation: list[str] = Field(default_factory=new_list, sa_type=Json)
    keywords: list[str] = Field(default_factory=new_list, sa_type=Json, description="codes of the taxonomy")
    taxonomy_version: str = Field(default="", description="in which the keywords stand")
    countries: list[str] = Field(default_factory=new_list, sa_type=Json, description="wanted; ISO alpha-2; empty: any")
    languages: list[str] = Field(default_factory=new_list, sa_type=Json, description="spoken; ISO 639-1")
    text_language: str = Field(default="en", description="of the free texts; ISO 639-1")
    call_programme: str = ""
    call_reference: str = ""
    call_scheme: str = ""
    call_closes_on: date | None = None
    coordinator_wanted: bool | None = None
    budget: Decimal | None = Field(default=None, sa_type=Cents, description="EUR of the whole proposal")
    interest_until: date | None = Field(default=None, description="last day for expressions of interest")
    duration_weeks: int | None = None
    acronym: str = ""
    state: ProfileState = Field(default=ProfileState.DRAFT, sa_type=EnumText(ProfileState), index=True)
    valid_from: date | None = None
    valid_until: date | None = None
    created_at: datetime = Field(sa_type=Instant)
    illustrative: bool = False
    version: int = 1


Index("ix_profile_by_reference", col(Profile.partnership_id), by_text(Profile.reference), col(Profile.id))


class ProfileCheck(SQLModel, table=True):
    """One quality check of a profile: four categories from 0 to 5, a comment, and what followed."""

    __tablename__ = "profile_check"

    id: str = Field(default_factory=new_id, primary_key=True)
    profile_id: str = Field(foreign_key="profile.id", index=True)
    person_id: str = Field(foreign_key="person.id")
    innovation: int
    clarity: int
    expectations: int
    guidelines: int
    comment: str = ""
    grade: str
    outcome: ProfileState = Field(sa_type=EnumText(ProfileState))
    at: datetime = Field(sa_type=Instant)


class InterestState(StrEnum):
    """`waiting` for the host's answer, or, after `need_information`, for the sender's."""

    WAITING = "waiting"
    NEED_INFORMATION = "need_information"
    INTERESTED = "interested"
    NOT_INTERESTED = "not_interested"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Interest(SQLModel, table=True):
    """An expression of interest in a profile; who is behind either side is told only once the host agrees."""

    __tablename__ = "interest"
    __table_args__ = (Index("ix_interest_by_sending", "partnership_id", "sent_at", "id"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    profile_id: str = Field(foreign_key="profile.id", index=True)
    sender_id: str = Field(foreign_key="organisation.id", index=True)
    sender_person_id: str = Field(foreign_key="person.id")
    host_id: str = Field(foreign_key="organisation.id", index=True)
    message: str
    role_proposed: str
    evidence: str = ""
    question: str = Field(default="", description="what the host wants to know")
    information: str = Field(default="", description="what the sender answered")
    reason: str = Field(default="", description="why not, or why withdrawn")
    state: InterestState = Field(default=InterestState.WAITING, sa_type=EnumText(InterestState))
    sent_at: datetime = Field(sa_type=Instant)
    answer_due_on: date
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    answered_by_person_id: str | None = Field(default=None, foreign_key="person.id")
    contact_id: str | None = Field(default=None, foreign_key="contact.id", description="made when the host agrees")
    illustrative: bool = False
    version: int = 1
