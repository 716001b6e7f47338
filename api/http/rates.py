"""How often somebody may try: whoever guesses, and whoever asks for what is dear, waits a while.

Each process of the API counts by itself and forgets with its end: what several of them let through together is bounded
too, and no request waits for a write. A proxy in front may count for all of them.
"""

from collections import OrderedDict
from hashlib import sha256
from http import HTTPStatus

from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http.problems import answer_too_many
from api.http.windows import MOST_KEYS, Window
from states.settings import settings

# Refusals by which a guess is known: a token that is none, a link that was not signed here, an unknown calendar
# or code of a paper.
_GUESSED = {
    HTTPStatus.UNAUTHORIZED: ("",),
    HTTPStatus.FORBIDDEN: ("/links/", "/unsubscribe/"),
    HTTPStatus.NOT_FOUND: ("/calendars/", "/verification/", "/verify/"),
}
# Ends of the paths of what takes a processor for seconds: files, solvers.
_WATCHED = ("/api/v1/", "/calendars/", "/links/", "/unsubscribe/", "/verify")
_EXPORT = ("/export.xlsx", "/signatures")
_DEAR = ("/imports", "/verification", "/verify", "/funding-solutions", "/timetables")


class LimitedRates:
    """Refuse with 429 an address that guesses too often, and a bearer who asks too often for what is dear.

    A bearer who was let in before goes on: many share one address, and one of them who guesses stops nobody else.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app, self._guesses, self._dear = app, Window(), Window()
        self._let_in: OrderedDict[str, None] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request on, or answer it."""
        if scope["type"] != "http" or not scope["path"].startswith(_WATCHED):
            await self._app(scope, receive, send)
            return
        address = scope["client"][0] if scope.get("client") else ""
        path, allowed, shown = scope["path"], settings(), dict(scope["headers"]).get(b"authorization")
        bearer = sha256(shown or address.encode()).hexdigest()
        known, state = bearer in self._let_in, scope.setdefault("state", {})
        wait = 0.0 if known else self._guesses.wait(address, allowed.guesses_per_minute)
        if path.endswith(_DEAR if scope["method"] == "POST" else _EXPORT):
            wait = max(wait, self._dear.wait(bearer, allowed.dear_per_minute))
            self._dear.count(bearer)
        if wait > 0:
            await answer_too_many(Request(scope), seconds=int(wait) + 1)(scope, receive, send)
            return

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                doors = _GUESSED.get(message["status"], ())
                if any(door in path for door in doors):
                    self._guesses.count(address)
                if message["status"] == HTTPStatus.UNAUTHORIZED:
                    self._let_in.pop(bearer, None)
                elif state.get("let_in"):
                    self._let_in[bearer] = None
                    self._let_in.move_to_end(bearer)
                    if len(self._let_in) > MOST_KEYS:
                        self._let_in.popitem(last=False)
            await send(message)

        await self._app(scope, receive, counted)
