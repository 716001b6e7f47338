"""Requests that may arrive twice: what was answered under an idempotency key, kept with the effect itself.

An answer may hold what is shown once, such as a link or a token. It is kept under a cipher whose key is what the caller
sends, and Bankable does not keep: whoever reads the database reads no answer.
"""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography.fernet import Fernet, InvalidToken
from sqlalchemy.exc import IntegrityError
from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, delete, select

from states.clock import machine_now
from states.errors import Invalid
from states.storage import Instant, Json, new_dict, new_id

KEPT = timedelta(hours=24)


class KeyReused(Invalid):
    """The key stands for another request."""

    code = "idempotency_key_reused"


class KeptAnswer(SQLModel, table=True):
    """The answer to a request, by who sent it and under which key; no caller reads another's."""

    __tablename__ = "kept_answer"
    __table_args__ = (UniqueConstraint("caller", "key"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    caller: str = Field(description="digest of the token that sent it")
    key: str
    request: str = Field(description="digest of method, path and body")
    kept_at: datetime = Field(sa_type=Instant, index=True)
    status: int = 0
    headers: dict[str, str] = Field(default_factory=new_dict, sa_type=Json)
    body: str = Field(default="", description="under the caller's cipher")


@dataclass(frozen=True, slots=True)
class Repeat:
    """A request under a key; `secret` (32 bytes) comes from the caller's token or link, and is kept nowhere."""

    caller: str
    key: str
    request: str
    secret: bytes = field(repr=False)

    def seal(self, body: bytes) -> str:
        """Return an answer as it is kept."""
        return Fernet(urlsafe_b64encode(self.secret)).encrypt(body).decode()

    def unseal(self, kept: str) -> str:
        """Return an answer that was kept; those of release 0.1.0 lie in clear for the day that they live."""
        try:
            return Fernet(urlsafe_b64encode(self.secret)).decrypt(kept).decode()
        except InvalidToken:
            return kept


def kept_answer(session: Session, *, caller: str, key: str) -> KeptAnswer | None:
    """Return what was answered to this caller under this key, while it is kept."""
    query = select(KeptAnswer).where(
        KeptAnswer.caller == caller, KeptAnswer.key == key, col(KeptAnswer.kept_at) > machine_now() - KEPT
    )
    return session.exec(query).one_or_none()


def reserve(session: Session, sent: Repeat) -> tuple[KeptAnswer, bool]:
    """Return the record of this key, and whether it is new: then the caller has its effect and fills the record in.

    Of two at once, the second waits for the first and gets its answer. Raises `KeyReused` for another request.
    """
    session.exec(delete(KeptAnswer).where(col(KeptAnswer.kept_at) <= machine_now() - KEPT))
    row = KeptAnswer(caller=sent.caller, key=sent.key, request=sent.request, kept_at=machine_now())
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        found = select(KeptAnswer).where(KeptAnswer.caller == sent.caller, KeptAnswer.key == sent.key)
        row = session.exec(found).one()
        if row.request != sent.request:
            raise KeyReused(
                "key_of_another_request", field="Idempotency-Key", remedy="take_new_key_for_new_request"
            ) from None
        return row, False
    return row, True
