"""A printed scenario adds up to the cent, or is not printed."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from documents.proposal.context import Risk
from documents.proposal.scenario import Scenario, SourceLine, UseLine
from states.funding.tables import SourceKind

cents = st.integers(min_value=0, max_value=10**11).map(lambda value: Decimal(value).scaleb(-2))
partners = st.sampled_from(["A", "B", "C"])


def use(partner: str, amount: Decimal) -> UseLine:
    return UseLine(category="Rigs", partner=partner, region_code="PL22", amount=amount)


def source(partner: str, amount: Decimal, kind: SourceKind) -> SourceLine:
    return SourceLine(name="S", kind=kind, partner=partner, region_code="PL22", status="idea", amount=amount)


def scenario(uses: tuple[UseLine, ...], sources: tuple[SourceLine, ...], gap: Decimal) -> Scenario:
    return Scenario(key="s", name="S", uses=uses, sources=sources, gap=gap)


def test_scenario_that_misses_a_cent_is_refused() -> None:
    with pytest.raises(ValidationError, match=r"sources 60\.00 and gap 39\.99 do not make the uses 100\.00"):
        scenario((use("A", Decimal(100)),), (source("A", Decimal(60), SourceKind.GRANT),), Decimal("39.99"))


@given(
    uses=st.lists(st.tuples(partners, cents), min_size=1, max_size=20),
    sources=st.lists(st.tuples(partners, cents, st.sampled_from(SourceKind)), max_size=20),
)
def test_shares_and_groups_lose_no_cent(
    uses: list[tuple[str, Decimal]], sources: list[tuple[str, Decimal, SourceKind]]
) -> None:
    spent = sum((amount for _, amount in uses), Decimal(0))
    found = sum((amount for _, amount, _ in sources), Decimal(0))
    padding = [("A", max(Decimal(0), found - spent))]
    made = scenario(
        tuple(use(*line) for line in uses + padding),
        tuple(source(*line) for line in sources),
        max(Decimal(0), spent - found),
    )

    assert sum(share.uses for share in made.shares) == made.total_uses
    assert sum(share.gap for share in made.shares) == made.gap
    assert sum(line.amount for line in made.uses_by_category) == made.total_uses
    assert sum(line.amount for line in made.uses_by_region) == made.total_uses
    assert made.total_grants + made.total_others == made.total_sources


@pytest.mark.parametrize(
    ("probability", "impact", "band"), [(1, 4, "low"), (1, 5, "medium"), (2, 5, "high"), (3, 5, "critical")]
)
def test_risk_bands(probability: int, impact: int, band: str) -> None:
    risk = Risk(id="R", title="t", category="c", probability=probability, impact=impact, response="accept")

    assert (risk.score, risk.band) == (probability * impact, band)
