"""Who may do what: one table of pure functions, asked by the API, the flows and the pages alike; refused by default."""

from collections.abc import Callable
from dataclasses import replace
from functools import cache

from states.errors import Denied, Missing
from states.rights.actions import Action
from states.rights.actors import EVERY_SCOPE, Actor, Closed, Role, Scope, TokenScope

__all__ = [
    "EVERY_SCOPE",
    "RULES",
    "Action",
    "Actor",
    "Closed",
    "Role",
    "Scope",
    "TokenScope",
    "confined_to",
    "may",
    "require",
    "scope_of",
    "who_may",
]


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
_SEATED = frozenset({Role.IAG_MEMBER, Role.WGRA_MEMBER})


def _office(actor: Actor, scope: Scope) -> bool:
    """Who runs reviews without scoring; nobody whose own organisation is a partner, or with a conflict on record."""
    runs = {Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.WGRA_CHAIR}
    return actor.role in runs and actor.organisation_id not in scope.organisation_ids and not scope.conflicted


def _chair(actor: Actor, scope: Scope) -> bool:
    return actor.role is not Role.IAG_SECRETARY and _office(actor, scope)


def _cleared(actor: Actor, scope: Scope) -> bool:
    return actor.role in _SEATED and scope.cleared and not scope.conflicted


def _seat_holder(actor: Actor, scope: Scope) -> bool:
    return actor.role in _SEATED and scope.seated


def _not_a_reviewer(actor: Actor, _: Scope) -> bool:
    return actor.role not in _SEATED


def _own(actor: Actor, scope: Scope) -> bool:
    return actor.person_id is not None and actor.person_id == scope.person_id


def _host(actor: Actor, scope: Scope) -> bool:
    return actor.role is Role.PARTNER and actor.organisation_id is not None and actor.organisation_id == scope.host_id


def _sender(actor: Actor, scope: Scope) -> bool:
    return actor.role is Role.PARTNER and actor.organisation_id is not None and actor.organisation_id == scope.sender_id


def _not_blind(rule: Rule) -> Rule:
    return lambda actor, scope: not scope.blind and rule(actor, scope)


def _office_of_the_review(actor: Actor, scope: Scope) -> bool:
    return scope.of_review and _office(actor, scope)


_DOSSIER = _either(_either(_MANAGERS, _office), _either(_cleared, _own_organisation))
_REVIEW = _either(_either(_MANAGERS, _office), _cleared)
_CHAIRS = _by(Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.WGRA_CHAIR)
_INSIDE = _either(_MANAGERS, _ADVISERS)
# Who scores knows nothing of offers and meetings: they tell who is behind a collaboration that is judged blind.
_POOL = _either(_either(_MANAGERS, _CHAIRS), _by(Role.PARTNER, Role.OBSERVER))
_FAIR = _either(_MANAGERS, _by(Role.PARTNER))
_OWN = _either(_MANAGERS, _own_organisation)


def _confirmed(actor: Actor, scope: Scope) -> bool:
    """Who speaks for the organisation, and was not named by a manager alone."""
    return _own_organisation(actor, scope) and not actor.unconfirmed


def _owner(actor: Actor, scope: Scope) -> bool:
    return actor.role is Role.PARTNER and actor.organisation_id in scope.owner_ids


def _confirmed_owner(actor: Actor, scope: Scope) -> bool:
    return _owner(actor, scope) and not actor.unconfirmed


