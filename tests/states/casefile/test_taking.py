"""A case of another installation comes in whole, with its history, or not at all; taken out again it is the same."""

import json
import shutil
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine, func
from sqlalchemy import select as plain
from sqlmodel import col, select

from states.archive.store import Kept, chunks_of, store_name, verify
from states.backups.rows import tables_of
from states.casefile.manifest import CaseUnfit
from states.casefile.matching import CaseFaulty
from states.casefile.taking import CaseHere, take_in
from states.casefile.verifying import verify_case
from states.casefile.views import office, partner
from states.changes.tables import ChangeRecord
from states.clock import now
from states.collaborations.tables import Collaboration, HistoryLine
from states.errors import Invalid
from states.lifecycle.available_moves import lifecycle_view
from states.partners.tables import Organisation, OrganisationKind, Partnership, PartnershipKind, Person, Region
from states.playbooks.tables import PlaybookEdition
from states.rights.access import Role
from states.schema import update, upgrade
from states.seals import Mark
from states.seals.checking import check_seals
from states.search import is_complete
from states.settings import settings
from states.storage import begin, engine
from tests import unrecorded
from tests.releases import fixture
from tests.states.casefile.cases import LETTER, a_case, a_case_key, taken_out
from tests.states.casefile.test_verifying import forged

Place = Callable[..., Engine]


@pytest.fixture(autouse=True)
def nothing_is_recorded_anew() -> Iterator[None]:
    with unrecorded.whole_database():
        yield


@pytest.fixture
def place(
    tmp_path: Path, migrated_sqlite: Path, postgres_server: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Place]:
    """Move into an empty, migrated installation of that engine; the one before stays as it is."""
    made: list[Engine] = []

    def go(kind: str = "sqlite", *, migrated: bool = True) -> Engine:
        engine().dispose()  # of the place that is left: its database is emptied, and its connections ended
        home = tmp_path / f"home-{len(made)}"
        home.mkdir()
        url = fixture.empty_database(postgres_server, f"case_{len(made)}") if kind == "postgresql" else ""
        if kind == "sqlite" and migrated:
            shutil.copy(migrated_sqlite, home / "bankable.db")
        monkeypatch.setenv("BANKABLE_HOME", str(home))
        monkeypatch.setenv("BANKABLE_DATABASE_URL", url)
        settings.cache_clear()
        made.append(engine())
        if kind == "postgresql":
            upgrade(made[-1])
        return made[-1]

    yield go
    for one in made:
        one.dispose()
    settings.cache_clear()


@pytest.fixture
def case(installation: Path, tmp_path: Path) -> Path:
    path = tmp_path / "case.zip"
    taken_out(a_case_key(), path)
    return path


def _counts(bind: Engine) -> dict[str, int]:
    with bind.connect() as connection:
        tables = [table for table in tables_of(connection) if table.name not in ("search_entry", "seal_tip")]
        counts = {table.name: connection.scalar(plain(func.count()).select_from(table)) or 0 for table in tables}
    return {name: count for name, count in counts.items() if count}


@pytest.mark.parametrize("to", [pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.long)])
@pytest.mark.parametrize("people", [False, True])
def test_taken_in_and_out_again_it_is_the_same(
    installation: Path, tmp_path: Path, place: Place, to: str, people: bool
) -> None:
    key = a_case_key()
    first = taken_out(key, tmp_path / "first.zip", office(people=people))
    place(to)

    taken = take_in(tmp_path / "first.zip")
    second = taken_out(key, tmp_path / "second.zip", office(people=people))

    assert second.manifest.written() == first.manifest.written()
    assert (taken.partnership, taken.files, taken.differences) == ("medtech", 6, [])
    assert taken.rows == sum(map(len, first.case.rows.values()))
    assert verify_case(tmp_path / "second.zip").unknown.total() == 0
    with begin(read_only=True) as session:
        checked = check_seals(session.connection())
        assert (checked.breaches, checked.keys.total()) == ([], 0)
        assert checked.marks[Mark.TAKEN] > 20
        assert is_complete(session)
        row = session.get_one(Collaboration, key)
        assert lifecycle_view(session, row, actor=None).moves != ()
        assert LETTER in [b"".join(chunks_of(one)) for one in first.case.files]
        [note] = session.exec(select(ChangeRecord).where(ChangeRecord.field == "taken_in")).all()
        assert (note.subject_id, note.collaboration_id) == (key, None)


@pytest.mark.long
def test_the_cases_of_the_last_release_go_from_house_to_house(tmp_path: Path, place: Place) -> None:
    bind = place(migrated=False)
    fixture.restore(fixture.releases()[-1], settings().home, settings().database_url)
    (settings().home / "secret").write_text("signs links")  # and seals, at the upgrade
    update(bind)
    store_name()  # the release's own files are not in the fixture
    with begin(read_only=True) as session:
        keys = session.exec(select(Collaboration.id).order_by(col(Collaboration.id))).all()
    first = {key: taken_out(key, tmp_path / f"{key}.zip", office(people=True)) for key in keys}
    place()

    for key in keys:
        take_in(tmp_path / f"{key}.zip")

    again = {key: taken_out(key, tmp_path / f"{key}-2.zip", office(people=True)) for key in keys}
    assert {key: made.manifest.written() for key, made in again.items()} == {
        key: made.manifest.written() for key, made in first.items()
    }
    assert len(keys) == 4
    with begin(read_only=True) as session:
        assert check_seals(session.connection()).breaches == []


def test_a_dry_run_leaves_nothing(case: Path, place: Place) -> None:
    bind = place()
    before = _counts(bind)

    taken = take_in(case, dry_run=True)

    assert taken.made["organisation"] == 2
    assert (_counts(bind), verify(next(iter(verify_case(case).manifest.parts)).rpartition("/")[2])) == (
        before,
        Kept.MISSING,
    )


