"""The main job as a user runs it: everything real, over HTTP, in processes of their own."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from states.changes.queries import ChangesOf, changes_of
from states.rights.authors import Via
from states.storage import make_engine, session_on
from tests import unrecorded
from tests.waiting import HANG_SECONDS, wait_until

pytestmark = [pytest.mark.prefect, pytest.mark.long]

COMMAND = [str(Path(sys.executable).with_name("bankable")), "demo", "--home"]
KINDS = (
    "investment-protocol",
    "review-dossier",
    "evaluation-report",
    "consensus-report",
    "panel-minutes",
    "decision-letter",
    "proposal",
    "monitoring-report-public",
    "monitoring-report-confidential",
    "personal-agenda",
    "table-plan",
    "event-booklet",
    "redline",
    "teaser",
    "briefing",
    "comparison",
)
DOCUMENTS = (*KINDS, "proposal-de")
# Which flow answered how many messages of which name, about the collaboration that goes the whole way.
FOLLOWED = {
    # Two rounds of five advisers and one who had a conflict; one round of four regions.
    ("review.requested", "open_review_round"): 3,
    ("review.invited", "invite_reviewer"): 15,
    ("review.seat_left", "replace_reviewer"): 1,
    ("review.seat_left", "review_scenarios"): 1,
    ("review.position_stated", "review_scenarios"): 4,
    ("review.answers_in", "close_review_round"): 3,
    ("review.decided", "announce_decision"): 3,
    ("funding.requested", "solve_funding"): 1,
    # Two protocols, three dossiers, ten evaluations, two consensus reports, three minutes and letters,
    # a redline, a proposal in two languages, a comparison, a teaser, a briefing of each region and one anew.
    ("document.requested", "issue_document"): 33,
    # Each of them, for the demonstration has a key of its own to seal with.
    ("document.seal_requested", "seal_document"): 33,
}


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if not key.startswith(("BANKABLE_", "PREFECT_"))}


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a demonstration that was told to its end, on either database."""
    home = tmp_path_factory.mktemp("demo") / "home"
    database = ["--database-url", request.getfixturevalue("empty_postgres")] if request.param == "postgresql" else []
    ended = subprocess.run(
        [*COMMAND, str(home), *database],
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=HANG_SECONDS,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return home


@pytest.fixture(scope="module")
def journey(told: Path) -> Any:
    return json.loads((told / "journey.json").read_text(encoding="utf-8"))


def _plain(path: Path) -> str:
    """Return a document's text on one line, with plain spaces."""
    command = ["pdftotext", "-layout", str(path), "-"]
    text = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return " ".join(text.replace("\N{NARROW NO-BREAK SPACE}", " ").replace("\N{THIN SPACE}", " ").split())


def test_every_row_is_what_its_records_say(told: Path, request: pytest.FixtureRequest) -> None:
    on_postgres = request.node.callspec.params["told"] == "postgresql"
    url = request.getfixturevalue("empty_postgres") if on_postgres else f"sqlite:///{told / 'bankable.db'}"
    made = make_engine(url)
    with session_on(made, read_only=True) as session:
        unlike = unrecorded.unlike(session)
        authors = {change.author for change in changes_of(session, ChangesOf())}
    made.dispose()

    assert unlike == []
    assert {author.via for author in authors} == {Via.COMMAND, Via.FLOW, Via.LINK, Via.TOKEN}
    assert [author for author in authors if author.via is Via.TOKEN and author.person_id is None] == []
    assert {author.key for author in authors if author.via is Via.COMMAND} == {"bankable demo"}


def test_who_meets_was_suggested_and_told_why(told: Path) -> None:
    found = json.loads((told / "suggestion.json").read_text(encoding="utf-8"))

    assert (found["suggested_to"], found["other"]["organisation"]) == (
        "gapr-medsilesia",
        "illustrative-testing-marseille",
    )
    assert [node["label"] for node in found["own"]["nodes"] if node["by"]] != []
    for sight in (found["own"], found["theirs"]):
        assert abs(sum(term["contribution"] for term in sight["terms"]) - sight["score"]) < 0.001


def test_the_journey_goes_from_matchmaking_to_the_work(journey: Any) -> None:
    assert [(move["from"], move["to"]) for move in journey["moves"]] == [
        ("matchmaking", "outline"),
        ("outline", "investment_protocol"),
        ("investment_protocol", "iag_review"),
        ("iag_review", "investment_protocol"),
        ("investment_protocol", "iag_review"),
        ("iag_review", "wgra_review"),
        ("wgra_review", "funding_scenario"),
        ("funding_scenario", "bankable"),
        ("bankable", "submitted"),
        ("submitted", "funded"),
        ("funded", "implementing"),
    ]


def test_every_flow_that_followed_has_a_run(journey: Any) -> None:
    events = [event for move in journey["moves"] for event in move["messages"]] + journey["between_moves"]
    runs = [(event["name"], run["flow"]) for event in events for run in event["flow_runs"] if run["flow_run_id"]]
    assert Counter(runs) == FOLLOWED


def test_all_documents_are_there(told: Path) -> None:
    found = {path.name: path.read_bytes()[:5] for path in told.glob("*.pdf")}
    assert found == {f"{name}.pdf": b"%PDF-" for name in DOCUMENTS}


def test_it_begins_with_an_event_whose_timetable_was_computed(told: Path) -> None:
    agenda, plan = (_plain(told / f"{name}.pdf") for name in ("personal-agenda", "table-plan"))
    wanted = ["Agenda of GAPR-Medsilesia", "Testing centre, Marseille", "Shared testing of biomaterials", "24 October"]
    assert [word for word in wanted if word not in agenda] == []
    assert "6 meetings; tables" in plan
    assert "In vitro test platform for biomaterials" in _plain(told / "event-booklet.pdf")


def test_the_proposal_says_what_a_bank_and_a_region_ask(told: Path) -> None:
    wanted = ["GAPR-Medsilesia", "PL229", "FRL04", "ES511", "ITH55", "Upper Silesia", "Investment thesis"]
    wanted += [
        "Investment Advisory Group",
        "5 000 000.00",
        "1 395 000.00",
        "Regional grants and a loan",
        "Computed by rule set eu-2014",
        "Risks by score",
    ]
    plain = _plain(told / "proposal.pdf")
    assert [word for word in wanted if word.lower() not in plain.lower()] == []


def test_the_proposal_says_what_it_means_in_money_over_the_years(told: Path) -> None:
    plain = _plain(told / "proposal.pdf")

    wanted = [
        "Illustrative: some of these assumptions are made up",
        "Profit and loss, EUR, 2021–2025",
        "Work plan: the second lot after the first tests",
        "Net present value of the project in 500 draws",
    ]
    assert [text for text in wanted if text not in plain] == []


def test_the_regions_see_calls_and_criteria_side_by_side(told: Path) -> None:
    papers = [_plain(told / f"{name}.pdf") for name in ("review-dossier", "panel-minutes")]  # the last of each

    wanted = [
        "Calls of the regions, side by side",
        "15 Oct 2020 to 28 Oct 2020 nothing: all can pay then",
        "Criteria of the payers, side by side",
        "No evaluation of the partnership answers: Regional programme, Upper Silesia (illustrative): Climate",
    ]
    assert [[text for text in wanted if text not in paper] for paper in papers] == [[], []]


def test_the_documents_show_the_conflict_and_the_revision(told: Path) -> None:
    first, second, _ = [_plain(path).lower() for path in sorted((told / "issued").glob("*-panel-minutes.pdf"))]
    assert "disqualifying" in first
    assert "disqualifying" not in second
    letters = [_plain(path).lower() for path in sorted((told / "issued").glob("*-decision-letter.pdf"))]
    outcomes = ("revise", "endorsed with conditions", "endorsed")
    assert [outcome in letter for outcome, letter in zip(outcomes, letters, strict=True)] == [True, True, True]


def test_the_reports_are_those_that_were_issued(told: Path) -> None:
    reports = [_plain(told / f"monitoring-report-{edition}.pdf") for edition in ("public", "confidential")]
    assert [("2020-H1, issued" in text, "2020-H1, draft" in text) for text in reports] == [(True, False)] * 2


def test_reminders_went_out_as_mails(told: Path) -> None:
    mails = list((told / "mail").glob("*.eml"))
    assert mails
    assert all("X-" not in path.name and "@example.org" in path.read_text(encoding="utf-8") for path in mails)


def test_the_redline_says_what_the_second_version_says_otherwise(told: Path) -> None:
    plain = _plain(told / "redline.pdf")

    wanted = ["1 of 17 sections changed", "and how long they decide", "The bank's term sheet first"]
    assert [text for text in wanted if text not in plain] == []


def test_the_pipeline_says_why_not_yet(told: Path) -> None:
    pipeline = json.loads((told / "pipeline.json").read_text(encoding="utf-8"))
    stages = {one["slug"]: one["stage"] for one in pipeline["collaborations"]}
    refused = {
        one["slug"]: [offer["name"] for offer in one["moves"] if not offer["open"]]
        for one in pipeline["collaborations"]
    }
    assert stages == {
        "centre-for-biocompatibility": "implementing",
        "healthcare-40": "investment_protocol",
        "medtech-nethub": "investment_protocol",
        "piedmont-project": "dropped",
    }
    assert refused["healthcare-40"] == ["submit_to_iag", "merge"]


def _processes_of(home: Path) -> list[int]:
    """Return every process that has the demonstration's folder in its environment."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            text = (folder / "environ").read_bytes()
        except OSError:
            continue
        if str(home).encode() in text:
            found.append(int(folder.name))
    return found


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks at processes through /proc")
def test_killed_midway_it_leaves_no_process(tmp_path: Path, number: signal.Signals) -> None:
    home = tmp_path / "home"
    process = subprocess.Popen([*COMMAND, str(home)], env=_environment(), stdout=subprocess.DEVNULL)
    wait_until(lambda: len(_processes_of(home)) > 1, of=process)
    process.send_signal(number)
    process.wait(HANG_SECONDS)
    wait_until(lambda: not _processes_of(home))
    assert process.returncode != 0
