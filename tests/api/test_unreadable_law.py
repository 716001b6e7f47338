"""A document of law that this release cannot read, among others: what does not rest on it goes on."""

from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest
from sqlmodel import select

from api.operations.doctor import examine
from states.funding.rules.tables import DocumentState, RuleDocument, RuleText
from states.partners.tables import Partnership, Person
from states.storage import begin
from tests.api.funding_house import QUESTION, a_case, items
from tests.api.house import problem
from tests.rule_documents import A_MAP

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def _keep(kind: str, slug: str, text: str) -> None:
    """Keep a document in force, as another release would have."""
    digest = sha256(text.encode()).hexdigest()
    with begin() as session:
        session.add(RuleText(digest=digest, text=text))
        session.flush()
        document = RuleDocument(
            partnership_id=session.exec(select(Partnership.id)).first() or "",
            kind=kind,
            slug=slug,
            number=3,
            title="A text of another release",
            eli="",
            valid_from=date(2100, 1, 1),
            text_digest=digest,
            state=DocumentState.IN_FORCE,
            added_by=session.exec(select(Person.id)).first() or "",
            added_as="project_manager",
        )
        session.add(document)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("rule_set", "kind: rule_set\nid: later\nshape: of another release\n"),
        ("aid_map", "- no mapping\n"),
        ("cohesion", "kind: [\n"),
    ],
)
def test_a_document_that_cannot_be_read_takes_itself_alone(installation: Path, kind: str, text: str) -> None:
    house, path = a_case()
    doors = house.manager
    before = doors.get(f"{path}/funding-rules").json()
    _keep(kind, "later", text)

    listed = {one["key"]: one for one in items(doors.get("/rules"))}
    tasks = [one["title"] for one in items(doors.get("/me/tasks")) if one["link"].endswith("/rules/later@3")]
    after = doors.get(f"{path}/funding-rules").json()
    findings = [str(one.said) for one in examine() if not one.ok]
    compared = doors.get("/rules/later@3/comparison?with=eu-2023")
    added = doors.post("/rules", {"text": A_MAP})

    assert (listed["later@3"]["holds"], listed["eu-2023@1"]["holds"]) == (False, True)
    assert listed["later@3"]["reason"] == "it cannot be read: add it anew as the next version"
    assert tasks == ["A text of another release (later@3) cannot be read: add it anew as the next version"]
    assert after == before
    assert any("later@3" in one for one in findings)
    assert problem(compared)[0] == 422
    assert added.status_code == 201


def test_a_case_under_a_set_that_cannot_be_read_is_refused(installation: Path) -> None:
    house, path = a_case()
    _keep("rule_set", "later", "kind: rule_set\nid: later\nshape: of another release\n")

    asked = house.manager.put(f"{path}/funding-question", {**QUESTION, "rule_set": "later"}, version=1)
    refused = house.manager.get(f"{path}/funding-rules")

    assert asked.status_code == 200
    assert problem(refused)[0] == 422
    assert "'later@3' cannot be read" in refused.text


def test_two_maps_with_one_entry_are_not_in_force_together(installation: Path) -> None:
    house, path = a_case()
    manager, secretary = house.manager, house.by("iag_secretary")
    for key in ("own-map", "other-map"):
        manager.post("/rules", {"text": A_MAP.replace("id: own-map\n", f"id: {key}\n")})
        secretary.post(f"/rules/{key}@1/verification", version=1)

    first, second = (manager.post(f"/rules/{key}@1/entry-into-force", version=2) for key in ("own-map", "other-map"))

    assert first.status_code == 200
    assert problem(second)[0] == 422
    assert "rule 'own-map-pl22' stands 2 times" in second.text
    assert manager.get(f"{path}/funding-rules").status_code == 200
