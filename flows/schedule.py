"""Which flows are due by the clock of the installation, simulated or real."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flows.catalogue import FLOWS, FlowSpec

RETRY_SECONDS = 60


@dataclass(slots=True)
class Schedule:
    """When each flow ran last; at the start all are due, and after a leap of the clock each runs once."""

    last: dict[str, datetime] = field(default_factory=dict)
    failures: set[str] = field(default_factory=set)

    def due(self, at: datetime, *, wanted: Collection[str] = ()) -> list[FlowSpec]:
        """Return the flows whose interval is over at that instant, and those `wanted` before; note that they run now.

        One that failed is not wanted again before its time: what it waits for would call it without end.
        """
        prompt = set(wanted) - self.failures
        found = [spec for spec in FLOWS if spec.name in prompt or self._is_due(spec, at)]
        self.last.update((spec.name, at) for spec in found)
        self.failures.difference_update(spec.name for spec in found)
        return found

    def failed(self, spec: FlowSpec, at: datetime) -> None:
        """Let a flow that failed run again soon, long before its interval is over."""
        self.failures.add(spec.name)
        self.last[spec.name] = at - timedelta(seconds=max((spec.every or 0) - RETRY_SECONDS, 0))

    def _is_due(self, spec: FlowSpec, at: datetime) -> bool:
        if spec.every is None:
            return False
        last = self.last.get(spec.name)
        # A simulated clock may be set back when its story begins anew.
        return last is None or at < last or at >= last + timedelta(seconds=spec.every)
