"""The six-monthly report is drafted when its half-year is over, and both editions are printed when it changes."""

from collections import Counter

import pytest

from flows.catalogue import flow_named
from flows.host import run_here
from flows.relay import relay_batch
from states.archive.queries import documents_of
from states.archive.tables import DocumentClass, DocumentKind
from states.outbox.service import publish
from states.partners.queries import partnership_by_slug
from states.partners.tables import Initiative
from states.reporting.queries import reports_of
from states.storage import begin
from tests.flows.conftest import World, consumers, delivered

pytestmark = [pytest.mark.prefect, pytest.mark.usefixtures("prefect_server")]

REPORT = flow_named("progress_report")
EDITIONS = {
    DocumentKind.MONITORING_REPORT_PUBLIC: DocumentClass.PUBLIC,
    DocumentKind.MONITORING_REPORT_CONFIDENTIAL: DocumentClass.CONFIDENTIAL,
}


def issued(world: World) -> Counter[tuple[DocumentKind, DocumentClass]]:
    with begin(read_only=True) as session:
        found = documents_of(session, partnership_id=world.partnership_id)
    return Counter((row.kind, row.document_class) for row in found)


def test_the_half_year_that_is_over_is_drafted_and_printed_once(world: World) -> None:
    first, second = run_here(REPORT, {}), run_here(REPORT, {})
    relay_batch()

    with begin(read_only=True) as session:
        (report,) = reports_of(session, world.partnership_id)
    assert (report.period, first.result, second.result) == (
        "2025-H2",
        {"changed": [report.id], "opened": []},
        {"changed": [], "opened": []},
    )
    assert issued(world) == Counter(EDITIONS.items())


def test_figures_that_change_later_are_printed_anew(world: World) -> None:
    run_here(REPORT, {})
    with begin() as session:
        partnership = partnership_by_slug(session, "optics")
        session.add(Initiative(partnership_id=partnership.id, name="A joint project"))

    changed = run_here(REPORT, {})

    with begin(read_only=True) as session:
        (report,) = reports_of(session, world.partnership_id)
    assert (report.version, changed.result) == (2, {"changed": [report.id], "opened": []})


def test_an_issued_report_brings_both_editions_once(world: World) -> None:
    run_here(REPORT, {})
    with begin(read_only=True) as session:
        report_id = reports_of(session, world.partnership_id)[0].id
    with begin() as session:
        message_id = publish(
            session, "report.issued", partnership_id=world.partnership_id, report_id=report_id, period="2025-H2"
        ).id

    first = delivered(REPORT, message_id)
    again = delivered(REPORT, message_id)

    assert (first, again) == ({"changed": [report_id]}, {"changed": []})
    assert consumers(message_id).keys() == {"progress_report"}
