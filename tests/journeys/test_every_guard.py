"""Every guard of every move of the playbooks that ship, over HTTP: it refuses, says who mends it where, and is gone.

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
from states.collaborations.tables import Member
from states.funding.case.case import FundingScenario
from states.funding.case.gathering import case_of
from states.funding.checks.scenario_legality import record_mix
from states.funding.tables import Scenario
from states.matchmaking.tables import Contact
from states.partners.people import grant_role, person_by_email
from states.playbooks.definition import Move, Playbook
from states.playbooks.editions import playbook_of
from states.protocol.definition import ColumnKind, SectionSpec
from states.protocol.queries import latest_versions
from states.rights.access import Role
from states.storage import begin
from tests.api.house import MANAGER, House, a_house
from tests.factories import COMMENT, World

pytestmark = [pytest.mark.long, pytest.mark.parametrize("installation", ["sqlite"], indirect=True)]

LEAD, PARTNER, THIRD = "medtech-gliwice", "medtech-marseille", "far"
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


def _prepared(world: World) -> None:
    """A second person for each office, and somebody who speaks for each partner."""
    people = {"deputy secretary": Role.IAG_SECRETARY, "deputy chair": Role.IAG_CHAIR, "deputy wgra": Role.WGRA_CHAIR}
    for label, role in people.items():
        person = person_by_email(world.session, email=f"{label.replace(' ', '-')}@example.org", label=label)
        grant_role(world.session, world.partnership, person, role)
    for name in ("marseille", "katowice"):
        person = person_by_email(world.session, email=f"{name}@example.org", label=name)
        grant_role(world.session, world.partnership, person, Role.PARTNER, organisation=world.organisations[name])


class Walk:
    """One collaboration on its way through a playbook, and the guards that have refused it."""

    def __init__(self, name: str) -> None:
        self.house: House = a_house(_prepared)[0]
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

    def leave(self, organisation: str) -> None:
        self.send("DELETE", f"/members/{organisation}")

    def lead(self) -> None:
        self.send("PATCH", f"/members/{LEAD}", {"part": "lead"})

    def nobody_leads(self) -> None:
        """Behind the API: there a lead is replaced, and never taken away."""
        with begin() as session:
            for one in session.exec(select(Member).where(Member.collaboration_id == self.id)).all():
                one.part = type(one.part).PARTNER

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

    @property
    def round(self) -> str:
        return f"/rounds/{self.get('/rounds?limit=100')['items'][-1]['id']}"

    def score(self, panel: str) -> None:
        """Open a round of advisers and let them score; it can be closed then."""
        self.post("/rounds", {"panel": panel}, by="iag_secretary")
        for name in ("iag_member 1", "iag_member 2", "iag_member 3"):
            self.house.by(name).post("/me/agreement")
            self.post(f"{self.round}/declaration", {"kind": "none"}, by=name)
            self.post(f"{self.round}/evaluations", self._scores(panel), by=name)

    def _scores(self, panel: str) -> dict[str, object]:
        keys = [one.key for one in self.playbook.panels[panel].criteria]
        return {"scores": dict.fromkeys(keys, "4"), "comments": dict.fromkeys(keys, COMMENT)}

    def agree(self, panel: str) -> None:
        secretary, spec = self.house.by("iag_secretary"), self.playbook.panels[panel]
        if "consensus" in spec.phases:
            self._ok(secretary.put(f"{self.round}/consensus", self._scores(panel)))
        if "panel" in spec.phases:
            self._ok(secretary.put(f"{self.round}/minute", {"text": "Compared with nothing else."}))

    def close(self) -> None:
        self.post(f"{self.round}/closing", by="iag_secretary")

    def state(self) -> None:
        for region in ("upper-silesia", "paca"):
            caller = self.house.by(region)
            caller.post("/me/agreement")
            self.post(f"{self.round}/declaration", {"kind": "none"}, by=region)
            stated = {"willingness": "yes", "priority_match": "full"}
            self._ok(caller.put(f"{self.round}/positions/{region}", stated))

    def decide(self, *conditions: str, chair: str = "iag_chair") -> None:
        place, secretary = f"{self.round}/decision", self.house.by("iag_secretary")
        outcome = "endorse_with_conditions" if conditions else "endorse"
        text = {"outcome": outcome, "reasons": "It can be built.", "conditions": conditions}
        version = self._ok(secretary.put(place, text))["version"]
        version = self._ok(self.house.by(chair).post(f"{place}/confirmation", version=version))["version"]
        self._ok(secretary.post(f"{place}/release", version=version))

    def correct(self, panel: str, outcome: str, *, by: tuple[str, str]) -> None:
        rounds = [one["id"] for one in self.get("/rounds?limit=100")["items"] if one["panel"] == panel]
        place = f"/rounds/{rounds[-1]}/decision/correction"
        text = {"because": "It was misread.", "outcome": outcome, "reasons": "As it reads now."}
        version = self._ok(self.house.by(by[0]).put(place, text))["version"]
        self._ok(self.house.by(by[1]).post(f"{place}/release", version=version))

    def meet(self) -> None:
        """Close every condition that is open."""
        for one in self.get("/rounds?limit=100")["items"]:
            place = f"/rounds/{one['id']}/conditions"
            for condition in self.get(place)["items"]:
                if condition["state"] == "open":
                    closing = {"state": "met", "evidence": "Annex 7."}
                    caller = self.house.by("iag_secretary")
                    way = f"{place}/{condition['number']}/closing"
                    self._ok(caller.post(way, closing, version=condition["version"]))

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

    def commit(self) -> None:
        [chosen] = [one for one in self.get("/scenarios?limit=100")["items"] if one["chosen"]]
        place = f"/scenarios/{chosen['id']}"
        for number, _ in enumerate(chosen["sources"], start=1):
            self.send("PATCH", f"{place}/sources/{number}", {"status": "committed"}, of=place)

    def plan(self) -> None:
        place, year = "/financial-assumptions", today().year + 1
        horizon = {"first_year": year, "years": 6, "prices": "real", "price_year": year, "illustrative": True}
        rates = {"discount": "4", "tax": "0", "illustrative": True}
        self.send("PUT", place, {"horizon": horizon, "rates": rates}, of=place)

    def sign(self) -> None:
        spoken = {"gliwice": "partner", "marseille": "marseille", "katowice": "katowice", "Far": "far"}
        for one in self.get("/protocol/sign-offs")["items"]:
            if one["signed_at"] is None:
                self.post(f"/sign-offs/{one['id']}", by=spoken[one["organisation"]])

    def submits(self) -> None:
        self.post("/submissions", {"lender": "Bank", "amount": "500.00", "submitted_on": str(today())})

    def agrees(self) -> None:
        granted = {"submission": 1, "funder": "Bank", "reference": "B-1", "amount": "500.00"}
        self.post("/agreements", granted | {"agreed_on": str(today())})

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


def _far_away(walk: Walk) -> None:
    """A third region with an organisation, and somebody who speaks for it."""
    home = "/partnerships/medtech"
    far = {"slug": THIRD, "name": "Far", "kind": "technology_centre", "nuts": "ES220"}
    walk.post(f"{home}/organisations", far)
    person = {"email": "far@example.org", "label": "far", "role": "partner", "organisation": THIRD}
    walk.post(f"{home}/people", person, by="administrator")


def _reads(walk: Walk, panel: str, *conditions: str) -> None:
    walk.score(panel)
    walk.close()
    walk.agree(panel)
    walk.decide(*conditions)


def _states(walk: Walk) -> None:
    walk.post("/rounds", {"panel": "wgra"}, by="iag_secretary")
    walk.state()
    walk.close()
    walk.decide(chair="wgra_chair")


def _s3_again(walk: Walk, *, back: str, to: str) -> None:
    """Go back to the protocol, freeze it anew, and go on by all reviews, which are of another version now."""
    by = "iag_secretary" if back == "revise" else "project_manager"
    walk.goes(back, by=by, reason="Begun anew.")
    walk.another_version()
    walk.goes("submit_to_iag")
    _reads(walk, "iag")
    walk.goes("pass_to_wgra", by="iag_chair")
    _states(walk)
    if to == "wgra_review":
        return
    walk.goes("endorse", by="wgra_chair")
    walk.by_law()
    walk.commit()
    if to == "bankable":
        walk.goes("declare_bankable")


def _s3_protocol(walk: Walk) -> None:
    _begins(walk, "draft_outline")
    walk.guarded("draft_outline", "regions_at_least", "not_interregional", lambda: walk.join(PARTNER))
    walk.leave("medtech-katowice")
    walk.goes("draft_outline")
    walk.guarded("start_protocol", "lead_named", "no_lead", walk.lead)
    walk.guarded("start_protocol", "working_area_named", "no_working_area", lambda: walk.edit(working_area=2))
    walk.guarded("start_protocol", "summary_written", "no_summary", lambda: walk.edit(summary="Said."))
    walk.merges("matchmaking")
    walk.goes("start_protocol")
    for move in ("apply_for_assistance", "submit_to_iag"):
        walk.nobody_leads()
        walk.guarded(move, "lead_named", "no_lead", walk.lead)
    move = "submit_to_iag"
    walk.edit(working_area=None)
    walk.guarded(move, "working_area_named", "no_working_area", lambda: walk.edit(working_area=2))
    walk.leave(PARTNER)
    walk.guarded(move, "organisations_at_least", "too_few_organisations", lambda: walk.join("medtech-katowice"))
    walk.guarded(move, "regions_at_least", "not_interregional", lambda: walk.join(PARTNER))
    walk.leave("medtech-katowice")
    walk.guarded(move, "protocol_complete", "protocol_incomplete", walk.write_all)
    walk.write("financing_plan", sources="900.00")
    walk.guarded(move, "protocol_sums_equal", "protocol_unbalanced", lambda: walk.write("financing_plan"))
    walk.guarded(move, "protocol_frozen", "protocol_not_frozen", walk.freeze)
    walk.goes(move)


def _s3_reviews(walk: Walk) -> None:
    iag, wgra = {"by": "iag_chair", "panel": "iag"}, {"by": "wgra_chair", "panel": "wgra"}
    walk.score("iag")
    walk.guarded("pass_to_wgra", "round_closed", "round_not_closed", walk.close, **iag)
    walk.agree("iag")
    walk.guarded("pass_to_wgra", "decided", "not_decided", walk.decide, **iag)
    anew = lambda: _reads(walk, "iag", "Show a letter.")  # noqa: E731
    walk.guarded(
        "reject", "not_endorsed", "endorsed_already", lambda: walk.correct("iag", "revise", by=DEPUTIES), by="iag_chair"
    )
    walk.another_version()
    walk.guarded("pass_to_wgra", "review_current", "review_outdated", anew, **iag)
    walk.goes("pass_to_wgra", by="iag_chair")
    walk.post("/rounds", {"panel": "wgra"}, by="iag_secretary")
    walk.guarded("endorse", "positions_stated", "positions_missing", walk.state, **wgra)
    walk.guarded("endorse", "round_closed", "round_not_closed", walk.close, **wgra)
    walk.guarded("endorse", "decided", "not_decided", lambda: walk.decide(chair="wgra_chair"), **wgra)
    walk.another_version()
    again = lambda: _s3_again(walk, back="revise", to="wgra_review")  # noqa: E731
    walk.guarded("endorse", "versions_agree", "versions_differ", again, by="wgra_chair")
    walk.goes("endorse", by="wgra_chair")


DEPUTIES, FIRST = ("deputy secretary", "deputy chair"), ("iag_secretary", "iag_chair")
DEPUTIES_OF_WGRA, FIRST_OF_WGRA = ("deputy secretary", "deputy wgra"), ("iag_secretary", "wgra_chair")


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


def _s3_money(walk: Walk) -> None:
    move = "declare_bankable"
    _scenario(walk, move, "investment_plan.costs.amount")
    walk.guarded(move, "sources_committed", "sources_uncommitted", walk.commit)
    walk.guarded(move, "finances_planned", "no_financial_plan", walk.plan)
    for panel, deputies, first in (("iag", DEPUTIES, FIRST), ("wgra", DEPUTIES_OF_WGRA, FIRST_OF_WGRA)):
        walk.correct(panel, "revise", by=deputies)
        back = lambda panel=panel, by=first: walk.correct(panel, "endorse", by=by)  # noqa: E731
        walk.guarded(move, "decided", "decided_otherwise", back, panel=panel)
    walk.guarded(move, "conditions_closed", "conditions_open", walk.meet)
    walk.join(THIRD)
    walk.guarded(move, "positions_stated", "positions_missing", lambda: walk.leave(THIRD), panel="wgra")
    again = lambda: _s3_again(walk, back="rework", to="funding_scenario")  # noqa: E731
    walk.guarded(move, "versions_agree", "consortium_changed", again)
    walk.goes(move)


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
    if any(guard.name == "partners_signed_off" for move in walk.playbook.moves for guard in move.guards):
        walk.guarded("submit", "partners_signed_off", "not_signed_off", walk.sign)
    walk.guarded("submit", "submission_named", "no_submission", walk.submits)
    walk.goes("submit")


def _all_walked(walk: Walk) -> None:
    unwalked, unknown = rows_of(walk.playbook) - walk.walked, walk.walked - rows_of(walk.playbook)
    assert (unwalked, unknown) == (set(), set())


def test_s3(installation: Path) -> None:
    walk = Walk("s3")
    _far_away(walk)
    _s3_protocol(walk)
    _s3_reviews(walk)
    _s3_money(walk)
    _submits(walk, lambda: _s3_again(walk, back="rework", to="bankable"))
    walk.nothing_chosen()
    walk.guarded("win", "scenario_chosen", "no_scenario_chosen", walk.choose_again)
    walk.guarded("win", "agreement_named", "no_grant_agreement", walk.agrees)
    for move in ("win", "implement", "complete"):
        walk.goes(move)
    _all_walked(walk)


def _i3_again(walk: Walk, *, to: str = "ready") -> None:
    walk.goes("rework", reason="Begun anew.")
    walk.another_version()
    walk.goes("ask_advisers")
    _reads(walk, "advisers")
    walk.goes("recommend", by="iag_chair")
    walk.by_law()
    if to == "ready":
        walk.goes("declare_ready")


def _strand(walk: Walk) -> None:
    """A call that asks for four partners: the catalogue decides what the guard asks for."""
    walk.post("/instruments", {"slug": "i3-strand-1", "name": "Strand 1", "level": "eu", "kind": "grant"})
    place = "/instruments/i3-strand-1/terms"
    consortium = {"entities": 4, "regions": 2, "countries": 2}
    walk.send("PUT", place, {"terms": {"consortium": consortium}}, of=place)


def test_i3(installation: Path) -> None:
    walk = Walk("i3")
    _far_away(walk)
    _strand(walk)
    _begins(walk, "form_consortium")
    walk.guarded("form_consortium", "regions_at_least", "not_interregional", lambda: walk.join(PARTNER))
    walk.merges("idea")
    walk.goes("form_consortium")
    move = "write_portfolio"
    walk.guarded(move, "lead_named", "no_lead", walk.lead)
    walk.guarded(move, "working_area_named", "no_working_area", lambda: walk.edit(working_area=2))
    walk.guarded(move, "summary_written", "no_summary", lambda: walk.edit(summary="Said."))
    walk.guarded(move, "consortium_eligible", "consortium_not_eligible", lambda: walk.join(THIRD))
    walk.goes(move)
    move = "ask_advisers"
    walk.nobody_leads()
    walk.guarded(move, "lead_named", "no_lead", walk.lead)
    walk.leave(THIRD)
    walk.guarded(move, "consortium_eligible", "consortium_not_eligible", lambda: walk.join(THIRD))
    walk.guarded(move, "protocol_complete", "protocol_incomplete", walk.write_all)
    walk.write("financing", sources="900.00")
    walk.guarded(move, "protocol_sums_equal", "protocol_unbalanced", lambda: walk.write("financing"))
    walk.guarded(move, "protocol_frozen", "protocol_not_frozen", walk.freeze)
    walk.goes(move)
    advisers = {"by": "iag_chair", "panel": "advisers"}
    walk.score("advisers")
    walk.guarded("recommend", "round_closed", "round_not_closed", walk.close, **advisers)
    walk.agree("advisers")
    walk.guarded("recommend", "decided", "not_decided", walk.decide, **advisers)
    taken_back = lambda: walk.correct("advisers", "revise", by=DEPUTIES)  # noqa: E731
    walk.guarded("reject", "not_endorsed", "endorsed_already", taken_back, by="iag_chair")
    walk.another_version()
    anew = lambda: _reads(walk, "advisers", "Show a letter.")  # noqa: E731
    walk.guarded("recommend", "review_current", "review_outdated", anew, **advisers)
    walk.goes("recommend", by="iag_chair")
    _scenario(walk, "declare_ready", "budget.costs.amount")
    walk.guarded("declare_ready", "conditions_closed", "conditions_open", walk.meet)
    walk.another_version()
    again = lambda: _i3_again(walk, to="financing")  # noqa: E731
    walk.guarded("declare_ready", "versions_agree", "versions_differ", again)
    walk.goes("declare_ready")
    walk.leave(THIRD)
    walk.guarded("submit", "consortium_eligible", "consortium_not_eligible", lambda: walk.join(THIRD))
    _submits(walk, lambda: _i3_again(walk), code="consortium_changed")
    walk.guarded("win", "agreement_named", "no_grant_agreement", walk.agrees)
    for move in ("win", "implement", "complete"):
        walk.goes(move)
    _all_walked(walk)


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
