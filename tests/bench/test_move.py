"""What a move costs beside its peers on the same work, and how many are made a second by several processes.

Every peer moves copies of one collaboration, in turn, each in a process of its own; compared are the medians.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from statistics import median
from time import perf_counter

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import col, select

from states.collaborations.tables import Collaboration, HistoryLine
from states.credentials.tokens import create_token
from states.outbox.tables import OutboxMessage
from states.partners.queries import holders
from states.rights.access import Role
from states.settings import settings
from states.storage import begin, engine
from tests.bench.moving.peer import Peer, running
from tests.bench.moving.work import END, MOVE, SCHEMA, Task
from tests.bench.serving import BARE, OURS, served
from tests.copies import copy_row, seal_copies
from tests.factories import a_collaboration, a_world

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("installation")]

ROUNDS, WARM_UP = 60, 12
HAND, MOVES, HTTP = "by hand", "a move", "a move over HTTP"
PEERS = {
    HAND: "by_hand:mover",
    "by hand with the same further effects": "by_hand:mover_with_effects",
    "plain SQLModel": "with_sqlmodel:mover",
    "django-fsm-2": "with_django_fsm:mover",
    "DBOS": "with_dbos:mover",
    MOVES: "ours:mover",
}
PROCESSES = (1, 2, 4)
BURST, TIMES = 60, 3


def _ready(count: int) -> tuple[list[Task], str]:
    """Make so many collaborations that may be moved; return them with a manager's token."""
    with begin() as session:
        world = a_world(session)
        row = a_collaboration(world)
        token = create_token(session, holders(session, world.partnership.id, Role.PROJECT_MANAGER)[0].grant)
        keys, version = copy_row(session, row, count), row.version
        seal_copies(session, keys)  # or each move would begin a tip, and note a doubt
        return [Task(key, version) for key in keys], token


@contextmanager
def _peers() -> Iterator[list[Peer]]:
    with ExitStack() as stack:
        yield [stack.enter_context(running(name, of, settings().database)) for name, of in PEERS.items()]
    if engine().dialect.name == "postgresql":
        with engine().begin() as connection:
            connection.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))


Post = Callable[[Task], float]


@contextmanager
def _post(factory: str, token: str = "") -> Iterator[Post]:
    """Serve an application; yield what moves over HTTP and tells the seconds."""
    with served(factory) as address, httpx.Client(base_url=address, timeout=60) as client:

        def post(task: Task) -> float:
            began = perf_counter()
            if token:
                headers = {"Authorization": f"Bearer {token}", "If-Match": f'"{task.version}"'}
                path = f"/api/v1/collaborations/{task.key}/moves"
                answer = client.post(path, json={"move": MOVE}, headers=headers)
            else:
                answer = client.post(f"/collaborations/{task.key}/moves", json={"version": task.version})
            assert answer.status_code == 201, answer.text
            return perf_counter() - began

        yield post


def test_a_move_beside_its_peers() -> None:
    rounds = ROUNDS + WARM_UP
    tasks, token = _ready(rounds * (len(PEERS) + 2))
    waiting = iter(tasks)
    seconds: dict[str, list[float]] = {}
    with _peers() as peers, _post(BARE) as bare, _post(OURS, token) as ours:
        ways: list[tuple[str, Callable[[Task], float]]] = [
            *((peer.name, lambda task, peer=peer: peer.move([task])[0]) for peer in peers),
            ("by hand over HTTP, bare", bare),
            (HTTP, ours),
        ]
        for number in range(rounds):
            for name, way in [*ways[number % len(ways) :], *ways[: number % len(ways)]]:
                seconds.setdefault(name, []).append(way(next(waiting)))
    _need_same_work(tasks)
    medians = {name: median(found[WARM_UP:]) for name, found in seconds.items()}
    print(f"\nA move ({engine().dialect.name}, {ROUNDS} of each, in turn; medians, and times that by hand):")
    for name, found in sorted(medians.items(), key=lambda one: one[1]):
        print(f"  {name:<40} {found * 1e3:7.2f} ms {found / medians[HAND]:6.1f}")
    print(f"  a move is {medians[MOVES] / medians['DBOS']:.2f} of DBOS")


def _need_same_work(tasks: Sequence[Task]) -> None:
    """Every peer left the same rows: the next stage and version, one line with a seal, one message."""
    keys = {task.key for task in tasks}
    with begin(read_only=True) as session:
        rows = session.exec(select(Collaboration).where(col(Collaboration.id).in_(keys))).all()
        assert {(row.stage, row.version) for row in rows} == {(END, tasks[0].version + 1)}
        lines = select(HistoryLine.collaboration_id).where(
            col(HistoryLine.collaboration_id).in_(keys), HistoryLine.number == 1, HistoryLine.seal != ""
        )
        messages = select(OutboxMessage.collaboration_id).where(col(OutboxMessage.collaboration_id).in_(keys))
        assert [*map(Counter, (session.exec(lines), session.exec(messages)))] == [Counter(keys)] * 2


def test_moves_a_second_by_several_processes() -> None:
    tasks, _ = _ready(2 * sum(PROCESSES) * BURST * (TIMES + 1))
    waiting = iter(tasks)
    found: dict[tuple[str, int], list[float]] = {}
    with ExitStack() as stack:
        hands = [stack.enter_context(running(HAND, PEERS[HAND], settings().database)) for _ in range(max(PROCESSES))]
        ours = [stack.enter_context(running(MOVES, PEERS[MOVES], settings().database)) for _ in range(max(PROCESSES))]
        for turn in range(TIMES + 1):
            for count in PROCESSES:
                for peers in (hands[:count], ours[:count]):
                    bursts = [[next(waiting) for _ in range(BURST)] for _ in peers]
                    speed = _speed(peers, bursts)
                    if turn:  # the first one warms up
                        found.setdefault((peers[0].name, count), []).append(speed)
    print(f"\nMoves a second by {', '.join(map(str, PROCESSES))} processes ({engine().dialect.name}):")
    for name in (HAND, MOVES):
        speeds = [median(found[name, count]) for count in PROCESSES]
        print(f"  {name:<40} {'  '.join(f'{one:,.0f} ({one / speeds[0]:.2f})' for one in speeds)}")


def _speed(peers: Sequence[Peer], bursts: Sequence[Sequence[Task]]) -> float:
    began = perf_counter()
    for peer, burst in zip(peers, bursts, strict=True):
        peer.send(burst)
    for peer in peers:
        peer.receive()
    return sum(map(len, bursts)) / (perf_counter() - began)
