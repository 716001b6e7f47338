"""Every deployment runs on a worker of the pool, a process elsewhere with nothing but Bankable installed, and works."""

import os
import re
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from prefect.client.orchestration import get_client
from sqlmodel import Session, col, select

from flows.catalogue import FLOWS, flow_named
from flows.host import hand_over
from states import clock
from states.archive.queries import documents_of
from states.archive.store import read_bytes
from states.archive.tables import DocumentSeal
from states.computations.tables import Computation, ComputationState
from states.credentials.tokens import create_token
from states.crossings.scenarios.choice import choose
from states.deadlines.definition import Rung
from states.deadlines.ledger import ledger_of
from states.deadlines.service import After, Owner, open_deadline
from states.funding.solutions import request_solution
from states.mail.tables import Mail, MailKind, MailPreference
from states.matchmaking.event_day.queries import meeting_by_id
from states.matchmaking.event_day.tables import MeetingState, Scheduling
from states.matchmaking.timetable.service import request_timetable
from states.outbox.queries import count_messages, dead_messages, last_errors, open_messages
from states.outbox.tables import OutboxMessage
from states.partners.people import grant_role, person_by_email
from states.partners.queries import holders
from states.partners.tables import Partnership
from states.reporting.queries import reports_of
from states.review.queries import rounds_of
from states.review.tables import Outcome, ReviewRound, RoundState
from states.rights.access import Role
from states.seals.secrets import secret_in_force
from states.settings import settings
from states.storage import begin
from tests.authority import PASSPHRASE, an_authority
from tests.factories import a_collaboration, a_world
from tests.flows.conftest import START, Inbox, World, a_person, move_on
from tests.flows.rounds import answer, decide, leave, only_round, sitting
from tests.meeting_factories import BEFORE, a_brokerage_event, a_meeting, a_participant, a_request
from tests.states.crossings.scenarios.test_choice import NOW, desk_of
from tests.waiting import HANG_SECONDS, wait_until

pytestmark = [pytest.mark.prefect, pytest.mark.long, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]

BANKABLE = str(Path(sys.executable).with_name("bankable"))


