"""Who wrote what: each write of a person's row leaves its record in its transaction, or is not made."""

from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from sqlmodel import Session, select

from states.changes import AuthorUnknown, act_as, record
from states.changes.declared import BOOKKEEPING, RECORDED
from states.changes.queries import Change, ChangesOf, changes_of
from states.changes.tables import RecordKind
from states.funding.service import choose_scenario
from states.matchmaking.consents.service import consent_texts, record_consent
from states.matchmaking.consents.tables import ConsentPurpose
from states.outbox.service import publish
from states.partners.tables import Organisation, OrganisationKind, Person
from states.protocol.queries import latest_versions
from states.protocol.service import write_section
from states.protocol.tables import SectionDraft
from states.rights.authors import Author, Via, acting, by_command
from states.schema import METADATA
from states.storage import begin, bump_version
from tests import unrecorded
from tests.factories import a_collaboration, a_collaboration_at, a_scenario, a_world, content_of, s3
from tests.meeting_factories import a_brokerage_event, a_participant
from tests.statements import counted

ANNA = Author(Via.TOKEN, "t1", role="project_manager", partnership_id="p1", person_id="a", organisation_id="o")
SME = OrganisationKind.SME


def an_organisation(name: str = "Implants", slug: str = "implants") -> Organisation:
    return Organisation(slug=slug, name=name, kind=SME, country="PL", nuts="PL229", domains=["implants.example"])


def told(changes: list[Change]) -> list[tuple[str, str, object, object]]:
    """Return kind, field, before and after, oldest first."""
    return [(one.kind.value, one.field, one.before, one.after) for one in reversed(changes)]


def of(row: Organisation) -> ChangesOf:
    return ChangesOf(noun="organisation", subject_id=row.id)


MADE = {
    "slug": "implants",
    "name": "Implants",
    "kind": "sme",
    "country": "PL",
    "nuts": "PL229",
    "size_class": "unknown",
    "domains": ["implants.example"],
    **dict.fromkeys(("legal_name", "legal_form", "address", "registration_number", "vat_number", "pic", "nace"), ""),
    "illustrative": False,
}


def test_every_table_is_declared_to_be_recorded_or_not() -> None:
    assert {*RECORDED} & {*BOOKKEEPING} == set()
    assert {*RECORDED} | {*BOOKKEEPING} == {*METADATA.tables}


def test_what_is_declared_of_a_table_is_there() -> None:
    unknown = [
        f"{name}.{column}"
        for name, declared in RECORDED.items()
        for column in declared.machine - {"version", "seal"} | declared.hidden | ({declared.parent} - {""})
        if column not in METADATA.tables[name].columns
    ]

    assert unknown == []


def test_every_row_leads_to_a_partnership_or_belongs_to_nobody_alone() -> None:
    alone = {
        name
        for name, declared in RECORDED.items()
        if not declared.parent and "partnership_id" not in METADATA.tables[name].columns
    }

    assert alone == {
        "partnership",
        "vat_status",
        "organisation",
        "ownership",
        "accounts",
        "aid_granted",
        "person",
        "relation",
        "mail_preference",
        "passkey",
        "password",
        "playbook_edition",
    }


def test_no_digest_of_a_secret_is_recorded() -> None:
    kept = [
        f"{name}.{column}"
        for name, declared in RECORDED.items()
        for column in METADATA.tables[name].columns.keys()  # noqa: SIM118 - a collection of columns
        if column in ("digest", "secret", "token") and column not in declared.machine and name != "mail_preference"
    ]

    assert kept == []


