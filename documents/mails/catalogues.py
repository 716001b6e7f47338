"""The catalogues beside the templates: what there is to translate, and .po files that hold that and nothing else.

`python -m documents.mails.catalogues` brings every .po file in step and says what is left to translate.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import write_po

from documents.mails.languages import LOCALES, SOURCE, catalogue_of, path_of

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


def in_step(language: str) -> bytes:
    """Return the .po file of a language with what the sources hold now: new texts are empty, old ones are gone."""
    catalogue = catalogue_of(language)
    catalogue.update(template(), no_fuzzy_matching=True, update_creation_date=False)
    catalogue.obsolete.clear()
    written = BytesIO()
    write_po(written, catalogue, width=0, sort_by_file=True, include_lineno=False)
    return written.getvalue()


def untranslated(language: str) -> Iterator[Message]:
    """Yield each text that has no translation, or only some of its plural forms."""
    for message in catalogue_of(language):
        forms = message.string if isinstance(message.string, list | tuple) else [message.string]
        if message.id and (message.fuzzy or not all(forms)):
            yield message


if __name__ == "__main__":
    for language in TRANSLATED:
        path_of(language).write_bytes(in_step(language))
        print(f"{language}: {len(list(untranslated(language)))} texts to translate")
