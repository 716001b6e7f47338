"""How the hero of the demonstration is paid for: calls, the funding case, its solution, and the mix that is chosen."""

from collections.abc import Mapping
from typing import Any

from api.demo.voices import StoryFailed, Voice
from states.computations.tables import ComputationState

_SOLVE_SECONDS = 60
_OF_TERMS = ("terms", "criteria", "overall_threshold")


class Purse:
    """What the project manager enters about money, as the script has it; a flow solves the case."""

    def __init__(self, manager: Voice, script: Mapping[str, Any]) -> None:
        self._manager, self._script = manager, script

    def publish_calls(self) -> None:
        """Put in what each payer pays, by what it judges, and when it takes applications."""
        for one in self._script["instruments"]:
            plain = {key: value for key, value in one.items() if key not in (*_OF_TERMS, "calls")}
            made = self._manager.post("/instruments", {**plain, "illustrative": True})
            path = f"/instruments/{made['slug']}"
            terms = {key: one[key] for key in _OF_TERMS if key in one}
            self._manager.put(f"{path}/terms", terms, version=made["version"])
            for call in one["calls"]:
                self._manager.post(f"{path}/calls", {**call, "illustrative": True})

    def record_costs(self, hero: str) -> None:
        """Enter what the partners of the collaboration at this path will spend: its protocol shows it."""
        for line in self._script["cost_lines"]:
            self._manager.post(f"{hero}/cost-lines", {**line, "illustrative": True})

    def record(self, hero: str) -> None:
        """Enter the question, and what is assumed of the years to come."""
        for name, key in (("funding-question", "question"), ("financial-assumptions", "assumptions")):
            self._manager.put(f"{hero}/{name}", self._script[key], version=0)

    def choose(self, hero: str, *, version: int) -> None:
        """Ask for the solution, wait until a flow has found it, adopt its mixes, and choose the first."""
        run = self._manager.post(f"{hero}/funding-solutions", {"seconds": _SOLVE_SECONDS})
        run = self._manager.settled(f"/funding-solutions/{run['id']}")
        if run["state"] != ComputationState.DONE:
            raise StoryFailed("funding_not_found", state=run["state"], answer=str(run["answer"]))
        path = f"/funding-solutions/{run['id']}/adoption"
        made = [self._manager.post(path, {**one, "protocol_version": version}) for one in self._script["adopted"]]
        self._manager.post(f"/scenarios/{made[0]['id']}/choice", version=made[0]["version"])

    def secure(self, hero: str) -> None:
        """Say of each source of the chosen scenario that its payer has committed the money."""
        (chosen,) = (one for one in self._manager.every(f"{hero}/scenarios") if one["chosen"])
        for position, _ in enumerate(chosen["sources"], start=1):
            path = f"/scenarios/{chosen['id']}"
            self._manager.patch(
                f"{path}/sources/{position}", {"status": "committed"}, version=self._manager.get(path)["version"]
            )
