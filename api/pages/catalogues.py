"""The catalogues of pages: what there is to translate, and .po files that hold that and nothing else.

`python -m api.pages.catalogues` brings every .po file in step and says what is left to translate.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from api.pages.languages import FOLDER, LOCALES
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


def path_of(language: str) -> Path:
    """Return where the catalogue of a language lies."""
    return FOLDER / language / "LC_MESSAGES" / "pages.po"


def catalogue_of(language: str) -> Catalog:
    """Read the catalogue of a language; an empty one where there is none yet."""
    if not path_of(language).exists():
        return Catalog(locale=language, domain="pages", fuzzy=False)
    with path_of(language).open("rb") as file:
        return read_po(file, locale=language, domain="pages")


def in_step(language: str) -> bytes:
    """Return the .po file of a language with what the sources hold now: new texts are empty, old ones are gone."""
    catalogue = catalogue_of(language)
    catalogue.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    written = BytesIO()
    write_po(written, catalogue, width=0, sort_by_file=True, include_lineno=False, omit_header=False)
    return written.getvalue()


def untranslated(language: str) -> Iterator[Message]:
    """Yield each text that has no translation, or only some of its plural forms."""
    for message in catalogue_of(language):
        forms = message.string if isinstance(message.string, list | tuple) else [message.string]
        if message.id and (message.fuzzy or not all(forms)):
            yield message


if __name__ == "__main__":
    for language in TRANSLATED:
        path_of(language).parent.mkdir(parents=True, exist_ok=True)
        path_of(language).write_bytes(in_step(language))
        print(f"{language}: {len(list(untranslated(language)))} texts to translate")
