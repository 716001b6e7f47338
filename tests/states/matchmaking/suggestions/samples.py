"""Cards for tests and measurements: one by hand with defaults, and whole pools made up by a seed."""

from dataclasses import dataclass
from datetime import date
from random import Random

from states.matchmaking.suggestions.cards import Card, Line, Side, Sought
from states.matchmaking.suggestions.taxonomy import LANGUAGES, taxonomy
from states.partners.tables import OrganisationKind, SizeClass

DAY = date(2026, 6, 1)
LYON, LIEGE, TURIN, GLIWICE, EINDHOVEN, STUTTGART = "FRK26", "BE332", "ITC11", "PL229", "NL414", "DE111"
SITES = (LYON, LIEGE, TURIN, GLIWICE, EINDHOVEN, STUTTGART, "ES511", "FI1D9", "SI041", "HU231", "FRK24", "PL21")
COUNTRIES = ("FR", "BE", "IT", "PL", "NL", "DE")
COOPERATION = ("commercial", "supplier", "outsourcing", "investment", "research")
WISHES = [Sought(kind, size) for kind in OrganisationKind for size in (None, SizeClass.SMALL, SizeClass.LARGE)]


def a_card(name: str, side: Side, site: str, *keywords: str, **traits: object) -> Card:
    """Make a card of an organisation of its own, a small enterprise that looks for technology."""
    stated: dict[str, object] = {
        "organisation": f"org-{name}",
        "line": Line.TECHNOLOGY,
        "kind": OrganisationKind.SME,
        "size": SizeClass.SMALL,
    }
    return Card(id=name, side=side, nuts=site, keywords=frozenset(keywords), **(stated | traits))  # type: ignore[arg-type]


def an_offer(name: str, site: str, *keywords: str, **traits: object) -> Card:
    return a_card(name, Side.OFFER, site, *keywords, **traits)


def a_request(name: str, site: str, *keywords: str, **traits: object) -> Card:
    return a_card(name, Side.REQUEST, site, *keywords, **traits)


@dataclass
class PoolMaker:
    """Makes pools up: each text of as many words of one language, drawn by falling frequency as in real texts."""

    seed: int
    words: int = 20
    organisations: int = 0
    languages: tuple[str, ...] = LANGUAGES

    def cards(self, offers: int, requests: int) -> list[Card]:
        draw = Random(self.seed)
        total = offers + requests
        names = [f"org-{number}" for number in range(self.organisations or total)]
        homes = {name: self._home(draw) for name in names}
        return [
            self._card(draw, number, Side.OFFER if number < offers else Side.REQUEST, homes, names)
            for number in range(total)
        ]

    def _home(self, draw: Random) -> tuple[str, OrganisationKind, SizeClass]:
        return draw.choice(SITES), draw.choice(list(OrganisationKind)), draw.choice(list(SizeClass))

    def _card(
        self,
        draw: Random,
        number: int,
        side: Side,
        homes: dict[str, tuple[str, OrganisationKind, SizeClass]],
        names: list[str],
    ) -> Card:
        name = draw.choice(names)
        site, kind, size = homes[name]
        language = draw.choice(self.languages)
        codes = list(taxonomy().nodes)
        return Card(
            id=f"{side}-{number:05}",
            organisation=name,
            side=side,
            line=draw.choice(list(Line)),
            nuts=site,
            kind=kind,
            size=size,
            keywords=frozenset(draw.sample(codes, draw.randint(0, 4))),
            texts={language: self._text(draw, language)} if draw.random() < 0.9 else {},
            cooperation=frozenset(draw.sample(COOPERATION, draw.randint(0, 3))),
            languages=frozenset(["en", language]) if draw.random() < 0.7 else frozenset(),
            trl=draw.choice([None, *range(1, 10)]),
            sought=frozenset(draw.sample(WISHES, draw.randint(0, 3))),
            countries_sought=frozenset(draw.sample(COUNTRIES, 4)) if number % 5 == 0 else frozenset(),
            avoids=frozenset(draw.sample(names, 1)) if draw.random() < 0.2 else frozenset(),
            met=frozenset(draw.sample(names, 1)) if draw.random() < 0.2 else frozenset(),
            slots=frozenset(draw.sample(range(4), 2)) if draw.random() < 0.3 else None,
            valid_until=date(2026, 5, 31) if draw.random() < 0.05 else None,
        )

    def _text(self, draw: Random, language: str) -> str:
        # Zipf: the word of rank r comes up with a chance of about 1 / r.
        return " ".join(_word(language, int(3_000 ** draw.random())) for _ in range(self.words))


def _word(language: str, number: int) -> str:
    letters = "bcdfgklmnprstvz"
    spelt = "".join(letters[number // 15**place % 15] + "aeiou"[(number + place) % 5] for place in range(3))
    return f"{language}{spelt}"
