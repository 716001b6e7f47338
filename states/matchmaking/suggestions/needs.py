"""What a refusal asks of a partner, and what an organisation brings towards it: minimums met, and met with one more."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import cast

from states.errors import Refusal
from states.matchmaking.suggestions.filters import NUTS2_LENGTH
from states.matchmaking.suggestions.taxonomy import Taxonomy, taxonomy
from states.partners.tables import OrganisationKind, SizeClass
from states.places import cohesion, nuts
from states.places.cohesion import Category, CohesionTable

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")


@dataclass(frozen=True, slots=True)
class Minimums:
    """The least consortium that an instrument admits: numbers of entities, NUTS 2 regions and countries, categories.

    `categories` asks for at least one site in a region of one of them; with `outermost` an outermost region will do
    too. `source` says where the numbers were read, `verified` whether they were checked against the call. `besides` is
    what the instrument asks for and these numbers do not say, in words; `own` are an office's categories of regions.
    """

    instrument: str
    title: str
    entities: int = 1
    regions: int = 1
    countries: int = 1
    categories: frozenset[Category] = frozenset()
    outermost: bool = False
    source: str = ""
    verified: bool = False
    besides: tuple[str, ...] = ()
    own: CohesionTable | None = field(default=None, compare=False, repr=False)

    @property
    def caveats(self) -> tuple[str, ...]:
        """Say on what an answer from these numbers rests that nobody has verified."""
        return (*(() if self.verified else ("minimums not verified",)), *self.besides)


@dataclass(frozen=True, slots=True)
class Gain:
    """What one more partner brings towards an instrument: it opens it, or leaves `still` to be found.

    `caveats` name what this rests on and nobody has verified.
    """

    instrument: str
    title: str
    opens: bool
    adds: tuple[str, ...]
    still: tuple[str, ...]
    caveats: tuple[str, ...]

    def __str__(self) -> str:
        how = f"would open {self.title}" if self.opens else f"would bring {self.title} nearer"
        rest = "" if self.opens else f"; still missing: {', '.join(self.still)}"
        return f"{how}: {', '.join(self.adds)}{rest}" + (f" ({', '.join(self.caveats)})" if self.caveats else "")


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a thing there are and must be at least."""

    noun: str
    plural: str
    present: int
    least: int

    @property
    def lacking(self) -> int:
        """Say how many are missing."""
        return max(0, self.least - self.present)


def counts(minimums: Minimums, sites: Sequence[str]) -> tuple[Count, ...]:
    """Count entities, regions and countries at the sites (NUTS 2024, one for each entity) against the minimums."""
    return (
        Count("partner", "partners", len(sites), minimums.entities),
        Count("region", "regions", len({site[:4] for site in sites}), minimums.regions),
        Count("country", "countries", len({nuts.country(site) for site in sites}), minimums.countries),
    )


def has_category(minimums: Minimums, sites: Sequence[str], *, on: date) -> bool:
    """Say whether a site lies in a region as the instrument asks for; true where it asks for none."""
    return not minimums.categories or any(
        cohesion.category(site, on=on, own=minimums.own) in minimums.categories
        or (minimums.outermost and cohesion.is_outermost(site, own=minimums.own))
        for site in sites
    )


def wanted_category(minimums: Minimums) -> str:
    """Name the category of region that an instrument asks for."""
    names = [category.value.replace("_", " ") for category in Category if category in minimums.categories]
    return f"a {' or '.join([*names, *(['outermost'] if minimums.outermost else [])])} region"


def missing(minimums: Minimums, sites: Sequence[str], *, on: date) -> tuple[str, ...]:
    """Say all that the consortium at these sites lacks for an instrument, in words."""
    lacking = [
        f"{one.lacking} more {one.noun if one.lacking == 1 else one.plural}"
        for one in counts(minimums, sites)
        if one.lacking
    ]
    return (*lacking, *(() if has_category(minimums, sites, on=on) else (wanted_category(minimums),)))


def gain(minimums: Minimums, sites: Sequence[str], joining: str, *, on: date) -> Gain | None:
    """Say what a partner at a site brings to those present; None where it brings the instrument no nearer."""
    after = (*sites, joining)
    adds = [
        f"{_ordinal(new.present)} {new.noun}"
        for old, new in zip(counts(minimums, sites), counts(minimums, after), strict=True)
        if old.lacking > new.lacking
    ]
    caveats = [*minimums.caveats]
    if not has_category(minimums, sites, on=on) and has_category(minimums, after, on=on):
        adds.append(wanted_category(minimums))
        found = cohesion.classification(joining, on=on, own=minimums.own)
        if found and not found.verified:
            caveats.append(f"category of {found.nuts2} not verified")
    if not adds:
        return None
    still = missing(minimums, after, on=on)
    return Gain(minimums.instrument, minimums.title, not still, tuple(adds), still, tuple(caveats))


def _ordinal(number: int) -> str:
    return _ORDINALS[number - 1] if number <= len(_ORDINALS) else f"{number}th"


# From this credit on (a child or parent at the third level) a neighbouring competence will do.
ENOUGH_CREDIT = 0.5
OUTERMOST = "outermost"


class Dimension(StrEnum):
    """In what a partner has to differ from those present, or what it has to be."""

    PARTNER = "partner"
    REGION = "region"
    COUNTRY = "country"
    CATEGORY = "category"
    KIND = "kind"
    SIZE = "size"
    COMPETENCE = "competence"


