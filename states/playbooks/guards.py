"""The guards that a playbook may name, and what they are asked about."""

import inspect
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError
from sqlmodel import Session

from states.collaborations import facts as collaborations
from states.collaborations import guards as consortium_guards
from states.collaborations.facts import ConsortiumFacts
from states.collaborations.tables import Collaboration
from states.deadlines.kinds import Waiting
from states.errors import Refusal
from states.funding import facts as funding
from states.funding import guards as funding_guards
from states.funding.facts import FundingFacts
from states.matchmaking import facts as matchmaking
from states.matchmaking import guards as matchmaking_guards
from states.matchmaking.facts import MatchmakingFacts
from states.playbooks.definition import Playbook
from states.protocol import facts as protocol
from states.protocol import guards as protocol_guards
from states.protocol.facts import ProtocolFacts
from states.review import facts as review
from states.review import guards as review_guards
from states.review.facts import ReviewFacts
from states.texts import Text


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of one collaboration, stage by stage."""

    consortium: ConsortiumFacts
    matchmaking: MatchmakingFacts
    protocol: ProtocolFacts
    review: ReviewFacts
    funding: FundingFacts


@dataclass(frozen=True, slots=True)
class Guard:
    """A pure function from one part of the facts (all of them, with no part) and parameters to a refusal or nothing."""

    part: str | None
    check: Callable[..., Refusal | None]
    asks: Waiting | None = None
    """What the playbook must have asked for, or nobody could ever mend the refusal."""

    def __call__(self, facts: Facts, parameters: Mapping[str, str | int | list[str]]) -> Refusal | None:
        return self.check(facts if self.part is None else getattr(facts, self.part), **parameters)

    def faults(
        self, parameters: Mapping[str, object], playbook: Playbook, *, lost: Set[str] = frozenset()
    ) -> list[str]:
        """Say what is wrong with the parameters that a playbook gives this guard.

        `lost` are names of panels and sections that the playbook has, with faults of their own.
        """
        expected = {name: p for name, p in inspect.signature(self.check).parameters.items() if p.kind is p.KEYWORD_ONLY}
        found = [f"it takes no parameter {name!r}" for name in parameters if name not in expected]
        if self.asks is not None and self.asks not in {*playbook.deadlines, *lost}:
            found.append(f"nobody is asked for it: there is no deadline {self.asks.value!r}")
        for name, parameter in expected.items():
            if name not in parameters:
                if parameter.default is parameter.empty:
                    found.append(f"it needs the parameter {name!r}")
                continue
            try:
                TypeAdapter(parameter.annotation).validate_python(parameters[name], strict=True)
            except ValidationError as error:
                found.append(f"{name}: {error.errors()[0]['msg']}")
                continue
            found += _unknown_reference(name, str(parameters[name]), playbook, lost)
        return found


def _unknown_reference(name: str, value: str, playbook: Playbook, lost: Set[str]) -> list[str]:
    """Guards agree on what a parameter's name means: `panel` is a panel, `*_column` is section.field.column."""
    if value.partition(".")[0] in lost:
        return []
    if name == "panel" and value not in playbook.panels:
        return [f"there is no panel {value!r}"]
    if name.endswith("_column") and value not in _columns(playbook):
        return [f"the protocol has no column {value!r} (section.field.column)"]
    return []


def _columns(playbook: Playbook) -> set[str]:
    return {
        f"{section.key}.{field.key}.{column.key}"
        for section in playbook.protocol
        for field in section.fields
        for column in field.columns
    }


def versions_agree(facts: Facts) -> Refusal | None:
    """Reviews and the chosen scenario must be of the latest frozen version: an old one's approvals are void."""
    latest = facts.protocol.latest
    if latest is None:
        return None  # `protocol_frozen` says it
    outdated = [
        Text("missing", "review", panel=name)
        for name, last in facts.review.rounds.items()
        if last.version_id != latest.id
    ]
    chosen = facts.funding.chosen
    if chosen is not None and chosen.version_id != latest.id:
        outdated.append(Text("missing", "scenario", scenario=chosen.name))
    if not outdated:
        return None
    return Refusal(
        "versions_differ",
        number=latest.number,
        mend_by=("project_manager",),
        where="protocol",
        missing=tuple(outdated),
    )


def review_current(facts: Facts, *, panel: str) -> Refusal | None:
    """A panel's approval holds for the version that it reviewed, and for no later one."""
    latest, last = facts.protocol.latest, facts.review.rounds.get(panel)
    if latest is None or last is None or last.version_id == latest.id:
        return None
    return Refusal(
        "review_outdated",
        round=last.number,
        panel=panel,
        number=latest.number,
        mend_by=("iag_secretary", "project_manager"),
        where="rounds",
    )


GUARDS: dict[str, Guard] = {
    "originated": Guard("matchmaking", matchmaking_guards.originated),
    "organisations_at_least": Guard("consortium", consortium_guards.organisations_at_least),
    "regions_at_least": Guard("consortium", consortium_guards.regions_at_least),
    "lead_named": Guard("consortium", consortium_guards.lead_named),
    "working_area_named": Guard("consortium", consortium_guards.working_area_named),
    "summary_written": Guard("consortium", consortium_guards.summary_written),
    "protocol_complete": Guard("protocol", protocol_guards.complete),
    "protocol_frozen": Guard("protocol", protocol_guards.frozen),
    "protocol_sums_equal": Guard("protocol", protocol_guards.sums_equal),
    "partners_signed_off": Guard("protocol", protocol_guards.signed_off, asks=Waiting.SIGN_OFF),
    "round_closed": Guard("review", review_guards.round_closed),
    "decided": Guard("review", review_guards.decided),
    "review_current": Guard(None, review_current),
    "positions_stated": Guard("review", review_guards.positions_stated),
    "scenario_chosen": Guard("funding", funding_guards.scenario_chosen),
    "gap_at_most": Guard("funding", funding_guards.gap_at_most),
    "scenario_legal": Guard("funding", funding_guards.scenario_legal),
    "scenario_fresh": Guard("funding", funding_guards.scenario_fresh),
    "versions_agree": Guard(None, versions_agree),
}


def gather(session: Session, rows: Sequence[Collaboration], *, playbooks: Mapping[str, Playbook]) -> dict[str, Facts]:
    """Collect the facts of many collaborations, by their ids, in a fixed number of queries."""
    consortia = collaborations.gather(session, rows)
    contacts = matchmaking.gather(session, rows)
    protocols = protocol.gather(session, rows, sections={row.id: playbooks[row.id].protocol for row in rows})
    reviews = review.gather(session, rows)
    scenarios = funding.gather(session, rows)
    return {
        row.id: Facts(consortia[row.id], contacts[row.id], protocols[row.id], reviews[row.id], scenarios[row.id])
        for row in rows
    }
