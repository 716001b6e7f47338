"""Keys that mails have words for, and that no table of the domain names."""

from enum import StrEnum


class Duty(StrEnum):
    """What somebody owes by a date: the kinds of deadlines that mails have a word for."""

    STAGE = "stage"
    DECLARATION = "declaration"
    EVALUATION = "evaluation"
    CONSENSUS = "consensus"
    POSITION = "position"
    SIGN_OFF = "sign_off"
    CONDITION = "condition"
    CALL_CLOSING = "call_closing"
    RISK_REVIEW = "risk_review"
    REPORT = "report"
    OUTCOME = "outcome"


class EventPart(StrEnum):
    """What may have changed of an event."""

    TITLE = "title"
    TIME = "time"
    PLACE = "place"


class Answer(StrEnum):
    """What somebody answered to a request for a meeting, or to an expression of interest."""

    ACCEPTED = "accepted"
    DECLINED = "declined"
