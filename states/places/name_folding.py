"""How two spellings of a place's name are made comparable: case, accents, scripts and punctuation fall away."""

import re
import unicodedata

# A word keeps the combining marks of a decomposed text; every other character only stands between words.
WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")


def _letters(pairs: str) -> dict[int, str]:
    return str.maketrans({pair[0]: pair[1:] for pair in pairs.split()})


_CYRILLIC = _letters(
    "аa бb вv гg дd еe жzh зz иi йy кk лl мm нn оo пp рr сs тt уu фf хh цts чch шsh щsht ъa ьy юyu яya"
    " єye іi їi ґg ђdj јj љlj њnj ћc ќk ѓg џdz ѕdz"
)
_GREEK = _letters("αa βv γg δd εe ζz ηi θth ιi κk λl μm νn ξx οo πp ρr σs ςs τt υy φf χch ψps ωo")
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
    other = spelt_out(name)
    return {_fold_around_commas(name), _fold_around_commas(other), fold(name), fold(other)} - {""}


def spelt_out(name: str) -> str:
    """Give a name in small letters with its umlauts as two letters: `Tübingen` is tuebingen."""
    return unicodedata.normalize("NFC", name).casefold().translate(_UMLAUTS)


def _fold_around_commas(name: str) -> str:
    return ", ".join(folded for part in name.split(",") if (folded := fold(part)))
