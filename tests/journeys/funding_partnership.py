"""Six partners in five countries, thirty cost items, twenty-five instruments: the catalogue's, and regional ones.

Partners, amounts, regional instruments and all calls are made up to illustrate; the Union's instruments have the rules
of the catalogue that comes with the house.
"""

from datetime import date

from states.funding.case.case import FundingCase
from states.funding.catalogue.loading import shipped_catalogue

ON = date(2026, 11, 22)

Tree = dict[str, object]

# Costs in EUR by activity and form, of a firm and of a centre; the last is no activity that an article knows.
_FIRM = [("industrial", "personnel"), ("experimental", "personnel"), ("experimental", "equipment")]
_FIRM += [("consultancy", "consultancy"), ("training", "personnel")]
_CENTRE = [("industrial", "personnel"), ("industrial", "equipment"), ("experimental", "personnel")]
_CENTRE += [("feasibility", "contracted"), ("other", "travel")]
_COSTS = {
    "lyon-centre": (420_000, 180_000, 240_000, 60_000, 35_000),
    "marseille-software": (310_000, 260_000, 90_000, 45_000, 20_000),
    "gliwice-implants": (280_000, 610_000, 350_000, 40_000, 25_000),
    "stuttgart-machines": (500_000, 400_000, 800_000, 70_000, 60_000),
    "modena-coatings": (190_000, 240_000, 150_000, 30_000, 15_000),
    "barcelona-imaging": (330_000, 280_000, 120_000, 60_000, 40_000),
}


def _partner(key: str, nuts: str, size: str, cash: int, **more: object) -> Tree:
    figures = {"subscribed_capital": 500_000, "own_funds": 2_300_000}
    covered = {"debt": 900_000, "ebitda": 400_000, "interest": 20_000}
    return {
        "id": key,
        "name": key.replace("-", " ").capitalize(),
        "kind": "enterprise",
        "size": size,
        "founded": "2012-04-01",
        "years": [{"year": year, **figures, **covered} for year in (2024, 2025)],
        "difficulty": {"insolvent": False, "rescue_aid": False},
        "recovery_order": False,
        "own_cash": cash,
        "sites": [{"id": "home", "nuts": nuts, **_PLACES[nuts]}],
        **more,
    }


_PLACES = {
    "FRK26": {"cohesion": "more_developed", "aid_area": "none"},
    "FRL04": {"cohesion": "transition", "aid_area": "none"},
    "PL229": {"cohesion": "less_developed", "aid_area": "a"},
    "DE111": {"cohesion": "more_developed", "aid_area": "none"},
    "ITH54": {"cohesion": "more_developed", "aid_area": "none"},
    "ES511": {"cohesion": "more_developed", "aid_area": "none"},
}


def _items() -> list[Tree]:
    found: list[Tree] = []
    for partner, amounts in _COSTS.items():
        for (activity, form), amount in zip(_CENTRE if partner == "lyon-centre" else _FIRM, amounts, strict=True):
            key = f"{partner}-{activity}-{form}"
            found.append(
                {
                    "id": key,
                    "partner": partner,
                    "site": "home",
                    "activity": activity,
                    "cost_category": form,
                    "amount": f"{amount}.00",
                    "starts": "2027-12-01",
                    "economic": partner != "lyon-centre",
                }
            )
    return found


_NEXT = {"closes_on": "2027-05-12", "budget": 1_500_000, "months_to_award": 6, "months_to_money": 9}


def _of_the_catalogue() -> list[Tree]:
    """Return the instruments whose calls somebody has read, each with the next window; the Union's are made up."""
    found: list[Tree] = []
    for entry in shipped_catalogue().instruments:
        if entry.terms:
            parts = ("opens_on", "closes_on", "budget", "months_to_award", "months_to_money")
            calls = [one.model_dump(include=set(parts), exclude_none=True) for one in entry.calls]
            coming = [one for one in calls if one.get("closes_on", ON) >= ON]
            call = coming[0] if coming else _NEXT
            renamed = {key.removesuffix("_on"): value for key, value in call.items()}
            about = {"id": entry.slug, "name": entry.name, "programme": entry.programme, "kind": entry.kind}
            verified = entry.verified_on is not None
            found.append({**about, "verified": verified, "illustrative": True, "call": renamed, **entry.terms})
    return found


