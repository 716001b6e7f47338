"""Money as people have it: the guide by command; and by API with roles, in timber, with złoty and kronor."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.cli import app
from states.clock import today
from states.settings import settings
from states.storage import engine
from tests.api.house import Caller, application, codes, places, problem
from tests.conventions.sources import ROOT

GUIDE = ROOT / "docs/how-to/money.md"
README = ROOT / "README.md"
NOW = f"{today():%Y-%m}"
NEXT = f"{today().replace(day=28) + timedelta(days=10):%Y-%m}"
BEFORE = f"{today().replace(day=1) - timedelta(days=1):%Y-%m}"


@pytest.fixture(autouse=True)
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder, where no database was ever made."""
    monkeypatch.setenv("BANKABLE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BANKABLE_DATABASE_URL", raising=False)
    settings.cache_clear()
    yield
    engine().dispose()
    settings.cache_clear()


def run(*arguments: str) -> str:
    said = CliRunner().invoke(app, arguments)
    assert said.exit_code == 0, (arguments, said.output)
    return said.stdout


def commands(text: str) -> list[list[str]]:
    """Return the commands of a page in their order, without the comments behind them."""
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    return [shlex.split(line, comments=True)[1:] for line in lines if line.startswith("bankable ")]


def rates(**value: float) -> bytes:
    return json.dumps([{"isoA3Code": code, "value": rate} for code, rate in value.items()]).encode()


def test_the_guide_by_command(tmp_path: Path) -> None:
    chapter = README.read_text(encoding="utf-8").partition("## Your own partnership in ten steps")[2]
    for words in commands(chapter.partition("\n## ")[0]):
        run(*words)
    file, later = tmp_path / "rates.json", tmp_path / "later.json"
    file.write_bytes(rates(PLN=4.25, SEK=11))
    later.write_bytes(rates(PLN=4.4))
    run("rates", "import", "agri-food", str(later), "--month", NEXT)

    guide = GUIDE.read_text(encoding="utf-8").replace("2026-12 ", f"{NEXT} ").replace("2026-11 ", f"{NOW} ")
    said = [run(*(str(file) if word.endswith(".json") else word for word in words)) for words in commands(guide)]

    assert said[0] == "2 added, 0 superseded, 0 unchanged\n"
    assert f"field-rigs\tPLN\t4.25\t200000.00\t4.4\t193181.82\n{NEXT}: EUR -6818.18; nothing is changed\n" in said
    equipment = "\texperimental\tequipment\t"
    assert said[-1].splitlines()[:3] == [
        "mill-on-the-po\t74321.20\t0.00\t74321.20\t0.00",
        "silesian-soil-lab\t222123.00\t0.00\t222123.00\t0.00",
        "all\t296444.20\t0.00\t296444.20\t0.00",
    ]
    assert said[-2].splitlines() == [
        "clerks\tmill-on-the-po\tITC11\tother\tpersonnel\t74321.20\t\tby po-hour",
        f"field-rigs\tsilesian-soil-lab\tPL22A{equipment}193181.82\t\tPLN 850000 at 4.4 of {NEXT}-01 (InforEuro)",
        f"lab-bench\tsilesian-soil-lab\tPL22A{equipment}28941.18\t\tPLN 123000 at 4.25 of {NOW}-01 (InforEuro), "
        "with 23 % VAT",
        "office\tmill-on-the-po\tITC11\texperimental\toverhead\t0.00\t\tby interreg-office-15",
    ]


TIMBER = ["init", "--name", "Timber", "--region", "PL22", "--region", "SE23", "--area", "Glued beams"]
TIMBER += ["--cluster", "Wood Cluster", "--site", "PL229", "--manager", "office@wood.example"]


