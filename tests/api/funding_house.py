"""A collaboration over HTTP with one cost line and a call that pays half of it: small enough to be solved at once."""

from typing import Any

from tests.api.house import House, a_house
from tests.factories import a_collaboration_at

LINE = {
    "slug": "rigs",
    "organisation": "medtech-gliwice",
    "nuts": "PL229",
    "activity": "other",
    "amount": "1000.10",
    "starts_on": "2127-09-01",
    "title": "Test rigs",
    "illustrative": True,
}
INSTRUMENT = {
    "slug": "vouchers",
    "name": "Silesian vouchers",
    "programme": "Regional",
    "kind": "grant",
    "territory": ["PL22"],
    "illustrative": True,
}
TERMS = {"terms": {"basis": ["eu_direct"], "whom": {"territory": ["PL22"]}, "rates": [{"percent": "50"}]}}
CALL = {"slug": "2127", "opens_on": "2127-01-04", "closes_on": "2127-03-31", "budget": "5000000.00"}
DECLARED = {"difficulty": {"insolvent": False, "rescue_aid": False}, "recovery_order": False}
QUESTION = {"partners": {"medtech-gliwice": DECLARED, "medtech-marseille": DECLARED}}


def a_case(*, stage: str = "iag_review") -> tuple[House, str]:
    """Return the house, and the path of a collaboration whose case is whole."""
    house, key = a_house(lambda world: a_collaboration_at(world, stage).id)
    path = f"/collaborations/{key}"
    for answer in (
        house.manager.post("/instruments", INSTRUMENT),
        house.manager.put("/instruments/vouchers/terms", TERMS, version=1),
        house.manager.post("/instruments/vouchers/calls", CALL),
        house.manager.post(f"{path}/cost-lines", LINE),
        house.manager.put(f"{path}/funding-question", QUESTION, version=0),
    ):
        assert answer.status_code in (200, 201), answer.text
    return house, path


def items(answer: Any) -> Any:
    """Return the entries of a list."""
    return answer.json()["items"]
