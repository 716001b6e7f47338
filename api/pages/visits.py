"""Since when somebody was not here: by a cookie of the browser, or else by what the person did last before today."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import Depends, Request
from sqlalchemy import func
from sqlmodel import Session, col, select
from starlette.responses import Response

from api.http.dependencies import Tx
from api.pages.signing import Reader, is_secure
from states.changes.tables import ChangeRecord
from states.clock import now
from states.credentials.sessions import BrowserSession, SignedIn

_COOKIE = "bankable_visit"
_MARKS = re.compile(r"(\d{1,12})-(\d{1,12})-(\w{1,64})")
_PAUSE = timedelta(minutes=30)
_LONGEST, _UNKNOWN = timedelta(days=60), timedelta(days=7)


class Visit:
    """The visit of who reads a page: it began after half an hour without one."""

    def __init__(self, request: Request, reader: Reader, session: Tx) -> None:
        self._request, self._person = request, reader.person_id
        at, found = now(), _MARKS.fullmatch(request.cookies.get(_COOKIE, ""))
        if found is None or found[3] != reader.person_id:
            self.since = _before(session, reader)
        else:
            since, last = (_read(text, at) for text in found.groups()[:2])
            self.since = since if at - last < _PAUSE else last

    def keep(self, answer: Response) -> None:
        """Give the browser what tells of this visit at the next one."""
        marks = f"{self.since.timestamp():.0f}-{now().timestamp():.0f}-{self._person}"
        answer.set_cookie(
            _COOKIE,
            marks,
            max_age=int(_LONGEST.total_seconds()),
            path="/",
            secure=is_secure(self._request),
            httponly=True,
            samesite="lax",
        )


Visited = Annotated[Visit, Depends(Visit)]


def _read(text: str, at: datetime) -> datetime:
    """Return the instant of a mark: none that is to come, and none too long ago."""
    read = datetime.fromtimestamp(min(int(text), at.timestamp()), UTC)
    return max(read, at - _LONGEST)


def _before(session: Session, reader: SignedIn) -> datetime:
    """Return when the person did something last before today."""
    at = now()
    today = at.replace(hour=0, minute=0, second=0, microsecond=0)
    wrote = select(func.max(ChangeRecord.at)).where(
        ChangeRecord.person_id == reader.person_id, col(ChangeRecord.at) < today
    )
    came = select(func.max(BrowserSession.made_at)).where(
        BrowserSession.person_id == reader.person_id, col(BrowserSession.made_at) < today
    )
    found: tuple[datetime | None, ...] = (session.exec(wrote).one(), session.exec(came).one())
    known = [one for one in found if one is not None]
    return max([at - _LONGEST, *known]) if known else at - _UNKNOWN
