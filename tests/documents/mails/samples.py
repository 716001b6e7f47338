"""Mails to look at: for each kind a few illustrative situations that reach every sentence of its template."""

from typing import Any

from states.mail.tables import MailKind

HOUSE = "https://bankable.example"
RECIPIENT = "IAG member (market)"
ZONE = "Europe/Warsaw"

Values = dict[str, Any]

_TITLE = "Illustrative: bioresorbable implants for children, from design to clinic"
_EVENT = "Illustrative brokerage event, Lyon"
_REMINDER: Values = {
    "kind": "evaluation",
    "title": _TITLE,
    "due_on": "2026-11-27",
    "days": -3,
    "rung": -3,
    "role": "iag_member",
    "waits_for": "iag_member",
    "link": f"{HOUSE}/api/v1/rounds/7",
}
_CALL = _REMINDER | {
    "kind": "call_closing",
    "due_time": "17:00:00",
    "time_zone": "Europe/Lisbon",
    "role": "project_manager",
    "waits_for": "project_manager",
    "legal": True,
}
_LATE = _REMINDER | {"escalation": True, "role": "iag_chair"}
_DIGEST: Values = {
    "day": "2026-11-24",
    "link": f"{HOUSE}/api/v1/me/tasks",
    "lines": [
        {
            "kind": "position",
            "title": "Illustrative: sensors for rehabilitation",
            "due_on": "2026-11-18",
            "days": 6,
            "escalation": True,
            "link": f"{HOUSE}/api/v1/rounds/3",
        },
        {
            "kind": "risk_review",
            "title": _TITLE,
            "due_on": "2026-11-24",
            "days": 0,
            "link": f"{HOUSE}/api/v1/collaborations/1",
        },
        {
            "kind": "a-kind-of-its-own",
            "title": "Illustrative: report to the Commission",
            "due_on": "2026-12-01",
            "days": -7,
            "escalation": True,
            "link": f"{HOUSE}/api/v1/deadlines",
        },
    ],
}
_INVITATION = {
    "title": _TITLE,
    "regions": ["Auvergne-Rhône-Alpes", "Śląskie", "Baden-Württemberg"],
    "panel": "Investment Advisory Group",
    "due_on": "2026-12-11",
    "declaration": f"{HOUSE}/api/v1/rounds/7/declaration",
    "agreement": f"{HOUSE}/api/v1/me/agreement",
    "withdrawal": f"{HOUSE}/api/v1/rounds/7/withdrawal",
}
_SHORTAGE = {
    "title": _TITLE,
    "panel": "Investment Advisory Group",
    "open": ["One of 3 seats stays open: every other member has a conflict or a full load.", "Invite one more member."],
    "answers": 2,
    "quorum": 2,
    "due_on": "2026-12-11",
    "link": f"{HOUSE}/api/v1/rounds/7",
}
_DECISION = {
    "title": _TITLE,
    "panel": "Investment Advisory Group",
    "outcome": "endorse_with_conditions",
    "conditions": ["Name the owner of the foreground rights.", "Show a second source for the polymer."],
    "link": f"{HOUSE}/api/v1/rounds/7/decision",
}
_ROLE_GIVEN = {
    "partnership": "Illustrative agri-food partnership",
    "role": "partner",
    "speaks_for": "Illustrative Mill",
    "until": "2026-12-04",
    "link": f"{HOUSE}/api/v1/links/role/abc",
}
_SIGN_OFF = {
    "title": _TITLE,
    "version": "3",
    "organisation": "Illustrative Orthopaedics SME",
    "until": "2026-12-04",
    "link": f"{HOUSE}/api/v1/links/abc",
}
_PROGRESS_ASKED = {
    "title": _TITLE,
    "organisation": "Illustrative Orthopaedics SME",
    "starts_on": "2027-01-01",
    "ends_on": "2027-12-31",
    "until": "2028-02-11",
    "link": f"{HOUSE}/api/v1/links/progress/abc",
}
_SIGN_OFF_REFUSED = {
    "title": _TITLE,
    "version": "3",
    "organisation": "Illustrative Orthopaedics SME",
    "reason": "Our share of the costs for sterilisation is not what we agreed on.",
    "link": f"{HOUSE}/api/v1/collaborations/5/protocol/sign-offs",
}
_SCENARIO_STALE = {
    "title": _TITLE,
    "scenario": "Vouchers and own means",
    "reasons": 2,
    "link": f"{HOUSE}/api/v1/scenarios/7",
}
_EVENT_MAIL = {
    "change": "announced",
    "title": _EVENT,
    "starts_at": "2027-03-27T13:00:00+00:00",
    "ends_at": "2027-03-27T16:30:00+00:00",
    "time_zone": "Europe/Paris",
    "place": "Lyon, hall 2",
    "link": f"{HOUSE}/api/v1/events/5",
}
_UNDELIVERED = {
    "whom": "Regional authority (Piedmont)",
    "subject": f"Due in 3 days: {_TITLE}",
    "reason": "550 5.1.1 no such mailbox",
    "link": f"{HOUSE}/api/v1/mails",
}
_MEETING = {
    "event": _EVENT,
    "starts_at": "2027-03-27T13:00:00+00:00",
    "ends_at": "2027-03-27T13:20:00+00:00",
    "time_zone": "Europe/Paris",
    "place": "Table 14",
    "link": f"{HOUSE}/api/v1/meetings/9",
}
_PAIR = {"asking": "Illustrative Sensors SME", "asked": "Illustrative Clinic"}
_AGENDA: Values = {
    "event": _EVENT,
    "organisation": "Illustrative Clinic",
    "time_zone": "Europe/Paris",
    "meetings": [
        {
            "organisation": "Illustrative Sensors SME",
            "starts_at": "2027-03-27T13:00:00+00:00",
            "ends_at": "2027-03-27T13:20:00+00:00",
            "place": "Table 14",
        },
        {"organisation": "Illustrative Institute", "starts_at": "2027-03-27T13:30:00+00:00"},
    ],
    "link": f"{HOUSE}/api/v1/agenda",
}
_INTEREST = {
    "organisation": "Illustrative Institute",
    "about": "Illustrative offer: coating of implants",
    "link": f"{HOUSE}/api/v1/interests/4",
}
_OUTCOME = _MEETING | {"organisation": "Illustrative Clinic", "met": "Illustrative Sensors SME", "until": "2027-04-02"}

