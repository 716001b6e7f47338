"""The states and moves of a sign-off: what an organisation says of its part in a frozen version."""

from enum import StrEnum

from states.clock import now
from states.errors import Refused
from states.machines.definition import Machine, Move, Refusing
from states.machines.stepping import step
from states.protocol.tables import SignOff


class SignOffRefused(Refused):
    """The version cannot be signed so."""

    code = "sign_off_refused"


class SignOffState(StrEnum):
    """What an organisation has said; it follows from when it signed and why it refused."""

    ASKED = "asked"
    REFUSED = "refused"
    SIGNED = "signed"


_OPEN = (SignOffState.ASKED, SignOffState.REFUSED)

ASK = Move("ask", "Ask for it", None, SignOffState.ASKED)
SIGN = Move("sign", "Sign", _OPEN, SignOffState.SIGNED)
REFUSE = Move("refuse", "Refuse, with a reason", _OPEN, SignOffState.REFUSED)

SIGN_OFF = Machine(
    name="sign_off",
    title="The sign-off of an organisation on its part in a frozen version",
    noun="sign_off",
    states={SignOffState.ASKED: "Awaited", SignOffState.REFUSED: "Refused", SignOffState.SIGNED: "Signed"},
    final=frozenset({SignOffState.REFUSED, SignOffState.SIGNED}),
    moves=(ASK, SIGN, REFUSE),
    written=("sign_off.signed_at", "sign_off.refused_because"),
    doors=("states/protocol/states.py",),
    refusing=Refusing(SignOffRefused, "signed_already", "signed_already"),
)


def sign_off_state(row: SignOff) -> SignOffState:
    """Return what an organisation has said."""
    if row.signed_at is not None:
        return SignOffState.SIGNED
    return SignOffState.REFUSED if row.refused_because else SignOffState.ASKED


def transition_sign_off(row: SignOff, move: Move[SignOffState], *, because: str = "") -> None:
    """Write into the row what an organisation says; a refusal has a reason."""
    state = step(SIGN_OFF, sign_off_state(row), move)
    row.signed_at = now() if state is SignOffState.SIGNED else None
    row.refused_because = because.strip() if state is SignOffState.REFUSED else ""
