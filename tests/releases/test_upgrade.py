"""Whoever runs a release can go on with the code of today: nothing is lost, all of it can be read and worked on."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from fastapi.testclient import TestClient
from sqlalchemy import Engine, inspect
from sqlmodel import SQLModel, select
from typer.testing import CliRunner, Result

from api.cli import app
from states.archive.store import read_bytes, store_name
from states.archive.tables import IssuedDocument
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkEnded, LinkPurpose, open_link, texts_of
from states.crossings.search import matching
from states.errors import Missing
from states.mail.sending import unsign_links
from states.mail.tables import Mail
from states.partners.queries import partnership_by_slug
from states.rights.access import Actor, Role
from states.schema import METADATA, downgrade, is_declared, pending, upgrade
from states.seals.checking import check_seals
from states.seals.seal import Mark
from states.search import SearchKind
from states.search.words import read_words
from states.settings import settings
from states.storage import begin, engine, make_engine
from tests.api.house import application
from tests.releases.fixture import (
    DATABASE,
    ENGINES,
    SECRET,
    STORE,
    empty_database,
    kept_revisions,
    releases,
    restore,
    revisions,
)
from tests.sealed import breaches
from tests.search_index import entries_in, unlike_rebuilt

# Where revisions have put what a release holds, by the names of the release: "table" -> its new name,
# "table.column" -> the column's new name, or "" where the revision says anew what the column said.
MOVED: dict[str, str] = {
    "alembic_version.version_num": "",
    # 0002
    "outbox_event": "outbox_message",
    "outbox_event.begun": "tries_started",
    "outbox_event.attempts": "tries_failed",
    "consumed_event": "consumed_message",
    "consumed_event.event_id": "message_id",
    "mail.attempts": "tries_failed",
    "deadline.edition": "date_revision",
    "deadline.edition_at": "date_revised_at",
    "deadline.handovers": "owner_revision",
    "deadline.look_at": "next_check_at",
    "reminder.edition": "date_revision",
    "reminder.handover": "owner_revision",
    # seals are made anew with the installation's secret
    "history_line.seal": "",
    # 0003: what came of a computation is in `answer`, what was asked in `task`
    "timetable_run": "computation",
    "timetable_run.event_id": "subject_id",
    **{
        f"timetable_run.{name}": ""
        for name in (
            *("keep", "demand", "took", "breaks", "bound", "unfair", "proven", "moved", "placements", "unplaced"),
            *("explanation", "published_at"),
        )
    },
    "timetable_line": "computation_line",
    "timetable_line.run_id": "computation_id",
    **{f"timetable_line.{name}": "" for name in ("id", "breaks", "unplaced", "bound")},
    "funding_run": "computation",
    **{f"funding_run.{name}": "" for name in ("change", "case", "answer", "differences", "state")},
    "funding_line": "computation_line",
    "funding_line.run_id": "computation_id",
    **{f"funding_line.{name}": "" for name in ("id", "mix", "number", "total", "work", "objective", "gap")},
}

_SIGN_OFF = re.compile(r"/links/sign-off/([\w.-]+)")

each_release = pytest.mark.parametrize("release", releases(), ids=lambda release: release.name)
EACH = [pytest.param((release, name), id=f"{release.name}-{name}") for release in releases() for name in ENGINES]
each_laid = pytest.mark.parametrize("laid", EACH, indirect=True)
each_upgraded = pytest.mark.parametrize("upgraded_once", EACH, indirect=True)


@dataclass(frozen=True)
class Content:
    """What a table holds: its columns' names, and its rows."""

    columns: list[str]
    rows: list[tuple[object, ...]]

    def counted(self, columns: list[str]) -> Counter[str]:
        """Return how often each row is there, by these columns alone."""
        places = [self.columns.index(name) for name in columns]
        return Counter(repr([_as_number(row[place]) for place in places]) for row in self.rows)


def _as_number(value: object) -> object:
    """Return a whole number as such, however finely its column can tell."""
    return int(value) if isinstance(value, Decimal) and value == value.to_integral() else value


