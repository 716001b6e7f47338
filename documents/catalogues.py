"""What there is to translate in templates, code and words of papers; the .po files hold that and nothing else.

`python -m documents.catalogues` brings every .po file in step and says what is left to translate.
"""

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

from documents.files import HOUSE
from documents.languages import FILES, LANGUAGES
from documents.words import words
from states.texts.text import SOURCE

TRANSLATED = tuple(language for language in LANGUAGES if language != SOURCE)
_METHODS = [("mails/**", "ignore"), ("**.html", "jinja2"), ("**.py", "python")]
_KEYWORDS = DEFAULT_KEYWORDS | {"marked": None}


def template() -> Catalog:
    """Return every text of the templates and the code, and every word of a key."""
    found = Catalog(domain="papers")
    options = {"**.html": {"silent": "false"}}
    for path, _line, text, comments, context in extract_from_dir(HOUSE, _METHODS, options, _KEYWORDS):
        found.add(text, locations=[(path, 0)], auto_comments=comments, context=context)
    for context, text in words():
        found.add(text, locations=[("words.py", 0)], context=context)
    return found


if __name__ == "__main__":
    FILES.bring_in_step(TRANSLATED, template())
