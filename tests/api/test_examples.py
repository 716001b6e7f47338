"""The examples of requests are true: in a world that has one of everything they are sent, and granted."""

import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import httpx
import pytest

from states.calendars.feeds import make_feed
from states.clock import today
from states.funding.catalogue.calls import CallPlan, add_call
from states.funding.inputs.accounts import Holding, record_holding
from states.funding.inputs.aid_received import Award, record_aid
from states.funding.service import add_instrument
from states.funding.tables import Instrument, SourceKind
from states.matchmaking.service import record_contact
from states.matchmaking.tables import ContactKind, ContactStatus
from states.storage import engine
from tests.api.everything import everything
from tests.api.house import House, a_house
from tests.api.rights import TABLE
from tests.factories import World

# Where the world has it under another name than what the path's other users mean.
ELSEWHERE = {
    "/partnerships/{partnership}/working-areas/": {"number": "2"},
    "/reports/{period}/self-assessment/": {"question": "III.1"},
}
QUERIES = {"/collaborations/{collaboration_id}/rounds/seating": "?panel=iag"}
ASKERS = {"M": "project_manager", "D": "administrator", "S": "iag_secretary", "C": "iag_chair", "G": "wgra_chair"}
ASKERS |= {"A": "iag_member 1", "a": "iag_member 2", "x": "iag_member 3", "W": "paca", "P": "partner"}
ASKERS |= {"O": "observer", "s": "stranger"}
# The names of fields that hold an id, and which id of the world is meant.
IDS = {"contact_id": "contact_id", "person": "person_id", "asker": "participant_id", "guests": "guest_id"}
IDS |= {"missed": "guest_id", "participant": "participant_id"}


