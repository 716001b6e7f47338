"""The one door to the text of a mail: a kind, its values and its reader in; subject, plain text and HTML out."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, TemplateError

from documents.mails.formats import Dates, columns, wrap
from documents.mails.languages import LOCALES, language_of, translations_of
from documents.mails.values import MailNotWritten, read
from documents.mails.words import duty_of, word_of
from states.mail.tables import MailKind

TEMPLATES = Path(__file__).parent / "templates"
_BLANK_LINES = re.compile(r"\n\s*\n")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A mail in words: the text and the HTML say the same."""

    subject: str
    text: str
    html: str


def render(
    kind: MailKind,
    values: Mapping[str, object],
    *,
    language: str,
    recipient: str,
    unsubscribe: str | None,
    time_zone: str = "",
) -> Rendered:
    """Write a mail to a person who is known by the label `recipient`.

    `unsubscribe` is the address under which fewer such mails are asked for, None where the kind cannot be switched
    off. `time_zone` is the recipient's: a time elsewhere is then told on both clocks. Values that do not fit the kind
    raise `MailNotWritten`.
    """
    language = language_of(language)
    context = dict(read(kind, values)) | {
        "recipient": " ".join(recipient.split()),
        "unsubscribe": unsubscribe,
        "dates": Dates(LOCALES[language], translations_of(language), time_zone),
    }
    plain, rich = (_environment(medium, language).get_template(f"{kind}.jinja") for medium in ("txt", "html"))
    try:
        subject = " ".join(plain.render(context, layout="subject.txt").split())
        text = plain.render(context, layout="layout.txt", subject_line=subject)
        html = rich.render(context, layout="layout.html", subject_line=subject)
    except TemplateError as error:
        raise MailNotWritten(kind, [f"template: {error}"]) from error
    return Rendered(subject, _BLANK_LINES.sub("\n\n", text).strip() + "\n", _BLANK_LINES.sub("\n", html).strip() + "\n")


@lru_cache(maxsize=2 * len(LOCALES))
def _environment(medium: str, language: str) -> Environment:
    """Return the templates for one medium ("txt" or "html") and language: only the parts differ, and the escaping."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n"],
        autoescape=medium == "html",
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    translations = translations_of(language)
    made.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined] # of the extension

    def name(key: StrEnum) -> str:
        return translations.pgettext(*word_of(key))

    def duty(kind: str) -> str:
        return translations.pgettext(*duty_of(kind))

    filters: Mapping[str, Callable[..., str]] = {"name": name, "duty": duty, "wrap": wrap, "columns": columns}
    made.filters.update(filters)
    made.globals.update(parts=f"parts.{medium}", language=language)
    return made
