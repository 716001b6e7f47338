"""A case's dossier as a list of tasks: each part with whose it is, when it was changed, and its state in words.

What a reader may not read has no line; a state counts, and names nobody.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from api.http.paging import Pages
from api.pages.formats import day, money
from api.pages.languages import gettext as _
from api.pages.languages import ngettext
from api.pages.words import word
from api.routes.changes.changes import HandOut
from api.routes.collaborations.checklists import get_checklists
from api.routes.documents.documents import list_documents
from api.routes.questions.questions import list_questions
from api.routes.review.decisions import list_decisions
from api.routes.review.rounds import list_rounds
from states.archive.evidence import facts as evidence
from states.archive.evidence.facts import DemandState, demands_of
from states.changes.queries import read_change
from states.changes.tables import ChangeRecord
from states.checklists.tables import ChecklistState
from states.clock import today
from states.collaborations.tables import Collaboration
from states.crossings.changes.rights import readable_changes
from states.crossings.changes.told import tell
from states.crossings.dossier import Dossier, dossiers_of, gather
from states.outbox.tables import OutboxMessage
from states.questions.tables import QuestionState
from states.review.definition import PanelKind
from states.review.states import DecisionState
from states.review.tables import Outcome, RoundState
from states.rights.access import Action, Actor, Scope, may
from states.storage import Reading
from states.texts.titles import said


@dataclass(frozen=True, slots=True)
class Changed:
    """When a part was changed last, and by whom."""

    at: datetime
    by: HandOut


@dataclass(frozen=True, slots=True)
class DossierLine:
    """A part of the dossier; `tone` is that of its state: done, soon, late or none."""

    title: str
    place: str
    whose: str
    state: str
    tone: str
    changed: Changed | None = None
    about: str = ""


_OF = {  # in which tables a part is written
    "protocol": ("section_draft", "protocol_version", "sign_off"),
    "evidence": ("evidence", "evidence_request"),
    "questions": ("question", "question_answer"),
    "checklists": ("checklist", "checklist_answer"),
    "reviews": ("review_round", "discussion", "consensus", "panel_minute", "position", "decision"),
    "funding": ("scenario", "scenario_source", "cost_line", "funding_question", "solved_case"),
    "documents": ("issued_document",),
    "agreements": ("submission", "agreement", "agreement_terms", "agreement_condition"),
    "progress": ("partner_progress", "change_request", "project_result"),
}


@dataclass(frozen=True)
class CaseView:
    """A case as one reader sees it."""

    session: Session
    actor: Actor
    row: Collaboration
    scope: Scope
    first: Callable[[int], Pages]

    def may(self, action: Action) -> bool:
        return may(self.actor, action, self.scope)


def dossier_lines(case: CaseView) -> list[DossierLine]:
    """Return the parts that the reader may read, in a fixed number of statements."""
    [dossier] = dossiers_of(case.session, [case.row])
    parts = tuple(part for part, action in _FACTS.items() if case.may(action))
    besides: dict[Reading[object], list[str]] = {reading: [case.row.id] for reading in evidence.READS}
    gather([dossier], {case.row.id: parts}, besides=besides)
    changed = _changes(case)
    return [line for make in _LINES for line in make(case, dossier, changed)]


_FACTS = {
    "draft": Action.READ_PROTOCOL,
    "version": Action.READ_DOSSIER,
    "review": Action.READ_REVIEW,
    "funding": Action.READ_FUNDING,
    "commitment": Action.READ_FUNDING,
    "closing": Action.READ_AGREEMENTS,
    "implementation": Action.READ_PARTNER_PROGRESS,
    "bankability": Action.READ_FUNDING_CASE,
}


def _changes(case: CaseView) -> Mapping[str, Changed]:
    """Return the last change of each part, as far as the reader may read it."""
    if not case.may(Action.READ_CHANGES):
        return {}
    here = (col(ChangeRecord.collaboration_id) == case.row.id, readable_changes(case.actor, case.scope))
    last = select(func.max(ChangeRecord.number)).where(*here).group_by(col(ChangeRecord.noun))
    rows = case.session.exec(select(ChangeRecord).where(col(ChangeRecord.number).in_(last))).all()
    found: dict[str, Changed] = {}
    for one in sorted(tell(case.session, [read_change(row) for row in rows], actor=case.actor), key=lambda one: one.at):
        for part, nouns in _OF.items():
            if one.noun in nouns:
                found[part] = Changed(one.at, HandOut.model_validate(one.author, from_attributes=True))
    return found


_Made = Iterator[DossierLine]
_Changes = Mapping[str, Changed]


def _protocol(case: CaseView, dossier: Dossier, changed: _Changes) -> _Made:
    if not case.may(Action.READ_DOSSIER):
        return
    version, place = dossier.version, f"/cases/{case.row.id}/protocol"
    drafts = case.may(Action.READ_PROTOCOL)
    missing = len(dossier.draft.missing) if drafts else 0
    if version is None:
        title = _("Investment protocol")
        if not drafts:
            state, tone = _("Not frozen yet"), "none"
        elif missing == dossier.draft.mandatory:
            state, tone = _("Not started"), "none"
        elif missing:
            state, tone = (
                ngettext("%(num)s field missing", "%(num)s fields missing", missing) % {"num": missing},
                "soon",
            )
        else:
            state, tone = _("Complete, not frozen yet"), "soon"
    else:
        title = _("Investment protocol, version %(number)s") % {"number": version.number}
        unsigned = len(version.unsigned)
        if version.void:
            state, tone = _("Void: a partner has changed since"), "late"
        elif unsigned:
            text = ngettext("%(num)s signature missing", "%(num)s signatures missing", unsigned)
            state, tone = text % {"num": unsigned}, "soon"
        else:
            state, tone = _("Complete, signed by all"), "done"
    yield DossierLine(title, place if drafts else "", _("All partners"), state, tone, changed.get("protocol"))


def _evidence(case: CaseView, dossier: Dossier, changed: _Changes) -> _Made:
    if not case.may(Action.READ_EVIDENCE):
        return
    asked = demands_of(dossier.read, case.row, dossier.playbook.evidence, on=today())
    due = [one for one in asked if case.row.stage in one.stages]
    filed = sum(one.state is DemandState.FILED for one in due)
    late = sum(one.state is DemandState.STALE for one in due)
    owners = len({one.owner for one in due if one.state is not DemandState.FILED})
    if not due:
        state, tone = _("Nothing is asked for in this stage"), "none"
    elif filed == len(due):
        state, tone = _("All that is asked for is filed"), "done"
    else:
        state, tone = _("%(asked)s asked for, %(filed)s filed") % {"asked": len(due), "filed": filed}, "soon"
        if late:
            state += ", " + ngettext("%(num)s too old", "%(num)s too old", late) % {"num": late}
    whose = ngettext("%(num)s owes it", "%(num)s owe it", owners) % {"num": owners} if owners else "–"
    yield DossierLine(_("Evidence"), f"/cases/{case.row.id}/evidence", whose, state, tone, changed.get("evidence"))


def _questions(case: CaseView, _dossier: Dossier, changed: _Changes) -> _Made:
    if not case.may(Action.READ_DOSSIER):
        return
    found = list_questions(
        case.session, case.actor, case.first(1), None, collaboration=case.row.id, state=QuestionState.OPEN
    )
    late = list_questions(case.session, case.actor, case.first(1), None, collaboration=case.row.id, overdue=True).total
    state, tone = _("None is open"), "none"
    if found.total:
        state, tone = ngettext("%(num)s open", "%(num)s open", found.total) % {"num": found.total}, "soon"
    if late:
        state, tone = state + ", " + ngettext("%(num)s late", "%(num)s late", late) % {"num": late}, "late"
    place = f"/cases/{case.row.id}/questions"
    yield DossierLine(_("Questions"), place, _("Who is asked"), state, tone, changed.get("questions"))


def _checklists(case: CaseView, _dossier: Dossier, changed: _Changes) -> _Made:
    if not case.may(Action.READ_SHARED_CHECKLISTS):
        return
    for one in get_checklists(case.row, case.session, case.actor).checklists:
        if one.state is None and not one.in_stage:
            continue
        if one.state is ChecklistState.SIGNED_OFF:
            state, tone = (_("Signed off"), "done") if one.passed else (_("Signed off, does not pass"), "late")
        elif one.missing:
            counts = {"answered": one.answered, "items": one.items}
            state, tone = _("%(answered)s of %(items)s answered") % counts, "soon" if one.answered else "none"
        else:
            state, tone = _("Complete, not signed off"), "soon"
        place = f"/cases/{case.row.id}/checklists/{one.key}"
        whose = ", ".join(word(role) for role in one.by)
        yield DossierLine(one.title, place, whose, state, tone, changed.get("checklists"))


def _reviews(case: CaseView, dossier: Dossier, changed: _Changes) -> _Made:
    panels = dossier.playbook.panels
    if case.may(Action.READ_REVIEW):
        listed = list_rounds(case.row, case.session, case.actor, case.first(200)).items
        facts = dossier.review.rounds
        for one in {shown.panel: shown for shown in listed}.values():
            panel, known = panels.get(one.panel), facts.get(one.panel)
            if panel is None or known is None:
                continue
            state, tone = _round_state(one.state, known.outcome, known.decision)
            if one.state is RoundState.OPEN:
                state = _("Open until %(day)s") % {"day": day(one.due_on)}
                if one.due_on < today():
                    tone = "late"
                if panel.kind is PanelKind.POSITIONS and known.silent:
                    silent = len(known.silent)
                    text = ngettext("%(num)s region is silent", "%(num)s regions are silent", silent)
                    state += ", " + text % {"num": silent}
            title = _("%(panel)s, round %(number)s") % {"panel": said(panel.title), "number": one.number}
            yield DossierLine(title, f"/rounds/{one.id}", word(panel.chair), state, tone, changed.get("reviews"))
    elif case.may(Action.READ_DECISION):
        for told in list_decisions(case.row, case.session, case.actor, case.first(200)).items:
            panel = panels.get(told.panel)
            state, tone = _round_state(RoundState.CLOSED, told.decision.outcome, DecisionState.RELEASED)
            named = said(panel.title) if panel else ""
            title = _("%(panel)s, round %(number)s") % {"panel": named, "number": told.number}
            place = f"/rounds/{told.round_id}/decision"  # a partner reads no more of the round
            yield DossierLine(title, place, word(panel.chair) if panel else "", state, tone)


def _round_state(state: RoundState, outcome: Outcome | None, decision: DecisionState | None) -> tuple[str, str]:
    if outcome is not None and decision is DecisionState.RELEASED:
        tone = {Outcome.ENDORSE: "done", Outcome.REJECT: "late"}.get(outcome, "soon")
        return word(outcome), tone
    if state is RoundState.CLOSED:
        return (_("Closed, no decision yet") if decision is None else word(decision)), "soon"
    return word(state), "soon"


def _funding(case: CaseView, dossier: Dossier, changed: _Changes) -> _Made:
    if not case.may(Action.READ_FUNDING) or case.scope.blind:
        return
    facts, place = dossier.funding, f"/cases/{case.row.id}/funding"
    title = _("Funding plan")
    if facts.chosen is not None:
        title = _("Funding plan “%(name)s”") % {"name": facts.chosen.name}
        unsure = len(dossier.commitment.unsure)
        if facts.chosen.gap > 0:
            state, tone = _("%(amount)s is not covered") % {"amount": money(facts.chosen.gap)}, "late"
        elif unsure:
            text = ngettext("%(num)s source is not committed", "%(num)s sources are not committed", unsure)
            state, tone = text % {"num": unsure}, "late"
        else:
            state, tone = _("All money is committed"), "done"
    elif facts.scenarios:
        text = ngettext("%(num)s plan, none chosen", "%(num)s plans, none chosen", facts.scenarios)
        state, tone = text % {"num": facts.scenarios}, "soon"
    else:
        state, tone = _("Not started"), "none"
    yield DossierLine(title, place, _("Project manager"), state, tone, changed.get("funding"))


def _bankability(case: CaseView, dossier: Dossier, _changed: _Changes) -> _Made:
    if not case.may(Action.READ_FUNDING_CASE) or case.scope.blind:
        return
    meter = dossier.bankability
    state = _("%(score)s of 100 points") % {"score": meter.score}
    if missing := len(meter.missing):
        state += ", " + ngettext("%(num)s thing missing", "%(num)s things missing", missing) % {"num": missing}
    place = f"/cases/{case.row.id}/bankability"
    yield DossierLine(_("Bankability"), place, _("Named at each point"), state, "soon" if missing else "done")


def _documents(case: CaseView, _dossier: Dossier, changed: _Changes) -> _Made:
    if not case.may(Action.READ_DOCUMENT):
        return
    found = list_documents(
        case.session, case.actor, case.first(1), None, collaboration=case.row.id, replaced=False, sort="-issued"
    )
    making = being_made(case.session, case.row)
    if making:
        state, tone = ngettext("%(num)s is being made", "%(num)s are being made", making) % {"num": making}, "soon"
    elif found.total:
        state, tone = ngettext("%(num)s issued", "%(num)s issued", found.total) % {"num": found.total}, "done"
    else:
        state, tone = _("None is issued"), "none"
    place = f"/cases/{case.row.id}/documents"
    yield DossierLine(_("Proposal and documents"), place, _("Office"), state, tone, changed.get("documents"))


def being_made(session: Session, row: Collaboration) -> int:
    """Return how many documents of a case were asked for, and are neither issued nor given up."""
    query = (
        select(func.count())
        .select_from(OutboxMessage)
        .where(
            OutboxMessage.collaboration_id == row.id,
            OutboxMessage.name == "document.requested",
            col(OutboxMessage.done_at).is_(None),
            col(OutboxMessage.dead_at).is_(None),
        )
    )
    return session.exec(query).one()


def _agreements(case: CaseView, dossier: Dossier, changed: _Changes) -> _Made:
    if not case.may(Action.READ_AGREEMENTS):
        return
    facts = dossier.closing
    running, open_conditions = len(facts.running), len(facts.conditions)
    if not running and "agreements" not in changed:
        return
    state, tone = ngettext("%(num)s in force", "%(num)s in force", running) % {"num": running}, "done"
    if open_conditions:
        text = ngettext("%(num)s condition open", "%(num)s conditions open", open_conditions)
        state, tone = state + ", " + text % {"num": open_conditions}, "soon"
    place = f"/cases/{case.row.id}/agreements"
    yield DossierLine(_("Agreements"), place, _("Lead"), state, tone, changed.get("agreements"))


def _progress(case: CaseView, dossier: Dossier, changed: _Changes) -> _Made:
    if not case.may(Action.READ_PARTNER_PROGRESS):
        return
    facts = dossier.implementation
    if not (facts.reported or facts.open_periods or facts.results):
        return
    waiting = len(facts.open_periods)
    if waiting:
        text = ngettext("%(num)s period is not accepted", "%(num)s periods are not accepted", waiting)
        state, tone = text % {"num": waiting}, "soon"
    else:
        state, tone = _("All that was reported is accepted"), "done"
    place = f"/cases/{case.row.id}/drawdown"
    yield DossierLine(_("Progress"), place, _("Each partner"), state, tone, changed.get("progress"))


_Maker = Callable[[CaseView, Dossier, _Changes], _Made]
_LINES: Sequence[_Maker] = (
    _protocol,
    _evidence,
    _questions,
    _checklists,
    _reviews,
    _funding,
    _bankability,
    _documents,
    _agreements,
    _progress,
)
