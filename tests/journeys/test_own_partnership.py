"""A partnership of one's own, in a field that is not medicine: from an empty folder by command, by workbook, by API."""

import io
import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from openpyxl import load_workbook
from sqlmodel import select
from typer.testing import CliRunner, Result

from api.cli import app
from states.mail.tables import Mail, MailKind
from states.settings import settings
from states.storage import begin, engine
from states.workbook.importing import EXAMPLE
from tests.api.house import Caller, application
from tests.conventions.sources import ROOT
from tests.factories import s3
from tests.own_checklists import passing

BEGIN = ["init", "--name", "Agri-food", "--region", "ITC1", "--region", "PL22", "--area", "Soil", "--cluster", ""]
BEGIN += ["--manager", "office@fields.example"]
Cell = str | int | None


@pytest.fixture(autouse=True)
def nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """An empty folder, where no database was ever made."""
    monkeypatch.setenv("BANKABLE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("BANKABLE_DATABASE_URL", raising=False)
    settings.cache_clear()
    yield
    engine().dispose()
    settings.cache_clear()


def run(*arguments: str) -> Result:
    said = CliRunner().invoke(app, arguments)
    assert said.exit_code == 0, (arguments, said.output)
    return said


def test_the_ten_steps_of_the_readme() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    chapter = text.partition("## Your own partnership in ten steps")[2].partition("\n## ")[0]
    [block] = re.findall(r"```console\n(.*?)```", chapter, re.DOTALL)
    lines = [line for line in block.replace("\\\n", " ").splitlines() if line.startswith("bankable ")]

    said = [run(*shlex.split(line)[1:]).stdout for line in lines]

    assert re.findall(r"^# (\d+)\.", block, re.MULTILINE) == [str(number) for number in range(1, 11)]
    listed = run("collaboration", "list", "agri-food").stdout.rstrip("\n").split("\t")
    assert listed[:3] == ["soil-sensors", "Soil sensors for three river basins", "investment_protocol"]
    moves = {name: why for name, _, why in (line.split("\t") for line in said[-1].splitlines())}
    assert (moves["park"], moves["drop"]) == ("open", "open")
    assert "mandatory" in moves["submit_to_iag"]
    with begin(read_only=True) as session:
        invited = session.exec(select(Mail.kind)).all()
    assert invited == [MailKind.ROLE_GIVEN, MailKind.ROLE_GIVEN]


SHEETS: Mapping[str, Sequence[Mapping[str, Cell]]] = {
    "working_areas": [{"number": 2, "name": "Food from side streams", "in_charge": "piemonte", "involved": "slaskie"}],
    "organisations": [
        {"slug": "mill", "name": "Mill on the Po", "kind": "sme", "nuts": "ITC11", "vat_number": "IT 00743110157"},
        {
            "slug": "lab",
            "name": "Silesian Soil Lab",
            "kind": "technology_centre",
            "nuts": "PL22A",
            "domains": "lab.example",
        },
    ],
    "people": [
        {"email": "lab@soil.example", "label": "head of laboratory", "role": "partner", "organisation": "lab"},
        {"email": "region@silesia.example", "label": "regional office", "role": "wgra_member", "region": "slaskie"},
    ],
    "instruments": [
        {
            "slug": "po-vouchers",
            "name": "Vouchers on the Po",
            "programme": "ERDF",
            "kind": "grant",
            "territory": "Piemonte",
            "maximum_rate": 50,
            "basis": "de_minimis",
        }
    ],
    "keywords": [
        {"code": "SOIL", "en": "Soil", "pl": "Gleba"},
        {"code": "SOIL.WATER", "en": "Water in the soil", "pl": "Woda w glebie"},
    ],
    "profiles": [{"organisation": "lab", "type": "technology_offer", "title": "Probes", "keywords": "Woda w glebie"}],
    "collaborations": [
        {
            "slug": "soil-sensors",
            "title": "Soil sensors for three river basins",
            "lead": "mill",
            "partners": "lab",
            "came_from": "meeting",
            "held_on": "2026-11-20",
            "working_area": 2,
            "summary": "One network, two basins.",
        }
    ],
}


def test_the_workbook_alone(tmp_path: Path) -> None:
    file = tmp_path / "plan.xlsx"
    token = run(*BEGIN).stdout.strip()
    run("template", str(file), "--partnership", "agri-food")
    _fill(file)

    first = run("import", str(file)).stdout
    again = run("import", str(file)).stdout

    assert run("collaboration", "list", "agri-food").stdout.split("\t")[:3] == [
        "soil-sensors",
        "Soil sensors for three river basins",
        "matchmaking",
    ]
    assert run("taxonomy", "list", "agri-food", "--language", "pl").stdout.splitlines() == [
        "SOIL\tGleba",
        "SOIL.WATER\tWoda w glebie",
    ]
    assert "\tslaskie\t" in run("people", "list", "agri-food").stdout
    listed = [line.split("\t") for line in run("instrument", "list", "agri-food").stdout.splitlines()]
    assert [line[1:5] for line in listed if line[0] == "po-vouchers"] == [
        ["Vouchers on the Po", "ITC1", "open", "with terms"]
    ]
    assert first != again
    run("collaboration", "move", "agri-food", "soil-sensors", "draft_outline")
    run("collaboration", "move", "agri-food", "soil-sensors", "start_protocol")
    _write_the_protocol(tmp_path)
    _bring_what_it_asks_for(tmp_path, token)
    moves = run("collaboration", "moves", "agri-food", "soil-sensors").stdout.splitlines()
    assert dict(line.split("\t")[::2] for line in moves)["submit_to_iag"] == "open"


def _bring_what_it_asks_for(folder: Path, token: str) -> None:
    """File each partner's letter, and fill and sign the list of the stage."""
    of, letter = ("agri-food", "soil-sensors"), folder / "letter.pdf"
    for owner in ("mill", "lab"):
        letter.write_bytes(f"%PDF-1.7 letter of {owner}".encode())
        said = ("--kind", "letter_of_intent", "--dated", "2026-11-20", "--organisation", owner)
        run("evidence", "file", *of, str(letter), *said)
    [spec] = [one for one in s3().checklists if "investment_protocol" in one.stage]
    for item in spec.items:
        run("checklists", "answer", *of, spec.key, item.key, passing(item), "--token", token)
    run("checklists", "sign-off", *of, spec.key, "--token", token)


def _write_the_protocol(folder: Path) -> None:
    """Fill in what `protocol show` prints, write it, and freeze it."""
    of = ("agri-food", "soil-sensors")
    empty = run("protocol", "show", *of).stdout
    mandatory = [field for section in s3().protocol for field in section.fields if field.mandatory]
    missing = run("protocol", "write", *of, str(_file(folder, empty))).stdout
    assert missing.count("missing\t") == len(mandatory)

    wrong = _file(folder, 'market: {users: "Growers", uses: "x"}\nmarkets: {}\n')
    refused = CliRunner().invoke(app, ["protocol", "write", *of, str(wrong)])
    assert (refused.exit_code, "market.uses" in refused.stderr, "markets" in refused.stderr) == (2, True, True)

    text = re.sub(r'^(  \w+): ""', r'\1: "Said."', empty, flags=re.MULTILINE)
    tables = {field.key for field in mandatory if field.columns}
    text = re.sub(
        r"^(  (\w+)): \[\](  # .*; a row is )(- .*)$",
        lambda row: f"{row[1]}:{row[3]}\n    {row[4]}" if row[2] in tables else row[0],
        text,
        flags=re.MULTILINE,
    )
    text = re.sub(r'(nuts): ""', r'\1: "ITC11"', text)
    text = re.sub(r'(now|target|year|probability|impact): ""', r"\1: 4", text)
    text = re.sub(r'(amount|income|cost): ""', r"\1: 1000.10", text)
    text = text.replace('date: ""', "date: 2027-03-31").replace('organisation: ""', 'organisation: "Mill on the Po"')
    text = re.sub(r"^(    - .*)$", lambda row: row[0].replace('""', '"Said."'), text, flags=re.MULTILINE)
    assert run("protocol", "write", *of, str(_file(folder, text))).stdout == ""
    assert run("protocol", "freeze", *of).stdout == "Version 1 is frozen.\n"


def _file(folder: Path, text: str) -> Path:
    made = folder / "protocol.yaml"
    made.write_text(text, encoding="utf-8")
    return made


def _fill(file: Path) -> None:
    """Write lines below the headings of the template, where its examples stood; take the other examples away."""
    book = load_workbook(file)
    for page in book.worksheets:
        headings = {str(page.cell(1, place).value): place for place in range(1, page.max_column + 1)}
        if str(page.cell(2, 1).value).startswith(EXAMPLE):
            page.delete_rows(2)
        for number, line in enumerate(SHEETS.get(page.title, ()), start=2):
            for name, value in line.items():
                page.cell(number, headings[name]).value = value
    kept = io.BytesIO()
    book.save(kept)
    file.write_bytes(kept.getvalue())


def test_the_api_alone() -> None:
    token = run(*BEGIN).stdout.strip()
    with TestClient(application()) as client:
        manager = Caller(client, token)
        home = "/partnerships/agri-food"

        def post(path: str, body: object, *, version: int | None = None) -> dict[str, str]:
            answer = manager.post(path, body, version=version)
            assert answer.is_success, (path, answer.text)
            return dict(answer.json())

        post(f"{home}/regions", {"name": "Aragón"})
        post(f"{home}/working-areas", {"name": "Food from side streams", "in_charge": ["aragon"]})
        mill = {"slug": "mill", "name": "Mill on the Po", "kind": "sme", "country": "IT", "nuts": "ITC11"}
        post(f"{home}/organisations", mill | {"vat_number": "00743110157", "domains": ["@www.Mill.example."]})
        lab = {"slug": "lab", "name": "Soil Lab", "kind": "technology_centre", "nuts": "Śląskie"}
        post(f"{home}/organisations", lab)
        person = {"email": "lab@soil.example", "label": "head of laboratory", "role": "partner", "organisation": "lab"}
        post(f"{home}/people", person)
        keyword = manager.get(f"{home}/taxonomy").json()["items"][1]["code"]
        offer = {"organisation": "lab", "type": "technology_offer", "title": "Probes", "keywords": [keyword]}
        post("/profiles", offer)
        met = {"kind": "meeting", "requester": "mill", "host": "lab", "subject": "Probes", "status": "held"}
        contact = post("/contacts", met | {"held_on": "2026-11-20"})
        members = [{"organisation": "mill", "part": "lead"}, {"organisation": "lab"}]
        said = {"title": "Soil sensors", "summary": "One network.", "members": members}
        made = post("/collaborations", said | {"contact_id": contact["id"]})
        path = f"/collaborations/{made['id']}"
        moved = post(f"{path}/moves", {"move": "draft_outline"}, version=int(made["version"]))

        shown = manager.get(path).json()
        assert (moved["to_stage"], shown["stage"], shown["playbook"]) == ("outline", "outline", s3().key)
        kept = manager.get(f"{home}/organisations/mill").json()
        assert (kept["vat_number"], kept["domains"]) == ("IT00743110157", ["mill.example"])
