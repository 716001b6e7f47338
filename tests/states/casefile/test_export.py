"""What a case file holds, for whom; and that an unchanged case is the same bytes each time."""

import json
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session, select

from states.archive.evidence.tables import EvidenceDownload
from states.archive.store import remove
from states.casefile.export import note_taken_out
from states.casefile.manifest import CaseUnfit
from states.casefile.verifying import verify_case
from states.casefile.views import office, partner
from states.collaborations.tables import Collaboration
from states.credentials.tokens import create_token
from states.partners.tables import RoleGrant
from states.rights.access import Role
from states.storage import begin
from tests.factories import World
from tests.states.casefile.cases import LETTER, a_case, a_case_key, taken_out

Written = dict[str, Any]


def written(path: Path) -> Written:
    with zipfile.ZipFile(path) as archive:
        return {name: json.loads(archive.read(name)) for name in archive.namelist() if name.endswith(".json")}


def test_two_exports_of_an_unchanged_case_are_equal(installation: Path, tmp_path: Path) -> None:
    key = a_case_key()

    first = taken_out(key, tmp_path / "first.zip")
    with begin() as session:
        note_taken_out(session, first, role=Role.ADMINISTRATOR)
    taken_out(key, tmp_path / "second.zip")

    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()
    with begin(read_only=True) as session:
        assert len(session.exec(select(EvidenceDownload)).all()) == 5  # of those whose bytes are there


def test_a_case_file_holds_everything_of_the_case_and_its_surroundings(installation: Path, tmp_path: Path) -> None:
    key = a_case_key()
    path = tmp_path / "case.zip"
    taken_out(key, path)
    found = written(path)

    assert [row["id"] for row in found["data/collaboration.json"]] == [key]
    assert len(found["data/member.json"]) == 2
    for name in ("evaluation", "consensus", "decision", "scenario_source", "sign_off", "evidence", "issued_document"):
        assert found[f"data/{name}.json"], name
    assert [row["number"] for row in found["history/history_line.json"]] != []
    assert {row["collaboration_id"] for row in found["history/change_record.json"]} == {key}
    assert found["references/playbook_edition.json"][0]["key"] == found["data/collaboration.json"][0]["playbook"]
    with zipfile.ZipFile(path) as archive:
        assert archive.read(f"files/{sha256(LETTER).hexdigest()}") == LETTER
    assert sum(name.startswith("files/") for name in found["manifest.json"]["parts"]) == 5  # the redacted one is gone
    assert found["harmonised.json"]["A Project identification"]["A.1 Project identification"]["Project ID"] == key
    document = found["data/issued_document.json"][0]
    assert f"documents/{document['sha256']}" in found["manifest.json"]["parts"]


def test_people_are_named_only_where_that_is_asked_for(installation: Path, tmp_path: Path) -> None:
    key = a_case_key()
    taken_out(key, tmp_path / "without.zip")
    taken_out(key, tmp_path / "with.zip", office(people=True))

    without, named = (tmp_path / "without.zip").read_bytes(), (tmp_path / "with.zip").read_bytes()

    assert b"medtech.example.org" not in without
    assert b"iag_member-1@medtech.example.org" in named
    assert written(tmp_path / "without.zip")["references/person.json"][0].keys() == {"id"}


def test_no_secret_is_ever_in_it(installation: Path, tmp_path: Path) -> None:
    with begin() as session:
        _, row = a_case(session)
        grant = session.exec(select(RoleGrant).where(RoleGrant.role == Role.PROJECT_MANAGER)).first()
        assert grant is not None
        token = create_token(session, grant, label="test")
        key, digest = row.id, sha256(token.encode()).hexdigest()
    path = tmp_path / "case.zip"
    taken_out(key, path, office(people=True))

    content = path.read_bytes()
    for secret in (token, digest, (installation / "secret").read_text()):
        assert secret.encode() not in content
    for name in ("access_token", "signed_link", "calendar_feed", "kept_answer", "mail", "role_grant"):
        assert f"/{name}.json".encode() not in content


def test_a_partner_takes_out_its_part_and_no_reviewer(installation: Path, tmp_path: Path) -> None:
    with begin() as session:
        world, row = a_case(session)
        view = _partner(session, world, row)
        key = row.id
        reviewers = [world.people[f"iag_member {number}"].id for number in (1, 2, 3)]
    path = tmp_path / "part.zip"
    taken_out(key, path, view)
    found, content = written(path), path.read_bytes()

    for name in ("evaluation", "consensus", "seat", "declaration", "discussion", "review_round", "position"):
        assert f"data/{name}.json" not in found
    assert "history/change_record.json" not in found
    assert {"data/decision.json", "data/cost_line.json", "data/protocol_version.json"} <= found.keys()
    assert [key for key in reviewers if key.encode() in content] == []
    assert b"example.org" not in content
    assert found["manifest.json"]["audience"] == "partner"
    assert found["seals.json"]["seals"] == {}
    assert verify_case(path).manifest.audience == "partner"


def _partner(session: Session, world: World, row: Collaboration) -> Any:
    organisation = world.organisations["gliwice"]
    return partner(session, world.actor(Role.PARTNER, person="partner", organisation_id=organisation.id), row)


def test_a_file_that_the_store_lost_is_named(installation: Path, tmp_path: Path) -> None:
    key = a_case_key()
    digest = sha256(LETTER).hexdigest()
    remove(digest)
    path = tmp_path / "case.zip"

    made = taken_out(key, path)

    assert made.manifest.absent == (f"files/{digest}",)
    assert verify_case(path).manifest.absent == made.manifest.absent


def test_what_is_there_is_not_written_over(installation: Path, tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    path.write_bytes(b"mine")

    with pytest.raises(CaseUnfit):
        taken_out(a_case_key("matchmaking"), path)
    assert (path.read_bytes(), list(tmp_path.glob("*.part"))) == (b"mine", [])


def test_provenance_names_only_what_it_tells_of(installation: Path, tmp_path: Path) -> None:
    path = tmp_path / "case.zip"
    taken_out(a_case_key(), path)
    found = written(path)["prov.json"]
    known = {name for kind in ("entity", "activity", "agent") for name in found[kind]}
    ends = {
        end
        for kind in ("wasDerivedFrom", "used", "wasAssociatedWith", "wasAttributedTo", "wasGeneratedBy")
        for relation in found.get(kind, {}).values()
        for end in relation.values()
    }

    assert ends - known == set()
    moves = [one for one in found["activity"].values() if one["prov:type"]["$"] == "bankable:Move"]
    assert len(moves) == 6
    assert any(name.startswith("case:version-") for name in found["entity"])