def _regional(key: str, state: str, territory: str, basis: str, percent: int, **more: object) -> Tree:
    paid = {"closes": "2027-06-30", "months_to_award": 5, "months_to_money": 7}
    return {
        "id": key,
        "name": f"{key.replace('-', ' ').capitalize()} (illustrative)",
        "basis": [basis],
        "member_state": state,
        "whom": {"territory": [territory]},
        "rates": [{"percent": percent}],
        "verified": True,
        "illustrative": True,
        "call": paid,
        **more,
    }


def _loan(key: str, state: str, territory: str, **more: object) -> Tree:
    terms = {"kind": "loan", "grant_equivalent": "6.50", "cost_of_capital": "9.00", "partner_least": 50_000}
    soon = {"months_to_award": 2, "months_to_money": 3}
    return _regional(key, state, territory, "gber-25", 75, **{**terms, "call": soon, **more})


def _of_the_regions() -> list[Tree]:
    advice = {"activities": ["consultancy"]}
    return [
        _regional("frk2-centres", "FR", "FRK2", "gber-25", 60, project_most=350_000),
        _loan("frl0-loan", "FR", "FRL0"),
        _regional("frl0-vouchers", "FR", "FRL0", "de_minimis", 70, partner_most=60_000, **advice),
        _loan("pl22-loan", "PL", "PL22"),
        _regional("pl22-vouchers", "PL", "PL22", "de_minimis", 85, partner_most=50_000, **advice),
        _regional("pl22-training", "PL", "PL22", "gber-31", 60),
        _regional("de11-research", "DE", "DE11", "gber-25", 40, project_most=500_000),
        _loan("de1-loan", "DE", "DE1", partner_most=600_000),
        _regional("de1-training", "DE", "DE1", "gber-31", 50),
        _regional("ith5-advice", "IT", "ITH5", "gber-18", 50, **advice),
        _loan("ith5-loan", "IT", "ITH5"),
        _regional("es51-research", "ES", "ES51", "gber-25", 45, partner_most=250_000),
        _regional(
            "eurostars-es",
            "ES",
            "ES",
            "gber-25",
            50,
            project_most=400_000,
            call={"closes": "2027-03-18", "months_to_award": 4, "months_to_money": 6},
        ),
        {
            **_loan("bank", "DE", "DE1", cost_of_capital="14.00", grant_equivalent=0, whom={}, project_most=900_000),
            "basis": ["market"],
            "member_state": None,
        },
    ]


def partnership() -> FundingCase:
    """Return the case."""
    return FundingCase.model_validate(
        {
            "name": "Joint test bench for implants (illustrative)",
            "date": ON,
            "illustrative": True,
            "coordinator": "lyon-centre",
            "project": {
                "trl": 6,
                "months": 24,
                "effective_collaboration": True,
                "right_to_publish": True,
                "wide_dissemination": False,
                "licences": True,
            },
            "partners": [
                _partner("lyon-centre", "FRK26", "large", 250_000, kind="technology_centre"),
                _partner("marseille-software", "FRL04", "small", 200_000),
                _partner("gliwice-implants", "PL229", "medium", 350_000),
                _partner("stuttgart-machines", "DE111", "large", 1_200_000),
                _partner("modena-coatings", "ITH54", "small", 150_000),
                _partner("barcelona-imaging", "ES511", "medium", 300_000),
            ],
            "cost_items": _items(),
            "instruments": [*_of_the_catalogue(), *_of_the_regions()],
        }
    )
