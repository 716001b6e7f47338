"""What happened in a case, the newest first: moves, papers, files and questions, each with who and with its paper."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from api.pages.called import Called
from api.pages.dossier_lines import CaseView
from api.pages.languages import gettext as _
from api.pages.words import role_name, word
from api.routes.collaborations.moves import HistoryLineOut
from api.routes.documents.documents import list_documents
from api.routes.documents.evidence import list_evidence
from api.routes.questions.questions import list_questions
from states.collaborations.queries import UNDO, history_of
from states.crossings.rights.collaborations import blinding_of
from states.playbooks.definition import Playbook
from states.rights.access import Action
from states.texts.titles import said

KINDS = ("moves", "documents", "evidence", "questions")
_MOST = 30


@dataclass(frozen=True, slots=True)
class Happened:
    """Something that happened: when, what, by whom, and where it is read."""

    at: datetime
    what: str
    who: str
    about: str = ""
    place: str = ""


def timeline(case: CaseView, playbook: Playbook, *, only: str = "", most: int = _MOST) -> list[Happened]:
    """Return the newest of what the reader may read, of one of the `KINDS` alone where it is named."""
    wanted = [make for kind, make in _OF_KIND.items() if only in ("", kind)]
    found = [one for make in wanted for one in make(case, playbook, most)]
    return sorted(found, key=lambda one: one.at, reverse=True)[:most]


def title_of(playbook: Playbook, line: HistoryLineOut) -> str:
    """Return what a move is called; of a later edition's former move its name."""
    if line.move == UNDO:
        return _("Taken back")
    made = playbook.move(line.move, stage=line.from_stage)
    return said(made.title) if made is not None else line.move


def _moves(case: CaseView, playbook: Playbook, most: int) -> Iterator[Happened]:
    lines = history_of(case.session, [case.row.id])[case.row.id][-most:]
    blinding = blinding_of(case.session, case.actor, case.row)
    for line in (blinding.over(HistoryLineOut.model_validate(one)) for one in lines):
        place = f"/cases/{case.row.id}/moves/made/{line.number}"
        yield Happened(line.at, title_of(playbook, line), role_name(line.actor_role), line.reason, place)


def _documents(case: CaseView, _playbook: Playbook, most: int) -> Iterator[Happened]:
    if case.may(Action.READ_DOCUMENT):
        listed = list_documents(
            case.session, case.actor, case.first(most), None, collaboration=case.row.id, sort="-issued"
        )
        for one in listed.items:
            about = _("edition %(number)s") % {"number": one.edition} if one.edition > 1 else ""
            yield Happened(one.issued_at, word(one.kind), _("issued"), about, f"/documents/{one.id}/content")


def _evidence(case: CaseView, _playbook: Playbook, most: int) -> Iterator[Happened]:
    if case.may(Action.READ_EVIDENCE):
        listed = list_evidence(
            case.session, case.actor, case.first(most), None, collaboration=case.row.id, sort="-filed"
        )
        called = Called(case.session, case.row.partnership_id)
        for one in listed.items:
            who = _("filed for %(who)s") % {"who": called(one.organisation)} if one.organisation else _("filed")
            yield Happened(one.filed_at, one.title, who, place=f"/evidence/{one.id}")


def _questions(case: CaseView, _playbook: Playbook, most: int) -> Iterator[Happened]:
    if case.may(Action.READ_DOSSIER):
        listed = list_questions(
            case.session, case.actor, case.first(most), None, collaboration=case.row.id, sort="-asked"
        )
        for one in listed.items:
            who = one.asked_by.organisation or one.asked_by.person or word(one.asked_by.role)
            what = _("Question: %(about)s") % {"about": one.about}
            yield Happened(one.asked_at, what, who, one.text[:200], f"/questions/{one.id}")


_OF_KIND: Mapping[str, Callable[[CaseView, Playbook, int], Iterator[Happened]]] = dict(
    zip(KINDS, (_moves, _documents, _evidence, _questions), strict=True)
)
