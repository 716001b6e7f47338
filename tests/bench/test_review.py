"""What submitting an evaluation over HTTP costs, beside a bare route that inserts the same rows, in the same run."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from time import perf_counter

import httpx
import pytest

from states.credentials.tokens import create_token
from states.partners.queries import holders
from states.rights.access import Role
from states.storage import begin, engine
from tests.bench.serving import BARE, OURS, served
from tests.factories import REVIEWERS, a_collaboration_at, a_world, clear, open_iag, scores_of

pytestmark = pytest.mark.bench

ROUNDS = 40
CLIENTS = 4


@dataclass(frozen=True)
class Request:
    """One evaluation on its way: to our API, and to the bare route."""

    round_id: str
    person_id: str
    token: str


def _requests() -> list[Request]:
    """Return three evaluations for each round, everybody agreed and cleared; those of a round stand together."""
    with begin() as session:
        world = a_world(session)
        held = holders(session, world.partnership.id, Role.IAG_MEMBER)
        tokens = {one.person.id: create_token(session, one.grant) for one in held}
        found = []
        for number in range(ROUNDS):
            row = a_collaboration_at(world, "iag_review", slug=f"c{number}")
            opened = open_iag(world, row)
            for name in REVIEWERS:
                clear(world, row, opened, name)
                found.append(Request(opened.id, world.people[name].id, tokens[world.people[name].id]))
    return found


def _per_second(address: str, requests: Sequence[Request], *, bare: bool) -> float:
    """Send all from several clients at once, each with rounds of its own; return evaluations per second."""
    scores, comments = scores_of()

    def send(part: Sequence[Request]) -> None:
        with httpx.Client(base_url=address, timeout=60) as client:
            for one in part:
                body: dict[str, object] = {"scores": scores, "comments": comments}
                if bare:
                    body |= {"round_id": one.round_id, "person_id": one.person_id, "number": 1000}
                path = "/evaluations" if bare else f"/api/v1/rounds/{one.round_id}/evaluations"
                answer = client.post(path, json=body, headers={"Authorization": f"Bearer {one.token}"})
                assert answer.status_code == 201, answer.text

    share = len(requests) // CLIENTS
    began = perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        list(pool.map(send, (requests[start : start + share] for start in range(0, len(requests), share))))
    return len(requests) / (perf_counter() - began)


@pytest.mark.usefixtures("installation")
def test_submitting_beside_bare_inserts_of_the_same_rows() -> None:
    requests = _requests()
    with served(OURS) as address:
        ours = _per_second(address, requests, bare=False)
    with served(BARE) as address:
        bare = _per_second(address, requests, bare=True)
    print(
        f"\n{len(requests)} evaluations from {CLIENTS} clients ({engine().dialect.name}): {ours:,.0f} a second with"
        f" conflicts, checks and events; {bare:,.0f} a second inserted bare; ratio {ours / bare:.3g}"
    )
