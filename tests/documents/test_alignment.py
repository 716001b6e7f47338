"""Calls and criteria side by side: gathered for the regions that are asked, and printed in their dossier."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import Session

from documents.alignment import AlignmentLine, CallLine, CommonSpan, stages_ahead
from documents.gathering import subject_of
from documents.minutes.context import gather as gather_minutes
from documents.render import render
from documents.review.context import gather
from states import clock
from states.archive.tables import DocumentKind
from states.crossings.review.rounds import open_requested_round
from states.funding.catalogue.loading import Catalogue, load_catalogue
from states.places.working_days import shift
from states.review.tables import ReviewRound
from tests.documents.story import START, text_of
from tests.factories import World, a_collaboration_at, a_world, answer_iag, answer_wgra

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

CATALOGUE = Catalogue.model_validate(
    {
        "instruments": [
            {
                "slug": "silesia",
                "name": "Silesian research",
                "programme": "Regional",
                "kind": "grant",
                "territory": ["PL22"],
                "calls": [
                    {"slug": "early", "closes_on": "2026-03-20"},
                    {"slug": "main", "opens_on": "2026-06-01", "closes_on": "2026-06-30"},
                ],
                "criteria": [
                    {"key": "effect", "title": "Effect", "most": 10, "threshold": 8, "common": ["market"]},
                    {"key": "climate", "title": "Climate", "most": 5, "threshold": 3},
                ],
            },
            {
                "slug": "provence",
                "name": "Platforms",
                "programme": "Regional",
                "kind": "grant",
                "territory": ["FR"],
                "illustrative": True,
                "calls": [{"slug": "main", "opens_on": "2026-06-24", "closes_on": "2026-08-31"}],
                "criteria": [{"key": "whole", "title": "Quality", "common": ["market"]}],
            },
            {
                "slug": "elsewhere",
                "name": "Vouchers",
                "programme": "Regional",
                "kind": "grant",
                "territory": ["ES51"],
                "calls": [{"slug": "main"}],
            },
            {
                "slug": "union",
                "name": "Investment call",
                "programme": "Union",
                "kind": "grant",
                "calls": [{"slug": "over", "closes_on": "2026-02-01"}, {"slug": "next", "opens_on": "2026-05-01"}],
            },
        ]
    }
)


def _asked(world: World) -> ReviewRound:
    row = a_collaboration_at(world, "wgra_review")
    with clock.at(START):
        return open_requested_round(world.session, row.id, "wgra")


def _later(first: date) -> list[date]:
    """Return when a scenario and a bankable proposal are due, sixty working days each at the lead's site."""
    scenario = shift(first, 60, nuts="PL229")
    return [scenario, shift(scenario, 60, nuts="PL229")]


def test_calls_of_the_regions_asked_stand_side_by_side(session: Session) -> None:
    world = a_world(session)
    load_catalogue(session, world.partnership.id, CATALOGUE)
    opened = _asked(world)

    dossier = gather(session, subject_id=opened.id)

    glue = dossier.glue
    assert glue is not None
    stages = [opened.due_on, *_later(opened.due_on)]
    assert [(one.title, one.due) for one in glue.stages] == [
        ("Working Group of Regional Authorities", stages[0]),
        ("Funding scenario", stages[1]),
        ("Bankable proposal", stages[2]),
    ]
    assert (glue.start, glue.end, glue.illustrative) == (date(2026, 3, 2), stages[2], True)
    assert glue.calls == (
        CallLine(region="paca", name="Platforms", opens=date(2026, 6, 24), closes=date(2026, 8, 31), illustrative=True),
        CallLine(region="upper-silesia", name="Silesian research, early", closes=date(2026, 3, 20)),
        CallLine(
            region="upper-silesia", name="Silesian research, main", opens=date(2026, 6, 1), closes=date(2026, 6, 30)
        ),
        CallLine(name="Investment call, next", opens=date(2026, 5, 1)),
    )
    assert glue.common == (
        CommonSpan(start=date(2026, 6, 24), end=date(2026, 6, 30), regions=("paca", "upper-silesia"), of_all=True),
    )
    early, main, platforms = date(2026, 3, 20), date(2026, 6, 30), date(2026, 8, 31)
    assert [slip.replace("\u00a0", " ") for slip in glue.slips] == [
        f"Silesian research, early closes on 20 Mar 2026, {(stages[0] - early).days} days before this is due: "
        "Working Group of Regional Authorities. No later call is known.",
        f"Silesian research, main closes on 30 Jun 2026, {(stages[1] - main).days} days before this is due: "
        "Funding scenario. No later call is known.",
        f"Platforms closes on 31 Aug 2026, {(stages[2] - platforms).days} days before this is due: "
        "Bankable proposal. No later call is known.",
    ]
    assert glue.without_call == ()
    assert glue.alignments[0] == AlignmentLine(
        start=date(2026, 6, 17),
        end=date(2026, 6, 30),
        days=7,
        actions=("paca: Platforms would open 7 days earlier",),
    )


