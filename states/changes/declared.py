"""Of which tables every change is recorded, and what is the machine's own bookkeeping."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recorded:
    """A table of people's rows.

    `parent` is the foreign key that leads to the collaboration or partnership, where the row names neither. `machine`
    are columns that the machine keeps for itself or computes, or that the row keeps for ever anyway: no change of them
    is recorded. `hidden` are personal data: that they changed is recorded, never what they were.
    """

    parent: str = ""
    machine: frozenset[str] = frozenset()
    hidden: frozenset[str] = frozenset()


def _recorded(parent: str = "", *, machine: str = "", hidden: str = "") -> Recorded:
    return Recorded(parent, frozenset({"version", "seal", *machine.split()}), frozenset(hidden.split()))


RECORDED: dict[str, Recorded] = {
    # partners and their credentials; no digest of a secret is ever recorded
    "partnership": _recorded(),
    "taxonomy_edition": _recorded(machine="nodes"),
    "region": _recorded(),
    "working_area": _recorded(),
    "working_area_region": _recorded("working_area_id"),
    "partnership_event": _recorded(),
    "initiative": _recorded(),
    "organisation": _recorded(),
    "ownership": _recorded(),
    "accounts": _recorded(),
    "membership": _recorded(),
    "person": _recorded(hidden="label email"),
    "relation": _recorded(),
    "role_grant": _recorded(),
    "absence": _recorded(),
    "access_token": _recorded("grant_id", machine="digest"),
    "password": _recorded(machine="hash"),
    "passkey": _recorded(machine="public_key sign_count used_at"),
    "calendar_feed": _recorded(machine="digest last_read_at"),
    "mail_preference": _recorded(),
    # matchmaking
    "profile": _recorded(),
    "profile_check": _recorded("profile_id"),
    "interest": _recorded(),
    "avoidance": _recorded(),
    "consent": _recorded("participant_id"),
    "brokerage_event": _recorded(machine="demand"),
    "participant": _recorded(hidden="label"),
    "meeting": _recorded(machine="told_slot"),
    "meeting_party": _recorded("meeting_id"),
    "meeting_outcome": _recorded("meeting_id"),
    "contact": _recorded(),
    # collaborations and their protocol; a frozen version keeps its content for ever
    "collaboration": _recorded(),
    "case_officer": _recorded(),
    "saved_view": _recorded(),
    "member": _recorded("collaboration_id"),
    "section_draft": _recorded("collaboration_id"),
    "protocol_version": _recorded("collaboration_id", machine="content"),
    "sign_off": _recorded("protocol_version_id"),
    "risk_review": _recorded("collaboration_id"),
    "checklist": _recorded(),
    "checklist_answer": _recorded("checklist_id", machine="written_in"),
    "section_assignment": _recorded(machine="turn"),
    "question": _recorded(machine="turn words blind_words"),
    "question_answer": _recorded("question_id"),
    "playbook_edition": _recorded(machine="text"),
    # documents of law; their texts never change
    "rule_document": _recorded(),
    # review
    "review_round": _recorded("collaboration_id"),
    "seat": _recorded("round_id"),
    "reviewer_agreement": _recorded(),
    "declaration": _recorded("round_id"),
    "evaluation_draft": _recorded("round_id"),
    "evaluation": _recorded("round_id"),
    "discussion": _recorded("round_id"),
    "consensus": _recorded("round_id"),
    "panel_minute": _recorded("round_id"),
    "position": _recorded("round_id"),
    "decision": _recorded("round_id"),
    "decision_correction": _recorded("round_id"),
    "review_condition": _recorded("round_id"),
    # what was asked to be computed; task and answer are the machine's
    "computation": _recorded(machine="task answer faults started_at ended_at"),
    # funding; verdicts on a scenario are computed
    "instrument": _recorded(),
    "instrument_call": _recorded("instrument_id"),
    "aid_granted": _recorded(),
    "cost_line": _recorded("collaboration_id"),
    "exchange_rate": _recorded(),
    "money_terms": _recorded(),
    "vat_status": _recorded(),
    "simplified_cost": _recorded(),
    "funding_question": _recorded("collaboration_id"),
    "financial_assumptions": _recorded("collaboration_id"),
    "solved_case": _recorded("collaboration_id", machine="case"),
    "scenario": _recorded("collaboration_id", machine="breaches stale"),
    "scenario_source": _recorded("scenario_id"),
    "scenario_use": _recorded("scenario_id"),
    "submission": _recorded("collaboration_id"),
    "agreement": _recorded("collaboration_id"),
    "agreement_terms": _recorded("agreement_id"),
    "agreement_condition": _recorded("agreement_id"),
    # what partners do with the money
    "partner_progress": _recorded(),
    "change_request": _recorded(),
    "change_approval": _recorded("change_request_id"),
    "project_result": _recorded(),
    # reports, documents, deadlines; a deadline's counters tell its reminders what is new
    "progress_report": _recorded(),
    "report_edition": _recorded(),
    "issued_document": _recorded(),
    "document_share": _recorded(),
    "evidence": _recorded(machine="bytes_removed_at"),
    "frozen_evidence": _recorded("protocol_version_id"),
    "evidence_request": _recorded(),
    "anchor": _recorded(),
    "deadline": _recorded(machine="date_revision date_revised_at owner_revision sequence changed_at next_check_at"),
}

BOOKKEEPING: dict[str, str] = {
    "change_record": "the record itself",
    "history_line": "a record of its own, sealed",
    "deadline_change": "a record of its own",
    "seat_change": "a record of its own",
    "document_seal": "sealed copies of documents that are recorded",
    "document_share_opening": "a record of its own",
    "evidence_download": "a record of its own",
    "browser_session": "who is signed in; signing in and out is recorded by itself",
    "kept_answer": "answers kept for a repeated request",
    "passkey_challenge": "what an authenticator is to sign within minutes",
    "outbox_message": "messages to flows",
    "consumed_message": "which flow has had its effect",
    "mail": "the ledger of mails",
    "signed_link": "what mails carry; a link that somebody makes, uses or ends is recorded by itself",
    "reminder": "the ledger of reminders",
    "rule_text": "texts of law by their digest; the rows that name them are recorded",
    "document_context": "what issued documents show, by its digest",
    "computation_line": "how far a computation came",
    "seal_tip": "how many sealed rows a case has, itself sealed",
    "working_process": "who works on the installation at this moment",
    "sweep_fault": "what a sweep could not do with a row",
    "search_entry": "what is found of rows that are recorded",
}
