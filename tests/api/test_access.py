"""Every route by every role: refused unless the table of rights says otherwise, and never open without a token."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from api.http.dependencies import SAFE_METHODS, current_actor
from api.routes.partnerships.imports import OfTarget
from api.routes.people.links import OfLink
from api.routes.people.mail_preferences import unsubscribed
from api.routes.people.people import of_role_link
from api.routes.protocol.sign_offs import of_link
from api.routes.review.rounds import OfPlan
from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from states.clock import at
from states.credentials.tokens import create_token
from states.deadlines.queries import open_deadlines
from states.funding.case.vocabulary import Activity
from states.funding.inputs.cost_lines import CostPlan, add_cost
from states.funding.solutions import request_solution
from states.mail.ledger import enter_mail
from states.mail.tables import MailKind
from states.matchmaking.consents.avoidances import declare_avoidance
from states.matchmaking.consents.tables import AvoidanceKind, ConsentPurpose
from states.matchmaking.interests.service import Statement, express_interest
from states.matchmaking.meetings.requests import Wish, request_meeting
from states.matchmaking.timetable.service import request_timetable
from states.outbox.service import publish
from states.partners.queries import holders
from states.protocol.queries import latest_versions, sign_offs_of
from states.reporting.period import Period
from states.reporting.service import draft_report
from states.review.conflicts.service import agree, declare
from states.review.conflicts.tables import ConflictKind
from states.review.queries import evaluations_of
from states.rights.access import Action, Role
from states.sweeps.service import note_fault
from tests.api.house import House, a_house, application, problem
from tests.api.rights import TABLE
from tests.factories import (
    COMMENT,
    PRINTING,
    World,
    a_collaboration_at,
    a_scenario,
    a_world,
    clear,
    contacts_behind,
    evaluate,
    open_iag,
)
from tests.meeting_factories import BEFORE, a_brokerage_event, a_participant, a_published_profile
from tests.rule_documents import a_rule_document

PUBLIC = {
    "/api/health",
    "/api/openapi.json",
    "/api/docs",
    "/api/docs/{name}",
    "/problems",
    "/problems/{code}",
    "/calendars/{secret}.ics",
}
BY_LINK = {  # the link is the right
    f"{method} /api/v1/{path}/{{token}}"
    for method in ("GET", "POST")
    for path in ("links", "links/role", "links/sign-off", "unsubscribe")
}
# Whoever looks after mails reads where each of them goes.
OF_MAILS = {  # and of people where they are reached
    *((f"GET /api/v1/partnerships/{{partnership}}/people{of}", who) for of in ("", "/{grant_id}") for who in "MD"),
    ("GET /api/v1/mails", "M"),
    ("GET /api/v1/mails/{mail_id}", "M"),
    ("GET /api/v1/mails/{mail_id}", "D"),
}
# Who walks: one letter each. `A` has a seat and has declared, `a` has a seat and has not, `x` has a conflict,
# `W` is a region's member without a seat here, `s` manages another partnership.
WHO = {
    "M": "project_manager",
    "D": "administrator",
    "S": "iag_secretary",
    "C": "iag_chair",
    "G": "wgra_chair",
    "A": "iag_member 1",
    "a": "iag_member 2",
    "x": "iag_member 3",
    "W": "paca",
    "P": "partner",
    "O": "observer",
    "s": "stranger",
}


def routes() -> list[RouteContext]:
    return list(iter_route_contexts(application().routes))


def protected() -> list[RouteContext]:
    return [route for route in routes() if route.path not in PUBLIC and named(route) not in BY_LINK]


def actions_of(dependant: Dependant) -> Iterator[Action]:
    """Yield what a route asks the table of rights for, through all that it depends on."""
    action = getattr(dependant.call, "action", None)
    if isinstance(action, Action):
        yield action
    for below in dependant.dependencies:
        yield from actions_of(below)


def named(route: RouteContext) -> str:
    return f"{'/'.join(route.methods or ())} {route.path}"


def test_every_route_asks_for_a_right() -> None:
    assert [named(route) for route in protected() if not list(actions_of(route.dependant))] == []


def test_whoever_writes_asks_for_more_than_to_read() -> None:
    reads_only = [
        named(route)
        for route in protected()
        if all(action.value.startswith("read_") for action in actions_of(route.dependant))
    ]

    # What is sent is only looked at.
    assert {name for name in reads_only if not name.startswith("GET")} == {
        "POST /api/v1/documents/verification",
        "POST /api/v1/region-readings",
    }


def test_whoever_writes_is_named() -> None:
    def names_an_author(dependant: Dependant) -> bool:
        named_here = dependant.call in (current_actor, of_link, of_role_link, unsubscribed)
        # A plan names who writes in the transaction that it opens later.
        named_here = named_here or isinstance(dependant.call, (OfLink, OfPlan, OfTarget))
        return named_here or any(map(names_an_author, dependant.dependencies))

    assert [
        named(route)
        for route in routes()
        if (route.methods or set()) - {*SAFE_METHODS} and not names_an_author(route.dependant)
    ] == []


def test_every_right_is_asked_for_somewhere() -> None:
    asked = {action for route in protected() for action in actions_of(route.dependant)}
    by_hand = {
        Action.READ_CONFIDENTIAL_DOCUMENT,  # by a document's class
        Action.READ_OPEN_EVALUATIONS,  # by a round's state
        Action.APPOINT_PERSON,  # by the role that is given
    }

    assert set(Action) - asked == by_hand


def test_no_route_opens_without_a_token(installation: Path) -> None:
    house, _ = a_house()

    answers = {
        named(route): house.client.request(method, re.sub(r"\{\w+\}", "1", route.path or ""))
        for route in protected()
        for method in route.methods or ()
    }

    assert {name: problem(answer) for name, answer in answers.items()} == dict.fromkeys(answers, (401, "token_missing"))


AMOUNT = Decimal("1000.10")
SECRET_BYTES = b"%PDF secret bytes"
DOSSIER = ("Identity: Acronym", "Equipment", "A shared centre.", "1000.10", "secret bytes")
REASON = "Employed by a partner until last year."
MESSAGE = "We make implants, and seek a coating."
SUBJECT = "Hip stems with a coating"
NOTE = "They make the same stems."


def _matchmaking(world: World) -> dict[str, str]:
    """Return a value for each name in a path of the matchmaking: the partner's profile and meeting among them."""
    session, marseille = world.session, world.organisations["marseille"]
    profile = a_published_profile(world)
    sent_by = world.people["observer"].id
    interest = express_interest(session, profile, Statement(MESSAGE, "Tests"), sender=marseille, person_id=sent_by)
    event = a_brokerage_event(world)
    own, other = a_participant(world, event, "gliwice"), a_participant(world, event, "marseille")
    with at(BEFORE):
        wish = Wish(subject=SUBJECT, priority=3)
        meeting = request_meeting(session, event, wish, asker=other, guests=[own])
    manager = world.people["project_manager"].id
    run = request_timetable(session, event, person_id=manager, seconds=5)
    marseille, katowice = world.organisations["marseille"], world.organisations["katowice"]
    avoidance = declare_avoidance(
        session,
        marseille,
        katowice,
        partnership_id=world.partnership.id,
        kind=AvoidanceKind.COMPETITOR,
        person_id=manager,
        note=NOTE,
    )
    return {
        "profile_id": profile.id,
        "other_id": profile.id,
        "avoidance_id": avoidance.id,
        "purpose": ConsentPurpose.BOOKLET.value,
        "interest_id": interest.id,
        "event_id": event.id,
        "participant_id": own.id,
        "meeting_id": meeting.id,
        "timetable_id": run.id,
    }


