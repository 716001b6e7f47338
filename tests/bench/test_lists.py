"""What a page of a list costs at 100, 1,000 and 10,000 collaborations, beside a bare list of the same rows.

The bare one (FastAPI and SQLAlchemy) reads so many rows of the same table (of collaborations, with their members),
counts all and asks for no right.
"""

from collections.abc import Sequence
from contextlib import ExitStack
from functools import partial
from statistics import median
from time import perf_counter

import httpx
import pytest
from sqlalchemy import text
from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.credentials.tokens import create_token
from states.partners.queries import holders
from states.rights.access import Role
from states.storage import begin, engine
from tests.bench.serving import BARE, OURS, served
from tests.copies import copy_row
from tests.factories import REVIEWERS, a_collaboration, a_collaboration_at, a_world, clear, open_iag, step_to

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("installation")]

SIZES = (100, 1_000, 10_000)
TIMES = 7
DOSSIERS = 200  # of the reviewer, and of the partner, at most: twenty years, ten at once
# Ours and the bare list of the same name, and who asks.
LISTS = (
    ("pipeline", Role.PROJECT_MANAGER),
    ("pipeline", Role.IAG_MEMBER),
    ("pipeline", Role.PARTNER),
    ("collaborations", Role.PROJECT_MANAGER),
    ("collaborations", Role.IAG_MEMBER),
    ("collaborations", Role.PARTNER),
    ("deadlines", Role.PROJECT_MANAGER),
    ("contacts", Role.PROJECT_MANAGER),
)


def _begin(session: Session) -> tuple[list[Collaboration], dict[Role, str]]:
    """Open four collaborations, two of them the partner's before a reviewer without conflict; return tokens by role."""
    world = a_world(session)
    others = [a_collaboration(world, slug=slug, sites=("marseille", "katowice")) for slug in ("new", "outlined")]
    step_to(world, others[1], "outline")
    dossiers = [a_collaboration_at(world, "iag_review", slug=slug) for slug in ("first", "second")]
    for row in dossiers:
        clear(world, row, open_iag(world, row), REVIEWERS[0])
    askers = (world.people[REVIEWERS[0]].id, world.organisations["gliwice"].id)
    tokens = {}
    for role in dict.fromkeys(role for _, role in LISTS):
        grants = [one.grant for one in holders(session, world.partnership.id, role)]
        theirs = [one for one in grants if {one.person_id, one.organisation_id} & {*askers}]
        tokens[role] = create_token(session, [*theirs, *grants][0])
    return [*others, *dossiers], tokens


def _shares(size: int) -> list[int]:
    """Return how many there are of each of the four at a size; the last two are before the reviewer."""
    dossiers = min(size // 4, DOSSIERS // 2)
    others = size // 2 - dossiers
    return [others, others, dossiers, dossiers]


def _grow(rows: Sequence[Collaboration], *, have: int, to: int) -> None:
    """Copy the collaborations until there are so many."""
    with begin() as session:
        for number, (row, before, after) in enumerate(zip(rows, _shares(have), _shares(to), strict=True)):
            if after > before:
                slugs = [f"c{number}-{each}" for each in range(before, after)]
                copy_row(session, session.get_one(Collaboration, row.id), after - before, slug=slugs)
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))


def _get(client: httpx.Client, path: str, token: str = "") -> float:
    began = perf_counter()
    answer = client.get(path, headers={"Authorization": f"Bearer {token}"} if token else {})
    seconds = perf_counter() - began
    assert answer.status_code == 200, answer.text
    assert len(answer.json()["items"]) == 50
    return seconds


def test_a_page_of_many_beside_a_bare_one() -> None:
    with begin() as session:
        rows, tokens = _begin(session)
    have, found = len(rows), {}
    with ExitStack() as stack:
        ours, bare = (
            stack.enter_context(httpx.Client(base_url=stack.enter_context(served(factory)), timeout=120))
            for factory in (OURS, BARE)
        )
        for size in SIZES:
            _grow(rows, have=have, to=size)
            have = size
            for path, role in LISTS:
                ways = [partial(_get, ours, f"/api/v1/{path}", tokens[role]), partial(_get, bare, f"/{path}")]
                turns = [[way() for way in ways] for _ in range(TIMES + 1)]
                found[path, role, size] = [median(times[1:]) for times in zip(*turns, strict=True)]
    print(f"\nA page of 50 ({engine().dialect.name}; milliseconds, and times a bare list) of {SIZES}:")
    for path, role in LISTS:
        measured = [found[path, role, size] for size in SIZES]
        told = "".join(f"{mine * 1e3:8.0f} ({mine / plain:5.1f})" for mine, plain in measured)
        print(f"  {path:<15} {role.value:<16}{told}")