_OF_AGREEMENT = "/collaborations/{collaboration_id}/agreements/{number}"
# What speaks against it in this world is how things stand there, never the form of the example.
OTHERWISE = {
    "DELETE /collaborations/{collaboration_id}/agreements/{number}": "award_refused agreement_has_a_past",
    "DELETE /collaborations/{collaboration_id}/evidence-requests/{request_id}": "missing",
    "DELETE /collaborations/{collaboration_id}/submissions/{number}": "missing",
    "DELETE /me/calendar-feeds/{feed_id}": "missing",
    "DELETE /me/sessions/{session_id}": "missing",
    "DELETE /me/tokens/{token_id}": "missing",
    "DELETE /partnerships/{partnership}/tokens/{token_id}": "missing",
    "DELETE /rounds/{round_id}/links/{link_id}": "missing",
    "PATCH /collaborations/{collaboration_id}/checklists/{checklist}": "missing",
    "PATCH /collaborations/{collaboration_id}/submissions/{number}": "missing",
    "PATCH /questions/{question_id}/answers/{number}": "missing",
    "POST /collaborations/{collaboration_id}/agreements/planning": "award_refused no_scenario_chosen_yet",
    "POST /collaborations/{collaboration_id}/agreements/{number}/reopening": "agreement_refused agreement_elsewhere",
    "POST /collaborations/{collaboration_id}/agreements/{number}/signature": "agreement_refused agreement_elsewhere",
    "POST /collaborations/{collaboration_id}/change-requests/{number}/approvals/{approval}/answer": "missing",
    "POST /collaborations/{collaboration_id}/change-requests/{number}/carrying-out": "change_refused change_elsewhere",
    "POST /collaborations/{collaboration_id}/change-requests/{number}/revision": "change_refused change_elsewhere",
    "POST /collaborations/{collaboration_id}/checklists/{checklist}/confirmations": "missing",
    "POST /collaborations/{collaboration_id}/checklists/{checklist}/reopening": "missing",
    "POST /collaborations/{collaboration_id}/checklists/{checklist}/rounds": "missing",
    "POST /collaborations/{collaboration_id}/checklists/{checklist}/sign-off": "missing",
    "POST /collaborations/{collaboration_id}/evidence-requests": "denied",
    "POST /collaborations/{collaboration_id}/funding-solutions": "funding_run_refused funding_run_open",
    "POST /collaborations/{collaboration_id}/funding-what-ifs": "funding_run_refused no_funding_solution",
    "POST /collaborations/{collaboration_id}/moves/undoing": "refused undo_built_on",
    "POST /collaborations/{collaboration_id}/protocol/assignments": "invalid writes_not_here",
    "POST /collaborations/{collaboration_id}/protocol/copies": "missing",
    "POST /collaborations/{collaboration_id}/protocol/sections/{key}/changes/{number}/undoing": "missing",
    "POST /documents/{document_id}/seal": "document_seal_refused no_seal_key",
    "POST /documents/{document_id}/shares": "document_not_shareable document_not_shareable",
    "POST /events/{event_id}/meetings": "meeting_refused meeting_known",
    "POST /events/{event_id}/timetables": "timetable_refused timetable_open",
    "POST /events/{event_id}/walk-in-meetings": "meeting_refused meeting_known",
    "POST /funding-solutions/{run_id}/adoption": "funding_run_refused wrong_state",
    "POST /interests/{interest_id}/information": "interest_refused wrong_state",
    "POST /mails/{mail_id}/resolution": "mail_not_open mail_not_open",
    "POST /meetings/{meeting_id}/answer": "meeting_refused request_expired",
    "POST /meetings/{meeting_id}/attendance": "meeting_refused not_scheduled",
    "POST /meetings/{meeting_id}/cancellation": "meeting_refused wrong_state",
    "POST /meetings/{meeting_id}/closing": "meeting_refused not_open",
    "POST /meetings/{meeting_id}/collaboration": "meeting_refused not_held",
    "POST /meetings/{meeting_id}/outcomes": "denied",
    "POST /participants/{participant_id}/suggestions/{profile_id}/meeting": "nothing_suggested not_suggested",
    "POST /participants/{participant_id}/validation": "participant_refused participant_state",
    "POST /partnerships/{partnership}/closing": "partnership_refused collaborations_run",
    "POST /partnerships/{partnership}/events/{event_id}/announcement": "event_refused event_ended",
    "POST /partnerships/{partnership}/events/{event_id}/cancellation": "event_refused event_ended",
    "POST /partnerships/{partnership}/organisations/{organisation}/return": "membership_refused is_a_member",
    "POST /partnerships/{partnership}/organisations/{organisation}/withdrawal": "membership_refused takes_part_still",
    "POST /partnerships/{partnership}/people/{grant_id}/erasure": "person_acts_still person_holds_role",
    "POST /partnerships/{partnership}/reopening": "partnership_refused partnership_open",
    "POST /profiles/{profile_id}/checks": "profile_refused wrong_state",
    "POST /profiles/{profile_id}/submission": "profile_refused wrong_state",
    "POST /profiles/{profile_id}/suggestions/{other_id}/interest": "nothing_suggested not_suggested",
    "POST /progress/{progress_id}/acceptance": "progress_refused progress_elsewhere",
    "POST /progress/{progress_id}/correction": "progress_refused progress_elsewhere",
    "POST /progress/{progress_id}/handing-in": "progress_invalid missing missing missing",
    "POST /progress/{progress_id}/requests": "denied",
    "POST /progress/{progress_id}/return": "progress_refused progress_elsewhere",
    "POST /progress/{progress_id}/taking-back": "progress_refused progress_elsewhere",
    "POST /questions/{question_id}/answers/{number}/withdrawal": "missing",
    "POST /questions/{question_id}/reopening": "question_refused wrong_state",
    "POST /reports/{period}/correction": "refused report_not_issued",
    "POST /reports/{period}/correction/withdrawal": "refused report_not_issued",
    "POST /reports/{period}/issuing": "refused report_not_prepared",
    "POST /reports/{period}/preparing": "refused answers_unexplained",
    "POST /reports/{period}/reopening": "refused report_not_prepared",
    "POST /rounds/{round_id}/conditions/{number}/closing": "missing",
    "POST /rounds/{round_id}/decision/confirmation": "decision_refused not_prepared",
    "POST /rounds/{round_id}/decision/correction/release": "decision_refused not_released",
    "POST /rounds/{round_id}/decision/release": "decision_refused not_confirmed",
    "POST /rounds/{round_id}/declarations/{person_id}/ruling": "dossier_closed nothing_to_rule",
    "POST /rounds/{round_id}/discussions": "phase_refused wrong_phase",
    "POST /rounds/{round_id}/evaluations": "already_done evaluation_submitted",
    "POST /rounds/{round_id}/seats": "seat_conflicted seat_held",
    "POST /rules/{rules_key}/entry-into-force": "rule_document_refused wrong_state",
    "POST /rules/{rules_key}/supersession": "rule_document_refused wrong_state",
    "POST /section-assignments/{assignment_id}/handing-over": "invalid writes_not_here",
    "POST /section-assignments/{assignment_id}/return": "assignment_refused section_with_another",
    "POST /timetables/{timetable_id}/publication": "timetable_refused wrong_state",
    "PUT /meetings/{meeting_id}/place": "meeting_refused wrong_state",
    "PUT /profiles/{profile_id}": "profile_refused wrong_state",
    "PUT /rounds/{round_id}/consensus": "phase_refused wrong_phase",
    "PUT /rounds/{round_id}/decision": "phase_refused wrong_phase",
    "PUT /rounds/{round_id}/decision/correction": "decision_refused not_released",
    "PUT /rounds/{round_id}/minute": "phase_refused wrong_phase",
    f"POST {_OF_AGREEMENT}/conditions/{{condition}}/reopening": "agreement_refused condition_elsewhere",
}


