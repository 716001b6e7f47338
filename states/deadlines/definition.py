"""What a playbook may say of reminders: ladders made of rungs."""

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Recipient(StrEnum):
    """Whom a rung reaches; everybody but the owner and the deputy is told because it is escalated."""

    OWNER = "owner"
    DEPUTY = "deputy"
    CHAIR = "chair"
    PROJECT_MANAGER = "project_manager"


class Rung(BaseModel):
    """One reminder of a ladder: `days` working days from the due date (negative is before)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    days: int = Field(ge=-250, le=250)
    to: list[Recipient] = Field(default=[Recipient.OWNER], min_length=1)
