"""Hand many mails over at once: several connections take turns, and what one waits for, another uses.

While a server looks at one mail the text of another is written; what became of some mails, and that others are offered
now, is one transaction. An offer is committed before the server sees a text: whoever dies here leaves mails of unknown
fate, and none that is sent twice. They are as many as there are connections, or as go out in `_AHEAD` where that is
more: to a quick server a transaction for each mail takes longer than the mail. What is offered and not begun by the end
is `unbegun`.
"""

import select
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from itertools import islice
from time import monotonic
from typing import Protocol

from flows.smtp import ASK, Conversation, Handed
from flows.stopping import going
from states.errors import Outage
from states.mail.sending import DueMail, Result
from states.sweeps.apart import Failed, attempt
from states.sweeps.service import said

_AHEAD = 0.05  # seconds for which mails are offered, and their results recorded, at once

Settled = Sequence[tuple[DueMail, Handed]]


class Post(Protocol):
    """Somewhere to hand messages to, one after the other."""

    def converse(self, message: EmailMessage) -> Conversation:
        """Hand a message over: yields `ASK` where it asks whether it may go out, else how long it awaits an answer."""

    def fileno(self) -> int:
        """Return what is readable once the answer is there."""

    def answer(self) -> tuple[int, bytes]:
        """Return the answer that is there."""


@dataclass(slots=True)
class _Turn:
    """A mail on a connection; until when (monotonic seconds) its answer is waited for, None while it asks."""

    post: Post
    mail: DueMail
    talk: Conversation
    until: float | None = None


class Desk:
    """Hands mails over by these posts; `write` makes a text, `settle` records results and says who may be offered."""

    def __init__(
        self,
        posts: Sequence[Post],
        *,
        write: Callable[[DueMail], EmailMessage],
        settle: Callable[[Settled, Sequence[str]], Mapping[str, datetime]],
    ) -> None:
        self._write, self._settle = write, settle
        self._idle, self._turns = list(posts), list[_Turn]()
        self._waiting: deque[DueMail] = deque()
        self._written: deque[tuple[DueMail, EmailMessage]] = deque()
        self._results: list[tuple[DueMail, Handed]] = []
        self._offered: dict[str, datetime] = {}  # ahead: until when each is ours
        self._began = self._recorded = monotonic()
        self._outage: Outage | None = None
        self.told: Counter[str] = Counter()

    @property
    def unbegun(self) -> list[str]:
        """Return what was offered and has not been begun."""
        return list(self._offered)

    def hand_over(self, mails: Sequence[DueMail]) -> None:
        """Hand all of them over; once the server takes nothing, or the runner is to stop, begin nothing new.

        Raise `MailServerUnreachable` then; what was on its way is settled before.
        """
        self._waiting.extend(mails)
        try:
            while self._begin_turns() or self._turns:
                self._go_on()
        finally:
            self._record([])
        if self._outage is not None:
            raise self._outage

    def _begin_turns(self) -> bool:
        if self._is_over() or not going():
            return False
        while self._idle and not self._is_over() and (self._written or self._waiting):
            if not self._written and not self._write_next():
                continue
            mail, message = self._written.popleft()
            post = self._idle.pop()
            turn = _Turn(post, mail, post.converse(message))
            self._turns.append(turn)
            self._step(turn, None)
            for _ in range(2):  # so that there is what can be offered ahead, and no connection waits for it
                if self._waiting and len(self._written) < self._ahead():
                    self._write_next()
        return bool(self._turns)

    def _write_next(self) -> bool:
        """Write the next mail; what lacks a value, an address or a time zone waits for no better day."""
        mail = self._waiting.popleft()
        message = attempt(lambda: self._write(mail))
        if isinstance(message, Failed):
            self._end(mail, Handed(Result.UNWRITTEN, said(message.error)))
            return False
        self._written.append((mail, message))
        return True

    def _go_on(self) -> None:
        """Take the answers that are there; without one write a text, offer what asks, or wait."""
        awaiting = [turn for turn in self._turns if turn.until is not None]
        if self._answered(awaiting, seconds=0):
            return
        if self._waiting and not self._is_over() and len(self._written) < max(len(self._turns), self._ahead()):
            self._write_next()
        elif len(awaiting) < len(self._turns) or (self._results and monotonic() - self._recorded >= _AHEAD):
            self._offer([turn for turn in self._turns if turn.until is None])
        else:
            first = min((turn.until for turn in awaiting if turn.until is not None), default=0)
            wait = max(first - monotonic(), 0)
            self._answered(awaiting, seconds=min(wait, _AHEAD) if self._results else wait)

    def _answered(self, awaiting: Sequence[_Turn], *, seconds: float) -> bool:
        if not awaiting:
            return False
        readable, _, _ = select.select([turn.post for turn in awaiting], [], [], seconds)
        at = monotonic()
        late = [turn for turn in awaiting if turn.until is not None and turn.until <= at and turn.post not in readable]
        for turn in [one for one in awaiting if one.post in readable]:
            self._step(turn, turn.post.answer)
        for turn in late:
            self._step(turn, _too_late)
        return bool(readable or late)

    def _offer(self, asking: Sequence[_Turn]) -> None:
        """Offer what asks, and with it what is written and goes out soon."""
        soon = [mail.id for mail, _ in islice(self._written, self._ahead()) if mail.id not in self._offered]
        offered = self._record([*(turn.mail.id for turn in asking), *soon])
        self._offered |= {key: offered[key] for key in soon if key in offered}
        for turn in asking:
            self._step(turn, lambda turn=turn: offered.get(turn.mail.id))  # type: ignore[misc]

    def _ahead(self) -> int:
        """Return how many mails go out in `_AHEAD`, as fast as it has gone so far."""
        return int(self.told.total() / max(monotonic() - self._began, _AHEAD) * _AHEAD)

    def _record(self, asking: Sequence[str]) -> Mapping[str, datetime]:
        results, self._results = self._results, []
        self._recorded = monotonic()
        wanted = [] if self._is_over() else asking
        return self._settle(results, wanted) if results or wanted else {}

    def _step(self, turn: _Turn, answer: Callable[[], object] | None) -> None:
        """Let a conversation go on with an answer, or with the error that came in its place."""
        try:
            try:
                told = answer() if answer is not None else None
            except OSError as error:
                wants = turn.talk.throw(error)
            else:
                wants = turn.talk.send(told)
            if wants == ASK and turn.mail.id in self._offered:
                wants = turn.talk.send(self._offered.pop(turn.mail.id))
            turn.until = None if wants == ASK else monotonic() + wants
            return
        except StopIteration as end:
            self._end(turn.mail, end.value)
        except Outage as error:
            self._outage = error
        self._turns.remove(turn)
        self._idle.append(turn.post)

    def _is_over(self) -> bool:
        return self._outage is not None

    def _end(self, mail: DueMail, handed: Handed | None) -> None:
        self._offered.pop(mail.id, None)
        self.told[handed.result.value if handed is not None else "passed over"] += 1
        if handed is not None:
            self._results.append((mail, handed))


def _too_late() -> object:
    raise TimeoutError("timed out")
