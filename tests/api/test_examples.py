"""The examples of requests are true: in a world that has one of everything they are sent, and granted."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

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
from tests.api.everything import everything
from tests.api.house import a_house
from tests.api.led_up import Walk
from tests.factories import World

_OF_AGREEMENT = "/collaborations/{collaboration_id}/agreements/{number}"
# What speaks against it in this world is how things stand there, never the form of the example.
OTHERWISE = {
    "DELETE /collaborations/{collaboration_id}/agreements/{number}": "award_refused agreement_has_a_past",
    "DELETE /collaborations/{collaboration_id}/evidence-requests/{request_id}": "missing",
    "DELETE /me/sessions/{session_id}": "missing",
    "DELETE /rounds/{round_id}/links/{link_id}": "missing",
    "PATCH /collaborations/{collaboration_id}/checklists/{checklist}": "missing",
    "POST /collaborations/{collaboration_id}/agreements/{number}/signature": "agreement_refused agreement_elsewhere",
    "POST /collaborations/{collaboration_id}/checklists/{checklist}/confirmations": "missing",
    "POST /collaborations/{collaboration_id}/checklists/{checklist}/reopening": "missing",
    "POST /collaborations/{collaboration_id}/checklists/{checklist}/rounds": "missing",
    "POST /collaborations/{collaboration_id}/checklists/{checklist}/sign-off": "missing",
    "POST /collaborations/{collaboration_id}/evidence-requests": "denied",
    "POST /collaborations/{collaboration_id}/funding-what-ifs": "funding_run_refused no_funding_solution",
    "POST /collaborations/{collaboration_id}/protocol/assignments": "invalid writes_not_here",
    "POST /collaborations/{collaboration_id}/protocol/copies": "missing",
    "POST /collaborations/{collaboration_id}/protocol/sections/{key}/changes/{number}/undoing": "missing",
    "POST /documents/{document_id}/seal": "document_seal_refused no_seal_key",
    "POST /documents/{document_id}/shares": "document_not_shareable document_not_shareable",
    "POST /funding-solutions/{run_id}/adoption": "funding_run_refused wrong_state",
    "POST /mails/{mail_id}/resolution": "mail_not_open mail_not_open",
    "POST /meetings/{meeting_id}/answer": "meeting_refused request_expired",
    "POST /meetings/{meeting_id}/attendance": "meeting_refused not_scheduled",
    "POST /meetings/{meeting_id}/cancellation": "meeting_refused wrong_state",
    "POST /meetings/{meeting_id}/closing": "meeting_refused not_open",
    "POST /meetings/{meeting_id}/collaboration": "meeting_refused not_held",
    "POST /meetings/{meeting_id}/outcomes": "denied",
    "POST /participants/{participant_id}/suggestions/{profile_id}/meeting": "nothing_suggested not_suggested",
    "POST /participants/{participant_id}/validation": "participant_refused participant_state",
    "POST /partnerships/{partnership}/events/{event_id}/announcement": "event_refused event_ended",
    "POST /partnerships/{partnership}/events/{event_id}/cancellation": "event_refused event_ended",
    "POST /profiles/{profile_id}/suggestions/{other_id}/interest": "nothing_suggested not_suggested",
    "POST /progress/{progress_id}/requests": "denied",
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
    "POST /rounds/{round_id}/evaluations": "already_done evaluation_submitted",
    "POST /rounds/{round_id}/seats": "seat_conflicted seat_held",
    "POST /section-assignments/{assignment_id}/handing-over": "invalid writes_not_here",
    "POST /timetables/{timetable_id}/publication": "timetable_refused wrong_state",
    "PUT /meetings/{meeting_id}/place": "meeting_refused wrong_state",
    "PUT /rounds/{round_id}/positions/{region}": "nobody_may",  # the round of this world is of another panel
    "PUT /rounds/{round_id}/decision": "phase_refused wrong_phase",
    "PUT /rounds/{round_id}/decision/correction": "decision_refused not_released",
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


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_every_example_is_granted_where_there_is_what_it_speaks_of(installation: Path) -> None:
    walk = Walk(*a_house(more_than_everything), installation)
    refused: dict[str, str] = {}

    for name in walk.writes:
        walk.lead_up(name)
        if not walk.may(name):
            refused[name] = "nobody_may"
        for who in walk.may(name):
            answer = walk.send(name, who)
            if answer.is_success:
                refused.pop(name, None)
                break
            problem = answer.json()
            more = [one["code"] for one in (problem.get("reasons") or problem.get("faults") or [])]
            refused.setdefault(name, " ".join([problem["code"], *more]))

    otherwise = {name: refused.get(name, "granted") for name, _ in refused.items() ^ OTHERWISE.items()}
    assert otherwise == {}
