"""What the law knows of a place, told with its source and whether it was read."""

import pytest
from typer.testing import CliRunner, Result

from api.cli import app


def _place(*options: str) -> Result:
    return CliRunner().invoke(app, ["funding", "place", *options], catch_exceptions=False)


@pytest.mark.parametrize(
    ("code", "on", "says"),
    [
        pytest.param("PL229", "2026-11-30", "PL22 is an area of Article 107(3)(a) TFEU, with 30 percent", id="read"),
        pytest.param("PL925", "2026-11-30", "50 in the subregion of Siedlce.", id="a part with another rate"),
        pytest.param("SK021", "2023-12-31", "SK02 is an area of Article 107(3)(a) TFEU, with 30 percent", id="before"),
        pytest.param("SK021", "2024-01-01", "SK02 is an area of Article 107(3)(a) TFEU, with 40 percent", id="since"),
        pytest.param("BG411", "2026-11-30", "with a rate that was not found for large enterprises", id="no rate"),
        pytest.param("DE111", "2026-11-30", "No area of the map around DE111 is known on 2026-11-30", id="not known"),
        pytest.param("PL229", "2028-01-01", "No area of the map around PL229 is known on 2028-01-01", id="map ended"),
        pytest.param("ES620", "2026-11-30", "ES62 is a transition region", id="Murcia"),
        pytest.param("FRY40", "2026-11-30", "a less developed region, and an outermost region", id="outermost"),
        pytest.param("PL229", "2026-11-30", "at most 85 percent from the ERDF", id="CPR Art. 112"),
        pytest.param("CH011", "2026-11-30", "The cohesion category of CH011 is not known", id="outside of the Union"),
    ],
)
def test_a_place_and_what_the_law_says_of_it(code: str, on: str, says: str) -> None:
    answer = _place(code, "--on", on)

    text = " ".join(answer.stdout.replace("│", " ").split())
    assert answer.exit_code == 0
    assert all(word in text for word in says.split())
    assert says.split(" is ")[0] in text


def test_a_code_that_is_none_is_refused() -> None:
    answer = CliRunner().invoke(app, ["funding", "place", "XX99"])

    assert answer.exit_code != 0
    assert "XX99" in f"{answer.output}{answer.exception}"
