"""What may stand in a profile: its content, the faults of a field, and what is still missing before a check."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale

from states.errors import Fault
from states.matchmaking.profiles.tables import (
    OFFERS,
    Cooperation,
    Development,
    Ipr,
    OfferKind,
    PartnerType,
    Profile,
    ProfileType,
)
from states.matchmaking.suggestions.taxonomy import Taxonomy
from states.storage import fits_cents

# How much the fields of a partnering profile hold, as partnering databases of the field have it (domain.md 5.1).
LENGTHS = {
    "title": 200,
    "summary": 500,
    "description": 4000,
    "advantages": 2000,
    "expertise_sought": 2000,
    "ipr_note": 1000,
    "partner_role": 2000,
    "call_programme": 200,
    "call_reference": 200,
    "call_scheme": 200,
    "acronym": 60,
}
_OF_RESEARCH = (
    "call_programme",
    "call_reference",
    "call_scheme",
    "call_closes_on",
    "coordinator_wanted",
    "budget",
    "interest_until",
    "duration_weeks",
    "acronym",
)
_TRL = range(1, 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileContent:
    """What an author writes; field for field what the row `Profile` keeps.

    Countries are ISO 3166-1 alpha-2, languages ISO 639-1, keywords codes of the taxonomy, the budget EUR.
    """

    type: ProfileType
    title: str
    offer_kind: OfferKind | None = None
    summary: str = ""
    description: str = ""
    advantages: str = ""
    expertise_sought: str = ""
    development: Development | None = None
    trl: int | None = None
    ipr: Ipr | None = None
    ipr_note: str = ""
    partner_role: str = ""
    partner_types: Sequence[PartnerType] = ()
    cooperation: Sequence[Cooperation] = ()
    keywords: Sequence[str] = ()
    countries: Sequence[str] = ()
    languages: Sequence[str] = ()
    text_language: str = "en"
    call_programme: str = ""
    call_reference: str = ""
    call_scheme: str = ""
    call_closes_on: date | None = None
    coordinator_wanted: bool | None = None
    budget: Decimal | None = None
    interest_until: date | None = None
    duration_weeks: int | None = None
    acronym: str = ""


NAMES = tuple(field.name for field in fields(ProfileContent))


def write_content(row: Profile, content: ProfileContent, *, tree: Taxonomy) -> None:
    """Put content that has no faults into the row; lists keep their order and lose their repeats."""
    for name in NAMES:
        value = getattr(content, name)
        if isinstance(value, str):
            value = type(value)(value.strip())
        elif isinstance(value, Sequence):
            value = list(dict.fromkeys(str(one) for one in value))
        setattr(row, name, value)
    row.taxonomy_version = tree.version


def content_faults(content: ProfileContent, *, tree: Taxonomy) -> list[Fault]:
    """Return every field that cannot be kept so; a field that is still empty is no fault in a draft."""
    return [*_text_faults(content), *_list_faults(content, tree), *_figure_faults(content)]


def missing_before_check(row: Profile) -> list[str]:
    """Return the fields that a profile needs before its quality is checked, in the order of the form."""
    wanted = ["title", "summary", "description", "development", "ipr", "partner_role", "partner_types", "cooperation"]
    wanted += ["keywords", "languages"]
    if row.type in OFFERS:
        wanted += ["advantages", "offer_kind"]
    else:
        wanted.append("expertise_sought")
    if row.type is ProfileType.RESEARCH_REQUEST:
        wanted.remove("ipr")
        wanted.remove("development")
        wanted += ["call_programme", "interest_until"]
    return [name for name in wanted if not getattr(row, name)]


def _text_faults(content: ProfileContent) -> Iterator[Fault]:
    if not content.title.strip():
        yield Fault("title", "blank", remedy="give_it")
    for name, most in LENGTHS.items():
        length = len(getattr(content, name).strip())
        if length > most:
            yield Fault(name, "too_many_characters", remedy="at_most", length=length, most=most)


def _list_faults(content: ProfileContent, tree: Taxonomy) -> Iterator[Fault]:
    for place, code in enumerate(content.keywords, start=1):
        if code not in tree.nodes:
            yield Fault(
                f"keywords[{place}]",
                "no_code_taxonomy",
                remedy="take_one_from_version",
                code=code,
                taxonomy=tree.version,
            )
    for place, code in enumerate(content.countries, start=1):
        if code not in _territories():
            yield Fault(f"countries[{place}]", "country_unknown", remedy="iso_3166_1_alpha_2_in_capitals", code=code)
    for place, code in enumerate(content.languages, start=1):
        if code not in _languages():
            yield Fault(f"languages[{place}]", "language_unknown", remedy="iso_639_1_in_small_letters_pl", code=code)
    if content.text_language not in _languages():
        yield Fault(
            "text_language", "language_unknown", remedy="iso_639_1_in_small_letters_pl", code=content.text_language
        )


def _figure_faults(content: ProfileContent) -> Iterator[Fault]:
    if content.offer_kind is not None and content.type not in OFFERS:
        yield Fault("offer_kind", "request_offers_nothing", remedy="leave_out_or_make_offer")
    if content.trl is not None and content.trl not in _TRL:
        yield Fault("trl", "no_readiness_level", remedy="one_to_nine", trl=content.trl)
    if content.budget is not None and not (content.budget >= 0 and fits_cents(content.budget)):
        yield Fault("budget", "amount_unfit", remedy="zero_or_more_two_decimals", amount=content.budget)
    if content.duration_weeks is not None and content.duration_weeks < 1:
        yield Fault("duration_weeks", "no_duration", remedy="one_or_more", duration_weeks=content.duration_weeks)
    if content.type is not ProfileType.RESEARCH_REQUEST:
        for name in _OF_RESEARCH:
            if getattr(content, name) not in ("", None):
                yield Fault(name, "belongs_research_requests_only", remedy="leave_out_or_make_research_request")
    if content.call_closes_on and content.interest_until and content.interest_until > content.call_closes_on:
        yield Fault("interest_until", "after_call_closes", remedy="earlier_day")


# What the list of territories holds beside countries: unions, the whole world, pseudo-locales.
_NO_COUNTRIES = {"EU", "EZ", "QO", "UN", "XA", "XB", "ZZ"}


@lru_cache(maxsize=1)
def _territories() -> frozenset[str]:
    return _of_two_letters(Locale("en").territories) - _NO_COUNTRIES


@lru_cache(maxsize=1)
def _languages() -> frozenset[str]:
    return _of_two_letters(Locale("en").languages)


def _of_two_letters(codes: Iterable[object]) -> frozenset[str]:
    return frozenset(code for code in codes if isinstance(code, str) and len(code) == 2 and code.isalpha())
