"""The rows of the index: what may be found of one thing, in the parts that different readers know."""

from enum import StrEnum

from sqlalchemy import BigInteger, Integer
from sqlmodel import Field, SQLModel, UniqueConstraint

from states.storage import EnumText


class SearchKind(StrEnum):
    """What can be found."""

    COLLABORATION = "collaboration"
    ORGANISATION = "organisation"
    DOCUMENT = "document"
    EVIDENCE = "evidence"


class SearchEntry(SQLModel, table=True):
    """The words of a collaboration, an organisation in a partnership, a document or a file; folded, so none is shown.

    `title`, `outline`, `details` and `inside` are parts that ever fewer people read; the columns `blind_` hold the same
    parts as who judges blind reads them, with every name masked. The database keeps an index over them by itself:
    SQLite in the virtual table `search_index`, PostgreSQL in the columns `plain_words` and `blind_words`.
    """

    __tablename__ = "search_entry"
    __table_args__ = (UniqueConstraint("kind", "subject_id", "partnership_id"),)

    number: int | None = Field(default=None, primary_key=True, sa_type=BigInteger().with_variant(Integer(), "sqlite"))
    kind: SearchKind = Field(sa_type=EnumText(SearchKind))
    subject_id: str
    partnership_id: str = Field(index=True)
    collaboration_id: str | None = Field(default=None, index=True, description="to which a document belongs")
    title: str = ""
    outline: str = ""
    details: str = ""
    inside: str = ""
    blind_title: str = ""
    blind_outline: str = ""
    blind_details: str = ""