def test_a_case_that_is_here_is_refused(case: Path) -> None:
    with pytest.raises(CaseHere):
        take_in(case)


def test_the_history_goes_on(case: Path, place: Place) -> None:
    place()
    take_in(case)

    with begin(read_only=True) as session:
        lines = session.exec(select(HistoryLine).order_by(col(HistoryLine.number))).all()
        assert {line.occasion for line in lines} == {Mark.TAKEN}
        assert [line.number for line in lines] == [1, 2, 3, 4, 5, 6]


def test_it_goes_into_a_house_that_has_its_partners_already(case: Path, place: Place, tmp_path: Path) -> None:
    place()
    with begin() as session:
        house = Partnership(slug="life", name="Life sciences", kind=PartnershipKind.TSSP, playbook="s3")
        session.add(house)
        session.flush()
        region = Region(partnership_id=house.id, slug="paca", name="Provence", country="FR", codes=["FRL0"])
        session.add(region)
        key, mine = house.id, region.id

    taken = take_in(case, into=lambda session: session.get_one(Partnership, key))

    with begin(read_only=True) as session:
        [row] = session.exec(select(Collaboration)).all()
        assert row.partnership_id == key
        assert session.exec(select(Region.id).where(Region.slug == "paca")).all() == [mine]
        assert check_seals(session.connection()).breaches == []
    told = {(one.noun, one.name, one.field, one.here) for one in taken.differences}
    assert ("region", "paca", "name", "Provence") in told


def test_an_organisation_is_known_by_its_number(installation: Path, place: Place, tmp_path: Path) -> None:
    with begin() as session:
        world, row = a_case(session, stage="outline")
        world.organisations["gliwice"].registration_number = "123456785"
        key = row.id
    taken_out(key, tmp_path / "case.zip")
    place()
    with begin() as session:
        known = Organisation(
            slug="known",
            name="Known",
            kind=OrganisationKind.SME,
            country="PL",
            nuts="PL229",
            registration_number="123456785",
        )
        session.add(known)
        session.flush()
        mine = known.id

    taken = take_in(tmp_path / "case.zip")

    assert (taken.made["organisation"], taken.found["organisation"]) == (1, 1)
    assert ("organisation", "known", "name", "Known", "gliwice") in {
        (one.noun, one.name, one.field, one.here, one.there) for one in taken.differences
    }
    with begin(read_only=True) as session:
        again = taken_out(key, tmp_path / "again.zip")
        assert mine in {row["organisation_id"] for row in again.case.of("member")}
        assert check_seals(session.connection()).breaches == []


def test_people_are_strangers_until_they_are_named(case: Path, place: Place, tmp_path: Path) -> None:
    place()
    take_in(case)

    with begin(read_only=True) as session:
        people = session.exec(select(Person)).all()
    assert {one.label for one in people} == {"person of another installation"}
    assert all(one.email.endswith("@another-installation.invalid") for one in people)


def test_a_playbook_of_another_text_stops_it(case: Path, place: Place) -> None:
    bind = place()
    with begin() as session:
        text = "another text"
        key = json.loads(_part(case, "references/playbook_edition.json"))[0]["key"]
        session.add(PlaybookEdition(key=key, text=text, sha256="0" * 64, published_at=now()))
    before = _counts(bind)

    with pytest.raises(CaseFaulty) as told:
        take_in(case)

    assert [fault.code for fault in told.value.faults] == ["was_published_with_another_text"]
    assert _counts(bind) == before
    digests = [name.rpartition("/")[2] for name in _names(case) if name.startswith(("files/", "documents/"))]
    assert {verify(digest) for digest in digests} == {Kept.MISSING}


def test_short_names_of_others_stop_it(case: Path, place: Place) -> None:
    place()
    with begin() as session:
        house = Partnership(slug="medtech", name="Another", kind=PartnershipKind.TSSP, playbook="s3")
        other = Organisation(
            slug="medtech-gliwice", name="Another", kind=OrganisationKind.SME, country="PL", nuts="PL229"
        )
        session.add_all([house, other])
        session.flush()
        key = house.id

    with pytest.raises(Invalid) as told:
        take_in(case)
    assert [fault.code for fault in told.value.faults] == ["partnership_not_here"]
    with pytest.raises(Invalid) as told:
        take_in(case, into=lambda session: session.get_one(Partnership, key))
    assert [fault.place for fault in told.value.faults] == ["references/organisation.json"]


def test_what_a_later_release_wrote_is_told_by_name(case: Path, place: Place) -> None:
    place()

    def add(rows: dict[str, object]) -> None:
        members = rows["data/member.json"]
        assert isinstance(members, list)
        members[0]["mood"] = "good"

    with pytest.raises(Invalid) as told:
        take_in(forged(case, add))
    assert [(fault.place, fault.code) for fault in told.value.faults] == [
        ("data/member.json, row 1, mood", "part_of_later_release")
    ]


def test_a_part_of_a_case_is_not_taken_in(installation: Path, place: Place, tmp_path: Path) -> None:
    with begin() as session:
        world, row = a_case(session)
        actor = world.actor(Role.PARTNER, person="partner", organisation_id=world.organisations["gliwice"].id)
        key, view = row.id, partner(session, actor, row)
    taken_out(key, tmp_path / "part.zip", view)
    place()

    with pytest.raises(CaseUnfit):
        take_in(tmp_path / "part.zip")


def _part(path: Path, name: str) -> bytes:
    with zipfile.ZipFile(path) as archive:
        return archive.read(name)


def _names(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as archive:
        return archive.namelist()
