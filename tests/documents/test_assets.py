"""The fetcher: the house's own files, and nothing else."""

import pytest

from documents.assets import FONTS, AssetFetcher
from states.texts.text import speaking


@pytest.mark.parametrize("name", sorted(FONTS))
def test_serves_the_fonts(name: str) -> None:
    response = AssetFetcher().fetch(f"asset://{name}")

    assert (response.content_type, response.read(4)) == ("font/ttf", b"\0\1\0\0")


@pytest.mark.parametrize(("language", "word"), [("en", ">CONFIDENTIAL<"), ("de", ">VERTRAULICH<"), ("pl", ">POUFNE<")])
def test_watermark_speaks_the_language_of_its_paper(language: str, word: str) -> None:
    with speaking(language):
        drawn = AssetFetcher().fetch("asset://report/confidential.svg").read().decode()

    assert word in drawn


@pytest.mark.parametrize(
    "url",
    [
        "file:///etc/hostname",
        "http://127.0.0.1:1/x.png",
        "https://example.org/x.css",
        "data:text/css,p{}",
        "asset://../pyproject.toml",
        "asset://proposal/sample.json",
        "ASSET://house.css",
    ],
)
def test_refuses_everything_else(url: str) -> None:
    with pytest.raises(ValueError, match="may use the house's own files only, not ") as caught:
        AssetFetcher().fetch(url)

    assert str(caught.value).endswith(url)
