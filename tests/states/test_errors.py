"""Errors speak to a human and keep what a machine needs."""

import pickle

import pytest

from states.errors import BankableError, Denied, Fault, Invalid, Missing, Refusal, Refused, Stale


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (Missing("region", "XX"), "missing", "There is no region 'XX' here."),
        (Denied("only_a_person"), "denied", "Only a person does this."),
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
        (
            Stale("scenario", expected=3, actual=4),
            "stale",
            "This scenario was changed by somebody else (you read version 3, it is at 4): read it again, then repeat "
            "the change.",
        ),
        (Invalid("blank", field="name"), "invalid", "is blank"),
        (
            Invalid(faults=[Fault("a", "blank", remedy="give_it"), Fault("b", "too_long")]),
            "invalid",
            "a: is blank (give it); b: is too long",
        ),
    ],
)
def test_what_an_error_says(error: BankableError, code: str, message: str) -> None:
    assert (error.code, error.message) == (code, message)


def test_a_single_fault_has_its_place_and_remedy() -> None:
    error = Invalid("taken", field="slug", remedy="choose_another", name="x")

    assert error.faults == (Fault("slug", "taken", remedy="choose_another", name="x"),)


def test_a_fault_is_a_code_with_parameters_and_two_sentences() -> None:
    fault = Fault("uses[1]", "name_repeated", remedy="at_most", name="Labour", times=2, most=1).at("uses[2]")

    assert (fault.place, fault.code, fault.parameters) == (
        "uses[2]",
        "name_repeated",
        {"name": "Labour", "times": 2, "most": 1},
    )
    assert str(fault) == "uses[2]: 'Labour' stands 2 times (at most 1)"


@pytest.mark.parametrize(
    "error",
    [Missing("region", "XX"), Denied("only_a_person"), Stale("scenario"), Invalid("blank", field="name")],
)
def test_an_error_goes_from_process_to_process(error: BankableError) -> None:
    assert str(pickle.loads(pickle.dumps(error))) == str(error)
