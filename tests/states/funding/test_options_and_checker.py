"""Options and checker agree, whatever the case: each option to its most is lawful, a cent above is not."""

from decimal import ROUND_DOWN, Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from states.funding.aid.limits import amount_limits
from states.funding.aid.options import Option, options
from states.funding.case.case import FundingCase
from states.funding.case.partners import AidReceived, ProjectFacts
from states.funding.case.vocabulary import Activity, AidArea, FinanceKind, PartnerKind
from states.funding.checks.checker import check
from states.funding.law.facts import CaseFacts
from states.partners.tables import SizeClass
from tests.laws import often
from tests.states.funding.builders import ON, STARTS, case, instrument, item, partner, rules, scenario

CENT = Decimal("0.01")
BASES = [(key,) for key in rules().articles] + [("eu_direct",), ("de_minimis",), ("market",), ("gber-14", "gber-17")]
EUROS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("90000000.00"), places=2)
FACTS = [
    "wide_dissemination",
    "licences",
    "seal_of_excellence",
    "eu_cofunded",
    "infrastructure_terms",
    "initial_investment",
    "new_activity",
    "effective_collaboration",
]
ANSWERS = st.sampled_from([True, False, None])


@st.composite
def cases(draw: st.DrawFn) -> FundingCase:
    """One partner with one item, an instrument of each of two bases, and aid received before, or none."""
    who = partner(
        size=draw(st.sampled_from([*SizeClass, None])),
        nuts=draw(st.sampled_from(["PL229", "DE111", "HU231"])),
        area=draw(st.sampled_from([*AidArea, None])),
        kind=draw(st.sampled_from(PartnerKind)),
        recovery_order=draw(ANSWERS),
    )
    cost = item(activity=draw(st.sampled_from(Activity)), amount=str(draw(EUROS)), starts=STARTS)
    if who.is_non_profit:
        cost = cost.model_copy(update={"economic": draw(st.booleans())})
    facts = ["wide_dissemination", "licences", "seal_of_excellence", "eu_cofunded", "infrastructure_terms"]
    project = {
        name: draw(ANSWERS) for name in [*facts, "initial_investment", "new_activity", "effective_collaboration"]
    }
    project = {name: said for name, said in project.items() if said is not None}
    grants = tuple(
        instrument(
            f"grant-{number}",
            *draw(st.sampled_from(BASES)),
            percent=str(draw(st.integers(1, 100))),
            kind=draw(st.sampled_from(FinanceKind)),
            grant_equivalent=str(draw(st.decimals(min_value=Decimal("0.01"), max_value=100, places=2))),
        )
        for number in range(2)
    )
    received: tuple[AidReceived, ...] = ()
    if draw(st.booleans()):
        had = {"recipient": "a", "member_state": "DE", "granted_on": ON, "amount": str(draw(EUROS) % 300_000)}
        received = (AidReceived.model_validate({**had, "basis": draw(st.sampled_from(["de_minimis", "gber-28-4"]))}),)
    return case(
        partners=(who,),
        cost_items=(cost,),
        instruments=grants,
        aid_received=received,
        project=ProjectFacts.model_validate({**project, "eu_rate": "70", "states_funding": ["DE", "FR"]}),
    )


def _most(given_case: FundingCase, option: Option) -> Decimal:
    """Return the most that the option and every limit in EUR allow, when it pays alone."""
    facts = CaseFacts(given_case, rules())
    aid = [limit.most for limit in amount_limits(facts, [option])]
    money = [(most * 100 / option.aid_share).quantize(CENT, rounding=ROUND_DOWN) for most in aid]
    return min([option.most, *money])


def _lawful(given_case: FundingCase, option: Option, money: Decimal) -> bool:
    own = option.item.amount - money
    return check(given_case, scenario({("work", option.instrument.id): str(money)}, own={"work": str(own)})) == []


@settings(max_examples=often(150), deadline=None)
@given(cases())
def test_each_option_to_its_most_is_lawful_and_a_cent_above_is_not(given_case: FundingCase) -> None:
    for option in options(CaseFacts(given_case, rules())):
        most = _most(given_case, option) if option.open else Decimal(0)
        if most:
            assert _lawful(given_case, option, most)
        if most < option.item.amount:
            assert not _lawful(given_case, option, most + CENT)
