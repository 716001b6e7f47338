"""The guards that a playbook may name, and what they are asked about."""

import inspect
from collections.abc import Callable, Mapping, Sequence, Set
from decimal import Decimal
from operator import attrgetter
from typing import Protocol

from pydantic import TypeAdapter, ValidationError

from states.archive.evidence.facts import EvidenceFacts
from states.archive.evidence.guards import evidence_filed
from states.bankability.guards import bankability_at_least
from states.bankability.meter import Meter
from states.checklists.facts import ChecklistFacts
from states.checklists.guards import checklist_passed
from states.collaborations import guards as consortium_guards
from states.collaborations.facts import ConsortiumFacts
from states.deadlines.kinds import Waiting
from states.errors import Refusal
from states.funding import guards as funding_guards
from states.funding.awards import guards as award_guards
from states.funding.awards.facts import AwardFacts, ClosingFacts
from states.funding.eligibility import EligibilityFacts, consortium_eligible
from states.funding.facts import CommitmentFacts, FundingFacts, Validity
from states.implementation import guards as implementation_guards
from states.implementation.facts import ImplementationFacts
from states.matchmaking import guards as matchmaking_guards
from states.matchmaking.facts import MatchmakingFacts
from states.playbooks.definition import Playbook, Stage
from states.protocol import guards as protocol_guards
from states.protocol.facts import DraftFacts, FrozenFacts, VersionFacts
from states.review import guards as review_guards
from states.review.facts import ReviewFacts
from states.review.queries import OpenCondition
from states.review.tables import Outcome
from states.shapes import shape_fault
from states.texts import Text


class Facts(Protocol):
    """What is known of one collaboration, part by part; a part is made when a guard asks for it."""

    @property
    def consortium(self) -> ConsortiumFacts: ...
    @property
    def matchmaking(self) -> MatchmakingFacts: ...
    @property
    def draft(self) -> DraftFacts: ...
    @property
    def version(self) -> VersionFacts | None: ...
    @property
    def review(self) -> ReviewFacts: ...
    @property
    def funding(self) -> FundingFacts: ...
    @property
    def validity(self) -> Validity: ...
    @property
    def stage(self) -> Stage: ...
    @property
    def frozen(self) -> FrozenFacts: ...
    @property
    def conditions(self) -> Sequence[OpenCondition]: ...
    @property
    def commitment(self) -> CommitmentFacts: ...
    @property
    def awards(self) -> AwardFacts: ...
    @property
    def closing(self) -> ClosingFacts: ...
    @property
    def implementation(self) -> ImplementationFacts: ...
    @property
    def eligibility(self) -> EligibilityFacts: ...
    @property
    def checklists(self) -> ChecklistFacts: ...
    @property
    def evidence(self) -> EvidenceFacts: ...
    @property
    def bankability(self) -> Meter: ...


class Guard:
    """A pure function from some parts of the facts, in this order, and parameters to a refusal or nothing."""

    def __init__(self, check: Callable[..., Refusal | None], *parts: str, asks: Waiting | None = None) -> None:
        self.check = check
        self.parts = parts
        self._facts = attrgetter(*parts)
        self.asks = asks
        """What the playbook must have asked for, or nobody could ever mend the refusal."""

    def __call__(self, facts: Facts, parameters: Mapping[str, str | int | list[str]]) -> Refusal | None:
        found = self._facts(facts)
        return self.check(*found, **parameters) if len(self.parts) > 1 else self.check(found, **parameters)

    def faults(
        self, parameters: Mapping[str, object], playbook: Playbook, *, lost: Set[str] = frozenset()
    ) -> list[Text]:
        """Say what is wrong with the parameters that a playbook gives this guard.

        `lost` are names of panels and sections that the playbook has, with faults of their own.
        """
        expected = {name: p for name, p in inspect.signature(self.check).parameters.items() if p.kind is p.KEYWORD_ONLY}
        found = [Text("why", "no_such_parameter", parameter=name) for name in parameters if name not in expected]
        if self.asks is not None and self.asks not in {*playbook.deadlines, *lost}:
            found.append(Text("why", "nobody_asked", deadline=self.asks))
        for name, parameter in expected.items():
            if name not in parameters:
                if parameter.default is parameter.empty:
                    found.append(Text("why", "parameter_needed", parameter=name))
                continue
            try:
                TypeAdapter(parameter.annotation).validate_python(parameters[name], strict=True)
            except ValidationError as error:
                why = shape_fault(error.errors()[0]).text
                found.append(Text("why", "parameter_unfit", parameter=name, why=why))
                continue
            found += _unknown_reference(name, str(parameters[name]), playbook, lost)
        return found


def _unknown_reference(name: str, value: str, playbook: Playbook, lost: Set[str]) -> list[Text]:
    """Guards agree on what a parameter's name means: `panel` is a panel, `*_column` is section.field.column."""
    if value.partition(".")[0] in lost:
        return []
    if name == "panel" and value not in playbook.panels:
        return [Text("why", "no_such_panel", panel=value)]
    if name == "checklist" and value not in (known := tuple(one.key for one in playbook.checklists)):
        return [Text("why", "no_such_checklist", checklist=value, known=known)]
    if name.endswith("_column") and value not in _columns(playbook):
        return [Text("why", "no_such_protocol_column", column=value)]
    return []


def _columns(playbook: Playbook) -> set[str]:
    return {
        f"{section.key}.{field.key}.{column.key}"
        for section in playbook.protocol
        for field in section.fields
        for column in field.columns
    }


