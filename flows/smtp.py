"""SMTP, step by step, so that one knows where a hand-over broke: what is safe to repeat, and what is not."""

import re
import smtplib
import socket
import ssl
from collections.abc import Callable, Generator
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.utils import parseaddr
from functools import lru_cache
from typing import ClassVar, cast
from urllib.parse import SplitResult, unquote, urlsplit

from states.clock import machine_now
from states.errors import Outage
from states.mail.resolving import BY_SMTP
from states.mail.sending import Result
from states.partners.addresses import needs_smtputf8
from states.settings import settings

STEP_SECONDS = 30
FINAL_SECONDS = 120  # a server may look through the whole text before it takes it (RFC 5321, 4.5.3.2.6)
_SCHEMES = ("smtp", "smtps")
_GOOD = 2  # of three digits the first
_GO_AHEAD, _CLOSING = 354, 421
_UTF8 = " SMTPUTF8 BODY=8BITMIME"  # RFC 6531, 3.4 and 3.6
_NO_UTF8 = "the mail server takes no letters outside ASCII before the @ (no SMTPUTF8): give the person another address"
_DOT_AT_LINE_START = re.compile(rb"(?m)^\.")

ASK = -1.0
"""What a conversation wants that asks whether its mail is to go out: until when it may, or None."""

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


Conversation = Generator[float, object, Handed | None]
"""A hand-over, step by step: it wants an answer within so many seconds, or `ASK`s, and ends with what became of it."""


