"""A small partnership with a frozen protocol, a Prefect server for the session, and a mail server on loopback."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope
from aiosmtpd.smtp import Session as SmtpSession
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.settings import (
    PREFECT_API_URL,
    PREFECT_LOGGING_TO_API_ENABLED,
    PREFECT_SERVER_ALLOW_EPHEMERAL_MODE,
    temporary_settings,
)
from sqlmodel import Session, col, select

from api.operations.supervisor import RECORDING
from flows.catalogue import ANSWERING, FlowSpec
from flows.host import run_here
from flows.relay import relay_batch
from states import clock
from states.collaborations.queries import collaboration_by_id
from states.collaborations.service import Joining, edit_collaboration
from states.collaborations.tables import MemberPart
from states.lifecycle.move import move
from states.lifecycle.opening import open_collaboration
from states.matchmaking.service import record_contact
from states.matchmaking.tables import ContactKind, ContactStatus
from states.outbox.leases import FREE, pass_over, write
from states.outbox.service import publish
from states.outbox.tables import ConsumedMessage, OutboxMessage
from states.partners.people import grant_role, person_by_email
from states.partners.queries import regions_of
from states.partners.tables import (
    Organisation,
    OrganisationKind,
    Partnership,
    PartnershipKind,
    Person,
    Region,
    WorkingArea,
)
from states.playbooks.editions import chosen_playbook
from states.protocol.service import freeze_version, write_section
from states.rights.access import Actor, Role
from states.settings import settings
from states.storage import begin
from tests.factories import content_of, fulfil
from tests.waiting import HANG_SECONDS, wait_until

REVIEWERS = 6
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class World:
    """Ids of a partnership with one collaboration whose protocol has a frozen version."""

    partnership_id: str
    collaboration_id: str
    version_id: str


@pytest.fixture
def simulated_clock(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A simulated clock, at START, that other processes read too."""
    path = installation / "clock"
    monkeypatch.setenv("BANKABLE_CLOCK_FILE", str(path))
    settings.cache_clear()
    clock.set_simulated(START)
    return path


@pytest.fixture
def world(installation: Path, simulated_clock: Path) -> World:
    """A partnership of two regions, two partners and six reviewers, with every event so far handed over."""
    with begin() as session:
        partnership = Partnership(slug="optics", name="Optics", kind=PartnershipKind.TSSP, playbook="s3")
        session.add(partnership)
        session.flush()
        partners = [_partner(session, partnership, code) for code in ("PL229", "DE111")]
        _people(session, partnership, partners)
        contact = record_contact(
            session,
            partnership_id=partnership.id,
            kind=ContactKind.MEETING,
            requester=partners[0],
            host=partners[1],
            subject="A shared test bed",
            status=ContactStatus.HELD,
            held_on=date(2026, 2, 2),
        )
        members = [Joining(partners[0], MemberPart.LEAD), Joining(partners[1])]
        collaboration = open_collaboration(
            session, partnership, contact=contact, slug="test-bed", title="Shared test bed", members=members
        )
        area = WorkingArea(partnership_id=partnership.id, number=1, name="Imaging")
        session.add(area)
        edit_collaboration(session, collaboration, summary="A test bed for two regions.", working_area=area)
        sections = chosen_playbook(session, partnership.playbook).protocol
        for section in sections:
            own = {"acronym": "BED"} if section.key == "identity" else {}
            write_section(session, collaboration, section.key, content_of(section) | own, sections=sections)
        version = freeze_version(session, collaboration)
        hand_over_silently(session)
        return World(partnership.id, collaboration.id, version.id)


def _partner(session: Session, partnership: Partnership, nuts: str) -> Organisation:
    country, region = nuts[:2], nuts[:4]
    session.add(
        Region(partnership_id=partnership.id, slug=region.lower(), name=region, country=country, codes=[region])
    )
    organisation = Organisation(
        slug=f"partner-{nuts.lower()}",
        name=f"Partner {nuts}",
        kind=OrganisationKind.TECHNOLOGY_CENTRE,
        country=country,
        nuts=nuts,
    )
    session.add(organisation)
    session.flush()
    return organisation


def _people(session: Session, partnership: Partnership, partners: Sequence[Organisation]) -> None:
    for role in (Role.PROJECT_MANAGER, Role.IAG_SECRETARY, Role.IAG_CHAIR):
        grant_role(session, partnership, a_person(session, role.value.split("_")[1]), role)
    for number in range(1, REVIEWERS + 1):
        knows = ["finance" if number % 2 else "market"]
        grant_role(session, partnership, a_person(session, f"reviewer-{number}"), Role.IAG_MEMBER, expertise=knows)
    for organisation in partners:
        person = a_person(session, f"at-{organisation.slug}")
        grant_role(session, partnership, person, Role.PARTNER, organisation=organisation)
    for region in regions_of(session, partnership.id):
        grant_role(session, partnership, a_person(session, f"for-{region.slug}"), Role.WGRA_MEMBER, region=region)


def a_person(session: Session, name: str) -> Person:
    """Return the person of that name, registered now if new."""
    return person_by_email(session, email=f"{name}@example.org", label=name.replace("-", " ").capitalize())


def hand_over_silently(session: Session, *, but: str = "") -> str:
    """Mark every event as done but the newest of that name; return its id."""
    kept = ""
    for event in session.exec(select(OutboxMessage).order_by(col(OutboxMessage.sequence).desc())):
        if event.name == but and not kept:
            kept = event.id
        else:
            event.done_at = event.done_at or clock.now()
    return kept


