"""Catalogues of texts that stand in templates and code, as translators have them: a .po file for each language."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from gettext import GNUTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po


@dataclass(frozen=True, slots=True)
class PoFiles:
    """The .po files of a domain of texts, in `folder`."""

    folder: Path
    domain: str

    def path(self, language: str) -> Path:
        """Return where the catalogue of a language lies."""
        return self.folder / language / "LC_MESSAGES" / f"{self.domain}.po"

    def read(self, language: str) -> Catalog:
        """Read the catalogue of a language."""
        with self.path(language).open("rb") as file:
            return read_po(file, locale=language, domain=self.domain)

    def compiled(self, language: str) -> GNUTranslations:
        """Return the texts of a language as gettext says them."""
        written = BytesIO()
        write_mo(written, self.read(language))
        written.seek(0)
        return GNUTranslations(written)

    def in_step(self, language: str, template: Catalog) -> bytes:
        """Return the .po file of a language with what the sources hold: new texts are empty, old ones are gone."""
        catalogue = self.read(language)
        catalogue.update(template, no_fuzzy_matching=True, update_creation_date=False)
        catalogue.obsolete.clear()
        written = BytesIO()
        write_po(written, catalogue, width=0, sort_by_file=True, include_lineno=False)
        return written.getvalue()

    def untranslated(self, language: str) -> Iterator[Message]:
        """Yield each text that has no translation, or only some of its plural forms."""
        for message in self.read(language):
            forms = message.string if isinstance(message.string, list | tuple) else [message.string]
            if message.id and (message.fuzzy or not all(forms)):
                yield message

    def bring_in_step(self, languages: Iterable[str], template: Catalog) -> None:
        """Bring every .po file in step, and print what is left to translate."""
        for language in languages:
            self.path(language).write_bytes(self.in_step(language, template))
            print(f"{language}: {len(list(self.untranslated(language)))} texts to translate")