def _everything(world: World) -> dict[str, str]:
    """Return a value for each name in a path, in one collaboration that has all of it."""
    row, session = a_collaboration_at(world, "iag_review"), world.session
    opened = open_iag(world, row)
    clear(world, row, opened, "iag_member 1")
    evaluate(world, row, opened, "iag_member 1")
    agree(session, partnership_id=world.partnership.id, person_id=world.people["iag_member 3"].id)
    declare(
        session,
        opened,
        person_id=world.people["iag_member 3"].id,
        kind=ConflictKind.DISQUALIFYING,
        reason=REASON,
        collaboration=row,
    )
    version = latest_versions(session, [row.id])[row.id]
    scenario = a_scenario(world, row, version)
    line = CostPlan("rigs", world.organisations["gliwice"].id, "PL229", Activity.OTHER, AMOUNT, date(2027, 9, 1))
    add_cost(session, row, replace(line, title="Equipment"))
    run = request_solution(session, row, person_id=None, seconds=5)
    keep_bytes(SECRET_BYTES)
    digest = sha256(SECRET_BYTES).hexdigest()
    kind = DocumentKind.REVIEW_DOSSIER
    rendered = Rendered(kind, DocumentClass.CONFIDENTIAL, "Dossier", opened.id, digest, SECRET_BYTES, PRINTING)
    issued = record_document(session, rendered, partnership_id=world.partnership.id, collaboration_id=row.id)
    draft_report(session, world.partnership, period=Period(2020, 1))
    told = enter_mail(
        session,
        MailKind.DECISION,
        key="told",
        person_id=world.people["partner"].id,
        partnership_id=world.partnership.id,
        values={"title": "A shared centre."},
    )
    assert told is not None
    stranger = a_world(session, slug="elsewhere")
    grant = holders(session, stranger.partnership.id, Role.PROJECT_MANAGER)[0].grant
    return {
        "partnership": world.partnership.slug,
        "collaboration_id": row.id,
        "contact_id": contacts_behind(session, row.id)[0].id,
        "round_id": opened.id,
        "scenario_id": scenario.id,
        "position": "1",
        "line": "rigs",
        "run_id": run.id,
        "aid_id": "1",
        "year": "2019",
        "holder": "medtech-katowice",
        "call": "2127",
        "document_id": issued.id,
        "deadline_id": next(one.id for one in open_deadlines(session, world.partnership.id) if one.kind == "stage"),
        "sign_off_id": next(
            asked.id for asked, of in sign_offs_of(session, version.id) if of.slug == "medtech-gliwice"
        ),
        **_matchmaking(world),
        "fault_id": note_fault(session, "remind", ("partnership", world.partnership.id), ValueError()).id,
        "outbox_id": publish(session, "thing.happened", partnership_id=world.partnership.id).id,
        "mail_id": told.id,
        "period": "2020-H1",
        "region": "paca",
        "evaluation_id": evaluations_of(session, opened.id)[0].id,
        "person_id": world.people["iag_member 2"].id,
        "link_id": "1",
        "grant_id": next(one.grant.id for one in holders(session, world.partnership.id, Role.OBSERVER)),
        "token_id": "1",
        "feed_id": "1",
        "panel": "iag",
        "organisation": "medtech-marseille",
        "number": "1",
        "key": "identity",
        "slug": "regional-grant",
        "rules_key": a_rule_document(world).slug,
        "code": "PL22",
        "question": "I.1",
        "goal": "3",
        "_stranger": create_token(session, grant),
    }


