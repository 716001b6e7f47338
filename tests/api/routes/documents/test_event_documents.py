"""Documents of an event over HTTP: asked for once there is something to show, read by whom they concern."""

from hashlib import sha256

import pytest
from sqlmodel import select

from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.matchmaking.event_day.tables import Scheduling
from states.outbox.tables import OutboxMessage
from states.storage import begin
from tests.api.house import MANAGER, OBSERVER, PARTNER, SECRETARY, House, a_house, codes, places, problem
from tests.factories import PRINTING, World
from tests.meeting_factories import a_brokerage_event, a_participant

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


ISSUED = {
    "booklet": (DocumentKind.EVENT_BOOKLET, "event"),
    "elsewhere": (DocumentKind.EVENT_BOOKLET, "hidden"),
    "funnel": (DocumentKind.FUNNEL_REPORT, "event"),
    "other agenda": (DocumentKind.PERSONAL_AGENDA, "other"),
    "own agenda": (DocumentKind.PERSONAL_AGENDA, "own"),
    "plan": (DocumentKind.TABLE_PLAN, "event"),
}


def _issue(world: World) -> dict[str, str]:
    """Return ids of two events, of two participants, and of the documents on them."""
    hidden = a_brokerage_event(world, name="Hidden", scheduling=Scheduling.ORGANISER)
    event = a_brokerage_event(world)
    own, other = (a_participant(world, event, who) for who in ("gliwice", "marseille"))
    keys = {"event": event.id, "hidden": hidden.id, "own": own.id, "other": other.id}
    for name, (kind, subject) in ISSUED.items():
        subject_id = keys[subject]
        content = f"%PDF {name}".encode()
        keep_bytes(content)
        digest = sha256(content).hexdigest()
        rendered = Rendered(kind, DocumentClass.CONFIDENTIAL, name, subject_id, digest, content, PRINTING)
        keys[name] = record_document(world.session, rendered, partnership_id=world.partnership.id).id
    return keys


@pytest.fixture
def furnished(installation: object) -> tuple[House, dict[str, str]]:
    return a_house(_issue)


@pytest.mark.parametrize(
    ("who", "readable"),
    [
        (MANAGER, list(ISSUED)),
        (PARTNER, ["booklet", "own agenda"]),
        (SECRETARY, ["funnel"]),
        (OBSERVER, []),
    ],
)
def test_a_partner_reads_its_own_agenda_and_the_booklet_of_its_event(
    furnished: tuple[House, dict[str, str]], who: str, readable: list[str]
) -> None:
    house, keys = furnished
    caller = house.by(who)

    listed = sorted(one["title"] for one in caller.get("/documents").json()["items"])
    opened = [name for name in ISSUED if caller.get(f"/documents/{keys[name]}/content").status_code == 200]

    assert (listed, opened) == (readable, readable)


def test_asking_writes_an_event(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished

    plan = house.manager.post(f"/events/{keys['event']}/documents", {"kind": "table-plan"})
    agenda = house.by(PARTNER).post(f"/participants/{keys['own']}/agenda")

    assert (plan.status_code, agenda.status_code) == (202, 202)
    with begin(read_only=True) as session:
        asked = [
            session.exec(select(OutboxMessage).where(OutboxMessage.id == one.json()["message_id"])).one().payload
            for one in (plan, agenda)
        ]
    assert asked == [
        {"kind": "table-plan", "subject_id": keys["event"]},
        {"kind": "personal-agenda", "subject_id": keys["own"]},
    ]


def test_an_agenda_is_a_calendar_too(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished

    own = house.by(PARTNER).get(f"/participants/{keys['own']}/agenda.ics")
    other = house.by(PARTNER).get(f"/participants/{keys['other']}/agenda.ics")

    assert (own.status_code, own.headers["Content-Type"].split(";")[0]) == (200, "text/calendar")
    assert b"NAME;LANGUAGE=en:Medtech days" in own.content
    assert problem(other) == (403, "denied")


def test_what_cannot_be_asked_for_is_refused(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished

    hidden = house.manager.post(f"/events/{keys['hidden']}/documents", {"kind": "table-plan"})
    proposal = house.manager.post(f"/events/{keys['event']}/documents", {"kind": "proposal"})
    other = house.by(PARTNER).post(f"/participants/{keys['other']}/agenda")

    assert (problem(hidden), codes(hidden)) == ((409, "nothing_to_show"), ["nothing_to_show"])
    assert (problem(proposal), places(proposal)) == ((422, "document_kind_unfit"), ["kind"])
    assert problem(other) == (403, "denied")
