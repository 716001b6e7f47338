"""Routes of case files: a whole case taken out as one archive, and one of another installation taken in."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from tempfile import NamedTemporaryFile, TemporaryFile
from typing import IO, Annotated

from anyio import to_thread
from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import Field
from sqlmodel import Session

from api.http.access import COLLABORATION, PARTNERSHIP, Allowed
from api.http.conditional import Answered
from api.http.dependencies import bearer
from api.http.idempotency import Idempotent, keep_in
from api.http.schemas import Output
from states.archive.store import CHUNK
from states.casefile.export import note_taken_out, prepare, write
from states.casefile.taking import Taken, take_in
from states.casefile.views import View, office, partner
from states.collaborations.tables import Collaboration
from states.credentials.tokens import actor_of
from states.partners.tables import Partnership
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


class House:
    """The partnership that a case is taken into; its right is asked before the file is read, and again after."""

    def __init__(self, token: str, slug: str) -> None:
        self._token, self._slug = token, slug

    def check(self, session: Session) -> Partnership:
        """Return the partnership, or raise `Missing` or `Denied`."""
        return Allowed(PARTNERSHIP, OfHouse.action)(session, actor_of(session, self._token), partnership=self._slug)


class OfHouse:
    """Who may take a case in; it holds no transaction while the file arrives and is checked."""

    action = Action.TAKE_IN_CASE

    def __call__(self, partnership: str, request: Request, token: Annotated[str, Depends(bearer)]) -> House:
        """Return where it goes, or raise `Missing` or `Denied`."""
        house = House(token, partnership)
        with begin(read_only=True) as session:
            house.check(session)
        request.state.let_in = True
        return house


Into = Annotated[House, Depends(OfHouse())]


async def _sent(request: Request, _: Into) -> AsyncIterator[Path]:
    """Yield the file that is sent, streamed to the disk; it is gone after the answer."""
    with NamedTemporaryFile(suffix=".case.zip") as file:
        async for chunk in request.stream():
            await to_thread.run_sync(file.write, chunk)
        file.flush()
        yield Path(file.name)


class CaseDifferenceOut(Output):
    noun: str
    name: str
    field: str
    here: str = Field(description="what is said here, which stays")
    there: str = Field(description="what the file says")


class TakenOut(Output):
    dry_run: bool
    collaboration_id: str
    partnership: str
    rows: int
    files: int = Field(description="that the store did not hold yet")
    made: dict[str, int] = Field(description="what the case points to and was not here, by noun")
    found: dict[str, int] = Field(description="what of it was here already")
    differences: list[CaseDifferenceOut]
    seals_checked: int
    seals_unchecked: int = Field(description="made with the secret of the other installation, which is not here")


@router.post(
    "/partnerships/{partnership}/case-files",
    response_model=TakenOut,
    openapi_extra={
        "requestBody": {"required": True, "content": {ZIP: {"schema": {"type": "string", "format": "binary"}}}}
    },
)
def post_case_file(
    house: Into,
    file: Annotated[Path, Depends(_sent)],
    dry_run: Annotated[bool, Query(description="say what would happen and change nothing")] = False,
) -> Response:
    """Take a case of another installation in: all of it with its history, or nothing and every fault.

    Rows keep their ids. What the case points to is matched by id, by the numbers of an organisation, by the short name
    of a region, and made where it is not here. A case that is here already is refused.
    """

    def answer(taken: Taken) -> Response:
        told = TakenOut(
            dry_run=dry_run,
            collaboration_id=taken.checked.manifest.case["id"],
            partnership=taken.partnership,
            rows=taken.rows,
            files=taken.files,
            made=dict(taken.made),
            found=dict(taken.found),
            differences=[CaseDifferenceOut.model_validate(one) for one in taken.differences],
            seals_checked=taken.checked.seals,
            seals_unchecked=taken.checked.unknown.total(),
        )
        return Response(told.model_dump_json(), media_type="application/json")

    def keep(session: Session, taken: Taken) -> None:
        keep_in(session)(answer(taken))

    return answer(take_in(file, into=house.check, dry_run=dry_run, keep=keep))


def _view(session: Session, actor: Actor, row: Collaboration, *, people: bool) -> View:
    if people:
        require(actor, Action.READ_PEOPLE, Scope(actor.partnership_id))
    return partner(session, actor, row) if actor.role is Role.PARTNER else office(people=people)


def _chunks(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while chunk := file.read(CHUNK):
            yield chunk
