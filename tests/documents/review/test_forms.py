"""The form at the end of a dossier asks what its panel has to say, and nothing else."""

import re
from collections.abc import Mapping

import pytest

from documents.meta import DocumentContext
from documents.render import html
from documents.review.context import ReviewContext
from states.archive.tables import DocumentKind

KIND = DocumentKind.REVIEW_DOSSIER


@pytest.fixture
def sample(samples: Mapping[DocumentKind, DocumentContext]) -> ReviewContext:
    found = samples[KIND]
    assert isinstance(found, ReviewContext)
    return found


def asked(context: ReviewContext) -> list[str]:
    """The first cells of the form's rows, up to their first bracket."""
    form = html(KIND, context, with_contents=False).partition('<table class="form">')[2].partition("</table>")[0]
    return [cell.partition(" (")[0] for cell in re.findall(r'<th scope="row">(.*?)</th>', form)]


def test_panel_with_criteria_is_asked_for_scores(sample: ReviewContext) -> None:
    assert asked(sample) == [*(criterion.name for criterion in sample.criteria), "Sum"]


def test_panel_of_regions_is_asked_for_a_position(sample: ReviewContext) -> None:
    assert asked(sample.model_copy(update={"criteria": ()})) == [
        "Region and authority",
        "Is the region willing to put in its own money?",
        "Condition, if there is one",
        "Does the investment fit a priority of the region's smart specialisation strategy?",
        "Where does the strategy name that priority? Cite it.",
        "Which instrument could pay today?",
        "When does its call open, and when does it close?",
        "Highest rate",
        "What would have to be aligned with the other regions?",
    ]


def test_nobody_is_told_to_score_who_states_a_position(sample: ReviewContext) -> None:
    pages = [html(KIND, one, with_contents=False) for one in (sample, sample.model_copy(update={"criteria": ()}))]

    assert ["scores nothing" in page for page in pages] == [True, False]
    assert ["somebody else then speaks for the region" in page for page in pages] == [False, True]
