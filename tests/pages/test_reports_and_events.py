"""Reports and events in a browser: what is drafted, answered, prepared and issued by two; what is announced."""

from pathlib import Path

import pytest
from sqlmodel import select

from states.clock import today
from states.mail.tables import Mail, MailKind
from states.partners.tables import PartnershipEvent
from states.reporting.period import Period
from states.reporting.tables import ProgressReport
from states.storage import begin
from tests.api.house import OBSERVER, PARTNER
from tests.pages.house import a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def test_a_report_is_drafted_answered_and_told_what_is_missing(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    period = str(Period.of(today()).previous)
    to = f"/reports/{period}"

    drafted = manager.send("/reports", {"period": period}, follow=True)
    question = drafted.text.partition("must be answered")[0].rpartition(f'href="{to}/questions/')[2].partition('"')[0]
    saved = manager.send(f"{to}/questions/{question}", {"text": "Two brokerage days."}, follow=True)
    early = manager.send(to, {"then": "prepare"})

    assert "The draft has the figures of today." in said_on(drafted.text)
    assert "Two brokerage days." in said_on(saved.text)
    assert (early.status_code, "There is a problem" in said_on(early.text)) == (409, True)
    with begin(read_only=True) as session:
        assert [one.period for one in session.exec(select(ProgressReport))] == [period]


def test_the_self_assessment_is_for_few(installation: Path) -> None:
    house, _ = a_page_house()
    period = str(Period.of(today()).previous)
    house.manager.send("/reports", {"period": period}, follow=True)

    assert "the self-assessment goes to nobody outside" in said_on(house.manager.read(f"/reports/{period}"))
    for label in (OBSERVER, PARTNER):
        answer = house.by(label).get(f"/reports/{period}")
        assert answer.status_code == 200
        assert "the self-assessment goes to nobody outside" not in said_on(answer.text)


def test_an_event_is_planned_announced_and_cancelled_with_a_reason(installation: Path) -> None:
    house, _ = a_page_house()
    manager = house.manager
    day = f"{today().year + 1}-06-10"
    wanted = {"name": "Brokerage day", "kind": "brokerage", "held_on": day, "place": "Katowice", "audience": "partner"}
    wanted |= {"time_zone": "Europe/Brussels", "starts_at": "", "ends_at": ""}  # as the page proposes it

    unread = manager.send("/events/new", {**wanted, "held_on": "soon"})
    planned = manager.send("/events/new", wanted)
    path = planned.headers["Location"].partition("?")[0]
    with begin(read_only=True) as session:
        before = [one.kind for one in session.exec(select(Mail))]
    announced = manager.send(path, {}, follow=True)
    cancelled = manager.send(path, {"then": "cancel", "reason": "Too few have registered."}, follow=True)

    assert (unread.status_code, 'value="Katowice"' in unread.text) == (422, True)
    assert MailKind.EVENT not in before
    assert "The mails are on their way" in said_on(announced.text)
    assert "Too few have registered." in said_on(cancelled.text)
    assert house.by(OBSERVER).get("/events/new").status_code == 403
    assert "Brokerage day" in said_on(house.by(OBSERVER).read("/events"))
    with begin(read_only=True) as session:
        assert [one.cancelled_at is not None for one in session.exec(select(PartnershipEvent))] == [True]