@dataclass(frozen=True)
class Laid:
    """A release that was laid down: where, and what its tables held before any upgrade."""

    release: Path
    home: Path
    url: str
    tables: dict[str, Content]

    @contextmanager
    def lived_in(self) -> Iterator["Laid"]:
        """Make it this process's installation."""
        with pytest.MonkeyPatch.context() as environment:
            environment.setenv("BANKABLE_HOME", str(self.home))
            environment.setenv("BANKABLE_DATABASE_URL", self.url)
            environment.setenv("BANKABLE_SECRET", SECRET)
            settings.cache_clear()
            yield self
            engine().dispose()
        settings.cache_clear()


def _lay_down(request: pytest.FixtureRequest, home: Path, name: str) -> Laid:
    release, kind = request.param
    url = empty_database(request.getfixturevalue("postgres_server"), name) if kind == "postgresql" else ""
    restore(release, home, url)
    bind = make_engine(url or f"sqlite:///{home / DATABASE}")
    tables = _contents(bind)
    bind.dispose()
    return Laid(release, home, url, tables)


@pytest.fixture
def laid(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Laid]:
    """An installation that holds a release on one engine, not upgraded."""
    with _lay_down(request, tmp_path, "released").lived_in() as installation:
        yield installation


@pytest.fixture(scope="module")
def upgraded_once(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Laid:
    """The same, upgraded; for all tests that change nothing in it."""
    with _lay_down(request, tmp_path_factory.mktemp("release"), "upgraded").lived_in() as installation:
        upgrade(engine())
    return installation


@pytest.fixture
def upgraded(upgraded_once: Laid) -> Iterator[Laid]:
    with upgraded_once.lived_in():
        yield upgraded_once


def _contents(bind: Engine) -> dict[str, Content]:
    found = {}
    with bind.connect() as connection:
        for name in inspect(connection).get_table_names():
            answer = connection.exec_driver_sql(f'SELECT * FROM "{name}"')
            found[name] = Content(list(answer.keys()), [tuple(row) for row in answer])
    return found


def _shape(bind: Engine) -> dict[str, object]:
    """Return what a database says of itself: columns, keys, constraints and indexes of each table."""
    look = inspect(bind)
    asked: dict[str, Callable[[], Any]] = {
        "columns": look.get_multi_columns,
        "primary key": look.get_multi_pk_constraint,
        "foreign keys": look.get_multi_foreign_keys,
        "unique": look.get_multi_unique_constraints,
        "indexes": look.get_multi_indexes,
        "checks": look.get_multi_check_constraints,
    }
    return {
        f"{what} of {table}": sorted(json.dumps(one, default=str, sort_keys=True) for one in _listed(found))
        for what, ask in asked.items()
        for (_, table), found in ask().items()
    }


def _listed(found: Any) -> list[Any]:
    return [found] if isinstance(found, dict) else found  # a table has one primary key, and lists of the rest


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@each_release
def test_a_released_revision_never_changes(release: Path) -> None:
    kept = kept_revisions(release)

    assert {name: revisions().get(name) for name in kept} == kept


@each_upgraded
def test_an_upgrade_makes_exactly_the_declared_tables(upgraded: Laid) -> None:
    with engine().connect() as connection:
        compared = MigrationContext.configure(connection, opts={"include_object": is_declared})
        difference = compare_metadata(compared, METADATA)

    assert (difference, pending(engine())) == ([], [])


@each_upgraded
def test_an_upgraded_database_has_the_shape_of_a_new_one(
    upgraded: Laid, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    postgres = engine().dialect.name == "postgresql"
    server = request.getfixturevalue("postgres_server") if postgres else ""
    new = make_engine(empty_database(server, "new") if postgres else f"sqlite:///{tmp_path / 'new.db'}")
    upgrade(new)
    shapes = _shape(engine()), _shape(new)
    new.dispose()

    assert shapes[0] == shapes[1]


@each_upgraded
def test_an_upgrade_keeps_every_row(upgraded: Laid) -> None:
    after = _contents(engine())
    lost: dict[str, object] = {}
    for table, before in upgraded.tables.items():
        now = after[MOVED.get(table, table)]
        kept = {name: MOVED.get(f"{table}.{name}", name) for name in before.columns}
        old, new = [name for name, to in kept.items() if to], [to for to in kept.values() if to]
        if gone := set(new) - set(now.columns):
            lost[table] = gone
        elif missing := before.counted(old) - now.counted(new):
            lost[table] = missing

    assert lost == {}


@each_upgraded
def test_an_upgrade_adds_no_row(upgraded: Laid) -> None:
    before: Counter[str] = Counter()
    for table, content in upgraded.tables.items():
        before[MOVED.get(table, table)] += len(content.rows)
    after = {table: len(content.rows) for table, content in _contents(engine()).items() if table in before}

    assert after == dict(before)
    assert before["collaboration"] > 0


@each_upgraded
def test_every_row_of_an_upgraded_database_can_be_read(upgraded: Laid) -> None:
    models = [mapper.class_ for mapper in SQLModel._sa_registry.mappers]
    with begin(read_only=True) as session:
        read = {model.__tablename__: len(session.exec(select(model)).all()) for model in models}
    held = {table: len(content.rows) for table, content in _contents(engine()).items() if table in METADATA.tables}

    assert read == held


@each_upgraded
def test_documents_of_the_release_fit_their_digest(upgraded: Laid) -> None:
    stored = {file.name: file.stat().st_size for file in (upgraded.release / STORE).rglob("*") if file.is_file()}
    found: dict[str, int] = {}
    with begin(read_only=True) as session:
        for document in session.exec(select(IssuedDocument)):
            if document.sha256 in stored:
                found[document.sha256] = len(read_bytes(document.sha256))
                assert found[document.sha256] == document.size
            else:
                with pytest.raises(Missing):
                    read_bytes(document.sha256)

    assert found.items() <= stored.items()  # the rest is of the other engine, whose papers have codes of their own
    assert found != {}


@each_upgraded
def test_what_a_release_did_not_seal_is_sealed_at_the_upgrade_and_says_so(upgraded: Laid) -> None:
    sealed_before = "seal_tip" in upgraded.tables
    with begin(read_only=True) as session:
        assert breaches(session) == []
        assert check_seals(session.connection()).marks.keys() == {Mark.MADE if sealed_before else Mark.UPGRADE}


@each_upgraded
def test_links_in_mails_of_the_release_hold(upgraded: Laid) -> None:
    sent = {text for row in upgraded.tables["mail"].rows for text in _SIGN_OFF.findall(repr(row))}
    opened = set()
    with begin(read_only=True) as session:
        for mail in session.exec(select(Mail)):
            for text in _SIGN_OFF.findall(repr(mail.values)):
                with suppress(LinkEnded):  # as the calendar has it by now; a link that is not known is `LinkForged`
                    # A release after 0.1.0 keeps a link's id alone, and signs it as the mail goes out.
                    signed = text if "." in text else texts_of(session, [text])[text]
                    open_link(session, signed, purpose=LinkPurpose.SIGN_OFF)
                opened.add(text)

    assert opened == sent != set()


@each_laid
def test_an_upgrade_can_be_taken_back_and_made_again(laid: Laid) -> None:
    ((released,),) = laid.tables["alembic_version"].rows
    upgrade(engine())
    after = _contents(engine())

    downgrade(engine(), to=str(released))
    assert _whole(_contents(engine())) == _whole(laid.tables)

    upgrade(engine())
    assert _whole(_contents(engine())) == _whole(after)


@each_laid
def test_whoever_upgrades_is_told_what_was_made(laid: Laid) -> None:
    made, again = run("migrate"), run("migrate")

    later = [name.partition("_")[0] for name in revisions() if name not in kept_revisions(laid.release)]
    *lines, last = [line for line in made.stdout.splitlines() if line.startswith(("made ", "The "))]
    assert [line.partition(":")[0] for line in lines] == [f"made {revision}" for revision in later]
    assert (made.exit_code, f"{last}\n") == (0, again.stdout) == (0, "The database is at the newest schema.\n")


@each_laid
def test_links_of_the_release_lie_unsigned_once_it_is_migrated_and_go_out_signed(laid: Laid) -> None:
    run("migrate")
    with begin() as session:
        kept = {text for mail in session.exec(select(Mail)) for text in _SIGN_OFF.findall(repr(mail.values))}
        signed = texts_of(session, kept)
        again = unsign_links(session)

    sent = {text for row in laid.tables["mail"].rows for text in _SIGN_OFF.findall(repr(row))}
    assert (set(signed), again) == (kept, 0)
    # A release after 0.1.0 keeps them unsigned itself.
    assert {one if "." in one else signed[one] for one in sent} == set(signed.values())


@each_laid
def test_whatever_a_release_holds_can_be_found(laid: Laid) -> None:
    run("migrate")

    with begin() as session:
        kinds = Counter(kind for kind, *_ in entries_in(session))
        held = {
            "collaboration": len(laid.tables["collaboration"].rows),
            "organisation": len(laid.tables["membership"].rows),
            "document": len(laid.tables["issued_document"].rows),
        }
        if "evidence" in laid.tables:  # 0.1.0 had none
            held["evidence"] = len(laid.tables["evidence"].rows)
        assert (kinds, unlike_rebuilt(session)) == (held, [])
        partnership = partnership_by_slug(session, "medtech")
        reader = Actor(Role.ADMINISTRATOR, partnership.id)
        found = matching(session, SearchKind.COLLABORATION, read_words("healthcare 4.0"), reader)
        slugs = session.exec(select(Collaboration.slug).where(found)).all()
        assert slugs == ["healthcare-40"]


@each_upgraded
def test_the_seeds_know_what_a_release_loaded(upgraded: Laid) -> None:
    before = _contents(engine())

    assert run("seed").stdout == "medtech: 0 collaborations are new.\n"
    assert _whole(_contents(engine())) == _whole(before)


@each_laid
def test_documents_of_the_release_are_served(laid: Laid) -> None:
    upgrade(engine())
    store_name()  # the store is there; the files that a release leaves out are lost, not away
    client = _as_manager()
    listed = client.get("/api/v1/documents?limit=200").json()
    assert (listed["next"], listed["total"]) == (None, len(laid.tables["issued_document"].rows))
    stored = {file.name for file in (laid.release / STORE).rglob("*") if file.is_file()}

    served = set()
    for one in listed["items"]:
        answer = client.get(f"/api/v1/documents/{one['id']}/content?unsealed=true")
        assert answer.status_code == (200 if one["sha256"] in stored else 404)
        if answer.status_code == 200:
            served.add(sha256(answer.content).hexdigest())

    # A paper has a code of its own: a release after 0.1.0 keeps other files for each engine.
    assert served == stored & {one["sha256"] for one in listed["items"]} != set()


@each_laid
def test_people_work_on(laid: Laid) -> None:
    upgrade(engine())
    client = _as_manager()
    row = next(one for one in client.get("/api/v1/collaborations").json()["items"] if one["slug"] == "healthcare-40")
    path = f"/api/v1/collaborations/{row['id']}"
    version = client.get(f"{path}/moves").json()["version"]

    sealed_before = "seal_tip" in laid.tables
    occasions = {line["occasion"] for line in client.get(f"{path}/history").json()["items"]}
    assert occasions <= {"made" if sealed_before else "upgrade"}

    moved = client.post(
        f"{path}/moves", json={"move": "park", "reason": "The upgrade first."}, headers={"If-Match": f'"{version}"'}
    )

    assert (moved.status_code, client.get(path).json()["stage"]) == (201, "parked")
    with begin(read_only=True) as session:
        assert breaches(session) == []


def _as_manager() -> TestClient:
    token = run("token", "create", "--role", "project_manager", "--partnership", "medtech").stdout.strip()
    return TestClient(application(), headers={"Authorization": f"Bearer {token}"})


def _whole(tables: dict[str, Content]) -> dict[str, Counter[str]]:
    """Return every row, but those whose seals say when they were sealed."""
    return {name: content.counted(sorted(content.columns)) for name, content in tables.items() if name != "seal_tip"}
