"""What happens at the brokerage event of the demonstration, from its announcement to the first collaboration."""

from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from typing import Any

import yaml

from api.demo.voices import StoryFailed, Voice
from states.archive.tables import DocumentKind
from states.computations.tables import ComputationState
from states.matchmaking.consents.tables import ConsentPurpose
from states.seeds.situation import CollaborationSeed

_PROMPT = "accepted"


class Fair:
    """The event as its organiser runs it: profiles, participants, requests, a computed timetable, and the day itself.

    The organiser enters what delegates do, as at the desk of the event. `checker` did not write
    the profiles whose quality it checks.
    """

    def __init__(self, manager: Voice, checker: Voice, partnership: str) -> None:
        text = resources.files("api.demo").joinpath("event.yaml").read_text(encoding="utf-8")
        self._script: Mapping[str, Any] = yaml.load(text, Loader=yaml.BaseLoader)
        self._manager, self._checker, self._partnership = manager, checker, partnership
        self._participants: dict[str, str] = {}
        self._meetings: list[str] = []
        self._event = ""
        self.suggestion: Mapping[str, Any] = {}

    def prepare(self) -> None:
        """Announce the event, and go on until the timetable is published and an agenda is asked for."""
        sent = {**self._script["event"], "illustrative": True, "announce": True}
        self._event = f"/events/{self._manager.post(f'/partnerships/{self._partnership}/events', sent)['id']}"
        self._manager.put(f"{self._event}/brokerage", self._script["brokerage"])
        profiles = {one["organisation"]: self._publish(one) for one in self._script["profiles"]}
        for one in self._script["participants"]:
            made = self._manager.post(f"{self._event}/participants", {**one, "illustrative": True})
            self._manager.post(f"/participants/{made['id']}/validation", {"accepted": True})
            self._participants[one["organisation"]] = made["id"]
            self._consent(made["id"])
        self.suggestion = self._suggested()
        self._meetings = [self._ask(one, profiles) for one in self._script["meetings"]]
        self._schedule()
        for kind in DocumentKind.EVENT_BOOKLET, DocumentKind.TABLE_PLAN:
            self._manager.post(f"{self._event}/documents", {"kind": kind})
        self._manager.post(f"/participants/{self._participants[self._hero['asker']]}/agenda")

    def hold(self, seed: CollaborationSeed) -> str:
        """Hold the meetings, say what came of them, and open the collaboration; return its id."""
        for key in self._participants.values():
            self._manager.post(f"/participants/{key}/check-in")
        for key, one in self._accepted():
            missed = [self._participants[one["asker"]]] if "missed" in one else []
            self._manager.post(f"/meetings/{key}/attendance", {"missed": missed})
            if not missed:
                self._tell(key, one)
        hero, _ = next(self._accepted())
        summary = {**self._script["collaboration"], "summary": seed.summary}
        opened = self._manager.post(f"/meetings/{hero}/collaboration", summary)
        return self._complete(opened, seed)

    @property
    def _hero(self) -> Mapping[str, str]:
        found: Mapping[str, str] = self._script["meetings"][0]
        return found

    def _accepted(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for key, one in zip(self._meetings, self._script["meetings"], strict=True):
            if one["answer"] == _PROMPT:
                yield key, one

    def _publish(self, profile: Mapping[str, Any]) -> str:
        made = self._manager.post("/profiles", {**profile, "illustrative": True})
        self._manager.post(f"/profiles/{made['id']}/submission")
        self._checker.post(f"/profiles/{made['id']}/checks", self._script["scores"])
        return str(made["id"])

    def _consent(self, participant: str) -> None:
        """Let a participant agree to stand in the booklet, as the organiser would have it on a form."""
        path = f"/participants/{participant}/consents"
        booklet = next(one for one in self._manager.every(path) if one["purpose"] == ConsentPurpose.BOOKLET)
        word = {"given": True, "text_version": booklet["text_version"], "evidence": self._script["consent"]}
        self._manager.put(f"{path}/{ConsentPurpose.BOOKLET.value}", word)

    def _suggested(self) -> Mapping[str, Any]:
        """Look whom the hero should meet; raise `StoryFailed` where that is not whom it meets."""
        path = f"/participants/{self._participants[self._hero['asker']]}/suggestions"
        best: Mapping[str, Any] = self._manager.get(path)["items"][0]
        if best["other"]["organisation"] != self._hero["guest"]:
            raise StoryFailed("better_match", hero=self._hero["asker"], match=best["other"]["organisation"])
        return {"suggested_to": self._hero["asker"], **best}

    def _ask(self, one: Mapping[str, Any], profiles: Mapping[str, str]) -> str:
        wish = {name: one.get(name, "") for name in ("subject", "message", "priority")}
        asker, guest = self._participants[one["asker"]], self._participants[one["guest"]]
        about = profiles.get(one["guest"])
        made = self._manager.post(
            f"{self._event}/meetings", {**wish, "asker": asker, "guests": [guest], "profile_id": about}
        )
        accepted = one["answer"] == _PROMPT
        answer = {"accepted": accepted, "reason": "" if accepted else one["answer"], "participant": guest}
        self._manager.post(f"/meetings/{made['id']}/answer", answer)
        return str(made["id"])

    def _schedule(self) -> None:
        """Ask for a timetable, wait until a flow has computed it, and publish it."""
        run = self._manager.post(f"{self._event}/timetables", {"seconds": self._script["seconds"]})
        run = self._manager.settled(f"/timetables/{run['id']}")
        if run["state"] != ComputationState.DONE or run["unplaced"]:
            raise StoryFailed("timetable_not_found", state=run["state"], explanation=str(run["explanation"]))
        self._manager.post(f"/timetables/{run['id']}/publication")

    def _tell(self, meeting: str, one: Mapping[str, Any]) -> None:
        said = {"next_step": one["next_step"], "note": one.get("note", "")}
        for organisation, rating in zip((one["asker"], one["guest"]), one["ratings"], strict=True):
            word = {**said, "rating": rating, "participant": self._participants[organisation]}
            self._manager.post(f"/meetings/{meeting}/outcomes", word)
        if "closed" in one:
            self._manager.post(f"/meetings/{meeting}/closing", {"reason": one["closed"]})

    def _complete(self, opened: Mapping[str, Any], seed: CollaborationSeed) -> str:
        """Let those join who were not at the meeting, and name the working area."""
        path, version = f"/collaborations/{opened['id']}", opened["version"]
        version = self._manager.patch(path, {"working_area": seed.working_area}, version=version)["version"]
        for member in _others(seed, present=(self._hero["asker"], self._hero["guest"])):
            version = self._manager.post(f"{path}/members", member, version=version)["version"]
        return str(opened["id"])


def _others(seed: CollaborationSeed, *, present: Sequence[str]) -> list[dict[str, object]]:
    return [one.model_dump(mode="json") for one in seed.members if one.organisation not in present]
