"""The ladder: each rung once for ever, the newest only after an outage, none for the past, and who is reached."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import pytest
from sqlalchemy import text
from sqlmodel import Session, select

from states.clock import at
from states.deadlines.definition import Recipient, Rung
from states.deadlines.digests import compose_digests
from states.deadlines.ledger import LedgerLine, ledger_of
from states.deadlines.planning import plan_reminders
from states.deadlines.preview import foresee
from states.deadlines.queries import changes_of, open_deadlines
from states.deadlines.service import After, Owner, close_deadlines, extend, open_deadline, reassign, waive
from states.deadlines.states import DeadlineRefused
from states.deadlines.tables import ChangeKind, Deadline, DeadlineState
from states.errors import Invalid, Stale
from states.mail.resolving import resolve
from states.mail.sending import Result, lease_mails, offer, record_handover
from states.mail.tables import Mail, MailPreference, MailState
from states.partners.people import grant_role
from states.rights.access import Actor, Role
from tests.factories import World, a_world

OPENED = datetime(2020, 3, 2, 9, 0, tzinfo=UTC)  # a Monday
DUE = date(2020, 3, 30)  # twenty working days later in Brussels
LADDER = [
    Rung(days=-10),
    Rung(days=-3),
    Rung(days=0),
    Rung(days=5, to=[Recipient.OWNER, Recipient.PROJECT_MANAGER]),
]
BEFORE_10, BEFORE_3, AFTER_5 = date(2020, 3, 16), date(2020, 3, 25), date(2020, 4, 6)
CHAIR, MANAGER = "wgra_chair", "project_manager"


@dataclass
class Desk:
    """A world in which something waits for the WGRA chair."""

    world: World

    @property
    def session(self) -> Session:
        return self.world.session

    @property
    def actor(self) -> Actor:
        return self.world.actor(Role.PROJECT_MANAGER)

    def open(
        self,
        *,
        owner: Owner | None = None,
        ladder: Sequence[Rung] = LADDER,
        working_days: int = 20,
        nuts: str = "",
        legal: bool = False,
    ) -> Deadline:
        with at(OPENED):
            return open_deadline(
                self.session,
                kind="stage",
                subject_id="subject",
                title="Review",
                partnership_id=self.world.partnership.id,
                owner=owner or Owner(Role.WGRA_CHAIR, person_id=self.world.people[CHAIR].id),
                due=After(OPENED.date(), working_days),
                ladder=ladder,
                nuts=nuts,
                legal=legal,
            )

    def plan(self, on: date, hour: int = 9) -> Counter[str]:
        with at(datetime.combine(on, time(hour), tzinfo=UTC)):
            counted = plan_reminders(self.session)
        del counted["deadlines"]
        return counted

    def live(self, until: date, hour: int = 9) -> None:
        day = OPENED.date()
        while day <= until:
            self.plan(day, hour)
            day += timedelta(days=1)

    def ledger(self) -> list[tuple[int, str, str, str]]:
        rows = session_rows(self.session)
        return [(one.rung, one.person.label, one.status.value, one.why) for one in rows]


def session_rows(session: Session) -> list[LedgerLine]:
    return ledger_of(session, list(session.exec(select(Deadline.id))))


@pytest.fixture
def desk(session: Session) -> Desk:
    return Desk(a_world(session))


def test_each_rung_is_planned_once_on_its_day(desk: Desk) -> None:
    desk.open()

    desk.live(AFTER_5 + timedelta(days=30))

    assert desk.ledger() == [
        (-10, CHAIR, "suppressed", "superseded"),
        (-3, CHAIR, "suppressed", "superseded"),
        (0, CHAIR, "suppressed", "superseded"),
        (5, MANAGER, "planned", ""),
        (5, CHAIR, "planned", ""),
    ]
    assert [one.planned_for for one in session_rows(desk.session)] == [BEFORE_10, BEFORE_3, DUE, AFTER_5, AFTER_5]


def test_a_second_look_plans_nothing_anew(desk: Desk) -> None:
    desk.open()
    assert desk.plan(BEFORE_10) == {"planned": 1}

    assert desk.plan(BEFORE_10) == {}
    assert desk.plan(BEFORE_10, hour=23) == {}


def test_after_an_outage_the_newest_rung_is_told_and_the_older_are_recorded(desk: Desk) -> None:
    desk.open()

    desk.plan(DUE + timedelta(days=1))

    assert desk.ledger() == [
        (-10, CHAIR, "suppressed", "superseded"),
        (-3, CHAIR, "suppressed", "superseded"),
        (0, CHAIR, "planned", ""),
    ]


def test_what_is_long_past_is_recorded_and_not_told(desk: Desk) -> None:
    desk.open()

    desk.plan(AFTER_5 + timedelta(days=31))

    assert {(why, status) for _, _, status, why in desk.ledger()} == {("past", "suppressed")}
    desk.plan(AFTER_5 + timedelta(days=60))
    assert len(desk.ledger()) == 5


def test_rungs_from_before_the_opening_are_past(desk: Desk) -> None:
    desk.open(working_days=3)

    desk.plan(OPENED.date())

    assert desk.ledger() == [(-10, CHAIR, "suppressed", "past"), (-3, CHAIR, "planned", "")]


def test_the_day_begins_where_the_recipient_is_and_mail_waits_for_the_morning(desk: Desk) -> None:
    desk.world.people[CHAIR].time_zone = "Asia/Tokyo"
    desk.open()

    assert desk.plan(BEFORE_10 - timedelta(days=1), hour=14) == {}  # 23:00 in Tokyo
    assert desk.plan(BEFORE_10 - timedelta(days=1), hour=16) == {"planned": 1}  # 01:00 of the day in Tokyo

    (mail,) = desk.session.exec(select(Mail))
    assert mail.not_before == datetime(2020, 3, 15, 22, 0, tzinfo=UTC)  # 07:00 in Tokyo


def test_a_holder_of_no_role_is_not_written_to_the_managers_are(desk: Desk) -> None:
    desk.open(owner=Owner(Role.ADMINISTRATOR))

    desk.plan(BEFORE_10)

    assert desk.ledger() == [(-10, MANAGER, "planned", "")]
    assert [one.escalation for one in session_rows(desk.session)] == [True]


def test_all_of_a_role_are_told_or_those_of_an_organisation_only(desk: Desk) -> None:
    other = desk.world.people["observer"]
    grant_role(
        desk.session, desk.world.partnership, other, Role.PARTNER, organisation=desk.world.organisations["marseille"]
    )
    desk.open(owner=Owner(Role.PARTNER, organisation_id=desk.world.organisations["gliwice"].id))

    desk.plan(BEFORE_10)

    assert desk.ledger() == [(-10, "partner", "planned", "")]


def test_a_deputy_and_the_chair_are_reached_by_the_rungs_that_name_them(desk: Desk) -> None:
    ladder = [Rung(days=0, to=[Recipient.OWNER, Recipient.DEPUTY]), Rung(days=5, to=[Recipient.CHAIR])]
    people = desk.world.people
    owner = Owner(
        Role.IAG_MEMBER,
        person_id=people["iag_member 1"].id,
        deputy_person_id=people["iag_member 2"].id,
        chair_role=Role.IAG_CHAIR,
    )
    desk.open(owner=owner, ladder=ladder)

    desk.live(AFTER_5)

    told = [(one.person.label, one.rung, one.escalation) for one in session_rows(desk.session)]
    assert told == [("iag_member 1", 0, False), ("iag_member 2", 0, False), ("iag_chair", 5, True)]


def test_what_is_done_waits_for_nobody(desk: Desk) -> None:
    desk.open()
    desk.plan(BEFORE_10)

    close_deadlines(desk.session, "stage", subject_id="subject")

    assert desk.plan(DUE) == {}
    assert desk.ledger() == [(-10, CHAIR, "suppressed", "done")]


def test_a_session_that_holds_what_is_done_holds_it_as_it_is_now(desk: Desk) -> None:
    deadline = desk.open()

    close_deadlines(desk.session, "stage", subject_id="subject")

    held = deadline.model_dump()
    desk.session.refresh(deadline)
    assert (deadline.state, deadline.sequence, deadline.next_check_at) == (DeadlineState.DONE, 1, None)
    assert deadline.closed_at == deadline.changed_at > deadline.opened_at
    assert held == deadline.model_dump()


def test_what_is_done_while_its_mail_has_an_unknown_fate_is_not_sent_again(desk: Desk) -> None:
    desk.open()
    desk.plan(BEFORE_10)
    with at(datetime(2020, 3, 16, 10, tzinfo=UTC)):
        (mail,) = lease_mails(desk.session, runner="r", limit=1)
        assert offer(desk.session, mail.id, runner="r", via="smtp")
        record_handover(desk.session, mail, runner="r", result=Result.UNCLEAR)
        close_deadlines(desk.session, "stage", subject_id="subject")

        resolve(desk.session, mail.id, delivered=False, by="log")

    desk.session.expire_all()
    assert desk.ledger() == [(-10, CHAIR, "suppressed", "done")]


def test_an_extended_deadline_is_reminded_of_anew_and_what_waited_is_withdrawn(desk: Desk) -> None:
    row = desk.open()
    desk.plan(BEFORE_10)
    with at(OPENED + timedelta(days=15)):
        extend(desk.session, row, due_on=date(2020, 4, 30), reason="the call was moved", actor=desk.actor)

    desk.plan(date(2020, 4, 16))

    assert desk.ledger() == [(-10, CHAIR, "suppressed", "moved"), (-10, CHAIR, "planned", "")]
    (change,) = changes_of(desk.session, [row.id])
    assert (change.kind, change.before, change.after) == (ChangeKind.EXTENDED, "2020-03-30", "2020-04-30")
    assert (row.date_revision, row.sequence) == (2, 1)


def test_a_waived_deadline_is_open_no_more(desk: Desk) -> None:
    row = desk.open()
    desk.plan(BEFORE_10)

    waive(desk.session, row, reason="not needed", actor=desk.actor)

    assert desk.ledger() == [(-10, CHAIR, "suppressed", "waived")]
    assert (row.state, open_deadlines(desk.session)) == (DeadlineState.WAIVED, [])


def test_who_takes_it_over_is_told_at_once(desk: Desk) -> None:
    row = desk.open()
    desk.plan(BEFORE_10)
    with at(OPENED + timedelta(days=16)):
        person = desk.world.people["iag_chair"]
        reassign(desk.session, row, person_id=person.id, reason="leave", actor=desk.actor)

    desk.plan(BEFORE_10 + timedelta(days=2))

    assert desk.ledger() == [(-10, "iag_chair", "planned", ""), (-10, CHAIR, "suppressed", "reassigned")]


@pytest.mark.parametrize("reason", ["", "  "])
def test_a_change_needs_a_reason(desk: Desk, reason: str) -> None:
    row = desk.open()

    with at(OPENED), pytest.raises(Invalid, match="reason: is missing"):
        extend(desk.session, row, due_on=date(2020, 4, 30), reason=reason, actor=desk.actor)


def test_a_deadline_is_not_moved_to_the_past_nor_where_it_is(desk: Desk) -> None:
    row, actor = desk.open(), desk.actor

    with at(OPENED), pytest.raises(Invalid, match="28 February 2020 is past"):
        extend(desk.session, row, due_on=date(2020, 2, 28), reason="r", actor=actor)
    with at(OPENED), pytest.raises(Invalid, match="is its date already"):
        extend(desk.session, row, due_on=DUE, reason="r", actor=actor)


def test_a_legal_deadline_is_neither_extended_nor_waived_nor_opted_out_of(desk: Desk) -> None:
    row, actor = desk.open(legal=True), desk.actor
    wish(desk, opted_out=["reminder"], digest=True)

    with pytest.raises(DeadlineRefused, match="set by law"):
        extend(desk.session, row, due_on=date(2020, 4, 30), reason="r", actor=actor)
    with pytest.raises(DeadlineRefused, match="set by law"):
        waive(desk.session, row, reason="r", actor=actor)
    assert desk.plan(BEFORE_10) == {"planned": 1}


def test_a_stale_change_is_refused(desk: Desk) -> None:
    row = desk.open()

    with pytest.raises(Stale):
        waive(desk.session, row, reason="r", actor=desk.actor, expected_version=7)


def wish(desk: Desk, *, digest: bool = False, digest_at: int = 7, opted_out: Sequence[str] = ()) -> None:
    person_id = desk.world.people[CHAIR].id
    desk.session.add(MailPreference(person_id=person_id, digest=digest, digest_at=digest_at, opted_out=list(opted_out)))
    desk.session.flush()


def test_who_has_opted_out_is_not_written_to_and_the_ledger_says_so(desk: Desk) -> None:
    wish(desk, opted_out=["reminder.stage"])
    desk.open()

    assert desk.plan(BEFORE_10) == {"opted_out": 1}
    assert desk.ledger() == [(-10, CHAIR, "suppressed", "opted_out")]


def test_a_digest_tells_everything_of_a_day_in_one_mail(desk: Desk) -> None:
    wish(desk, digest=True, digest_at=8)
    desk.open()
    desk.open()
    desk.plan(BEFORE_10, hour=5)
    assert [status for _, _, status, _ in desk.ledger()] == ["planned", "planned"]

    with at(datetime(2020, 3, 16, 6, 59, tzinfo=UTC)):  # 07:59 in Brussels
        assert compose_digests(desk.session) == {}
    with at(datetime(2020, 3, 16, 7, 0, tzinfo=UTC)):
        assert compose_digests(desk.session) == {"digests": 1, "lines": 2}
        assert compose_digests(desk.session) == {}

    (mail,) = desk.session.exec(select(Mail))
    assert [line["title"] for line in mail.values["lines"]] == ["Review", "Review"]  # type: ignore[attr-defined]


@pytest.mark.parametrize("digest_at", [3, 20, 23])
def test_a_digest_whose_hour_is_quiet_comes_as_the_quiet_ends(desk: Desk, digest_at: int) -> None:
    wish(desk, digest=True, digest_at=digest_at)
    desk.open()
    with at(OPENED):
        (first, *_) = foresee(desk.session, partnership_id=desk.world.partnership.id, days=20)
    desk.plan(BEFORE_10, hour=5)

    with at(datetime(2020, 3, 16, 5, 59, tzinfo=UTC)):  # 06:59 in Brussels
        assert compose_digests(desk.session) == {}
    with at(datetime(2020, 3, 16, 6, 0, tzinfo=UTC)):
        assert compose_digests(desk.session) == {"digests": 1, "lines": 1}
    assert first.at == datetime(2020, 3, 16, 6, 0, tzinfo=UTC)


@pytest.mark.parametrize("day", ["9999-12-31", "9999-12-20", "0001-01-01", "0001-01-05"])
def test_a_deadline_on_a_day_beyond_all_calendars_takes_no_preview_from_the_others(desk: Desk, day: str) -> None:
    far, near = desk.open(), desk.open()
    desk.session.execute(text("UPDATE deadline SET due_on = :day WHERE id = :key"), {"day": day, "key": far.id})
    desk.session.expire(far)

    with at(OPENED):
        told = foresee(desk.session, partnership_id=desk.world.partnership.id, days=20)

    assert {one.deadline.id for one in told} == {near.id}


def test_a_digest_that_is_written_anew_keeps_its_day_and_is_taken_from_who_has_the_old_text(desk: Desk) -> None:
    wish(desk, digest=True)
    desk.world.people[CHAIR].time_zone = "Asia/Tokyo"
    first, _ = desk.open(), desk.open()
    morning = datetime(2020, 3, 15, 22, 30, tzinfo=UTC)  # 07:30 of the 16th in Tokyo
    with at(morning):
        plan_reminders(desk.session)
        compose_digests(desk.session)
        (leased,) = lease_mails(desk.session, runner="one", limit=1)

        waive(desk.session, first, reason="r", actor=desk.actor)

        assert offer(desk.session, leased.id, runner="one", via="smtp") is None
        (again,) = lease_mails(desk.session, runner="two", limit=1)
    assert (leased.values["day"], again.values["day"]) == ("2020-03-16", "2020-03-16")
    assert (len(leased.values["lines"]), len(again.values["lines"])) == (2, 1)  # type: ignore[arg-type]


def test_what_is_done_leaves_a_digest_that_still_waits(desk: Desk) -> None:
    wish(desk, digest=True)
    first, _ = desk.open(), desk.open()
    desk.plan(BEFORE_10)
    with at(datetime(2020, 3, 16, 9, 0, tzinfo=UTC)):
        compose_digests(desk.session)
    (mail,) = desk.session.exec(select(Mail))

    waive(desk.session, first, reason="r", actor=desk.actor)
    assert len(mail.values["lines"]) == 1  # type: ignore[arg-type]

    close_deadlines(desk.session, "stage", subject_id="subject")
    desk.session.refresh(mail)
    assert (mail.state, mail.why) == (MailState.WITHDRAWN, "done")
    assert sorted(why for _, _, _, why in desk.ledger()) == ["done", "waived"]


def test_of_a_digest_that_was_lost_the_next_tells_what_is_to_be_told_still(desk: Desk) -> None:
    wish(desk, digest=True)
    over, _ = desk.open(), desk.open()
    desk.plan(BEFORE_10)
    with at(datetime(2020, 3, 16, 9, 0, tzinfo=UTC)):
        compose_digests(desk.session)
        (sent,) = lease_mails(desk.session, runner="one", limit=1)
        offer(desk.session, sent.id, runner="one", via="smtp")
        record_handover(desk.session, sent, runner="one", result=Result.UNCLEAR)
        waive(desk.session, over, reason="r", actor=desk.actor)
        lost = resolve(desk.session, sent.id, delivered=False, by="log")
    with at(datetime(2020, 3, 17, 9, 0, tzinfo=UTC)):
        assert compose_digests(desk.session) == {"digests": 1, "lines": 1}

    (again,) = desk.session.exec(select(Mail).where(Mail.id != sent.id))
    assert (lost.state, lost.why) == (MailState.WITHDRAWN, "waived")
    assert len(again.values["lines"]) == 1  # type: ignore[arg-type]
    assert {(status, why) for _, _, status, why in desk.ledger()} == {("suppressed", "waived"), ("planned", "digest")}


def test_a_digest_that_arrived_after_all_has_told_its_lines(desk: Desk) -> None:
    wish(desk, digest=True)
    over, _ = desk.open(), desk.open()
    desk.plan(BEFORE_10)
    with at(datetime(2020, 3, 16, 9, 0, tzinfo=UTC)):
        compose_digests(desk.session)
        (sent,) = lease_mails(desk.session, runner="one", limit=1)
        offer(desk.session, sent.id, runner="one", via="smtp")
        waive(desk.session, over, reason="r", actor=desk.actor)
        record_handover(desk.session, sent, runner="one", result=Result.SENT)
    with at(datetime(2020, 3, 17, 9, 0, tzinfo=UTC)):
        assert compose_digests(desk.session) == {}

    assert [status for _, _, status, _ in desk.ledger()] == ["sent", "sent"]