def walk(house: House, keys: Mapping[str, str], *methods: str) -> Iterator[tuple[str, str, httpx.Response]]:
    """Yield route, walker and answer; no body and no version: who gets past the door meets the next fault."""
    house.tokens["stranger"] = keys["_stranger"]
    for route in protected():
        path = (route.path or "").removeprefix("/api/v1").format(**keys)
        for method in sorted((route.methods or set()) & set(methods)):
            for letter, label in WHO.items():
                yield f"{method} {route.path}", letter, house.by(label).send(method, path)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_nobody_reads_what_is_not_theirs(installation: Path) -> None:
    house, keys = a_house(_everything)
    scores = (COMMENT,)
    names = ("iag_member 1", "iag_member 2", "iag_member 3")
    hidden: dict[str, tuple[str, ...]] = {
        "a": (*DOSSIER, *scores),
        "x": (*DOSSIER, *scores),
        "W": (*DOSSIER, *scores),
        "O": (*DOSSIER[:2], *DOSSIER[3:], *scores, *names, REASON),
        "P": (*scores, *names, REASON),
        "s": (*DOSSIER, *scores, *names, REASON, "Centre for Biocompatibility"),
        "C": scores,  # the round is open: who decides does not read along
        "G": scores,
    }

    for who in WHO:
        hidden[who] = (*hidden.get(who, ()), "@medtech.example.org")  # nobody has agreed to be written to
        if who not in "MDP":
            hidden[who] += (MESSAGE, SUBJECT)
        if who not in "MD":
            hidden[who] += (NOTE,)  # a partner declared it: no other partner knows

    leaks = [
        f"{who}: {route} shows {text!r}"
        for route, who, answer in walk(house, keys, "GET")
        for text in hidden.get(who, ())
        if text.encode() in answer.content and (route, who) not in OF_MAILS
    ]
    dossier = house.by("iag_member 1").get(f"/documents/{keys['document_id']}/content")

    assert leaks == []
    assert dossier.content == SECRET_BYTES


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_every_route_by_every_role(installation: Path) -> None:
    house, keys = a_house(_everything)
    found: dict[str, str] = {}

    for route, who, answer in walk(house, keys, "GET", "PUT", "PATCH", "DELETE", "POST"):
        status = answer.status_code
        past = status != 403 and not (who == "s" and status == 404)
        found[route.replace("/api/v1", "")] = found.get(route.replace("/api/v1", ""), "") + (who if past else "")

    assert found == TABLE
