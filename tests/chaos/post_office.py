"""The mail server of the chaos test: it keeps a log as mail servers do, is down at times, and kills."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes
from email.policy import default
from enum import StrEnum

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession

from states import clock


class Moment(StrEnum):
    """At which step of a hand-over the workers are killed, and whether the server keeps what it was given."""

    BEFORE = "before: the recipient was named"
    TAKEN = "during: taken, the answer never heard"
    LOST = "during: lost by the server too"
    AFTER = "after: the answer is on its way"


@dataclass(frozen=True, slots=True)
class Accepted:
    """One message that the server took, at an instant of the simulated clock."""

    message_id: str
    to: str
    at: datetime


@dataclass
class PostOffice:
    """What the server took; `kill` is called at the moments that `killings` yields, one for each mail offered."""

    port: int
    killings: Iterator[Moment | None]
    kill: Callable[[], None] = lambda: None
    accepted: list[Accepted] = field(default_factory=list)
    killed: list[Moment] = field(default_factory=list)
    _controller: Controller | None = None
    _next: Moment | None = None

    def open(self) -> None:
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port)
        self._controller.start()

    def close(self) -> None:
        if self._controller is not None:
            self._controller.stop()
            self._controller = None

    def log(self) -> str:
        """Return the server's log: a line for each message that it took."""
        return "\n".join(f"accepted message-id=<{one.message_id}> to=<{one.to}>" for one in self.accepted)

    def _strike(self, *moments: Moment) -> bool:
        if self._next not in moments:
            return False
        self.killed.append(self._next)
        self.kill()
        return True

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self._next = next(self.killings, None)
        self._strike(Moment.BEFORE)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = message_from_bytes(envelope.content, policy=default)
        if self._strike(Moment.LOST):
            return "451 lost"
        self.accepted.append(Accepted(message["Message-ID"].strip("<>"), envelope.rcpt_tos[0], clock.now()))
        if not self._strike(Moment.TAKEN) and self._next is Moment.AFTER:
            assert server.loop is not None
            server.loop.call_later(0.002, self._strike, Moment.AFTER)
        return "250 accepted"
