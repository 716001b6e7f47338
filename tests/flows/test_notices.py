"""Invitations, shortages and decisions reach whom they concern, once, and say nothing that is not theirs to read."""

import smtplib
from collections import Counter

import pytest
from sqlmodel import col, select

from flows.catalogue import flow_named
from flows.host import FlowFailed, run_here
from states.deadlines.tables import Notice, NoticeKind, ReminderState
from states.events.tables import OutboxEvent
from states.review.tables import Outcome
from states.settings import settings
from states.storage import begin
from tests.flows.conftest import Inbox, World, announce, consumers, flow_run_in_prefect, free_port, relay_all
from tests.flows.rounds import answer, decide, leave, only_round, sitting

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

INVITE = flow_named("invite_reviewer")


def invitations() -> list[str]:
    """Return the ids of the events that invite, oldest first."""
    with begin(read_only=True) as session:
        query = select(OutboxEvent.id).where(OutboxEvent.name == "review.invited").order_by(col(OutboxEvent.sequence))
        return list(session.exec(query))


def ledger(kind: NoticeKind) -> Counter[tuple[ReminderState, str]]:
    with begin(read_only=True) as session:
        return Counter((row.state, row.detail) for row in session.exec(select(Notice).where(Notice.kind == kind)))


@pytest.fixture
def opened(world: World) -> str:
    """The id of a round whose invitations wait in the outbox."""
    announce(world, "review.requested", panel="iag")
    run_here(flow_named("relay"), {})
    return only_round(world).id


def test_everybody_on_a_seat_is_invited_once(world: World, opened: str, inbox: Inbox) -> None:
    relay_all()
    again = [run_here(INVITE, {"event_id": event_id}).result for event_id in invitations()]

    assert again == [{"told before": 1}] * 5
    assert sorted(message["To"] for message in inbox.messages) == [f"{name}@example.org" for name in sitting(opened)]
    assert ledger(NoticeKind.INVITATION) == {(ReminderState.SENT, ""): 5}
    run = flow_run_in_prefect(consumers(invitations()[0])["invite_reviewer"])
    assert (run.name, set(run.tags)) == (
        "invite-reviewer/test-bed/iag",
        {"review", "mail", "review.invited", "optics", "test-bed"},
    )


def test_an_invitation_shows_title_and_regions_and_where_to_declare(world: World, opened: str, inbox: Inbox) -> None:
    assert run_here(INVITE, {"event_id": invitations()[0]}).result == {"sent": 1}

    (message,) = inbox.messages
    assert (message["Subject"], message["From"], message["Auto-Submitted"]) == (
        "Your review: Shared test bed",
        "bankable@localhost",
        "auto-generated",
    )
    to = message["To"].partition("@")[0].replace("-", " ").capitalize()
    assert message.get_content().splitlines() == [
        f"To: {to}",
        "",
        "You are asked to review:",
        "Shared test bed",
        "Regions of the partners: PL22, DE11",
        "Investment Advisory Group, to be answered by 2026-03-30.",
        "",
        "Nothing more is shown before you have declared whether you have a conflict of interest:",
        f"http://127.0.0.1:8400/api/v1/rounds/{opened}/declaration",
        "",
        "Once a year you also agree to the rules of the review:",
        "http://127.0.0.1:8400/api/v1/me/agreement",
        "",
        "If you cannot review, give the seat back with a reason, and somebody else is asked:",
        f"http://127.0.0.1:8400/api/v1/rounds/{opened}/withdrawal",
    ]


def test_who_left_before_the_invitation_went_out_is_not_invited(world: World, opened: str, inbox: Inbox) -> None:
    gone = sitting(opened)[0]
    leave(opened, gone)

    relay_all()

    assert sorted(message["To"] for message in inbox.messages) == [f"{name}@example.org" for name in sitting(opened)]


