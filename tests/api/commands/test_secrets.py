"""The secret changes: links still open and seals still fit, until the former one is ended."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states.credentials.links import LinkForged, LinkPurpose, lasting_link, subject_of
from states.seals.secrets import known_secrets, name_of, secret_in_force
from states.settings import settings
from states.storage import begin
from tests.sealed import a_sealed_case, breaches_now, by_hand

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, arguments)


@pytest.fixture
def case(installation: Path) -> str:
    with begin() as session:
        return a_sealed_case(session).id


def test_a_secret_is_rotated_and_the_former_one_retired(case: str) -> None:
    link, before = lasting_link("mail", purpose=LinkPurpose.UNSUBSCRIBE), name_of(secret_in_force())

    rotated = run("secret", "rotate")

    after = name_of(secret_in_force())
    assert rotated.output.startswith(f"{after} is in force; {before} still opens links and verifies seals.\n")
    assert before != after
    assert subject_of(link, purpose=LinkPurpose.UNSUBSCRIBE) == "mail"
    assert breaches_now() == []
    assert run("secret", "list").output == f"{after}\tin force\t0\n{before}\tformer\t3\n"

    retired = run("secret", "retire", before)

    assert retired.output == f"Everything is sealed by {after}. Of 1 open links those by {before} end.\n"
    assert run("secret", "list").output == f"{after}\tin force\t3\n"
    assert breaches_now() == []
    with pytest.raises(LinkForged):
        subject_of(link, purpose=LinkPurpose.UNSUBSCRIBE)


def test_a_secret_is_not_retired_while_something_does_not_fit(case: str) -> None:
    before = name_of(secret_in_force())
    run("secret", "rotate")
    by_hand("UPDATE decision SET reasons = 'Others.'")

    retired = run("secret", "retire", before)

    assert retired.exit_code == 2
    assert "decision" in retired.stderr
    assert before in {name_of(secret) for secret in known_secrets()}


def test_the_secret_in_force_is_not_retired(case: str) -> None:
    name = name_of(secret_in_force())

    said = run("secret", "retire", name)

    assert (said.exit_code, said.stderr) == (
        2,
        f"{name} is the secret in force: `bankable secret rotate` puts another one in its place first.\n",
    )


def test_a_secret_of_the_settings_is_changed_there(case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    of_the_file = secret_in_force().decode()
    monkeypatch.setenv("BANKABLE_SECRET", "one")
    settings.cache_clear()
    assert breaches_now() == []  # what lies in the folder is a former one now
    assert run("secret", "rotate").stderr.startswith("BANKABLE_SECRET names the secret, and only there")

    (settings().home / "secret").unlink()
    assert breaches_now() != []
    monkeypatch.setenv("BANKABLE_FORMER_SECRETS", json.dumps([of_the_file]))
    settings.cache_clear()
    assert breaches_now() == []
