"""The form that is shipped has every question of the official one, once; a broken form says all that is wrong."""

from collections import Counter

import pytest
from pydantic import ValidationError

from states.archive.tables import DocumentClass
from states.reporting.definition import Condition, Form, QuestionKind, form
from states.reporting.figures import Figures


def test_every_question_stands_once() -> None:
    ids = [question.id for question in form().questions]

    expected = ["0.1", "0.2", *(f"I.{n}" for n in range(1, 8)), *(f"II.{n}" for n in range(1, 10)), "SDG"]
    assert [key for key in ids if not key.startswith("III.")] == expected
    assert [key for key, count in Counter(ids).items() if count > 1] == []


def test_only_the_self_assessment_is_confidential_and_in_our_own_wording() -> None:
    sections = form().sections

    assert {one.key: (one.readers, one.own_wording) for one in sections} == {
        "0": (DocumentClass.PUBLIC, False),
        "I": (DocumentClass.PUBLIC, False),
        "II": (DocumentClass.PUBLIC, False),
        "III": (DocumentClass.CONFIDENTIAL, True),
    }


def test_obligations_are_those_of_the_official_form() -> None:
    questions = form().questions

    assert [question.id for question in questions if question.mandatory] == ["0.1", "0.2"]
    assert {q.id: q.mandatory_if for q in questions if q.mandatory_if} == {"II.6": Condition.NO_EU13_REGION}
    assert [q.id for q in questions if q.kind is QuestionKind.NUMBER_AND_TEXT] == ["II.7", "II.8"]
    assert {q.id: q.rows for q in questions if q.kind is QuestionKind.TABLE} == {"I.5": 10, "I.6": 10, "I.7": 10}


def test_every_figure_stands_beside_one_question() -> None:
    assert sorted(form().figure_of.values()) == sorted(Figures.model_fields)


def test_a_form_says_all_its_faults() -> None:
    good = form().model_dump()
    good["sections"][1]["questions"][0] |= {"id": "II.2", "derived_from": "nothing"}
    good["sections"][1]["questions"][1]["derived_from"] = None
    good["goals"].pop()

    with pytest.raises(ValidationError) as raised:
        Form.model_validate(good)

    assert raised.value.errors()[0]["msg"].removeprefix("Value error, ").split("; ") == [
        "question II.2 stands twice",
        "there is no figure nothing",
        "figure leading_regions stands beside no question",
        "the goals are 1 to 17, each once and in order",
    ]
