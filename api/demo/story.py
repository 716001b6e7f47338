"""What the people of the demonstration do, day by day, all of it over the API."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

import yaml

from api.demo.event import Fair
from api.demo.evidence import Evidence
from api.demo.implementation import Implementation
from api.demo.purse import Purse
from api.demo.voices import StoryFailed, Voice
from states.seeds.situation import read_report, read_situation

ADMINISTRATOR = "administrator@example.org"
MANAGER = "project-manager@example.org"
SECRETARY = "iag-secretary@example.org"
IAG_CHAIR = "iag-chair@example.org"
WGRA_CHAIR = "wgra-chair@example.org"
HERO = "centre-for-biocompatibility"
PARTNERSHIP = "medtech"

Script = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the story: what happens, and who does it. `act` returns once the API has taken it."""

    on: date
    title: str
    act: Callable[[], None]


class Story:
    """The way of one collaboration from an event to its bankable proposal, and a year beyond it."""

    def __init__(self, voice: Callable[[str], Voice]) -> None:
        text = resources.files("api.demo").joinpath("story.yaml").read_text(encoding="utf-8")
        # Everything goes out as JSON: dates as text, as the file has them.
        self.script: Script = yaml.load(text, Loader=yaml.BaseLoader)
        self.voice = voice
        self.manager = voice(MANAGER)
        situation = read_situation()
        self.addresses = {one.label: one.email for one in situation.people}
        self.partners = [one.email for one in situation.people if one.organisation is not None]
        self.seed = next(one for one in situation.collaborations if one.slug == HERO)
        self.fair = Fair(self.manager, voice(ADMINISTRATOR), PARTNERSHIP)
        self.purse = Purse(self.manager, self.script)
        speakers = {one.organisation: one.email for one in situation.people if one.organisation is not None}

        def of(organisation: str) -> Voice:
            return voice(speakers[organisation])

        self.works = Implementation(self.manager, of, self.script["implementation"])
        self.evidence = Evidence(self.manager, voice(SECRETARY), of, self.script["evidence"])
        self.hero = ""

    def days(self) -> Iterator[Day]:
        """Yield the days in their order; the next one begins when all flows of the last have ended."""
        acts: list[tuple[str, str, Callable[[], None]]] = [
            ("event", "A brokerage event: profiles, requests, a timetable, an agenda", self.fair.prepare),
            ("meeting", "They meet, and a meeting becomes a collaboration", self._meet),
            ("outline", "The partners who met write an outline", lambda: self._move("draft_outline")),
            ("protocol", "They begin the investment protocol; regions say what they will pay for", self._begin),
            ("submitted", "Protocol and letters stand; a version is frozen, signed and submitted", self._submit),
            ("declarations", "Five advisers are asked; one finds a conflict of interest", self._declare_with_conflict),
            ("replacement", "Another one took the seat, and declares too", self._declare),
            ("evaluations", "All five score it by six criteria", lambda: self._evaluate("first")),
            ("revise", "They talk, agree, and send it back: not yet", lambda: self._conclude("first", "iag_revise")),
            ("resubmitted", "The second version says what was asked for", self._resubmit),
            ("second_declarations", "A new version is a new round: all declare anew", self._declare),
            ("second_evaluations", "All five score the second version", lambda: self._evaluate("second")),
            ("iag_decision", "The advisory group endorses it, with conditions", self._endorse),
            ("positions", "Each region says what it can pay", self._state_positions),
            ("wgra_decision", "The Working Group of Regional Authorities decides", self._decide_wgra),
            ("scenarios", "The funding case is solved; one of its mixes is chosen", self._finance),
            ("bankable", "Conditions are met, money is committed: nothing speaks against it", self._declare_bankable),
            ("report", "The half-year is over: the monitoring report is answered and prepared", self._answer_report),
            # A day later: documents of one instant have no order, and the issued edition must be the last.
            ("issue", "The report is issued by a second person", self._issue_report),
            ("applied", "The lead applies to a bank", self._apply),
            ("agreed", "Each source has its agreement; the work begins", self._agree),
            ("progress", "A year later each partner says what it did and spent", lambda: self.works.report(self.hero)),
        ]
        for key, title, act in acts:
            yield Day(date.fromisoformat(self.script["dates"][key]), title, act)

    def _meet(self) -> None:
        wishes = self.manager.get("/me/mail-preferences")  # who stands in for every partner is told a lot
        self.manager.put("/me/mail-preferences", wishes | {"digest": True}, version=0)
        self.hero = f"/collaborations/{self.fair.hold(self.seed)}"

    def _move(self, name: str, *, by: str = MANAGER, reason: str = "") -> None:
        voice = self.voice(by)
        standing = voice.get(f"{self.hero}/moves")
        voice.post(f"{self.hero}/moves", {"move": name, "reason": reason}, version=standing["version"])

    def _begin(self) -> None:
        self._move("start_protocol")
        self.purse.publish_calls()

    def _submit(self) -> None:
        self.purse.record_costs(self.hero)
        self._write(self.script["sections"])
        self.evidence.bring(self.hero, "submit_to_iag")
        self.evidence.answer(self.hero, "submit_to_iag")
        self._freeze()
        self._move("submit_to_iag")

    def _resubmit(self) -> None:
        self._ask_and_answer(self.script["question_on_case"])
        self._write_at_once(self.script["written_at_once"])
        self._freeze()
        self.manager.post(f"{self.hero}/documents", {"kind": "redline"})
        self._move("submit_to_iag")

    def _ask_and_answer(self, script: Script) -> None:
        """Let the office ask a partner what the advisers wanted to know, the partner answer, the office close it."""
        asked = self.manager.post(f"{self.hero}/questions", script["asked"])
        path = f"/questions/{asked['id']}"
        answered = self.voice(script["by"]).post(f"{path}/answers", {"text": script["answer"]})
        self.manager.post(f"{path}/closing", version=answered["version"])

    def _write_at_once(self, script: Script) -> None:
        """Let the lead and the office write one section from one reading: the later one sees what both wrote.

        The office leaves to the lead the text that both touched, and its other text is merged.
        """
        path = f"{self.hero}/protocol/sections/{script['section']}"
        read = self.manager.get(path)["version"]
        self.voice(script["lead"]).put(path, {"content": script["theirs"], "illustrative": True}, version=read)
        refused = self.manager.refused(path, {"content": script["yours"], "illustrative": True}, version=read)
        touched = {one["place"].rpartition(".")[2] for one in refused["conflict"]["touched"]}
        left = {field: text for field, text in script["yours"].items() if field not in touched}
        self.manager.put(f"{path}?merge=true", {"content": left, "illustrative": True}, version=read)

    def _freeze(self) -> None:
        """Freeze a version; each partner finds among the own tasks what is to be signed, and signs."""
        self.manager.post(f"{self.hero}/protocol/versions")
        for email in self.partners:
            voice = self.voice(email)
            asked = {f"/api/v1/sign-offs/{one['id']}": one for one in voice.every(f"{self.hero}/protocol/sign-offs")}
            for task in voice.every("/me/tasks"):
                if task["link"] in asked:
                    path = task["link"].removeprefix("/api/v1")
                    voice.post(path, {}, version=asked[task["link"]]["version"])

    def _write(self, sections: Script) -> None:
        for key, content in sections.items():
            path = f"{self.hero}/protocol/sections/{key}"
            version = self.manager.get(path)["version"]
            self.manager.put(path, {"content": content, "illustrative": True}, version=version)

    def _round(self, panel: str) -> Any:
        rounds = [one for one in self.manager.every(f"{self.hero}/rounds") if one["panel"] == panel]
        if not rounds:
            raise StoryFailed("no_round_opened", panel=panel)
        return self.manager.get(f"/rounds/{rounds[-1]['id']}")

    def _seated(self, opened: Any) -> list[str]:
        """Return the e-mail addresses of those who hold a seat, in the order in which the round lists them."""
        return [self.addresses[seat["person"]] for seat in opened["seats"] if seat["state"] == "active"]

    def _declare_with_conflict(self) -> None:
        opened = self._round("iag")
        seated = self._seated(opened)
        conflicted = next(one for one in self.script["conflict"]["reviewers"] if one in seated)
        declaration = {"kind": "disqualifying", "reason": self.script["conflict"]["reason"]}
        self.voice(conflicted).post(f"/rounds/{opened['id']}/declaration", declaration)
        self._declare()

    def _declare(self, panel: str = "iag") -> None:
        """Let everybody who is seated and has not declared agree to this year's rules and declare."""
        opened = self._round(panel)
        for reviewer in self._seated(opened):
            voice = self.voice(reviewer)
            if "missing" in (seen := voice.get(f"/rounds/{opened['id']}")) and "partners" in seen:
                voice.post("/me/agreement")
                voice.post(f"/rounds/{opened['id']}/declaration", {"kind": "none"})

    def _evaluate(self, number: str) -> None:
        opened = self._round("iag")
        for reviewer in self._seated(opened):
            script = self.script["evaluations"][reviewer]
            sent = self._scores(script[number], script["comment"])
            self.voice(reviewer).put(f"/rounds/{opened['id']}/draft", sent, version=0)
            self.voice(reviewer).post(f"/rounds/{opened['id']}/evaluations", sent)

    def _scores(self, scores: Sequence[str], comment: str) -> dict[str, dict[str, str]]:
        criteria = list(self.script["criteria"])
        return {"scores": dict(zip(criteria, scores, strict=True)), "comments": dict.fromkeys(criteria, comment)}

    def _conclude(self, number: str, decision: str) -> None:
        """From single evaluations to a released decision: discussions, consensus, minute, two people and a release."""
        opened, secretary, script = self._round("iag"), self.voice(SECRETARY), self.script["consensus"]
        path = f"/rounds/{opened['id']}"
        for criterion in opened["result"]["criteria"]:
            if criterion["discuss"]:
                record = {"criterion": criterion["key"], "record": script["discussion"]}
                secretary.post(f"{path}/discussions", record)
        agreed = self._scores(script[number]["scores"], script["comment"])
        secretary.put(f"{path}/consensus", {**agreed, "minority_views": script[number]["minority_views"]})
        secretary.put(f"{path}/minute", {"text": script["minute"]})
        self._decide(path, decision, confirmed_by=IAG_CHAIR)
        if decision == "iag_revise":
            self._move("revise", by=IAG_CHAIR, reason=self.script[decision]["reasons"])

    def _endorse(self) -> None:
        self._conclude("second", "iag_decision")
        self._move("pass_to_wgra", by=IAG_CHAIR)

    def _state_positions(self) -> None:
        self._declare("wgra")
        opened = self._round("wgra")
        for one in self.script["positions"]:
            stance = {key: value for key, value in one.items() if key not in ("authority", "region")}
            self.voice(one["authority"]).put(f"/rounds/{opened['id']}/positions/{one['region']}", stance)

    def _decide_wgra(self) -> None:
        self._decide(f"/rounds/{self._round('wgra')['id']}", "wgra_decision", confirmed_by=WGRA_CHAIR)
        self._move("endorse", by=WGRA_CHAIR)

    def _decide(self, path: str, decision: str, *, confirmed_by: str) -> None:
        prepared = self.voice(SECRETARY).put(f"{path}/decision", self.script[decision])
        confirmed = self.voice(confirmed_by).post(f"{path}/decision/confirmation", version=prepared["version"])
        self.voice(SECRETARY).post(f"{path}/decision/release", version=confirmed["version"])

    def _finance(self) -> None:
        self.purse.record(self.hero)
        version = self.manager.every(f"{self.hero}/protocol/versions")[-1]["number"]
        self.purse.choose(self.hero, version=version)
        for paper in ({"kind": "comparison"}, {"kind": "briefing", "region": self.script["briefed"]}):
            self.manager.post(f"{self.hero}/documents", paper)

    def _declare_bankable(self) -> None:
        for opened in self.manager.every(f"{self.hero}/rounds"):
            for one in self.voice(SECRETARY).every(f"/rounds/{opened['id']}/conditions"):
                path = f"/rounds/{opened['id']}/conditions/{one['number']}/closing"
                sent = {"state": "met", "evidence": self.script["evidence_of_conditions"]}
                self.voice(SECRETARY).post(path, sent, version=self.voice(SECRETARY).get(path)["version"])
        self.purse.secure(self.hero)
        self.evidence.bring(self.hero, "declare_bankable")
        self.evidence.answer(self.hero, "declare_bankable")
        self._move("declare_bankable")
        self.manager.post(f"{self.hero}/documents", {"kind": "teaser"})
        self.manager.post(f"{self.hero}/documents", {"kind": "proposal", "language": "de"})

    def _apply(self) -> None:
        self.works.apply(self.hero)
        self._move("submit")

    def _agree(self) -> None:
        self.works.agree(self.hero)
        self._move("win")
        self._move("implement")

    def _answer_report(self) -> None:
        seed = read_report()
        path = f"/reports/{seed.period}"
        answers = {f"answers/{key}": {"text": text} for key, text in seed.answers.items()}
        goals = {f"goals/{key}": {"agreement": agreement.value} for key, agreement in seed.goals.items()}
        own = {f"self-assessment/{key}": {"text": text} for key, text in self.script["self_assessment"].items()}
        for place, sent in {**answers, **goals, **own}.items():
            self.manager.put(f"{path}/{place}", sent, version=self._report_version(path))
        for name in self.manager.get(path)["unexplained"]:
            place, sent = f"reasons/{name.split()[0]}", {"text": self.script["without_answer"]}
            self.manager.put(f"{path}/{place}", sent, version=self._report_version(path))
        self.manager.post(f"{path}/preparing", version=self._report_version(path))

    def _issue_report(self) -> None:
        path = f"/reports/{read_report().period}"
        self.voice(ADMINISTRATOR).post(f"{path}/issuing", version=self._report_version(path))

    def _report_version(self, path: str) -> int:
        return int(self.manager.get(path)["version"])