def versions_agree(latest: VersionFacts | None, review: ReviewFacts, funding: FundingFacts) -> Refusal | None:
    """Reviews and the chosen scenario must be of the latest frozen version: an old one's approvals are void."""
    if latest is None:
        return None  # `protocol_frozen` says it
    if latest.void:
        return protocol_guards.consortium_changed(latest)
    rounds = [name for name, last in review.rounds.items() if last.version_id != latest.id]
    outdated = [Text("missing", "review", panel=name) for name in rounds]
    if funding.chosen is not None and funding.chosen.version_id != latest.id:
        outdated.append(Text("missing", "scenario", scenario=funding.chosen.name))
    if not outdated:
        return None
    return Refusal(
        "versions_differ",
        number=latest.number,
        mend_by=("project_manager",),
        where="protocol",
        missing=tuple(outdated),
    )


def review_current(latest: VersionFacts | None, review: ReviewFacts, *, panel: str) -> Refusal | None:
    """A panel's approval holds for the version that it reviewed, and for no later one, nor another consortium."""
    if latest is not None and latest.void:
        return protocol_guards.consortium_changed(latest)
    last = review.rounds.get(panel)
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


def not_endorsed(stage: Stage, review: ReviewFacts) -> Refusal | None:
    """What the panel of the present stage has endorsed, and released, is not rejected by hand."""
    last = review.rounds.get(stage.panel or "")
    if last is None or last.outcome not in (Outcome.ENDORSE, Outcome.ENDORSE_WITH_CONDITIONS):
        return None
    mend = ("iag_secretary", "iag_chair", "wgra_chair")
    return Refusal("endorsed_already", panel=stage.panel or "", number=last.number, mend_by=mend, where="rounds")


def scenario_sums_equal(
    frozen: FrozenFacts, funding: FundingFacts, commitment: CommitmentFacts, *, protocol_column: str
) -> Refusal | None:
    """What the chosen scenario spends is what a money column of the latest frozen version adds up to, to the cent."""
    planned = frozen.sums.get(protocol_column, Decimal("0.00"))
    if funding.chosen is None or commitment.uses == planned:
        return None
    return Refusal(
        "scenario_differs",
        scenario=funding.chosen.name,
        uses=commitment.uses,
        column=protocol_column,
        planned=planned,
        apart=abs(commitment.uses - planned),
        mend_by=("project_manager",),
        where="scenarios",
        missing=(protocol_column,),
    )


GUARDS: dict[str, Guard] = {
    "originated": Guard(matchmaking_guards.originated, "matchmaking"),
    "organisations_at_least": Guard(consortium_guards.organisations_at_least, "consortium"),
    "regions_at_least": Guard(consortium_guards.regions_at_least, "consortium"),
    "lead_named": Guard(consortium_guards.lead_named, "consortium"),
    "working_area_named": Guard(consortium_guards.working_area_named, "consortium"),
    "summary_written": Guard(consortium_guards.summary_written, "consortium"),
    "consortium_eligible": Guard(consortium_eligible, "eligibility"),
    "merge_target_named": Guard(consortium_guards.merge_target_named, "consortium"),
    "protocol_complete": Guard(protocol_guards.complete, "draft"),
    "protocol_frozen": Guard(protocol_guards.frozen, "draft", "version"),
    "protocol_sums_equal": Guard(protocol_guards.sums_equal, "draft"),
    "partners_signed_off": Guard(protocol_guards.signed_off, "version", asks=Waiting.SIGN_OFF),
    "round_closed": Guard(review_guards.round_closed, "review"),
    "decided": Guard(review_guards.decided, "review"),
    "review_current": Guard(review_current, "version", "review"),
    "conditions_closed": Guard(review_guards.conditions_closed, "conditions"),
    "not_endorsed": Guard(not_endorsed, "stage", "review"),
    "positions_stated": Guard(review_guards.positions_stated, "review"),
    "scenario_chosen": Guard(funding_guards.scenario_chosen, "funding"),
    "gap_at_most": Guard(funding_guards.gap_at_most, "funding"),
    "scenario_legal": Guard(funding_guards.scenario_legal, "funding", "validity"),
    "scenario_fresh": Guard(funding_guards.scenario_fresh, "funding", "validity"),
    "scenario_sums_equal": Guard(scenario_sums_equal, "frozen", "funding", "commitment"),
    "sources_committed": Guard(funding_guards.sources_committed, "funding", "commitment"),
    "finances_planned": Guard(funding_guards.finances_planned, "commitment"),
    "submission_named": Guard(award_guards.submission_named, "awards"),
    "agreement_named": Guard(award_guards.agreement_named, "awards"),
    "sources_agreed": Guard(award_guards.sources_agreed, "closing"),
    "agreements_ended": Guard(award_guards.agreements_ended, "closing"),
    "agreement_conditions_settled": Guard(award_guards.agreement_conditions_settled, "closing"),
    "progress_accepted": Guard(implementation_guards.progress_accepted, "implementation"),
    "results_reported": Guard(implementation_guards.results_reported, "implementation"),
    "changes_settled": Guard(implementation_guards.changes_settled, "implementation"),
    "checklist_passed": Guard(checklist_passed, "checklists"),
    "evidence_filed": Guard(evidence_filed, "evidence"),
    "bankability_at_least": Guard(bankability_at_least, "bankability"),
    "versions_agree": Guard(versions_agree, "version", "review", "funding"),
}
