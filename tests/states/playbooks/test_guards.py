"""The registry of guards, and the one that looks across the stages: an old version's approvals are void."""

from decimal import Decimal

import pytest
from sqlmodel import Session

from states.crossings.dossier import dossiers_of
from states.funding.facts import FundingFacts, ScenarioFacts
from states.playbooks.editions import find, playbook_names
from states.playbooks.guards import GUARDS, versions_agree
from states.playbooks.reader import parse
from states.protocol.facts import VersionFacts
from states.review.facts import ReviewFacts, RoundFacts
from tests.factories import a_collaboration, a_collaboration_at, a_world, s3

# What a playbook of one's own may ask for; none that is shipped names it yet.
OF_OWN_PLAYBOOKS = {"bankability_at_least"}


@pytest.mark.parametrize(
    ("latest", "reviewed", "costed", "outdated"),
    [
        (None, {"iag": "v1"}, "v1", None),
        ("v2", {}, None, None),
        ("v2", {"iag": "v2", "wgra": "v2"}, "v2", None),
        ("v2", {"iag": "v1", "wgra": "v2"}, "v2", ("review by iag",)),
        ("v2", {"iag": "v2"}, "v1", ("scenario Grants",)),
        ("v2", {"iag": "v1", "wgra": "v1"}, "v1", ("review by iag", "review by wgra", "scenario Grants")),
    ],
)
def test_what_was_approved_is_the_latest_version(
    latest: str | None, reviewed: dict[str, str], costed: str | None, outdated: tuple[str, ...] | None
) -> None:
    rounds = {panel: RoundFacts("r", 1, version, True, None, ()) for panel, version in reviewed.items()}
    chosen = ScenarioFacts("s", "Grants", costed, gap=Decimal("0.00")) if costed else None
    frozen = VersionFacts(latest, 2, "a") if latest else None
    refusal = versions_agree(frozen, ReviewFacts(rounds), FundingFacts(1, chosen))
    assert (tuple(map(str, refusal.missing)) if refusal else None) == outdated


def test_every_guard_takes_what_the_shipped_playbooks_give_it() -> None:
    shipped = [parse(find(name)) for name in playbook_names()]
    given = [(playbook, use) for playbook in shipped for move in playbook.moves for use in move.guards]
    assert [fault for playbook, use in given for fault in GUARDS[use.name].faults(use.with_, playbook)] == []
    assert set(GUARDS) == {use.name for _, use in given} | OF_OWN_PLAYBOOKS


def test_every_guard_answers_for_a_new_collaboration_and_for_a_bankable_one(session: Session) -> None:
    world = a_world(session)
    new, ripe = a_collaboration(world), a_collaboration_at(world, "bankable", slug="ripe")
    facts = {one.row.id: one for one in dossiers_of(session, [new, ripe])}
    refused = {
        row.slug: sorted(
            {
                use.name
                for move in s3().moves
                for use in move.guards
                if GUARDS[use.name](facts[row.id], use.with_) is not None
            }
        )
        for row in (new, ripe)
    }
    assert refused == {
        "centre": [
            "agreement_named",
            "checklist_passed",
            "decided",
            "finances_planned",
            "merge_target_named",
            "partners_signed_off",
            "progress_accepted",
            "protocol_complete",
            "protocol_frozen",
            "results_reported",
            "round_closed",
            "scenario_chosen",
            "submission_named",
            "summary_written",
            "working_area_named",
        ],
        "ripe": ["agreement_named", "merge_target_named", "progress_accepted", "results_reported", "submission_named"],
    }
