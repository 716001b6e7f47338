"""Whatever waits has a deadline: opened and closed in the transaction of the fact or the move, by the playbook."""

from datetime import timedelta

import pytest
from sqlmodel import Session, col, select

from states import clock
from states.collaborations.service import Joining, add_member, remove_member
from states.collaborations.tables import Collaboration
from states.crossings.deadlines.followers import followed, hold_risk_review, waive_deadline
from states.crossings.deadlines.sync import sync_deadlines
from states.crossings.dossier import Dossier
from states.crossings.review.rounds import close_answered_round
from states.deadlines.tables import DeadlineState
from states.lifecycle.move import move
from states.mail.tables import Mail, MailKind, MailState
from states.places.working_days import shift
from states.playbooks.editions import Edition
from states.protocol.queries import latest_versions, sign_offs_of
from states.protocol.service import freeze_version, write_section
from states.protocol.signing import sign_off
from states.protocol.states import SignOffRefused
from states.review.consensus import record_consensus
from states.review.decisions import close_condition, confirm_decision, prepare_decision, release_decision
from states.review.queries import conditions_of, round_by_id
from states.review.tables import ConditionState, Outcome
from states.rights.access import Role
from states.storage import Readings
from tests.expect import codes
from tests.factories import (
    REVIEWERS,
    World,
    a_collaboration_at,
    a_world,
    answer_iag,
    clear,
    content_of,
    evaluate,
    fill_protocol,
    freeze,
    open_iag,
    s3,
    scores_of,
    sign,
    step_to,
)
from tests.states.crossings.deadlines.waiting import NOON, SQLITE, TODAY, ended, waiting


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


def asked_by_mail(world: World) -> list[Mail]:
    query = select(Mail).where(Mail.kind == MailKind.SIGN_OFF)
    return list(world.session.exec(query.order_by(col(Mail.created_at), col(Mail.id))))


def test_each_partner_is_asked_to_sign_what_is_frozen(world: World) -> None:
    with clock.at(NOON):
        row = a_collaboration_at(world, "iag_review")

        found = waiting(world, row, "sign_off")

        assert [(one.title.partition(": ")[2], one.owner_role, one.due_on) for one in found] == [
            ("sign-off of version 1 by gliwice", Role.PARTNER, shift(TODAY, 15, nuts="PL229")),
            ("sign-off of version 1 by marseille", Role.PARTNER, shift(TODAY, 15, nuts="FRL04")),
        ]
        mails = asked_by_mail(world)
        assert [(one.person_id, one.values["organisation"], one.values["until"]) for one in mails] == [
            (world.people["partner"].id, "gliwice", found[0].due_on.isoformat())
        ]
        assert "/api/v1/links/sign-off/" in str(mails[0].values["link"])


def test_who_signs_waits_no_more_and_may_submit(world: World) -> None:
    row = a_collaboration_at(world, "investment_protocol")
    step_to(world, row, "iag_review")

    sign(world, row, "gliwice")

    assert [one.title.rpartition(" ")[2] for one in waiting(world, row, "sign_off")] == ["marseille"]
    assert [one.state for one in asked_by_mail(world)] == [MailState.WITHDRAWN]
    assert ended(world, row, "sign_off") == ["done"]


@SQLITE
def test_a_refusal_is_kept_with_its_reason_until_it_is_signed_after_all(world: World) -> None:
    row = a_collaboration_at(world, "iag_review")
    version, person_id = latest_versions(world.session, [row.id])[row.id], world.people["partner"].id
    asked = sign_offs_of(world.session, version.id)[0][0]

    sign_off(world.session, asked, collaboration=row, person_id=person_id, refused_because=" Our costs are wrong. ")

    assert (asked.refused_because, asked.signed_at) == ("Our costs are wrong.", None)
    assert len(waiting(world, row, "sign_off")) == 1
    sign_off(world.session, asked, collaboration=row, person_id=person_id)
    assert (asked.refused_because, asked.signed_at is not None) == ("", True)
    with pytest.raises(SignOffRefused) as again:
        sign_off(world.session, asked, collaboration=row, person_id=person_id)
    assert codes(again.value) == ["signed_already"]


