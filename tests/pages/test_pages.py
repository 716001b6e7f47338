"""What every page has in common: who reads it, what keeps other sites out, and what becomes of a form that fails."""

from pathlib import Path

import pytest
from starlette.requests import Request

from api.pages.signing import form_token
from tests.api.house import OBSERVER
from tests.factories import World, a_collaboration
from tests.pages.house import Reader, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def a_case(world: World) -> str:
    return a_collaboration(world).id


def drop(case: str) -> str:
    """Return the page on which a case is dropped."""
    return f"/cases/{case}/moves/drop"


def token_of(reader: Reader) -> str:
    """Return a good token for a form of this reader, whoever it is."""
    request = Request(
        {
            "type": "http",
            "headers": [(b"cookie", f"bankable_session={reader.cookie}".encode())],
            "scheme": "http",
            "server": ("127.0.0.1", 8400),
            "path": "/",
            "query_string": b"",
        }
    )
    return form_token(request)


def test_who_is_not_signed_in_is_led_to_the_sign_in_and_back(installation: Path) -> None:
    a_page_house()
    answer = Reader().get("/cases/x/moves?a=1")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=%2Fcases%2Fx%2Fmoves%3Fa%3D1")


def test_no_answer_of_a_page_may_be_framed_kept_or_fed_with_foreign_code(installation: Path) -> None:
    house, _ = a_page_house()
    answer = house.manager.get("/")

    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"


def test_a_move_is_made_by_its_form_and_told(installation: Path) -> None:
    house, case = a_page_house(a_case)
    page = house.manager.send(
        f"/cases/{case}/moves", {"move": "drop", "reason": "The partners part."}, page=drop(case), follow=True
    )

    assert "The move is made." in said_on(page.text)


def test_a_form_that_fails_is_its_page_again_with_the_fault_and_what_was_typed(installation: Path) -> None:
    house, case = a_page_house(a_case)
    answer = house.manager.send(f"/cases/{case}/moves", {"move": "drop", "reason": "Why \ue000"}, page=drop(case))

    assert answer.status_code == 422
    assert "<title>Error: " in answer.text
    assert "There is a problem" in said_on(answer.text)
    assert 'aria-invalid="true"' in answer.text
    assert "Why \ue000" in answer.text


def test_a_role_that_may_not_is_told_so(installation: Path) -> None:
    house, case = a_page_house(a_case)
    observer = house.by(OBSERVER)
    assert "<form method" not in observer.read(f"/cases/{case}/moves")
    answer = observer.client.post(f"/cases/{case}/moves", data={"form_token": token_of(observer), "move": "drop"})

    assert answer.status_code == 403
    assert answer.headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "null"},
    ],
)
def test_a_form_of_another_site_is_refused_whatever_it_knows(installation: Path, headers: dict[str, str]) -> None:
    house, case = a_page_house(a_case)
    manager = house.manager
    read = manager.read(drop(case))
    token = read.partition('name="form_token" value="')[2].partition('"')[0]
    answer = manager.client.post(
        f"/cases/{case}/moves",
        data={"form_token": token, "version": "1", "move": "drop", "reason": "x"},
        headers=headers,
    )

    assert answer.status_code == 403
    assert 'value="drop"' in manager.read(drop(case))  # it may still be dropped


def test_a_form_without_the_token_of_its_session_changes_nothing_and_may_be_sent_again(installation: Path) -> None:
    house, case = a_page_house(a_case)
    manager = house.manager
    fields = {"form_token": "forged", "version": "1", "move": "drop", "reason": "The partners part."}
    answer = manager.client.post(f"/cases/{case}/moves", data=fields)

    assert answer.status_code == 401
    assert "The partners part." in answer.text
    assert "Nothing that you typed is lost" in said_on(answer.text)


def test_the_cookie_of_a_session_opens_no_route_of_the_api(installation: Path) -> None:
    house, case = a_page_house(a_case)

    assert house.manager.get(f"/api/v1/collaborations/{case}").status_code == 401


def test_what_is_not_there_is_a_page_and_of_the_api_a_problem(installation: Path) -> None:
    house, _ = a_page_house()

    assert "This page is not here" in said_on(house.manager.get("/nowhere").text)
    assert house.manager.get("/api/v1/nowhere").headers["Content-Type"] == "application/problem+json"
