"""Rows of the calendar feeds that were given out."""

from datetime import datetime

from sqlmodel import Field, SQLModel

from states.storage import Instant, new_id


class CalendarFeed(SQLModel, table=True):
    """An address that a calendar reads without a token; kept as a digest only, good until it is revoked.

    It shows what one person may read in one partnership, or, where no person is named, the whole partnership's.
    """

    __tablename__ = "calendar_feed"

    id: str = Field(default_factory=new_id, primary_key=True)
    partnership_id: str = Field(foreign_key="partnership.id", index=True)
    person_id: str | None = Field(default=None, foreign_key="person.id", index=True)
    digest: str = Field(unique=True)
    label: str = ""
    created_at: datetime = Field(sa_type=Instant)
    revoked_at: datetime | None = Field(default=None, sa_type=Instant)
    last_read_at: datetime | None = Field(default=None, sa_type=Instant, description="to the hour")