@SQLITE
def test_a_newer_version_is_signed_anew_and_the_older_one_waits_no_more(world: World) -> None:
    row = a_collaboration_at(world, "iag_review")
    old = sign_offs_of(world.session, latest_versions(world.session, [row.id])[row.id].id)[0][0]
    section = next(one for one in s3().protocol if one.key == "market")
    write_section(world.session, row, "market", {**content_of(section), "users": "Others"}, sections=[section])

    freeze(world, row)

    assert [one.title.partition(": ")[2] for one in waiting(world, row, "sign_off")] == [
        "sign-off of version 2 by gliwice",
        "sign-off of version 2 by marseille",
    ]
    assert ended(world, row, "sign_off") == ["cancelled", "cancelled"]
    assert [one.state for one in asked_by_mail(world)] == [MailState.WITHDRAWN, MailState.WAITING]
    with pytest.raises(SignOffRefused) as outdated:
        sign_off(world.session, old, collaboration=row, person_id=world.people["partner"].id)
    assert codes(outdated.value) == ["version_outdated"]


@SQLITE
def test_who_joins_is_asked_and_once_somebody_leaves_all_sign_anew(world: World) -> None:
    row, katowice = a_collaboration_at(world, "iag_review"), world.organisations["katowice"]

    with followed(world.session, row):
        add_member(world.session, row, Joining(katowice))
        remove_member(world.session, row, world.organisations["marseille"].id)

    asked = sign_offs_of(world.session, latest_versions(world.session, [row.id])[row.id].id)
    assert waiting(world, row, "sign_off") == []
    for one, _ in asked:
        with pytest.raises(SignOffRefused) as gone:
            sign_off(world.session, one, collaboration=row, person_id=world.people["partner"].id)
        assert codes(gone.value) == ["consortium_changed"]
    freeze(world, row)
    assert [one.title.partition(": ")[2] for one in waiting(world, row, "sign_off")] == [
        "sign-off of version 2 by gliwice",
        "sign-off of version 2 by katowice",
    ]


@SQLITE
def test_nothing_waits_aside_and_it_waits_again_on_return(world: World) -> None:
    row = a_collaboration_at(world, "investment_protocol")
    step_to(world, row, "iag_review")
    move(world.session, row.id, "revise", actor=world.actor(Role.IAG_CHAIR), reason="Too thin.")
    before = len(waiting(world, row, "sign_off"))

    move(world.session, row.id, "park", actor=world.manager, reason="The grant is awaited.")
    aside = [len(waiting(world, row, kind)) for kind in ("sign_off", "risk_review", "stage")]
    move(world.session, row.id, "resume", actor=world.manager, reason="It came.")

    assert (before, aside, len(waiting(world, row, "sign_off"))) == (2, [0, 0, 1], 2)


def _closed_round(world: World) -> tuple[Collaboration, str]:
    row = a_collaboration_at(world, "iag_review")
    opened = open_iag(world, row)
    for name in REVIEWERS:
        clear(world, row, opened, name)
        evaluate(world, row, opened, name)
    close_answered_round(world.session, opened.id)
    return row, opened.id


def test_a_closed_round_waits_for_its_consensus(world: World) -> None:
    with clock.at(NOON):
        row, round_id = _closed_round(world)

        one = waiting(world, row, "consensus")[0]

        assert (one.subject_id, one.owner_role, one.chair_role, one.due_on) == (
            round_id,
            Role.IAG_SECRETARY,
            Role.IAG_CHAIR,
            shift(TODAY, 10, nuts="PL229"),
        )


