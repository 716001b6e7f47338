"""The protocol in people's tools: out as a workbook or a Word document, in again after a look; copied from another."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.access import COLLABORATION, Allowed
from api.http.conditional import must_match
from api.http.dependencies import CurrentActor, Tx
from api.pages.forms import UNANSWERED, Form, Typed
from api.pages.languages import speaking_to
from api.pages.lists import Lists
from api.pages.rendering import lead_to, page
from api.pages.rights import Abilities
from api.pages.uploads import OfPage, admitted
from api.routes.collaborations.collaborations import Insider, list_collaborations
from api.routes.matchmaking.contacts import list_contacts
from api.routes.protocol import copies, files
from api.routes.protocol.copies import CollaborationCopyIn, ProtocolCopyIn, ProtocolCopyOut
from api.routes.protocol.files import Form as Wanted
from api.routes.protocol.files import ProtocolImportOut, ReadVersion
from api.routes.protocol.protocols import Edit, Read
from states.collaborations.tables import Collaboration
from states.errors import Invalid
from states.playbooks.editions import playbook_of
from states.protocol_files.reading import Format
from states.protocol_files.taking import Settle
from states.rights.access import Action, Actor
from states.storage import begin

router = APIRouter(prefix="/cases/{collaboration_id}")

OpenCase = Annotated[Collaboration, Depends(Allowed(COLLABORATION, Action.OPEN_COLLABORATION))]


class PageTarget(files.Target):
    """The collaboration that a file or a copy of a form is for."""

    def check(self, session: Session) -> tuple[Collaboration, Actor]:
        """Return it with who acts, or raise `Missing` or `Denied`."""
        return admitted(session, self._token, self._key, self._action)


def _edited(cookie: str, key: str) -> PageTarget:
    return PageTarget(cookie, key, Action.EDIT_PROTOCOL)


def _read(cookie: str, key: str) -> PageTarget:
    return PageTarget(cookie, key, Action.READ_PROTOCOL)


Into = Annotated[PageTarget, Depends(OfPage(_edited, Action.EDIT_PROTOCOL))]
From = Annotated[PageTarget, Depends(OfPage(_read, Action.READ_PROTOCOL))]


@router.get("/protocol-files")
def get_protocol_files_page(request: Request, row: Read, session: Tx, actor: CurrentActor) -> Response:
    """Show how the protocol is taken out, and brought in again."""
    return page(request, "protocol/files.html", case=row, can=Abilities(session, actor, row), taken=None)


@router.get("/protocol-file")
def get_protocol_file_page(row: Read, session: Tx, actor: CurrentActor, form: Wanted = Format.XLSX) -> Response:
    """Take the draft out as a file to be edited."""
    return files.get_protocol_file(row, session, actor, form, [])


@router.post("/protocol-file")
def post_protocol_file_page(source: From, sent: Form) -> Response:
    """Take the draft out as a Word document in an office's own template."""
    return files.post_protocol_file(source, _bytes(sent), [])


@router.get("/versions/{number}/file")
def get_version_file_page(found: ReadVersion, session: Tx, actor: CurrentActor, form: Wanted = Format.XLSX) -> Response:
    """Take a frozen version out as a file."""
    return files.get_version_file(found, session, actor, form, [])


@router.post("/protocol-files")
def post_protocol_files_page(target: Into, sent: Form, request: Request) -> Response:
    """Show what an edited file would change; the second time, with what was seen, take it."""
    data = urlsafe_b64decode(sent.get("data")) if "data" in sent else _bytes(sent)
    settle = Settle(sent.get("settle") or Settle.REFUSE.value)
    if "data" in sent:
        files.post_protocol_import(target, must_match(sent.version), data, UNANSWERED, False, settle)
        return lead_to(f"/cases/{request.path_params['collaboration_id']}/protocol", told="taken")
    answer = files.post_protocol_import(target, None, data, UNANSWERED, True, settle)
    taken = ProtocolImportOut.model_validate_json(bytes(answer.body))
    with begin(read_only=True) as session, speaking_to(request.state.language):
        row, actor = target.check(session)
        can, kept = Abilities(session, actor, row), urlsafe_b64encode(data).decode()
        return page(request, "protocol/files.html", case=row, can=can, taken=taken, data=kept)


@router.get("/protocol-copies")
def get_protocol_copies_page(request: Request, row: Edit, actor: Insider, session: Tx, lists: Lists) -> Response:
    """Show the form by which sections of another case are copied into this one's draft."""
    return page(request, "protocol/copy.html", copied=None, **_copying(session, row, actor, lists))


@router.post("/protocol-copies")
def post_protocol_copies_page(sent: Form, target: Into, request: Request, lists: Lists) -> Response:
    """Show what a copy would overwrite; the second time, with what was seen, copy it."""
    wanted = sent.read(ProtocolCopyIn, lists=("sections",))
    if sent.version is not None:
        copies.post_protocol_copy(target, sent.version, wanted, False)
        return lead_to(f"/cases/{request.path_params['collaboration_id']}/protocol", told="copied")
    answer = copies.post_protocol_copy(target, None, wanted, True)
    copied = ProtocolCopyOut.model_validate_json(bytes(answer.body))
    with begin(read_only=True) as session, speaking_to(request.state.language):
        row, actor = target.check(session)
        return page(request, "protocol/copy.html", copied=copied, **_copying(session, row, actor, lists))


@router.get("/copies")
def get_copies_page(request: Request, row: OpenCase, actor: Insider, session: Tx, lists: Lists) -> Response:
    """Show the form by which a new case is opened as a copy of this one."""
    contacts = [one for one in list_contacts(session, actor, lists.whole(), sort="-recorded").items if _is_free(one)]
    sections = playbook_of(session, row).protocol
    return page(request, "cases/copy.html", case=row, contacts=contacts, sections=sections)


@router.post("/copies")
def post_copies_page(sent: Form, row: OpenCase, session: Tx) -> Response:
    """Open the copy, and show it."""
    wanted = sent.read(CollaborationCopyIn, lists=("sections",), protocol="protocol" in sent, costs="costs" in sent)
    made = copies.post_collaboration_copy(row, wanted, session, UNANSWERED)
    return lead_to(f"/cases/{made.id}", told="opened")


def _is_free(contact: Any) -> bool:
    return contact.collaboration_id is None and not contact.withdraw_reason


def _copying(session: Session, row: Collaboration, actor: Actor, lists: Lists) -> dict[str, Any]:
    found = list_collaborations(session, actor, lists.whole(), None, sort="title").items
    return {
        "case": row,
        "cases": [(one.id, one.title) for one in found if one.id != row.id],
        "sections": playbook_of(session, row).protocol,
    }


def _bytes(sent: Typed) -> bytes:
    """Return the one file of a form, or raise where there is none; what is larger was not let in."""
    if len(sent.files) != 1:
        raise Invalid("files_miscounted", field="file", remedy="send_so_many_files", most=1)
    return sent.files[0][1].read()
