"""What a task is: what somebody does next, where, until when."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from states.clock import today


class TaskKind(StrEnum):
    AGREE = "agree"
    DECLARE = "declare"
    EVALUATE = "evaluate"
    STATE_POSITION = "state_position"
    RULE_ON_CONFLICT = "rule_on_conflict"
    FILL_SEATS = "fill_seats"
    DISCUSS = "discuss"
    RECORD_CONSENSUS = "record_consensus"
    RECORD_MINUTE = "record_minute"
    PREPARE = "prepare"
    CONFIRM = "confirm"
    RELEASE = "release"
    CLOSE_CONDITION = "close_condition"
    MEET_CONDITION = "meet_condition"
    MEET_AGREEMENT_CONDITION = "meet_agreement_condition"
    REPORT_PROGRESS = "report_progress"
    CHECK_PROGRESS = "check_progress"
    ANSWER_CHANGE = "answer_change"
    SIGN_OFF = "sign_off"
    WRITE_SECTION = "write_section"
    ANSWER_QUESTION = "answer_question"
    CLOSE_QUESTION = "close_question"
    REVIEW_RISKS = "review_risks"
    FILL_CHECKLIST = "fill_checklist"
    SUBMIT_TO_CALL = "submit_to_call"
    PREPARE_REPORT = "prepare_report"
    ISSUE_REPORT = "issue_report"
    RENEW_SCENARIO = "renew_scenario"
    CONFIRM_ROLE = "confirm_role"
    ADD_RULES = "add_rules"
    VERIFY_RULES = "verify_rules"
    PUT_RULES_IN_FORCE = "put_rules_in_force"


class TaskState(StrEnum):
    """`waiting`: somebody else has to act first."""

    OPEN = "open"
    DRAFTED = "drafted"
    WAITING = "waiting"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that waits for somebody; `path` names the resource on which it is done, from the root of all."""

    title: str
    kind: TaskKind
    path: str
    collaboration_id: str | None = None
    round_id: str | None = None
    due_on: date | None = None
    state: TaskState = TaskState.OPEN

    @property
    def overdue(self) -> bool:
        """Tell whether its day has passed."""
        return self.due_on is not None and self.due_on < today()