class SmtpPost:
    """One connection to the mail server of the settings, made anew where the server has closed it meanwhile."""

    via: ClassVar[str] = BY_SMTP

    def __init__(self) -> None:
        self._server = _connected()

    def hand_over(self, message: EmailMessage, *, offer: Offer) -> Handed | None:
        """Hand one message over once `offer` says yes; return None where it says no, as `converse` does."""
        talk, answer = self.converse(message), None
        try:
            wants = talk.send(None)
            while True:
                try:
                    answer = offer() if wants == ASK else self.answer()
                except OSError as error:
                    wants = talk.throw(error)
                else:
                    wants = talk.send(answer)
        except StopIteration as end:
            handed: Handed | None = end.value
            return handed

    def converse(self, message: EmailMessage) -> Conversation:
        """Hand a message over; it is offered once the recipient is taken, and None comes of it where it is not to be.

        Raise `MailServerUnreachable` where the server takes nothing from us at all: then no mail is to blame.
        """
        sender, recipient = _address(message["From"]), str(message["To"])
        utf8 = needs_smtputf8(recipient)
        if utf8 and not self._server.has_extn("smtputf8"):
            return Handed(Result.REFUSED, _NO_UTF8)
        handed = yield from self._begin(sender, utf8=utf8)
        if handed is None:
            handed = yield from self._name_recipient(recipient)
        if handed is None:
            until = yield ASK
            handed = (yield from self._give_text(message, until)) if isinstance(until, datetime) else None
        if handed is None or handed.result is not Result.SENT:
            yield from self._forget()
        return handed

    def fileno(self) -> int:
        """Return the connection's socket; one that is closed has none, and its answer is an error."""
        return self._server.sock.fileno() if self._server.sock is not None else -1

    def answer(self) -> tuple[int, bytes]:
        """Return the server's answer, waited for if it is not there yet."""
        return self._server.getreply()

    def close(self) -> None:
        """Take leave of the server; one that has gone already is let go."""
        try:
            self._server.quit()
        except OSError:
            self._server.close()

    def _say(self, command: str, argument: str = "") -> Generator[float, object, tuple[int, bytes]]:
        self._server.putcmd(command, argument)
        return _reply((yield STEP_SECONDS))

    def _begin(self, sender: str, *, utf8: bool) -> Generator[float, object, Handed | None]:
        """Name the sender; return why a server that takes others does not take this mail, None if it does."""
        from_ = f"FROM:{smtplib.quoteaddr(sender)}{_UTF8 if utf8 else ''}"
        try:
            code, reason = yield from self._say("mail", from_)
        except OSError:
            code, reason = _CLOSING, b""
        if code == _CLOSING:
            self._server.close()
            self._server = _connected()
            try:
                code, reason = yield from self._say("mail", from_)
            except OSError as error:
                raise MailServerUnreachable("connection_broke", reason=str(error)) from error
        if code // 100 == _GOOD:
            return None
        if utf8:
            return _judged(code, reason, otherwise=Result.LATER)
        raise MailServerUnreachable("sender_refused", sender=sender, reason=_said(code, reason))

    def _name_recipient(self, recipient: str) -> Generator[float, object, Handed | None]:
        """Return why the recipient was not taken, None if it was."""
        try:
            code, reason = yield from self._say("rcpt", f"TO:{smtplib.quoteaddr(recipient)}")
        except OSError as error:
            return Handed(Result.LATER, f"the connection broke: {error}")
        return None if code // 100 == _GOOD else _judged(code, reason, otherwise=Result.LATER)

    def _give_text(self, message: EmailMessage, until: datetime) -> Generator[float, object, Handed]:
        """Give the text, then the dot that ends it: before the dot all is safe to repeat, after it nothing is."""
        try:
            code, reason = yield from self._say("data")
            if code != _GO_AHEAD:
                return _judged(code, reason, otherwise=Result.LATER)
            self._send_held(_wire(message))
        except OSError as error:
            return Handed(Result.LATER, f"the connection broke: {error}")
        left = (until - machine_now()).total_seconds()
        if left < 1:
            self._server.close()  # without the dot it takes nothing
            return Handed(Result.LATER, "the server was too slow for the lease")
        try:
            code, reason = yield from self._end_text(min(left, FINAL_SECONDS))
        except OSError as error:
            return Handed(Result.UNCLEAR, f"no answer after the text: {error}")
        return Handed(Result.SENT) if code // 100 == _GOOD else _judged(code, reason, otherwise=Result.UNCLEAR)

    def _send_held(self, text: bytes) -> None:
        """Send what goes on at once: the system may hold it back until then, so that the server wakes once."""
        connection = self._server.sock
        assert connection is not None
        if isinstance(connection, ssl.SSLSocket) or not hasattr(socket, "MSG_MORE"):
            connection.sendall(text)
        else:
            connection.sendall(text, socket.MSG_MORE)

    def _end_text(self, seconds: float) -> Generator[float, object, tuple[int, bytes]]:
        connection = self._server.sock
        assert connection is not None
        connection.settimeout(seconds)
        self._server.send(b".\r\n")
        answer = _reply((yield seconds))
        connection.settimeout(STEP_SECONDS)
        return answer

    def _forget(self) -> Generator[float, object, None]:
        """Take the transaction back; where the server does not, the next mail begins on a new connection."""
        try:
            code, _ = yield from self._say("rset")
        except OSError:
            code = _CLOSING
        if code // 100 != _GOOD:
            self._server.close()


def _reply(answer: object) -> tuple[int, bytes]:
    code, reason = cast(tuple[int, bytes], answer)
    return code, reason


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
    server.command_encoding = "utf-8"  # beyond ASCII nothing is said to a server that offers no SMTPUTF8
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


@lru_cache(maxsize=4)
def _address(sender: str) -> str:
    return parseaddr(sender)[1]


def _wire(message: EmailMessage) -> bytes:
    """Return the text as DATA takes it, without the dot that ends it (RFC 5321, 4.5.2)."""
    ends_lines = message.policy.linesep == "\r\n"
    written = message.as_bytes(policy=None if ends_lines else message.policy.clone(linesep="\r\n"))
    text = _DOT_AT_LINE_START.sub(b"..", written)
    return text if text.endswith(b"\r\n") else text + b"\r\n"
