"""What counts beside what is offered and sought: each term is worth 0 to 1 to one card, and says why."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache

from states.matchmaking.suggestions.cards import Card, Line
from states.matchmaking.suggestions.filters import region
from states.matchmaking.suggestions.lookups import Trait
from states.places import cohesion
from states.places.cohesion import Category, CohesionTable

# Levels of readiness between offer and request beyond which they do not fit.
MOST_READINESS_GAP = 2
# What a wish or trait is worth that was not stated: neither for nor against.
UNSTATED = 0.5
# Another line of cooperation (a business offer for a technology request) is possible, but not what was meant.
OTHER_LINE = 0.5
# So is the kind of partner that was meant in another size, or in one that is not known.
OTHER_SIZE = 0.5


class TermName(StrEnum):
    """The terms of a score, in the order in which they are shown."""

    RELEVANCE = "relevance"
    COVERAGE = "coverage"
    LINE = "line"
    COOPERATION = "cooperation"
    PARTNER = "partner"
    READINESS = "readiness"
    LANGUAGE = "language"
    COHESION = "cohesion"
    MET = "met"


# The positive weights add up to one; having met is taken off. Ranks (relevance) tell who is nearest in this pool, the
# coverage beside them how near that is: alone, a rank would put a neighbouring competence beside the very one.
WEIGHTS = {
    TermName.RELEVANCE: 0.35,
    TermName.COVERAGE: 0.25,
    TermName.LINE: 0.05,
    TermName.COOPERATION: 0.09,
    TermName.PARTNER: 0.10,
    TermName.READINESS: 0.07,
    TermName.LANGUAGE: 0.04,
    TermName.COHESION: 0.05,
    TermName.MET: -0.15,
}


@dataclass(frozen=True, slots=True)
class Rule:
    """A term that depends on a few traits of two cards."""

    name: TermName
    trait: Trait


def rules(on: date, own: CohesionTable | None = None) -> tuple[Rule, ...]:
    """Give the terms that depend on traits alone; the cohesion category is that of the day (`own` goes first)."""

    @cache
    def category(site: str) -> Category | None:
        return cohesion.category(site, on=on, own=own)

    def mix(one: Card, other: Card) -> float:
        return _mix(category(one.nuts), category(other.nuts))

    return (
        Rule(TermName.LINE, Trait(_line, lambda card: card.line, lambda card: card.line)),
        Rule(TermName.COOPERATION, Trait(_cooperation, lambda card: card.cooperation, lambda card: card.cooperation)),
        Rule(
            TermName.PARTNER,
            Trait(_partner, lambda card: card.sought, lambda card: (card.kind, card.size)),
        ),
        Rule(TermName.READINESS, Trait(_readiness, lambda card: card.trl, lambda card: card.trl)),
        Rule(TermName.LANGUAGE, Trait(_language, lambda card: card.languages, lambda card: card.languages)),
        Rule(TermName.COHESION, Trait(mix, region, region)),
    )


def have_met(one: Card, other: Card) -> bool:
    """Say whether either card names the other's organisation as one met before."""
    return other.organisation in one.met or one.organisation in other.met


def _line(one: Card, other: Card) -> float:
    # Research requests look for technology: nobody publishes a research offer.
    meant = one.line is other.line or {one.line, other.line} == {Line.TECHNOLOGY, Line.RESEARCH}
    return 1.0 if meant else OTHER_LINE


def _cooperation(one: Card, other: Card) -> float:
    if not one.cooperation or not other.cooperation:
        return UNSTATED
    return len(one.cooperation & other.cooperation) / min(len(one.cooperation), len(other.cooperation))


def _partner(one: Card, other: Card) -> float:
    if not one.sought:
        return UNSTATED
    of_kind = [wish.size in (None, other.size) for wish in one.sought if wish.kind is other.kind]
    return max((1.0 if of_size else OTHER_SIZE for of_size in of_kind), default=0.0)


def _readiness(one: Card, other: Card) -> float:
    if one.trl is None or other.trl is None:
        return UNSTATED
    return max(0.0, 1 - abs(one.trl - other.trl) / (MOST_READINESS_GAP + 1))


def _language(one: Card, other: Card) -> float:
    if not one.languages or not other.languages:
        return UNSTATED
    return float(not one.languages.isdisjoint(other.languages))


def _mix(one: Category | None, other: Category | None) -> float:
    """A less developed or transition region beside one of another category opens instruments."""
    return float(one is not None and other is not None and one is not other)
