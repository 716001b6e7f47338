"""Prefect's server as we run it: what it refuses for the moment is tried again, and no client waits."""

from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from flows.prefect_app import TriedAgain


class Locked(Exception):
    """Somebody else writes."""


def server(*, refusals: int) -> tuple[Any, list[bytes]]:
    """Return an application that refuses so often as Prefect does, by an error that it answers, and what it read."""
    read: list[bytes] = []

    async def answer(request: Request) -> JSONResponse:
        read.append(await request.body())
        if len(read) <= refusals:
            raise Locked
        return JSONResponse({"tries": len(read)})

    async def refuse(_: Request, __: Exception) -> JSONResponse:
        return JSONResponse({}, status_code=503)

    app = Starlette(routes=[Route("/", answer, methods=["POST"])], exception_handlers={Exception: refuse})
    return TriedAgain(app, pauses=(0.0,) * 3), read


async def posted(app: Any) -> httpx.Response:
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://prefect") as client:
        return await client.post("/", content=b"a flow run")


@pytest.mark.anyio
async def test_what_is_refused_for_the_moment_is_tried_again_with_the_same_body() -> None:
    app, read = server(refusals=2)

    answer = await posted(app)

    assert (answer.status_code, answer.json()) == (200, {"tries": 3})
    assert read == [b"a flow run"] * 3


@pytest.mark.anyio
async def test_what_stays_refused_is_refused_in_the_end() -> None:
    app, read = server(refusals=9)

    assert (await posted(app)).status_code in (500, 503)
    assert len(read) == 4
