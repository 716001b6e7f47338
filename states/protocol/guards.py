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
        filled=filled,
        mandatory=facts.mandatory,
        mend_by=_AUTHORS,
        where="protocol",
        missing=facts.missing,
    )


def frozen(facts: ProtocolFacts) -> Refusal | None:
    """What is reviewed is a frozen version, and it is what the draft says now."""
    if facts.latest is None:
        return Refusal("protocol_not_frozen", mend_by=_AUTHORS, where="protocol/versions")
    if facts.latest.sha256 != facts.draft_sha256:
        number = facts.latest.number
        return Refusal("protocol_changed", number=number, mend_by=_AUTHORS, where="protocol/versions")
    return None


def sums_equal(facts: ProtocolFacts, *, left_column: str, right_column: str) -> Refusal | None:
    """Two money columns have one sum: what is spent is what is financed, to the cent."""
    left, right = (facts.sums.get(column, Decimal("0.00")) for column in (left_column, right_column))
    if left == right:
        return None
    return Refusal(
        "protocol_unbalanced",
        left_column=left_column,
        left=left,
        right_column=right_column,
        right=right,
        apart=abs(left - right),
        mend_by=_AUTHORS,
        where="protocol",
        missing=(left_column, right_column),
    )


def signed_off(facts: ProtocolFacts) -> Refusal | None:
    """Every partner has signed its part of the latest frozen version."""
    if facts.latest is None:
        return Refusal("protocol_not_frozen", mend_by=_AUTHORS, where="protocol/versions")
    if not facts.latest.unsigned:
        return None
    return Refusal(
        "not_signed_off",
        count=len(facts.latest.unsigned),
        number=facts.latest.number,
        mend_by=("partner",),
        where="protocol/sign-offs",
        missing=facts.latest.unsigned,
    )
