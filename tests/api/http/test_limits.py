"""A body that is too large is refused by its header or by counting, before anything is done with it."""

import gzip
import zlib
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


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(_body(100), mtime=0)),
        ("GZIP", gzip.compress(b" " * (50 << 20), mtime=0)),  # what it would unpack to nobody wants to know
        ("deflate", zlib.compress(_body(100))),
        ("br", b"\x0b\x02\x80{}\x03"),
        ("gzip, identity", gzip.compress(_body(100), mtime=0)),
    ],
)
def test_a_packed_body_is_refused_unread(house: House, encoding: str, body: bytes) -> None:
    headers = {**house.manager.headers, "Content-Type": "application/json", "Content-Encoding": encoding}

    answers = [
        house.client.post(path, content=body, headers=headers)
        for path in (PATH, "/api/v1/partnerships/medtech/imports?name=organisations.csv&dry_run=true")
    ]

    assert [problem(one) for one in answers] == [(415, "body_packed")] * 2
    assert {one.headers["Accept-Encoding"] for one in answers} == {"identity"}


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"text": "Piemonte", "text": "Silesia"}', (422, "body_ambiguous")),
        (b'{"text": "Piemonte", "t\\u0065xt": "Silesia"}', (422, "body_ambiguous")),
        (b'{"text": {"a": [{"b": 1, "b": 1}]}}', (422, "body_ambiguous")),
        ('{"text": "a", "text": "b"}'.encode("utf-16"), (422, "body_ambiguous")),
        (b"[" * 100_000 + b"]" * 100_000, (400, "bad_request")),
        (b'{"text":' * 50_000 + b"1" + b"}" * 50_000, (400, "bad_request")),
        (b'{"text": ' + b"9" * 5_000 + b"}", (400, "bad_request")),
        (b'{"text": "\xff\xfe"}', (400, "bad_request")),
        (b'{"text": 1e999}', (422, "request_invalid")),
        (b'{"text": NaN}', (422, "request_invalid")),
        (b'{"text": "a\\u0000b"}', (422, "request_invalid")),
        (b'{"text": "\\ud800"}', (422, "request_invalid")),
        (b'{"\\udfff": 1}', (422, "request_invalid")),
        (b'{"a\\u0000": 1}', (422, "request_invalid")),
        (b'{"text": "a\x00b"}', (422, "request_invalid")),
    ],
)
def test_a_body_that_cannot_be_meant_is_refused(house: House, body: bytes, expected: tuple[int, str]) -> None:
    headers = {**house.manager.headers, "Content-Type": "application/json"}

    answer = house.client.post(PATH, content=body, headers=headers)

    assert problem(answer) == expected
    assert len(answer.content) < 2_000
