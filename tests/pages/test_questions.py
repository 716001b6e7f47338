"""Questions and checklists in a browser: asked, answered, corrected, closed; filled, signed off and opened again."""

import re
from pathlib import Path

import pytest

from states.lifecycle.move import move
from tests.api.house import OBSERVER, PARTNER
from tests.factories import World, a_collaboration
from tests.pages.house import a_page_house, said_on
from tests.pages.test_protocol import MARKUP, MARSEILLE, a_case

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def a_lean_case(world: World) -> str:
    world.partnership.playbook = "lean"
    world.session.flush()
    row = a_collaboration(world)
    move(world.session, row.id, "begin", actor=world.manager)
    return row.id


def test_a_question_is_asked_answered_asked_on_and_closed(installation: Path) -> None:
    house, case = a_page_house(a_case)
    manager, marseille, page = house.manager, house.by(MARSEILLE), f"/cases/{case}/questions"
    said = {"text": "Which of the two is certified?", "to": "organisation:medtech-marseille"}
    answer = manager.send(page, {**said, "subject_name": "section:market"})
    link = answer.headers["Location"].partition("?")[0]
    assert "Market and demand" in said_on(manager.read(link))

    assert marseille.send(f"{link}/answers", {"text": ""}, page=link).status_code == 422
    answered = marseille.send(f"{link}/answers", {"text": "The second one."}, page=link, follow=True)
    assert "Answered." in said_on(answered.text)
    number = re.search(r'action="/questions/[0-9a-f]+/answers/(\d+)"', answered.text)
    assert number is not None
    marseille.send(f"{link}/answers/{number[1]}", {f"text{number[1]}": "The first one.", "version": "1"}, page=link)
    assert "The first one." in said_on(manager.read(link))

    manager.send(f"{link}/reopening", {"text": "By whom?"}, page=link)
    assert "By whom?" in said_on(marseille.read(link))
    version = re.search(r'closing".*?name="version" value="(\d+)"', manager.read(link), re.DOTALL)
    assert version is not None
    assert manager.send(f"{link}/closing", {"version": version[1]}, page=link).status_code == 303
    assert "Closed" in said_on(manager.read(f"{page}?state=closed"))
    assert "No question is here" in said_on(manager.read(f"{page}?state=open"))


def test_a_question_that_fails_keeps_its_words(installation: Path) -> None:
    house, case = a_page_house(a_case)
    said = {"text": "Who pays?", "to": "organisation:nobody", "due_on": "2001-01-01"}
    answer = house.manager.send(f"/cases/{case}/questions", said)

    assert answer.status_code == 422
    assert "Who pays?" in answer.text
    assert 'href="#f-due_on"' in answer.text or 'href="#f-to"' in answer.text


def test_who_may_not_read_a_question_finds_none(installation: Path) -> None:
    house, case = a_page_house(a_case)
    said = {"text": MARKUP, "to": "organisation:medtech-marseille", "audience": "parties"}
    link = house.manager.send(f"/cases/{case}/questions", said).headers["Location"].partition("?")[0]

    assert house.by(OBSERVER).get(link).status_code == 403
    read = house.by(MARSEILLE).read(link)
    assert "<script>alert" not in read
    assert "&lt;script&gt;" in read


def test_a_question_nobody_answered_is_changed_and_withdrawn(installation: Path) -> None:
    house, case = a_page_house(a_case)
    manager = house.manager
    said = {"text": "Who pays?", "to": "role:iag_secretary"}
    link = manager.send(f"/cases/{case}/questions", said).headers["Location"].partition("?")[0]
    assert "Who pays for it?" in manager.send(link, {"text": "Who pays for it?"}, follow=True).text
    assert "Withdrawn." in said_on(manager.send(f"{link}/withdrawal", page=link, follow=True).text)


def test_a_checklist_is_filled_signed_off_and_opened_again(installation: Path) -> None:
    house, case = a_page_house(a_lean_case)
    manager, page = house.manager, f"/cases/{case}/checklists/eligibility"
    assert "Eligibility" in said_on(manager.read(f"/cases/{case}/checklists"))
    keys = re.findall(r'name="item" value="([a-z_]+)"', manager.read(page))
    assert len(keys) == 5
    good = {"in_difficulty": "no", "recovery_order": "no"}
    fields = {f"answers.{place}.value": good.get(key, "yes") for place, key in enumerate(keys)}
    answer = manager.send(page, {"item": keys, **fields, "answers.0.comment": MARKUP}, follow=True)
    assert "5 of 5 items are done." in said_on(answer.text)
    assert "<script>alert" not in answer.text

    assert "Signed off." in said_on(manager.send(f"{page}/sign-off", page=page, follow=True).text)
    assert manager.send(f"{page}/reopening", {"reason": ""}, page=page).status_code == 422
    assert "Open again." in said_on(
        manager.send(f"{page}/reopening", {"reason": "A partner has changed."}, page=page, follow=True).text
    )


def test_what_is_no_answer_stands_at_its_item(installation: Path) -> None:
    house, case = a_page_house(a_lean_case)
    page = f"/cases/{case}/checklists/eligibility"
    keys = re.findall(r'name="item" value="([a-z_]+)"', house.manager.read(page))
    answer = house.manager.send(page, {"item": keys, "answers.3.value": "maybe", "answers.3.comment": "Nobody knows."})

    assert answer.status_code == 422
    assert 'href="#f-answers-3-value"' in answer.text
    assert "Nobody knows." in answer.text


def test_two_who_answer_different_items_do_not_meet(installation: Path) -> None:
    house, case = a_page_house(a_lean_case)
    manager, page = house.manager, f"/cases/{case}/checklists/eligibility"
    keys = re.findall(r'name="item" value="([a-z_]+)"', manager.read(page))
    manager.send(page, {"item": keys, "answers.0.value": "yes", "version": "0"})
    assert manager.send(page, {"item": keys, "answers.1.value": "yes", "version": "0"}).status_code == 303
    assert "2 of 5 items are done." in said_on(manager.read(page))


def test_partners_read_a_list_that_is_shared_and_fill_none(installation: Path) -> None:
    house, case = a_page_house(a_lean_case)
    page = f"/cases/{case}/checklists/eligibility"
    read = house.by(PARTNER).read(page)

    assert "Eligibility" in read
    assert "answers.0.value" not in read