# What a refusal asks of a partner, by its code; no partner mends any other refusal.
ASKS = {
    "too_few_organisations": Dimension.PARTNER,
    "not_interregional": Dimension.REGION,
    "min_partners": Dimension.PARTNER,
    "min_regions": Dimension.REGION,
    "min_countries": Dimension.COUNTRY,
    "min_category": Dimension.CATEGORY,
    "category_missing": Dimension.CATEGORY,
    "kind_missing": Dimension.KIND,
    "size_missing": Dimension.SIZE,
    "competence_missing": Dimension.COMPETENCE,
}
_COUNTED = (Dimension.PARTNER, Dimension.REGION, Dimension.COUNTRY)


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation at its site (NUTS 2024), with what it can do as codes of the taxonomy, and whom it avoids.

    `own` are the categories of regions of the office that asks.
    """

    organisation: str
    nuts: str
    kind: OrganisationKind
    size: SizeClass = SizeClass.UNKNOWN
    keywords: frozenset[str] = frozenset()
    avoids: frozenset[str] = frozenset()
    tree: Taxonomy = field(default_factory=taxonomy, hash=False, repr=False)
    own: CohesionTable | None = field(default=None, compare=False, repr=False)

    @property
    def country(self) -> str:
        """Give the country of the site, ISO alpha-2."""
        return nuts.country(self.nuts)


@dataclass(frozen=True, slots=True)
class Need:
    """What a refusal asks for: `lacking` values of a dimension, others than those present or out of those wanted."""

    refusal: Refusal
    dimension: Dimension
    lacking: int
    present: frozenset[str] = frozenset()
    wanted: frozenset[str] = frozenset()
    tree: Taxonomy = field(default_factory=taxonomy, hash=False, repr=False)

    def __str__(self) -> str:
        number = f"{self.lacking} partners" if self.lacking > 1 else "a partner"
        match self.dimension:
            case Dimension.PARTNER:
                return f"{self.lacking} more partners" if self.lacking > 1 else "one more partner"
            case Dimension.REGION:
                return f"{number} outside {_places(self.present)}"
            case Dimension.COUNTRY:
                return f"{number} from other countries than {' and '.join(sorted(self.present)) or 'none'}"
            case Dimension.COMPETENCE:
                return f"competence in {' and '.join(self.tree.label(code) for code in sorted(self.wanted))}"
            case Dimension.CATEGORY:
                return f"a partner in a {_choice(self.wanted)} region"
            case _:
                return f"a partner that is {_choice(self.wanted)}"


def need_of(refusal: Refusal, members: Sequence[Party], *, tree: Taxonomy | None = None) -> Need | None:
    """Say what a refusal asks of a partner, in view of those present; None where no partner can mend it.

    Its parameters say how many are `lacking`; for a category, kind, size or competence they list the values that are
    `wanted`, of which one will do, but of competences each is needed.
    """
    dimension = ASKS.get(refusal.code)
    if dimension is None:
        return None
    if dimension not in _COUNTED:
        wanted = frozenset(cast(tuple[str, ...], refusal.parameters["wanted"]))
        lacking = len(wanted) if dimension is Dimension.COMPETENCE else 1
        return Need(refusal, dimension, lacking, wanted=wanted, tree=tree or taxonomy())
    present = frozenset(value for member in members for value in _counted(dimension, member))
    return Need(refusal, dimension, cast(int, refusal.parameters["lacking"]), present=present)


def _counted(dimension: Dimension, party: Party) -> frozenset[str]:
    values = {
        Dimension.PARTNER: party.organisation,
        Dimension.REGION: party.nuts[:NUTS2_LENGTH],
        Dimension.COUNTRY: party.country,
    }
    return frozenset([values[dimension]])


def brought(need: Need, party: Party, *, on: date) -> frozenset[str]:
    """Give the values that a party brings towards a need."""
    match need.dimension:
        case Dimension.CATEGORY:
            category = cohesion.category(party.nuts, on=on, own=party.own)
            outermost = {OUTERMOST} if cohesion.is_outermost(party.nuts, own=party.own) else set()
            return need.wanted & (outermost | ({category.value} if category else set()))
        case Dimension.KIND:
            return need.wanted & {party.kind.value}
        case Dimension.SIZE:
            return need.wanted & {party.size.value}
        case Dimension.COMPETENCE:
            return frozenset(
                code
                for code in need.wanted
                if any(need.tree.credits[code, known] >= ENOUGH_CREDIT for known in party.keywords)
            )
        case _:
            return _counted(need.dimension, party) - need.present


def remaining(need: Need, joined: Sequence[Party], *, on: date) -> int:
    """Say how much of a need is left when some have joined: 0 when it is met."""
    return max(0, need.lacking - len({value for party in joined for value in brought(need, party, on=on)}))


def reason(need: Need, party: Party, *, on: date) -> str:
    """Say in words what a party brings towards a need."""
    values = brought(need, party, on=on)
    match need.dimension:
        case Dimension.PARTNER:
            return "is not a partner yet"
        case Dimension.REGION:
            return f"its site lies in {_places(values)}"
        case Dimension.COUNTRY:
            return f"its site lies in {' and '.join(sorted(values))}"
        case Dimension.CATEGORY:
            found = cohesion.classification(party.nuts, on=on, own=party.own)
            doubt = " (not verified)" if found and not found.verified else ""
            return f"its site lies in a region that is {_choice(values)}{doubt}"
        case Dimension.COMPETENCE:
            return f"knows, or comes near, {' and '.join(need.tree.label(code) for code in sorted(values))}"
        case _:
            return f"is {_choice(values)}"


def _places(codes: frozenset[str]) -> str:
    return " and ".join(f"{code} ({nuts.unit(code).name})" for code in sorted(codes)) or "nowhere"


def _choice(values: frozenset[str]) -> str:
    return " or ".join(value.replace("_", " ") for value in sorted(values))
