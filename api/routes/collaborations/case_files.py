"""Routes of case files: a whole case taken out as one archive, and one of another installation taken in."""

from collections.abc import Iterator
from tempfile import TemporaryFile
from typing import IO, Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse
from sqlmodel import Session

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import Answered
from api.http.dependencies import bearer
from api.http.idempotency import Idempotent
from states.archive.store import CHUNK
from states.casefile.export import note_taken_out, prepare, write
from states.casefile.views import View, office, partner
from states.collaborations.tables import Collaboration
from states.credentials.tokens import actor_of
from states.rights.access import Action, Actor, Role, Scope, require
from states.storage import begin, snapshot

router = APIRouter(tags=["case files"], route_class=Idempotent)

ZIP = "application/zip"


class Target:
    """The case that is taken out; its right is asked first, and again when it is read."""

    def __init__(self, token: str, key: str) -> None:
        self._token, self._key = token, key

    def check(self, session: Session) -> tuple[Collaboration, Actor]:
        """Return the collaboration and who acts, or raise `Missing` or `Denied`."""
        actor = actor_of(session, self._token)
        return Allowed(COLLABORATION, OfTarget.action)(session, actor, collaboration_id=self._key), actor


class OfTarget:
    """Who may take a case out; it holds no transaction while the archive is made."""

    action = Action.READ_CASE_FILE

    def __call__(self, collaboration_id: str, token: Annotated[str, Depends(bearer)]) -> Target:
        """Return what is taken out, or raise `Missing` or `Denied`."""
        target = Target(token, collaboration_id)
        with begin(read_only=True) as session:
            target.check(session)
        return target


From = Annotated[Target, Depends(OfTarget())]


@router.get(
    "/collaborations/{collaboration_id}/case-file",
    response_class=Response,
    responses={200: {"content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}},
)
def get_case_file(
    target: From,
    answer: Answered,
    people: Annotated[bool, Query(description="with names and addresses of people; for the office alone")] = False,
) -> Response:
    """Read a whole case as one archive: rows, files, documents, history, provenance, and a manifest of their SHA-256.

    An unchanged case is the same bytes each time. A partner gets what it may read, and nobody's name.
    """
    file = TemporaryFile()  # noqa: SIM115 - the answer closes it
    try:
        with snapshot() as session:
            row, actor = target.check(session)
            made = prepare(session, row.id, _view(session, actor, row, people=people))
            answer.tag(made.manifest.own_digest())
            write(session, made, file)
        with begin() as session:
            target.check(session)  # it names who writes
            note_taken_out(session, made, role=actor.role, person_id=actor.person_id)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    headers = {
        "ETag": f'"{made.manifest.own_digest()}"',
        "Content-Length": str(size),
        "Content-Disposition": f'attachment; filename="{row.slug}.case.zip"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-cache",
    }
    return StreamingResponse(_chunks(file), media_type=ZIP, headers=headers)


def _view(session: Session, actor: Actor, row: Collaboration, *, people: bool) -> View:
    if people:
        require(actor, Action.READ_PEOPLE, Scope(actor.partnership_id))
    return partner(session, actor, row) if actor.role is Role.PARTNER else office(people=people)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
