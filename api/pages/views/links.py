"""The pages of signed links: what somebody without an account is asked, that part alone, and one's own answer.

A page of a link is in the language of the person it was sent to. An answer by a link shows at once what became of it:
most links are used up by it, and cannot be read again.
"""

from typing import Any

from fastapi import APIRouter, Depends, Request
from sqlmodel import Session
from starlette.responses import Response

from api.http.dependencies import Tx
from api.http.forms import SentForm
from api.pages.forms import UNANSWERED, Form, Typed, read_as, read_form
from api.pages.languages import language_of, speaking_to
from api.pages.rendering import lead_to, page
from api.pages.section_forms import fields_of, read_section
from api.pages.views.sign_in import let_holder_in
from api.routes.documents import evidence_links
from api.routes.implementation import progress_links
from api.routes.people import links as declarations
from api.routes.people import mail_preferences, people
from api.routes.protocol import part_links, sign_offs
from api.routes.protocol.protocols import SectionsView, definition_of
from api.routes.questions import question_links
from api.routes.questions.questions import CaseAnswerIn
from states.archive.evidence.arriving import arrived
from states.credentials.links import use_link
from states.partners.tables import Partnership, Person
from states.playbooks.editions import playbook_of
from states.protocol.assignments.states import LIVE
from states.review.conflicts.tables import ConflictKind
from states.storage import begin

router = APIRouter()


def shown(request: Request, session: Session, person_id: str, template: str, **values: Any) -> Response:
    """Return a page in the language of a person, unless the browser has chosen one."""
    person = session.get_one(Person, person_id)
    request.state.language = request.cookies.get("bankable_language") or language_of(person.language)
    with speaking_to(language_of(request.state.language)):
        return page(request, f"links/{template}.html", person=person, zone=person.time_zone, **values)


# Sign or refuse


@router.get("/links/sign-off/{token}")
def get_sign_off(request: Request, found: sign_offs.ByLink, session: Tx) -> Response:
    """Show a partner the own part of a frozen protocol, to be signed or refused."""
    asked = sign_offs.get_sign_off_link(found, session)
    sections = playbook_of(session, found.asked.collaboration).protocol
    return shown(request, session, found.link.person_id, "sign_off", asked=asked, link=found.link, sections=sections)


@router.post("/links/sign-off/{token}")
def post_sign_off(sent: Form, request: Request, found: sign_offs.ByLink, session: Tx) -> Response:
    """Sign, or say what stands in the way."""
    asked = sign_offs.get_sign_off_link(found, session)
    wanted = sent.read(sign_offs.SignOffIn)
    answered = sign_offs.post_sign_off_link(found, wanted, session)
    return shown(request, session, found.link.person_id, "sign_off_done", asked=asked, answered=answered)


# File what is asked for


@router.get("/links/evidence/{token}")
def get_evidence(request: Request, found: evidence_links.ByLink, session: Tx) -> Response:
    """Ask a partner for one file."""
    asked = evidence_links.get_evidence_link(found, session)
    return shown(request, session, found.link.person_id, "evidence", asked=asked)


@router.post("/links/evidence/{token}")
def post_evidence(sent: Form, request: Request, token: evidence_links.Opened) -> Response:
    """File one file, and show that it was filed; no transaction is held while it is looked at."""
    said = sent.read(evidence_links.LinkedEvidenceIn)
    files = SentForm({}, [(file, name) for _, file, name in sent.files]).need_files(1)
    with arrived(files) as [upload], begin() as session:
        filed = evidence_links.file_by_link(session, token, said, upload)
        found = evidence_links.of_link(token, session)
        asked = evidence_links.get_evidence_link(found, session)
        return shown(request, session, found.link.person_id, "evidence", asked=asked, filed=filed)


# Answer a question


@router.get("/links/question/{token}")
def get_question(request: Request, found: question_links.ByLink, session: Tx) -> Response:
    """Show a question, and what was answered."""
    asked = question_links.get_question_link(found, session)
    return shown(request, session, found.link.person_id, "question", asked=asked)


@router.post("/links/question/{token}")
def post_question(sent: Form, request: Request, found: question_links.ByLink, session: Tx) -> Response:
    """Answer it."""
    question_links.post_question_link(found, sent.read(CaseAnswerIn), session)
    return lead_to(request.url.path, told="answered")


# Declare for a seat


@router.get("/links/{token}")
def get_declaration(request: Request, found: declarations.Declare, session: Tx) -> Response:
    """Ask a reviewer for the declaration of interests: title, partners and regions, nothing of the dossier."""
    outline = declarations.get_link(found, session)
    return shown(request, session, found.row.person_id, "declaration", outline=outline, kinds=list(ConflictKind))


