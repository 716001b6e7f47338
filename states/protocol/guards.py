"""Guards on the investment protocol."""

from decimal import Decimal

from states.errors import Refusal
from states.protocol.facts import DraftFacts, VersionFacts

_AUTHORS = ("project_manager", "partner")


def complete(draft: DraftFacts) -> Refusal | None:
    """Every mandatory field of every section is filled."""
    if not draft.missing:
        return None
    filled = draft.mandatory - len(draft.missing)
    return Refusal(
        "protocol_incomplete",
        filled=filled,
        mandatory=draft.mandatory,
        mend_by=_AUTHORS,
        where="protocol",
        missing=draft.missing,
    )


def frozen(draft: DraftFacts, latest: VersionFacts | None) -> Refusal | None:
    """What is reviewed is a frozen version, and it is what the draft says now."""
    if latest is None:
        return _not_frozen()
    if latest.void:
        return consortium_changed(latest)
    if latest.sha256 != draft.sha256:
        return Refusal("protocol_changed", number=latest.number, mend_by=_AUTHORS, where="protocol/versions")
    return None


def sums_equal(draft: DraftFacts, *, left_column: str, right_column: str) -> Refusal | None:
    """Two money columns have one sum: what is spent is what is financed, to the cent."""
    left, right = (draft.sums.get(column, Decimal("0.00")) for column in (left_column, right_column))
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


def signed_off(latest: VersionFacts | None) -> Refusal | None:
    """Every partner has signed its part of the latest frozen version."""
    if latest is None:
        return _not_frozen()
    if not latest.unsigned:
        return None
    return Refusal(
        "not_signed_off",
        count=len(latest.unsigned),
        number=latest.number,
        mend_by=("partner",),
        where="protocol/sign-offs",
        missing=latest.unsigned,
    )


def consortium_changed(latest: VersionFacts) -> Refusal:
    """Refuse a version that was frozen under another lead, or with a partner that has left since."""
    return Refusal("consortium_changed", number=latest.number, mend_by=_AUTHORS, where="protocol/versions")


def _not_frozen() -> Refusal:
    return Refusal("protocol_not_frozen", mend_by=_AUTHORS, where="protocol/versions")
