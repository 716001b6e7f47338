"""Made-up partnerships of any size: regions that pay at home, Union calls for consortia, loans, vouchers."""

from datetime import date, timedelta
from decimal import Decimal
from random import Random

from states.funding.case.case import FundingCase
from states.places import nuts

ON = date(2026, 11, 22)
STARTS = date(2027, 9, 1)
SITES = [  # NUTS 3, category, area of the aid map
    ("FRK26", "more_developed", "none"),
    ("PL229", "less_developed", "a"),
    ("DE111", "more_developed", "none"),
    ("HU231", "less_developed", "a"),
    ("ITC4C", "more_developed", "none"),
    ("DE212", "more_developed", "none"),
    ("ES300", "more_developed", "none"),
    ("PT112", "less_developed", "a"),
    ("CZ064", "transition", "c"),
    ("AT312", "more_developed", "none"),
    ("FI1B1", "more_developed", "none"),
    ("SE232", "more_developed", "none"),
    ("IE061", "more_developed", "none"),
]
WORK = [
    ("industrial", "personnel"),
    ("experimental", "equipment"),
    ("experimental", "personnel"),
    ("consultancy", "consultancy"),
    ("feasibility", "contracted"),
    ("training", "personnel"),
]
SIZES = ["small", "medium", "large", "micro"]


def a_case(seed: int, *, partners: int = 6, items: int = 30, instruments: int = 25) -> FundingCase:
    """Return a case of that size; the same seed gives the same case."""
    random = Random(seed)
    members = [_partner(random, number) for number in range(partners)]
    costs = [_item(random, number, members[number % partners]) for number in range(items)]
    sources = [_instrument(random, number, members[number % partners]) for number in range(instruments)]
    return FundingCase.model_validate(
        {
            "name": f"Made up by seed {seed}",
            "date": ON,
            "illustrative": True,
            "coordinator": "p0",
            "project": {"trl": 6, "months": 30, "effective_collaboration": True, "right_to_publish": True},
            "partners": members,
            "cost_items": costs,
            "instruments": sources,
        }
    )


def _partner(random: Random, number: int) -> dict[str, object]:
    place, category, area = SITES[number % len(SITES)]
    research = number % 6 in (0, 5)
    return {
        "id": f"p{number}",
        "name": f"Partner {number}",
        "kind": "technology_centre" if research else "enterprise",
        "size": "large" if research else SIZES[number % len(SIZES)],
        "founded": "2025-01-01",
        "difficulty": {"insolvent": False, "rescue_aid": False},
        "recovery_order": False,
        "own_cash": random.randrange(100, 900) * 1000,
        "sites": [{"id": "home", "nuts": place, "cohesion": category, "aid_area": area}],
    }


def _item(random: Random, number: int, partner: dict[str, object]) -> dict[str, object]:
    activity, category = WORK[random.randrange(len(WORK))]
    return {
        "id": f"i{number}",
        "partner": partner["id"],
        "site": "home",
        "activity": activity,
        "cost_category": category,
        "amount": Decimal(random.randrange(2_000_000, 60_000_000)) / 100,
        "starts": STARTS,
        "economic": partner["kind"] == "enterprise",
    }


def _instrument(random: Random, number: int, partner: dict[str, object]) -> dict[str, object]:
    closes = ON + timedelta(days=random.randrange(20, 200))
    award = random.randrange(2, 7)
    call = {"closes": closes, "months_to_award": award, "months_to_money": award + random.randrange(1, 5)}
    made: dict[str, object] = {
        "id": f"f{number}",
        "name": f"Instrument {number} (illustrative)",
        "call": call,
        "verified": True,
        "illustrative": True,
    }
    place = partner["sites"][0]["nuts"]  # type: ignore[index]
    state = {"member_state": nuts.country(place)}
    match number % 6:
        case 0:
            consortium = {"entities": 3, "regions": 3, "countries": 3}
            more = {"basis": ["eu_direct"], "eu_grant": True, "rates": [{"percent": 70}], "consortium": consortium}
            more |= {"trl": [5, 9], "project_least": 500_000, "project_most": random.randrange(3, 11) * 1_000_000}
            more["rates"] = [{"percent": random.choice([50, 60, 70])}]
        case 1 | 2:
            more = {**state, "basis": ["gber-25"], "rates": [{"percent": random.choice([40, 50, 60, 80])}]}
            more |= {"whom": {"territory": [place[:4]]}, "partner_least": 25_000}
            more["call"] = {**call, "budget": random.randrange(3, 20) * 100_000}
        case 3:
            more = {
                **state,
                "basis": ["de_minimis"],
                "rates": [{"percent": 85}],
                "activities": ["consultancy", "training"],
            }
            more |= {"whom": {"territory": [place[:2]]}, "partner_most": 50_000}
        case 4:
            more = {**state, "basis": ["gber-25", "gber-18", "gber-31"], "rates": [{"percent": 50}]}
            more |= {"whom": {"territory": [place[:2]]}, "partner_least": 20_000, "project_most": 900_000}
        case _:
            more = {
                **state,
                "kind": "loan",
                "basis": ["gber-25"],
                "grant_equivalent": "6.50",
                "cost_of_capital": "9.00",
            }
            more |= {"whom": {"territory": [place[:2]]}, "rates": [{"percent": 75}], "partner_least": 50_000}
    return {**made, **more}
