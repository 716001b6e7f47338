"""The outbox over HTTP and from a shell: what waits and why, and what was set aside tried again."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states.outbox.leases import Answering
from states.outbox.queries import dead_messages
from states.outbox.service import publish
from states.storage import begin
from tests.api.house import House, a_house, problem
from tests.factories import World, a_collaboration, a_world
from tests.states.outbox.outbox import end_lease, fail, relay


def _events(world: World) -> dict[str, str]:
    """Publish one event of a collaboration beside its own first one, and one of another partnership."""
    row = a_collaboration(world)
    mine = publish(
        world.session, "document.requested", partnership_id=world.partnership.id, collaboration_id=row.id, kind="x"
    )
    other = publish(
        world.session, "report.issued", partnership_id=a_world(world.session, slug="elsewhere").partnership.id
    )
    return {"collaboration": row.id, "mine": mine.id, "other": other.id}


@pytest.fixture
def furnished(installation: Path) -> tuple[House, dict[str, str]]:
    house, keys = a_house(_events)
    for _ in range(5):  # the first event of the collaboration and the other partnership's are for the record only
        relay(fail, runner="one", answering=Answering({"document.requested": ["mill"]}))
        end_lease(keys["mine"])
    return house, keys


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["outbox", *arguments])


def listed(result: Result) -> list[list[str]]:
    assert result.exit_code == 0
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_events_are_listed_by_state_with_what_went_wrong(furnished: tuple[House, dict[str, str]]) -> None:
    house, keys = furnished

    dead = house.manager.get("/operations/outbox-messages?state=dead").json()
    done = house.manager.get(f"/operations/outbox-messages?state=done&collaboration={keys['collaboration']}").json()

    assert dead["total"] == 1
    item = dead["items"][0]
    assert (item["id"], item["tries_failed"], item["last_error"]) == (
        keys["mine"],
        5,
        "RuntimeError: the mill is broken",
    )
    assert (item["name"], item["state"], item["overtaken"], item["notes"]) == ("document.requested", "dead", 0, [])
    assert [one["name"] for one in done["items"]] == ["collaboration.opened"]
    assert house.manager.get("/operations/outbox-messages?limit=1").headers["Link"].endswith('rel="next"')


def test_a_dead_event_is_tried_again_once_and_another_partnership_s_is_missing(
    furnished: tuple[House, dict[str, str]],
) -> None:
    house, keys = furnished
    path = f"/operations/outbox-messages/{keys['mine']}/retry"

    again = house.manager.post(path)
    once_more = house.manager.post(path)

    assert (again.status_code, again.json()["state"], again.json()["tries_failed"]) == (200, "open", 0)
    assert (once_more.status_code, once_more.json()["tries_failed"]) == (200, 0)
    done = house.manager.get("/operations/outbox-messages?state=done").json()["items"][0]
    assert problem(house.manager.post(f"/operations/outbox-messages/{done['id']}/retry")) == (409, "message_done")
    assert problem(house.manager.post(f"/operations/outbox-messages/{keys['other']}/retry")) == (404, "missing")


def test_the_shell_lists_what_waits_and_why(furnished: tuple[House, dict[str, str]]) -> None:
    _, keys = furnished

    ((event_id, _, state, name, slug, tries, why),) = listed(
        run("list", "--state", "dead", "--collaboration", "centre")
    )
    last = run("list", "--limit", "1")

    assert (event_id, state, name, slug, tries) == (keys["mine"], "dead", "document.requested", "centre", "5")
    assert why.startswith("set aside ")
    assert why.endswith(" UTC; RuntimeError: the mill is broken")
    assert [line[0] for line in listed(last)] == [keys["other"]]
    assert last.stderr == "2 older ones are not shown: --limit 3 shows all.\n"
    assert (run("list", "--collaboration", "nowhere").exit_code, listed(run("list", "--state", "leased"))) == (2, [])


def test_the_shell_tries_one_or_all_again_and_says_why_not(furnished: tuple[House, dict[str, str]]) -> None:
    _, keys = furnished

    said = [
        run("retry", *arguments)
        for arguments in (["--all-stuck"], [keys["mine"]], ["--all-dead"], [keys["other"]], [], ["x", "--all-dead"])
    ]

    assert [result.exit_code for result in said] == [0, 0, 0, 2, 2, 2]
    assert [result.stdout for result in said[:3]] == [
        "1 messages are tried again.\n",
        "It is tried again.\n",
        "0 messages are tried again.\n",
    ]
    assert said[3].stderr.startswith("This message is done")
    with begin(read_only=True) as session:
        assert dead_messages(session) == 0