class Machines:
    """Processes of Bankable in a folder that holds nothing, which end by one signal each."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self._folder, self._stack = folder, stack
        self.log = folder / "log"
        self._log = stack.enter_context(self.log.open("wb"))

    def start(self, *command: str) -> "subprocess.Popen[bytes]":
        process = subprocess.Popen([BANKABLE, *command], cwd=self._folder, stdout=self._log, stderr=self._log)
        self._stack.callback(process.wait, HANG_SECONDS)
        self._stack.callback(process.terminate)
        return process


def settle() -> None:
    """Return when whatever answers a message has had its effect."""

    def settled() -> bool:
        with begin(read_only=True) as session:
            assert (last_errors(session), dead_messages(session)) == ([], 0)
            return open_messages(session) == 0

    wait_until(settled)


@pytest.fixture
def machines(
    prefect_server: dict[str, str], world: World, inbox: Inbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Machines]:
    """An installation that hands its flows over to a pool, set up from elsewhere."""
    for name, value in prefect_server.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("BANKABLE_HAND_OVER", "pool")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    settings.cache_clear()
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    with an_authority() as authority:
        monkeypatch.setenv("BANKABLE_SEAL_KEY", str(authority.keep_key(tmp_path)))
        monkeypatch.setenv("BANKABLE_SEAL_PASSPHRASE", PASSPHRASE)
    settings.cache_clear()
    subprocess.run([BANKABLE, "pool", "setup"], cwd=folder, capture_output=True, check=True)
    with ExitStack() as stack:
        yield Machines(folder, stack)


def run(name: str) -> None:
    """Let the pool run a flow as the clock does, and return when it has ended well."""
    key = UUID(hand_over(flow_named(name), {}).id)
    with get_client(sync_client=True) as client:

        def ended() -> bool:
            state = client.read_flow_run(key).state
            assert state is None or (not state.is_crashed() and not state.is_failed()), state
            return state is not None and state.is_completed()

        wait_until(ended)


def test_every_deployment_has_its_effect_on_a_worker(machines: Machines, world: World, inbox: Inbox) -> None:
    worker = machines.start("pool", "work")
    effects: dict[str, object] = {}

    with begin() as session:
        move_on(session, world, "draft_outline", "start_protocol", "submit_to_iag")
    runner = machines.start("run")
    wait_until(lambda: rounds(world), of=worker)
    effects["open-review-round"] = [row.panel for row in rounds(world)]
    round_id = only_round(world).id

    settle()
    effects["invite-reviewer"] = len(mails(MailKind.INVITATION))
    effects["issue-document"] = set(papers(world))
    effects["seal-document"] = sealed()

    first, *_ = sitting(round_id)
    leave(round_id, first)
    settle()
    effects["replace-reviewer"] = (first in sitting(round_id), len(sitting(round_id)))
    leave(round_id, sitting(round_id)[0])
    settle()
    effects["report-shortage"] = len(mails(MailKind.SHORTAGE))

    for name in sitting(round_id):
        answer(round_id, name)
    settle()
    effects["close-review-round"] = only_round(world).state
    inbox.refused = {"manager@example.org"}
    decide(round_id, outcome=Outcome.ENDORSE)
    settle()
    effects["announce-decision"] = len(mails(MailKind.DECISION))

    for path in (Path(os.environ["BANKABLE_HOME"]) / "store").glob("??/*"):
        path.write_bytes(b"damaged")
    run("heal-documents")
    settle()
    effects["heal-documents"] = papers(world) != [] and set(papers(world)) == {b"%PDF-"}

    run("deliver")
    effects["deliver"] = Counter(message["Subject"] for message in inbox.messages)["Your review: Shared test bed"]
    inbox.refused = set()
    with begin() as session:
        stray = person_by_email(session, email="other-manager@example.org", label="Other manager")
        grant_role(session, session.get_one(Partnership, world.partnership_id), stray, Role.PROJECT_MANAGER)
    run("escalate")
    effects["escalate"] = len(mails(MailKind.UNDELIVERED)) > 0

    with begin() as session:
        key = a_deadline(session, world)
    clock.set_simulated(START + timedelta(days=14))
    run("remind")
    with begin(read_only=True) as session:
        effects["remind"] = len(ledger_of(session, [key]))
    with begin() as session:
        session.add(MailPreference(person_id=a_person(session, "reviewer-1").id, digest=True))
    clock.set_simulated(START + timedelta(days=28))
    run("remind")
    run("digest")
    effects["digest"] = len(mails(MailKind.DIGEST))
    run("progress-report")
    with begin(read_only=True) as session:
        effects["progress-report"] = [row.period for row in reports_of(session, world.partnership_id)]

    clock.set_simulated(BEFORE)
    with begin() as session:
        timetable, unanswered = ask_for_timetable(session)
    settle()
    effects["schedule-event"] = state_of(timetable)
    clock.set_simulated(BEFORE + timedelta(days=4))
    run("expire-unanswered")
    with begin(read_only=True) as session:
        effects["expire-unanswered"] = meeting_by_id(session, unanswered).state

    clock.set_simulated(NOW)
    with begin() as session:
        funded = a_world(session)
        desk = desk_of(funded, a_collaboration(funded))
        choose(session, desk.row, desk.record())
        case = request_solution(session, desk.row, person_id=funded.people["project_manager"].id, seconds=60).id
    settle()
    effects["solve-funding"] = state_of(case)
    clock.set_simulated(datetime(2027, 4, 1, 12, tzinfo=UTC))
    run("review-scenarios")
    effects["review-scenarios"] = told("scenario.stale")
    settle()
    effects["report-stale-scenario"] = len(mails(MailKind.SCENARIO_STALE))

    assert effects == {
        "open-review-round": ["iag"],
        "invite-reviewer": 5,
        "issue-document": {b"%PDF-"},
        "seal-document": {"Office of the partnership"},
        "heal-documents": True,
        "replace-reviewer": (False, 5),
        "report-shortage": 1,
        "close-review-round": RoundState.CLOSED,
        "announce-decision": 3,
        "deliver": 6,
        "escalate": True,
        "remind": 1,
        "digest": 1,
        "progress-report": ["2025-H2"],
        "schedule-event": ComputationState.DONE,
        "expire-unanswered": MeetingState.EXPIRED,
        "solve-funding": ComputationState.DONE,
        "review-scenarios": 1,
        "report-stale-scenario": 1,
    }
    assert effects.keys() == {spec.label for spec in FLOWS}
    for process in (runner, worker):
        process.terminate()
        process.wait(HANG_SECONDS)  # one signal is enough


def sealed() -> set[str]:
    with begin(read_only=True) as session:
        return set(session.exec(select(DocumentSeal.signer)))


def rounds(world: World) -> Sequence[ReviewRound]:
    with begin(read_only=True) as session:
        return rounds_of(session, [world.collaboration_id])


def told(name: str) -> int:
    """Count the messages of a name."""
    with begin(read_only=True) as session:
        return count_messages(session, col(OutboxMessage.name) == name)


def mails(kind: MailKind) -> Sequence[Mail]:
    with begin(read_only=True) as session:
        return session.exec(select(Mail).where(Mail.kind == kind)).all()


def papers(world: World) -> list[bytes]:
    with begin(read_only=True) as session:
        return [read_bytes(row.sha256)[:5] for row in documents_of(session, partnership_id=world.partnership_id)]


def state_of(key: str) -> ComputationState:
    with begin(read_only=True) as session:
        return session.get_one(Computation, key).state


def a_deadline(session: Session, world: World) -> str:
    """Open a deadline of a reviewer, twenty working days from START, with a reminder ten days before."""
    return open_deadline(
        session,
        kind="evaluation",
        subject_id="round",
        title="Shared test bed: evaluation",
        partnership_id=world.partnership_id,
        collaboration_id=world.collaboration_id,
        owner=Owner(Role.IAG_MEMBER, person_id=a_person(session, "reviewer-1").id),
        due=After(START.date(), 20),
        ladder=[Rung(days=-14), Rung(days=0)],
    ).id


def ask_for_timetable(session: Session) -> tuple[str, str]:
    """Ask for the timetable of three who meet one another; return its id, and that of a request nobody answers."""
    fair = a_world(session, slug="fair")
    event = a_brokerage_event(fair, scheduling=Scheduling.ORGANISER)
    people = [a_participant(fair, event, who) for who in ("gliwice", "katowice", "marseille")]
    for one, other in ((0, 1), (0, 2)):
        a_meeting(fair, event, people[one], people[other])
    unanswered = a_request(fair, event, people[1], people[2])
    asker = fair.people["project_manager"].id
    return request_timetable(session, event, person_id=asker, seconds=20).id, unanswered.id


PASSWORD = "of-the-mail-server-Ab3"
LINK = re.compile(r"https?://[^\s\"<>]+/(?:links|unsubscribe)/[^\s\"<>]*?\w+\.([\w-]{20,})")


def kept_by_prefect(home: str) -> str:
    """Return all that Prefect's own database holds: runs, parameters, states, logs and artifacts."""
    with sqlite3.connect(f"file:{home}/prefect.db?mode=ro", uri=True) as database:
        return "\n".join(database.iterdump())


