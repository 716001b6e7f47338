"""The registry of guards, and the one that looks across the stages: an old version's approvals are void."""

from collections.abc import Mapping
from decimal import Decimal

import pytest
from sqlmodel import Session

from states.collaborations.facts import ConsortiumFacts
from states.funding.facts import FundingFacts, ScenarioFacts
from states.matchmaking.facts import MatchmakingFacts
from states.playbooks.guards import GUARDS, Facts, gather, versions_agree
from states.protocol.facts import ProtocolFacts, VersionFacts
from states.review.facts import ReviewFacts, RoundFacts
from tests.factories import a_collaboration, a_collaboration_at, a_world, s3


def _facts(*, latest: str | None, reviewed: Mapping[str, str], costed: str | None) -> Facts:
    rounds = {panel: RoundFacts("r", 1, version, True, None, ()) for panel, version in reviewed.items()}
    chosen = None
    if costed is not None:
        chosen = ScenarioFacts("s", "Grants", costed, gap=Decimal("0.00"))
    return Facts(
        ConsortiumFacts(2, frozenset(), frozenset(), (), lead=True, working_area=True, summary=True),
        MatchmakingFacts(1),
        ProtocolFacts(1, (), {}, "a", VersionFacts(latest, 2, "a") if latest else None),
        ReviewFacts(rounds),
        FundingFacts(1, chosen),
    )


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
    refusal = versions_agree(_facts(latest=latest, reviewed=reviewed, costed=costed))
    assert (refusal.missing if refusal else None) == outdated


def test_every_guard_takes_what_the_shipped_playbook_gives_it() -> None:
    playbook = s3()
    used = {use.name for move in playbook.moves for use in move.guards}
    faults = [
        fault
        for move in playbook.moves
        for use in move.guards
        for fault in GUARDS[use.name].faults(use.with_, playbook)
    ]
    assert faults == []
    assert set(GUARDS) - used == set()


def test_every_guard_answers_for_a_new_collaboration_and_for_a_bankable_one(session: Session) -> None:
    world = a_world(session)
    new, ripe = a_collaboration(world), a_collaboration_at(world, "bankable", slug="ripe")
    facts = gather(session, [new, ripe], playbooks={new.id: s3(), ripe.id: s3()})
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
            "decided",
            "partners_signed_off",
            "protocol_complete",
            "protocol_frozen",
            "round_closed",
            "scenario_chosen",
            "summary_written",
            "working_area_named",
        ],
        "ripe": [],
    }
