"""What every page of a review round stands under: its title as the reader may know it, its panel, what may be done."""

from dataclasses import dataclass

from sqlmodel import Session

from states.crossings.review.rounds import panel_of
from states.crossings.rights.collaborations import blinding_of
from states.protocol.queries import version_by_id
from states.review.access import RoundAccess
from states.review.definition import Panel, PanelKind
from states.review.queries import evaluations_of
from states.review.tables import Evaluation, ReviewRound
from states.rights.access import Action, Actor, may

_MOST_STEPS = 21  # a longer scale is typed, not chosen
_OF_A_ROUND = (
    Action.READ_ROUND,
    Action.READ_REVIEW,
    Action.RUN_REVIEW,
    Action.DECLARE,
    Action.EVALUATE,
    Action.RULE_ON_CONFLICT,
    Action.READ_OPEN_EVALUATIONS,
    Action.RECORD_CONSENSUS,
    Action.READ_DECISION,
    Action.PREPARE_DECISION,
    Action.CONFIRM_DECISION,
    Action.RELEASE_DECISION,
    Action.CLOSE_CONDITION,
)


@dataclass(frozen=True, slots=True)
class Head:
    """A round as all its pages name it; `title` hides what the reader is blind to, `may` holds actions."""

    row: ReviewRound
    panel: Panel
    title: str
    version: int
    may: frozenset[Action]

    @property
    def scores(self) -> bool:
        """Tell whether its members score, and do not speak for regions."""
        return self.panel.kind is PanelKind.SCORES

    @property
    def scale(self) -> list[str]:
        """Return the scores that may be given, as they are stored; empty where there are too many to choose from."""
        steps = int(self.panel.maximum / self.panel.step) + 1
        found = [str((self.panel.step * number).quantize(self.panel.step)) for number in range(steps)]
        return found if steps <= _MOST_STEPS else []


def head_of(session: Session, actor: Actor, found: RoundAccess) -> Head:
    """Return what a round's pages stand under."""
    return Head(
        row=found.row,
        panel=panel_of(session, found.row),
        title=blinding_of(session, actor, found.collaboration).text(found.collaboration.title),
        version=version_by_id(session, found.row.protocol_version_id).number,
        may=frozenset(action for action in _OF_A_ROUND if may(actor, action, found.scope)),
    )


def submitted_by(session: Session, round_id: str, person_id: str) -> Evaluation | None:
    """Return what a person has submitted last in a round, as long as it counts."""
    return next((one for one in evaluations_of(session, round_id) if one.person_id == person_id), None)
