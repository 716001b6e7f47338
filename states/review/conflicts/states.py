"""What may come of a declaration: a potential conflict waits for a ruling, a clear case needs none."""

from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.review.conflicts.tables import ConflictKind, Ruling

_CHAIRS = ("iag_chair", "wgra_chair")


class DossierClosed(Refused):
    """The dossier is not open to you yet, or not at all."""

    code = "dossier_closed"


DECLARE_NONE = Move("declare_none", "Declare no conflict", None, Ruling.CLEARED)
DECLARE_POTENTIAL = Move("declare_potential", "Declare a potential conflict", None, Ruling.PENDING)
DECLARE_DISQUALIFYING = Move("declare_disqualifying", "Declare a disqualifying conflict", None, Ruling.EXCLUDED)
# Declaring no conflict after another declaration; until the ruling it would be ruling on one's own.
RETRACT = Move(
    "retract",
    "Declare no conflict any more",
    (Ruling.CLEARED, Ruling.EXCLUDED),
    refusing=Refusing(DossierClosed, "ruling_pending", "ruling_awaited", _CHAIRS, "rounds"),
)
CLEAR = Move("clear", "Rule that there is no conflict", Ruling.PENDING, Ruling.CLEARED)
EXCLUDE = Move("exclude", "Rule that there is a conflict", Ruling.PENDING, Ruling.EXCLUDED)

DECLARED = {
    ConflictKind.NONE: DECLARE_NONE,
    ConflictKind.POTENTIAL: DECLARE_POTENTIAL,
    ConflictKind.DISQUALIFYING: DECLARE_DISQUALIFYING,
}

DECLARATION = Machine(
    name="declaration",
    title="A reviewer's declaration of interests for one round",
    noun="declaration",
    states={
        Ruling.PENDING: "Waiting for a ruling",
        Ruling.CLEARED: "Cleared",
        Ruling.EXCLUDED: "A conflict",
    },
    final=frozenset({Ruling.CLEARED, Ruling.EXCLUDED}),
    moves=(DECLARE_NONE, DECLARE_POTENTIAL, DECLARE_DISQUALIFYING, RETRACT, CLEAR, EXCLUDE),
    column="declaration.ruling",
    refusing=Refusing(DossierClosed, "nothing_to_rule", "nothing_to_rule"),
)
