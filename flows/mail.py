"""Mail: how a message is made, and the two ways to send one: SMTP, or a folder of .eml files."""

import os
import smtplib
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from jinja2 import Environment, PackageLoader, StrictUndefined

from states.clock import now
from states.deadlines.tables import NoticeState
from states.errors import BankableError
from states.partners.tables import Person
from states.settings import settings

SMTP_SECONDS = 20
_SCHEMES = ("smtp", "smtps")

_templates = Environment(
    loader=PackageLoader("flows", "mails"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


class MailServerUnreachable(BankableError):
    """The mail server does not answer; nothing was handed over."""

    code = "mail_server_unreachable"


class MailRefused(BankableError):
    """The mail server refused this message or its recipient."""

    code = "mail_refused"


class Post(Protocol):
    """Somewhere to hand messages to."""

    def send(self, message: EmailMessage) -> None:
        """Hand a message over, or raise `MailRefused`."""


def mail(person: Person, *, subject: str, message_id: str, template: str, values: Mapping[str, object]) -> EmailMessage:
    """Write a message to a person, addressed by role label; equal ledger lines give equal ids."""
    message = EmailMessage(policy=SMTP)
    message["Subject"] = subject
    message["From"] = settings().mail_from
    message["To"] = person.email
    message["Date"] = format_datetime(now())
    message["Message-ID"] = f"<{message_id}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    message.set_content(_templates.get_template(f"{template}.txt").render(recipient=person.label, **values))
    return message


def link(what: str) -> str:
    """Return the address of something in the API."""
    return f"{settings().public_url.rstrip('/')}/api/v1/{what}"


def attempt(opened: Post, message: EmailMessage) -> tuple[NoticeState, str]:
    """Hand a message over and return what its ledger line then says, with the server's reason if it refused."""
    try:
        opened.send(message)
    except MailRefused as error:
        return NoticeState.FAILED, error.message
    return NoticeState.SENT, ""


@contextmanager
def post() -> Iterator[Post]:
    """Open the way that the settings name, or raise `MailServerUnreachable`."""
    if settings().smtp_url:
        with _connected(settings().smtp_url) as server:
            yield _SmtpPost(server)
    else:
        yield _FolderPost(settings().home / "mail")


class _SmtpPost:
    def __init__(self, server: smtplib.SMTP) -> None:
        self._server = server

    def send(self, message: EmailMessage) -> None:
        try:
            self._server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            code, reason = next(iter(error.recipients.values()))
            raise MailRefused(f"{code} {reason.decode(errors='replace')}") from error
        except smtplib.SMTPResponseException as error:
            raise MailRefused(f"{error.smtp_code} {_text(error.smtp_error)}") from error


class _FolderPost:
    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def send(self, message: EmailMessage) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{message['Message-ID'].strip('<>')}.eml"
        draft = path.with_suffix(f".{os.getpid()}.part")
        draft.write_bytes(message.as_bytes())
        draft.replace(path)


@contextmanager
def _connected(url: str) -> Iterator[smtplib.SMTP]:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise MailServerUnreachable(f"BANKABLE_SMTP_URL begins with one of {', '.join(_SCHEMES)} and names a host.")
    try:
        server = _open(parts.scheme, parts.hostname, parts.port or 0)
        _enter(server, user=unquote(parts.username or ""), password=unquote(parts.password or ""))
    except OSError as error:  # smtplib's own errors are OSErrors too
        raise MailServerUnreachable(f"{parts.hostname}: {error}") from error
    with server:
        yield server


def _open(scheme: str, host: str, port: int) -> smtplib.SMTP:
    if scheme == "smtps":
        return smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=ssl.create_default_context())
    return smtplib.SMTP(host, port, timeout=SMTP_SECONDS)


def _enter(server: smtplib.SMTP, *, user: str, password: str) -> None:
    try:
        server.ehlo()
        if server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        if user:
            server.login(user, password)
    except OSError:
        server.close()
        raise


def _text(reason: bytes | str) -> str:
    return reason.decode(errors="replace") if isinstance(reason, bytes) else reason
