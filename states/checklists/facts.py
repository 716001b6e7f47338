"""How a case's checklists stand: of each item whether it is answered, and whether its answer passes."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from states.checklists.definition import Check, ChecklistSpec, ItemSpec
from states.checklists.queries import ANSWERS, FILED, ROUNDS, Answered, Round
from states.checklists.tables import ChecklistState
from states.collaborations.tables import Collaboration
from states.storage import Readings

READS = (ROUNDS, ANSWERS, FILED)


class ItemState(StrEnum):
    """`optional`: not answered, and nobody has to; `failing`: answered so that it does not pass."""

    MISSING = "missing"
    OPTIONAL = "optional"
    WITHOUT_EVIDENCE = "without_evidence"
    UNCONFIRMED = "unconfirmed"
    FAILING = "failing"
    PASSES = "passes"


UNFINISHED = frozenset({ItemState.MISSING, ItemState.WITHOUT_EVIDENCE, ItemState.UNCONFIRMED})
"""What keeps a list from being complete."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How a list stands: its round (None: nobody has begun) and the state of each item."""

    spec: ChecklistSpec
    round: Round | None
    items: Mapping[str, ItemState]

    @property
    def number(self) -> int:
        return 1 if self.round is None else self.round.number

    @property
    def signed_off(self) -> bool:
        return self.round is not None and self.round.state is ChecklistState.SIGNED_OFF

    @property
    def unfinished(self) -> list[ItemSpec]:
        """The items that keep the list from being complete."""
        return self.those(*UNFINISHED)

    @property
    def wrong(self) -> list[ItemSpec]:
        """The items that are needed, and are not answered, not finished or fail."""
        return [one for one in self.those(*UNFINISHED, ItemState.FAILING) if one.required]

    @property
    def passed(self) -> bool:
        return self.signed_off and not self.wrong

    def those(self, *states: ItemState) -> list[ItemSpec]:
        """Return the items in these states, in the order of the list."""
        return [item for item in self.spec.items if self.items[item.key] in states]


ChecklistFacts = Mapping[str, Standing]


def facts_of(read: Readings, row: Collaboration, specs: Sequence[ChecklistSpec]) -> ChecklistFacts:
    """Derive how each list of the playbook stands, by its key."""
    if not specs:
        return {}
    rounds = {one.key: one for one in sorted(read.of(ROUNDS, row.id), key=lambda one: one.number)}
    filed = {one.id: one.kind for one in read.of(FILED, row.id)}
    answers: dict[str, dict[str, Answered]] = {}
    for one in read.of(ANSWERS, row.id):
        answers.setdefault(one.checklist_id, {})[one.item] = one
    found = {}
    for spec in specs:
        held = rounds.get(spec.key)
        given = answers.get(held.id, {}) if held is not None else {}
        items = {item.key: state_of(item, given.get(item.key), filed) for item in spec.items}
        found[spec.key] = Standing(spec, held, items)
    return found


def state_of(item: ItemSpec, answer: Answered | None, filed: Mapping[str, str]) -> ItemState:
    """Return how an item stands; `filed` are the kinds of the files that are there, by id."""
    if answer is None or not answer.value:
        return ItemState.MISSING if item.required else ItemState.OPTIONAL
    passes = item.does_pass(answer.value)
    rests = passes and item.evidence is not None and answer.value != Check.NOT_APPLICABLE
    if rests and not _rests_on(item.evidence, answer.evidence_ids, filed):
        return ItemState.WITHOUT_EVIDENCE
    if item.second_person and answer.seconded_by is None:
        return ItemState.UNCONFIRMED
    return ItemState.PASSES if passes else ItemState.FAILING


def _rests_on(kind: str | None, evidence_ids: Collection[str], filed: Mapping[str, str]) -> bool:
    return any(filed.get(key) == kind for key in evidence_ids)
