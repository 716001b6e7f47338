"""Guards on the protocol: complete, frozen as it stands, balanced to the cent."""

from collections.abc import Mapping
from decimal import Decimal

import pytest

from states.protocol.facts import DraftFacts, VersionFacts
from states.protocol.guards import complete, frozen, sums_equal


def _facts(*, missing: tuple[str, ...] = (), sums: Mapping[str, Decimal] | None = None) -> DraftFacts:
    return DraftFacts(mandatory=3, missing=missing, sums=sums or {}, sha256="a")


def test_complete_or_named() -> None:
    refusal = complete(_facts(missing=("Plan: Why",)))
    assert complete(_facts()) is None
    assert refusal is not None
    assert (refusal.code, refusal.message, refusal.missing) == (
        "protocol_incomplete",
        "2 of 3 mandatory fields of the investment protocol are filled.",
        ("Plan: Why",),
    )


@pytest.mark.parametrize(
    ("latest", "code"),
    [
        (None, "protocol_not_frozen"),
        (VersionFacts("v", 2, "b"), "protocol_changed"),
        (VersionFacts("v", 2, "a"), None),
    ],
)
def test_frozen_as_it_stands(latest: VersionFacts | None, code: str | None) -> None:
    refusal = frozen(_facts(), latest)
    assert (refusal.code if refusal else None) == code


def test_one_cent_apart_is_not_balanced() -> None:
    sums = {"cost": Decimal("1000.10"), "money": Decimal("1000.09"), "same": Decimal("1000.10")}
    refusal = sums_equal(_facts(sums=sums), left_column="cost", right_column="money")
    assert sums_equal(_facts(sums=sums), left_column="cost", right_column="same") is None
    assert sums_equal(_facts(), left_column="cost", right_column="money") is None
    assert refusal is not None
    assert (refusal.code, refusal.message) == (
        "protocol_unbalanced",
        "cost adds up to EUR 1,000.10, money to EUR 1,000.09: EUR 0.01 apart.",
    )
