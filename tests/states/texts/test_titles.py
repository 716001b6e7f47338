"""What a playbook calls its parts is said in the language of who reads, and kept as it is written."""

import json

import pytest

from states.playbooks.catalogues import FILES, template
from states.playbooks.reader import PlaybookInvalid, parse
from states.texts import Text
from states.texts.text import as_json, speaking
from states.texts.titles import TRANSLATED, Title, TitlePath, said, titles_in
from tests.factories import s3
from tests.states.playbooks.test_reader import SOUND

OWN = """\
translations:
  de:
    Idea: Einfall
    Costs: Aufwand
  en:
    Plan: Scheme
"""


@pytest.mark.parametrize("language", TRANSLATED)
def test_every_title_of_the_shipped_playbooks_is_translated(language: str) -> None:
    assert FILES.path(language).read_bytes() == FILES.in_step(language, template()), (
        "run `python -m states.playbooks.catalogues`"
    )
    assert [message.id for message in FILES.untranslated(language)] == []


def test_a_title_is_said_in_the_language_of_who_reads_and_kept_as_it_is_written() -> None:
    title = s3().stages["outline"].title

    with speaking("de"):
        assert said(title) == "Projektskizze"
        assert str(Text("refusal", "stage_gone", stage=title, edition="s3@5")).count("Projektskizze") == 1
        assert f"{title}" == json.loads(json.dumps(title)) == "Outline"
    assert said(title) == "Outline"
    assert as_json({"stage": title}) == {"stage": "Outline"}


def test_an_own_translation_comes_before_that_of_the_shipped_playbooks() -> None:
    playbook = parse(SOUND + OWN)
    stage, section = playbook.stages["idea"].title, playbook.protocol[0]

    assert (said(stage, "de"), said(stage, "fr"), said(stage, "en")) == ("Einfall", "Idée", "Idea")
    assert said(TitlePath.of(section.title, section.fields[0].title), "de") == "Plan: Aufwand"
    assert said(section.title, "en") == "Scheme"
    assert said(playbook.stages["aside"].title, "de") == "Aside"


def test_two_titles_of_one_text_are_not_mistaken_for_each_other() -> None:
    own = Text("refusal", "stage_gone", stage=Title("Outline", {"de": "Entwurf"}), edition="a@1")
    shipped = Text("refusal", "stage_gone", stage=Title("Outline"), edition="a@1")

    assert "Entwurf" in own.in_language("de")
    assert "Projektskizze" in shipped.in_language("de")


def test_what_is_wrong_with_translations_is_said_with_its_line() -> None:
    lines = SOUND.count("\n")
    wrong = "translations:\n  de:\n    Ideas: Einfall\n    Somewhere else: Anderswo\n    Idea: ''\n  nl: {Idea: Idee}\n"

    with pytest.raises(PlaybookInvalid) as shape:
        parse(SOUND + wrong, source="small.yaml")
    with pytest.raises(PlaybookInvalid) as logic:
        parse(SOUND + "\n".join(wrong.splitlines()[:4]), source="small.yaml")

    assert [fault.place for fault in shape.value.faults] == [f"small.yaml:{lines + line}" for line in (5, 6)]
    assert [(fault.place, fault.code) for fault in logic.value.faults] == [
        (f"small.yaml:{lines + line}", "translation_of_nothing") for line in (3, 4)
    ]
    assert [fault.remedy for fault in logic.value.faults] == [
        "did you mean 'Idea'?",
        "write the text as it stands in the playbook, or take the line out",
    ]


def test_titles_are_found_wherever_a_playbook_has_them() -> None:
    found = set(titles_in(s3()))

    assert {"Outline", "Write the outline", "Investment case and return", "Identity", "Asked for"} <= found
    assert "iag" not in found
