"""What waits beside a stage and a seat: the kinds of deadlines that a playbook may ask for."""

from enum import StrEnum


class Waiting(StrEnum):
    """A key of `deadlines:` in a playbook, and the kind of the deadline that comes of it."""

    CONSENSUS = "consensus"
    SIGN_OFF = "sign_off"
    CONDITION = "condition"
    CALL_CLOSING = "call_closing"
    RISK_REVIEW = "risk_review"
    CHECKLIST = "checklist"
    REPORT = "report"
    SECTION = "section"
    QUESTION = "question"


AFTER_THE_YES = ("agreement_condition", "partner_progress", "progress_check", "change_approval")
"""What waits once money is agreed on, whatever a playbook says; it ends with the collaboration."""