def test_a_refused_recipient_is_in_the_ledger(world: World, opened: str, inbox: Inbox) -> None:
    inbox.refused = {f"{name}@example.org" for name in sitting(opened)}

    assert run_here(INVITE, {"event_id": invitations()[0]}).result == {"failed": 1}
    assert ledger(NoticeKind.INVITATION) == {(ReminderState.FAILED, "550 no such mailbox"): 1}


def test_while_no_mail_server_answers_nothing_is_entered_and_the_next_try_sends(
    world: World, opened: str, inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    event_id = invitations()[0]
    with monkeypatch.context() as patch:
        patch.setenv("BANKABLE_SMTP_URL", f"smtp://127.0.0.1:{free_port()}")
        settings.cache_clear()
        with pytest.raises(FlowFailed, match="Connection refused"):
            run_here(INVITE, {"event_id": event_id})
    settings.cache_clear()

    assert (ledger(NoticeKind.INVITATION), consumers(event_id)) == ({}, {})
    assert run_here(INVITE, {"event_id": event_id}).result == {"sent": 1}


def test_an_invitation_of_unknown_fate_stays_visible_and_is_not_sent_again(
    world: World, opened: str, inbox: Inbox
) -> None:
    event_id = invitations()[0]
    inbox.hangs_up = True
    with pytest.raises(FlowFailed, match=str(smtplib.SMTPServerDisconnected("Connection unexpectedly closed"))):
        run_here(INVITE, {"event_id": event_id})
    inbox.hangs_up = False

    assert run_here(INVITE, {"event_id": event_id}).result == {"told before": 1}
    assert (inbox.messages, ledger(NoticeKind.INVITATION)) == ([], {(ReminderState.HANDED_OVER, ""): 1})


def test_the_secretary_is_told_that_seats_stay_open(world: World, opened: str, inbox: Inbox) -> None:
    for _ in range(4):
        leave(opened, sitting(opened)[0])
        relay_all()

    texts = [message for message in inbox.messages if message["Subject"] == "Seats stay open: Shared test bed"]
    assert [message["To"] for message in texts] == ["secretary@example.org"] * 3
    assert texts[0].get_content().splitlines() == [
        "To: Secretary",
        "",
        "Shared test bed",
        "Investment Advisory Group: seats stay open, and nobody who is free was found.",
        "",
        "- 4 of 5 reviewers found. Of 2 others who could do it, 2 are excluded and 0 are full. "
        "Invite 1 more without a conflict, or raise the bound of somebody who is full.",
        "",
        "The quorum of 3 can still be reached with 4 who may answer by 2026-03-30.",
        "",
        "The round stays open. See who sits in it:",
        f"http://127.0.0.1:8400/api/v1/rounds/{opened}",
    ]
    assert "The quorum of 3 cannot be reached: only 2 may answer by 2026-03-30." in texts[-1].get_content().splitlines()


def test_the_decision_reaches_managers_and_partners_without_names_or_scores(
    world: World, opened: str, inbox: Inbox
) -> None:
    relay_all()
    for name in sitting(opened):
        answer(opened, name)
    relay_all()
    inbox.messages.clear()

    decide(opened, outcome=Outcome.ENDORSE_WITH_CONDITIONS, conditions=("Sign the access rules.", "Name an owner."))
    relay_all()

    assert sorted(message["To"] for message in inbox.messages) == [
        "at-partner-de111@example.org",
        "at-partner-pl229@example.org",
        "manager@example.org",
    ]
    (message,) = (message for message in inbox.messages if message["To"].startswith("manager"))
    assert message["Subject"] == "Decision: Shared test bed"
    assert message.get_content().splitlines() == [
        "To: Manager",
        "",
        "Shared test bed",
        "Investment Advisory Group has decided: endorse with conditions.",
        "",
        "Conditions:",
        "1. Sign the access rules.",
        "2. Name an owner.",
        "",
        "Read the decision and its reasons:",
        f"http://127.0.0.1:8400/api/v1/rounds/{opened}/decision",
    ]
    assert ledger(NoticeKind.DECISION) == {(ReminderState.SENT, ""): 3}
