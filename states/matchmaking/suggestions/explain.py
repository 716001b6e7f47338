"""Why a card was suggested: its terms with weights and contributions, the nodes and words, what is missing or added."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from states.matchmaking.suggestions.cards import Card
from states.matchmaking.suggestions.lookups import Covered, coverage, covered
from states.matchmaking.suggestions.match_terms import MOST_READINESS_GAP, WEIGHTS, Rule, TermName, have_met, rules
from states.matchmaking.suggestions.needs import Gain, Minimums, gain
from states.matchmaking.suggestions.view import Relevance, View
from states.matchmaking.suggestions.words import Lexicon, Shared, shared_words
from states.partners.tables import SizeClass
from states.places.cohesion import CohesionTable

# A suggestion as it was ranked: its column in the viewer's view, its score, and the factor that spread it.
Pick = tuple[int, float, float]


@dataclass(frozen=True, slots=True)
class Term:
    """A term of a score: its value 0 to 1, its weight, and value times weight."""

    name: TermName
    value: float
    weight: float

    @property
    def contribution(self) -> float:
        return self.value * self.weight


@dataclass(frozen=True, slots=True)
class Sight:
    """What one card sees in the other: the score with its terms, and which of its own keywords are met how far.

    `topic` and `text` are what the ranks by taxonomy and by text are worth (1 for the first of the list, 0 for none).
    """

    score: float
    terms: tuple[Term, ...]
    nodes: tuple[Covered, ...]
    topic: float
    text: float


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A card worth meeting: the score that ranked it, what either side sees, and what to know before asking."""

    other: Card
    rank: int
    score: float
    spread: float
    own: Sight
    theirs: Sight
    words: tuple[Shared, ...]
    lacking: tuple[str, ...]
    gains: tuple[Gain, ...]


def explained(
    card: Card,
    picks: Sequence[Pick],
    view: View,
    back: View,
    *,
    lexicons: Sequence[Lexicon],
    instruments: Sequence[Minimums],
    on: date,
    own: CohesionTable | None = None,
    first: int = 1,
) -> tuple[Suggestion, ...]:
    """Explain picks of one card, ranked from `first` on: `view` is how its side sees the other, `back` how that one
    sees it."""
    found = []
    row = view.viewers.index(card)
    for rank, (column, score, spread) in enumerate(picks, first):
        other = view.others[column]
        found.append(
            Suggestion(
                other=other,
                rank=rank,
                score=score,
                spread=spread,
                own=_sight(view, row, column, on, own),
                theirs=_sight(back, column, row, on, own),
                words=shared_words(lexicons, card, other),
                lacking=tuple(_lacking(card, other)),
                gains=_gains(card, other, instruments, on),
            )
        )
    return tuple(found)


def _gains(card: Card, other: Card, instruments: Sequence[Minimums], on: date) -> tuple[Gain, ...]:
    if any(ally.organisation == other.organisation for ally in card.allies):
        return ()
    sites = [card.nuts, *sorted(ally.nuts for ally in card.allies)]
    found = [gain(one, sites, other.nuts, on=on) for one in instruments]
    return tuple(one for one in found if one is not None)


def _sight(view: View, row: int, column: int, on: date, own: CohesionTable | None) -> Sight:
    viewer, other = view.viewers[row], view.others[column]
    relevance = view.relevance(slice(row, row + 1))
    terms = tuple(_terms(viewer, other, relevance, column, rules(on, own)))
    return Sight(
        score=max(0.0, sum(term.contribution for term in terms)),
        terms=terms,
        nodes=covered(viewer.keywords, other.keywords, tree=viewer.tree),
        topic=float(relevance.topic[0, column]),
        text=float(relevance.text[0, column]),
    )


def _terms(viewer: Card, other: Card, relevance: Relevance, column: int, by_trait: Sequence[Rule]) -> Iterator[Term]:
    yield Term(TermName.RELEVANCE, float(relevance.fused[0, column]), WEIGHTS[TermName.RELEVANCE])
    yield Term(
        TermName.COVERAGE, coverage(viewer.keywords, other.keywords, tree=viewer.tree), WEIGHTS[TermName.COVERAGE]
    )
    for rule in by_trait:
        yield Term(rule.name, rule.trait.of(viewer, other), WEIGHTS[rule.name])
    if have_met(viewer, other):
        yield Term(TermName.MET, 1.0, WEIGHTS[TermName.MET])


def _lacking(card: Card, other: Card) -> Iterator[str]:
    """Say what the other card leaves open: keywords, wishes, readiness, language, in words."""
    tree = card.tree
    for one in covered(card.keywords, other.keywords, tree=tree):
        if one.by is None:
            yield f"nothing on {tree.label(one.keyword)} ({one.keyword})"
        elif one.credit < 1:
            yield f"only {tree.label(one.by)} ({one.by}) for {tree.label(one.keyword)} ({one.keyword})"
    if card.sought and not any(wish.kind is other.kind and wish.size in (None, other.size) for wish in card.sought):
        wishes = frozenset(f"{wish.size or ''} {wish.kind}".strip() for wish in card.sought)
        here = f"{other.kind} of unknown size" if other.size is SizeClass.UNKNOWN else f"{other.size} {other.kind}"
        yield f"{_listed(wishes)} sought, this is {_words(here)}"
    if card.cooperation and other.cooperation and card.cooperation.isdisjoint(other.cooperation):
        yield f"{_listed(card.cooperation)} here, {_listed(other.cooperation)} there"
    if card.trl and other.trl and abs(card.trl - other.trl) > MOST_READINESS_GAP:
        yield f"readiness level {other.trl} there, {card.trl} here"
    if card.languages and other.languages and card.languages.isdisjoint(other.languages):
        yield "no language in common"


def _listed(names: frozenset[str]) -> str:
    return " or ".join(_words(name) for name in sorted(names))


def _words(name: str) -> str:
    return name.replace("_", " ")
