"""SMTP, step by step, so that one knows where a hand-over broke: what is safe to repeat, and what is not."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from typing import ClassVar
from urllib.parse import SplitResult, unquote, urlsplit

from states.clock import machine_now
from states.errors import Outage
from states.mail.resolving import BY_SMTP
from states.mail.sending import Result
from states.settings import settings

STEP_SECONDS = 30
FINAL_SECONDS = 120  # a server may look through the whole text before it takes it (RFC 5321, 4.5.3.2.6)
_SCHEMES = ("smtp", "smtps")
_GOOD = 2  # of three digits the first
_GO_AHEAD, _CLOSING = 354, 421
_DOT_AT_LINE_START = re.compile(rb"(?m)^\.")

Offer = Callable[[], datetime | None]
"""Notes that the text goes out now; returns until when it is ours to send, None if it is not to go out any more."""


class MailServerUnreachable(Outage):
    """The mail server does not answer, or takes nothing from us; nothing was handed over."""

    code = "mail_server_unreachable"


@dataclass(frozen=True, slots=True)
class Handed:
    """What became of a hand-over, and what the server said where it did not take it."""

    result: Result
    error: str = ""


class SmtpPost:
    """One connection to the mail server of the settings, made anew where the server has closed it meanwhile."""

    via: ClassVar[str] = BY_SMTP

    def __init__(self) -> None:
        self._server = _connected()

    def hand_over(self, message: EmailMessage, *, offer: Offer) -> Handed | None:
        """Hand a message over once `offer` says yes; return None where it says no.

        Raise `MailServerUnreachable` where the server takes nothing from us at all: then no mail is to blame.
        """
        self._begin(parseaddr(message["From"])[1])
        handed = self._name_recipient(message["To"])
        if handed is None:
            until = offer()
            handed = self._give_text(message, until) if until is not None else None
        if handed is None or handed.result is not Result.SENT:
            self._forget()
        return handed

    def close(self) -> None:
        """Take leave of the server; one that has gone already is let go."""
        try:
            self._server.quit()
        except OSError:
            self._server.close()

    def _begin(self, sender: str) -> None:
        try:
            code, reason = self._server.mail(sender)
        except OSError:
            code, reason = _CLOSING, b""
        if code == _CLOSING:
            self._server.close()
            self._server = _connected()
            try:
                code, reason = self._server.mail(sender)
            except OSError as error:
                raise MailServerUnreachable("connection_broke", reason=str(error)) from error
        if code // 100 != _GOOD:
            raise MailServerUnreachable("sender_refused", sender=sender, reason=_said(code, reason))

    def _name_recipient(self, recipient: str) -> Handed | None:
        """Return why the recipient was not taken, None if it was."""
        try:
            code, reason = self._server.rcpt(recipient)
        except OSError as error:
            return Handed(Result.LATER, f"the connection broke: {error}")
        return None if code // 100 == _GOOD else _judged(code, reason, otherwise=Result.LATER)

    def _give_text(self, message: EmailMessage, until: datetime) -> Handed:
        """Give the text, then the dot that ends it: before the dot all is safe to repeat, after it nothing is."""
        try:
            code, reason = self._server.docmd("data")
            if code != _GO_AHEAD:
                return _judged(code, reason, otherwise=Result.LATER)
            self._server.send(_wire(message))
        except OSError as error:
            return Handed(Result.LATER, f"the connection broke: {error}")
        left = (until - machine_now()).total_seconds()
        if left < 1:
            self._server.close()  # without the dot it takes nothing
            return Handed(Result.LATER, "the server was too slow for the lease")
        try:
            code, reason = self._end_text(min(left, FINAL_SECONDS))
        except OSError as error:
            return Handed(Result.UNCLEAR, f"no answer after the text: {error}")
        return Handed(Result.SENT) if code // 100 == _GOOD else _judged(code, reason, otherwise=Result.UNCLEAR)

    def _end_text(self, seconds: float) -> tuple[int, bytes]:
        connection = self._server.sock
        assert connection is not None
        connection.settimeout(seconds)
        self._server.send(b".\r\n")
        answer = self._server.getreply()
        connection.settimeout(STEP_SECONDS)
        return answer

    def _forget(self) -> None:
        """Take the transaction back; where the server does not, the next mail begins on a new connection."""
        try:
            code, _ = self._server.rset()
        except OSError:
            code = _CLOSING
        if code // 100 != _GOOD:
            self._server.close()


def _connected() -> smtplib.SMTP:
    address = urlsplit(settings().smtp_url)
    if address.scheme not in _SCHEMES or not address.hostname:
        raise MailServerUnreachable("smtp_url_unfit", schemes=tuple(_SCHEMES))
    try:
        server = _open(address.scheme, address.hostname, address.port or 0)
        try:
            _enter(server, address)
        except OSError:
            server.close()
            raise
    except OSError as error:  # smtplib's own errors are OSErrors too
        raise MailServerUnreachable(host=str(address.hostname), reason=str(error)) from error
    return server


def _open(scheme: str, host: str, port: int) -> smtplib.SMTP:
    if scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=STEP_SECONDS, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=STEP_SECONDS)
    # The dot goes out on its own after the text: otherwise the system would hold it back, 40 ms for every mail.
    assert server.sock is not None
    server.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


def _enter(server: smtplib.SMTP, address: SplitResult) -> None:
    server.ehlo_or_helo_if_needed()
    if address.scheme == "smtp" and server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
        server.ehlo_or_helo_if_needed()
    encrypted = isinstance(server.sock, ssl.SSLSocket)
    if settings().smtp_tls == "required" and not encrypted:
        raise smtplib.SMTPNotSupportedError("it offers no STARTTLS, which BANKABLE_SMTP_TLS asks for")
    if address.username:
        if not encrypted:
            raise smtplib.SMTPNotSupportedError("it offers no STARTTLS, and a password goes over no open line")
        server.login(unquote(address.username), unquote(address.password or ""))


def _judged(code: int, reason: bytes, *, otherwise: Result) -> Handed:
    result = {4: Result.LATER, 5: Result.REFUSED}.get(code // 100, otherwise)
    return Handed(result, _said(code, reason))


def _said(code: int, reason: bytes) -> str:
    return f"{code} {reason.decode(errors='replace')}"


def _wire(message: EmailMessage) -> bytes:
    """Return the text as DATA takes it, without the dot that ends it (RFC 5321, 4.5.2)."""
    written = message.as_bytes(policy=message.policy.clone(linesep="\r\n"))
    text = _DOT_AT_LINE_START.sub(b"..", written)
    return text if text.endswith(b"\r\n") else text + b"\r\n"
