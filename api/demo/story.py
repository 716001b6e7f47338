"""What the people of the demonstration do, day by day, all of it over the API."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from importlib import resources
from typing import Any

import yaml

from api.demo.voices import StoryFailed, Voice
from states.seeds.report import read_report

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
    """The way of one collaboration to its bankable proposal, and the partnership's report on that half-year."""

    def __init__(self, voice: Callable[[str], Voice]) -> None:
        text = resources.files("api.demo").joinpath("story.yaml").read_text(encoding="utf-8")
        # Everything goes out as JSON: dates as text, as the file has them.
        self.script: Script = yaml.load(text, Loader=yaml.BaseLoader)
        self.voice = voice
        self.manager = voice(MANAGER)
        found = self.manager.every("/collaborations")
        self.hero = next(f"/collaborations/{one['id']}" for one in found if one["slug"] == HERO)

    def days(self) -> Iterator[Day]:
        """Yield the days in their order; the next one begins when all flows of the last have ended."""
        acts: list[tuple[str, str, Callable[[], None]]] = [
            ("outline", "The partners who met write an outline", lambda: self._move("draft_outline")),
            ("protocol", "They begin the investment protocol", lambda: self._move("start_protocol")),
            ("submitted", "All 17 sections stand; a version is frozen and submitted", self._submit),
            ("evaluations", "Five advisers score it by six criteria", self._evaluate),
            ("iag_decision", "The Investment Advisory Group decides, two people, four eyes", self._decide_iag),
            ("positions", "Each region says what it can pay", self._state_positions),
            ("wgra_decision", "The Working Group of Regional Authorities decides", self._decide_wgra),
            ("scenarios", "Two funding scenarios, to the cent; one is chosen", self._finance),
            ("bankable", "Nothing speaks against it any more", lambda: self._move("declare_bankable")),
            ("report", "The half-year is over: the monitoring report", self._report),
        ]
        for key, title, act in acts:
            yield Day(date.fromisoformat(self.script["dates"][key]), title, act)

    def _move(self, name: str, *, by: str = MANAGER) -> None:
        voice = self.voice(by)
        standing = voice.get(f"{self.hero}/moves")
        voice.post(f"{self.hero}/moves", {"move": name}, version=standing["version"])

    def _submit(self) -> None:
        for key, content in self.script["sections"].items():
            path = f"{self.hero}/protocol/sections/{key}"
            version = self.manager.get(path)["version"]
            self.manager.put(path, {"content": content, "illustrative": True}, version=version)
        self.manager.post(f"{self.hero}/protocol/versions")
        self._move("submit_to_iag")

    def _round(self, panel: str) -> Any:
        rounds = [one for one in self.manager.every(f"{self.hero}/rounds") if one["panel"] == panel]
        if not rounds:
            raise StoryFailed(f"No flow has opened a round of panel {panel}.")
        return self.manager.get(f"/rounds/{rounds[-1]['id']}")

    def _evaluate(self) -> None:
        opened = self._round("iag")
        for one in self.script["evaluations"]:
            reviewer = self.voice(one["reviewer"])
            scores = dict(zip(self._criteria(), one["scores"], strict=True))
            comments = {"financing_plan": one["comment"]} if "comment" in one else {}
            reviewer.post(f"/rounds/{opened['id']}/evaluations", {"scores": scores, "comments": comments})

    def _criteria(self) -> list[str]:
        return list(self.script["criteria"])

    def _decide_iag(self) -> None:
        self._decide("iag", confirmed_by=IAG_CHAIR)
        self._move("pass_to_wgra", by=IAG_CHAIR)

    def _state_positions(self) -> None:
        opened = self._round("wgra")
        for one in self.script["positions"]:
            stance = {key: value for key, value in one.items() if key not in ("authority", "region")}
            self.voice(one["authority"]).put(f"/rounds/{opened['id']}/positions/{one['region']}", stance)

    def _decide_wgra(self) -> None:
        self._decide("wgra", confirmed_by=WGRA_CHAIR)
        self._move("endorse", by=WGRA_CHAIR)

    def _decide(self, panel: str, *, confirmed_by: str) -> None:
        path = f"/rounds/{self._round(panel)['id']}/decision"
        prepared = self.voice(SECRETARY).put(path, self.script[f"{panel}_decision"])
        self.voice(confirmed_by).post(f"{path}/confirmation", version=prepared["version"])

    def _finance(self) -> None:
        for instrument in self.script["instruments"]:
            self.manager.post("/instruments", {**instrument, "illustrative": True})
        version = self.manager.every(f"{self.hero}/protocol/versions")[-1]["number"]
        for one in self.script["scenarios"]:
            scenario = {key: one[key] for key in ("name", "note", "gap", "sources")}
            uses = {"uses": self._uses(), "protocol_version": version, "illustrative": True}
            made = self.manager.post(f"{self.hero}/scenarios", {**scenario, **uses})
            if one["chosen"] == "true":
                self.manager.post(f"/scenarios/{made['id']}/choice", version=made["version"])

    def _uses(self) -> list[dict[str, str]]:
        slugs = {one["name"]: one["slug"] for one in self.manager.every(f"/partnerships/{PARTNERSHIP}/organisations")}
        return [
            {"organisation": slugs[row["organisation"]], "category": row["category"], "amount": row["amount"]}
            for row in self.script["sections"]["investment_plan"]["costs"]
        ]

    def _report(self) -> None:
        seed = read_report()
        path = f"/reports/{seed.period}"
        answers = {f"answers/{key}": {"text": text} for key, text in seed.answers.items()}
        goals = {f"goals/{key}": {"agreement": agreement.value} for key, agreement in seed.goals.items()}
        own = {f"self-assessment/{key}": {"text": text} for key, text in self.script["self_assessment"].items()}
        for place, sent in {**answers, **goals, **own}.items():
            self.manager.put(f"{path}/{place}", sent, version=self._report_version(path))
        self.manager.post(f"{path}/issuing", version=self._report_version(path))

    def _report_version(self, path: str) -> int:
        return int(self.manager.get(path)["version"])
