"""Who may do what, written down once more as a table: a change of a right has to be made twice, knowingly."""

from dataclasses import replace

import pytest

from states.errors import Denied, Missing
from states.rights.access import (
    EVERY_SCOPE,
    RULES,
    Action,
    Actor,
    Role,
    Scope,
    TokenScope,
    may,
    require,
    scope_of,
    who_may,
)
from states.texts import Text

# One letter per role: Manager, Secretary, iAg member, Chair of the IAG, Wgra member, chair of the wGra (G),
# Partner, Observer, aDministrator, clocK. `P` and `W` stand for their own organisation and their own region only.
LETTERS = {
    "M": Role.PROJECT_MANAGER,
    "S": Role.IAG_SECRETARY,
    "A": Role.IAG_MEMBER,
    "C": Role.IAG_CHAIR,
    "W": Role.WGRA_MEMBER,
    "G": Role.WGRA_CHAIR,
    "P": Role.PARTNER,
    "O": Role.OBSERVER,
    "D": Role.ADMINISTRATOR,
    "K": Role.CLOCK,
}
LETTERS_OF = {role: letter for letter, role in LETTERS.items()}
EVERYBODY = "MSACWGPODK"
MATRIX = {
    Action.FOUND_PARTNERSHIP: "D",
    Action.CLOSE_PARTNERSHIP: "D",
    Action.READ_PARTNERSHIP: EVERYBODY,
    Action.EDIT_PARTNERSHIP: "MDK",
    Action.READ_PEOPLE: "MDK",
    Action.INVITE_PERSON: "MDK",
    Action.APPOINT_PERSON: "D",  # who edits does not choose who judges
    Action.CONFIRM_PARTNER: "PD",
    Action.READ_TOKENS: "MDK",
    Action.REVOKE_TOKEN: "MDK",
    Action.MAKE_TOKEN: EVERYBODY,
    Action.READ_COLLABORATION: EVERYBODY,
    Action.READ_PROGRESS: "MSACWGPODK",
    Action.READ_CONTACTS: "MSCGDK",  # a reviewer knows title, partners and regions, not how they met
    Action.RECORD_CONTACT: "MDK",
    Action.READ_PROFILES: "MSCGPODK",  # who scores knows neither offers nor meetings
    Action.DRAFT_PROFILE: "MPDK",
    Action.EDIT_PROFILE: "MPDK",
    Action.CHECK_PROFILE: "MDK",
    Action.READ_PROFILE_CHECKS: "MPDK",
    Action.EXPRESS_INTEREST: "MPDK",
    Action.READ_INTERESTS: "MPDK",
    Action.READ_INTEREST: "MPDK",
    Action.ANSWER_INTEREST: "MPDK",
    Action.PURSUE_INTEREST: "MPDK",
    Action.READ_CONTACT_DETAILS: "P",  # the two sides only
    Action.READ_SUGGESTIONS: "MPDK",
    Action.READ_PARTNERS_WANTED: "MPDK",
    Action.READ_AVOIDANCES: "MPDK",  # who declared it, and the managers
    Action.DECLARE_AVOIDANCE: "MPDK",
    Action.READ_CONSENTS: "MPDK",
    Action.RECORD_CONSENT: "MPDK",
    Action.READ_BROKERAGE: "MSCGPODK",
    Action.RUN_BROKERAGE: "MDK",
    Action.READ_PARTICIPANTS: "MPDK",
    Action.REGISTER_PARTICIPANT: "MPDK",
    Action.EDIT_PARTICIPANT: "MPDK",
    Action.READ_MEETINGS: "MPDK",
    Action.READ_MEETING: "MPDK",
    Action.REQUEST_MEETING: "MPDK",
    Action.TAKE_PART: "MPDK",
    Action.READ_TIMETABLE: "MDK",
    Action.READ_FUNNEL: "MSCGDK",
    Action.OPEN_COLLABORATION: "MDK",
    Action.EDIT_COLLABORATION: "MDK",
    Action.MOVE_COLLABORATION: "MSCGPDK",
    Action.READ_DOSSIER: "MSACWGPDK",  # an observer reads no business plan
    Action.READ_PROTOCOL: "MSPDK",  # a draft is for those who write it
    Action.EDIT_PROTOCOL: "MPDK",
    Action.EDIT_EVERY_PART: "MPDK",  # of a partner, the lead
    Action.EDIT_COSTS: "MPDK",  # its own, and the lead all
    Action.READ_ROUND: "MSACWGDK",
    Action.READ_REVIEW: "MSACWGDK",  # advisers speak freely: neither partners nor observers read along
    Action.RUN_REVIEW: "MSCGDK",
    Action.READ_OPEN_EVALUATIONS: "MSD",  # each reviewer judges alone
    Action.EVALUATE: "A",  # a chair decides, and does not score
    Action.DECLARE: "AW",
    Action.RULE_ON_CONFLICT: "SCG",
    Action.STATE_POSITION: "W",  # a region speaks of its own money; no chair speaks for it
    Action.RECORD_CONSENSUS: "SCG",
    Action.PREPARE_DECISION: "SCG",
    Action.CONFIRM_DECISION: "CG",  # who wants the collaboration does not decide on it
    Action.RELEASE_DECISION: "SCG",
    Action.READ_DECISION: "MSACWGPDK",
    Action.CLOSE_CONDITION: "MSCGDK",
    Action.READ_FUNDING: "MSACWGPDK",
    Action.READ_FUNDING_CASE: "MSACWGPDK",
    Action.READ_CHANGES: "MSACWGPDK",
    Action.READ_ALL_CHANGES: "MDK",
    Action.EDIT_FUNDING: "MDK",
    Action.READ_RULES: EVERYBODY,  # the law is public
    Action.EDIT_RULES: "MDK",
    Action.VERIFY_RULES: "MSCGWDK",
    Action.READ_FIGURES: "MPDK",  # an organisation's accounts and owners
    Action.EDIT_FIGURES: "MPDK",
    Action.READ_DOCUMENT: EVERYBODY,
    Action.READ_CONFIDENTIAL_DOCUMENT: "MSACWGPDK",
    Action.READ_BRIEFING: "MSCWGDK",
    Action.READ_PORTFOLIO: "MPDK",
    Action.ASK_FOR_PORTFOLIO: "MPDK",
    Action.ASK_FOR_DOCUMENT: "MSCGDK",
    Action.SHARE_DOCUMENT: "MDK",
    Action.READ_EVIDENCE: "MSACWGPODK",
    Action.READ_CONFIDENTIAL_EVIDENCE: "MSACWGPDK",
    Action.FILE_EVIDENCE: "MPDK",
    Action.EDIT_EVIDENCE: "MPDK",
    Action.REDACT_EVIDENCE: "MDK",
    Action.READ_REPORT: EVERYBODY,
    Action.READ_SELF_ASSESSMENT: "MDK",
    Action.EDIT_REPORT: "MDK",
    Action.READ_DEADLINES: "MSACWGPDK",
    Action.SUBSCRIBE: EVERYBODY,  # to what one may read
    Action.CHANGE_DEADLINE: "MSCGDK",  # an office those of its reviews only
    Action.SIGN_OFF: "P",  # nobody signs for another
    Action.REVIEW_RISKS: "MPDK",
    Action.READ_MAILS: "MDK",
    Action.RESOLVE_MAIL: "MDK",
    Action.READ_OUTBOX: "MDK",
    Action.RETRY_MESSAGE: "MDK",
    Action.READ_FAULTS: "MDK",
    Action.RETRY_FAULT: "MDK",
    Action.READ_CASE_FILE: "MPDK",
    Action.TAKE_IN_CASE: "D",
    Action.ASSIGN_OFFICER: "MSDK",
    Action.READ_ABSENCES: "MSDK",
    Action.DECLARE_ABSENCE: "MDK",
    Action.READ_AGREEMENTS: "MSCWGPDK",
    Action.EDIT_AGREEMENTS: "MPDK",
    Action.READ_PARTNER_PROGRESS: "MSCGPDK",
    Action.EDIT_PARTNER_PROGRESS: "MPDK",
    Action.CHECK_PARTNER_PROGRESS: "MDK",
    Action.READ_CHANGE_REQUESTS: "MSCWGPDK",
    Action.EDIT_CHANGE_REQUESTS: "MPDK",
    Action.ANSWER_CHANGE_REQUEST: "MWDK",
    Action.READ_RESULTS: "MSCGPDK",
    Action.EDIT_RESULTS: "MPDK",
    Action.READ_CHECKLISTS: "MSACWGDK",
    Action.READ_SHARED_CHECKLISTS: "MSACWGPDK",
    Action.FILL_CHECKLIST: "MSACWGDK",
    Action.READ_QUESTION: "MSACWGPDK",
    Action.READ_QUESTION_OF_PARTIES: "MSPDK",
    Action.ASK_QUESTION: "MSACWGPDK",
    Action.ANSWER_QUESTION: "MSACWGPDK",
}
HERE = Scope(
    "here",
    organisation_ids=frozenset({"ours"}),
    owner_ids=frozenset({"ours"}),
    seated=True,
    cleared=True,
    of_review=True,
    region_id="silesia",
    host_id="ours",
    sender_id="ours",
)


