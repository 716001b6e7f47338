"""Addresses of the list of cases that somebody keeps by a name: one's own, nobody else reads them."""

from collections.abc import Sequence
from datetime import datetime

from sqlmodel import Field, Session, SQLModel, UniqueConstraint, col, select
from sqlmodel.sql.expression import SelectOfScalar

from states.clock import now
from states.errors import Missing
from states.storage import Instant, new_id
from states.storage.text_order import by_text


class SavedView(SQLModel, table=True):
    """An address of the list of cases, by the name that a person gave it in a partnership."""

    __tablename__ = "saved_view"
    __table_args__ = (UniqueConstraint("person_id", "partnership_id", "name"),)

    id: str = Field(default_factory=new_id, primary_key=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    partnership_id: str = Field(foreign_key="partnership.id")
    name: str
    address: str = Field(description="path and query: the filters, the order, the view")
    kept_at: datetime = Field(sa_type=Instant)


def views_of(session: Session, person_id: str, partnership_id: str) -> Sequence[SavedView]:
    """Return what a person keeps in a partnership, by name."""
    return session.exec(_of(person_id, partnership_id).order_by(by_text(SavedView.name), col(SavedView.id))).all()


def keep_view(session: Session, person_id: str, partnership_id: str, *, name: str, address: str) -> SavedView:
    """Keep an address by a name; what had that name before is replaced."""
    known = session.exec(_of(person_id, partnership_id).where(SavedView.name == name)).one_or_none()
    row = known or SavedView(person_id=person_id, partnership_id=partnership_id, name=name, address="", kept_at=now())
    row.address, row.kept_at = address, now()
    session.add(row)
    session.flush()
    return row


def drop_view(session: Session, person_id: str, key: str) -> None:
    """Keep an address no more; raise `Missing` for one that is not the person's own."""
    row = session.get(SavedView, key)
    if row is None or row.person_id != person_id:
        raise Missing("saved_view", key)
    session.delete(row)
    session.flush()


def _of(person_id: str, partnership_id: str) -> SelectOfScalar[SavedView]:
    return select(SavedView).where(SavedView.person_id == person_id, SavedView.partnership_id == partnership_id)
