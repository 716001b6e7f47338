"""A mail as it goes over the wire: its text by kind and language, its headers, and what is attached to it."""

import re
from binascii import b2a_qp
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from email.header import Header
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from enum import StrEnum
from functools import lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template, TemplateError
from sqlmodel import Session

from documents.mails.formats import Dates, columns, wrap
from documents.mails.languages import LOCALES, language_of, translations_of
from documents.mails.values import MailNotWritten, read
from documents.mails.words import duty_of, word_of
from states.calendars.ics import event_attachment
from states.clock import now
from states.credentials.links import LinkPurpose, lasting_link
from states.errors import Missing
from states.mail.addresses import address
from states.mail.sending import DueMail
from states.mail.tables import MailKind
from states.matchmaking.meetings.calendar_entries import agenda_attachment
from states.partners.addresses import needs_smtputf8, read_host
from states.settings import settings
from states.sweeps.apart import Failed, attempt
from states.texts.read_back import said_about, said_to_wait
from states.texts.titles import said

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
    plain, rich = (_template(medium, language, kind) for medium in ("txt", "html"))
    try:
        subject = " ".join(plain.render(context, layout="subject.txt").split())
        text = plain.render(context, layout="layout.txt", subject_line=subject)
        html = rich.render(context, layout="layout.html", subject_line=subject)
    except TemplateError as error:
        raise MailNotWritten(kind, [f"template: {error}"]) from error
    return Rendered(subject, _BLANK_LINES.sub("\n\n", text).strip() + "\n", _BLANK_LINES.sub("\n", html).strip() + "\n")


@lru_cache(maxsize=2 * len(LOCALES) * len(MailKind))
def _template(medium: str, language: str, kind: MailKind) -> Template:
    template = _environment(medium, language).get_template(f"{kind}.jinja")
    template.globals = dict(template.globals)  # a chain of them is walked through with every mail
    return template


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
        auto_reload=False,
    )
    translations = translations_of(language)
    made.install_gettext_translations(translations, newstyle=True)  # type: ignore[attr-defined] # of the extension

    def name(key: StrEnum) -> str:
        return translations.pgettext(*word_of(key))

    def duty(kind: str) -> str:
        return translations.pgettext(*duty_of(kind))

    filters: Mapping[str, Callable[..., str]] = {
        "name": name,
        "duty": duty,
        "wrap": wrap,
        "titled": partial(said, language=language),
        "waits": partial(said_to_wait, language=language),
        "about": partial(said_about, language=language),
        "columns": columns,
    }
    made.filters.update(filters)
    made.globals.update(parts=f"parts.{medium}", language=language)
    return made


@dataclass(frozen=True, slots=True)
class Invite:
    """A calendar object (RFC 5545) and what a calendar is to do with it: its METHOD."""

    content: bytes
    method: str


class _AsWritten(EmailPolicy):
    """Keeps headers as they are written: to parse them into their parts takes longer than all the rest of a mail."""

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        if not value.isprintable():
            raise ValueError(f"{name} holds what breaks a line")
        return name, value

    def header_fetch_parse(self, name: str, value: str) -> str:
        return value

    def header_max_count(self, name: str) -> None:
        return None


_AS_WRITTEN = _AsWritten(linesep="\r\n", refold_source="none")
_POLICIES = {utf8: _AS_WRITTEN.clone(utf8=utf8) for utf8 in (False, True)}


class Builder(Protocol):
    """Builds an invite for one recipient from the id of what it is about."""

    def __call__(self, session: Session, key: str, /, *, attendee: str, language: str) -> tuple[bytes, str] | None:
        """Return the calendar object and its METHOD, None where there is nothing in it; or raise `Missing`."""


BUILDERS: Mapping[str, Builder] = {"event": event_attachment, "agenda": agenda_attachment}


def invite_of(session: Session, mail: DueMail) -> Invite | None:
    """Build what a mail's reference (event:<id>) names, None where it has nothing; raise `Missing` for an unknown."""
    if not mail.attachment:
        return None
    prefix, _, key = mail.attachment.partition(":")
    if prefix not in BUILDERS:
        raise Missing("attachment", mail.attachment)
    built = BUILDERS[prefix](session, key, attendee=mail.email, language=mail.language)
    return Invite(*built) if built is not None else None


