"""Who is asked for evidence by a link files that one kind, a file at a time, and learns nothing else."""

from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from sqlmodel import select

from states.archive.evidence.file_types import SHOWN
from states.archive.store import Kept, verify
from states.clock import now
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkFor, LinkPurpose, SignedLink, make_link
from states.mail.tables import Mail, MailKind
from states.partners.queries import holders
from states.partners.tables import RoleGrant
from states.rights.access import Role
from states.settings import settings
from states.storage import begin
from tests.api.house import House, a_house, problem
from tests.api.routes.documents.test_evidence import LETTER, faults
from tests.factories import World, a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

Asked = tuple[House, str, dict[str, str]]
"""The house, a collaboration's id, and what its office was answered that asked Gliwice for its accounts."""


def _asking(world: World) -> tuple[str, str]:
    return a_collaboration(world).id, world.people["partner"].id


@pytest.fixture
def asked(installation: Path) -> Asked:
    house, (key, person) = a_house(_asking)
    wanted = {"kind": "accounts", "organisation": "medtech-gliwice", "person": person, "days": 3}
    answer = house.manager.post(f"/collaborations/{key}/evidence-requests", wanted)
    assert answer.status_code == 201
    return house, key, answer.json()


def person_of(role: Role) -> str:
    with begin(read_only=True) as session:
        return session.exec(select(RoleGrant.person_id).where(RoleGrant.role == role)).one()


def send(house: House, link: str, *contents: bytes, **said: str) -> httpx.Response:
    parts = [("file", ("accounts.pdf", content, "application/pdf")) for content in contents]
    answer: httpx.Response = house.client.post(link, data={"dated_on": "2026-01-20"} | said, files=parts)
    return answer


def ended(house: House, link: str) -> set[tuple[int, str, str]]:
    """Return what both doors of a link say that is good no more."""
    answers = [house.client.get(link), send(house, link, LETTER)]
    return {(*problem(one), one.json()["detail"]) for one in answers}


def test_a_link_names_what_is_asked_and_files_one_file_at_a_time(asked: Asked) -> None:
    house, key, made = asked

    told = house.client.get(made["link"]).json()
    two = send(house, made["link"], LETTER, LETTER + b"2")
    program = send(house, made["link"], b"MZ\x90\0\3")
    other = send(house, made["link"], LETTER, kind="offer", organisation="medtech-marseille")
    filed, more = send(house, made["link"], LETTER), send(house, made["link"], LETTER + b" of another year")

    assert told.pop("expires_at") > now().isoformat()
    assert told == {
        "collaboration": "Centre for Biocompatibility",
        "organisation": "gliwice",
        "kind": "accounts",
        "title": "Accounts",
        "types": list(SHOWN),
        "most_bytes": settings().evidence_most_bytes,
    }
    assert faults(two) == ["files_miscounted"]
    assert (faults(program), other.status_code) == (["file_type_not_taken"], 422)
    assert (filed.status_code, more.status_code) == (201, 201)
    with begin(read_only=True) as session:
        told = session.exec(select(Mail).where(Mail.kind == MailKind.RECEIPT)).all()
    assert {one.values["sha256"] for one in told} == {one.json()["sha256"] for one in (filed, more)}
    listed = house.manager.get(f"/evidence?collaboration={key}").json()["items"]
    assert [one["id"] for one in listed] == [filed.json()["id"], more.json()["id"]]
    first = listed[0]
    assert (first["kind"], first["organisation"], first["evidence_class"], first["title"]) == (
        "accounts",
        "medtech-gliwice",
        "confidential",
        "accounts.pdf",
    )
    assert verify(first["sha256"]) is Kept.INTACT


def _expire(house: House, key: str, made: dict[str, str]) -> str:
    with begin() as session:
        row = session.get_one(SignedLink, made["link"].rpartition("/")[2].partition(".")[0])
        over = LinkFor(row.partnership_id, row.person_id, LinkPurpose.EVIDENCE, row.subject_id)
        return f"/api/v1/links/evidence/{make_link(session, over, days=0)}"


def _take_back(house: House, key: str, made: dict[str, str]) -> str:
    path = f"/collaborations/{key}/evidence-requests/{made['id']}"
    assert house.by("partner").send("DELETE", path).status_code == 403
    assert house.manager.send("DELETE", path).status_code == 204
    return made["link"]


def _end_role(house: House, key: str, made: dict[str, str]) -> str:
    with begin() as session:
        partnership = session.get_one(Collaboration, key).partnership_id
        [partner] = holders(session, partnership, Role.PARTNER)
        session.get_one(RoleGrant, partner.grant.id).until = now()
    return made["link"]


def _leave(house: House, key: str, made: dict[str, str]) -> str:
    path = f"/collaborations/{key}/members/medtech-gliwice?next_lead=medtech-marseille"
    version = house.manager.get(f"/collaborations/{key}").json()["version"]
    answer = house.manager.send("DELETE", path, version=version)
    assert answer.status_code in (200, 204)
    return made["link"]


ENDS = {
    "its time is over": (_expire, "expired"),
    "it is taken back": (_take_back, "revoked"),
    "its holder speaks for the organisation no more": (_end_role, "speak for this organisation no more"),
    "the organisation left": (_leave, "takes part in this collaboration no more"),
}


@pytest.mark.parametrize("end", ENDS)
def test_a_link_that_has_ended_says_why_and_keeps_nothing(asked: Asked, end: str) -> None:
    house, key, made = asked
    change, why = ENDS[end]

    [(status, code, detail)] = ended(house, change(house, key, made))

    assert (status, code, why in detail) == (410, "link_ended", True)
    assert verify(sha256(LETTER).hexdigest()) is Kept.MISSING


def test_nobody_is_asked_who_does_not_speak_for_the_member(
    asked: Asked,
) -> None:
    house, key, made = asked
    other = person_of(Role.PROJECT_MANAGER)
    wanted = {"kind": "accounts", "organisation": "medtech-gliwice", "person": other}

    refused = house.manager.post(f"/collaborations/{key}/evidence-requests", wanted)
    forged = house.client.get(made["link"][:-2] + "00")
    unknown = house.manager.send("DELETE", f"/collaborations/{key}/evidence-requests/1")

    assert problem(refused)[0] == 403
    assert problem(forged) == (403, "link_forged")
    assert problem(unknown)[0] == 404


def test_a_form_that_comes_twice_by_a_link_is_filed_once(asked: Asked) -> None:
    house, key, made = asked
    said, once = {"dated_on": "2026-01-20"}, {"Idempotency-Key": "one"}
    parts = {"file": ("accounts.pdf", LETTER, "application/pdf")}

    first, second = (house.client.post(made["link"], data=said, files=parts, headers=once) for _ in range(2))

    assert (first.status_code, first.json()) == (second.status_code, second.json())
    assert house.manager.get(f"/evidence?collaboration={key}").json()["total"] == 1


def test_whom_nobody_confirmed_files_nothing_yet(asked: Asked) -> None:
    house, _, made = asked
    with begin() as session:
        session.exec(select(RoleGrant).where(RoleGrant.role == Role.PARTNER)).one().unconfirmed = True

    answers = [house.client.get(made["link"]), send(house, made["link"], LETTER)]

    assert [problem(one)[0] for one in answers] == [403, 403]
    assert verify(sha256(LETTER).hexdigest()) is Kept.MISSING
