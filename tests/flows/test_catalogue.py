"""The catalogue and `prefect.yaml` say the same, and the catalogue names flows that exist."""

import subprocess
import sys
from pathlib import Path

import pytest

from flows.catalogue import FLOWS, FlowSpec, consumers_of, flow_named
from flows.deployments import PREFECT_YAML, differences
from flows.host import load
from states.errors import Invalid, Missing

TEXT = PREFECT_YAML.read_text(encoding="utf-8")


def changed(tmp_path: Path, old: str, new: str) -> Path:
    assert TEXT.count(old) == 1
    path = tmp_path / "prefect.yaml"
    path.write_text(TEXT.replace(old, new), encoding="utf-8")
    return path


def test_catalogue_and_deployments_agree() -> None:
    assert differences() == []


@pytest.mark.parametrize(
    ("old", "new", "difference"),
    [
        (
            "interval: 900",
            "interval: 901",
            "digest: schedules is [{'interval': 901}] in prefect.yaml and [{'interval': 900}] in the catalogue",
        ),
        (
            "tags: [documents]",
            "tags: [papers]",
            "issue-document: tags is ['papers'] in prefect.yaml and ['documents'] in the catalogue",
        ),
        ("flows.reports.progress_report", "flows.reports.report", "progress-report: entrypoint is"),
        ("- name: remind", "- name: reminder", "reminder: is in prefect.yaml and not in the catalogue"),
    ],
)
def test_each_difference_in_the_file_is_said(tmp_path: Path, old: str, new: str, difference: str) -> None:
    found = differences(changed(tmp_path, old, new))

    assert found[0].startswith(difference)


def test_a_flow_that_is_not_deployed_is_said() -> None:
    found = differences(flows=(*FLOWS, FlowSpec("dream", "flows.dreams")))

    assert found == ["dream: is in the catalogue and not in prefect.yaml"]


def test_a_deployment_without_its_parts_is_an_error_with_its_place(tmp_path: Path) -> None:
    path = changed(tmp_path, "    entrypoint: flows.reviews.open_review_round\n", "")

    with pytest.raises(Invalid) as raised:
        differences(path)

    assert [fault.place for fault in raised.value.faults] == ["deployments.0.entrypoint"]


@pytest.mark.parametrize("spec", FLOWS, ids=lambda spec: spec.name)
def test_each_entry_names_a_flow_of_that_name(spec: FlowSpec) -> None:
    assert load(spec).name == spec.label


def test_events_find_their_consumers() -> None:
    assert [spec.name for spec in consumers_of("review.requested")] == ["open_review_round"]
    assert [spec.name for spec in consumers_of("review.seat_left")] == ["replace_reviewer", "review_scenarios"]
    assert consumers_of("collaboration.moved") == []


def test_flows_are_found_by_either_spelling_and_others_are_not() -> None:
    assert flow_named("issue_document") is flow_named("issue-document")
    with pytest.raises(Missing, match="There is no flow 'dream' here"):
        flow_named("dream")


def test_check_prints_agreement_and_ends_well_without_prefect() -> None:
    code = "import sys; from flows.__main__ import main; code = main(['check']); print('prefect' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "The catalogue and prefect.yaml agree.\nFalse\n"
