"""Whether a consortium is one that an instrument pays, by the terms in the partnership's catalogue.

It looks at the partners as they are now, before there is a case or any money. Linked enterprises, shares of the cost
and the rates are looked at where a scenario is checked (`checks`).
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from states.collaborations.queries import PARTNERS, Partner, partners_of
from states.collaborations.tables import Collaboration, MemberPart
from states.errors import Refusal
from states.funding.case.gathering import partner_kind
from states.funding.case.instruments import Consortium, Whom
from states.funding.case.reader import cohesion_at
from states.funding.case.vocabulary import FOR_PROFIT
from states.funding.queries import CONSORTIA
from states.funding.rules.queries import shelf_of
from states.places.cohesion import CohesionTable
from states.storage import Readings
from states.texts import Text

READS = (PARTNERS, CONSORTIA)
_NUTS2_LENGTH = 4
_MANAGER = ("project_manager",)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an instrument of the catalogue asks of a consortium; `verified` says whether somebody read its call."""

    name: str
    consortium: Consortium
    verified: bool


@dataclass(frozen=True, slots=True)
class EligibilityFacts:
    """Who takes part, and what each instrument that has terms asks, by its short name.

    `on` decides the categories of regions, of which an office's `own` go first.
    """

    partners: Sequence[Partner]
    instruments: Mapping[str, Asked]
    on: date
    own: CohesionTable | None = None


def facts_of(read: Readings, row: Collaboration, *, on: date) -> EligibilityFacts:
    asked = {
        one.slug: Asked(
            one.name, Consortium.model_validate(one.terms.get("consortium", {})), one.verified_on is not None
        )
        for one in sorted(read.of(CONSORTIA, row.id), key=lambda one: one.slug)
        if one.terms
    }
    by_category = any(_asks_for_category(one.consortium) for one in asked.values())
    own = shelf_of(read, row.partnership_id).categories if by_category else None
    return EligibilityFacts(partners_of(read, row.id), asked, on, own)


def _asks_for_category(asked: Consortium) -> bool:
    whom = [seats.whom for seats in asked.seats] + ([asked.coordinator] if asked.coordinator else [])
    return any(one.cohesion for one in whom)


def consortium_eligible(facts: EligibilityFacts, *, instruments: list[str]) -> Refusal | None:
    """The consortium is one that at least one of these instruments pays, by their terms in the catalogue."""
    found = {slug: facts.instruments.get(slug) for slug in instruments}
    lacks = {slug: tuple(_lacks(facts, asked.consortium)) for slug, asked in found.items() if asked is not None}
    if any(not missing for missing in lacks.values()):
        return None
    said = tuple(_said(slug, asked, lacks.get(slug, ())) for slug, asked in found.items())
    return Refusal(
        "consortium_not_eligible", instruments=tuple(instruments), mend_by=_MANAGER, where="members", missing=said
    )


def _said(slug: str, asked: Asked | None, lacks: tuple[Text, ...]) -> Text:
    if asked is None:
        return Text("missing", "instrument_with_terms", instrument=slug)
    if asked.verified:
        return Text("missing", "for_instrument", name=asked.name, lacks=lacks)
    return Text("missing", "for_instrument_unverified", name=asked.name, lacks=lacks)


def _lacks(facts: EligibilityFacts, asked: Consortium) -> Iterator[Text]:
    partners = facts.partners
    regions, countries = {one.nuts[:_NUTS2_LENGTH] for one in partners}, {one.country for one in partners}
    if len(partners) < asked.entities:
        yield Text("missing", "more_partners", count=asked.entities - len(partners))
    if len(regions) < asked.regions:
        yield Text("missing", "more_regions", count=asked.regions - len(regions))
    if len(countries) < asked.countries:
        yield Text("missing", "more_countries", count=asked.countries - len(countries))
    if asked.most_entities is not None and len(partners) > asked.most_entities:
        yield Text("missing", "fewer_partners", count=len(partners) - asked.most_entities)
    leads = [one for one in partners if one.part is MemberPart.LEAD]
    if asked.coordinator is not None and not any(_fits(asked.coordinator, one, facts) for one in leads):
        yield Text("missing", "lead_as", asked=tuple(_described(asked.coordinator)))
    for seats in asked.seats:
        present = sum(_fits(seats.whom, one, facts) for one in partners)
        if present < seats.at_least:
            lacking = seats.at_least - present
            yield Text("missing", "partners_as", count=lacking, asked=tuple(_described(seats.whom)))


def _fits(whom: Whom, partner: Partner, facts: EligibilityFacts) -> bool:
    """Tell whether a partner is as described; what is not known of it does not fit."""
    kind = partner_kind(partner.kind)
    return (
        (not whom.kinds or kind in whom.kinds)
        and (whom.non_profit is None or (kind not in FOR_PROFIT) is whom.non_profit)
        and (not whom.countries or partner.country in whom.countries)
        and (not whom.territory or partner.nuts.startswith(whom.territory))
        and (not whom.sizes or partner.size_class in whom.sizes)
        and (not whom.cohesion or cohesion_at(partner.nuts, facts.on, own=facts.own) in whom.cohesion)
    )


def _described(whom: Whom) -> Iterator[Text]:
    if whom.non_profit is True:
        yield Text("missing", "whom_non_profit")
    if whom.non_profit is False:
        yield Text("missing", "whom_for_profit")
    if whom.kinds:
        yield Text("missing", "whom_kinds", values=_words(whom.kinds))
    if whom.sizes:
        yield Text("missing", "whom_sizes", values=_words(whom.sizes))
    if whom.cohesion:
        yield Text("missing", "whom_cohesion", values=_words(whom.cohesion))
    if places := (*whom.countries, *whom.territory):
        yield Text("missing", "whom_places", values=places)


def _words(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(value.replace("_", " ") for value in values)
