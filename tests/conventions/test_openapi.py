"""The description of the API is whole: what every operation does in words, may answer and refuse, with an example."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from fastapi.dependencies.models import Dependant
from fastapi.testclient import TestClient
from jsonschema import Draft202012Validator, FormatChecker

from api.http.conditional import MaybeMatch
from api.http.dependencies import SAFE_METHODS
from api.http.description import operations as routes
from api.http.problems import MEDIA_TYPE
from api.http.tags import TAGS
from tests.api.house import application

METHODS = ("get", "post", "put", "patch", "delete")
# How a summary may begin: what somebody wants who looks for the operation.
VERBS = re.compile(
    "(Accept|Add|Agree|Announce|Answer|Arrange|Ask|Begin|Bring|Cancel|Change|Check|Choose|Close|Compute|Confirm|Copy|Correct|"
    "Count|Declare|Describe|Draft|End|Erase|Express|Find|Found|Freeze|Give|Hand|Issue|Keep|Lay|Leave|Let|List|Make|Note|Open|"
    "Prepare|Propose|Publish|Put|Rank|Read|Record|Register|Release|Rename|Replace|Revoke|Rule|Say|Seat|Send|Set|Sign|"
    "State|Submit|Switch|Take|Tell|Try|Withdraw|Write) "
)
LONGEST_SUMMARY = 72
# What nobody may have written yet, and a move or a change of edition that only tries.
MAYBE_UNWRITTEN = {
    "put /api/v1/partnerships/{partnership}/organisations/{organisation}/accounts/{year}",
    "put /api/v1/partnerships/{partnership}/organisations/{organisation}/vat-status",
    "put /api/v1/partnerships/{partnership}/organisations/{organisation}/holders/{holder}",
    "post /api/v1/collaborations/{collaboration_id}/edition-change",
    "post /api/v1/collaborations/{collaboration_id}/moves",
    "patch /api/v1/collaborations/{collaboration_id}/checklists/{checklist}",
    "patch /api/v1/collaborations/{collaboration_id}/officer",
    "post /api/v1/collaborations/{collaboration_id}/protocol/copies",
    "post /api/v1/collaborations/{collaboration_id}/protocol/imports",
    "put /api/v1/events/{event_id}/brokerage",
    "put /api/v1/rounds/{round_id}/decision",
    "put /api/v1/rounds/{round_id}/decision/correction",
    "put /api/v1/rounds/{round_id}/positions/{region}",
}
# Replaces or takes away something, and nobody can overwrite thereby what was not read: why.
NOT_READ_BEFORE = {
    "put /api/v1/rounds/{round_id}/consensus": "recorded once; a second time is refused",
    "put /api/v1/rounds/{round_id}/minute": "recorded once; a second time is refused",
    "put /api/v1/participants/{participant_id}/consents/{purpose}": "a line more in a log; the last one holds",
    "delete /api/v1/partnerships/{partnership}/organisations/{organisation}/aid-received/{aid_id}": "never changes",
    "delete /api/v1/avoidances/{avoidance_id}": "never changes",
    "delete /api/v1/me/calendar-feeds/{feed_id}": "never changes, and one's own",
    "delete /api/v1/partnerships/{partnership}/calendar-feeds/{feed_id}": "never changes",
    "delete /api/v1/me/tokens/{token_id}": "never changes, and one's own",
    "delete /api/v1/partnerships/{partnership}/tokens/{token_id}": "never changes",
    "delete /api/v1/me/sessions/{session_id}": "never changes, and one's own",
    "delete /api/v1/partnerships/{partnership}/people/{grant_id}/sessions": "all there are",
    "delete /api/v1/rounds/{round_id}/links/{link_id}": "never changes",
    "delete /api/v1/collaborations/{collaboration_id}/evidence-requests/{request_id}": "never changes",
    "delete /api/v1/documents/{document_id}/shares/{share_id}": "has one state and one change",
    "delete /api/v1/rounds/{round_id}/seats/{person_id}": "a move of the seat; from another state it is refused",
}
# What is read in a list alone.
NOWHERE_OF_ITS_OWN = {
    "post /api/v1/collaborations/{collaboration_id}/evidence",  # several at once
    "post /api/v1/collaborations/{collaboration_id}/evidence-requests",
    "post /api/v1/collaborations/{collaboration_id}/protocol/assignments",  # several at once
    "post /api/v1/documents/{document_id}/shares",
    "post /api/v1/links/evidence/{token}",
    "post /api/v1/links/question/{token}",  # at the link itself
    "post /api/v1/progress/{progress_id}/requests",
    "post /api/v1/me/agreement",
    "post /api/v1/me/calendar-feeds",
    "post /api/v1/me/tokens",
    "post /api/v1/avoidances",
    "post /api/v1/partnerships/{partnership}/calendar-feeds",
    "post /api/v1/partnerships/{partnership}/organisations/{organisation}/aid-received",
    "post /api/v1/rounds/{round_id}/links",
}


@pytest.fixture(scope="module")
def described() -> dict[str, Any]:
    answer = TestClient(application()).get("/api/openapi.json")
    assert answer.status_code == 200
    found: dict[str, Any] = answer.json()
    return found


def test_whoever_replaces_says_what_was_read(described: dict[str, Any]) -> None:
    asked = {
        name: any(one["name"] == "if-match" for one in operation.get("parameters", []))
        for name, operation in operations(described).items()
        if name.startswith(("put ", "patch ", "delete "))
    }

    assert {name for name, demanded in asked.items() if not demanded} == set(NOT_READ_BEFORE)


def operations(described: dict[str, Any]) -> dict[str, Any]:
    return {
        f"{method} {path}": operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method in METHODS
    }


def answers(described: dict[str, Any], operation: dict[str, Any]) -> dict[str, Any]:
    """Return an operation's answers by status; those that many share stand among the components."""
    return {status: resolved(described, answer) for status, answer in operation["responses"].items()}


