"""How two spellings of a place's name are made comparable: case, accents, scripts and punctuation fall away."""

import re
import unicodedata

# A word keeps the combining marks of a decomposed text; every other character only stands between words.
WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")

_CYRILLIC = str.maketrans(
    dict(
        zip(
            "абвгдезийклмнопрстуфхъьіїґјѓќ",
            [
                "a",
                "b",
                "v",
                "g",
                "d",
                "e",
                "z",
                "i",
                "y",
                "k",
                "l",
                "m",
                "n",
                "o",
                "p",
                "r",
                "s",
                "t",
                "u",
                "f",
                "h",
                "a",
                "y",
                "i",
                "i",
                "g",
                "j",
                "g",
                "k",
            ],
            strict=True,
        )
    )
    | {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "sht", "ю": "yu", "я": "ya", "є": "ye"}
    | {"ђ": "dj", "љ": "lj", "њ": "nj", "ћ": "c", "џ": "dz", "ѕ": "dz"}
)
_GREEK = str.maketrans(
    dict(
        zip(
            "αβγδεζηικλμνξοπρστυω",
            ["a", "v", "g", "d", "e", "z", "i", "i", "k", "l", "m", "n", "x", "o", "p", "r", "s", "t", "y", "o"],
            strict=True,
        ),
    )
    | {"θ": "th", "φ": "f", "χ": "ch", "ψ": "ps", "ς": "s"}
)
_LATIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})


def fold(text: str) -> str:
    """Give the words of a name in plain lower-case Latin letters, with one space between them."""
    latin = unicodedata.normalize("NFC", text).casefold().translate(_CYRILLIC)
    bare = "".join(c for c in unicodedata.normalize("NFKD", latin) if not unicodedata.combining(c))
    plain = bare.replace("ου", "ou").translate(_GREEK).translate(_LATIN)
    return " ".join(WORD.findall(plain))


def foldings(name: str) -> set[str]:
    """Give every folded form under which a name may be written: `Tübingen` is tubingen and tuebingen."""
    spelt_out = unicodedata.normalize("NFC", name).casefold().translate(_UMLAUTS)
    return {_fold_around_commas(name), _fold_around_commas(spelt_out), fold(name), fold(spelt_out)} - {""}


def _fold_around_commas(name: str) -> str:
    return ", ".join(folded for part in name.split(",") if (folded := fold(part)))
