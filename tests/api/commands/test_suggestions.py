"""The commands `bankable suggest` print what the routes answer, as a table."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from states.clock import at
from states.matchmaking.profiles.tables import ProfileType
from states.storage import begin
from tests.api.house import furnish
from tests.factories import a_collaboration
from tests.meeting_factories import (
    BEFORE,
    a_brokerage_event,
    a_content,
    a_participant,
    a_published_profile,
)

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


@pytest.fixture
def reference(installation: Path) -> str:
    """The reference of an offer of Gliwice, beside a request of Marseille and an event at which both take part."""
    with begin() as session, at(BEFORE):
        world, _ = furnish(session)
        wanted = a_content(ProfileType.TECHNOLOGY_REQUEST, partner_types=["other"], title="Coating wanted")
        a_published_profile(world, "marseille", wanted)
        event = a_brokerage_event(world)
        a_participant(world, event, "gliwice")
        for label in ("head of research", "head of sales"):
            a_participant(world, event, "marseille", label=label)
        a_collaboration(world, sites=("gliwice", "katowice"))
        return a_published_profile(world).reference


def suggest(*arguments: str) -> Result:
    with at(BEFORE):
        return CliRunner().invoke(app, ["suggest", *arguments])


def test_a_profile_and_a_participant_see_whom_to_meet_and_why(reference: str) -> None:
    for arguments in (("profile", reference), ("event", "Medtech days", "medtech-gliwice")):
        shown = suggest(*arguments, "--why", "1")

        assert shown.exit_code == 0
        for text in ("Coating wanted", "marseille, FRL04", "Dental implants (100%)", "Why number 1", "geometric mean"):
            assert text in shown.output


def test_a_collaboration_sees_which_partner_it_wants(reference: str) -> None:
    shown = suggest("partners", "centre", "--competence", "SV.TES")

    assert shown.exit_code == 0
    for text in ("a partner outside PL22", "competence in Testing", "marseille", "Nobody here: competence in Testing"):
        assert text in shown.output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("profile", "NONE"), "There is no profile 'NONE' here."),
        (("event", "No fair", "medtech-gliwice"), "There is no event 'No fair' here."),
        (("event", "Medtech days", "nobody"), "There is no participant 'nobody' here."),
        (("event", "Medtech days", "medtech-marseille"), "name one of head of research, head of sales with --label"),
        (("partners", "none"), "There is no collaboration 'none' here."),
        (("partners", "centre", "--instrument", "none"), "none is no instrument whose terms are known"),
    ],
)
def test_what_is_not_there_ends_with_a_line(reference: str, arguments: tuple[str, ...], said: str) -> None:
    ended = suggest(*arguments)

    assert (ended.exit_code, said in ended.output) == (2, True)