def calls(dependant: Dependant) -> Iterator[object]:
    for below in dependant.dependencies:
        yield below.call
        yield from calls(below)


def resolved(described: dict[str, Any], part: dict[str, Any]) -> dict[str, Any]:
    if "$ref" not in part:
        return part
    found: dict[str, Any] = described
    for step in part["$ref"].removeprefix("#/").split("/"):
        found = found[step]
    return found


def test_every_summary_says_what_one_does(described: dict[str, Any]) -> None:
    summaries = {name: one["summary"] for name, one in operations(described).items()}

    assert {name: said for name, said in summaries.items() if not VERBS.match(said)} == {}
    assert {name: said for name, said in summaries.items() if not 12 <= len(said) <= LONGEST_SUMMARY} == {}
    assert [said for said, times in Counter(summaries.values()).items() if times > 1] == []


def test_every_operation_has_a_name_that_can_be_spoken(described: dict[str, Any]) -> None:
    names = [one["operationId"] for one in operations(described).values()]

    assert [name for name in names if not re.fullmatch(r"[a-z]+(_[a-z0-9]+)*", name) or "__" in name] == []
    assert [name for name, times in Counter(names).items() if times > 1] == []


def test_every_tag_has_a_sentence_and_a_place(described: dict[str, Any]) -> None:
    used = {tag for one in operations(described).values() for tag in one["tags"]}

    assert [one["name"] for one in described["tags"]] == list(TAGS)
    assert used == set(TAGS)
    assert [sentence for sentence in TAGS.values() if not sentence.endswith(".")] == []


def test_every_parameter_that_is_demanded_is_required(described: dict[str, Any]) -> None:
    """If-Match may be left out only where nothing may be written yet, or where nothing is written at all."""
    open_ones = {
        name
        for name, one in operations(described).items()
        for parameter in one.get("parameters", [])
        if parameter["name"] == "if-match" and not parameter["required"]
    }

    assert open_ones == MAYBE_UNWRITTEN


def test_what_answers_carry_is_declared(described: dict[str, Any]) -> None:
    found = operations(described)
    made = {
        name: one["responses"]["201"].get("headers", {}) for name, one in found.items() if "201" in one["responses"]
    }
    lists = {name: one for name, one in found.items() if any(at["name"] == "after" for at in one.get("parameters", []))}

    assert {name for name, headers in made.items() if "Location" not in headers} == NOWHERE_OF_ITS_OWN
    assert [name for name, one in lists.items() if "Link" not in one["responses"]["200"]["headers"]] == []
    assert [
        name
        for name, one in found.items()
        for status, answer in answers(described, one).items()
        if status in ("429", "503") and "Retry-After" not in answer["headers"]
    ] == []


def test_every_write_shows_a_request_and_an_answer(described: dict[str, Any]) -> None:
    """tests/api/test_examples.py sends the requests; here each fits its schema, and is written where that is."""
    lacking: list[str] = []
    unfit: list[str] = []
    for name, one in operations(described).items():
        request = [("request", one["requestBody"])] if "requestBody" in one else []
        for part, said in (*request, *one["responses"].items()):
            content = said.get("content", {}).get("application/json") if not name.startswith("get") else None
            if content is None:
                continue
            if "example" not in content or (
                part == "request" and "examples" not in resolved(described, content["schema"])
            ):
                lacking.append(f"{name} {part}")
                continue
            schema = content["schema"] | {"components": described["components"]}
            faults = Draft202012Validator(schema, format_checker=FormatChecker()).iter_errors(content["example"])
            unfit += [f"{name} {part} {list(fault.path)}: {fault.message[:200]}" for fault in faults]

    assert (lacking, unfit) == ([], [])