def text_of(mail: DueMail) -> Rendered:
    """Write a mail in its recipient's language."""
    return render(
        mail.kind,
        _with_days(mail),
        language=mail.language,
        recipient=mail.recipient,
        unsubscribe=_unsubscribe(mail),
        time_zone=mail.time_zone,
    )


def _with_days(mail: DueMail) -> Mapping[str, object]:
    """Add to each due date how many days ago it was (negative is to come) on the day of writing, where it is read."""
    on = now().astimezone(ZoneInfo(mail.time_zone)).date()

    def counted(values: Mapping[str, Any]) -> dict[str, object]:
        return {**values, "days": (on - date.fromisoformat(values["due_on"])).days}

    if mail.kind is MailKind.REMINDER:
        return counted(mail.values)
    if mail.kind is MailKind.DIGEST:
        lines: Any = mail.values["lines"]
        return {**mail.values, "lines": [counted(line) for line in lines]}
    return mail.values


def subject_of(mail: DueMail, *, language: str) -> str:
    """Write the subject of a mail for somebody else, in that person's language; its kind where it has no text."""
    written = attempt(lambda: text_of(replace(mail, language=language)))
    return mail.kind.value if isinstance(written, Failed) else written.subject


def write(mail: DueMail, invite: Invite | None = None) -> EmailMessage:
    """Write the message: the same parts, ids and boundaries at every try, with the date of this one."""
    rendered = text_of(mail)
    to = _address_of(mail)
    message = EmailMessage(policy=_POLICIES[needs_smtputf8(to)])
    # EmailMessage loses spaces where it folds a line in which encoded words and others take turns.
    message.set_raw("Subject", Header(rendered.subject, header_name="Subject").encode())
    message.set_raw("From", _folded("From", settings().mail_from))
    message["To"] = to
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{mail.message_id}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    _offer_to_unsubscribe(message, _unsubscribe(mail))
    message["MIME-Version"] = "1.0"
    message["Content-Type"] = f'multipart/alternative; boundary="{_boundary(mail, 0)}"'
    for medium, text in (("plain", rendered.text), ("html", rendered.html)):
        message.attach(_part(medium, text))
    if invite is not None:
        parameters = {"method": invite.method, "charset": "utf-8"}
        message.add_attachment(invite.content, "text", "calendar", filename="invite.ics", params=parameters)
        for number, part in enumerate(part for part in message.walk() if part.is_multipart()):
            part.set_boundary(_boundary(mail, number))
    return message


@lru_cache(maxsize=4)
def _folded(name: str, value: str) -> str:
    """Return a header's value as it stands on the wire."""
    folded: str = SMTP.header_factory(name, value).fold(policy=SMTP)
    return folded.removeprefix(f"{name}: ").rstrip()


def _boundary(mail: DueMail, number: int) -> str:
    return sha256(f"{mail.message_id}:{number}".encode()).hexdigest()


def _part(medium: str, text: str) -> EmailMessage:
    """Return a part in quoted-printable: seven bits for servers that know no more, and readable in a file."""
    part = EmailMessage(policy=_AS_WRITTEN)
    part["Content-Type"] = f'text/{medium}; charset="utf-8"'
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(b2a_qp(text.encode()).decode())
    return part


def _address_of(mail: DueMail) -> str:
    """Return the address as every mail server reads it: a domain in its ASCII form (IDNA 2008, RFC 5890)."""
    local, _, domain = mail.email.rpartition("@")
    host = read_host(domain.removesuffix("."))
    if host is None:
        raise ValueError(f"{mail.email} has no domain that mail servers know")
    return f"{local}@{host}"


def _unsubscribe(mail: DueMail) -> str | None:
    return address(f"unsubscribe/{lasting_link(mail.id, purpose=LinkPurpose.UNSUBSCRIBE)}") if mail.optional else None


def _offer_to_unsubscribe(message: EmailMessage, link: str | None) -> None:
    if link is None:
        return
    message["List-Unsubscribe"] = f"<{link}>"  # too long for a line, and an encoded one would be no address
    if link.startswith("https://"):  # RFC 8058 knows one click by HTTPS only
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
