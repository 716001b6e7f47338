"""The runner is killed again and again while a round is under way: the round ends as it does undisturbed."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from threading import Event

import pytest
from sqlmodel import Session, col, select, update

from flows.catalogue import consumers_of
from states.archive.queries import documents_of
from states.clock import machine_now, now
from states.mail.tables import Mail, MailKind, MailState
from states.outbox.queries import dead_messages, open_messages
from states.outbox.tables import ConsumedMessage, OutboxMessage
from states.review.conflicts.tables import ConflictKind
from states.review.queries import decision_of, evaluations_of, rounds_of, seats_of
from states.review.tables import Outcome
from states.storage import begin
from tests.flows.conftest import Inbox, World, ask_for_iag
from tests.flows.rounds import answer, decide, declare_as, leave, only_round, sitting
from tests.waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.prefect, pytest.mark.long]

ROOT = Path(__file__).parents[2]
LIFE_SECONDS = 2.5
SEED = 20260302
NOTICES = (MailKind.INVITATION, MailKind.SHORTAGE, MailKind.DECISION)


class Moment(StrEnum):
    """When the runner is killed: somewhere in its life, before a mail is taken, or before it knows that it was."""

    TIME = "time"
    RECIPIENT = "recipient"
    DATA = "data"


_T, _R, _D = Moment
# Twenty times, most often where most of the work is: opening, a withdrawal, a conflict, the last answers, the decision.
KILLS = ((_R, _D, _T, _T, _R, _T, _D, _T), (_T, _D, _T, _T), (_T, _R, _T), (_T, _T), (_T, _D, _R))
NO_KILLS: tuple[tuple[Moment, ...], ...] = ((),) * len(KILLS)


class Killed:
    """A runner that is killed, started anew, and at last left alone."""

    def __init__(self, nursery: "subprocess.Popen[str]", inbox: Inbox, random: Random) -> None:
        self._nursery, self._inbox, self._random = nursery, inbox, random
        self._pid: int | None = None
        self.ends: list[int] = []
        self.reached: Counter[Moment] = Counter()

    def start(self) -> None:
        """Start it if it does not run."""
        if self._pid is None:
            assert self._nursery.stdin is not None
            self._nursery.stdin.write("\n")
            self._nursery.stdin.flush()
            self._pid = int(self._read())

    def kill(self, moment: Moment) -> None:
        """Let it live for a while, or until a mail is on its way, and kill it; its leases run out at once."""
        self.start()
        if moment is Moment.TIME:
            time.sleep(self._random.uniform(0, LIFE_SECONDS))
            self._shoot()
        else:
            self._kill_at_mail(moment)
        self.ends.append(int(self._read()))
        self._pid = None
        with begin() as session:
            past = machine_now() - timedelta(seconds=1)
            session.execute(update(OutboxMessage).where(col(OutboxMessage.done_at).is_(None)).values(leased_until=past))
            session.execute(update(Mail).where(col(Mail.leased_until).is_not(None)).values(leased_until=past))

    def _kill_at_mail(self, moment: Moment) -> None:
        shot = Event()

        def interrupt(reached: str) -> None:
            if reached == moment and not shot.is_set():
                shot.set()
                self.reached[moment] += 1
                self._shoot()

        self._inbox.interrupt = interrupt
        wait_until(lambda: shot.is_set() or drained())
        if not shot.is_set():  # no mail is to come any more
            shot.set()
            self._shoot()
        self._inbox.interrupt = lambda _: None

    def _shoot(self) -> None:
        assert self._pid is not None
        os.kill(self._pid, signal.SIGKILL)

    def _read(self) -> str:
        assert self._nursery.stdout is not None
        return self._nursery.stdout.readline()


@pytest.fixture
def runner(
    world: World, inbox: Inbox, prefect_environment: dict[str, str], tmp_path: Path, installation: Path
) -> Iterator[Killed]:
    """The runner of the world, as processes that are forked with everything imported."""
    environment = os.environ | prefect_environment
    command = [sys.executable, "-m", "tests.journeys.forked_runner"]
    with (
        (tmp_path / "runner.log").open("w") as log,
        subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        ) as nursery,
    ):
        yield Killed(nursery, inbox, Random(SEED))
        nursery.kill()


def drained() -> bool:
    """Tell whether no event is open and no mail is due or under way: events and mails have a thread each."""
    due = (col(Mail.state) == MailState.WAITING) & (col(Mail.not_before) <= now())
    under_way = (col(Mail.state) == MailState.OFFERED) & (col(Mail.leased_until) >= machine_now())
    with begin(read_only=True) as session:
        return open_messages(session) == 0 and not session.exec(select(Mail.id).where(due | under_way)).first()


def acts(world: World) -> Iterator[Callable[[], None]]:
    """Yield what people do in the round; each is done when all that follows from the one before has been done."""

    def ask_for_a_round() -> None:
        ask_for_iag(world)

    yield ask_for_a_round
    round_id = only_round(world).id
    yield lambda: leave(round_id, sitting(round_id)[0])
    names = sitting(round_id)

    def find_a_conflict() -> None:
        answer(round_id, names[0])
        declare_as(round_id, names[1], ConflictKind.DISQUALIFYING)

    def answer_all() -> None:
        for name in (names[2], names[3], names[4]):
            answer(round_id, name)

    yield find_a_conflict
    yield answer_all
    yield lambda: decide(round_id, outcome=Outcome.ENDORSE_WITH_CONDITIONS, conditions=("Sign the access rules.",))


@pytest.mark.parametrize(
    ("installation", "kills"),
    [
        pytest.param("sqlite", NO_KILLS),
        ("sqlite", KILLS),
        pytest.param("postgresql", KILLS),
    ],
    ids=["sqlite-undisturbed", "sqlite-killed", "postgresql-killed"],
    indirect=["installation"],
)
def test_a_round_ends_the_same_and_nobody_is_told_twice(
    world: World, inbox: Inbox, runner: Killed, kills: tuple[tuple[Moment, ...], ...]
) -> None:
    for act, moments in zip(acts(world), kills, strict=True):
        act()
        for moment in moments:
            runner.kill(moment)
        runner.start()
        wait_until(drained)

    planned = sum(kills, ())
    assert runner.ends == [-signal.SIGKILL] * len(planned)
    assert {Moment.RECIPIENT, Moment.DATA} & set(planned) <= runner.reached.keys()
    with begin(read_only=True) as session:
        assert _facts(session, world) == {
            "rounds": [("iag", 1, "closed", [])],
            "seats": {"active": 4, "withdrawn": 1, "disqualified": 1},
            "evaluations": 4,
            "outcome": "endorse_with_conditions",
            "documents": {
                "review-dossier": 1,
                "evaluation-report": 4,
                "consensus-report": 1,
                "panel-minutes": 1,
                "decision-letter": 1,
                "monitoring-report-public": 1,
                "monitoring-report-confidential": 1,
            },
            "events": {
                "review.requested": 1,
                "review.invited": 6,
                "review.seat_left": 2,
                "review.declared": 5,
                "review.short_of_reviewers": 1,
                "review.answers_in": 1,
                "review.decided": 1,
                "document.requested": 10,
                "document.issued": 10,
            },
            "mails": {"invitation": 6, "shortage": 1, "decision": 3},
        }
        assert dead_messages(session) == 0
        assert _effects(session) == _wanted_effects(session)
        _check_mails(session, inbox, killed=bool(planned))


def _facts(session: Session, world: World) -> dict[str, object]:
    rounds = rounds_of(session, [world.collaboration_id])
    decision = decision_of(session, rounds[0].id)
    documents = documents_of(session, partnership_id=world.partnership_id)
    return {
        "rounds": [(row.panel, row.number, row.state.value, row.missing) for row in rounds],
        "seats": Counter(seat.state.value for seat, _ in seats_of(session, rounds[0].id, every=True)),
        "evaluations": len(evaluations_of(session, rounds[0].id)),
        "outcome": decision.outcome.value if decision and decision.released_at else None,
        "documents": Counter(document.kind.value for document in documents),
        "events": Counter(event.name for event in _events(session)),
        "mails": Counter(row.kind.value for row in session.exec(select(Mail).where(col(Mail.kind).in_(NOTICES)))),
    }


def _events(session: Session) -> Sequence[OutboxMessage]:
    """Return the request and everything that followed from it, so not what else its move caused."""
    request = select(OutboxMessage.sequence).where(OutboxMessage.name == "review.requested").scalar_subquery()
    sequence, followed = col(OutboxMessage.sequence), col(OutboxMessage.cause_id).is_(None)
    return session.exec(select(OutboxMessage).where((sequence == request) | (sequence > request) & followed)).all()


def _effects(session: Session) -> list[tuple[str, str]]:
    return sorted((row.message_id, row.consumer) for row in session.exec(select(ConsumedMessage)))


def _wanted_effects(session: Session) -> list[tuple[str, str]]:
    return sorted((event.id, spec.name) for event in _events(session) for spec in consumers_of(event.name))


def _check_mails(session: Session, inbox: Inbox, *, killed: bool) -> None:
    """No mail went out twice, each went out unless its fate is unknown, and undisturbed each is sent."""
    told = Counter(message["Message-ID"].strip("<>") for message in inbox.messages)
    states = {row.message_id: row.state for row in session.exec(select(Mail))}
    sent = {key for key, state in states.items() if state is MailState.SENT}
    assert set(told.values()) == {1}
    assert sent <= told.keys() <= states.keys()
    assert {states[key] for key in states.keys() - sent} <= ({MailState.UNCERTAIN} if killed else set())
