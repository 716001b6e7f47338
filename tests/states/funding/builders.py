"""Small funding cases: each part has what a lawful case needs, and a test changes the one thing it is about."""

from datetime import date
from decimal import Decimal

from states.funding.case.case import CostItem, FundingCase, FundingScenario
from states.funding.case.instruments import Instrument, Rate
from states.funding.case.partners import Difficulty, Partner, Site, YearFigures
from states.funding.case.vocabulary import Activity, AidArea, PartnerKind
from states.funding.rules.definition import Book
from states.funding.rules.library import RuleSet, rule_set
from states.partners.tables import SizeClass

ON = date(2026, 11, 22)
STARTS = date(2027, 6, 1)
SOLVENT = Difficulty(insolvent=False, rescue_aid=False)


def rules() -> RuleSet:
    return rule_set("eu-2023")


def doubtful(*ids: str) -> RuleSet:
    """Return the set with some rules that nobody verified."""
    known = rules()

    def doubted(tree: object) -> object:
        if isinstance(tree, dict):
            changed = {"verified": False} if tree.get("id") in ids else {}
            return {**{key: doubted(value) for key, value in tree.items()}, **changed}
        return [doubted(one) for one in tree] if isinstance(tree, list) else tree

    books = tuple(Book.model_validate(doubted(book.model_dump(mode="json"))) for book in known.books)
    return RuleSet(known.id, known.title, books)


def year(number: int, people: int, turnover: int, balance: int | None = None, **figures: object) -> YearFigures:
    """Accounts of a healthy year: own funds stand, debts are small."""
    healthy = {"subscribed_capital": 100, "own_funds": 200, "debt": 100, "ebitda": 50, "interest": 1}
    sums = {"headcount": people, "turnover": turnover, "balance_sheet": turnover if balance is None else balance}
    return YearFigures.model_validate({"year": number, **sums, **healthy, **figures})


def partner(
    key: str = "a",
    size: SizeClass | None = SizeClass.SMALL,
    *,
    nuts: str = "DE111",
    area: AidArea | None = AidArea.NONE,
    kind: PartnerKind = PartnerKind.ENTERPRISE,
    **more: object,
) -> Partner:
    sound = {"difficulty": SOLVENT, "recovery_order": False, "founded": date(2025, 1, 1)}
    site = Site(id="site", nuts=nuts, aid_area=area)
    parts = {"id": key, "name": f"Partner {key}", "kind": kind, "size": size, "sites": (site,), **sound, **more}
    return Partner.model_validate(parts)


def item(
    key: str = "work",
    activity: Activity = Activity.INDUSTRIAL,
    *,
    of: str = "a",
    amount: str = "1000000.00",
    starts: date = STARTS,
    **more: object,
) -> CostItem:
    basic = {"id": key, "partner": of, "site": "site", "activity": activity, "amount": amount, "starts": starts}
    return CostItem.model_validate({**basic, **more})


def instrument(
    key: str = "grant", *basis: str, percent: str = "100", state: str | None = "DE", **more: object
) -> Instrument:
    rates = (Rate(percent=Decimal(percent)),)
    parts = {"id": key, "name": key.title(), "basis": basis or ("gber-25",), "rates": rates, "member_state": state}
    return Instrument.model_validate({"verified": True, **parts, **more})


def case(**parts: object) -> FundingCase:
    usual: dict[str, object] = {
        "name": "A case",
        "date": ON,
        "partners": (partner(),),
        "cost_items": (item(),),
        "instruments": (instrument(),),
    }
    return FundingCase.model_validate({**usual, **parts})


def scenario(
    money: dict[tuple[str, str], str], *, own: dict[str, str] | None = None, gap: dict[str, str] | None = None
) -> FundingScenario:
    allocations = [{"item": line[0], "instrument": line[1], "amount": amount} for line, amount in money.items()]
    parts = {
        "name": "A scenario",
        "rule_set": "eu-2023",
        "allocations": allocations,
        "own": own or {},
        "gap": gap or {},
    }
    return FundingScenario.model_validate(parts)