def move_on(session: Session, world: World, *moves: str, by: Role = Role.PROJECT_MANAGER) -> None:
    """Make these moves one after the other; who submits has filed and answered what the playbook asks for."""
    for name in moves:
        if name == "submit_to_iag":
            manager = Actor(Role.PROJECT_MANAGER, world.partnership_id)
            fulfil(session, collaboration_by_id(session, world.collaboration_id), by=manager, second=manager)
        move(session, world.collaboration_id, name, actor=Actor(by, world.partnership_id), reason="For a test.")


def ask_for_iag(world: World) -> str:
    """Submit to the IAG by moves; return the id of the event that asks for its round, the only one that waits."""
    with begin() as session:
        move_on(session, world, "draft_outline", "start_protocol", "submit_to_iag")
        return hand_over_silently(session, but="review.requested")


def announce(world: World, name: str, **payload: str) -> str:
    """Publish an event of the world's collaboration in a transaction of its own and return its id."""
    with begin() as session:
        event = publish(
            session,
            name,
            partnership_id=world.partnership_id,
            collaboration_id=world.collaboration_id,
            **payload,
        )
        return event.id


def relay_all() -> None:
    """Relay until nothing is left to hand over; a failure ends the test."""
    while relay_batch():
        with begin(read_only=True) as session:
            assert [row.last_error for row in session.exec(select(OutboxMessage)) if row.last_error] == []


def delivered(spec: FlowSpec, message_id: str) -> object:
    """Let a flow answer a message and return what it says of it; one that is done is delivered once more."""
    with begin() as session:
        pass_over(session, answered=ANSWERING.consumers)
        write(session, {**FREE, "done_at": None}, keys=[message_id])
    run = run_here(spec, {"message_ids": [message_id]})
    assert run.result is not None
    return run.result[message_id]


def event_state(message_id: str) -> OutboxMessage:
    """Return the event as it stands now."""
    with begin(read_only=True) as session:
        return session.exec(select(OutboxMessage).where(OutboxMessage.id == message_id)).one()


def consumers(message_id: str) -> dict[str, str]:
    """Return who had its effect from an event, with the flow run's id."""
    with begin(read_only=True) as session:
        rows = session.exec(select(ConsumedMessage).where(ConsumedMessage.message_id == message_id)).all()
        return {row.consumer: row.flow_run_id for row in rows}


def flow_run_in_prefect(run_id: str) -> FlowRun:
    """Return the flow run as Prefect's API knows it."""
    with get_client(sync_client=True) as client:
        return client.read_flow_run(UUID(run_id))


def free_port() -> int:
    """Return a port of the loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def prefect_environment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A Prefect server of its own, as `serve` runs it; yields what a process needs to find it."""
    url = f"http://127.0.0.1:{free_port()}/api"
    environment = {
        "PREFECT_HOME": str(tmp_path_factory.mktemp("prefect")),
        "PREFECT_API_URL": url,
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_ENABLED": "false",
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        **RECORDING,
    }
    port = url.rpartition(":")[2].removesuffix("/api")
    factory = "flows.prefect_app:create_app"
    command = [sys.executable, "-m", "uvicorn", "--factory", factory, "--port", port, "--log-level", "warning"]
    log = tmp_path_factory.mktemp("prefect-log") / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(command, env=os.environ | environment, stdout=output, stderr=output)
        try:
            wait_until(lambda: _answers(url), of=server)
            yield environment
        finally:
            server.terminate()
            server.wait(HANG_SECONDS)


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/health").status_code == httpx.codes.OK
    except httpx.TransportError:
        return False


@pytest.fixture
def prefect_server(prefect_environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """The session's Prefect server, in force for this test and its process."""
    in_force = {
        PREFECT_API_URL: prefect_environment["PREFECT_API_URL"],
        PREFECT_LOGGING_TO_API_ENABLED: False,
        PREFECT_SERVER_ALLOW_EPHEMERAL_MODE: False,
    }
    with temporary_settings(in_force):
        yield prefect_environment


class Inbox:
    """What a mail server on loopback accepted; it turns `refused` recipients away, and hangs up while `hangs_up`.

    `interrupt` is called with "recipient" and with "data", before the server says that it took them.
    """

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.refused: set[str] = set()
        self.hangs_up = False
        self.interrupt: Callable[[str], None] = lambda _: None

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds it by this name
        self, server: SMTP, session: SmtpSession, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.interrupt("recipient")
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: SmtpSession, envelope: Envelope) -> str:  # noqa: N802
        assert server.transport is not None
        assert isinstance(envelope.content, bytes)
        if self.hangs_up:
            server.transport.close()
        else:
            self.messages.append(message_from_bytes(envelope.content, policy=default))
            self.interrupt("data")
        return "250 accepted"


@pytest.fixture
def inbox(installation: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inbox]:
    """A mail server on loopback that the installation sends by."""
    handler = Inbox()
    controller = Controller(handler, hostname="127.0.0.1", port=free_port())
    controller.start()
    monkeypatch.setenv("BANKABLE_SMTP_URL", f"smtp://127.0.0.1:{controller.port}")
    settings.cache_clear()
    yield handler
    controller.stop()
