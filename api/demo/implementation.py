"""What follows the yes in the demonstration: an application, an agreement for each source, one year's progress."""

from collections.abc import Callable, Mapping
from typing import Any

from api.demo.voices import Voice

Speaks = Callable[[str], Voice]


class Implementation:
    """What office, lead and partners enter once a collaboration is bankable, as the script has it.

    `of` returns the voice of an organisation by its short name.
    """

    def __init__(self, manager: Voice, of: Speaks, script: Mapping[str, Any]) -> None:
        self._manager, self._of, self._script = manager, of, script

    def apply(self, hero: str) -> None:
        """Note the application for the loan: the grants are asked for in their calls."""
        self._manager.post(f"{hero}/submissions", self._script["submission"])

    def agree(self, hero: str) -> None:
        """Let the lead plan an agreement for each source that a funder pays, and note what was signed and asked for."""
        lead = self._of(self._script["lead"])
        for one in lead.post(f"{hero}/agreements/planning")["items"]:
            path, signed = f"{hero}/agreements/{one['number']}", dict(self._script["signature"])
            if one["kind"] == "loan":
                signed["submission"] = 1
                lead.post(f"{path}/conditions", self._script["condition"])
            signed["reference"] = f"{signed['reference']}-{one['number']}"
            lead.post(f"{path}/signature", signed, version=lead.get(path)["version"])

    def report(self, hero: str) -> None:
        """Let each partner say what it did and spent in a year, one of them by a link, and the office accept it."""
        self._manager.post(f"{hero}/progress/opening")
        opened = {one["organisation"]: one for one in self._manager.every(f"{hero}/progress") if one["period"] == 1}
        for organisation, said in self._script["progress"].items():
            one, voice = opened[organisation], self._of(organisation)
            path = f"/progress/{one['id']}"
            if organisation == self._script["by_link"]:
                writers = self._manager.every(f"{hero}/protocol/writers")
                person = next(one["person"] for one in writers if one["organisation"] == organisation)
                asked = self._manager.post(f"{path}/requests", {"person": person, "days": 30})
                voice.without_account(asked["link"], {**said, "hand_in": True})
            else:
                version = voice.patch(path, said, version=one["version"])["version"]
                voice.post(f"{path}/handing-in", version=version)
            self._manager.post(f"{path}/acceptance", version=self._manager.get(path)["version"])