_SECTION: Values = {
    "title": _TITLE,
    "sections": ["Market and demand", "Team"],
    "until": "2026-12-04",
    "link": f"{HOUSE}/api/v1/links/part/abc",
}
_HANDED_IN = {
    "title": _TITLE,
    "section": "Market and demand",
    "by": "Illustrative Orthopaedics SME",
    "link": f"{HOUSE}/api/v1/section-assignments/3",
}
_QUESTION = {
    "title": _TITLE,
    "about": "Section: Market and demand",
    "asked_by": "Illustrative Orthopaedics SME",
    "question": "Which of the two competitors is certified?",
    "until": "2026-12-04",
    "link": f"{HOUSE}/api/v1/links/question/abc",
}
_ANSWERED = {
    "title": _TITLE,
    "about": "Section: Market and demand",
    "question": "Which of the two competitors is certified?",
    "answered_by": "Illustrative Clinic",
    "answer": "The second one, since 2024.",
    "link": f"{HOUSE}/api/v1/questions/3",
}
_RECEIVED = ("submission", "evaluation", "position", "evidence", "section")
_RECEIPT: Values = {
    "title": _TITLE,
    "what": "version",
    "version": "3",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    "received_at": "2026-11-24T16:00:00+00:00",
    "next_on": "2026-12-04",
    "link": f"{HOUSE}/api/v1/collaborations/5/protocol/versions/3",
}

