"""Who may read which change: whoever may read the row that it tells of."""

from sqlalchemy import ColumnElement, or_
from sqlmodel import col

from states.changes.tables import ChangeRecord
from states.rights.access import Action, Actor, Scope, may

READ_AS: dict[str, Action] = {
    **dict.fromkeys(
        (
            *("partnership", "taxonomy_edition", "region", "working_area", "working_area_region", "partnership_event"),
            *("initiative", "organisation", "membership", "playbook_edition"),
        ),
        Action.READ_PARTNERSHIP,
    ),
    **dict.fromkeys(("ownership", "accounts", "aid_granted"), Action.READ_FIGURES),
    **dict.fromkeys(("person", "role_grant", "absence"), Action.READ_PEOPLE),
    "case_officer": Action.READ_PROGRESS,
    **dict.fromkeys(
        ("access_token", "browser_session", "signed_link", "calendar_feed", "password", "passkey"), Action.READ_TOKENS
    ),
    "profile": Action.READ_PROFILES,
    "profile_check": Action.READ_PROFILE_CHECKS,
    "interest": Action.READ_INTEREST,
    "avoidance": Action.READ_AVOIDANCES,
    "consent": Action.READ_CONSENTS,
    "brokerage_event": Action.READ_BROKERAGE,
    "participant": Action.READ_PARTICIPANTS,
    **dict.fromkeys(("meeting", "meeting_party", "meeting_outcome"), Action.READ_MEETING),
    "contact": Action.READ_CONTACTS,
    **dict.fromkeys(("collaboration", "member"), Action.READ_COLLABORATION),
    **dict.fromkeys(("section_draft", "sign_off", "risk_review", "financial_assumptions"), Action.READ_PROTOCOL),
    **dict.fromkeys(("checklist", "checklist_answer"), Action.READ_CHECKLISTS),
    "protocol_version": Action.READ_DOSSIER,
    **dict.fromkeys(("rule_document",), Action.READ_RULES),
    **dict.fromkeys(
        ("review_round", "discussion", "consensus", "panel_minute", "position", "decision", "decision_correction"),
        Action.READ_REVIEW,
    ),
    "review_condition": Action.READ_DECISION,
    "evaluation": Action.READ_OPEN_EVALUATIONS,
    # Who sits where, and which interests somebody declared, is for whoever runs the partnership.
    **dict.fromkeys(("seat", "declaration", "reviewer_agreement"), Action.READ_ALL_CHANGES),
    # Who was given what is between the two, and for whoever runs the partnership.
    **dict.fromkeys(("section_assignment", "question", "question_answer"), Action.READ_ALL_CHANGES),
    **dict.fromkeys(("computation", "instrument", "instrument_call"), Action.READ_FUNDING),
    **dict.fromkeys(
        (
            *("cost_line", "funding_question", "solved_case", "scenario", "scenario_source", "scenario_use"),
            *("submission", "agreement", "agreement_terms", "agreement_condition"),
        ),
        Action.READ_FUNDING_CASE,
    ),
    "partner_progress": Action.READ_PARTNER_PROGRESS,
    **dict.fromkeys(("change_request", "change_approval"), Action.READ_CHANGE_REQUESTS),
    "project_result": Action.READ_RESULTS,
    "progress_report": Action.READ_SELF_ASSESSMENT,
    "report_edition": Action.READ_REPORT,
    "issued_document": Action.READ_CONFIDENTIAL_DOCUMENT,
    "document_share": Action.SHARE_DOCUMENT,
    # A deadline or a mail may wait for one person alone.
    **dict.fromkeys(("anchor", "deadline", "seal_tip", "outbox_message"), Action.READ_ALL_CHANGES),
    "mail": Action.READ_MAILS,
    **dict.fromkeys(("evidence", "evidence_request", "frozen_evidence"), Action.READ_CONFIDENTIAL_EVIDENCE),
}
"""By which action the rows of a table are read; of what stands here nowhere each reads what is the own only."""

OWN = frozenset({"evaluation_draft", "relation", "mail_preference", "saved_view"})
"""What nobody but its author reads."""


def readable_changes(actor: Actor, scope: Scope) -> ColumnElement[bool]:
    """Return the condition under which the actor may read a change of something with this scope."""
    nouns = sorted(noun for noun, action in READ_AS.items() if may(actor, action, scope))
    shown: ColumnElement[bool] = col(ChangeRecord.noun).in_(nouns)
    return or_(shown, own_changes(actor)) if actor.person_id is not None else shown


def own_changes(actor: Actor) -> ColumnElement[bool]:
    """Return the condition that the actor wrote it in this partnership."""
    return (col(ChangeRecord.person_id) == actor.person_id) & (col(ChangeRecord.partnership_id) == actor.partnership_id)
