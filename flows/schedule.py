"""Which flows are due by the clock of the installation, simulated or real."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from flows.catalogue import FLOWS, FlowSpec
from states.clock import machine_now

RETRY_SECONDS = 60


@dataclass(slots=True)
class Schedule:
    """When each flow ran last; at the start all are due, and after a leap of the clock each runs once."""

    last: dict[str, datetime] = field(default_factory=dict)
    again: dict[str, datetime] = field(default_factory=dict)
    """When the machine's own clock lets one that failed try again: a simulated clock may stand still until it has."""

    def due(self, at: datetime, *, wanted: Collection[str] = ()) -> list[FlowSpec]:
        """Return the flows whose interval is over at that instant, and those `wanted` before; note that they run now.

        One that failed is not wanted again before its time: what it waits for would call it without end.
        """
        found = [spec for spec in FLOWS if self._is_due(spec, at) or self._is_called(spec, wanted)]
        for spec in found:
            self.last[spec.name] = at
            self.again.pop(spec.name, None)
        return found

    def failed(self, spec: FlowSpec) -> None:
        """Let a flow that failed run again soon, long before its interval is over."""
        self.again[spec.name] = machine_now() + timedelta(seconds=RETRY_SECONDS)

    def _is_called(self, spec: FlowSpec, wanted: Collection[str]) -> bool:
        again = self.again.get(spec.name)
        return spec.name in wanted if again is None else again <= machine_now()

    def _is_due(self, spec: FlowSpec, at: datetime) -> bool:
        if spec.every is None:
            return False
        last = self.last.get(spec.name)
        # A simulated clock may be set back when its story begins anew.
        return last is None or at < last or at >= last + timedelta(seconds=spec.every)
