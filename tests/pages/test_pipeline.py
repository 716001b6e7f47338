"""The list of cases: what each role finds there, narrowed by the address, and what is done with several at once."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import load_workbook
from sqlmodel import select

from states.archive.queries import REQUESTED
from states.collaborations.service import edit_collaboration
from states.matchmaking.service import record_contact
from states.matchmaking.tables import ContactKind, ContactStatus
from states.outbox.tables import OutboxMessage
from states.storage import begin
from tests.api.house import MANAGER, OBSERVER, PARTNER, SECRETARY
from tests.factories import World, a_collaboration, a_collaboration_at, fill_protocol, freeze, open_iag
from tests.pages.house import a_page_house, said_on
from tests.statements import counted

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def several(world: World) -> dict[str, str]:
    """Return the ids of cases at several stages, by short name."""
    rows = [a_collaboration_at(world, "outline", slug="soil"), a_collaboration(world, slug="twins")]
    rows[0].title, rows[1].title = "Soil sensors", "=Digital twins"
    reviewed = a_collaboration_at(world, "iag_review", slug="health")
    open_iag(world, reviewed)
    return {row.slug: row.id for row in [*rows, reviewed]}


@pytest.mark.parametrize("who", [MANAGER, SECRETARY, PARTNER, OBSERVER, "iag_chair"])
def test_columns_show_each_case_in_its_stage(installation: Path, who: str) -> None:
    house, _ = a_page_house(several)
    text = said_on(house.by(who).read("/cases"))

    assert "Outline 1 Soil sensors gliwice" in text
    assert "Matchmaking 1 =Digital twins gliwice" in text
    assert ("Open a case" in text) == (who == MANAGER)


def test_a_reviewer_finds_outlines_in_a_table_and_no_stage(installation: Path) -> None:
    house, _ = a_page_house(several)
    page = house.by("iag_member 1").read("/cases")

    assert "Soil sensors" in page
    assert "Outline</td>" not in page
    assert "Do it with each" not in page
    assert "Soil sensors" not in house.by("iag_member 1").read("/cases?view=table&stage=outline")


def test_the_address_narrows_the_list(installation: Path) -> None:
    house, _ = a_page_house(several)
    manager = house.manager

    def found(query: str) -> list[bool]:
        text = manager.read(f"/cases?view=table&{query}")
        return [name in text for name in ("Soil sensors", "Digital twins", "Centre for Biocompatibility")]

    assert found("stage=outline&officer=&area=&q=") == [True, False, False]
    assert found("q=digital") == [False, True, False]
    assert found("officer=none&sort=title") == [True, True, True]
    assert found("officer=me") == [False, False, False]
    assert found("late=yes") == [False, False, False]
    assert manager.get("/cases?stage=nowhere").status_code == 422


def test_the_list_goes_on_from_page_to_page(installation: Path) -> None:
    house, _ = a_page_house(several)
    text = house.manager.read("/cases?view=table&limit=2")
    assert "3 cases" in said_on(text)
    following = text.partition('rel="next" href="')[2].partition('"')[0].replace("&amp;", "&")

    assert house.manager.read(following).count("c-") >= 1


def test_a_sheet_holds_what_the_filters_find_and_no_formula(installation: Path) -> None:
    house, _ = a_page_house(several)
    answer = house.manager.get("/cases/cases.xlsx?sort=title")
    sheet = load_workbook(BytesIO(answer.content)).active
    assert sheet is not None
    titles = [row[0] for row in sheet.iter_rows(min_row=2)]

    assert [one.value for one in titles] == ["=Digital twins", "Centre for Biocompatibility", "Soil sensors"]
    assert {one.data_type for one in titles} == {"s"}


def test_what_is_done_with_several_has_a_result_each(installation: Path) -> None:
    house, cases = a_page_house(several)
    manager, page = house.manager, "/cases?view=table"
    chosen = {"case": list(cases.values()), "act": "move:start_protocol", "reason": ""}
    text = said_on(manager.send("/cases/bulk", chosen, page=page, follow=True).text)
    assert "0 of 3 done." in text

    parked = manager.send("/cases/bulk", chosen | {"act": "move:drop", "reason": "The call is over."}, page=page)
    assert "moved to Dropped" in said_on(manager.read(parked.headers["Location"]))
    assert "No case was chosen" in said_on(manager.send("/cases/bulk", {"act": "officer"}, page=page, follow=True).text)


def test_several_are_given_to_an_officer_and_partners_are_reminded(installation: Path) -> None:
    def frozen(world: World) -> tuple[dict[str, str], str]:
        row = a_collaboration_at(world, "investment_protocol", slug="frozen")
        fill_protocol(world, row)
        freeze(world, row)
        return {row.slug: row.id}, world.people[MANAGER].id

    house, (cases, person) = a_page_house(frozen)
    manager, page = house.manager, "/cases?view=table"
    chosen = {"case": list(cases.values()), "act": "officer", "person": person, "reason": "Knows the field."}
    assert "project_manager looks after it" in said_on(manager.send("/cases/bulk", chosen, page=page, follow=True).text)
    reminded = manager.send("/cases/bulk", chosen | {"act": "signatures"}, page=page, follow=True)

    assert "partner" in said_on(reminded.text)
    assert "1 of 1 done." in said_on(reminded.text)


def test_a_document_is_asked_for_of_several_and_refused_where_nothing_is_to_show(installation: Path) -> None:
    def one_frozen(world: World) -> list[str]:
        rows = [a_collaboration_at(world, "investment_protocol", slug=slug) for slug in ("frozen", "open")]
        fill_protocol(world, rows[0])
        freeze(world, rows[0])
        return [row.id for row in rows]

    house, cases = a_page_house(one_frozen)
    page = "/cases?view=table"
    chosen = {"case": cases, "act": "document:proposal"}
    nothing = said_on(house.manager.send("/cases/bulk", chosen, page=page, follow=True).text)
    protocol = house.by(SECRETARY).send(
        "/cases/bulk", chosen | {"act": "document:investment-protocol"}, page=page, follow=True
    )
    forged = house.manager.send("/cases/bulk", chosen | {"act": "document:briefing"}, page=page, follow=True)

    assert "0 of 2 done." in nothing
    assert "1 of 2 done." in said_on(protocol.text)
    assert "Investment protocol is asked for" in said_on(protocol.text)
    assert "0 of 2 done." in said_on(forged.text)
    with begin() as session:
        asked = session.exec(select(OutboxMessage).where(OutboxMessage.name == REQUESTED)).all()
    assert [one.payload["kind"] for one in asked if one.collaboration_id == cases[0]].count("investment-protocol") > 0


def test_what_became_of_each_is_read_again_by_who_sent_it_and_done_once(installation: Path) -> None:
    house, cases = a_page_house(several)
    manager, page = house.manager, "/cases?view=table"
    manager.get("/language/de?next=/")
    chosen = {"case": list(cases.values()), "act": "move:drop", "reason": "Der Aufruf ist vorbei."}
    address = manager.send("/cases/bulk", chosen, page=page).headers["Location"]

    first, again = said_on(manager.read(address)), said_on(manager.read(address))
    assert first == again
    assert "Aufgegeben" in first
    assert page in manager.read(address).replace("&amp;", "&")
    assert house.by(SECRETARY).get(address).status_code == 404
    assert manager.get("/cases/bulk/0123456789").status_code == 404


def test_a_partner_does_nothing_with_several(installation: Path) -> None:
    house, _ = a_page_house(several)

    assert "/cases/bulk" not in house.by(PARTNER).read("/cases?view=table")


def test_a_case_is_opened_with_a_new_contact_or_one_on_record(installation: Path) -> None:
    def met(world: World) -> str:
        one, other = world.organisations["katowice"], world.organisations["marseille"]
        return record_contact(
            world.session,
            partnership_id=world.partnership.id,
            kind=ContactKind.EXPRESSION_OF_INTEREST,
            requester=one,
            host=other,
            subject="Photonics",
            status=ContactStatus.ACCEPTED,
        ).id

    house, contact = a_page_house(met)
    manager = house.manager
    fields = {
        "title": "Light for wounds",
        "lead": "medtech-gliwice",
        "partners": ["medtech-marseille", "", ""],
        "came_from": "meeting",
        "held_on": "2026-11-20",
    }
    opened = manager.send("/cases/new", fields, follow=True)
    assert "Light for wounds" in said_on(opened.text)
    on_record = fields | {
        "title": "Photonics",
        "contact_id": contact,
        "lead": "medtech-katowice",
        "working_area": "2",
    }
    assert "Photonics" in said_on(manager.send("/cases/new", on_record, follow=True).text)
    assert contact not in manager.read("/cases/new")


def test_a_new_case_without_a_title_is_asked_for_it_and_keeps_what_was_chosen(installation: Path) -> None:
    house, _ = a_page_house()
    answer = house.manager.send(
        "/cases/new", {"title": "", "lead": "medtech-gliwice", "partners": ["medtech-marseille"]}
    )

    assert answer.status_code == 422
    assert '<option value="medtech-gliwice" selected>' in answer.text
    assert '<option value="medtech-marseille" selected>' in answer.text


@pytest.mark.parametrize("view", ["columns", "table"])
def test_statements_of_the_list_do_not_grow_with_its_rows(installation: Path, view: str) -> None:
    def many(world: World) -> None:
        for number in range(6):
            row = a_collaboration(world, slug=f"case-{number}")
            edit_collaboration(world.session, row, title=f"Several {number}" if number else "Alone")

    house, _ = a_page_house(many)
    counts, text = [], ""
    for words in ("alone", "alone", "several"):
        with counted() as sent:
            text = house.manager.read(f"/cases?view={view}&q={words}")
        counts.append(len(sent))
    assert "Several 5" in text
    assert counts[1] == counts[2]


def test_a_view_is_kept_by_a_name_by_oneself_alone_and_removed(installation: Path) -> None:
    house, _ = a_page_house(several)
    manager, page = house.manager, "/cases?view=table&stage=outline"
    wrong = manager.send("/cases/views", {"name": " "}, page=page)
    assert wrong.status_code == 422
    kept = manager.send("/cases/views", {"name": "At <outline>"}, page=page)
    assert kept.headers["Location"] == page
    text = manager.read("/cases")
    assert "At &lt;outline&gt;" in text
    assert 'href="/cases?view=table&amp;stage=outline"' in text
    removal = text.partition('action="/cases/views/')[2].partition('"')[0]
    assert "outline&gt;" not in house.by(SECRETARY).read("/cases")
    assert house.by(SECRETARY).send(f"/cases/views/{removal}", page="/cases").status_code == 404

    assert "outline&gt;" not in manager.send(f"/cases/views/{removal}", page="/cases", follow=True).text