def test_a_row_is_made_changed_and_removed(installation: Path) -> None:
    with begin() as session:
        act_as(session, ANNA)
        row = an_organisation()
        session.add(row)
    with begin() as session:
        act_as(session, replace(ANNA, key="t2", person_id="b"))
        row = session.get_one(Organisation, row.id)
        row.name, row.headcount, row.domains = "Implants Ltd", Decimal("12.00"), []
    with begin() as session:
        act_as(session, ANNA)
        session.delete(session.get_one(Organisation, row.id))
    with begin() as session:
        changes = changes_of(session, of(row))

    assert told(changes) == [
        ("created", "", None, {"id": row.id, **MADE}),
        ("changed", "name", "Implants", "Implants Ltd"),
        ("changed", "headcount", None, "12.00"),
        ("changed", "domains", ["implants.example"], []),
        ("removed", "", {"id": row.id, **MADE, "name": "Implants Ltd", "headcount": "12.00", "domains": []}, None),
    ]
    assert [one.author.person_id for one in changes] == ["a", "b", "b", "b", "a"]
    assert [len({one.act for one in changes if one.author.key == key}) for key in ("t1", "t2")] == [2, 1]
    assert {one.partnership_id for one in changes} == {"p1"}


def test_a_record_says_who_by_what_and_for_whom(session: Session) -> None:
    act_as(session, ANNA)
    row = an_organisation()
    session.add(row)

    (made,) = changes_of(session, of(row))

    assert made.author == replace(ANNA, partnership_id=None)


def test_an_operator_is_known_by_the_account(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "ops")
    row = an_organisation()
    with acting(by_command("bankable seed")):
        session.add(row)
        (made,) = changes_of(session, of(row))

    assert made.author == Author(Via.COMMAND, "bankable seed", operator="ops")


def test_nobody_writes_unnamed(installation: Path) -> None:
    with acting(None), pytest.raises(AuthorUnknown), begin() as session:
        session.add(an_organisation())
    with begin(read_only=True) as session:
        assert session.exec(select(Organisation)).all() == []


def test_the_machine_keeps_its_books_unnamed(session: Session) -> None:
    row = a_collaboration(a_world(session))
    with acting(None):
        publish(session, "thing.happened", partnership_id=row.partnership_id)
        bump_version(session, row)
        session.flush()
    with acting(None):
        session.commit()


def test_flushes_of_one_transaction_are_one_change(installation: Path) -> None:
    with begin() as session:
        row = an_organisation()
        session.add(row)
        session.flush()
        row.name = "Implants Ltd"
        session.flush()
        passing = Organisation(slug="passing", name="Passing", kind=SME, country="PL", nuts="PL229")
        session.add(passing)
        session.flush()
        session.delete(passing)
    with unrecorded.unchanged("organisation.name"), begin() as session:
        row = session.get_one(Organisation, row.id)
        for name, headcount in (("First", 1), ("Second", 2), ("Implants Ltd", 3)):
            row.name, row.headcount = name, Decimal(headcount)
            session.flush()
    with begin() as session:
        assert changes_of(session, ChangesOf(noun="organisation", subject_id=passing.id)) == []
        assert told(changes_of(session, of(row))) == [
            ("created", "", None, {"id": row.id, **MADE, "name": "Implants Ltd"}),
            ("changed", "headcount", None, "3.00"),
        ]


def test_what_a_savepoint_takes_back_leaves_no_record(session: Session) -> None:
    row = an_organisation()
    session.add(row)
    session.flush()
    with session.begin_nested() as block:
        row.name = "Taken back"
        session.flush()
        assert told(changes_of(session, of(row)))[-1] == (
            "created",
            "",
            None,
            {"id": row.id, **MADE, "name": "Taken back"},
        )
        block.rollback()
    with session.begin_nested():
        row.headcount = Decimal(12)

    assert told(changes_of(session, of(row))) == [("created", "", None, {"id": row.id, **MADE, "headcount": "12.00"})]


def test_what_is_rolled_back_leaves_no_record(installation: Path) -> None:
    with begin() as session:
        session.add(an_organisation())
        session.flush()
        session.rollback()
        row = an_organisation("Afterwards")
        session.add(row)
    with begin() as session:
        found = changes_of(session, ChangesOf(noun="organisation"))

    assert told(found) == [("created", "", None, {"id": row.id, **MADE, "name": "Afterwards"})]


