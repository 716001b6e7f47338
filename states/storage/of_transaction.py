"""What a room keeps in mind of a session's present transaction, until its commit writes it."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

T = TypeVar("T")
M = TypeVar("M")
Finish = Callable[[Any], None]  # of a session


class OfTransaction(Generic[T]):
    """Something of each transaction: made when first asked for, forgotten with its end.

    `mark` says how far it is when a savepoint is set, and `go_back` takes it there when that is rolled back.
    """

    def __init__(
        self,
        make: Callable[[], T],
        *,
        mark: Callable[[T], M] | None = None,
        go_back: Callable[[T, M], None] | None = None,
    ) -> None:
        self._make = make
        event.listen(Session, "after_transaction_end", self._end)
        if mark is None or go_back is None:
            return

        def remember(session: Session, transaction: SessionTransaction) -> None:
            if transaction.nested:
                self._marks(session)[transaction] = mark(self.of(session))

        def take_back(session: Session, transaction: SessionTransaction) -> None:
            if transaction.nested:
                go_back(self.of(session), self._marks(session)[transaction])

        event.listen(Session, "after_transaction_create", remember)
        event.listen(Session, "after_soft_rollback", take_back)

    def of(self, session: Session) -> T:
        """Return what there is of the present transaction."""
        if self not in session.info:
            session.info[self] = self._make()
        kept: T = session.info[self]
        return kept

    def take(self, session: Session) -> T | None:
        """Return it, if there is any, and begin anew."""
        kept: T | None = session.info.pop(self, None)
        return kept

    def before_commit(self, finish: Finish, *, first: bool = False) -> Finish:
        """Let this be done at the end of each transaction, before its commit; not where a savepoint is released.

        What is `first` is done before all that was asked for earlier.
        """

        def finish_whole(session: Session) -> None:
            if not session.in_nested_transaction():
                finish(session)

        event.listen(Session, "before_commit", finish_whole, insert=first)
        return finish

    def _marks(self, session: Session) -> dict[SessionTransaction, Any]:
        marks: dict[SessionTransaction, Any] = session.info.setdefault((self, "marks"), {})
        return marks

    def _end(self, session: Session, transaction: SessionTransaction) -> None:
        if transaction.parent is None:
            session.info.pop(self, None)
            session.info.pop((self, "marks"), None)
