"""What the routes of profiles and expressions of interest read and answer."""

from datetime import date, datetime
from typing import Annotated

from pydantic import Field

from api.http.examples import example
from api.http.schemas import Input, Line, Money, Output, Prose, Slug
from states.matchmaking.profiles.content import NAMES, ProfileContent
from states.matchmaking.profiles.tables import (
    Cooperation,
    Development,
    InterestState,
    Ipr,
    OfferKind,
    PartnerType,
    ProfileState,
    ProfileType,
)

Codes = Annotated[list[Slug], Field(max_length=60)]
Score = Annotated[int, Field(ge=0, le=5)]


class ProfileIn(Input):
    """A profile as its author writes it; how much a field holds is checked with the rest, all faults at once."""

    model_config = example(
        type="technology_offer",
        title="Coating for hip stems",
        summary="A coating that lets bone grow in.",
        keywords=["BI.IMP.DEN"],
        partner_types=["sme_50_to_249"],
    )

    type: ProfileType
    title: Line
    offer_kind: OfferKind | None = Field(default=None, description="of offers")
    summary: Prose = Field(default="", description="at most 500 characters")
    description: Prose = Field(default="", description="at most 4000 characters")
    advantages: Prose = Field(default="", description="at most 2000 characters")
    expertise_sought: Prose = Field(default="", description="of requests; at most 2000 characters")
    development: Development | None = None
    trl: int | None = Field(default=None, description="technology readiness level, 1 to 9")
    ipr: Ipr | None = None
    ipr_note: Prose = ""
    partner_role: Prose = ""
    partner_types: list[PartnerType] = Field(default=[], max_length=20)
    cooperation: list[Cooperation] = Field(default=[], max_length=20)
    keywords: Codes = Field(default=[], description="codes of the taxonomy")
    countries: Codes = Field(default=[], description="wanted, ISO 3166-1 alpha-2; none: any")
    languages: Codes = Field(default=[], description="spoken, ISO 639-1")
    text_language: Slug = Field(default="en", description="of the texts, ISO 639-1")
    call_programme: Prose = Field(default="", description="this and what follows: of research requests only")
    call_reference: Prose = ""
    call_scheme: Prose = ""
    call_closes_on: date | None = None
    coordinator_wanted: bool | None = None
    budget: Money | None = Field(default=None, description="EUR of the whole proposal")
    interest_until: date | None = None
    duration_weeks: int | None = Field(default=None, le=10_000)
    acronym: Prose = ""

    def content(self) -> ProfileContent:
        """Return it as the domain takes it."""
        return ProfileContent(**{name: getattr(self, name) for name in NAMES})


class ProfileDraftIn(ProfileIn):
    model_config = example(
        type="technology_offer",
        title="Coating for hip stems",
        summary="A coating that lets bone grow in.",
        keywords=["BI.IMP.DEN"],
        partner_types=["sme_50_to_249"],
        organisation="medtech-gliwice",
    )

    organisation: Slug | None = Field(default=None, description="a partner's own, unless a manager drafts for another")
    illustrative: bool = False


class ProfileOut(Output):
    id: str
    reference: str
    organisation: str
    organisation_name: str
    country: str
    nuts: str
    type: ProfileType
    offer_kind: OfferKind | None
    title: str
    summary: str
    description: str
    advantages: str
    expertise_sought: str
    development: Development | None
    trl: int | None
    ipr: Ipr | None
    ipr_note: str
    partner_role: str
    partner_types: list[PartnerType]
    cooperation: list[Cooperation]
    keywords: list[str]
    taxonomy_version: str
    countries: list[str]
    languages: list[str]
    text_language: str
    call_programme: str
    call_reference: str
    call_scheme: str
    call_closes_on: date | None
    coordinator_wanted: bool | None
    budget: Money | None
    interest_until: date | None
    duration_weeks: int | None
    acronym: str
    state: ProfileState
    valid_from: date | None
    valid_until: date | None
    created_at: datetime
    illustrative: bool
    version: int


class CheckIn(Input):
    """Four categories; 17 to 20 together are excellent, 15 and 16 good, 10 to 14 sufficient, 5 to 9 put the profile
    on hold, less rejects it, and a single 0 keeps it from publication."""

    model_config = example(
        innovation=4, clarity=4, expectations=3, guidelines=5, comment="Clear, and new in its field."
    )

    innovation: Score = Field(description="advantages and innovation")
    clarity: Score = Field(description="clarity and coherence")
    expectations: Score = Field(description="what is expected of the cooperation")
    guidelines: Score = Field(description="guidelines and language")
    comment: Prose = Field(default="", description="at most 2000 characters")


class CheckOut(Output):
    id: str
    innovation: int
    clarity: int
    expectations: int
    guidelines: int
    comment: str
    grade: str
    outcome: ProfileState
    at: datetime


class InterestIn(Input):
    model_config = example(
        message="We make hip stems and look for a coating.", role_proposed="Tests", organisation="medtech-katowice"
    )

    message: Prose
    role_proposed: Prose
    evidence: Prose = ""
    organisation: Slug | None = Field(default=None, description="who is interested; a partner's own")


class InterestOut(Output):
    id: str
    profile: str = Field(description="the profile's reference")
    profile_id: str
    sender: str
    host: str
    message: str
    role_proposed: str
    evidence: str
    question: str
    information: str
    reason: str
    state: InterestState
    sent_at: datetime
    answer_due_on: date
    answered_at: datetime | None
    contact_id: str | None
    illustrative: bool
    version: int


class InterestAnswerIn(Input):
    model_config = example(answer="need_information", text="How many pieces a year?")

    answer: InterestState = Field(description="interested, need_information or not_interested")
    text: Prose = Field(default="", description="the question, or the reason why not")


class InformationIn(Input):
    model_config = example(information="Two thousand a year from 2028 on.")

    information: Prose


class ProfileReasonIn(Input):
    model_config = example(reason="The offer is taken.")

    reason: Prose = ""


class ContactDetailsOut(Output):
    organisation: str
    person: str = Field(description="who, by role")
    email: str
    language: str
