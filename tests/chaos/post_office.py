"""The mail server of the chaos test: it keeps a log as mail servers do, is down at times, and kills."""

from collections import deque
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
    _due: deque[Moment] = field(default_factory=deque)

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

    def _strike(self, moment: Moment) -> None:
        self.killed.append(moment)
        self.kill()

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        moment = next(self.killings, None)
        if moment is Moment.BEFORE:
            self._strike(moment)
        elif moment is not None:
            self._due.append(moment)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        """Take a message; the next death that is due comes to whoever gets so far."""
        assert isinstance(envelope.content, bytes)
        assert server.loop is not None
        message = message_from_bytes(envelope.content, policy=default)
        moment = self._due.popleft() if self._due else None
        if moment is Moment.LOST:
            self._strike(moment)
            return "451 lost"
        self.accepted.append(Accepted(message["Message-ID"].strip("<>"), envelope.rcpt_tos[0], clock.now()))
        if moment is Moment.TAKEN:
            self._strike(moment)
        elif moment is Moment.AFTER:
            server.loop.call_later(0.002, self._strike, moment)
        return "250 accepted"
