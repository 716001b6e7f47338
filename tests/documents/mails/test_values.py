"""Values are JSON that reads back as it was, and what the domain says of deadlines fits them."""

import json
from datetime import UTC, date, datetime, time

import pytest

from documents.mails.values import VALUES, MailNotWritten, values_of
from states.deadlines.mails import digest_values, reminder_values
from states.deadlines.tables import Deadline, Reminder, ReminderState
from states.mail.tables import MailKind
from states.rights.access import Role
from tests.documents.mails.samples import SAMPLES, Values

TODAY = date(2026, 11, 24)


def deadline() -> Deadline:
    return Deadline(
        partnership_id="p",
        kind="call_closing",
        subject_id="c",
        title="Illustrative call",
        owner_role=Role.PROJECT_MANAGER,
        legal=True,
        ladder=[],
        due_on=date(2026, 11, 27),
        due_time=time(17),
        time_zone="Europe/Brussels",
        date_revised_at=datetime(2026, 11, 1, tzinfo=UTC),
        opened_at=datetime(2026, 11, 1, tzinfo=UTC),
        changed_at=datetime(2026, 11, 1, tzinfo=UTC),
    )


def line() -> Reminder:
    return Reminder(
        deadline_id="d",
        date_revision=1,
        person_id="x",
        rung=-3,
        planned_for=TODAY,
        state=ReminderState.PLANNED,
        at=datetime(2026, 11, 24, tzinfo=UTC),
    )


@pytest.mark.parametrize("kind", MailKind)
def test_values_are_the_same_after_the_ledger(kind: MailKind) -> None:
    for sample in SAMPLES[kind]:
        values = values_of(kind, **sample)

        assert values_of(kind, **json.loads(json.dumps(values))) == values
        assert set(values) == set(VALUES[kind].model_fields)


def test_a_deadline_says_all_that_its_reminder_needs() -> None:
    told = reminder_values(deadline(), rung=-3, escalation=False, role=Role.PROJECT_MANAGER)

    values = values_of(MailKind.REMINDER, **told, days=-3)

    assert values == {
        "kind": "call_closing",
        "title": "Illustrative call",
        "due_on": "2026-11-27",
        "due_time": "17:00:00",
        "time_zone": "Europe/Brussels",
        "days": -3,
        "rung": -3,
        "role": "project_manager",
        "waits_for": "project_manager",
        "escalation": False,
        "legal": True,
        "link": values["link"],
    }


def test_a_digest_takes_what_the_domain_says() -> None:
    told: Values = digest_values([(line(), deadline())], on=TODAY)

    values: Values = values_of(MailKind.DIGEST, **told | {"lines": [{**one, "days": -3} for one in told["lines"]]})

    assert values["day"] == "2026-11-24"
    assert values["lines"] == [
        {
            "kind": "call_closing",
            "title": "Illustrative call",
            "due_on": "2026-11-27",
            "days": -3,
            "escalation": False,
            "link": values["link"].replace("me/tasks", "deadlines"),
        }
    ]


@pytest.mark.parametrize(
    ("ends_at", "problem"),
    [
        ("2027-03-27T12:00:00+00:00", "ends_at lies before starts_at, or one is a day and the other a time"),
        ("2027-03-28", "ends_at lies before starts_at, or one is a day and the other a time"),
    ],
)
def test_nothing_ends_before_it_starts(ends_at: str, problem: str) -> None:
    with pytest.raises(MailNotWritten) as refused:
        values_of(MailKind.EVENT, **SAMPLES[MailKind.EVENT][0] | {"ends_at": ends_at})

    assert refused.value.problems == (f"event: {problem}",)


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(MailNotWritten) as refused:
        values_of(MailKind.EVENT, **SAMPLES[MailKind.EVENT][0] | {"starts_at": "2027-03-27T13:00:00"})

    assert "starts_at" in refused.value.problems[0]


def test_none_is_no_zone_and_no_place() -> None:
    values = values_of(MailKind.EVENT, **SAMPLES[MailKind.EVENT][0] | {"time_zone": None, "place": None})

    assert (values["time_zone"], values["place"]) == ("", "")
