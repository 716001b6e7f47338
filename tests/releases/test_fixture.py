"""A dump makes the same database again: rows, their numbers, and the indexes for full-text search."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.releases.fixture import DATABASE, dump, empty_database, load, releases, restore, unordered

MADE = """
CREATE TABLE word (id VARCHAR PRIMARY KEY, "order" INTEGER, said TEXT, whole BLOB, share REAL);
CREATE TABLE numbered (id INTEGER PRIMARY KEY, said TEXT) WITHOUT ROWID;
CREATE VIRTUAL TABLE found USING fts5(said, content='word', content_rowid='rowid');
CREATE VIRTUAL TABLE kept USING fts5(said);
CREATE INDEX ix_said ON word (said);
CREATE TRIGGER follow AFTER INSERT ON word BEGIN
    INSERT INTO found (rowid, said) VALUES (new.rowid, new.said);
    INSERT INTO kept (rowid, said) VALUES (new.rowid, new.said);
END;
INSERT INTO word VALUES ('a', 1, 'gone;', NULL, NULL), ('b', NULL, 'it''s
łódź', x'00ff', 0.1);
INSERT INTO numbered VALUES (7, 'seven');
DELETE FROM word WHERE id = 'a';
"""
SEARCHED = """
CREATE TABLE word (said TEXT, found TSVECTOR GENERATED ALWAYS AS (to_tsvector('simple', said)) STORED);
INSERT INTO word VALUES ('it''s %(łódź)s; :here');
"""


def test_rows_keep_their_numbers_and_can_be_found(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for home in (first, second):
        home.mkdir()
    load(MADE, first)

    load(dump(first), second)

    with closing(sqlite3.connect(second / DATABASE)) as connection:
        assert connection.execute("SELECT rowid, * FROM word").fetchall() == [
            (2, "b", None, "it's\nłódź", b"\0\xff", 0.1)
        ]
        assert connection.execute("SELECT * FROM numbered").fetchall() == [(7, "seven")]
        for index in ("found", "kept"):
            found = connection.execute(f"SELECT rowid FROM {index} WHERE {index} MATCH 'łódź'").fetchall()
            assert found == [(2,)]
            connection.execute(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")
    assert dump(second) == dump(first)


@pytest.mark.parametrize("release", releases(), ids=lambda release: release.name)
def test_a_release_on_postgresql_is_dumped_as_it_was_laid_down(
    release: Path, tmp_path: Path, postgres_server: str
) -> None:
    first, second = (empty_database(postgres_server, name) for name in ("first", "second"))
    restore(release, tmp_path, first)
    load(SEARCHED, tmp_path, first)

    load(dump(tmp_path, first), tmp_path, second)

    assert unordered(dump(tmp_path, second)) == unordered(dump(tmp_path, first))