def test_every_problem_shows_one(described: dict[str, Any]) -> None:
    shown = described["components"]["responses"]

    assert [name for name, one in shown.items() if "example" not in one["content"][MEDIA_TYPE]] == []
    assert {one["content"][MEDIA_TYPE]["example"]["code"] for one in shown.values()} <= set(
        described["components"]["schemas"]["ProblemCode"]["enum"]
    )


def test_problems_are_listed_with_their_sentences(described: dict[str, Any]) -> None:
    listed = described["components"]["schemas"]["ProblemCode"]

    assert {"denied", "missing", "media_type_unfit", "precondition_required", "request_invalid"} <= set(listed["enum"])
    said = dict(line.removeprefix("- `").split("`: ", 1) for line in listed["description"].splitlines())
    assert list(said) == listed["enum"]
    assert [code for code, sentence in said.items() if not sentence.endswith(".")] == []


def test_times_have_a_form_that_tools_can_make(described: dict[str, Any]) -> None:
    """`format: time` wants an offset (RFC 3339), and a time of day has none."""
    assert '"format": "time"' not in json.dumps(described)


def test_every_operation_declares_its_problems(described: dict[str, Any]) -> None:
    protected = {name: one for name, one in operations(described).items() if "/api/v1" in name}

    lacking = [name for name, one in protected.items() if not {"401", "403", "404", "422"} <= set(one["responses"])]
    plain = [
        f"{name} {status}"
        for name, one in operations(described).items()
        for status, answer in answers(described, one).items()
        if int(status) >= 400 and list(answer["content"]) != [MEDIA_TYPE]
    ]

    assert (lacking, plain) == ([], [])


def test_what_takes_a_version_declares_its_absence(described: dict[str, Any]) -> None:
    found, may_match = operations(described), get_args(MaybeMatch)[1].dependency
    takes = {
        f"{method.lower()} {route.path_format}"
        for route, method in routes(application())
        if may_match in calls(route.dependant)
    }

    assert {
        name for name, one in found.items() if any(at["name"] == "if-match" for at in one.get("parameters", []))
    } == takes
    assert {name for name, one in found.items() if "428" in one["responses"]} == takes
    assert [name for name in takes if not {"400", "412"} <= set(found[name]["responses"])] == []


def test_no_route_declares_what_every_write_declares() -> None:
    """What a body, an If-Match and a write may be answered is added by `api/http/description.py`."""
    repeated = {
        f"{method} {route.path_format}": said
        for route, method in routes(application())
        if method not in SAFE_METHODS and (said := {400, 409, 412, 413, 415, 428} & set(route.responses or ()))
    }

    assert repeated == {}


def test_what_takes_a_body_declares_that_it_may_be_too_large(described: dict[str, Any]) -> None:
    with_body = {name for name, one in operations(described).items() if "requestBody" in one}

    assert {name for name, one in operations(described).items() if "413" in one["responses"]} == with_body


def test_every_reference_leads_somewhere(described: dict[str, Any]) -> None:
    references = {part.split('"')[0] for part in json.dumps(described).split('"$ref": "#/components/schemas/')[1:]}

    assert references - set(described["components"]["schemas"]) == set()


def test_every_operation_says_what_it_does_and_who_may(described: dict[str, Any]) -> None:
    found = operations(described)

    assert [name for name, one in found.items() if not one.get("description")] == []
    public = ("{token}", "/api/v1/verification")  # by a link, and for whoever holds a paper
    assert [
        name
        for name, one in found.items()
        if "/api/v1" in name and not any(part in name for part in public) and not one.get("security")
    ] == []
    assert len({one["operationId"] for one in found.values()}) == len(found)


def test_no_schema_is_named_by_its_module(described: dict[str, Any]) -> None:
    """Two schemas of one name would both be called after the modules that hold them."""
    assert [name for name in described["components"]["schemas"] if name.startswith(("api__", "states__"))] == []


def test_money_is_text(described: dict[str, Any]) -> None:
    money = described["components"]["schemas"]["UseIn"]["properties"]["amount"]

    assert (money["type"], money["pattern"]) == ("string", r"^-?\d{1,13}(\.\d{1,2})?$")