@SQLITE
def test_a_consensus_that_is_recorded_is_done(world: World) -> None:
    row, round_id = _closed_round(world)
    scores, comments = scores_of()

    record_consensus(
        world.session,
        round_by_id(world.session, round_id),
        scores=scores,
        comments=comments,
        minority_views=(),
        person_id=world.people["iag_secretary"].id,
        panel=s3().panels["iag"],
    )

    assert (waiting(world, row, "consensus"), ended(world, row, "consensus")) == ([], ["done"])


@SQLITE
def test_a_consensus_is_not_awaited_after_a_move(world: World) -> None:
    row, _ = _closed_round(world)

    move(world.session, row.id, "revise", actor=world.actor(Role.IAG_CHAIR), reason="Too thin.")

    assert (waiting(world, row, "consensus"), ended(world, row, "consensus")) == ([], ["cancelled"])


@SQLITE
def test_a_declaration_ends_its_own_deadline(world: World) -> None:
    row = a_collaboration_at(world, "iag_review")
    opened = open_iag(world, row)

    clear(world, row, opened, "iag_member 1")

    assert [one.owner_person_id for one in waiting(world, row, "declaration")].count(
        world.people["iag_member 1"].id
    ) == 0
    assert ended(world, row, "declaration") == ["done"]


@SQLITE
@pytest.mark.parametrize(("state", "left"), [(ConditionState.MET, "done"), (ConditionState.WAIVED, "waived")])
def test_a_condition_waits_for_the_lead_until_it_is_closed(world: World, state: ConditionState, left: str) -> None:
    row = a_collaboration_at(world, "iag_review")
    opened, panel = answer_iag(world, row), s3().panels["iag"]
    secretary, chair = world.people["iag_secretary"].id, world.people["iag_chair"].id
    prepare_decision(
        world.session,
        opened,
        person_id=secretary,
        outcome=Outcome.ENDORSE_WITH_CONDITIONS,
        reasons="It is sound.",
        conditions=["Show a letter."],
        panel=panel,
    )
    confirm_decision(world.session, opened, person_id=chair, panel=panel)
    with followed(world.session, row):
        release_decision(world.session, opened, person_id=secretary, panel=panel, collaboration=row)
    one = waiting(world, row, "condition")[0]

    close_condition(world.session, opened, 1, state=state, evidence="Annex 7.", person_id=secretary)

    assert (one.subject_id, one.owner_role, one.owner_organisation_id) == (
        conditions_of(world.session, opened.id)[0].id,
        Role.PARTNER,
        world.organisations["gliwice"].id,
    )
    assert (waiting(world, row, "condition"), ended(world, row, "condition")) == ([], [left])


@SQLITE
def test_risks_are_reviewed_again_and_again(world: World) -> None:
    with clock.at(NOON):
        row = a_collaboration_at(world, "iag_review")
        first = waiting(world, row, "risk_review")[0]
        manager = world.people["project_manager"].id
    with clock.at(NOON + timedelta(days=7)):
        hold_risk_review(world.session, row, note="Nothing changed.", person_id=manager)
        second = waiting(world, row, "risk_review")[0]
        waive_deadline(world.session, second, reason="It ends soon.", actor=world.manager)
        third = waiting(world, row, "risk_review")

    assert [one.title.partition(": ")[2] for one in (first, second, *third)] == [
        "risk review 1",
        "risk review 2",
        "risk review 3",
    ]
    assert (first.due_on, first.state) == (shift(TODAY, 60, nuts="PL229"), DeadlineState.DONE)
    assert second.due_on == shift(TODAY + timedelta(days=7), 60, nuts="PL229")


@SQLITE
def test_a_playbook_without_deadlines_asks_nobody(world: World) -> None:
    row = a_collaboration_at(world, "investment_protocol")
    fill_protocol(world, row)
    freeze_version(world.session, row)

    silent = Edition("", s3().model_copy(update={"deadlines": {}}))
    sync_deadlines(world.session, Dossier(row, silent, Readings(world.session)))

    version = latest_versions(world.session, [row.id])[row.id]
    assert sign_offs_of(world.session, version.id) + waiting(world, row, "risk_review") == []
