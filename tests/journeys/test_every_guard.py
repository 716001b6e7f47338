"""Every guard of every move of the playbook `lean`, over HTTP: it refuses, says who mends it where, and is gone then.

A collaboration walks its playbook to the end. Before each guarded move each of the move's guards refuses once, for what
is not done yet or was undone for it; after what its refusal asks for it does so no more. One that nobody walks fails.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlmodel import select

from states.clock import today
from states.collaborations.queries import collaboration_by_id
from states.funding.case.case import FundingScenario
from states.funding.case.gathering import case_of
from states.funding.checks.scenario_legality import record_mix
from states.funding.tables import Scenario
from states.matchmaking.tables import Contact
from states.playbooks.definition import Move, Playbook
from states.playbooks.editions import playbook_of
from states.protocol.definition import ColumnKind, SectionSpec
from states.protocol.queries import latest_versions
from states.storage import begin
from tests.api.house import MANAGER, a_house
from tests.own_checklists import passing

pytestmark = [pytest.mark.long, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]

LEAD, PARTNER = "medtech-gliwice", "medtech-marseille"
CELLS = {
    ColumnKind.TEXT: "Said.",
    ColumnKind.MONEY: "1000.10",
    ColumnKind.PERCENT: "50",
    ColumnKind.INTEGER: "3",
    ColumnKind.DATE: "2027-06-30",
    ColumnKind.NUTS: "PL229",
}
ELSEWHERE = ("/collaborations", "/contacts", "/instruments", "/partnerships", "/rounds/", "/scenarios/", "/sign-offs/")
Step = Callable[[], object]
Row = tuple[str, tuple[str, ...], str, str]


def _row(move: Move, guard: str, given: Mapping[str, object]) -> Row:
    return move.name, tuple(move.from_), guard, str(given.get("panel", ""))


def rows_of(playbook: Playbook) -> set[Row]:
    return {_row(move, guard.name, guard.with_) for move in playbook.moves for guard in move.guards}


class Walk:
    """One collaboration on its way through a playbook, and the guards that have refused it."""

    def __init__(self, name: str) -> None:
        self.house, _ = a_house()
        self.walked: set[Row] = set()
        manager = self.house.manager
        home = "/partnerships/medtech"
        self._ok(manager.patch(home, {"playbook": name}, version=manager.get(home).json()["version"]))
        met = {"kind": "meeting", "requester": LEAD, "host": PARTNER, "subject": "x", "status": "held"}
        contact = self._ok(manager.post("/contacts", met | {"held_on": "2026-11-20"}))
        opened = {"slug": "walk", "title": "Walk", "contact_id": contact["id"], "members": [{"organisation": LEAD}]}
        self.id = self._ok(manager.post("/collaborations", opened))["id"]
        self.path = f"/collaborations/{self.id}"
        with begin(read_only=True) as session:
            self.playbook = playbook_of(session, collaboration_by_id(session, self.id))

    @staticmethod
    def _ok(answer: httpx.Response) -> dict[str, Any]:
        assert answer.is_success, answer.text
        return dict(answer.json()) if answer.content else {}

    def _at(self, path: str) -> str:
        """Return a path of the API: of the collaboration, where it is none of these."""
        return path if path.startswith(ELSEWHERE) else self.path + path

    def get(self, path: str = "") -> dict[str, Any]:
        return self._ok(self.house.manager.get(self._at(path)))

    def send(self, method: str, path: str, body: object = None, *, by: str = MANAGER, of: str = "") -> Any:
        """Send a change with the version of what is read at `of`, of the collaboration where none is named."""
        caller = self.house.by(by)
        return self._ok(caller.send(method, self._at(path), body, version=self.get(of)["version"]))

    def post(self, path: str, body: object = None, *, by: str = MANAGER) -> dict[str, Any]:
        return self._ok(self.house.by(by).post(self._at(path), body))

    def goes(self, move: str, *, by: str = MANAGER, reason: str = "") -> None:
        self.send("POST", "/moves", {"move": move, "reason": reason}, by=by)

    def guarded(self, move: str, guard: str, code: str, mend: Step, *, by: str = MANAGER, panel: str = "") -> None:
        """Let a guard refuse a move by its code, do what the refusal asks for, and see that it is gone."""
        here = self.get()
        [meant] = [one for one in self.playbook.moves if one.name == move and here["stage"] in one.from_]
        body = {"move": move, "reason": "For a test."}
        answer = self.house.by(by).post(f"{self.path}/moves", body, version=here["version"])
        assert answer.status_code == 409, (move, guard, answer.text)
        reasons = {one["code"]: one for one in answer.json()["reasons"]}
        assert code in reasons, (move, guard, list(reasons))
        assert (reasons[code]["mend_by"] != [], reasons[code]["where"] != "") == (True, True), reasons[code]
        mend()
        assert code not in self._open(move, by), (move, guard, self._open(move, by))
        self.walked.add(_row(meant, guard, {"panel": panel}))

    def _open(self, move: str, by: str) -> list[str]:
        told = self._ok(self.house.by(by).get(f"{self.path}/moves"))["moves"]
        return [reason["code"] for one in told if one["name"] == move for reason in one["refusals"]]

    # What is done on the way

    def edit(self, **changes: object) -> None:
        self.send("PATCH", "", changes)

    def join(self, organisation: str, part: str = "partner") -> None:
        self.send("POST", "/members", {"organisation": organisation, "part": part})

    def lead(self) -> None:
        self.send("PATCH", f"/members/{LEAD}", {"part": "lead"})

    def write(self, key: str, *, sources: str = "1000.10", said: str = "Said.") -> None:
        [section] = [one for one in self.playbook.protocol if one.key == key]
        place = f"/protocol/sections/{key}"
        self.send("PUT", place, {"content": _content(section, sources, said)}, of=place)

    def write_all(self) -> None:
        for section in self.playbook.protocol:
            self.write(section.key)

    def freeze(self) -> None:
        self.post("/protocol/versions")

    def another_version(self) -> None:
        self.write("identity", said=f"Said {self.get()['version']} times.")
        self.freeze()

    def spend(self, amount: str = "1000.10") -> None:
        """Say when the works of the one cost start, and what they cost."""
        if not self.get("/cost-lines")["items"]:
            line = {"slug": "saw", "organisation": LEAD, "nuts": "PL229", "activity": "other", "amount": amount}
            self.post("/cost-lines", line)
        place = f"/cost-lines/{self.get('/cost-lines')['items'][0]['slug']}"
        self.send("PATCH", place, {"starts_on": f"{today().year + 1}-06-01", "amount": amount}, of=place)

    def by_hand(self, *, uses: str = "1000.10", sources: str = "1000.10") -> None:
        source = {"organisation": LEAD, "kind": "own_cash", "status": "idea", "amount": sources}
        use = {"organisation": LEAD, "category": "Equipment", "amount": uses}
        version = self.get("/protocol/versions?limit=100")["items"][-1]["number"]
        gap = f"{Decimal(uses) - Decimal(sources):.2f}"
        body = {"name": self._another_name(), "protocol_version": version, "gap": gap}
        body |= {"uses": [use], "sources": [source]}
        self.choose(self.post("/scenarios", body)["id"])

    def _another_name(self) -> str:
        return f"Scenario {self.get('/scenarios')['total'] + 1}"

    def choose(self, key: str) -> None:
        self.send("POST", f"/scenarios/{key}/choice", of=f"/scenarios/{key}")

    def by_law(self) -> None:
        """Choose what was made from the case: what a solving would have found needs no solver here."""
        with begin() as session:
            row = collaboration_by_id(session, self.id)
            case = case_of(session, row)
            own = {one.id: one.amount for one in case.cost_items}
            mix = FundingScenario(name=self._another_name(), rule_set=case.rule_set, allocations=(), own=own)
            version = latest_versions(session, [row.id])[row.id]
            key = record_mix(session, row, case, mix, protocol_version_id=version.id).id
        self.choose(key)

    def nothing_chosen(self) -> None:
        """Behind the API: there another scenario is chosen, and never none."""
        with begin() as session:
            for one in session.exec(select(Scenario).where(Scenario.collaboration_id == self.id)).all():
                one.chosen = False

    def choose_again(self) -> None:
        self.choose(self.get("/scenarios?limit=100")["items"][-1]["id"])

    def submits(self) -> None:
        self.post("/submissions", {"lender": "Bank", "amount": "500.00", "submitted_on": str(today())})

    def agrees(self) -> None:
        granted = {"submission": 1, "funder": "Bank", "reference": "B-1", "amount": "500.00"}
        self.post("/agreements", granted | {"agreed_on": str(today())})

    def fills(self) -> None:
        """Answer each item of the list so that it passes, and sign it."""
        place, [spec] = f"{self.path}/checklists/eligibility", self.playbook.checklists
        answers = [{"item": item.key, "value": passing(item)} for item in spec.items]
        done = self._ok(self.house.manager.patch(place, {"answers": answers}))
        self._ok(self.house.manager.post(f"{place}/sign-off", version=done["version"]))

    def files(self) -> None:
        """File a letter of each member."""
        caller = self.house.manager
        for one in self.get()["members"]:
            letter = {"file": ("letter.pdf", f"%PDF-1.7 {one['name']}".encode())}
            said = {"kind": "letter_of_intent", "dated_on": str(today()), "organisation": one["organisation"]}
            path = f"/api/v1{self.path}/evidence"
            self._ok(caller.client.post(path, data=said, files=letter, headers=caller.headers))

    def merges(self, stage_of_target: str) -> None:
        """The guard of the move that this playbook offers beside the others."""
        met = {"kind": "meeting", "requester": LEAD, "host": PARTNER, "subject": "y", "status": "held"}
        contact = self.post("/contacts", met | {"held_on": "2026-11-20"})
        other = {"slug": "other", "title": "Other", "contact_id": contact["id"], "members": [{"organisation": LEAD}]}
        assert self.post("/collaborations", other)["stage"] == stage_of_target
        self.guarded("merge", "merge_target_named", "no_merge_target", lambda: self.edit(merges_into="other"))

    def origin(self, key: str | None) -> None:
        """Behind the API: there a collaboration is opened with its contact, which stays behind it."""
        with begin() as session:
            for one in session.exec(select(Contact).where(Contact.requester_id.is_not(None))).all():  # type: ignore[attr-defined]
                one.collaboration_id = key


def _content(section: SectionSpec, sources: str, said: str) -> dict[str, object]:
    def cell(table: str, key: str, kind: ColumnKind) -> str:
        known = {"organisation": "gliwice", "category": "Equipment"}
        return sources if table == "sources" and kind is ColumnKind.MONEY else known.get(key, CELLS[kind])

    return {
        field.key: [{one.key: cell(field.key, one.key, one.kind) for one in field.columns}] if field.columns else said
        for field in section.fields
    }


def _begins(walk: Walk, move: str) -> None:
    """From what came of a meeting to a consortium with a lead: the guards on members."""
    walk.origin(None)
    walk.guarded(move, "originated", "no_origin", lambda: walk.origin(walk.id))
    walk.guarded(move, "organisations_at_least", "too_few_organisations", lambda: walk.join("medtech-katowice"))


def _scenario(walk: Walk, move: str, column: str | None) -> None:
    """The guards on a scenario, of which none is chosen yet."""
    walk.spend()
    walk.guarded(move, "scenario_chosen", "no_scenario_chosen", lambda: walk.by_hand(uses="900.00", sources="800.00"))
    walk.guarded(move, "gap_at_most", "funding_gap", lambda: walk.by_hand(uses="900.00", sources="900.00"))
    if column:
        walk.guarded(move, "scenario_sums_equal", "scenario_differs", walk.by_hand)
    walk.guarded(move, "scenario_legal", "scenario_not_legal", walk.by_law)
    walk.spend("900.00")
    walk.guarded(move, "scenario_fresh", "scenario_stale", walk.spend)


def _submits(walk: Walk, again: Step, *, code: str = "versions_differ") -> None:
    """The guards on what is submitted, with a scenario that is chosen."""
    walk.nothing_chosen()
    walk.guarded("submit", "scenario_chosen", "no_scenario_chosen", walk.choose_again)
    walk.by_hand()
    walk.guarded("submit", "scenario_legal", "scenario_not_legal", walk.by_law)
    walk.spend("900.00")
    walk.guarded("submit", "scenario_fresh", "scenario_stale", walk.spend)
    if code == "versions_differ":
        walk.another_version()
    walk.guarded("submit", "versions_agree", code, again)
    walk.guarded("submit", "checklist_passed", "checklist_not_passed", walk.fills)
    walk.guarded("submit", "evidence_filed", "evidence_missing", walk.files)
    walk.guarded("submit", "submission_named", "no_submission", walk.submits)
    walk.goes("submit")


def _all_walked(walk: Walk) -> None:
    unwalked, unknown = rows_of(walk.playbook) - walk.walked, walk.walked - rows_of(walk.playbook)
    assert (unwalked, unknown) == (set(), set())


def test_lean(installation: Path) -> None:
    walk = Walk("lean")
    _begins(walk, "begin")
    walk.guarded("begin", "lead_named", "no_lead", walk.lead)
    walk.merges("contact")
    walk.goes("begin")
    walk.guarded("finance", "summary_written", "no_summary", lambda: walk.edit(summary="Said."))
    walk.guarded("finance", "protocol_complete", "protocol_incomplete", walk.write_all)
    walk.write("budget", sources="900.00")
    walk.guarded("finance", "protocol_sums_equal", "protocol_unbalanced", lambda: walk.write("budget"))
    walk.guarded("finance", "protocol_frozen", "protocol_not_frozen", walk.freeze)
    walk.goes("finance")
    _scenario(walk, "submit", None)
    _submits(walk, lambda: _lean_again(walk))
    walk.guarded("win", "agreement_named", "no_grant_agreement", walk.agrees)
    for move in ("win", "complete"):
        walk.goes(move)
    _all_walked(walk)


def _lean_again(walk: Walk) -> None:
    walk.goes("rework", reason="Begun anew.")
    walk.another_version()
    walk.goes("finance")
    walk.by_law()