def test_criteria_of_the_payers_stand_beside_those_of_the_partnership(session: Session) -> None:
    world = a_world(session)
    load_catalogue(session, world.partnership.id, CATALOGUE)

    glue = gather(session, subject_id=_asked(world).id).glue

    assert glue is not None
    assert {one.title: one.asked for one in glue.criteria if one.asked} == {
        "Market and evidence of demand": (
            "Platforms: Quality (scale not published)",
            "Silesian research: Effect, 8 of 10 (here 4)",
        )
    }
    assert glue.unanswered == ("Silesian research: Climate",)


def test_they_are_printed_in_the_dossier_of_the_regions(session: Session) -> None:
    world = a_world(session)
    load_catalogue(session, world.partnership.id, CATALOGUE)
    dossier = gather(session, subject_id=_asked(world).id)

    printed = text_of(render(DocumentKind.REVIEW_DOSSIER, dossier))

    assert "Illustrative calls among them, published by no region" in printed
    assert "paca: Platforms would open 7 days earlier" in printed
    assert "No evaluation of the partnership answers: Silesian research: Climate." in printed


def test_the_minutes_show_them_from_the_day_on_which_the_round_was_closed(session: Session) -> None:
    world = a_world(session)
    load_catalogue(session, world.partnership.id, CATALOGUE)
    row = a_collaboration_at(world, "wgra_review")
    with clock.at(START):
        opened = answer_wgra(world, row)

    minutes = gather_minutes(session, subject_id=opened.id)

    glue = minutes.glue
    assert glue is not None
    assert [(one.title, one.due) for one in glue.stages] == list(
        zip(("Funding scenario", "Bankable proposal"), _later(START.date()), strict=True)
    )
    assert [call.name for call in glue.calls] == [
        "Platforms",
        "Silesian research, early",
        "Silesian research, main",
        "Investment call, next",
    ]
    printed = text_of(render(DocumentKind.PANEL_MINUTES, minutes))
    assert "Calls that would be missed by the terms of the playbook" in printed
    assert "Silesian research, early closes on 20 Mar 2026" in printed
    assert "The partnership's criteria, 0 to 5, beside those of the payers" in printed


def test_the_minutes_of_a_panel_that_scores_show_no_calls(session: Session) -> None:
    world = a_world(session)
    load_catalogue(session, world.partnership.id, CATALOGUE)
    opened = answer_iag(world, a_collaboration_at(world, "iag_review"))

    assert gather_minutes(session, subject_id=opened.id).glue is None


def test_a_playbook_that_does_not_say_when_one_applies_has_no_stages_ahead(session: Session) -> None:
    world = a_world(session)
    subject = subject_of(session, a_collaboration_at(world, "wgra_review").id)
    silent = replace(subject, playbook=subject.playbook.model_copy(update={"deadlines": {}}))

    assert len(stages_ahead(subject, "wgra", after=START.date())) == 2
    assert stages_ahead(silent, "wgra", after=START.date()) == []


def test_where_a_common_window_is_open_anyway_nothing_is_proposed(session: Session) -> None:
    world = a_world(session)
    whole = CATALOGUE.model_dump(mode="json")
    whole["instruments"][1]["calls"][0]["opens_on"] = "2026-06-01"
    load_catalogue(session, world.partnership.id, Catalogue.model_validate(whole))

    glue = gather(session, subject_id=_asked(world).id).glue

    assert glue is not None
    assert glue.alignments == (AlignmentLine(start=date(2026, 6, 1), end=date(2026, 6, 14), days=0, actions=()),)


def test_a_region_without_a_call_is_named_and_nothing_is_proposed(session: Session) -> None:
    world = a_world(session)
    one = [entry for entry in CATALOGUE.instruments if entry.slug == "silesia"]
    load_catalogue(session, world.partnership.id, Catalogue(instruments=tuple(one)))

    glue = gather(session, subject_id=_asked(world).id).glue

    assert glue is not None
    assert (glue.without_call, glue.alignments, glue.common) == (("paca",), (), ())


def test_where_nothing_is_known_nothing_is_printed(session: Session) -> None:
    dossier = gather(session, subject_id=_asked(a_world(session)).id)

    assert dossier.glue is None
    assert "side by side" not in text_of(render(DocumentKind.REVIEW_DOSSIER, dossier))
