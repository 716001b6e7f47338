"""A released decision is corrected: two other hands, a reason, the old text kept; conditions and moves follow."""

import pytest
from sqlmodel import Session, select

from states.collaborations.queries import collaboration_by_id
from states.crossings.deadlines.followers import followed
from states.errors import Invalid, Missing
from states.lifecycle.available_moves import lifecycle_view
from states.outbox.tables import OutboxMessage
from states.partners.people import grant_role, person_by_email
from states.review.corrections import corrections_of, prepare_correction, release_correction
from states.review.decisions import confirm_decision, prepare_decision, release_decision
from states.review.queries import conditions_of, decision_of
from states.review.states import DecisionRefused
from states.review.tables import ConditionState, Outcome, ReviewRound
from states.rights.access import Role
from tests.expect import by_name, codes, places
from tests.factories import World, a_collaboration_at, a_world, answer_iag, s3

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
CONDITIONS = Outcome.ENDORSE_WITH_CONDITIONS


@pytest.fixture
def world(session: Session) -> World:
    """Return a world with a second secretary and a second chair."""
    world = a_world(session)
    for key, role in (("deputy secretary", Role.IAG_SECRETARY), ("deputy chair", Role.IAG_CHAIR)):
        world.people[key] = person_by_email(session, email=f"{key.replace(' ', '-')}@example.org", label=key)
        grant_role(session, world.partnership, world.people[key], role)
    return world


def _decided(world: World) -> ReviewRound:
    session, panel = world.session, s3().panels["iag"]
    row = a_collaboration_at(world, "iag_review")
    opened = answer_iag(world, row)
    secretary, chair = world.people["iag_secretary"].id, world.people["iag_chair"].id
    conditions = ["Name a data officer.", "Show the letters."]
    prepare_decision(
        session, opened, person_id=secretary, outcome=CONDITIONS, reasons="Met.", conditions=conditions, panel=panel
    )
    confirm_decision(session, opened, person_id=chair, panel=panel)
    release_decision(session, opened, person_id=secretary, panel=panel, collaboration=row)
    return opened


def _prepare(world: World, opened: ReviewRound, by: str = "deputy secretary", **said: object) -> None:
    text = {
        "because": "A threshold was misread.",
        "outcome": Outcome.REVISE,
        "reasons": "The market is not shown.",
        "departure": "The scores were given before the market study was withdrawn.",
    }
    person, panel = world.people[by].id, s3().panels["iag"]
    prepare_correction(world.session, opened, person_id=person, panel=panel, **{**text, **said})  # type: ignore[arg-type]


def _release(world: World, opened: ReviewRound, by: str = "deputy chair") -> None:
    row = collaboration_by_id(world.session, opened.collaboration_id)
    with followed(world.session, row):
        release_correction(world.session, opened, person_id=world.people[by].id, collaboration=row)


def _against_passing(world: World, opened: ReviewRound) -> list[str]:
    row = collaboration_by_id(world.session, opened.collaboration_id)
    chair = world.actor(Role.IAG_CHAIR)
    return [one.code for one in by_name(lifecycle_view(world.session, row, actor=chair))["pass_to_wgra"].refusals]


def test_the_text_in_force_stays_until_another_one_is_released(world: World) -> None:
    opened = _decided(world)
    _prepare(world, opened)
    before = decision_of(world.session, opened.id)
    assert before is not None
    assert (before.outcome, _against_passing(world, opened)) == (CONDITIONS, [])

    _release(world, opened)

    (correction,) = corrections_of(world.session, opened.id)
    assert (before.outcome, before.reasons) == (Outcome.REVISE, "The market is not shown.")
    assert (correction.was["outcome"], correction.was["reasons"], correction.because) == (
        "endorse_with_conditions",
        "Met.",
        "A threshold was misread.",
    )
    assert _against_passing(world, opened) == ["decided_otherwise"]
    told = world.session.exec(select(OutboxMessage).where(OutboxMessage.name == "review.decided")).all()
    assert [one.payload["outcome"] for one in told] == ["endorse_with_conditions", "revise"]


def test_conditions_follow_the_text(world: World) -> None:
    opened = _decided(world)
    texts = ["Show the letters.", "Show the permits."]
    _prepare(world, opened, outcome=CONDITIONS, conditions=texts)
    _release(world, opened)
    assert [(one.number, one.text, one.state) for one in conditions_of(world.session, opened.id)] == [
        (1, "Name a data officer.", ConditionState.WAIVED),
        (2, "Show the letters.", ConditionState.OPEN),
        (3, "Show the permits.", ConditionState.OPEN),
    ]


def test_only_two_other_hands_correct_it(world: World) -> None:
    opened, refused = _decided(world), []
    for by in ("iag_secretary", "iag_chair", "iag_member 1"):
        with pytest.raises(DecisionRefused) as caught:
            _prepare(world, opened, by)
        refused += codes(caught.value)
    _prepare(world, opened, "deputy chair")
    for by in ("deputy chair", "iag_chair"):
        with pytest.raises(DecisionRefused) as caught:
            _release(world, opened, by)
        refused += codes(caught.value)
    assert refused == ["other_hands", "other_hands", "acts_twice", "four_eyes", "other_hands"]
    _prepare(world, opened, "deputy secretary", reasons="Said better.")
    _release(world, opened)
    assert [(one.number, one.reasons) for one in corrections_of(world.session, opened.id)] == [(1, "Said better.")]


def test_a_correction_says_why_and_needs_something_released(world: World) -> None:
    opened = _decided(world)
    with pytest.raises(Invalid) as caught:
        _prepare(world, opened, because=" ", reasons="", conditions=["One."], departure=" ")
    assert places(caught.value) == ["reasons", "conditions", "departure", "because"]
    with pytest.raises(Missing):
        _release(world, opened)
    row = a_collaboration_at(world, "iag_review", slug="second")
    with pytest.raises(DecisionRefused) as early:
        _prepare(world, answer_iag(world, row))
    assert codes(early.value) == ["not_released"]
