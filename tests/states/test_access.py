"""Who may do what, written down once more as a table: a change of a right has to be made twice, knowingly."""

import pytest

from states.access import RULES, Action, Actor, Role, Scope, may, require
from states.errors import Denied, Missing

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
    Action.READ_PARTNERSHIP: EVERYBODY,
    Action.EDIT_PARTNERSHIP: "MDK",
    Action.READ_COLLABORATION: EVERYBODY,
    Action.READ_CONTACTS: "MSACWGDK",
    Action.RECORD_CONTACT: "MDK",
    Action.OPEN_COLLABORATION: "MDK",
    Action.EDIT_COLLABORATION: "MDK",
    Action.MOVE_COLLABORATION: "MSACWGPDK",
    Action.READ_PROTOCOL: "MSACWGPDK",  # an observer reads no business plan
    Action.EDIT_PROTOCOL: "MPDK",
    Action.READ_REVIEW: "MSACWGDK",  # advisers speak freely: neither partners nor observers read along
    Action.RUN_REVIEW: "MSCGDK",
    Action.READ_OPEN_EVALUATIONS: "MSD",  # each reviewer judges alone
    Action.EVALUATE: "AC",
    Action.STATE_POSITION: "W",  # a region speaks of its own money; no chair speaks for it
    Action.PREPARE_DECISION: "SCG",
    Action.CONFIRM_DECISION: "CG",  # who wants the collaboration does not decide on it
    Action.READ_FUNDING: "MSACWGPDK",
    Action.EDIT_FUNDING: "MDK",
    Action.READ_DOCUMENT: EVERYBODY,
    Action.READ_CONFIDENTIAL_DOCUMENT: "MSACWGPDK",
    Action.ASK_FOR_DOCUMENT: "MSCGDK",
    Action.READ_REPORT: EVERYBODY,
    Action.READ_SELF_ASSESSMENT: "MDK",
    Action.EDIT_REPORT: "MDK",
    Action.READ_DEADLINES: "MSACWGPDK",
}
HERE = Scope("here", organisation_ids=frozenset({"ours"}), region_id="silesia")


def _actor(role: Role, *, partnership: str = "here") -> Actor:
    return Actor(role, partnership, person_id="somebody", region_id="silesia", organisation_id="ours")


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
        assert str(caught.value) == f"The role {role.value} may not {action.value.replace('_', ' ')}."


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
    assert allowed == {Action.READ_PARTNERSHIP, Action.READ_DOCUMENT, Action.READ_REPORT}


@pytest.mark.parametrize(("own", "asked"), [("paca", "silesia"), (None, "silesia"), ("silesia", None), (None, None)])
def test_a_region_speaks_for_itself_only(own: str | None, asked: str | None) -> None:
    member = Actor(Role.WGRA_MEMBER, "here", region_id=own)
    assert not may(member, Action.STATE_POSITION, Scope("here", region_id=asked))
