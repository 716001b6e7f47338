"""A body that is too large is refused by its header or by counting, before anything is done with it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.http.limits import MOST_BYTES
from tests.api.house import House, a_house, problem

PATH = "/api/v1/region-readings"
SHELL = len(b'{"text": ""}')


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def _body(size: int) -> bytes:
    return b'{"text": "' + b"x" * (size - SHELL) + b'"}'


def _in_pieces(body: bytes) -> Iterator[bytes]:
    yield from (body[at : at + 65_536] for at in range(0, len(body), 65_536))


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("size", "expected"), [(MOST_BYTES, (422, "request_invalid")), (MOST_BYTES + 1, (413, "body_too_large"))]
)
@pytest.mark.parametrize("in_pieces", [False, True])
def test_a_byte_more_than_the_most_is_too_large(
    house: House, size: int, expected: tuple[int, str], in_pieces: bool
) -> None:
    body = _body(size)
    headers = {**house.manager.headers, "Content-Type": "application/json"}

    answer = house.client.post(PATH, content=_in_pieces(body) if in_pieces else body, headers=headers)

    assert problem(answer) == expected
    assert answer.headers.get("Connection") == ("close" if expected[0] == 413 else None)
