"""What there is to translate beside the templates of mails; the .po files hold that and nothing else.

`python -m documents.mails.catalogues` brings every .po file in step and says what is left to translate.
"""

from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir

from documents.mails.languages import FILES, LOCALES, SOURCE

TRANSLATED = tuple(language for language in LOCALES if language != SOURCE)
_HERE = Path(__file__).parent
_METHODS = [("templates/**", "jinja2"), ("**.py", "python")]
_KEYWORDS = DEFAULT_KEYWORDS | {"word": ((1, "c"), 2)}


def template() -> Catalog:
    """Return every text of the templates and every word, as they stand in the sources."""
    found = Catalog(domain="mails")
    options = {"templates/**": {"silent": "false"}}
    for path, _line, text, comments, context in extract_from_dir(_HERE, _METHODS, options, _KEYWORDS):
        found.add(text, locations=[(path, 0)], auto_comments=comments, context=context)
    return found


if __name__ == "__main__":
    FILES.bring_in_step(TRANSLATED, template())
