"""A mail on the wire: headers that nobody can break into, the same parts at every try, a calendar entry where asked."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from icalendar import Calendar
from sqlmodel import Session

from documents.mails.message import Invite, invite_of, subject_of, write
from documents.mails.values import values_of
from states import clock
from states.calendars.event_announcements import announce_event
from states.errors import Missing
from states.mail.sending import DueMail
from states.mail.tables import MailKind
from states.partners.event_plans import EventPlan
from states.partners.tables import EventKind
from states.review.tables import Outcome
from states.settings import settings
from tests.factories import a_world

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


def a_mail(title: str = "A shared test bed", *, optional: bool = False, language: str = "en") -> DueMail:
    values = values_of(
        MailKind.DECISION, title=title, panel="IAG", outcome=Outcome.ENDORSE, link="https://bankable.example/x"
    )
    return DueMail(
        id="7" * 32,
        kind=MailKind.DECISION,
        values=values,
        message_id="1@example.org",
        optional=optional,
        attachment="",
        tries_failed=0,
        recipient="Manager",
        email="manager@example.org",
        language=language,
        time_zone="Europe/Brussels",
    )


def read(message: EmailMessage) -> EmailMessage:
    """Return the message as its receiver reads it."""
    raw = message.as_bytes()
    assert max(len(line) for line in raw.partition(b"\r\n\r\n")[0].split(b"\r\n")) <= 998
    assert raw.isascii()
    return message_from_bytes(raw, policy=default)


def test_two_tries_differ_by_their_date_alone() -> None:
    with clock.at(AT):
        first = write(a_mail()).as_bytes()
        again = write(a_mail()).as_bytes()
    later = write(a_mail()).as_bytes()

    assert first == again
    assert [one for one, other in zip(first.split(b"\n"), later.split(b"\n"), strict=True) if one != other] == [
        b"Date: Mon, 02 Mar 2026 09:00:00 +0000\r"
    ]


def test_a_title_of_two_lines_is_no_header() -> None:
    message = read(write(a_mail("Centre\r\nBcc: everybody@example.org")))

    assert (message["Subject"], message["Bcc"]) == ("Decision: Centre Bcc: everybody@example.org", None)


@pytest.mark.parametrize("title", ["Śląskie – Côte d'Azur: Prüfstände für Gelenke " * 6, "x" * 300, "😀" * 80])
def test_a_long_title_is_folded_and_arrives_whole(title: str) -> None:
    message = read(write(a_mail(title)))

    assert message["Subject"] == f"Decision: {' '.join(title.split())}"
    part = message.get_body(("plain",))
    assert part is not None
    assert "".join(title.split()) in "".join(part.get_content().split())


def test_text_and_html_say_the_same_in_the_recipient_s_language() -> None:
    message = read(write(a_mail(language="de")))

    assert message["Subject"].startswith("Entscheidung")
    for kind in ("plain", "html"):
        part = message.get_body((kind,))
        assert part is not None
        assert "A shared test bed" in part.get_content()
    assert subject_of(a_mail(language="de"), language="en") == "Decision: A shared test bed"


@pytest.mark.parametrize(
    ("optional", "url", "headers"),
    [
        (False, "https://bankable.example", (False, None)),
        (True, "https://bankable.example", (True, "List-Unsubscribe=One-Click")),
        (True, "http://127.0.0.1:8400", (True, None)),
    ],
)
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("installation")
def test_only_optional_mails_offer_to_unsubscribe(
    optional: bool, url: str, headers: tuple[bool, str | None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BANKABLE_PUBLIC_URL", url)
    settings.cache_clear()

    message = write(a_mail(optional=optional))

    link = str(message["List-Unsubscribe"])
    assert not optional or f"\r\nList-Unsubscribe: {link}\r\n".encode() in message.as_bytes()
    assert (link.startswith(f"<{url}/api/v1/unsubscribe/{'7' * 32}."), message["List-Unsubscribe-Post"]) == headers
    part = message.get_body(("plain",))
    assert part is not None
    assert ("/unsubscribe/" in part.get_content()) is optional


def test_a_domain_goes_out_in_ascii_and_what_stands_before_the_at_as_it_is() -> None:
    assert write(replace(a_mail(), email="post@münchen.example"))["To"] == "post@xn--mnchen-3ya.example"
    beyond = write(replace(a_mail(), email="müller@münchen.example")).as_bytes()
    assert "\r\nTo: müller@xn--mnchen-3ya.example\r\n".encode() in beyond
    with pytest.raises(ValueError, match="no domain"):
        write(replace(a_mail(), email="office@localhost"))


def test_a_calendar_entry_is_a_part_of_its_own() -> None:
    message = read(write(a_mail(), Invite(b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", "REQUEST")))

    (part,) = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert (part.get_param("method"), part.get_filename(), part.get_content_charset()) == (
        "REQUEST",
        "invite.ics",
        "utf-8",
    )
    assert part.get_payload(decode=True) == b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_an_event_s_entry_is_built_for_its_recipient(session: Session) -> None:
    world = a_world(session)
    plan = EventPlan("Brokerage day", EventKind.BROKERAGE, held_on="2026-10-24")
    event = announce_event(session, world.partnership, plan)
    mail = replace(a_mail(), attachment=f"event:{event.id}")

    invite = invite_of(session, mail)

    assert invite is not None
    calendar = Calendar.from_ical(invite.content)
    assert (invite.method, str(calendar.walk("VEVENT")[0]["SUMMARY"])) == ("REQUEST", "Brokerage day")
    assert invite_of(session, a_mail()) is None
    for unknown in ("event:none", "poem:1"):
        with pytest.raises(Missing):
            invite_of(session, replace(mail, attachment=unknown))
