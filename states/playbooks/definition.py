"""The shape of a playbook: stages, moves, guards, panels, protocol sections, ladders, deadlines.

The definition knows nothing of the engine that moves along it (`machines/stepping.py`), nor of files (`reader.py`).
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cached_property
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from states.archive.evidence.definition import EvidenceTerms
from states.archive.tables import DocumentKind
from states.checklists.definition import ChecklistSpec
from states.deadlines.definition import Rung
from states.deadlines.kinds import Waiting
from states.errors import Refusal
from states.implementation.definition import ChangeTerms, ProgressTerms
from states.machines.definition import Machine
from states.machines.definition import Move as Step
from states.playbooks.deadline_terms import UNSAID, Term
from states.protocol.definition import SectionSpec
from states.review.definition import Panel
from states.rights.access import Role
from states.texts.titles import Language, Named

CAME_FROM = "came_from"

Key = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]


class StageKind(StrEnum):
    """`active` matures, `side` waits, `closed` is over but may be taken up again, `final` is the end."""

    ACTIVE = "active"
    SIDE = "side"
    CLOSED = "closed"
    FINAL = "final"


class Direction(StrEnum):
    """Every move but one forward needs a reason."""

    FORWARD = "forward"
    BACK = "back"
    ASIDE = "aside"
    OUT = "out"


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Stage(_Model):
    """Where a collaboration stands."""

    title: Named
    kind: StageKind = StageKind.ACTIVE
    due: int | None = Field(default=None, gt=0, le=750, description="working days until somebody must move on")
    owner: Role = Role.PROJECT_MANAGER
    ladder: str = "default"
    panel: str | None = Field(default=None, description="entering asks for a round of this panel")
    issues: list[DocumentKind] = Field(default=[], description="entering asks for these documents")


class GuardUse(_Model):
    """A guard by name, with its parameters."""

    name: str
    with_: dict[str, str | int | list[str]] = Field(default={}, alias="with")


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _as_guard(value: object) -> object:
    return {"name": value} if isinstance(value, str) else value


class Move(_Model):
    """A way from one or more stages to another; `to: came_from` returns to the stage before."""

    name: Key
    title: Named
    from_: Annotated[list[str], BeforeValidator(_as_list)] = Field(alias="from", min_length=1)
    to: str
    by: Annotated[list[Role], BeforeValidator(_as_list)] = Field(min_length=1)
    direction: Direction = Direction.FORWARD
    guards: list[Annotated[GuardUse, BeforeValidator(_as_guard)]] = []
    hands_over: bool = Field(default=False, description="contacts and members go over to the collaboration it joins")

    @property
    def needs_reason(self) -> bool:
        """Tell whether the mover must say why."""
        return self.direction is not Direction.FORWARD

    @cached_property
    def of_others(self) -> Refusal:
        """The reason against it for whoever's role does not make it."""
        roles = tuple(role.value for role in self.by)
        return Refusal("role", roles=roles, mend_by=roles)


class Playbook(_Model):
    """How the collaborations of a partnership mature."""

    name: Key
    version: int = Field(ge=1)
    title: Named
    source: str = Field(default="", max_length=500, description="on what its rules rest")
    verified: bool | None = Field(default=None, description="false: not all of it was compared with its source")
    initial: str
    stages: dict[Key, Stage] = Field(min_length=1)
    moves: list[Move] = Field(min_length=1)
    panels: dict[Key, Panel] = {}
    protocol: list[SectionSpec] = []
    evidence: EvidenceTerms = Field(
        default_factory=EvidenceTerms, description="which kinds there are, and who owes one"
    )
    checklists: list[ChecklistSpec] = Field(default=[], description="questions that are answered for a case, and when")
    ladders: dict[Key, list[Rung]] = {}
    deadlines: dict[Waiting, Term] = {}
    progress: ProgressTerms = Field(default_factory=ProgressTerms, description="how often partners report")
    changes: ChangeTerms = Field(default_factory=ChangeTerms, description="who agrees to changes of what was agreed on")
    translations: dict[Language, dict[str, Annotated[str, Field(min_length=1)]]] = Field(
        default={}, description="its titles in other languages, by language and title"
    )
    undo_within: int = Field(default=3, ge=0, le=20, description="working days in which a move may be taken back")

    @property
    def key(self) -> str:
        """The name and version under which a collaboration remembers it."""
        return f"{self.name}@{self.version}"

    @property
    def terms(self) -> Mapping[Waiting, Term]:
        """Return what waits, and its terms: also of what people ask of each other where the playbook says nothing."""
        return {**UNSAID, **self.deadlines}

    def ladder_of(self, term: Term) -> Sequence[Rung]:
        """Return how one is reminded; a playbook without the ladder of an unsaid term reminds nobody of it."""
        return self.ladders.get(term.ladder, [])

    def moves_from(self, stage: str) -> list[Move]:
        """Return the moves that leave a stage, in the order of the playbook."""
        return self._leaving.get(stage, [])

    @cached_property
    def _leaving(self) -> dict[str, list[Move]]:
        found: dict[str, list[Move]] = {}
        for move in self.moves:
            for stage in dict.fromkeys(move.from_):
                found.setdefault(stage, []).append(move)
        return found

    def move(self, name: str, *, stage: str) -> Move | None:
        """Return the move of that name from that stage, if there is one."""
        return next((move for move in self.moves_from(stage) if move.name == name), None)

    def machine(self) -> Machine[str]:
        """Return stages and moves as a machine; `came_from` leads to each stage that leads there."""
        return Machine(
            name=self.key,
            title=self.title,
            noun="collaboration",
            states={name: stage.title for name, stage in self.stages.items()},
            final=frozenset(name for name, stage in self.stages.items() if stage.kind is StageKind.FINAL),
            moves=(Step("", "", to=self.initial), *(step for move in self.moves for step in self._steps(move))),
        )

    def _steps(self, move: Move) -> list[Step[str]]:
        if move.to != CAME_FROM:
            return [Step(move.name, move.title, tuple(move.from_), move.to)]
        return [Step(move.name, move.title, source, tuple(self.origins(source))) for source in move.from_]

    def origins(self, stage: str) -> list[str]:
        """Return the stages from which a move leads directly to this one."""
        found = (source for move in self.moves if move.to == stage for source in move.from_)
        return list(dict.fromkeys(found))
