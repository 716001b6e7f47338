"""Ways to change an installation behind its services, and what the doctor says of each."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.operations import integrity
from api.operations.doctor import Finding, examine
from states.archive.evidence.removal import remove_bytes
from states.archive.evidence.service import redact_evidence
from states.archive.store import store_name
from states.backups.service import make
from states.lifecycle.move import move
from states.rights.access import Actor, Role
from states.seals.secrets import name_of, secret_in_force
from states.settings import settings
from states.storage import begin, engine
from tests.factories import a_collaboration, a_piece_of_evidence, a_world
from tests.sealed import PAPER, a_sealed_case, by_hand

TITLE = "Centre for Biocompatibility"
OBJECT = sha256(PAPER).hexdigest()


@pytest.fixture
def case(installation: Path) -> str:
    """A case in which all is well; its id."""
    with begin() as session:
        return a_sealed_case(session).id


def look(*, deep: bool = True) -> dict[str, Finding]:
    """Return what the doctor says of seals and of the store."""
    found = {
        "Seals": Finding("Seals", *integrity.seals(deep=deep, tell=lambda *_: None)),
        "Store": Finding("Store", *integrity.stored(deep=deep, tell=lambda *_: None)),
    }
    assert all(finding.ok == (not finding.said.code.endswith(("broken", "faulty"))) for finding in found.values())
    return found


def wrong() -> list[str]:
    """Return what is wrong, each in a line, without what to do."""
    lines = [str(line) for finding in look().values() if not finding.ok for line in finding.more]
    return [line for line in lines if not line.startswith(("Bring the rows", "`bankable documents heal`"))]


def put_object(content: bytes | None) -> None:
    path = settings().home / "store" / OBJECT[:2] / OBJECT
    path.write_bytes(content) if content is not None else path.unlink()


TAMPERINGS: dict[str, tuple[Callable[[], object], str]] = {
    "newest lines of the history removed": (
        lambda: by_hand("DELETE FROM history_line WHERE number > 4"),
        "of 6 lines of the history 2 are missing: 5 to 6",
    ),
    "all lines of the history removed": (
        lambda: by_hand("DELETE FROM history_line"),
        "of 6 lines of the history 6 are missing: 1 to 6",
    ),
    "a stage set by hand": (
        lambda: by_hand("UPDATE collaboration SET stage = 'funded'"),
        "the stage is funded, but the last line of the history leads to bankable",
    ),
    "scores changed": (
        lambda: by_hand(
            'UPDATE evaluation SET scores = \'{"impact": "5"}\' WHERE id = (SELECT min(id) FROM evaluation)'
        ),
        "evaluation * is not as it was sealed",
    ),
    "a version changed": (
        lambda: by_hand("UPDATE protocol_version SET content = '{}'"),
        "version of the protocol * is not as it was sealed",
    ),
    "a sign-off forged": (
        lambda: by_hand("UPDATE sign_off SET signed_at = NULL WHERE id = (SELECT min(id) FROM sign_off)"),
        "sign-off * is not as it was sealed",
    ),
    "an object of the store missing": (lambda: put_object(None), f"the object {OBJECT} (proposal) is missing"),
    "an object altered": (
        lambda: put_object(PAPER.replace(b"a", b"e")),
        f"the object {OBJECT} (proposal) is not what its name says",
    ),
}


@pytest.mark.parametrize("name", TAMPERINGS)
def test_a_tampering_is_found_with_the_name_of_its_case(case: str, name: str) -> None:
    tamper, said = TAMPERINGS[name]
    assert {finding.said.code for finding in look().values()} == {"seals_fit", "store_fits"}

    tamper()

    (line,) = wrong()
    before, _, after = said.partition("*")
    assert line.startswith(f"{TITLE} (centre, {case}): {before}")
    assert line.endswith(after)


def test_what_is_put_in_is_found(case: str) -> None:
    columns = "collaboration_id, at, move, from_stage, to_stage, actor_role, actor_person_id, reason"
    by_hand(
        f"INSERT INTO history_line (id, number, seal, {columns}) "
        f"SELECT 'x', 7, seal, {columns} FROM history_line WHERE number = 6"
    )

    assert wrong() == [
        f"{TITLE} (centre, {case}): line of the history 7 is not as it was sealed",
        f"{TITLE} (centre, {case}): 1 x line of the history more than were sealed (6)",
    ]


def test_an_older_row_with_its_own_seal_is_found(case: str) -> None:
    """Somebody keeps a row as it was, and puts it back when it has changed, seal and all."""
    with begin() as session:
        before = session.connection().exec_driver_sql("SELECT stage, stage_since, seal FROM collaboration").one()
    with begin() as session:
        move(session, case, "park", actor=Actor(Role.PROJECT_MANAGER, _partnership()), reason="It waits.")
    by_hand("DELETE FROM history_line WHERE number = 7")
    by_hand("UPDATE collaboration SET stage = :stage, stage_since = :since, seal = :seal", **_named(before))

    assert wrong() == [
        f"{TITLE} (centre, {case}): the stage or the opening: an earlier row was put back in place of a later one",
        f"{TITLE} (centre, {case}): of 7 lines of the history 1 are missing: 7",
    ]


def _named(row: object) -> dict[str, object]:
    return dict(zip(("stage", "since", "seal"), row, strict=True))  # type: ignore[call-overload]


def _partnership() -> str:
    with begin(read_only=True) as session:
        return str(session.connection().exec_driver_sql("SELECT id FROM partnership").scalar_one())


def test_a_whole_case_that_is_gone_is_found(case: str) -> None:
    by_hand("DELETE FROM seal_tip WHERE scope = :scope", scope=f"collaboration:{case}")

    said = wrong()

    assert f"Medical technology (medtech, {_partnership()}): of 1 x cases 1 are missing" in said
    assert f"{TITLE} (centre, {case}): line of the history 1 belongs to a case for which nothing is sealed" in said


def test_who_saves_a_changed_row_does_not_launder_it(case: str) -> None:
    by_hand("UPDATE collaboration SET stage_since = '2020-01-01 00:00:00+00:00'")
    with begin() as session:
        move(session, case, "park", actor=Actor(Role.PROJECT_MANAGER, _partnership()), reason="It waits.")

    (line,) = wrong()

    assert line.startswith(
        f"{TITLE} (centre, {case}): the stage or the opening {case} did not fit its seal when it was"
    )


def test_a_tip_that_was_changed_is_found_even_when_it_is_written_again(case: str) -> None:
    by_hand("UPDATE seal_tip SET kinds = '{}' WHERE scope = :scope", scope=f"collaboration:{case}")
    assert wrong() == [
        f"{TITLE} (centre, {case}): the seal over how much there is does not fit: something may be missing"
    ]
    with begin() as session:
        move(session, case, "park", actor=Actor(Role.PROJECT_MANAGER, _partnership()), reason="It waits.")

    assert [line for line in wrong() if "the count of what is sealed" in line] != []


def test_a_secret_that_is_not_here_is_named_and_nothing_fits(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name = name_of(secret_in_force())
    monkeypatch.setenv("BANKABLE_SECRET", "another")
    (settings().home / "secret").unlink()
    settings.cache_clear()

    ok, said, more = integrity.seals(deep=True, tell=lambda *_: None)

    assert (ok, said.code) == (False, "seals_unchecked")
    assert [str(line) for line in more] == [
        f"cannot check {said.parameters['count']} seals: the secret {name} is not here. Put it into "
        "BANKABLE_FORMER_SECRETS, or bring `secret.former` back into the folder."
    ]


def test_what_a_row_holds_that_nobody_can_read_stops_nothing(case: str) -> None:
    by_hand("UPDATE position SET willingness = 'perhaps' WHERE id = (SELECT min(id) FROM position)")

    (line,) = wrong()

    assert line.startswith(f"{TITLE} (centre, {case}): position of a region ")


def test_objects_that_no_document_names_are_listed(case: str) -> None:
    folder = settings().home / "store" / "ff"
    folder.mkdir(exist_ok=True)
    (folder / "left-over").write_bytes(b"of somebody")
    store_name()  # lies in the store too

    finding = look()["Store"]

    assert finding.ok
    assert [str(line) for line in finding.more] == [
        "1 object of the store is named by no document:",
        "ff/left-over",
    ]


def test_a_quick_look_says_what_it_did_not_look_at(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(integrity, "QUICK", 1)
    found = look(deep=False)

    assert (found["Seals"].said.code, found["Store"].said.code) == ("seals_fit_newest", "store_has")
    put_object(PAPER.replace(b"a", b"e"))  # of the same size
    assert look(deep=False)["Store"].ok
    put_object(b"short")
    assert not look(deep=False)["Store"].ok


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_whoever_takes_a_case_as_it_is_is_named_for_ever(case: str) -> None:
    by_hand("UPDATE evaluation SET scores = '{}'")
    assert len(wrong()) == 3

    said = CliRunner().invoke(app, ["seals", "accept", "centre", "--reason", "A typing error, see the minutes."])

    finding = look()["Seals"]
    assert said.output == f"collaboration:{case} is sealed as it is; 3 rows in it did not fit their seal.\n"
    assert finding.ok
    (line,) = finding.more
    assert str(line).startswith(f"{TITLE} (centre, {case}): sealed as it was, at ")
    assert str(line).endswith(": A typing error, see the minutes.")


@pytest.mark.long
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_findings_are_capped_in_the_table_and_whole_in_json(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    by_hand("UPDATE scenario_use SET seal = ''")
    by_hand("UPDATE seat SET left_because = 'so'")
    by_hand("UPDATE declaration SET reason = 'so'")
    by_hand("UPDATE history_line SET reason = 'so'")
    by_hand("UPDATE evaluation SET reason = 'so'")
    by_hand("UPDATE position SET condition = 'so'")
    shutil.rmtree(settings().home / "store")

    whole = json.loads(CliRunner().invoke(app, ["doctor", "--deep", "--json"]).stdout)
    table = CliRunner(env={"COLUMNS": "400"}).invoke(app, ["doctor", "--deep"])

    (seals,) = (one for one in whole if one["what"] == "Seals")
    count = len(seals["more"]) - 1  # what to do is the last one
    assert seals["found"].startswith(f"{count} things are not as they were sealed")
    assert count > 20
    assert table.exit_code == 1
    assert f"... and {count + 1 - 20} more lines" in table.output
    assert not next(one["ok"] for one in whole if one["what"] == "Store")


def test_the_doctor_looks_at_seals_and_store(case: str) -> None:
    assert {"Seals", "Store"} <= {finding.what for finding in examine()}


@pytest.mark.long
@pytest.mark.parametrize("harm", ["removed", "altered"])
@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_evidence_that_the_store_has_no_more_is_named_with_its_case(installation: Path, harm: str) -> None:
    content = b"%PDF-1.7 a letter of support"
    with begin() as session:
        world = a_world(session)
        row = a_collaboration(world)
        a_piece_of_evidence(world, row, content=content)
        redact_evidence(session, a_piece_of_evidence(world, row), reason="It names people.")
        key = row.id
    remove_bytes()
    assert wrong() == []
    before = make(engine(), installation / "before.zip")
    assert (before.files, before.absent) == (1, [])  # what was redacted is not in it
    digest = sha256(content).hexdigest()
    path = settings().home / "store" / digest[:2] / digest
    if harm == "altered":
        path.write_bytes(content.replace(b"a", b"e"))
    else:
        path.unlink()

    [line] = wrong()
    done = CliRunner().invoke(app, ["doctor", "--deep", "--json"])
    (store,) = (one for one in json.loads(done.stdout) if one["what"] == "Store")
    backup = CliRunner().invoke(app, ["backup", "make"])

    assert line.startswith(f"{TITLE} (centre, {key}): ")
    assert (done.exit_code, line in store["more"]) == (1, True)
    assert (backup.exit_code, digest in backup.output) == (1, True)
