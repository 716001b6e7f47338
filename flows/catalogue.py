"""Which flows there are: what each one does, which messages it answers, and how often it runs. No Prefect here."""

from dataclasses import dataclass, replace

from states.errors import Missing
from states.outbox.conditions import Lane
from states.outbox.leases import Answering

MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, slots=True)
class FlowSpec:
    """A flow: its Python name (which is also its name as a consumer), what it answers, and every how many seconds.

    All intervals are safe to miss and to repeat: each run looks at what is due, and each effect has a key. A flow run
    answers up to `at_once` messages, each in `longest` seconds: it hangs where one takes more. A `long` flow computes
    for minutes, one message a run: the runner does so beside everything else. What it answers should name no
    collaboration, whose later messages would wait for it.
    """

    name: str
    module: str
    consumes: tuple[str, ...] = ()
    every: int | None = None
    tags: tuple[str, ...] = ()
    at_once: int = 25
    longest: int = 10 * MINUTE
    long: bool = False

    @property
    def label(self) -> str:
        """The flow's and the deployment's name in Prefect."""
        return self.name.replace("_", "-")

    @property
    def entrypoint(self) -> str:
        """Where Prefect imports it from, as `prefect.yaml` writes it."""
        return f"{self.module}.{self.name}"


FLOWS: tuple[FlowSpec, ...] = (
    FlowSpec("open_review_round", "flows.reviews", consumes=("review.requested",), tags=("review",)),
    FlowSpec("replace_reviewer", "flows.reviews", consumes=("review.seat_left",), tags=("review",)),
    FlowSpec("close_review_round", "flows.reviews", consumes=("review.answers_in",), every=HOUR, tags=("review",)),
    FlowSpec("invite_reviewer", "flows.notices", consumes=("review.invited",), tags=("review", "mail")),
    FlowSpec("report_shortage", "flows.notices", consumes=("review.short_of_reviewers",), tags=("review", "mail")),
    FlowSpec("announce_decision", "flows.notices", consumes=("review.decided",), tags=("review", "mail")),
    FlowSpec("report_stale_scenario", "flows.notices", consumes=("scenario.stale",), tags=("funding", "mail")),
    FlowSpec("remind", "flows.reminders", every=5 * MINUTE, tags=("reminders",)),
    FlowSpec("digest", "flows.reminders", every=15 * MINUTE, tags=("reminders",)),
    FlowSpec("issue_document", "flows.issuing", consumes=("document.requested",), tags=("documents",), at_once=4),
    FlowSpec("seal_document", "flows.sealing", consumes=("document.seal_requested",), tags=("documents", "seals")),
    FlowSpec("heal_documents", "flows.healing", every=DAY, tags=("store",)),
    FlowSpec("progress_report", "flows.reports", consumes=("report.issued",), every=DAY, tags=("reports",)),
    FlowSpec(
        "schedule_event",
        "flows.timetables",
        consumes=("timetable.requested",),
        tags=("matchmaking",),
        at_once=1,
        longest=DAY,
        long=True,
    ),
    FlowSpec("expire_unanswered", "flows.timetables", every=HOUR, tags=("matchmaking",)),
    FlowSpec(
        "solve_funding",
        "flows.funding",
        consumes=("funding.requested",),
        tags=("funding",),
        at_once=1,
        longest=DAY,
        long=True,
    ),
    FlowSpec(
        "review_scenarios",
        "flows.funding",
        consumes=(
            "funding.changed",
            "instrument.changed",
            "organisation.changed",
            "review.position_stated",
            "review.seat_left",
            "rules.changed",
        ),
        every=HOUR,
        tags=("funding",),
    ),
    FlowSpec("escalate", "flows.delivery", every=HOUR, tags=("mail",)),
    # The last: what the others have entered goes out in the same turn of the runner.
    FlowSpec("deliver", "flows.delivery", every=MINUTE, tags=("mail",)),
)


def flow_named(name: str) -> FlowSpec:
    """Return the flow of that name (with `_` or `-`), or raise `Missing`."""
    for spec in FLOWS:
        if name in (spec.name, spec.label):
            return spec
    raise Missing("flow", name)


def consumers_of(message_name: str) -> list[FlowSpec]:
    """Return the flows that answer a message of this name; most messages are for the record only."""
    return [spec for spec in FLOWS if message_name in spec.consumes]


ANSWERING = Answering(
    consumers={name: [spec.name for spec in consumers_of(name)] for spec in FLOWS for name in spec.consumes},
    at_once={spec.name: spec.at_once for spec in FLOWS},
)
# A runner takes what it does in a second or so, and leaves the rest to another; a process takes seconds to start.
_TIMES_ON_POOL = 4
ANSWERING_ON_POOL = replace(
    ANSWERING, at_once={spec.name: 1 if spec.long else _TIMES_ON_POOL * spec.at_once for spec in FLOWS}
)
_LONG = frozenset(name for spec in FLOWS if spec.long for name in spec.consumes)
QUICK_LANE, LONG_LANE = Lane(_LONG), Lane(_LONG, others=False)
