"""Every route by every role: refused unless the table of rights says otherwise, and never open without a token."""

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path

import httpx
import pytest
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from api.http.dependencies import SAFE_METHODS, current_actor
from api.routes.collaborations import case_files
from api.routes.documents import evidence, evidence_links
from api.routes.implementation.progress_links import of_progress_link
from api.routes.partnerships.imports import OfTarget
from api.routes.people.links import OfLink
from api.routes.people.mail_preferences import unsubscribed
from api.routes.people.people import of_role_link
from api.routes.protocol import files
from api.routes.protocol.part_links import of_part_link
from api.routes.protocol.sign_offs import of_link
from api.routes.questions.question_links import of_question_link
from api.routes.review.rounds import OfPlan
from states.rights.access import Action
from tests.api.everything import (
    DOSSIER,
    MESSAGE,
    NOTE,
    NOTE_TO_WRITER,
    QUESTION_TO_LEAD,
    REASON,
    SECRET_BYTES,
    SUBJECT,
    everything,
)
from tests.api.house import House, a_house, application, problem
from tests.api.rights import TABLE
from tests.factories import (
    COMMENT,
)

PUBLIC = {
    "/api/health",
    "/api/openapi.json",
    "/api/docs",
    "/api/docs/{name}",
    "/problems",
    "/problems/{code}",
    "/calendars/{secret}.ics",
    "/api/v1/verification",
    "/api/v1/verification/{code}",
}
LINKS = ("role", "sign-off", "evidence", "part", "progress", "question")
BY_LINK = {  # the link is the right
    f"{method} /api/v1/{path}/{{token}}"
    for method in ("GET", "POST")
    for path in ("links", *(f"links/{one}" for one in LINKS), "unsubscribe")
} | {
    "PUT /api/v1/links/part/{token}",
    "GET /api/v1/links/share/{token}",
    "GET /api/v1/links/share/{token}/content",
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
        "POST /api/v1/collaborations/{collaboration_id}/protocol/file",
        "POST /api/v1/documents/verification",
        "POST /api/v1/region-readings",
    }


def test_whoever_writes_is_named() -> None:
    def names_an_author(dependant: Dependant) -> bool:
        links = (of_link, of_role_link, unsubscribed, evidence_links.opened, of_part_link, of_question_link)
        more = (of_progress_link,)
        named_here = dependant.call in (current_actor, *links, *more)
        # A plan names who writes in the transaction that it opens later.
        named_here = named_here or isinstance(
            dependant.call, (OfLink, OfPlan, OfTarget, evidence.OfTarget, files.OfTarget, case_files.OfHouse)
        )
        return named_here or any(map(names_an_author, dependant.dependencies))

    assert [
        named(route)
        for route in routes()
        if (route.methods or set()) - {*SAFE_METHODS}
        and not names_an_author(route.dependant)
        and route.path != "/api/v1/verification"  # what anybody sends is only looked at
    ] == []


def test_every_right_is_asked_for_somewhere() -> None:
    asked = {action for route in protected() for action in actions_of(route.dependant)}
    by_hand = {
        Action.READ_CONFIDENTIAL_DOCUMENT,  # by a document's class
        Action.READ_BRIEFING,  # by a document's kind
        Action.READ_PORTFOLIO,  # by a document's kind
        Action.READ_CONFIDENTIAL_EVIDENCE,  # by a file's class
        Action.READ_CHECKLISTS,  # by what the playbook shares
        Action.READ_OPEN_EVALUATIONS,  # by a round's state
        Action.EDIT_EVERY_PART,  # by whose the part is
        Action.READ_QUESTION_OF_PARTIES,  # by the audience of a question
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


def walk(house: House, keys: Mapping[str, str], *methods: str) -> Iterator[tuple[str, str, httpx.Response]]:
    """Yield route, walker and answer; no body and no version: who gets past the door meets the next fault."""
    house.tokens["stranger"] = keys["_stranger"]
    for route in protected():
        path = (route.path or "").removeprefix("/api/v1").format(**keys)
        for method in sorted((route.methods or set()) & set(methods)):
            for letter, label in WHO.items():
                yield f"{method} {route.path}", letter, house.by(label).send(method, path)


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_every_route_by_every_role_and_nobody_reads_what_is_not_theirs(installation: Path) -> None:
    house, keys = a_house(everything)
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
        if who not in "MDSP":
            hidden[who] += (NOTE_TO_WRITER, QUESTION_TO_LEAD)
        if who not in "MD":
            hidden[who] += (NOTE,)  # a partner declared it: no other partner knows

    leaks: list[str] = []
    found: dict[str, str] = {}
    for route, who, answer in chain(walk(house, keys, "GET"), walk(house, keys, "PUT", "PATCH", "DELETE", "POST")):
        status = answer.status_code
        past = status != 403 and not (who == "s" and status == 404)
        found[route.replace("/api/v1", "")] = found.get(route.replace("/api/v1", ""), "") + (who if past else "")
        if route.startswith("GET") and (route, who) not in OF_MAILS:
            leaks += [f"{who}: {route} shows {text!r}" for text in hidden[who] if text.encode() in answer.content]
        if (route, who) == ("GET /api/v1/documents/{document_id}/content", "A"):
            assert answer.content == SECRET_BYTES

    assert leaks == []
    assert found == TABLE