@router.post("/links/{token}")
def post_declaration(sent: Form, request: Request, found: declarations.Declare, session: Tx) -> Response:
    """Declare, or give the seat back."""
    outline = declarations.get_link(found, session)
    used = declarations.post_link_use(found, sent.read(declarations.LinkUseIn), session)
    return shown(request, session, found.row.person_id, "declaration_done", outline=outline, used=used)


# Report the year


@router.get("/links/progress/{token}")
def get_progress(request: Request, found: progress_links.ByLink, session: Tx) -> Response:
    """Ask a partner what was done and spent in a period."""
    asked = progress_links.get_progress_link(found, session)
    return shown(request, session, found.link.person_id, "progress", asked=asked)


@router.post("/links/progress/{token}")
def post_progress(sent: Form, request: Request, found: progress_links.ByLink, session: Tx) -> Response:
    """Keep what was written, and hand it in where one says so."""
    values = sent.values(keep_empty=("done", "readiness", "jobs"))
    tables = {name: values.get(name, []) for name in ("spent", "received", "indicators")}  # none is left: none stands
    wanted = read_as(progress_links.LinkedProgressIn, {**values, **tables, "hand_in": "hand_in" in sent})
    progress_links.post_progress_link(found, wanted, session)
    return lead_to(request.url.path, told="handed_in" if wanted.hand_in else "saved")


# Write the sections that were given


@router.get("/links/part/{token}")
def get_part(request: Request, found: part_links.ByLink, session: Tx, section: str = "") -> Response:
    """Show what somebody was given to write: one section as a form, and the others by name."""
    asked = part_links.get_part_link(found, session)
    here = next((one for one in asked.parts if one.section.key == section), asked.parts[0])
    chapter = definition_of(session, found.collaboration, here.section.key)
    view = SectionsView.of(session, found.actor, found.collaboration)
    typed: Typed = getattr(request.state, "typed", Typed())
    return shown(
        request,
        session,
        found.link.person_id,
        "part",
        asked=asked,
        part=here,
        chapter=chapter,
        fields=list(fields_of(chapter, view, here.section.content, typed)),
        members=[one.name for one in view.owners.members],
        writes_all=view.writer is None,
        version=typed.version if typed.version is not None else here.section.version,
    )


@router.post("/links/part/{token}")
def post_part(sent: Form, request: Request, found: part_links.ByLink, session: Tx) -> Response:
    """Keep what was written; hand it in, or ask who gave it, where one says so."""
    key = sent.get("section")
    given = found.need(key)
    chapter = definition_of(session, found.collaboration, key)
    if given.state in LIVE and sent.version is not None:
        view = SectionsView.of(session, found.actor, found.collaboration)
        wanted = read_section(chapter, view, sent)
        written = part_links.PartSectionIn(section=key, **dict(wanted))
        part_links.put_part_link(found, sent.version, written, session, UNANSWERED, merge=True)
    then, question = sent.get("then"), sent.get("question")
    if then in ("hand_in", "ask"):
        asking = read_as(part_links.PartSentIn, {"section": key, "question": question if then == "ask" else ""})
        part_links.post_part_link(found, asking, session)
    return lead_to(request.url.path, section=key, told=then or "saved")


# Take up a role


@router.get("/links/role/{token}")
def get_role(request: Request, found: people.ByRoleLink, session: Tx) -> Response:
    """Show which role a link takes up; nothing happens, for mail scanners follow every link."""
    told = people.get_role_link(found, session)
    partnership = session.get_one(Partnership, found.grant.partnership_id)
    return shown(request, session, found.grant.person_id, "role", asked=told, partnership=partnership)


@router.post("/links/role/{token}", dependencies=[Depends(read_form)])
def post_role(request: Request, found: people.ByRoleLink, session: Tx) -> Response:
    """Take the role up, and sign the person in: the link came to the person's own address."""
    use_link(session, found.link)
    return let_holder_in(request, session, found.grant, to="/?told=taken")


# Fewer mails


@router.get("/unsubscribe/{token}")
def get_unsubscribe(request: Request, mail: mail_preferences.ByLink, session: Tx) -> Response:
    """Show which mails a link switches off."""
    told = mail_preferences.get_unsubscribe(mail, session)
    return shown(request, session, mail.person_id, "unsubscribe", asked=told)


@router.post("/unsubscribe/{token}", dependencies=[Depends(read_form)])
def post_unsubscribe(request: Request, mail: mail_preferences.ByLink, session: Tx) -> Response:
    """Switch them off."""
    mail_preferences.post_unsubscribe(mail, session)
    return lead_to(request.url.path, told="off")
