"""Errors speak to a human and keep what a machine needs."""

import pytest

from states.errors import BankableError, Denied, Fault, Invalid, Missing, Refusal, Refused, Stale


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (Missing("region", "XX"), "missing", "There is no region 'XX' here."),
        (Denied(), "denied", "Your role does not permit this."),
        (Denied("Not you."), "denied", "Not you."),
        (
            Refused([Refusal("no_lead"), Refusal("no_summary")]),
            "refused",
            "No lead partner is named. The outline has no summary yet.",
        ),
        (
            Stale("scenario"),
            "stale",
            "This scenario was changed by somebody else: read it again, then repeat the change.",
        ),
        (Invalid("is wrong", field="name"), "invalid", "is wrong"),
        (
            Invalid(faults=[Fault("a", "is wrong", "mend it"), Fault("b", "too")]),
            "invalid",
            "a: is wrong (mend it); b: too",
        ),
    ],
)
def test_what_an_error_says(error: BankableError, code: str, message: str) -> None:
    assert (error.code, error.message) == (code, message)


def test_a_single_fault_has_its_place_and_remedy() -> None:
    assert Invalid("is wrong", field="name", remedy="mend it").faults == (Fault("name", "is wrong", "mend it"),)
