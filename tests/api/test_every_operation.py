"""Whatever is sent to an operation, it answers with a status that it declares, in the form that it declares."""

import copy
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.api.everything import everything
from tests.api.house import MANAGER, PARTNER, House, a_house

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 6  # an operation and asker: some 7,000 requests in all
BOUNDED = settings(
    max_examples=EXAMPLES,
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@schemathesis.serializer("application/pdf", "application/octet-stream", "application/zip")
def file(_: schemathesis.SerializationContext, value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def naming_what_is_there(described: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    """Let each path name what there is: what nobody has is 404 everywhere, and says nothing of the operation."""
    known = copy.deepcopy(described)
    for path in known["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", []):
                if parameter["in"] == "path" and parameter["name"] in keys:
                    parameter["schema"] = {"enum": [keys[parameter["name"]]]}
                if parameter["name"] == "if-match":
                    parameter["schema"] = {"enum": ['"1"', '"2"', '"0"', "1"]}
    return known


@dataclass
class Tried:
    """What came of the requests: how often which status, and by operation what was not as declared."""

    statuses: Counter[int] = field(default_factory=Counter)
    faults: dict[str, str] = field(default_factory=dict)


def try_all(house: House, keys: dict[str, str], headers: dict[str, str]) -> Tried:
    client = TestClient(house.app, raise_server_exceptions=False)
    found = Tried()
    known = schemathesis.openapi.from_dict(naming_what_is_there(house.app.openapi(), keys))
    for operation in (result.ok() for result in known.get_all_operations() if isinstance(result, Ok)):
        fitting, unfit = (operation.as_strategy(generation_mode=mode) for mode in GenerationMode)

        @BOUNDED
        @given(case=fitting | unfit)
        def tried(case: schemathesis.Case[Any]) -> None:
            sent = case.as_transport_kwargs(base_url="http://testserver", headers=headers)
            sent.pop("cookies", None)
            sent["headers"] = {name: value.encode("latin-1", "replace") for name, value in sent["headers"].items()}
            if "data" in sent and "files" not in sent:
                sent["content"] = sent.pop("data")
            answer = client.request(**sent)
            answer.request.read()  # a form is made as it is sent
            found.statuses[answer.status_code] += 1
            try:
                case.validate_response(answer, checks=CHECKS)
            except FailureGroup as group:
                found.faults[f"{case.method} {case.path}"] = "; ".join(map(str, group.exceptions))[:600]

        tried()
    return found


# Other threads of the test run draw at random while a request is made up.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
@pytest.mark.parametrize("who", [MANAGER, "iag_member 1", PARTNER, None])
def test_every_operation_answers_as_it_declares(installation: Path, who: str | None) -> None:
    house, keys = a_house(everything)

    found = try_all(house, keys, house.by(who).headers if who else {})

    assert found.faults == {}
    assert found.statuses.total() > 1000
    assert {401} <= set(found.statuses) if who is None else {200, 404, 422} <= set(found.statuses)