def test_a_value_that_nobody_had_read_is_known_all_the_same(session: Session) -> None:
    row = an_organisation()
    session.add(row)
    session.commit()
    session.expire(row)
    row.name = "Implants Ltd"

    assert told(changes_of(session, of(row)))[-1] == ("changed", "name", "Implants", "Implants Ltd")


def test_a_transaction_writes_all_its_records_in_one_statement(session: Session) -> None:
    with counted() as statements:
        for slug in ("implants", "prostheses"):
            session.add(an_organisation(slug=slug))
            session.flush()
        session.commit()

    assert [one.split("(")[0].strip() for one in statements if "change_record" in one] == ["INSERT INTO change_record"]


def test_a_row_is_found_under_its_partnership_and_collaboration(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration(world)
    sections = s3().protocol
    write_section(session, row, sections[0].key, content_of(sections[0]), sections=sections)
    session.commit()
    session.expunge_all()  # the way up is read from the database

    draft = session.exec(select(SectionDraft)).one()
    draft.illustrative = True
    (changed, *_) = changes_of(session, ChangesOf(noun="section_draft", subject_id=draft.id))

    assert (changed.collaboration_id, changed.partnership_id) == (row.id, world.partnership.id)
    assert {one.noun for one in changes_of(session, ChangesOf(collaboration_id=row.id))} == {
        "collaboration",
        "contact",
        "deadline",
        "member",
        "section_draft",
    }


def test_a_row_that_the_database_numbers_is_known_by_its_number(session: Session) -> None:
    world = a_world(session)
    participant = a_participant(world, a_brokerage_event(world), "gliwice")
    person, text = world.people["partner"].id, consent_texts().version
    row = record_consent(session, participant, ConsentPurpose.BOOKLET, given=True, text_version=text, person_id=person)
    session.commit()

    (made,) = changes_of(session, ChangesOf(noun="consent"))

    assert (made.subject_id, made.partnership_id) == (str(row.id), world.partnership.id)


def test_of_personal_data_is_recorded_only_that_they_changed(session: Session) -> None:
    row = Person(label="Anna", email="anna@example.org")
    session.add(row)
    session.commit()
    row.email, row.language = "other@example.org", "pl"

    made, *changed = told(changes_of(session, ChangesOf(noun="person", subject_id=row.id)))

    assert made == ("created", "", None, {"id": row.id, "language": "en", "time_zone": row.time_zone})
    assert changed == [("changed", "email", None, None), ("changed", "language", "en", "pl")]


def test_what_no_flush_sees_is_recorded_by_hand(session: Session) -> None:
    record(session, "mail", "m1", field="state", before="uncertain", after="sent", partnership_id="p1")

    (resolved,) = changes_of(session, ChangesOf(noun="mail", subject_id="m1"))

    assert (resolved.kind, resolved.field, resolved.before, resolved.after) == (
        RecordKind.CHANGED,
        "state",
        "uncertain",
        "sent",
    )


def test_changes_are_read_page_by_page(installation: Path) -> None:
    with begin() as session:
        row = an_organisation()
        session.add(row)
        session.commit()
        for number in range(1, 8):
            row.headcount = Decimal(number)
            session.commit()
    pages: list[list[object]] = []
    with begin() as session:
        found = changes_of(session, of(row), limit=3)
        while found:
            pages.append([one.after for one in found if one.field])
            found = changes_of(session, of(row), older_than=found[-1].mark, limit=3)

    assert pages == [["7.00", "6.00", "5.00"], ["4.00", "3.00", "2.00"], ["1.00"]]


def test_records_told_from_the_first_to_the_last_make_every_row(session: Session) -> None:
    world = a_world(session)
    row = a_collaboration_at(world, "bankable")
    choose_scenario(session, a_scenario(world, row, latest_versions(session, [row.id])[row.id]))
    with session.begin_nested() as block:
        row.title = "Taken back"
        session.flush()
        block.rollback()
    session.commit()

    assert unrecorded.unlike(session) == []
