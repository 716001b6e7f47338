"""Case files over HTTP: who takes what out, and that only an administrator takes a case in."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from states.archive.evidence.tables import EvidenceDownload
from states.rights.access import Role
from states.settings import settings
from states.storage import begin, engine
from tests import unrecorded
from tests.api.house import MANAGER, PARTNER, House, a_house, places, problem
from tests.factories import World
from tests.replay import TAPE
from tests.states.casefile.cases import a_case_of

_TEXTS = ["data/collaboration.json", "harmonised.json", "history/change_record.json"]  # where the summary stands


def _prepared(world: World) -> dict[str, str]:
    return {"key": a_case_of(world).id}


@pytest.fixture
def furnished(installation: Path) -> tuple[House, str]:
    house, made = a_house(_prepared)
    return house, made["key"]


@pytest.fixture
def home_of_another(tmp_path: Path, migrated_sqlite: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Move into another, empty installation."""

    def go() -> None:
        engine().dispose()  # of the place that is left: its database is emptied, and its connections ended
        home = tmp_path / "another"
        home.mkdir()
        shutil.copy(migrated_sqlite, home / "bankable.db")
        monkeypatch.setenv("BANKABLE_HOME", str(home))
        monkeypatch.setenv("BANKABLE_DATABASE_URL", "")
        settings.cache_clear()
        TAPE.rewind()

    return go


@pytest.fixture
def nothing_is_recorded_anew() -> Iterator[None]:
    with unrecorded.whole_database():
        yield


def _manifest(content: bytes) -> dict[str, object]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        found: dict[str, object] = json.loads(archive.read("manifest.json"))
    return found


def test_the_office_takes_the_whole_case_out(furnished: tuple[House, str]) -> None:
    house, key = furnished
    first = house.manager.get(f"/collaborations/{key}/case-file")
    second = house.manager.get(f"/collaborations/{key}/case-file?people=true")

    assert (first.status_code, first.headers["Content-Type"]) == (200, "application/zip")
    assert len(first.content) == int(first.headers["Content-Length"])
    assert (_manifest(first.content)["people"], _manifest(second.content)["people"]) == (False, True)
    with begin(read_only=True) as session:
        assert {row.role for row in session.exec(select(EvidenceDownload))} == {Role.PROJECT_MANAGER}


def test_a_partner_takes_its_part_out_and_no_names(furnished: tuple[House, str]) -> None:
    house, key = furnished
    part = house.by(PARTNER).get(f"/collaborations/{key}/case-file")

    assert _manifest(part.content)["audience"] == "partner"
    assert problem(house.by(PARTNER).get(f"/collaborations/{key}/case-file?people=true"))[0] == 403


def test_what_has_not_changed_is_not_sent_again(furnished: tuple[House, str]) -> None:
    house, key = furnished
    first = house.manager.get(f"/collaborations/{key}/case-file")
    again = house.manager.get(f"/collaborations/{key}/case-file", if_none_match=first.headers["ETag"])

    assert (again.status_code, again.content) == (304, b"")


def _send(house: House, label: str, content: bytes, query: str = "") -> httpx.Response:
    caller = house.by(label)
    url = f"/api/v1/partnerships/medtech/case-files{query}"
    answer: httpx.Response = house.client.post(url, content=content, headers=caller.headers)
    return answer


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_an_administrator_takes_a_case_in(
    furnished: tuple[House, str], home_of_another: Callable[[], None], nothing_is_recorded_anew: None
) -> None:
    house, key = furnished
    first = house.manager.get(f"/collaborations/{key}/case-file")
    content, tagged = first.content, first.headers["ETag"]
    assert problem(_send(house, "administrator", content)) == (409, "case_file_refused")
    home_of_another()
    house, _ = a_house()

    tried = _send(house, "administrator", content, "?dry_run=true")
    assert (tried.status_code, tried.json()["rows"] > 100, tried.json()["found"]["organisation"]) == (200, True, 2)
    assert problem(house.manager.get(f"/collaborations/{key}"))[0] == 404
    assert problem(_send(house, MANAGER, content))[0] == 403
    assert problem(_send(house, "administrator", content[:-9])) == (422, "case_file_unfit")
    changed = _send(house, "administrator", content.replace(b"A shared centre.", b"A shared center."))
    assert (problem(changed)[1], places(changed)) == ("case_file_damaged", _TEXTS)
    assert _send(house, "administrator", content).status_code == 200
    assert house.manager.get(f"/collaborations/{key}").json()["stage"] == "bankable"
    assert house.manager.get(f"/collaborations/{key}/case-file").headers["ETag"] == tagged
