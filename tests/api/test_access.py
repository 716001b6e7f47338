"""Every route by every role: refused unless the table of rights says otherwise, and never open without a token."""

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from api.app import create_app
from states.access import Action, Actor, Role, Scope, may
from states.archive.service import Rendered, keep_bytes, record_document
from states.archive.tables import DocumentClass, DocumentKind
from states.deadlines.queries import open_deadlines
from states.lifecycle.rounds import open_requested_round
from states.matchmaking.queries import contacts_behind
from states.partners.registry import add_event
from states.partners.tables import EventKind
from states.protocol.queries import latest_versions
from states.reporting.period import Period
from states.reporting.service import draft_report
from tests.api.house import a_house, problem
from tests.factories import World, a_collaboration_at, a_scenario

PUBLIC = {"/api/health", "/api/openapi.json", "/api/docs", "/problems/{code}"}
HOLDERS = {role: role.value for role in Role if role is not Role.CLOCK} | {
    Role.IAG_MEMBER: "iag_member 1",
    Role.WGRA_MEMBER: "paca",
}


def routes() -> list[RouteContext]:
    return list(iter_route_contexts(create_app().routes))


def protected() -> list[RouteContext]:
    return [route for route in routes() if route.path not in PUBLIC]


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

    assert [name for name in reads_only if not name.startswith("GET")] == ["POST /api/v1/region-readings"]


def test_every_right_is_asked_for_somewhere() -> None:
    asked = {action for route in protected() for action in actions_of(route.dependant)}
    by_hand = {
        Action.READ_CONFIDENTIAL_DOCUMENT,  # by a document's class
        Action.READ_OPEN_EVALUATIONS,  # by a round's state
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


def _everything(world: World) -> dict[str, str]:
    """Return a value for each name in a path, in one collaboration that has all of it."""
    row, session = a_collaboration_at(world, "iag_review"), world.session
    opened = open_requested_round(session, row.id, "iag")
    scenario = a_scenario(world, row, latest_versions(session, [row.id])[row.id])
    content = b"%PDF"
    keep_bytes(content)
    digest = sha256(content).hexdigest()
    rendered = Rendered(DocumentKind.PROPOSAL, DocumentClass.PUBLIC, "Proposal", scenario.id, digest, content)
    issued = record_document(session, rendered, partnership_id=world.partnership.id, collaboration_id=row.id)
    draft_report(session, world.partnership, period=Period(2020, 1))
    held = add_event(session, world.partnership, name="Day", kind=EventKind.BROKERAGE, held_on="2020")
    return {
        "partnership": world.partnership.slug,
        "collaboration_id": row.id,
        "contact_id": contacts_behind(session, row.id)[0].id,
        "round_id": opened.id,
        "scenario_id": scenario.id,
        "document_id": issued.id,
        "deadline_id": open_deadlines(session, world.partnership.id)[0].id,
        "event_id": held.id,
        "period": "2020-H1",
        "region": "paca",
        "evaluation_id": "1",
        "organisation": "medtech-marseille",
        "number": "1",
        "key": "identity",
        "slug": "regional-grant",
        "code": "PL22",
        "question": "I.1",
        "goal": "3",
        "_partnership": world.partnership.id,
        "_organisation": world.organisations["gliwice"].id,
        "_paca": world.regions["paca"].id,
    }


def _expected(role: Role, actions: list[Action], keys: Mapping[str, str]) -> bool:
    organisation, region = keys["_organisation"], keys["_paca"]
    actor = Actor(
        role,
        keys["_partnership"],
        region_id=region if role is Role.WGRA_MEMBER else None,
        organisation_id=organisation if role is Role.PARTNER else None,
    )
    scope = Scope(keys["_partnership"], organisation_ids=frozenset([organisation]), region_id=region)
    return all(may(actor, action, scope) for action in actions)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_every_route_by_every_role(installation: Path) -> None:
    house, keys = a_house(_everything)
    wrong = []

    for route in protected():
        actions = list(actions_of(route.dependant))
        path = (route.path or "").removeprefix("/api/v1").format(**keys)
        for role, label in HOLDERS.items():
            for method in route.methods or ():
                # No body and no version: who gets past the door meets the next fault, and nothing changes.
                status = house.by(label).send(method, path).status_code
                if (status != 403) != _expected(role, actions, keys):
                    wrong.append(f"{role.value}: {method} {path} answered {status}")

    assert wrong == []
