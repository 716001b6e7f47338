"""A workbook over HTTP: in by managers only, all or nothing, tried without effect, out without anybody's address."""

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from sqlmodel import Session, select

from api.http.limits import MOST_BYTES, MOST_BYTES_OF_A_FILE
from api.routes.partnerships import imports
from api.routes.partnerships.imports import XLSX
from states.clock import at
from states.outbox.service import publish
from states.partners.tables import Partnership
from states.storage import begin
from states.workbook.files import Grid, read_file
from states.workbook.importing import Workbook, read_workbook
from tests.api.house import Caller, House, a_house, places, problem
from tests.states.workbook.sheets_in import FULL, Rows, a_workbook, dump

IMPORTS = "/api/v1/partnerships/medtech/imports"
ONE = {"organisations": [["slug", "name", "kind", "nuts"], ["bone", "Bone Works", "sme", "PL22"]]}
pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def house(installation: Path) -> House:
    return a_house()[0]


def _send(house: House, caller: Caller, data: bytes, query: str = "", key: str = "") -> httpx.Response:
    headers = {**caller.headers, "Content-Type": XLSX} | ({"Idempotency-Key": key} if key else {})
    answer: httpx.Response = house.client.post(IMPORTS + query, content=data, headers=headers)
    return answer


def _everything() -> object:
    with begin(read_only=True) as session:
        return {table: rows for table, rows in dump(session).items() if table != "kept_answer"}


def test_a_file_is_tried_then_brought_in_then_changes_nothing(house: House) -> None:
    before, data = _everything(), a_workbook(ONE)  # the file names the second in which it is made
    tried = _send(house, house.manager, data, "?dry_run=true")
    untouched = _everything() == before
    done = _send(house, house.manager, data, key="once")
    after = _everything()
    repeated = _send(house, house.manager, data, key="once")
    again = _send(house, house.manager, data)

    sheet = {"sheet": "organisations", "added": 1, "changed": 0, "unchanged": 0, "examples": 0, "mails": 0, "told": []}
    assert tried.json() == {"dry_run": True, "sheets": [sheet]}
    assert (untouched, done.json()) == (True, {"dry_run": False, "sheets": [sheet]})
    assert repeated.json() == done.json()
    assert again.json()["sheets"] == [sheet | {"added": 0, "unchanged": 1}]
    assert _everything() == after != before


@pytest.mark.parametrize("query", ["", "?dry_run=true"])
@pytest.mark.parametrize("rows", [2_000, 0], ids=["large", "faulty"])
def test_others_write_while_a_file_is_read(
    house: House, monkeypatch: pytest.MonkeyPatch, rows: int, query: str
) -> None:
    wrote: list[str] = []

    def write() -> None:
        with begin() as session:  # SQLite has one writer at a time: it would wait for the import's transaction
            wrote.append(publish(session, "thing.happened", partnership_id=_partnership(session)).id)

    def read(data: bytes, *, name: str, encoding: str) -> Sequence[Grid]:
        write()
        found = read_file(data, name=name, encoding=encoding)
        write()
        return found

    def cells(grids: Sequence[Grid]) -> Workbook:
        write()
        book = read_workbook(grids)
        write()
        return book

    monkeypatch.setattr(imports, "read_file", read)
    monkeypatch.setattr(imports, "read_workbook", cells)
    firms = [[f"firm-{number}", f"Firm {number}", "sme", "PL22"] for number in range(rows)]
    data = a_workbook({"organisations": [["slug", "name", "kind", "nuts"], *firms]} if rows else {"crowd": [["a"]]})

    answer = _send(house, house.manager, data, query)

    assert (answer.status_code, len(wrote)) == ((200, 4) if rows else (422, 3))


def _partnership(session: Session) -> str:
    return session.exec(select(Partnership.id).where(Partnership.slug == "medtech")).one()


def test_whoever_may_not_bring_in_has_no_file_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imports, "read_file", None)  # it would fail

    answers = [_send(house, house.by("partner"), b"", query) for query in ("", "?dry_run=true")]

    assert [problem(answer) for answer in answers] == [(403, "denied")] * 2


def test_a_fault_names_its_cell_and_nothing_is_kept(house: House) -> None:
    before = _everything()
    rows: Rows = [*ONE["organisations"], ["Bad Slug", "", "sme", "PL22"]]

    answer = _send(house, house.manager, a_workbook({"organisations": rows}))

    assert problem(answer) == (422, "import_invalid")
    assert places(answer) == ["organisations, row 3, name (B3)", "organisations, row 3, slug (A3)"]
    assert _everything() == before


def test_a_table_goes_by_the_name_of_its_file(house: House) -> None:
    data = "slug;name;kind;nuts\nbone;Bone Works;sme;PL22\n".encode("utf-8-sig")

    answer = _send(house, house.manager, data, "?name=organisations.csv")

    assert answer.json()["sheets"][0]["added"] == 1


def test_no_role_of_a_judge_is_given_over_http(house: House) -> None:
    rows: Rows = [["email", "label", "role"], ["me@medtech.example", "me", "iag_chair"]]

    answer = _send(house, house.manager, a_workbook({"people": rows}))

    assert (problem(answer), places(answer)) == ((422, "import_invalid"), ["people, row 2, role (C2)"])


def test_only_managers_bring_in_and_take_out(house: House) -> None:
    sent = _send(house, house.by("partner"), a_workbook(ONE))
    asked = house.by("partner").get("/partnerships/medtech/export.xlsx")

    assert (problem(sent), problem(asked)) == ((403, "denied"), (403, "denied"))


def test_what_goes_out_comes_in_unchanged_and_holds_no_address(house: House) -> None:
    # The house has regions and a working area of its own, and gives no role of a regional authority over HTTP.
    fitting = {name: rows for name, rows in FULL.items() if name not in ("regions", "working_areas")}
    fitting |= {"people": FULL["people"][:2]}
    with at(datetime(2026, 4, 2, tzinfo=UTC)):
        came = _send(house, house.manager, a_workbook(fitting))
        out = house.manager.get("/partnerships/medtech/export.xlsx?language=fr")
        before = _everything()
        back = _send(house, house.manager, out.content)

    assert {one["sheet"]: one["added"] for one in came.json()["sheets"]} == {
        name: len(rows) - 1 for name, rows in fitting.items()
    } | {"members": 0}  # the sheet of collaborations has named them
    assert (out.status_code, out.headers["Content-Type"]) == (200, XLSX)
    assert {one["sheet"] for one in back.json()["sheets"]} == FULL.keys() - {"people"} | {"sources"}
    assert sum(one["added"] + one["changed"] for one in back.json()["sheets"]) == 0
    assert _everything() == before
    filled = {grid.name: str(grid.cells) for grid in read_file(out.content, name="x") if grid.name != "guide"}
    assert [name for name, text in filled.items() if "@" in text] == []


def test_a_file_may_be_larger_than_another_body_but_not_endless(house: House) -> None:
    larger = _send(house, house.manager, b"x" * (MOST_BYTES + 1))
    endless = _send(house, house.manager, b"x" * (MOST_BYTES_OF_A_FILE + 1))

    assert (problem(larger), problem(endless)) == ((422, "file_invalid"), (413, "body_too_large"))