class Yard:
    """The partnership, and the ways to the API of its office, two partners and somebody who only looks on."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.office = Caller(client, run(*TIMBER).strip().splitlines()[-1])
        for slug, site in (("tartak", "PL229"), ("sagverk", "SE232")):
            run("organisation", "add", "timber", slug.title(), "--slug", slug, "--kind", "sme", "--site", site)
            email = f"{slug}@wood.example"
            run("people", "invite", "timber", email, "--role", "partner", "--organisation", slug, "--label", slug)
        run("people", "invite", "timber", "eyes@wood.example", "--role", "observer", "--label", "an observer")
        self.tartak, self.sagverk = (self._by("partner", "--organisation", slug) for slug in ("tartak", "sagverk"))
        self.observer = self._by("observer")
        come = ("--came-from", "meeting", "--held-on", "2026-11-20", "--area", "1", "--summary", "One press.")
        lead = ("--lead", "sagverk", "--partner", "tartak")
        run("collaboration", "open", "timber", "beams", "--title", "Beams of short timber", *lead, *come)
        for move in ("draft_outline", "start_protocol"):
            run("collaboration", "move", "timber", "beams", move)
        [row] = self.office.get("/collaborations").json()["items"]
        self.path = f"/collaborations/{row['id']}"

    def _by(self, role: str, *of: str) -> Caller:
        token = run("token", "create", "--role", role, "--partnership", "timber", *of).strip().splitlines()[-1]
        return Caller(self.client, token)

    def bring(self, who: Caller, month: str, **value: float) -> httpx.Response:
        headers = {**who.headers, "Content-Type": "application/octet-stream"}
        path = f"/api/v1/partnerships/timber/exchange-rates?month={month}"
        answer: httpx.Response = self.client.post(path, content=rates(**value), headers=headers)
        return answer

    def enter(self, who: Caller, slug: str, organisation: str, **line: Any) -> httpx.Response:
        nuts = {"tartak": "PL229", "sagverk": "SE232"}[organisation]
        told = {"slug": slug, "organisation": organisation, "nuts": nuts, "activity": "experimental", **line}
        return who.post(f"{self.path}/cost-lines", {"starts_on": "2027-03-01", **told})

    def amounts(self) -> dict[str, str]:
        return {one["slug"]: one["amount"] for one in self.office.get(f"{self.path}/cost-lines").json()["items"]}

    def shown(self) -> list[str]:
        plan = self.office.get(f"{self.path}/protocol/sections/investment_plan").json()["content"]
        return [one["amount"] for one in plan["costs"]]


def test_partners_enter_their_money_and_the_office_rules_on_rates() -> None:
    with TestClient(application()) as client:
        yard = Yard(client)
        _rates_and_rights(yard)
        _vat_and_kind(yard)
        _flat_rates(yard)
        _another_month(yard)


def _rates_and_rights(yard: Yard) -> None:
    refused, brought = yard.bring(yard.tartak, NOW, PLN=4.25), yard.bring(yard.office, NOW, PLN=4.25, SEK=11)
    press = {"cost_category": "equipment", "currency": "PLN", "stated": "425000.00"}
    own = yard.enter(yard.tartak, "press", "tartak", **press)
    others = [yard.enter(who, "not-mine", "sagverk", **press) for who in (yard.tartak, yard.observer)]
    lead = yard.enter(yard.sagverk, "staff", "sagverk", cost_category="personnel", currency="SEK", stated="550000.00")
    blind = yard.tartak.patch(f"{yard.path}/cost-lines/press", {"stated": "1.00"})
    stale = yard.tartak.patch(f"{yard.path}/cost-lines/press", {"stated": "1.00"}, version=9)
    typed = yard.tartak.patch(f"{yard.path}/cost-lines/press", {"amount": "90000.00"}, version=1)
    changed = yard.tartak.patch(f"{yard.path}/cost-lines/press", {"stated": "510000.00"}, version=1)
    listed = yard.office.get(f"{yard.path}/changes?noun=cost_line&field=amount").json()["items"]
    records = [(one["before"], one["after"]) for one in listed if one["kind"] == "changed"]

    assert (problem(refused)[0], brought.json()["added"]) == (403, 2)
    assert (own.json()["amount"], lead.json()["amount"]) == ("100000.00", "50000.00")
    assert [problem(one) for one in others] == [(403, "denied"), (403, "denied")]
    assert [problem(one)[0] for one in (blind, stale, typed)] == [428, 412, 422]
    assert (changed.json()["amount"], changed.json()["rate_source"]) == ("120000.00", "InforEuro")
    assert records == [("100000.00", "120000.00")]


def _vat_and_kind(yard: Yard) -> None:
    status = "/partnerships/timber/organisations/tartak/vat-status"
    saw = {"cost_category": "equipment", "currency": "PLN", "stated": "52275.00", "vat_percent": "23.00"}
    unknown = yard.enter(yard.tartak, "saw", "tartak", **saw, vat_included=True)
    denied = yard.sagverk.put(status, {"recovers": True, "source": "they said so"})
    said = yard.tartak.put(status, {"recovers": True, "source": "register of VAT payers"})
    net = yard.enter(yard.tartak, "saw", "tartak", **saw, vat_included=True).json()
    yard.tartak.put(status, {"recovers": False, "source": "small trader"}, version=1)
    hall = yard.enter(yard.tartak, "hall", "tartak", cost_category="buildings", amount="30000.00", in_kind=True)
    summed = yard.tartak.get(f"{yard.path}/cost-summary").json()
    case = yard.office.get(f"{yard.path}/funding-case").json()["case"]

    assert places(unknown) == ["vat_recoverable"]
    assert [summed[name] for name in ("eligible", "in_kind", "with_vat")] == ["212300.00", "30000.00", "212300.00"]
    assert [(one["article"], one["verified"]) for one in summed["notes"]] == [
        ("Reg. 2021/1060 Art. 64(1)(c)", False),
        ("Reg. 2021/1060 Art. 67(1)", False),
    ]
    assert (problem(denied)[0], said.status_code, hall.status_code) == (403, 200, 201)
    assert (net["amount"], net["net"], net["vat"], net["gross"]) == ("10000.00", "10000.00", "2300.00", "12300.00")
    assert (yard.amounts()["saw"], yard.shown()[-1]) == ("12300.00", "50000.00")
    assert {one["id"]: (one["amount"], one["in_kind"]) for one in case["cost_items"]} == {
        "hall": ("30000.00", True),
        "press": ("120000.00", False),
        "saw": ("12300.00", False),
        "staff": ("50000.00", False),
    }


def _flat_rates(yard: Yard) -> None:
    flat = {"cost_category": "overhead", "option": "interreg-office-15"}
    office = yard.enter(yard.sagverk, "office", "sagverk", **flat).json()
    more = yard.sagverk.patch(f"{yard.path}/cost-lines/staff", {"stated": "1100000.00"}, version=1)
    followed = yard.amounts()["office"]
    twice = yard.enter(yard.sagverk, "rent", "sagverk", cost_category="overhead", amount="700.00")
    added = yard.office.post(
        "/partnerships/timber/simplified-costs",
        {
            "slug": "forest-travel",
            "title": "Travel in the forest programme",
            "kind": "flat_rate",
            "under": "interreg-travel-15",
            "percent": "22.00",
            "base": ["personnel"],
            "covers": ["travel"],
            "source": "programme manual",
            "valid_from": "2026-01-01",
        },
    )

    assert (office["amount"], more.json()["amount"], followed) == ("7500.00", "100000.00", "15000.00")
    assert office["article"].startswith("Reg. 2021/1059 Art. 40(2)")
    assert (problem(twice), places(twice)) == ((422, "cost_invalid"), ["cost_category"])
    assert "Reg. 2021/1060 Art. 53(1)(e)" in twice.json()["faults"][0]["message"]
    assert places(added) == ["percent"]


def _another_month(yard: Yard) -> None:
    yard.bring(yard.office, BEFORE, PLN=4, SEK=10)
    ruled = yard.office.put("/partnerships/timber/money-terms", {"rate_rule": "month_of_submission"}, version=0)
    told = yard.sagverk.get(f"{yard.path}/exchange-rates?month={BEFORE}").json()
    denied = yard.sagverk.post(f"{yard.path}/exchange-rates", {"month": BEFORE}, version=1)
    before = yard.amounts()
    _take(yard, BEFORE)
    taken = yard.amounts()
    frozen = yard.office.post(f"{yard.path}/protocol/versions")
    _take(yard, NOW)

    assert (ruled.json()["rate_rule"], problem(denied)[0]) == ("month_of_submission", 403)
    assert (told["difference"], [one["line"] for one in told["lines"]]) == ("18268.75", ["press", "saw", "staff"])
    assert (taken["press"], taken["staff"], taken["office"]) == ("127500.00", "110000.00", "16500.00")
    assert (problem(frozen)[0], codes(frozen)) == (409, ["rates_apart"])
    assert yard.amounts() == before
    assert yard.office.post(f"{yard.path}/protocol/versions").status_code == 201


def _take(yard: Yard, month: str) -> None:
    version = int(yard.office.get(yard.path).headers["ETag"].strip('"'))
    assert yard.office.post(f"{yard.path}/exchange-rates", {"month": month}, version=version).status_code == 200