RULES: dict[Action, Rule] = {
    # Who looks after the installation; a new partnership is another one, of which this actor's token opens nothing.
    Action.FOUND_PARTNERSHIP: _by(Role.ADMINISTRATOR),
    Action.CLOSE_PARTNERSHIP: _by(Role.ADMINISTRATOR),
    Action.READ_PARTNERSHIP: _EVERYBODY,
    Action.EDIT_PARTNERSHIP: _MANAGERS,
    Action.READ_PEOPLE: _MANAGERS,
    Action.INVITE_PERSON: _MANAGERS,
    # Whoever edits a partnership does not thereby choose who judges and decides in it.
    Action.APPOINT_PERSON: _by(Role.ADMINISTRATOR),
    # A manager who names somebody to speak for a partner would sign for that partner otherwise.
    Action.CONFIRM_PARTNER: _either(_by(Role.ADMINISTRATOR), _confirmed),
    Action.READ_TOKENS: _MANAGERS,
    Action.REVOKE_TOKEN: _MANAGERS,
    Action.MAKE_TOKEN: _EVERYBODY,
    Action.READ_COLLABORATION: _either(_either(_INSIDE, _by(Role.OBSERVER)), _own_organisation),
    # A contact tells how a collaboration came about: more than a reviewer knows before the declaration.
    Action.READ_CONTACTS: _either(_MANAGERS, _CHAIRS),
    Action.RECORD_CONTACT: _MANAGERS,
    Action.READ_PROFILES: _POOL,
    Action.DRAFT_PROFILE: _FAIR,
    Action.EDIT_PROFILE: _OWN,
    # Not for the own organisation, nor what one wrote oneself: states.matchmaking.profiles.quality_check refuses that.
    Action.CHECK_PROFILE: _MANAGERS,
    Action.READ_PROFILE_CHECKS: _OWN,
    Action.EXPRESS_INTEREST: _FAIR,
    Action.READ_INTERESTS: _FAIR,
    Action.READ_INTEREST: _OWN,
    Action.ANSWER_INTEREST: _either(_MANAGERS, _host),
    Action.PURSUE_INTEREST: _either(_MANAGERS, _sender),
    # The two sides, once the host has agreed; the managers need nobody's address for their work.
    Action.READ_CONTACT_DETAILS: _confirmed,
    Action.READ_SUGGESTIONS: _OWN,
    Action.READ_PARTNERS_WANTED: _OWN,
    # Whom an organisation avoids is known to itself and the managers: the lists hold no other's.
    Action.READ_AVOIDANCES: _FAIR,
    Action.DECLARE_AVOIDANCE: _FAIR,
    Action.READ_CONSENTS: _OWN,
    Action.RECORD_CONSENT: _OWN,
    Action.READ_BROKERAGE: _POOL,
    Action.RUN_BROKERAGE: _MANAGERS,
    Action.READ_PARTICIPANTS: _FAIR,
    Action.REGISTER_PARTICIPANT: _FAIR,
    Action.EDIT_PARTICIPANT: _OWN,
    Action.READ_MEETINGS: _FAIR,
    Action.READ_MEETING: _OWN,
    Action.REQUEST_MEETING: _FAIR,
    Action.TAKE_PART: _OWN,
    Action.READ_TIMETABLE: _MANAGERS,
    Action.READ_FUNNEL: _either(_MANAGERS, _CHAIRS),
    # A partner takes out what it may read; the office takes out the whole case.
    Action.READ_CASE_FILE: _either(_MANAGERS, _own_organisation),
    # Who takes a case in answers for a history that nobody here has lived through.
    Action.TAKE_IN_CASE: _by(Role.ADMINISTRATOR),
    Action.OPEN_COLLABORATION: _MANAGERS,
    Action.EDIT_COLLABORATION: _MANAGERS,
    Action.ASSIGN_OFFICER: _either(_MANAGERS, _by(Role.IAG_SECRETARY)),
    # Who is away, the office has to know; everybody says it of oneself.
    Action.READ_ABSENCES: _either(_either(_MANAGERS, _by(Role.IAG_SECRETARY)), _own),
    Action.DECLARE_ABSENCE: _either(_MANAGERS, _own),
    Action.READ_PROGRESS: _either(_DOSSIER, _by(Role.OBSERVER)),
    # Which move is open to which role stands in the playbook; here only who may knock at all.
    Action.MOVE_COLLABORATION: _either(_either(_MANAGERS, _office), _own_organisation),
    # What a reviewer reads before the declaration is the collaboration's outline: title, partners, regions.
    Action.READ_DOSSIER: _DOSSIER,
    Action.READ_PROTOCOL: _either(_either(_MANAGERS, _by(Role.IAG_SECRETARY)), _own_organisation),
    Action.EDIT_PROTOCOL: _either(_MANAGERS, _own_organisation),
    # Whose the part is stands in the scope: of a row its owner and the lead, of all else the lead alone.
    Action.EDIT_EVERY_PART: _OWN,
    Action.EDIT_COSTS: _OWN,
    Action.READ_ROUND: _either(_REVIEW, _seat_holder),
    Action.READ_REVIEW: _REVIEW,
    Action.RUN_REVIEW: _either(_MANAGERS, _office),
    # Each reviewer judges alone: nobody who scores or decides reads another's scores while the round is open.
    Action.READ_OPEN_EVALUATIONS: _by(Role.IAG_SECRETARY, Role.PROJECT_MANAGER, Role.ADMINISTRATOR),
    # A seat, an agreement and a declaration are needed too: the round asks for them and says what is missing.
    Action.EVALUATE: _by(Role.IAG_MEMBER),
    Action.DECLARE: _by(*_SEATED),
    Action.RULE_ON_CONFLICT: _office,
    Action.STATE_POSITION: _own_region,
    Action.RECORD_CONSENSUS: _office,
    Action.PREPARE_DECISION: _office,
    Action.CONFIRM_DECISION: _chair,
    Action.RELEASE_DECISION: _office,
    Action.READ_DECISION: _either(_REVIEW, _own_organisation),
    Action.CLOSE_CONDITION: _either(_MANAGERS, _office),
    Action.READ_FUNDING: _DOSSIER,
    # Sites, owners and figures of a case tell who is behind it: no label in the place of a name would hide that.
    Action.READ_FUNDING_CASE: _not_blind(_DOSSIER),
    Action.EDIT_FUNDING: _MANAGERS,
    # The office and the lead; a partner its own part, and the authority of the region that pays.
    Action.READ_AGREEMENTS: _not_blind(_either(_either(_MANAGERS, _office), _either(_owner, _own_region))),
    Action.EDIT_AGREEMENTS: _either(_MANAGERS, _confirmed_owner),
    # A partner what it says itself, the lead of all; who accepts it manages the partnership.
    Action.READ_PARTNER_PROGRESS: _not_blind(_either(_either(_MANAGERS, _office), _owner)),
    Action.EDIT_PARTNER_PROGRESS: _either(_MANAGERS, _confirmed_owner),
    Action.CHECK_PARTNER_PROGRESS: _MANAGERS,
    # Every partner knows what is to change; an authority answers for the money of its own region.
    Action.READ_CHANGE_REQUESTS: _not_blind(
        _either(_either(_MANAGERS, _office), _either(_own_organisation, _own_region))
    ),
    Action.EDIT_CHANGE_REQUESTS: _either(_MANAGERS, _confirmed_owner),
    Action.ANSWER_CHANGE_REQUEST: _either(_MANAGERS, _own_region),
    Action.READ_RESULTS: _not_blind(_either(_either(_MANAGERS, _office), _own_organisation)),
    Action.EDIT_RESULTS: _either(_MANAGERS, _confirmed_owner),
    # The law is public. Who compares a text with it is another person than who added it: the service sees to that.
    Action.READ_RULES: _EVERYBODY,
    Action.EDIT_RULES: _MANAGERS,
    Action.VERIFY_RULES: _either(_either(_MANAGERS, _CHAIRS), _by(Role.WGRA_MEMBER)),
    # Accounts, owners and aid received are the organisation's own; a case shows them to whom the dossier is open.
    Action.READ_FIGURES: _OWN,
    Action.EDIT_FIGURES: _OWN,
    # No paper but the reviewers' dossier is printed without the partners' names.
    Action.READ_DOCUMENT: _not_blind(_either(_not_a_reviewer, _cleared)),
    Action.READ_CONFIDENTIAL_DOCUMENT: _DOSSIER,
    # A book holds what its reader may read: the office's every case, an organisation's its own.
    Action.READ_PORTFOLIO: _OWN,
    Action.ASK_FOR_PORTFOLIO: _OWN,
    # What one region's authority is told, with what the others have stated: not for another region, nor for partners.
    Action.READ_BRIEFING: _not_blind(_either(_either(_MANAGERS, _office), _own_region)),
    Action.ASK_FOR_DOCUMENT: _either(_MANAGERS, _CHAIRS),
    Action.SHARE_DOCUMENT: _MANAGERS,
    # What was filed bears names; confidential files are for their organisation, the lead, the office and reviewers.
    Action.READ_EVIDENCE: _not_blind(_either(_not_a_reviewer, _cleared)),
    Action.READ_CONFIDENTIAL_EVIDENCE: _either(_REVIEW, _owner),
    Action.FILE_EVIDENCE: _either(_MANAGERS, _confirmed),
    Action.EDIT_EVIDENCE: _either(_MANAGERS, _confirmed_owner),
    Action.REDACT_EVIDENCE: _MANAGERS,
    # The office and the authorities; the partners too where the playbook shares a list. Who fills which is said there.
    Action.READ_CHECKLISTS: _not_blind(_REVIEW),
    Action.READ_SHARED_CHECKLISTS: _not_blind(_DOSSIER),
    Action.FILL_CHECKLIST: _not_blind(_REVIEW),
    Action.READ_REPORT: _EVERYBODY,
    Action.READ_SELF_ASSESSMENT: _MANAGERS,
    Action.EDIT_REPORT: _MANAGERS,
    Action.READ_DEADLINES: _either(_DOSSIER, _own),
    # A feed shows what its person may read, but for longer than a token lives: one that only reads makes none.
    Action.SUBSCRIBE: _EVERYBODY,
    Action.CHANGE_DEADLINE: _either(_MANAGERS, _office_of_the_review),
    Action.SIGN_OFF: _confirmed,
    Action.REVIEW_RISKS: _either(_MANAGERS, _own_organisation),
    # For whom a question is stands in its scope: who reads the protocol, the dossier, the review, or is a side of it.
    Action.READ_QUESTION: _DOSSIER,
    Action.READ_QUESTION_OF_PARTIES: _either(_either(_MANAGERS, _by(Role.IAG_SECRETARY)), _owner),
    Action.ASK_QUESTION: _DOSSIER,
    Action.ANSWER_QUESTION: _DOSSIER,
    Action.READ_MAILS: _MANAGERS,
    Action.RESOLVE_MAIL: _MANAGERS,
    Action.READ_OUTBOX: _MANAGERS,
    Action.RETRY_MESSAGE: _MANAGERS,
    Action.READ_FAULTS: _MANAGERS,
    Action.RETRY_FAULT: _MANAGERS,
    # Of what is judged blind a change would tell who is behind it. Which others are shown hangs on what they tell of.
    Action.READ_CHANGES: _not_blind(_DOSSIER),
    Action.READ_ALL_CHANGES: _MANAGERS,
}

