"""Writing and freezing: sections replaced whole, versions that never change, no version without a change."""

import pytest
from sqlmodel import Session, select

from states.collaborations.tables import Collaboration
from states.errors import Missing, Stale
from states.outbox.tables import OutboxMessage
from states.protocol.content import SectionInvalid, digest
from states.protocol.facts import draft_facts, version_facts
from states.protocol.queries import drafts_of, latest_versions, version_by_id, versions_of
from states.protocol.service import NothingToFreeze, freeze_version, write_section
from states.protocol.tables import SectionDraft
from states.storage import Readings, begin
from tests.expect import codes, overlap
from tests.factories import a_collaboration, a_world, fill_protocol, s3

SECTIONS = s3().protocol


def _write(session: Session, row: Collaboration, acronym: str, *, expected_version: int | None = None) -> SectionDraft:
    content = {"acronym": acronym}
    return write_section(session, row, "identity", content, sections=SECTIONS, expected_version=expected_version)


@pytest.fixture
def row(session: Session) -> Collaboration:
    world = a_world(session)
    a_collaboration(world, slug="another")
    return a_collaboration(world)


def test_a_section_is_replaced_whole(session: Session, row: Collaboration) -> None:
    write_section(session, row, "identity", {"abstract": "Old."}, sections=SECTIONS, illustrative=True)
    _write(session, row, "NEW")
    session.expire_all()
    drafts = drafts_of(session, [row.id])[row.id]
    assert [(draft.key, draft.content, draft.illustrative) for draft in drafts] == [
        ("identity", {"acronym": "NEW"}, False)
    ]


def test_a_section_that_the_playbook_does_not_have(session: Session, row: Collaboration) -> None:
    with pytest.raises(Missing):
        write_section(session, row, "horoscope", {}, sections=SECTIONS)


def test_a_faulty_section_is_not_written(session: Session, row: Collaboration) -> None:
    _write(session, row, "OLD")
    with pytest.raises(SectionInvalid):
        write_section(session, row, "identity", {"acronym": "NEW", "age": "3"}, sections=SECTIONS)
    session.expire_all()
    assert drafts_of(session, [row.id])[row.id][0].content == {"acronym": "OLD"}


def test_an_older_reader_is_told(session: Session, row: Collaboration) -> None:
    read = _write(session, row, "ONE").version
    _write(session, row, "TWO", expected_version=read)
    with pytest.raises(Stale):
        _write(session, row, "THREE", expected_version=read)
    assert drafts_of(session, [row.id])[row.id][0].content == {"acronym": "TWO"}


@pytest.mark.usefixtures("installation")
def test_of_two_first_writers_none_is_lost_in_silence() -> None:
    with begin() as session:
        key = a_collaboration(a_world(session)).id

    def write() -> object:
        with begin() as session:
            return _write(session, session.get_one(Collaboration, key), "TWO").content

    told = overlap(lambda session: _write(session, session.get_one(Collaboration, key), "ONE"), write)
    with begin() as session:
        drafts = drafts_of(session, [key])[key]
    assert len(drafts) == 1
    assert (isinstance(told, Stale), drafts[0].content) in [(True, {"acronym": "ONE"}), (False, {"acronym": "TWO"})]


def test_versions_count_from_one_and_stay_as_they_were(session: Session, row: Collaboration) -> None:
    _write(session, row, "ONE")
    write_section(session, row, "object", {"what": "A bench."}, sections=SECTIONS, illustrative=True)
    write_section(session, row, "support", {}, sections=SECTIONS)
    first = freeze_version(session, row)
    _write(session, row, "TWO")
    second = freeze_version(session, row)
    session.expire_all()
    assert [version.number for version in versions_of(session, row.id)] == [1, 2]
    assert first.content == {"identity": {"acronym": "ONE"}, "object": {"what": "A bench."}}
    assert first.illustrative == ["object"]
    assert first.sha256 == digest({"identity": {"acronym": "ONE"}, "object": {"what": "A bench."}})
    assert latest_versions(session, [row.id, "nothing"]) == {row.id: second}
    assert version_by_id(session, first.id) is first


def test_freezing_is_told(session: Session, row: Collaboration) -> None:
    _write(session, row, "ONE")
    version = freeze_version(session, row)
    events = session.exec(select(OutboxMessage).where(OutboxMessage.name == "protocol.frozen")).all()
    assert [(event.collaboration_id, event.payload) for event in events] == [(row.id, {"version_id": version.id})]


def test_nothing_is_frozen_twice(session: Session, row: Collaboration) -> None:
    _write(session, row, "ONE")
    freeze_version(session, row)
    _write(session, row, "TWO")
    _write(session, row, "ONE")
    with pytest.raises(NothingToFreeze) as caught:
        freeze_version(session, row)
    assert (codes(caught.value), str(caught.value)) == (["protocol_unchanged"], "Nothing has changed since version 1.")
    assert len(versions_of(session, row.id)) == 1


def test_an_empty_protocol_is_not_frozen(session: Session, row: Collaboration) -> None:
    write_section(session, row, "identity", {}, sections=SECTIONS)
    with pytest.raises(NothingToFreeze) as caught:
        freeze_version(session, row)
    assert codes(caught.value) == ["protocol_empty"]
    assert versions_of(session, row.id) == []


@pytest.mark.usefixtures("installation")
def test_two_who_freeze_at_once_do_not_take_one_number() -> None:
    with begin() as session:
        row = a_collaboration(a_world(session))
        _write(session, row, "ONE")
        key = row.id

    def freeze() -> int:
        with begin() as session:
            return freeze_version(session, session.get_one(Collaboration, key)).number

    told = overlap(lambda session: freeze_version(session, session.get_one(Collaboration, key)), freeze)
    with begin() as session:
        assert [version.number for version in versions_of(session, key)] == [1]
    assert isinstance(told, Stale | NothingToFreeze)


def test_a_version_that_is_not_there(session: Session) -> None:
    with pytest.raises(Missing):
        version_by_id(session, "nothing")


def test_facts_of_several_protocols(session: Session) -> None:
    world = a_world(session)
    full, empty = a_collaboration(world), a_collaboration(world, slug="empty")
    fill_protocol(world, full)
    version = freeze_version(session, full)
    read = Readings(session)
    written, nothing = (draft_facts(read, row, sections=SECTIONS) for row in (full, empty))
    latest = version_facts(read, full)
    assert latest is not None
    assert (written.missing, latest.id, latest.number) == ((), version.id, 1)
    assert latest.sha256 == written.sha256
    assert (len(nothing.missing), version_facts(read, empty)) == (nothing.mandatory, None)
