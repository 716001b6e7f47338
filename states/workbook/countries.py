"""Countries as people write them: codes of ISO and of the Union, and names in the languages of the countries."""

from collections import defaultdict
from functools import lru_cache

from babel import Locale

from states.matchmaking.suggestions.taxonomy import LANGUAGES
from states.places.name_folding import fold
from states.places.nuts import iso_country

# In which languages a country may be named: the five of the workbook first, then the others of NUTS's countries.
_OTHERS = (
    *("bg", "cs", "da", "el", "es", "et", "fi", "ga", "hr", "hu", "is", "lt", "lv", "mk", "mt", "nb", "nl", "pt"),
    *("ro", "sk", "sl", "sq", "sr", "sv", "tr", "uk"),
)


def country_code(text: str) -> str | None:
    """Return the ISO 3166-1 alpha-2 code that a text means; EL and UK are the Union's own for GR and GB."""
    written = text.strip().upper()
    if len(written) == 2 and written.isascii():
        return iso_country(written)
    return countries().get(fold(text))


@lru_cache(maxsize=1)
def countries() -> dict[str, str]:
    """Return the code of each country by its folded names; what means two countries in two languages is left out."""
    found: dict[str, str] = {}
    others: defaultdict[str, set[str]] = defaultdict(set)
    for language in (*LANGUAGES, *_OTHERS):
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and code not in ("ZZ", "EU", "EZ", "UN", "XA", "XB"):
                if language in LANGUAGES:
                    found.setdefault(fold(str(name)), code)
                others[fold(str(name))].add(code)
    return {name: code for name, (code, *more) in others.items() if not more} | found
