"""The row that ties sealed rows to their case: none can go, come or be put back without being noticed."""

from datetime import datetime

from sqlmodel import Field, Index, SQLModel

from states.storage import Instant, Json, new_dict, new_list


class SealTip(SQLModel, table=True):
    """How many sealed rows of each kind a case has, and the sum of their seals; itself sealed.

    `scope` is `collaboration:<id>`, `partnership:<id>` or `installation`. A tip is counted in that of its `parent`.
    """

    __tablename__ = "seal_tip"
    __table_args__ = (Index("ix_seal_tip_by_sealing", "sealed_at", "scope"),)

    scope: str = Field(primary_key=True)
    parent: str = Field(default="", index=True, description="the scope above; empty for the installation")
    kinds: dict[str, list[object]] = Field(
        default_factory=new_dict, sa_type=Json, description="table -> how many rows, and the sum of their seals in hex"
    )
    doubts: list[dict[str, str]] = Field(
        default_factory=new_list, sa_type=Json, description="what did not fit when it was written on, with its instant"
    )
    notes: list[dict[str, str]] = Field(
        default_factory=new_list, sa_type=Json, description="when all was sealed anew, by whom and why"
    )
    sealed_at: datetime = Field(sa_type=Instant)
    seal: str = ""
