"""Guards on the investment protocol."""

from decimal import Decimal

from states.errors import Refusal
from states.protocol.facts import ProtocolFacts

_AUTHORS = ("project_manager", "partner")


def complete(facts: ProtocolFacts) -> Refusal | None:
    """Every mandatory field of every section is filled."""
    if not facts.missing:
        return None
    filled = facts.mandatory - len(facts.missing)
    return Refusal(
        "protocol_incomplete",
        f"{filled} of {facts.mandatory} mandatory fields of the investment protocol are filled.",
        _AUTHORS,
        "protocol",
        facts.missing,
    )


def frozen(facts: ProtocolFacts) -> Refusal | None:
    """What is reviewed is a frozen version, and it is what the draft says now."""
    if facts.latest is None:
        return Refusal(
            "protocol_not_frozen", "No version of the protocol is frozen yet.", _AUTHORS, "protocol/versions"
        )
    if facts.latest.sha256 != facts.draft_sha256:
        return Refusal(
            "protocol_changed",
            f"The draft was changed after version {facts.latest.number} was frozen: freeze it anew.",
            _AUTHORS,
            "protocol/versions",
        )
    return None


def sums_equal(facts: ProtocolFacts, *, left_column: str, right_column: str) -> Refusal | None:
    """Two money columns have one sum: what is spent is what is financed, to the cent."""
    left, right = (facts.sums.get(column, Decimal("0.00")) for column in (left_column, right_column))
    if left == right:
        return None
    return Refusal(
        "protocol_unbalanced",
        f"{left_column} adds up to {left} EUR, {right_column} to {right} EUR: {abs(left - right)} EUR apart.",
        _AUTHORS,
        "protocol",
        (left_column, right_column),
    )


def signed_off(facts: ProtocolFacts) -> Refusal | None:
    """Every partner has signed its part of the latest frozen version."""
    if facts.latest is None:
        return Refusal(
            "protocol_not_frozen", "No version of the protocol is frozen yet.", _AUTHORS, "protocol/versions"
        )
    if not facts.latest.unsigned:
        return None
    return Refusal(
        "not_signed_off",
        f"{len(facts.latest.unsigned)} partner(s) have not signed version {facts.latest.number} of the protocol.",
        ("partner",),
        "protocol/sign-offs",
        facts.latest.unsigned,
    )
