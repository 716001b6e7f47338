"""What a playbook says of checklists: items with their answers, who fills them, and which answers pass."""

from collections import Counter
from collections.abc import Collection, Iterator
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from states.rights.access import Role
from states.texts import Text
from states.texts.titles import Named

FILLERS = frozenset(
    {
        Role.PROJECT_MANAGER,
        Role.ADMINISTRATOR,
        Role.IAG_SECRETARY,
        Role.IAG_CHAIR,
        Role.WGRA_CHAIR,
        Role.WGRA_MEMBER,
    }
)
"""Who may be named to fill a list: the office and the authorities."""

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class AnswerKind(StrEnum):
    CHECK = "check"
    TEXT = "text"
    SCORE = "score"


class Check(StrEnum):
    """What can be said to a `check`."""

    YES = "yes"
    NO = "no"
    NOT_APPLICABLE = "not_applicable"


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ItemSpec(_Model):
    """One question: how it is answered, which answers pass, and on what it rests.

    A score has bounds, and passes from `passes_from` on; a text passes once it is written.
    """

    key: Key
    text: Named = Field(min_length=1, max_length=500)
    answer: AnswerKind = AnswerKind.CHECK
    required: bool = True
    passes: Annotated[list[Check], BeforeValidator(_as_list)] = Field(default=[Check.YES], min_length=1)
    least: int = Field(default=0, ge=0, le=100)
    most: int = Field(default=5, ge=1, le=100)
    passes_from: int = Field(default=0, ge=0, le=100)
    evidence: str | None = Field(default=None, description="kind of evidence that a passing answer rests on")
    source: str = Field(min_length=1, max_length=300, description="article or document that asks it")
    verified: bool | None = Field(default=None, description="false: not compared with its source")
    by: Annotated[list[Role], BeforeValidator(_as_list)] = Field(
        default=[], description="empty: whoever fills the list"
    )
    second_person: bool = Field(default=False, description="another person confirms the answer")

    def does_pass(self, value: str) -> bool:
        """Tell whether an answer of the right shape passes."""
        match self.answer:
            case AnswerKind.CHECK:
                return value in self.passes
            case AnswerKind.SCORE:
                return int(value) >= self.passes_from
            case AnswerKind.TEXT:
                return True


class ChecklistSpec(_Model):
    """A list of questions, in which stages it is filled, by whom, and whether the partners may read it."""

    key: Key
    title: Named = Field(min_length=1, max_length=120)
    stage: Annotated[list[str], BeforeValidator(_as_list)] = Field(min_length=1)
    by: Annotated[list[Role], BeforeValidator(_as_list)] = Field(min_length=1)
    signed_by: Annotated[list[Role], BeforeValidator(_as_list)] = Field(
        default=[], description="empty: whoever fills it"
    )
    shared: bool = Field(default=False, description="the partners read it too")
    items: list[ItemSpec] = Field(min_length=1)

    @cached_property
    def by_key(self) -> dict[str, ItemSpec]:
        return {item.key: item for item in self.items}

    def fillers(self, item: ItemSpec) -> tuple[Role, ...]:
        """Return who may answer an item."""
        return tuple(item.by or self.by)

    @property
    def signers(self) -> tuple[Role, ...]:
        return tuple(self.signed_by or self.by)


ChecklistFault = tuple[tuple[str | int, ...], Text, Text]
"""Where in the list (path), what is wrong, what to do."""


def checklist_faults(spec: ChecklistSpec, *, kinds: Collection[str]) -> Iterator[ChecklistFault]:
    """Yield what is wrong with a list although its shape is right; `kinds` are those of evidence."""
    for key, count in Counter(item.key for item in spec.items).items():
        if count > 1:
            yield ("items",), Text("why", "item_key_repeated", key=key, count=count), Text("remedy", "keys_are_unique")
    for place, roles in (("by", spec.by), ("signed_by", spec.signed_by)):
        if strangers := [role for role in roles if role not in FILLERS]:
            yield (place,), Text("why", "role_fills_no_list", role=strangers[0]), _one_of_fillers()
    for number, item in enumerate(spec.items):
        if strangers := [role for role in item.by if role not in FILLERS]:
            yield ("items", number, "by"), Text("why", "role_fills_no_list", role=strangers[0]), _one_of_fillers()
        if item.evidence is not None and item.evidence not in kinds:
            why = Text("why", "no_such_evidence", kind=item.evidence)
            yield ("items", number, "evidence"), why, Text("remedy", "one_of", known=tuple(kinds))
        if item.answer is AnswerKind.SCORE and not item.least <= item.passes_from <= item.most:
            why = Text("why", "passes_outside_bounds", passes=item.passes_from, least=item.least, most=item.most)
            yield ("items", number, "passes_from"), why, Text("remedy", "give_score_within_bounds")


def _one_of_fillers() -> Text:
    return Text("remedy", "name_one_of_roles", roles=tuple(sorted(FILLERS)))