def test_no_secret_comes_to_prefect(
    machines: Machines,
    world: World,
    inbox: Inbox,
    prefect_server: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PREFECT_LOGGING_TO_API_ENABLED", "true")
    monkeypatch.setenv("PREFECT_LOGGING_EXTRA_LOGGERS", "flows,states,documents,api")
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "DEBUG")
    open_to_all = os.environ["BANKABLE_SMTP_URL"]
    monkeypatch.setenv("BANKABLE_SMTP_URL", open_to_all.replace("smtp://", f"smtp://post:{PASSWORD}@"))
    with begin() as session:
        move_on(session, world, "draft_outline", "start_protocol", "submit_to_iag")
        token = create_token(session, holders(session, world.partnership_id, Role.PROJECT_MANAGER)[0].grant)
    refused = machines.start("pool", "work")  # the mail server knows no passwords, and says so
    machines.start("run")
    settle()
    failed = hand_over(flow_named("deliver"), {}).id
    with get_client(sync_client=True) as client:
        wait_until(lambda: (state := client.read_flow_run(UUID(failed)).state) is not None and state.is_final())
    refused.terminate()
    refused.wait()
    monkeypatch.setenv("BANKABLE_SMTP_URL", open_to_all)
    machines.start("pool", "work")
    run("deliver")
    run("remind")

    texts = [part.get_content() for message in inbox.messages for part in message.walk() if not part.is_multipart()]
    links = set(LINK.findall("\n".join(map(str, texts))))
    known = {token.removeprefix("bkb_"), secret_in_force().decode(), PASSWORD, *links}
    kept = kept_by_prefect(prefect_server["PREFECT_HOME"])
    logged = machines.log.read_text(encoding="utf-8")
    assert len(links) > 1
    assert failed.replace("-", "") in kept.replace("-", "")
    assert 'INSERT INTO "log"' in kept
    assert "mail" in logged
    assert [secret for secret in known if secret in kept or secret in logged] == []