SAMPLES: dict[MailKind, list[Values]] = {
    MailKind.REMINDER: [
        _REMINDER,
        _REMINDER | {"days": -1, "rung": -1, "role": None},
        _CALL | {"days": 0, "rung": 0},
        _REMINDER | {"days": 1, "rung": 1},
        _LATE | {"days": 5, "rung": 3},
        _LATE | {"days": 0, "rung": 0},
    ],
    MailKind.DIGEST: [_DIGEST, _DIGEST | {"lines": _DIGEST["lines"][1:2]}],
    MailKind.INVITATION: [
        _INVITATION,
        _INVITATION | {"regions": []},
        _INVITATION | {"briefing": f"{HOUSE}/api/v1/rounds/7"},
    ],
    MailKind.ROLE_GIVEN: [_ROLE_GIVEN, _ROLE_GIVEN | {"role": "observer", "speaks_for": ""}],
    MailKind.SHORTAGE: [_SHORTAGE, _SHORTAGE | {"answers": 1}],
    MailKind.DECISION: [
        _DECISION,
        *(_DECISION | {"outcome": outcome, "conditions": []} for outcome in ("endorse", "revise", "reject")),
    ],
    MailKind.SIGN_OFF_REFUSED: [_SIGN_OFF_REFUSED],
    MailKind.PROGRESS_ASKED: [_PROGRESS_ASKED, _PROGRESS_ASKED | {"question": "Which prototypes were tested?"}],
    MailKind.SCENARIO_STALE: [_SCENARIO_STALE],
    MailKind.SIGN_OFF: [_SIGN_OFF, _SIGN_OFF | {"document": "proposal", "until": "2026-12-04T16:00:00+00:00"}],
    MailKind.EVENT: [
        _EVENT_MAIL,
        _EVENT_MAIL
        | {
            "change": "changed",
            "changed": ["title", "time", "place"],
            "time_zone": "Europe/Lisbon",
            "ends_at": "2027-03-28T16:30:00+00:00",
        },
        _EVENT_MAIL
        | {"change": "cancelled", "reason": "The hall is closed.", "starts_at": "2027-03-27", "ends_at": "2027-03-28"},
    ],
    MailKind.UNDELIVERED: [
        _UNDELIVERED,
        _UNDELIVERED | {"reason": "", "others": 1},
        *({**_UNDELIVERED, "others": number} for number in (2, 5)),
    ],
    MailKind.MEETING_REQUEST: [
        _MEETING | _PAIR | {"message": "We seek a clinic for a pilot.", "until": "2027-03-20T17:00:00+00:00"},
        _PAIR | {"event": _EVENT, "until": "2027-03-20", "link": f"{HOUSE}/api/v1/meetings/9"},
    ],
    MailKind.MEETING_ANSWER: [
        _MEETING | _PAIR | {"answer": "accepted"},
        _PAIR | {"event": _EVENT, "answer": "declined", "link": f"{HOUSE}/api/v1/meetings"},
    ],
    MailKind.AGENDA_PUBLISHED: [_AGENDA, *(_AGENDA | {"meetings": _AGENDA["meetings"][:count]} for count in (1, 0))],
    MailKind.INTEREST_RECEIVED: [_INTEREST | {"message": "We would test it on our benches.", "until": "2027-04-09"}],
    MailKind.INTEREST_ANSWERED: [_INTEREST | {"answer": answer} for answer in ("accepted", "declined")],
    MailKind.OUTCOME_ASKED: [_OUTCOME],
    MailKind.SECTION_GIVEN: [
        _SECTION | {"note": "Two pages will do."},
        _SECTION | {"sections": ["Team"], "question": "Who leads the trials?"},
    ],
    MailKind.SECTION_HANDED_IN: [_HANDED_IN],
    MailKind.QUESTION: [_QUESTION],
    MailKind.ANSWER: [_ANSWERED, _ANSWERED | {"answered_by": "", "answer": ""}],
    MailKind.RECEIPT: [
        _RECEIPT,
        *(_RECEIPT | {"what": one, "version": "", "next_on": None, "named": "Accounts"} for one in _RECEIVED),
    ],
    MailKind.SIGN_IN: [{"until": "2026-11-24T16:15:00+00:00", "link": f"{HOUSE}/sign-in/link/7"}],
}
