"""What two organisations have for each other: one's offers for the other's requests, and the other way, apart."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import sqrt

from states.matchmaking.suggestions.cards import Card, Side
from states.matchmaking.suggestions.suggest import Suggestions


@dataclass(frozen=True, slots=True)
class Answer:
    """An offer that answers a request, and the geometric mean of what either card sees in the other."""

    offer: Card
    request: Card
    score: float


@dataclass(frozen=True, slots=True)
class Exchange:
    """The best answer of one organisation to the other, and of that one in return; None where there is none."""

    forth: Answer | None
    back: Answer | None

    @property
    def score(self) -> float:
        """Give the geometric mean of both: nothing where only one side would gain."""
        return sqrt(self.forth.score * self.back.score) if self.forth and self.back else 0.0


def exchange(found: Suggestions, one: str, other: str) -> Exchange:
    """Say what two organisations (ids) have for each other, among all their valid cards."""
    return Exchange(_best(found, one, other), _best(found, other, one))


def _best(found: Suggestions, giving: str, taking: str) -> Answer | None:
    answers = sorted(_answers(found, giving, taking), key=lambda one: (-one.score, one.offer.id, one.request.id))
    return answers[0] if answers else None


def _answers(found: Suggestions, giving: str, taking: str) -> Iterator[Answer]:
    if not found.views:
        return
    offers, requests = found.views[Side.OFFER], found.views[Side.REQUEST]
    columns = [column for column, card in enumerate(offers.others) if card.organisation == taking]
    for row, offer in enumerate(offers.viewers):
        if offer.organisation == giving:
            forth, heard = offers.rows(slice(row, row + 1))
            for column in columns:
                back, sought = requests.rows(slice(column, column + 1))
                score = sqrt(max(0.0, float(forth[0, column])) * max(0.0, float(back[0, row])))
                if score and (heard[0, column] or sought[0, row]):
                    yield Answer(offer, requests.viewers[column], score)
