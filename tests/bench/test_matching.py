"""What suggesting partners to everybody costs in time and memory, beside a plain loop over pairs in the same run."""

import resource
from time import perf_counter, process_time

import pytest

from states.matchmaking.suggestions.cards import Card
from states.matchmaking.suggestions.suggest import Mode, Suggestions, suggest
from states.matchmaking.suggestions.taxonomy import LANGUAGES
from tests.states.matchmaking.suggestions.reference import PlainMatcher
from tests.states.matchmaking.suggestions.samples import DAY, PoolMaker

pytestmark = pytest.mark.bench

WORDS = 120  # a title and the short summary of a partnering profile, and a little more
LONG = 400  # with advantages and the expertise sought
SAMPLE = 150


@pytest.mark.parametrize(
    ("size", "words", "languages"),
    [(1_250, WORDS, LANGUAGES), (2_500, WORDS, LANGUAGES), (5_000, WORDS, LANGUAGES), (5_000, LONG, ("en",))],
)
def test_offers_by_requests_top_twenty_both_ways(size: int, words: int, languages: tuple[str, ...]) -> None:
    suggest(PoolMaker(2, words=5).cards(20, 20), on=DAY)  # taxonomy, regions and libraries are loaded once

    cards = PoolMaker(1, words=words, languages=languages).cards(size, size)
    began, used = perf_counter(), process_time()
    found = suggest(cards, on=DAY)
    seconds, cpu = perf_counter() - began, process_time() - used

    began = perf_counter()
    explained = found.of(next(iter(found.picks)))
    explaining = perf_counter() - began
    print(
        f"\n{size:,} offers x {size:,} requests, {words} words in {len(languages)} language(s), top 20 both ways: "
        f"{seconds:.2f} s ({cpu:.2f} s of processor), {_peak():,.0f} MB at the peak of the process;\n"
        f"  {len(found.picks):,} lists, one list of {len(explained)} explained in {explaining * 1000:.0f} ms"
    )
    _beside_a_plain_loop(cards, found, seconds, size)


def _beside_a_plain_loop(cards: list[Card], found: Suggestions, seconds: float, size: int) -> None:
    """Score some cards of a sample by the plain loop; its pairs a second stand beside ours."""
    sample = [*cards[:SAMPLE], *cards[-SAMPLE:]]
    plain = PlainMatcher(sample, on=DAY)
    began = perf_counter()
    for card in sample[:20]:
        plain.ranked(card, top=20, mode=Mode.OWN)
    per_pair = (perf_counter() - began) / (20 * SAMPLE)
    ours = seconds / (2 * size * size)
    print(
        f"  plain loop over pairs: {per_pair * 1e6:.1f} microseconds a pair, ours {ours * 1e6:.3f}: "
        f"{per_pair / ours:,.0f} times as fast ({per_pair * 2 * size * size / 60:,.0f} minutes for all pairs)"
    )
    assert len(found.picks) > size


def _peak() -> float:
    """Return the most memory that this process has held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
