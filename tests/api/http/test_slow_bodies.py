"""A body that does not come as its head says is given up with 408, and its connection is closed; others go on."""

import json
import select
import socket
from contextlib import nullcontext, suppress
from itertools import count
from pathlib import Path

import anyio
import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.types import Message, Receive, Scope, Send

from api.http import limits
from states.archive.store import open_store
from tests.api.house import a_house
from tests.factories import a_collaboration_at
from tests.serving import server
from tests.waiting import HANG_SECONDS, wait_until

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
READING = "/api/v1/region-readings"
FORM = 'multipart/form-data; boundary="b"'
HALF_A_FORM = (
    b'--b\r\nContent-Disposition: form-data; name="kind"\r\n\r\noffer\r\n'
    b'--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-1.7 half of'
)


def asked(address: str, path: str, body: bytes, **headers: str) -> socket.socket:
    """Send the head of a POST and a part of its body."""
    host, port = address.split(":")
    connection = socket.create_connection((host, int(port)), timeout=HANG_SECONDS)
    lines = [f"POST {path} HTTP/1.1", f"Host: {address}", *(f"{name}: {said}" for name, said in headers.items())]
    connection.sendall("\r\n".join([*lines, "", ""]).encode() + body)
    return connection


def told(connection: socket.socket) -> tuple[int, str]:
    """Return status and code of the answer, read until the server closes the connection."""
    answer = b""
    with connection:
        while more := connection.recv(4096):
            answer += more
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)["code"]


def test_what_does_not_come_is_not_waited_for(installation: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    house, key = a_house(lambda world: a_collaboration_at(world, "investment_protocol").id)
    bearer = house.manager.headers["Authorization"]
    as_json = {"Authorization": bearer, "Content-Type": "application/json"}
    monkeypatch.setenv("BANKABLE_BODY_SECONDS", "1")
    with server() as address:
        cut = {
            "nothing": asked(address, READING, b"", **as_json, **{"Content-Length": "20"}),
            "less": asked(address, READING, b'{"text": ', **as_json, **{"Content-Length": "20"}),
            "a byte less": asked(address, READING, b'{"text": "Po"}', **as_json, **{"Content-Length": "15"}),
            "no last piece": asked(address, READING, b"5\r\nabcde\r\n", **as_json, **{"Transfer-Encoding": "chunked"}),
            "a file": asked(
                address,
                "/api/v1/partnerships/medtech/imports?name=organisations.csv",
                b"slug,name\n",
                **{"Authorization": bearer, "Content-Type": "text/csv", "Content-Length": "99"},
            ),
            "a form": asked(
                address,
                f"/api/v1/collaborations/{key}/evidence",
                HALF_A_FORM,
                **{"Authorization": bearer, "Content-Type": FORM, "Content-Length": "9999"},
            ),
        }
        dripping = asked(address, READING, b"{", **as_json, **{"Content-Length": "1000000"})

        def answered() -> bool:
            try:
                dripping.sendall(b" ")
            except ConnectionError:
                return True
            return bool(select.select([dripping], [], [], 0)[0])

        wait_until(answered)
        answers = {name: told(connection) for name, connection in cut.items()}
        begun = b"HTTP/1.1 408"
        with dripping, suppress(ConnectionError):  # it is reset where a blank was under way when it was closed
            begun = dripping.recv(4096)
        other = httpx.post(f"http://{address}{READING}", json={"text": "Piemonte"}, headers={"Authorization": bearer})

    assert answers == dict.fromkeys(cut, (408, "body_too_slow"))
    assert begun.startswith(b"HTTP/1.1 408")
    assert other.status_code == 200
    assert house.manager.get("/evidence").json()["total"] == 0
    filesystem, root = open_store()
    assert [one for one in filesystem.find(root) if "incoming" in one] == []


@pytest.mark.parametrize(("size", "read"), [(limits.LEAST_RATE, 100), (limits.LEAST_RATE // 5, 75)])
def test_who_sends_slowly_is_waited_for_as_long_as_bytes_come(
    installation: Path, monkeypatch: pytest.MonkeyPatch, size: int, read: int
) -> None:
    """By this clock each piece takes a second, of which a fifth of the rate earns a fifth: 30 s last for 37."""
    seconds, pieces = count(0, 0.5), list[int]()
    monkeypatch.setattr(limits, "monotonic", lambda: float(next(seconds)))

    async def receive() -> Message:
        pieces.append(size)
        return {"type": "http.request", "body": bytes(size // 2), "more_body": len(pieces) < 100}

    async def read_all(_: Scope, receive: Receive, __: Send) -> None:
        while (await receive())["more_body"]:
            pass

    async def sent(_: Message) -> None:
        raise AssertionError("nobody answers")

    with nullcontext() if read == 100 else pytest.raises(HTTPException) as refused:
        anyio.run(limits.LimitedBodies(read_all), {"type": "http", "headers": [], "path": READING}, receive, sent)

    assert len(pieces) == read
    assert refused is None or refused.value.status_code == 408
