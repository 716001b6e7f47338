"""What there is to translate in templates, code and words of pages; the .po files hold that and nothing else.

`python -m api.pages.catalogues` brings every .po file in step and says what is left to translate.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

from api.pages.languages import FILES, LOCALES
from api.pages.words import words
from states.texts.text import SOURCE

TRANSLATED = tuple(language for language in LOCALES if language != SOURCE)
_HERE = Path(__file__).parent
_METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]


def template() -> Catalog:
    """Return every text of the templates and the code, and every word of a key."""
    found = Catalog(domain="pages")
    options = {"templates/**.html": {"silent": "false", "extensions": "jinja2.ext.do"}}
    for path, _line, text, comments, context in extract_from_dir(_HERE, _METHODS, options, DEFAULT_KEYWORDS):
        found.add(text, locations=[(path, 0)], auto_comments=comments, context=context)
    for context, text in words():
        found.add(text, locations=[("words.py", 0)], context=context)
    return found


if __name__ == "__main__":
    FILES.bring_in_step(TRANSLATED, template())
