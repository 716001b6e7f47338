"""Long lists: in the order asked for, cut by the database, and whole whatever is written between two pages."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlmodel import select

from states.archive.tables import IssuedDocument
from states.collaborations.tables import Collaboration
from states.deadlines.tables import Deadline
from states.matchmaking.profiles.tables import Interest, Profile
from states.matchmaking.tables import Contact
from states.partners.tables import Membership, Organisation
from states.storage import begin, new_id, table_of
from tests.api.house import SECRETARY, Caller, House, a_house, application, places, problem
from tests.api.many_rows import fill
from tests.copies import copy_row
from tests.factories import World, a_collaboration, a_world
from tests.plans import plans
from tests.unrecorded import unchanged

ROWS = 6
SQLITE = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
ORGANISATIONS = "/partnerships/medtech/organisations"
# The lists that are as long as an installation is large, and the rows that they are of.
LISTS: dict[str, Any] = {
    "/collaborations": Collaboration,
    "/pipeline": Collaboration,
    ORGANISATIONS: Organisation,
    "/documents": IssuedDocument,
    "/deadlines": Deadline,
    "/contacts": Contact,
    "/profiles": Profile,
    "/interests": Interest,
}


def _prepare(world: World) -> str:
    """Fill every list, and let another partnership be there."""
    fill(world, ROWS)
    elsewhere = a_world(world.session, slug="elsewhere")
    return elsewhere.partnership.id


@pytest.fixture
def house(installation: object) -> tuple[House, str]:
    return a_house(_prepare)


def _sorts(path: str) -> list[str]:
    """Return by what a list is sorted, as its description in OpenAPI says."""
    route = application().openapi()["paths"][f"/api/v1{path.replace('medtech', '{partnership}')}"]["get"]
    [sort] = [one for one in route["parameters"] if one["name"] == "sort"]
    return list(sort["schema"]["enum"])


def _keys(page: dict[str, Any]) -> list[str]:
    return [one.get("id") or one["collaboration_id"] for one in page["items"]]


def _read(caller: Caller, address: str) -> dict[str, Any]:
    answer = caller.get(address.removeprefix("/api/v1"))
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def _walk(caller: Caller, address: str | None) -> Iterator[str]:
    while address is not None:
        page = _read(caller, address)
        yield from _keys(page)
        address = page["next"]


@pytest.mark.long
def test_every_sort_is_an_order_that_pages_keep(house: tuple[House, str]) -> None:
    manager = house[0].manager
    for path in LISTS:
        sorts = _sorts(path)
        assert [one for one in sorts if not one.startswith("-")] == [one[1:] for one in sorts if one.startswith("-")]
        for sort in sorts:
            whole = _read(manager, f"{path}?sort={sort}&limit=200")
            assert whole["total"] == len(whole["items"]) >= ROWS
            assert list(_walk(manager, f"{path}?sort={sort}&limit=4")) == _keys(whole), (path, sort)
            other = sort.removeprefix("-") if sort.startswith("-") else f"-{sort}"
            assert _keys(_read(manager, f"{path}?sort={other}&limit=200")) == _keys(whole)[::-1], (path, sort)


def test_what_sorts_a_list_is_what_it_says(house: tuple[House, str]) -> None:
    manager = house[0].manager
    said: dict[tuple[str, str], Callable[[dict[str, Any]], str]] = {
        ("/collaborations", "title"): lambda one: one["title"].lower(),
        ("/collaborations", "opened"): lambda one: one["opened_at"],
        ("/collaborations", "stage_since"): lambda one: one["stage_since"],
        (ORGANISATIONS, "name"): lambda one: one["name"].lower(),
        ("/documents", "issued"): lambda one: one["issued_at"],
        ("/deadlines", "due"): lambda one: one["due_on"],
        ("/deadlines", "opened"): lambda one: one["opened_at"],
        ("/contacts", "recorded"): lambda one: one["recorded_at"],
        ("/profiles", "reference"): lambda one: one["reference"].lower(),
        ("/interests", "sent"): lambda one: one["sent_at"],
    }
    with unchanged("collaboration.title", "organisation.name"), begin() as session:
        for number, row in enumerate(session.exec(select(Collaboration).order_by(Collaboration.slug)).all()):
            row.title = f"{'bAc'[number % 3]} {'AbC'[number % 2]}{number}"
        for number, organisation in enumerate(session.exec(select(Organisation).order_by(Organisation.slug)).all()):
            organisation.name = f"{'bAc'[number % 3]} {'AbC'[number % 2]}{number}"
    for (path, sort), key in said.items():
        up = [key(one) for one in _read(manager, f"{path}?sort={sort}&limit=200")["items"]]
        down = [key(one) for one in _read(manager, f"{path}?sort=-{sort}&limit=200")["items"]]
        assert (up, down) == (sorted(up), sorted(up, reverse=True)), (path, sort)


@pytest.mark.long
def test_what_is_written_between_two_pages_repeats_and_skips_nothing(house: tuple[House, str]) -> None:
    manager, elsewhere = house[0].manager, house[1]
    for path, kind in LISTS.items():
        for sort in _sorts(path):
            first = _read(manager, f"{path}?sort={sort}&limit=3")
            before = list(_walk(manager, f"{path}?sort={sort}&limit=200"))
            gone = {before[1], before[2], before[4]}  # shown, the very last of the page, and one that is to come
            _write(kind, like=(before[0], before[3], before[3]), gone=gone, elsewhere=elsewhere)
            later = list(_walk(manager, first["next"]))
            seen = [*before[:3], *later]
            assert len(seen) == len(set(seen)), (path, sort)
            assert set(before) - set(seen) == gone - set(before[:3]), (path, sort)
            assert [key for key in later if key in before] == [key for key in before[3:] if key not in gone]


def _write(kind: Any, *, like: tuple[str, ...], gone: set[str], elsewhere: str) -> None:
    """Add rows that sort as those of a page shown and of one to come do; take others out of the partnership."""
    table = table_of(Membership if kind is Organisation else kind)
    key = table.c.organisation_id if kind is Organisation else table.c.id
    by_hand = [
        f"{one}{what}" for one in (table.name, table_of(kind).name) for what in (": a new row", ".partnership_id")
    ]
    with unchanged(*by_hand), begin() as session:
        for name in like:
            made = copy_row(session, session.get_one(kind, name), 1, alone=True, **_unique(kind))
            if kind is Organisation:
                home = session.exec(select(Membership).where(Membership.organisation_id == name)).one()
                session.add(Membership(partnership_id=home.partnership_id, organisation_id=made[0]))
        session.execute(table.update().where(key.in_(gone)).values(partnership_id=elsewhere))


def _unique(kind: Any) -> dict[str, list[str]]:
    """Return what no two rows of a kind have alike."""
    names = {IssuedDocument: "subject_id", Profile: "reference", Collaboration: "slug", Organisation: "slug"}
    return {names[kind]: [new_id()]} if kind in names else {}


@SQLITE
def test_a_place_in_one_order_is_none_in_another(house: tuple[House, str]) -> None:
    manager = house[0].manager
    after = parse_qs(urlsplit(_read(manager, "/collaborations?sort=title&limit=2")["next"]).query)["after"][0]

    assert manager.get(f"/collaborations?sort=title&limit=2&after={after}").status_code == 200
    for other in ("sort=-title", "sort=opened", "stage=outline&sort=title"):
        answer = manager.get(f"/collaborations?{other}&after={after}")
        assert (problem(answer), places(answer)) == ((422, "cursor_invalid"), ["after"])


@SQLITE
@pytest.mark.parametrize(
    ("address", "place", "known"),
    [
        ("/collaborations?stage=outlin", "query.stage", "one of matchmaking, outline, "),
        ("/pipeline?stage=outlin", "query.stage", "one of matchmaking, outline, "),
        ("/deadlines?collaboration=nothing", "query.collaboration", "take an id from the list of collaborations"),
        ("/documents?collaboration=nothing", "query.collaboration", "take an id from the list of collaborations"),
        ("/operations/outbox-messages?collaboration=0", "query.collaboration", "take an id from the list"),
        ("/reminders/preview?person=nobody@example.org", "query.person", "an e-mail address of somebody"),
        ("/profiles?organisation=nobody", "query.organisation", "one of medtech-"),
    ],
)
def test_a_filter_that_names_what_is_not_there_says_what_is(
    house: tuple[House, str], address: str, place: str, known: str
) -> None:
    answer = house[0].manager.get(address)

    assert (problem(answer), places(answer)) == ((422, "unknown_name"), [place])
    assert known in answer.json()["faults"][0]["remedy"]


@SQLITE
@pytest.mark.parametrize("address", ["/documents?kind=x", "/contacts?status=x", "/collaborations?sort=x"])
def test_a_value_of_none_of_the_kinds_is_refused_with_all_of_them(house: tuple[House, str], address: str) -> None:
    answer = house[0].manager.get(address)

    name = urlsplit(address).query.removesuffix("=x")
    route = application().openapi()["paths"][f"/api/v1{urlsplit(address).path}"]["get"]
    [parameter] = [one for one in route["parameters"] if one["name"] == name]
    schema = next((one for one in parameter["schema"].get("anyOf", []) if "$ref" in one), parameter["schema"])
    kinds = schema.get("enum") or application().openapi()["components"]["schemas"][schema["$ref"][21:]]["enum"]
    assert (problem(answer), places(answer)) == ((422, "request_invalid"), [f"query.{name}"])
    assert all(kind in str(answer.json()["faults"]) for kind in kinds)


@SQLITE
def test_a_collaboration_of_another_partnership_is_none(installation: object) -> None:
    house, key = a_house(lambda world: a_collaboration(a_world(world.session, slug="elsewhere")).id)
    for path in ("/deadlines", "/documents"):
        there, nowhere = (house.manager.get(f"{path}?collaboration={one}").json()["detail"] for one in (key, "0"))
        assert there.replace(key, "0") == nowhere


@SQLITE
def test_a_reviewer_sorts_by_no_text_that_may_hide_a_name(house: tuple[House, str]) -> None:
    reviewer = house[0].by("iag_member 1")
    for path in ("/collaborations", "/pipeline"):
        answer = reviewer.get(f"{path}?sort=-title")
        assert (problem(answer), places(answer)) == ((422, "unknown_name"), ["query.sort"])
    assert house[0].by(SECRETARY).get("/collaborations?sort=-title").status_code == 200


@SQLITE
def test_by_its_stage_a_reviewer_sorts_only_what_is_open(house: tuple[House, str]) -> None:
    reviewer = house[0].by("iag_member 3")
    by_stage = _read(reviewer, "/collaborations?sort=stage_since&limit=200")
    everything = _read(reviewer, "/collaborations?limit=200")

    assert 0 < by_stage["total"] < everything["total"]
    assert all("stage" in one for one in by_stage["items"])
    assert any("stage" not in one for one in everything["items"])


@SQLITE
def test_a_page_is_read_in_the_order_of_an_index(house: tuple[House, str]) -> None:
    unsorted: dict[tuple[str, str], list[str]] = {}
    for path, kind in LISTS.items():
        if kind is Organisation:
            continue  # joined to their membership: without statistics SQLite begins there, and sorts
        for sort in _sorts(path):
            with plans(having="LIMIT ?") as found:
                _read(house[0].manager, f"{path}?sort={sort}&limit=2")
            table = table_of(kind).name
            [plan] = [plan for statement, plan in found if f"FROM {table}" in statement]
            assert any(f"{table} USING" in line for line in plan), (path, sort, plan)
            if any(("SCAN" in line and "USING INDEX" not in line) or "TEMP B-TREE" in line for line in plan):
                unsorted[path, sort] = plan
    assert unsorted == {}


@SQLITE
def test_no_role_reads_all_collaborations_for_a_page(house: tuple[House, str]) -> None:
    for who in ("iag_chair", "iag_member 1", "upper-silesia", "partner", "observer"):
        for path in ("/collaborations", "/pipeline", "/documents", "/deadlines", "/me/tasks"):
            with plans(having="LIMIT ?") as found:
                _read(house[0].by(who), f"{path}?limit=2")
            lines = [line for _, plan in found for line in plan]
            scans = [line for line in lines if line.startswith("SCAN") and "USING" not in line]
            assert [line for line in scans if "VIRTUAL TABLE" not in line] == [], (
                who,
                path,
            )  # keys that were handed in