def more_than_everything(world: World) -> dict[str, str]:
    """Add what is free still: a contact that nobody opened, an instrument with a call, figures, feeds and tokens."""
    keys, session, partnership = everything(world), world.session, world.partnership
    gliwice, marseille = world.organisations["gliwice"], world.organisations["marseille"]
    kind = SourceKind.GRANT
    instrument = add_instrument(
        session,
        Instrument(partnership_id=partnership.id, slug=keys["slug"], name="Grant", programme="ERDF", kind=kind),
    )
    add_call(session, instrument, CallPlan(keys["call"], closes_on=today() + timedelta(days=400)))
    contact = record_contact(
        session,
        partnership_id=partnership.id,
        kind=ContactKind.MEETING,
        requester=gliwice,
        host=marseille,
        subject="Coatings",
        status=ContactStatus.HELD,
        held_on=date(2026, 11, 20),
    )
    record_holding(session, world.organisations["katowice"], marseille, Holding(Decimal(1)))
    aid = record_aid(session, marseille, Award("PL", date(2025, 3, 2), Decimal(100), "de_minimis"))
    feed, _ = make_feed(session, partnership.id)
    return keys | {"contact_id": contact.id, "aid_id": aid.id, "feed_id": feed.id}


def writes(house: House) -> Iterator[tuple[str, str, object]]:
    """Yield method, path and example of each write that takes JSON, or nothing, and is no link's."""
    for path, methods in house.app.openapi()["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {"content": {}})["content"]
            if method != "get" and "{token}" not in path and set(content) <= {"application/json"}:
                yield method.upper(), path.removeprefix("/api/v1"), content.get("application/json", {}).get("example")


def meant(part: object, keys: dict[str, str], name: str = "") -> object:
    """Put the ids of this world in the place of the example's."""
    if isinstance(part, dict):
        return {key: meant(value, keys, key) for key, value in part.items()}
    if isinstance(part, list):
        return [meant(value, keys, name) for value in part]
    return keys[IDS[name]] if name in IDS and isinstance(part, str) and "@" not in part else part


def answered(house: House, who: str, method: str, path: str, body: object) -> httpx.Response:
    """Send it, with the version that is in force where one is asked for."""
    caller = house.by(ASKERS[who])
    answer = caller.send(method, path, body)
    for version in (0, *range(1, 9)):
        if answer.status_code not in (412, 428):
            break
        answer = caller.send(method, path, body, version=answer.json().get("actual_version", version))
    return answer


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_every_example_is_granted_where_there_is_what_it_speaks_of(installation: Path) -> None:
    house, keys = a_house(more_than_everything)
    house.tokens["stranger"] = keys["_stranger"]
    database, kept = installation / "bankable.db", installation / "kept.db"
    engine().dispose()
    shutil.copy(database, kept)
    refused: dict[str, str] = {}
    tried = 0

    for method, path, example in writes(house):
        tried += 1
        there = next((known for start, known in ELSEWHERE.items() if path.startswith(start)), {})
        address = path.format(**keys | there) + QUERIES.get(path, "")
        for who in (letter for letter in TABLE[f"{method} {path}"] if letter in ASKERS):
            answer = answered(house, who, method, address, meant(example, keys))
            engine().dispose()
            shutil.copy(kept, database)
            if answer.is_success:
                refused.pop(f"{method} {path}", None)
                break
            problem = answer.json()
            more = [one["code"] for one in (problem.get("reasons") or problem.get("faults") or [])]
            refused.setdefault(f"{method} {path}", " ".join([problem["code"], *more]))

    otherwise = {name: refused.get(name, "granted") for name, _ in refused.items() ^ OTHERWISE.items()}
    assert otherwise == {}
    assert tried > 130