def _actor(role: Role, *, partnership: str = "here", scopes: frozenset[TokenScope] = EVERY_SCOPE) -> Actor:
    """Somebody in that role; only a partner belongs to an organisation that takes part."""
    ours = "ours" if role is Role.PARTNER else "another"
    return Actor(role, partnership, person_id="somebody", region_id="silesia", organisation_id=ours, scopes=scopes)


def test_every_action_has_a_rule_and_every_role_a_letter() -> None:
    assert set(RULES) == set(Action) == set(MATRIX)
    assert sorted(LETTERS.values()) == sorted(Role)


@pytest.mark.parametrize("action", Action)
def test_roles_that_may(action: Action) -> None:
    allowed = {role for role in Role if may(_actor(role), action, HERE)}
    assert allowed == {LETTERS[letter] for letter in MATRIX[action]}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_require_says_what_may_says(action: Action, role: Role) -> None:
    if LETTERS_OF[role] in MATRIX[action]:
        require(_actor(role), action, HERE)
    else:
        with pytest.raises(Denied) as caught:
            require(_actor(role), action, HERE)
        said = {"role": role, "action": action}
        here = Text("error", "role_may_not_here", **said)
        others = Text("error", "role_may_not", **said, roles=who_may(action))
        assert str(caught.value) == str(here if role in who_may(action) else others)


