"""Guards on the consortium: what is enough, and what is said where it is not."""

from collections.abc import Callable

import pytest

from states.collaborations.facts import ConsortiumFacts
from states.collaborations.guards import (
    lead_named,
    organisations_at_least,
    regions_at_least,
    summary_written,
    working_area_named,
)
from states.errors import Refusal


def _facts(**known: object) -> ConsortiumFacts:
    facts: dict[str, object] = {
        "organisations": 2,
        "nuts2": frozenset({"PL22", "FRL0"}),
        "lead": True,
        "working_area": True,
        "summary": True,
    }
    return ConsortiumFacts(**{**facts, **known})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("guard", "known", "code"),
    [
        (lead_named, {"lead": False}, "no_lead"),
        (working_area_named, {"working_area": False}, "no_working_area"),
        (summary_written, {"summary": False}, "no_summary"),
    ],
)
def test_named_or_refused(
    guard: Callable[[ConsortiumFacts], Refusal | None], known: dict[str, object], code: str
) -> None:
    refusal = guard(_facts(**known))
    assert guard(_facts()) is None
    assert (refusal and refusal.code) == code


def test_enough_organisations() -> None:
    assert organisations_at_least(_facts(), count=2) is None
    refusal = organisations_at_least(_facts(organisations=1), count=3)
    assert refusal is not None
    assert (refusal.code, refusal.message, [str(one) for one in refusal.missing]) == (
        "too_few_organisations",
        "1 of at least 3 organisations have joined.",
        ["2 more"],
    )


def test_two_sites_in_one_region_are_not_interregional() -> None:
    assert regions_at_least(_facts(), count=2) is None
    refusal = regions_at_least(_facts(nuts2=frozenset({"PL22"})), count=2)
    nowhere = regions_at_least(_facts(nuts2=frozenset()), count=2)
    assert refusal is not None
    assert nowhere is not None
    assert [str(one) for one in refusal.missing] == ["a partner with its site in another NUTS 2 region than PL22"]
    assert nowhere.message == "The partners' sites lie in 0 NUTS 2 regions (none); at least 2 are needed."
