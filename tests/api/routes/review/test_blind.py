"""The blind first stage: no partner's name reaches a reviewer before that reviewer's evaluation is in."""

import io
import re
from importlib import resources
from pathlib import Path
from zipfile import ZipFile

import pytest
from fastapi.routing import iter_route_contexts

from states.archive.tables import DocumentClass, DocumentKind, IssuedDocument
from states.clock import now, today
from states.collaborations.service import Joining, add_member, edit_collaboration
from states.collaborations.tables import Collaboration, MemberPart
from states.deadlines.queries import open_deadlines
from states.funding.finance.scenario_finances import keep_assumptions
from states.lifecycle.move import move
from states.partners.tables import Organisation, OrganisationKind
from states.protocol.queries import latest_versions
from states.protocol.service import write_section
from states.rights.access import Role
from states.settings import settings
from tests.api.house import House, a_house
from tests.api.routes.review.test_rounds import scored
from tests.factories import World, a_collaboration_at, a_lawful_scenario, clear, fill_protocol, freeze, open_iag, s3
from tests.states.funding.plan_samples import given

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

LEAD, SECOND = "Gliwice Werke GmbH", "Ελληνική Μασσαλία"
NAMES = ("gliwice", "marseille", "ελληνική μασσαλία", "ελληνικη μασσαλια")
# What everybody in the partnership may know: who is in it.
REGISTER = ("/partnerships/{partnership}/organisations", "/me/relations")


@pytest.fixture
def blind(installation: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = resources.files("states.playbooks").joinpath("s3.yaml").read_text(encoding="utf-8")
    assert text.count("    comment: 20\n") == 1
    (tmp_path / "s3.yaml").write_text(text.replace("    comment: 20\n", "    comment: 20\n    blind: true\n"))
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(tmp_path))
    settings.cache_clear()


def _opened(world: World) -> dict[str, str]:
    session = world.session
    world.organisations["gliwice"].name, world.organisations["marseille"].name = LEAD, SECOND
    row = a_collaboration_at(world, "investment_protocol", slug="gliwice-centre")
    edit_collaboration(session, row, title="Centre of Gliwice Werke")
    fill_protocol(world, row)
    what = {"what": "GLIWICE WERKE lends a rig to Ελληνικη Μασσαλια.", "services": "Tests"}
    write_section(session, row, "object", what, sections=s3().protocol)
    freeze(world, row)
    for name, reason in (("park", "Gliwice Werke asks for time."), ("resume", "Ready."), ("submit_to_iag", "")):
        move(session, row.id, name, actor=world.manager, reason=reason)
    return _reviewed(world, row)


def _reviewed(world: World, row: Collaboration) -> dict[str, str]:
    session = world.session
    row.summary = "Led by gliwice werke with ΕΛΛΗΝΙΚΗ ΜΑΣΣΑΛΙΑ, medtech-marseille."
    opened = open_iag(world, row)
    clear(world, row, opened, "iag_member 1")
    version = latest_versions(session, [row.id])[row.id]
    scenario = a_lawful_scenario(world, row, version, name="Money of Gliwice Werke")
    scenario.stale = ["Gliwice Werke GmbH has not signed."]
    jobs = [{"partner": "medtech-gliwice", "region": "PL22", "fte": 1, "source": "Gliwice Werke says so"}]
    horizon = {"first_year": today().year, "years": 3, "prices": "real", "price_year": 2026, "illustrative": True}
    keep_assumptions(session, row.id, given(horizon=horizon, jobs=jobs), expected_version=0)
    paper = IssuedDocument(
        partnership_id=world.partnership.id,
        collaboration_id=row.id,
        subject_id=opened.id,
        kind=DocumentKind.REVIEW_DOSSIER,
        document_class=DocumentClass.CONFIDENTIAL,
        title=row.title,
        sha256="0" * 64,
        size=1,
        context_sha256="0" * 64,
        issued_at=now(),
    )
    session.add(paper)
    session.flush()
    own = next(
        one
        for one in open_deadlines(session, world.partnership.id)
        if one.owner_person_id == world.people["iag_member 1"].id
    )
    return {
        "partnership": world.partnership.slug,
        "collaboration_id": row.id,
        "round_id": opened.id,
        "scenario_id": scenario.id,
        "document_id": paper.id,
        "deadline_id": own.id,
        "number": "1",
    }


def _paths(house: House, keys: dict[str, str]) -> list[str]:
    """Return every path that is read, as far as its parameters are known, but the register of the partnership."""
    found = [
        (route.path or "").removeprefix("/api/v1")
        for route in iter_route_contexts(house.app.routes)
        if "GET" in (route.methods or ()) and (route.path or "").startswith("/api/v1")
    ]
    known = [path for path in found if set(re.findall(r"\{(\w+)\}", path)) <= keys.keys()]
    files = ("content", "bundle")
    read = [path.format(**keys) for path in known if not path.startswith(REGISTER) and not path.endswith(files)]
    return sorted(f"{path}?q=MAN" if path == "/search" else path for path in read)