def test_who_may_is_named_to_whom_it_is_refused() -> None:
    asked = (Action.APPOINT_PERSON, Action.SIGN_OFF, Action.CONFIRM_DECISION, Action.EVALUATE, Action.CONFIRM_PARTNER)
    assert [who_may(one) for one in asked] == [
        (Role.ADMINISTRATOR,),
        (Role.PARTNER,),
        (Role.IAG_CHAIR, Role.WGRA_CHAIR),
        (Role.IAG_MEMBER,),
        (Role.PARTNER, Role.ADMINISTRATOR),
    ]
    with pytest.raises(Denied) as caught:
        require(_actor(Role.PROJECT_MANAGER), Action.CONFIRM_PARTNER, HERE)
    assert str(caught.value) == (
        "The role project_manager may not confirm who speaks for a partner: that is for partner, administrator."
    )


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("role", Role)
def test_of_another_partnership_nothing_is_there(action: Action, role: Role) -> None:
    stranger = _actor(role, partnership="elsewhere")
    assert not may(stranger, action, HERE)
    with pytest.raises(Missing):
        require(stranger, action, HERE)


@pytest.mark.parametrize("organisation", ["theirs", None])
def test_a_partner_reaches_only_where_its_organisation_takes_part(organisation: str | None) -> None:
    partner = Actor(Role.PARTNER, "here", organisation_id=organisation)
    allowed = {action for action in Action if may(partner, action, HERE)}
    assert allowed == {
        Action.READ_PARTNERSHIP,
        Action.MAKE_TOKEN,  # for oneself
        Action.READ_DOCUMENT,
        Action.READ_EVIDENCE,
        Action.READ_REPORT,
        Action.READ_RULES,
        Action.SUBSCRIBE,
        # what concerns the whole pool, or begins something of the own organisation
        Action.READ_PROFILES,
        Action.DRAFT_PROFILE,
        Action.EXPRESS_INTEREST,
        Action.READ_INTERESTS,
        Action.READ_AVOIDANCES,
        Action.DECLARE_AVOIDANCE,
        Action.READ_BROKERAGE,
        Action.READ_PARTICIPANTS,
        Action.REGISTER_PARTICIPANT,
        Action.READ_MEETINGS,
        Action.REQUEST_MEETING,
    }