# Every other action is of the scope `manage`.
_READS = frozenset(action for action in Action if action.value.startswith("read_"))
_REVIEWS = frozenset(
    {
        Action.RUN_REVIEW,
        Action.EVALUATE,
        Action.DECLARE,
        Action.RULE_ON_CONFLICT,
        Action.STATE_POSITION,
        Action.RECORD_CONSENSUS,
        Action.PREPARE_DECISION,
        Action.CONFIRM_DECISION,
        Action.RELEASE_DECISION,
        Action.CLOSE_CONDITION,
        Action.SUBSCRIBE,
    }
)


def scope_of(action: Action) -> TokenScope:
    """Return what a token must be made for to do this."""
    if action in _READS:
        return TokenScope.READ
    return TokenScope.REVIEW if action in _REVIEWS else TokenScope.MANAGE


def _sleeps(actor: Actor, action: Action) -> bool:
    """Tell whether the actor's partnership is closed to this: all but reading, and opening it again."""
    return actor.dormant and action is not Action.CLOSE_PARTNERSHIP and scope_of(action) is not TokenScope.READ


def confined_to(actor: Actor) -> str | None:
    """Return the organisation for which alone the actor reads and acts in the matchmaking; None where it is for all."""
    return (actor.organisation_id or "") if actor.role is Role.PARTNER else None


