"""Random partnerships for the laws of the search: up to three partners, small purses, instruments with every term."""

from hypothesis import strategies as st

from states.funding.case.case import FundingCase
from states.funding.case.partners import ProjectFacts
from states.funding.case.vocabulary import Activity, AidArea, FinanceKind, euro_of
from states.partners.tables import SizeClass
from tests.states.funding.builders import ON, case, instrument, item, partner

BASES = [
    ("gber-25",),
    ("gber-25", "gber-18"),
    ("gber-18",),
    ("gber-14",),
    ("gber-14", "gber-17"),
    ("gber-28", "gber-28-4"),
    ("eu_direct",),
    ("eu_direct",),
    ("de_minimis",),
    ("de_minimis",),
    ("market",),
]
PLACES = [("PL229", AidArea.A), ("DE111", AidArea.NONE), ("HU231", AidArea.A)]
WORK = [Activity.INDUSTRIAL, Activity.CONSULTANCY, Activity.INVESTMENT, Activity.INNOVATION_ADVISORY]

Cents = st.SearchStrategy[int]


@st.composite
def partnerships(draw: st.DrawFn, cents: Cents, *, lines: int) -> FundingCase:
    """A case with at most `lines` pairs of cost item and instrument; amounts, purses and limits are of `cents`."""
    people = [
        partner(
            key,
            draw(st.sampled_from([SizeClass.SMALL, SizeClass.LARGE])),
            nuts=place,
            area=area,
            own_cash=draw(st.none() | cents.map(euro_of)),
        )
        for key in ("a", "b", "c")[: draw(st.integers(1, 3))]
        for place, area in [draw(st.sampled_from(PLACES))]
    ]
    costs = [
        item(
            f"work-{number}",
            draw(st.sampled_from(WORK)),
            of=draw(st.sampled_from([one.id for one in people])),
            amount=str(euro_of(draw(cents) or 1)),
            economic=draw(st.sampled_from([True, True, True, False])),
        )
        for number in range(draw(st.integers(1, 3)))
    ]
    number = draw(st.integers(1, max(1, lines // len(costs))))
    sources = [draw(_instruments(cents, f"source-{one}")) for one in range(number)]
    had = {"recipient": "a", "member_state": "DE", "granted_on": ON}
    bases = st.sampled_from(["de_minimis", "gber-25", "eu_direct"])
    received: list[dict[str, object]] = []
    if draw(st.booleans()):
        for_item = {"cost_item": "work-0", "amount": "0.01", "eu_grant": draw(st.booleans())}
        received.append({**had, **for_item, "basis": draw(bases)})
    if draw(st.booleans()):  # little is left of what one undertaking may have
        received.append({**had, "amount": draw(st.sampled_from(["299999.97", "250000"])), "basis": "de_minimis"})
    links = [{"holder": "a", "held": "b", "percent": 60}] if len(people) > 1 and draw(st.booleans()) else []
    return case(
        partners=people,
        coordinator="a",
        cost_items=costs,
        instruments=sources,
        aid_received=received,
        links=links,
        project=ProjectFacts(effective_collaboration=draw(st.sampled_from([True, None])), initial_investment=True),
        wanted={
            "gap_most": draw(st.none() | st.none() | cents.map(euro_of)),
            "use": draw(st.sampled_from([[], [], [], ["source-0"]])),
        },
    )


@st.composite
def _instruments(draw: st.DrawFn, cents: Cents, key: str) -> object:
    basis = draw(st.sampled_from(BASES))
    rare = st.none() | st.none() | cents.map(euro_of)
    return instrument(
        key,
        *basis,
        percent=str(draw(st.sampled_from([0, 35, 50, 70, 100]))),
        kind=draw(st.sampled_from([FinanceKind.GRANT, FinanceKind.LOAN])),
        grant_equivalent=str(draw(st.sampled_from(["100", "6.5", "33.33"]))),
        cost_of_capital=str(draw(st.sampled_from(["0", "9.05"]))),
        eu_grant=basis == ("eu_direct",) and draw(st.sampled_from([True, True, False])),
        whom={"countries": draw(st.sampled_from([[], [], ["DE"], ["PL", "HU"]]))},
        project_most=draw(rare),
        partner_most=draw(rare),
        project_least=euro_of(draw(st.integers(0, 3))),
        partner_least=euro_of(draw(st.integers(0, 2))),
        consortium={
            "entities": draw(st.integers(1, 2)),
            "countries": draw(st.integers(1, 2)),
            "most_entities": draw(st.sampled_from([None, None, 2])),
            "coordinator_takes_part": draw(st.booleans()),
            "seats": [{"whom": {"sizes": ["large"]}}] if draw(st.integers(0, 4)) == 0 else [],
        },
        call={"budget": draw(rare), "months_to_award": draw(st.sampled_from([0, 0, 40])), "months_to_money": 3},
    )