@pytest.mark.long
def test_names_come_with_the_own_evaluation(blind: None) -> None:
    house, keys = a_house(_opened)
    first, second = house.by("iag_member 1"), house.by("iag_member 2")
    key = f"/collaborations/{keys['collaboration_id']}"
    paths = _paths(house, keys)

    def shown(who: str) -> list[str]:
        answers = {path: house.by(who).get(path).text.lower() for path in paths}
        return [path for path, body in answers.items() if any(name in body for name in NAMES)]

    before = {who: shown(who) for who in ("iag_member 1", "iag_member 2")}
    cases = {
        who: house.by(who).get(f"{key}/{path}").status_code
        for who in ("iag_member 1", Role.PROJECT_MANAGER.value)
        for path in ("cost-lines", "funding-question", "funding-case", "funding-solutions")
    }
    outline, full = second.get(f"/rounds/{keys['round_id']}").json(), first.get(key).json()
    reasons = [line["reason"] for line in first.get(f"{key}/history").json()["items"]]
    version = first.get(f"{key}/protocol/versions/1").json()["content"]
    named = [first.get(path).json()["items"][0]["title"] for path in ("/pipeline", "/documents")]
    first.post(f"/rounds/{keys['round_id']}/evaluations", scored("4"))

    number = keys["collaboration_id"][:8]
    assert before == {"iag_member 1": [], "iag_member 2": []}
    assert cases == {"iag_member 1": 403, Role.PROJECT_MANAGER.value: 200}
    assert [(one["name"], one["kind"], one["region"]) for one in outline["partners"]] == [
        ("Partner A", "sme", "PL22"),
        ("Partner B", "sme", "FRL0"),
    ]
    assert (full["title"], full["slug"]) == (f"Collaboration {number}", f"collaboration-{number}")
    assert full["summary"] == "Led by Partner A with Partner B, Partner B."
    assert [(one["organisation"], one["name"], one["nuts"]) for one in full["members"]] == [
        ("Partner A", "Partner A", "PL22"),
        ("Partner B", "Partner B", "FRL0"),
    ]
    assert "Partner A asks for time." in reasons
    assert version["object"]["what"] == "Partner A lends a rig to Partner B."
    assert named == [f"Collaboration {number}"] * 2
    assert key in shown("iag_member 1")
    assert shown("iag_member 2") == []
    assert {"/collaborations", "/pipeline", "/deadlines", key} <= set(shown(Role.PROJECT_MANAGER.value))


def test_no_mail_and_no_calendar_names_a_partner(blind: None) -> None:
    house, _ = a_house(_opened)
    own = house.by("iag_member 1")

    made = own.post("/me/calendar-feeds", {"label": "phone"}).json()
    calendar = house.client.get(made["url"].partition("8400")[2]).text
    titles = [one["title"] for one in own.get("/deadlines").json()["items"]]
    tasks = [one["title"] for one in own.get("/me/tasks").json()["items"]]

    assert calendar.count("BEGIN:VEVENT") >= len(titles) > 0
    assert [text for text in (calendar, *titles, *tasks) if "liwice" in text] == []
    assert {title.partition(":")[0] for title in tasks} == {title.partition(":")[0] for title in titles}


ODD = ("MAN", "AGE", "PRO", "ION", "3D", "A", "C++ (Lab*)", "Lab")
TEXT = "MAN manages; AGE at an average age; PRO and pro; ION with ions; 3D in 33D; A of AA; C++ (Lab*) lab; Lab."
MASKED = "* manages; * at an average age; * and pro; * with ions; * in 33D; * of AA; * lab; *."


def _odd(world: World) -> dict[str, str]:
    row = a_collaboration_at(world, "iag_review")
    world.organisations["gliwice"].name, world.organisations["marseille"].name = ODD[:2]
    for number, name in enumerate(ODD[2:]):
        organisation = Organisation(
            slug=f"odd-{number}", name=name, kind=OrganisationKind.SME, country="PL", nuts="PL229"
        )
        world.session.add(organisation)
        world.session.flush()
        add_member(world.session, row, Joining(organisation, MemberPart.PARTNER))
    keys = _reviewed(world, row)
    row.summary = TEXT
    return keys


@pytest.mark.long
def test_whatever_partners_are_called_every_list_answers(blind: None) -> None:
    house, keys = a_house(_odd)
    paths = _paths(house, keys)

    statuses = {path: house.by("iag_member 1").get(path).status_code for path in paths}
    full = house.by("iag_member 1").get(f"/collaborations/{keys['collaboration_id']}").json()

    assert {path: status for path, status in statuses.items() if status not in (200, 403, 404)} == {}
    assert re.sub(r"Partner [A-H]\b", "*", full["summary"]) == MASKED
    assert sorted(one["name"] for one in full["members"]) == [f"Partner {letter}" for letter in "ABCDEFGH"]
    assert (full["stage"], full["members"][0]["kind"]) == ("iag_review", "sme")


def test_a_version_as_a_file_names_no_partner_either(blind: None) -> None:
    house, keys = a_house(_opened)
    path = f"/collaborations/{keys['collaboration_id']}/protocol/versions/1/file"

    for form in ("xlsx", "docx"):
        answer = house.by("iag_member 1").get(f"{path}?format={form}")
        with ZipFile(io.BytesIO(answer.content)) as package:
            held = " ".join(package.read(name).decode("utf-8", "replace") for name in package.namelist()).casefold()
        assert answer.headers["Content-Disposition"] == f'attachment; filename="protocol.{form}"'
        assert [name for name in NAMES if name in held] == []
        assert "lends a rig" in held
