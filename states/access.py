"""Who may do what: one table of pure functions, asked by the API, the flows and the pages alike; refused by default."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from states.errors import Denied, Missing


class Role(StrEnum):
    """What a person (or the clock) is in one partnership."""

    PROJECT_MANAGER = "project_manager"
    IAG_SECRETARY = "iag_secretary"
    IAG_MEMBER = "iag_member"
    IAG_CHAIR = "iag_chair"
    WGRA_MEMBER = "wgra_member"
    WGRA_CHAIR = "wgra_chair"
    PARTNER = "partner"
    OBSERVER = "observer"
    ADMINISTRATOR = "administrator"
    CLOCK = "clock"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts: a role in a partnership, held by a person, for a region or an organisation."""

    role: Role
    partnership_id: str
    person_id: str | None = None
    region_id: str | None = None
    organisation_id: str | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What is acted upon, as far as rights depend on it."""

    partnership_id: str
    organisation_ids: frozenset[str] = frozenset()
    region_id: str | None = None
    person_id: str | None = None


class Action(StrEnum):
    """Everything that somebody may want to do."""

    READ_PARTNERSHIP = "read_partnership"
    EDIT_PARTNERSHIP = "edit_partnership"
    READ_COLLABORATION = "read_collaboration"
    READ_CONTACTS = "read_contacts"
    RECORD_CONTACT = "record_contact"
    OPEN_COLLABORATION = "open_collaboration"
    EDIT_COLLABORATION = "edit_collaboration"
    MOVE_COLLABORATION = "move_collaboration"
    READ_PROTOCOL = "read_protocol"
    EDIT_PROTOCOL = "edit_protocol"
    READ_REVIEW = "read_review"
    RUN_REVIEW = "run_review"
    READ_OPEN_EVALUATIONS = "read_open_evaluations"
    EVALUATE = "evaluate"
    STATE_POSITION = "state_position"
    PREPARE_DECISION = "prepare_decision"
    CONFIRM_DECISION = "confirm_decision"
    READ_FUNDING = "read_funding"
    EDIT_FUNDING = "edit_funding"
    READ_DOCUMENT = "read_document"
    READ_CONFIDENTIAL_DOCUMENT = "read_confidential_document"
    ASK_FOR_DOCUMENT = "ask_for_document"
    READ_REPORT = "read_report"
    READ_SELF_ASSESSMENT = "read_self_assessment"
    EDIT_REPORT = "edit_report"
    READ_DEADLINES = "read_deadlines"


Rule = Callable[[Actor, Scope], bool]


def _by(*roles: Role) -> Rule:
    allowed = frozenset(roles)
    return lambda actor, _: actor.role in allowed


def _either(first: Rule, second: Rule) -> Rule:
    return lambda actor, scope: first(actor, scope) or second(actor, scope)


def _own_organisation(actor: Actor, scope: Scope) -> bool:
    return actor.role is Role.PARTNER and actor.organisation_id in scope.organisation_ids


def _own_region(actor: Actor, scope: Scope) -> bool:
    return actor.role is Role.WGRA_MEMBER and actor.region_id is not None and actor.region_id == scope.region_id


_EVERYBODY = _by(*Role)
_MANAGERS = _by(Role.PROJECT_MANAGER, Role.ADMINISTRATOR, Role.CLOCK)
_ADVISERS = _by(Role.IAG_SECRETARY, Role.IAG_MEMBER, Role.IAG_CHAIR, Role.WGRA_MEMBER, Role.WGRA_CHAIR)
_CHAIRS = _by(Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.WGRA_CHAIR)
_INSIDE = _either(_MANAGERS, _ADVISERS)

RULES: dict[Action, Rule] = {
    Action.READ_PARTNERSHIP: _EVERYBODY,
    Action.EDIT_PARTNERSHIP: _MANAGERS,
    Action.READ_COLLABORATION: _either(_either(_INSIDE, _by(Role.OBSERVER)), _own_organisation),
    Action.READ_CONTACTS: _INSIDE,
    Action.RECORD_CONTACT: _MANAGERS,
    Action.OPEN_COLLABORATION: _MANAGERS,
    Action.EDIT_COLLABORATION: _MANAGERS,
    # Which move is open to which role stands in the playbook; here only who may knock at all.
    Action.MOVE_COLLABORATION: _either(_INSIDE, _own_organisation),
    Action.READ_PROTOCOL: _either(_INSIDE, _own_organisation),
    Action.EDIT_PROTOCOL: _either(_MANAGERS, _own_organisation),
    Action.READ_REVIEW: _INSIDE,
    Action.RUN_REVIEW: _either(_MANAGERS, _CHAIRS),
    # Each reviewer judges alone: nobody who scores or decides reads another's scores while the round is open.
    Action.READ_OPEN_EVALUATIONS: _by(Role.IAG_SECRETARY, Role.PROJECT_MANAGER, Role.ADMINISTRATOR),
    Action.EVALUATE: _by(Role.IAG_MEMBER, Role.IAG_CHAIR),
    Action.STATE_POSITION: _own_region,
    Action.PREPARE_DECISION: _by(Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.WGRA_CHAIR),
    Action.CONFIRM_DECISION: _by(Role.IAG_CHAIR, Role.WGRA_CHAIR),
    Action.READ_FUNDING: _either(_INSIDE, _own_organisation),
    Action.EDIT_FUNDING: _MANAGERS,
    Action.READ_DOCUMENT: _EVERYBODY,
    Action.READ_CONFIDENTIAL_DOCUMENT: _either(_INSIDE, _own_organisation),
    Action.ASK_FOR_DOCUMENT: _either(_MANAGERS, _CHAIRS),
    Action.READ_REPORT: _EVERYBODY,
    Action.READ_SELF_ASSESSMENT: _MANAGERS,
    Action.EDIT_REPORT: _MANAGERS,
    Action.READ_DEADLINES: _either(_INSIDE, _own_organisation),
}


def may(actor: Actor, action: Action, scope: Scope) -> bool:
    """Tell whether the actor may do this; never across partnerships."""
    return actor.partnership_id == scope.partnership_id and RULES[action](actor, scope)


def require(actor: Actor, action: Action, scope: Scope) -> None:
    """Raise `Denied` unless the actor may do this; across partnerships `Missing`, which gives nothing away."""
    if actor.partnership_id != scope.partnership_id:
        raise Missing("such record", "of another partnership")
    if not RULES[action](actor, scope):
        raise Denied(f"The role {actor.role.value} may not {action.value.replace('_', ' ')}.")