@pytest.mark.parametrize(("own", "asked"), [("paca", "silesia"), (None, "silesia"), ("silesia", None), (None, None)])
def test_a_region_speaks_for_itself_only(own: str | None, asked: str | None) -> None:
    member = Actor(Role.WGRA_MEMBER, "here", region_id=own)
    assert not may(member, Action.STATE_POSITION, Scope("here", region_id=asked))


def _allowed(role: Role, scope: Scope) -> set[Action]:
    return {action for action in Action if may(_actor(role), action, scope)}


@pytest.mark.parametrize("role", [Role.IAG_MEMBER, Role.WGRA_MEMBER])
def test_a_reviewer_knows_the_outline_until_cleared(role: Role) -> None:
    cleared = _allowed(role, HERE)
    seated = _allowed(role, replace(HERE, cleared=False))
    without = _allowed(role, replace(HERE, cleared=False, seated=False))
    conflicted = _allowed(role, replace(HERE, conflicted=True))

    assert cleared - seated == {
        Action.READ_PROGRESS,
        Action.READ_DOSSIER,
        Action.READ_REVIEW,
        Action.READ_DECISION,
        Action.READ_FUNDING,
        Action.READ_FUNDING_CASE,
        Action.READ_CHANGES,
        Action.READ_DOCUMENT,
        Action.READ_CONFIDENTIAL_DOCUMENT,
        Action.READ_EVIDENCE,
        Action.READ_CONFIDENTIAL_EVIDENCE,
        Action.READ_DEADLINES,
        Action.READ_CHECKLISTS,
        Action.READ_SHARED_CHECKLISTS,
        Action.FILL_CHECKLIST,
        Action.READ_QUESTION,
        Action.ASK_QUESTION,
        Action.ANSWER_QUESTION,
    }
    assert seated - without == {Action.READ_ROUND}
    assert conflicted == seated


@pytest.mark.parametrize("role", [Role.IAG_SECRETARY, Role.IAG_CHAIR, Role.WGRA_CHAIR])
def test_an_office_with_an_own_interest_runs_nothing(role: Role) -> None:
    partner = Actor(role, "here", person_id="somebody", organisation_id="ours")
    conflict = _allowed(role, replace(HERE, conflicted=True))

    assert not conflict & {Action.RUN_REVIEW, Action.READ_REVIEW, Action.CONFIRM_DECISION, Action.READ_DOSSIER}
    assert {action for action in Action if may(partner, action, HERE)} == conflict


def test_a_deadline_is_its_owners_too() -> None:
    own = replace(HERE, cleared=False, person_id="somebody")
    assert may(_actor(Role.IAG_MEMBER), Action.READ_DEADLINES, own)
    assert not may(_actor(Role.IAG_MEMBER), Action.READ_DEADLINES, replace(own, person_id="another"))


@pytest.mark.parametrize("scope", TokenScope)
def test_a_token_does_what_it_was_made_for(scope: TokenScope) -> None:
    narrow = {
        action for role in Role for action in Action if may(_actor(role, scopes=frozenset({scope})), action, HERE)
    }
    assert narrow == {action for action in Action if scope_of(action) is scope}


