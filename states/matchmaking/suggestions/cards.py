"""What matching looks at: an offer or a request of an organisation, as plain values."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from states.errors import Fault, Invalid
from states.matchmaking.suggestions.taxonomy import Taxonomy, taxonomy
from states.partners.tables import OrganisationKind, SizeClass
from states.places import nuts

HIGHEST_READINESS = 9


class Side(StrEnum):
    """Whoever pays requests, whoever receives offers."""

    OFFER = "offer"
    REQUEST = "request"


class Line(StrEnum):
    """What the cooperation is about."""

    BUSINESS = "business"
    TECHNOLOGY = "technology"
    RESEARCH = "research"


class CardsInvalid(Invalid):
    """The offers and requests cannot be matched so."""

    code = "cards_invalid"


@dataclass(frozen=True, slots=True)
class Sought:
    """A kind of organisation that would be welcome, of one size where that matters."""

    kind: OrganisationKind
    size: SizeClass | None = None


@dataclass(frozen=True, slots=True, order=True)
class Ally:
    """A partner that an organisation has already, at its site."""

    organisation: str
    nuts: str


@dataclass(frozen=True, slots=True)
class Card:
    """An offer or a request. Empty sets and None mean "not stated".

    `nuts` is the site (NUTS 2024), `keywords` are codes of the taxonomy, `texts` stand by language (ISO 639-1), `trl`
    is the readiness that is offered or sought (1-9). `sought` are partners of which any one would do; a wish for
    countries (ISO alpha-2) binds, the other wishes count. `avoids` are organisations with a declared conflict or
    competition, `met` those that were met before. `slots` are the free ones at an event; None outside of events.
    """

    id: str
    organisation: str
    side: Side
    line: Line
    nuts: str
    kind: OrganisationKind
    size: SizeClass = SizeClass.UNKNOWN
    keywords: frozenset[str] = frozenset()
    texts: Mapping[str, str] = field(default_factory=dict, hash=False)
    cooperation: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    trl: int | None = None
    sought: frozenset[Sought] = frozenset()
    countries_sought: frozenset[str] = frozenset()
    avoids: frozenset[str] = frozenset()
    met: frozenset[str] = frozenset()
    allies: frozenset[Ally] = frozenset()
    slots: frozenset[int] | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    tree: Taxonomy = field(default_factory=taxonomy, hash=False, repr=False)

    @property
    def country(self) -> str:
        """Give the country of the site, ISO alpha-2."""
        return nuts.country(self.nuts)


def need_sound(cards: Sequence[Card]) -> None:
    """Raise `CardsInvalid` with every fault: ids twice, unknown keywords and sites, readiness out of range."""
    seen: set[str] = set()
    faults = []
    for card in cards:
        if card.id in seen:
            faults.append(Fault(card.id, "stands_twice", remedy="give_each_card_id_own"))
        seen.add(card.id)
        faults.extend(_faults(card))
    if faults:
        raise CardsInvalid(faults=faults)


def _faults(card: Card) -> Iterator[Fault]:
    for code in sorted(card.keywords - card.tree.nodes.keys()):
        yield Fault(
            f"{card.id}.keywords",
            "not_in_taxonomy",
            remedy="choose_from_taxonomy",
            code=code,
            taxonomy=card.tree.version,
        )
    for site in (card.nuts, *sorted(ally.nuts for ally in card.allies)):
        if site not in nuts.units():
            yield Fault(f"{card.id}.nuts", "site_no_nuts_code", remedy="give_code_site", site=site)
    if card.trl is not None and not 1 <= card.trl <= HIGHEST_READINESS:
        yield Fault(f"{card.id}.trl", "no_readiness_level", remedy="give_1_9_or_leave_out", trl=card.trl)