def may(actor: Actor, action: Action, scope: Scope) -> bool:
    """Tell whether the actor may do this; never across partnerships."""
    return (
        actor.partnership_id == scope.partnership_id
        and scope.closed is None
        and all(
            scope_of(one) in actor.scopes and RULES[one](actor, scope) and not _sleeps(actor, one)
            for one in (action, *scope.also)
        )
    )


@cache
def who_may(action: Action) -> tuple[Role, ...]:
    """Return the roles of people that may do this where all that it depends on speaks for them."""
    here = Scope("", frozenset({"own"}), True, True, of_review=True, region_id="own", person_id="own")
    own = replace(here, host_id="own", sender_id="own")
    return tuple(
        role
        for role in Role
        if role is not Role.CLOCK
        and any(RULES[action](Actor(role, "", "own", "own", organisation), own) for organisation in ("own", None))
    )


_CLOSED = {Closed.ANOTHERS: "deadline_of_another", Closed.SEALED: "sealed"}


def require(
    actor: Actor, action: Action, scope: Scope, *, noun: str = "such_record", named: object = "of another partnership"
) -> None:
    """Raise `Denied` unless the actor may do this; `Missing`, which gives nothing away, across partnerships."""
    if actor.partnership_id != scope.partnership_id:
        raise Missing(noun, named)
    for one in (action, *scope.also):
        if scope_of(one) not in actor.scopes:
            raise Denied("token_without_scope", scope=scope_of(one))
        if not RULES[one](actor, scope):
            if scope.blind and RULES[one](actor, replace(scope, blind=False)):
                raise Denied("blind_stage")
            if actor.unconfirmed and RULES[one](replace(actor, unconfirmed=False), scope):
                raise Denied("grant_unconfirmed")
            if actor.role in (able := who_may(one)):
                raise Denied("role_may_not_here", role=actor.role, action=one)
            raise Denied("role_may_not", role=actor.role, action=one, roles=able)
        if _sleeps(actor, one):
            raise Denied("partnership_closed")
    if scope.closed is Closed.HIDDEN:
        raise Missing(noun, named)
    if scope.closed is not None:
        raise Denied(_CLOSED[scope.closed])
