"""Rows of playbook editions: the text with which collaborations began, kept as it was."""

from datetime import datetime

from sqlmodel import Field

from states.seals import SealedRow, sealed
from states.storage import Instant


@sealed(frozen=True)
class PlaybookEdition(SealedRow, table=True):
    """One version of one playbook; its text never changes."""

    __tablename__ = "playbook_edition"

    key: str = Field(primary_key=True, description="name@version")
    text: str
    sha256: str
    published_at: datetime = Field(sa_type=Instant)