@pytest.mark.parametrize("role", list(Role))
def test_a_closed_partnership_is_read_and_opened_again_and_nothing_else(role: Role) -> None:
    awake, asleep = _actor(role), replace(_actor(role), dormant=True)
    kept = {action for action in Action if may(awake, action, HERE)} & {
        Action.CLOSE_PARTNERSHIP,
        *(action for action in Action if scope_of(action) is TokenScope.READ),
    }

    assert {action for action in Action if may(asleep, action, HERE)} == kept
    for action in set(Action) - kept:
        with pytest.raises(Denied):
            require(asleep, action, HERE)


def test_who_was_named_by_a_manager_alone_signs_for_nobody() -> None:
    partner = _actor(Role.PARTNER)
    named = replace(partner, unconfirmed=True)

    lost = {action for action in Action if may(partner, action, HERE) and not may(named, action, HERE)}

    assert lost == {
        Action.SIGN_OFF,
        Action.READ_CONTACT_DETAILS,
        Action.CONFIRM_PARTNER,
        Action.FILE_EVIDENCE,
        Action.EDIT_EVIDENCE,
        Action.EDIT_AGREEMENTS,
        Action.EDIT_PARTNER_PROGRESS,
        Action.EDIT_CHANGE_REQUESTS,
        Action.EDIT_RESULTS,
    }
    with pytest.raises(Denied, match="named by a manager"):
        require(named, Action.SIGN_OFF, HERE)


def test_what_each_scope_of_a_token_covers() -> None:
    assert {action for action in Action if scope_of(action) is TokenScope.MANAGE} == {
        Action.FOUND_PARTNERSHIP,
        Action.CLOSE_PARTNERSHIP,
        Action.EDIT_PARTNERSHIP,
        Action.INVITE_PERSON,
        Action.APPOINT_PERSON,
        Action.CONFIRM_PARTNER,
        Action.REVOKE_TOKEN,
        Action.MAKE_TOKEN,
        Action.RECORD_CONTACT,
        Action.DRAFT_PROFILE,
        Action.EDIT_PROFILE,
        Action.CHECK_PROFILE,
        Action.EXPRESS_INTEREST,
        Action.ANSWER_INTEREST,
        Action.PURSUE_INTEREST,
        Action.DECLARE_AVOIDANCE,
        Action.RECORD_CONSENT,
        Action.RUN_BROKERAGE,
        Action.REGISTER_PARTICIPANT,
        Action.EDIT_PARTICIPANT,
        Action.REQUEST_MEETING,
        Action.TAKE_PART,
        Action.OPEN_COLLABORATION,
        Action.EDIT_COLLABORATION,
        Action.MOVE_COLLABORATION,
        Action.EDIT_PROTOCOL,
        Action.EDIT_EVERY_PART,
        Action.EDIT_COSTS,
        Action.EDIT_FUNDING,
        Action.EDIT_RULES,
        Action.VERIFY_RULES,
        Action.EDIT_FIGURES,
        Action.ASK_FOR_DOCUMENT,
        Action.ASK_FOR_PORTFOLIO,
        Action.SHARE_DOCUMENT,
        Action.FILE_EVIDENCE,
        Action.EDIT_EVIDENCE,
        Action.REDACT_EVIDENCE,
        Action.EDIT_REPORT,
        Action.CHANGE_DEADLINE,
        Action.SIGN_OFF,
        Action.REVIEW_RISKS,
        Action.RESOLVE_MAIL,
        Action.RETRY_MESSAGE,
        Action.RETRY_FAULT,
        Action.TAKE_IN_CASE,
        Action.ASSIGN_OFFICER,
        Action.DECLARE_ABSENCE,
        Action.EDIT_AGREEMENTS,
        Action.EDIT_PARTNER_PROGRESS,
        Action.CHECK_PARTNER_PROGRESS,
        Action.EDIT_CHANGE_REQUESTS,
        Action.ANSWER_CHANGE_REQUEST,
        Action.EDIT_RESULTS,
        Action.FILL_CHECKLIST,
        Action.ASK_QUESTION,
        Action.ANSWER_QUESTION,
    }
    reader = _actor(Role.PROJECT_MANAGER, scopes=frozenset({TokenScope.READ}))
    with pytest.raises(Denied, match="not made for manage"):
        require(reader, Action.EDIT_PROTOCOL, HERE)
