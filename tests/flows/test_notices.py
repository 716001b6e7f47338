"""Invitations, shortages and decisions reach whom they concern, once, and say nothing that is not theirs to read."""

from email.message import EmailMessage

import pytest
from sqlmodel import col, select

from flows.catalogue import flow_named
from flows.delivery import deliver
from flows.relay import relay_batch
from states.mail.tables import Mail, MailKind, MailState
from states.outbox.tables import OutboxMessage
from states.partners.tables import Person
from states.review.queries import round_by_id
from states.review.tables import Outcome
from states.storage import begin
from tests.flows.conftest import Inbox, World, ask_for_iag, consumers, delivered, flow_run_in_prefect, relay_all
from tests.flows.rounds import answer, decide, leave, only_round, sitting

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

INVITE = flow_named("invite_reviewer")
API = "http://127.0.0.1:8400/api/v1"


def invitations() -> list[str]:
    """Return the ids of the events that invite, oldest first."""
    with begin(read_only=True) as session:
        query = (
            select(OutboxMessage.id).where(OutboxMessage.name == "review.invited").order_by(col(OutboxMessage.sequence))
        )
        return list(session.exec(query))


def ledger(kind: MailKind) -> list[tuple[Mail, str]]:
    """Return the mails of a kind in the order in which they were entered, with the addresses they go to."""
    query = select(Mail, Person.email).join(Person, col(Person.id) == col(Mail.person_id)).where(Mail.kind == kind)
    with begin(read_only=True) as session:
        return list(session.exec(query.order_by(col(Mail.created_at), Person.email)))


def reviews(inbox: Inbox) -> list[EmailMessage]:
    """Return the invitations that arrived."""
    return [message for message in inbox.messages if message["Subject"] == "Your review: Shared test bed"]


def words_of(message: EmailMessage) -> str:
    """Return the plain text of a mail on one line."""
    part = message.get_body(("plain",))
    assert part is not None
    return " ".join(part.get_content().split())


@pytest.fixture
def opened(world: World) -> str:
    """The id of a round whose invitations wait in the outbox."""
    ask_for_iag(world)
    relay_batch()
    return only_round(world).id


def test_everybody_on_a_seat_is_invited_once(world: World, opened: str, inbox: Inbox) -> None:
    relay_all()
    again = [delivered(INVITE, message_id) for message_id in invitations()]

    deliver.fn()

    assert again == [{"entered": 0}] * 5
    assert sorted(one["To"] for one in reviews(inbox)) == [f"{name}@example.org" for name in sitting(opened)]
    assert [row.state for row, _ in ledger(MailKind.INVITATION)] == [MailState.SENT] * 5
    run = flow_run_in_prefect(consumers(invitations()[0])["invite_reviewer"])
    assert (run.name, set(run.tags)) == (
        "invite-reviewer/test-bed/iag",
        {"review", "mail", "review.invited", "optics", "test-bed"},
    )


def test_an_invitation_shows_title_and_regions_and_where_to_declare(world: World, opened: str, inbox: Inbox) -> None:
    assert delivered(INVITE, invitations()[0]) == {"entered": 1}

    ((row, _),) = ledger(MailKind.INVITATION)
    assert row.values == {
        "title": "Shared test bed",
        "regions": ["PL22", "DE11"],
        "panel": "Investment Advisory Group",
        "due_on": "2026-03-30",
        "declaration": f"{API}/rounds/{opened}/declaration",
        "agreement": f"{API}/me/agreement",
        "withdrawal": f"{API}/rounds/{opened}/withdrawal",
        "briefing": None,
    }
    assert row.optional is False
    deliver.fn()
    (message,) = reviews(inbox)
    assert f"Make your declaration of interests: {API}/rounds/{opened}/declaration" in words_of(message)


def test_who_left_before_the_invitation_went_out_is_not_invited(world: World, opened: str, inbox: Inbox) -> None:
    gone = sitting(opened)[0]
    leave(opened, gone)

    relay_all()

    assert sorted(to for _, to in ledger(MailKind.INVITATION)) == [f"{name}@example.org" for name in sitting(opened)]


def test_the_mail_and_the_note_that_it_was_written_are_one_transaction(world: World, opened: str) -> None:
    message_id = invitations()[0]
    with begin() as session:
        round_by_id(session, opened).panel = "unknown"

    with pytest.raises(Exception, match="unknown"):
        delivered(INVITE, message_id)

    assert (ledger(MailKind.INVITATION), consumers(message_id)) == ([], {})


@pytest.mark.long
def test_the_secretary_is_told_that_seats_stay_open(world: World, opened: str, inbox: Inbox) -> None:
    for _ in range(4):
        leave(opened, sitting(opened)[0])
        relay_all()

    told = ledger(MailKind.SHORTAGE)
    assert [to for _, to in told] == ["secretary@example.org"] * 3
    values = {row.values["answers"]: row.values for row, _ in told}
    assert values[4] == {
        "title": "Shared test bed",
        "panel": "Investment Advisory Group",
        "open": [
            "4 of 5 reviewers found. Of 2 others who could do it, 2 are excluded and 0 are full. "
            "Invite 1 more without a conflict, or raise the bound of somebody who is full.",
        ],
        "answers": 4,
        "quorum": 3,
        "due_on": "2026-03-30",
        "link": f"{API}/rounds/{opened}",
    }
    deliver.fn()
    texts = [words_of(one) for one in inbox.messages if one["Subject"] == "Seats stay open: Shared test bed"]
    assert sum("cannot be reached" in text for text in texts) == 1


@pytest.mark.long
def test_the_decision_reaches_managers_and_partners_without_names_or_scores(
    world: World, opened: str, inbox: Inbox
) -> None:
    relay_all()
    for name in sitting(opened):
        answer(opened, name)
    relay_all()

    decide(opened, outcome=Outcome.ENDORSE_WITH_CONDITIONS, conditions=("Sign the access rules.", "Name an owner."))
    relay_all()

    told = ledger(MailKind.DECISION)
    assert [to for _, to in told] == [
        "at-partner-de111@example.org",
        "at-partner-pl229@example.org",
        "manager@example.org",
    ]
    values = {
        "title": "Shared test bed",
        "panel": "Investment Advisory Group",
        "outcome": "endorse_with_conditions",
        "conditions": ["Sign the access rules.", "Name an owner."],
        "link": f"{API}/rounds/{opened}/decision",
    }
    assert [row.values for row, _ in told] == [values] * 3
    deliver.fn()
    decisions = [one for one in inbox.messages if one["Subject"] == "Decision: Shared test bed"]
    assert len(decisions) == 3
    assert [row.state for row, _ in ledger(MailKind.DECISION)] == [MailState.SENT] * 3
