"""Names are masked by word, whatever they look like; what is not marked is never touched."""

import re
from enum import StrEnum
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from states.rights.blinding import Blinding, Concealed, Name, Prose, partner_label


def blinding(*names: str) -> Blinding:
    return Blinding(tuple(Concealed(partner_label(index), (name,)) for index, name in enumerate(names)))


@pytest.mark.parametrize(
    ("names", "text", "masked"),
    [
        (["GAPR", "GAPR-Lab"], "GAPR and gapr sign.", "Partner A and Partner A sign."),
        (["GAPR", "GAPR-Lab"], "GAPRs, Gapr-Lab", "GAPRs, Partner B"),
        (["GAPR"], "Nobody.", "Nobody."),
        (["MAN"], "MAN manages the man-made manifold.", "Partner A manages the man-made manifold."),
        (["AGE"], "AGE's stage: the average age.", "Partner A's stage: the average age."),
        (["PRO"], "PRO provides a process, pro bono.", "Partner A provides a process, pro bono."),
        (["ION"], "ION, a station with ion beams", "Partner A, a station with ion beams"),
        (["3D"], "3D prints 33D in 3DX.", "Partner A prints 33D in 3DX."),
        (["A"], "It is a part of A: AA.", "It is a part of Partner A: AA."),
        (["C++ (Lab*)", "[x]|.+?"], "C++ (Lab*), c++ (lab*) or [x]|.+?, xyz", "Partner A, Partner A or Partner B, xyz"),
        (["Lab", "Lab of Bilbao", "Bilbao"], "Lab of Bilbao, Lab, Bilbao", "Partner B, Partner A, Partner C"),
        (["Ελληνική Εταιρεία"], "Η ΕΛΛΗΝΙΚΗ ΕΤΑΙΡΕΙΑ, Ελληνικη Εταιρεια", "Η Partner A, Partner A"),
        (["Οργανισμός"], "ΟΡΓΑΝΙΣΜΟΣ, οργανισμός", "Partner A, Partner A"),
        (["Górnośląska Łódź"], "Gornoslaska Lodz, GÓRNOŚLĄSKA ŁÓDŹ", "Partner A, Partner A"),
        (["Górnośląska"], "Go\u0301rnos\u0301la\u0328ska leads", "Partner A leads"),
        (["Straße"], "STRASSE, strasse", "Partner A, Partner A"),
        (["Lab of Bilbao"], "Lab\u00a0of\n  Bil\u00adbao", "Partner A"),
        (["Eurobiomed"], "Eurobiomeds rig, Eurobiomedu, eurobiomedical", "Partner A rig, Partner A, eurobiomedical"),
        (["Acme Implants GmbH"], "Acme Implants makes them.", "Partner A makes them."),
        (["Medical GmbH"], "Medical makes a medical device.", "Partner A makes a medical device."),
        (["Żółta Sp. z o.o."], "Żółta, Żółta sp. z o.o.", "Partner A, Partner A"),
        (["Agencja Rozwoju (ARGE)"], "ARGE and Agencja Rozwoju, arge", "Partner A and Partner A, arge"),
        (["", " ", "\u00ad"], "Nothing is a name.", "Nothing is a name."),
    ],
)  # fmt: skip
def test_masks_whole_words(names: list[str], text: str, masked: str) -> None:
    assert blinding(*names).text(text) == masked


def test_a_label_is_never_masked_again() -> None:
    assert blinding("Partner", "A").text("Partner and A") == "Partner A and Partner B"


def test_letters_go_on_after_the_alphabet() -> None:
    assert [partner_label(index) for index in (0, 25, 26, 27, 701, 702)] == [
        "Partner A",
        "Partner Z",
        "Partner AA",
        "Partner AB",
        "Partner ZZ",
        "Partner AAA",
    ]


def test_a_key_is_a_name_where_it_reads_as_one() -> None:
    hidden = Blinding((Concealed("Partner A", ("Agencja Rozwoju",), ("gapr",)), Concealed("B", ("Lab",), ("x-lab",))))

    assert hidden.text("GAPR, gapr, X-Lab") == "Partner A, gapr, B"
    assert (hidden.name("gapr"), hidden.name("GAPR"), hidden.name("agencja rozwoju")) == ("Partner A",) * 3
    assert Blinding((Concealed("collaboration-1", (), ("the-centre",)),)).text("the-centre") == "the-centre"


class Kind(StrEnum):
    MANAGER = "MAN manager"


class Line(BaseModel):
    id: str
    text: Annotated[str, Prose]


class Shown(BaseModel):
    id: str
    kind: Kind
    marked_kind: Annotated[Kind, Prose]
    seal: str
    organisation: Annotated[str, Name]
    title: Annotated[str, Prose] | None
    names: list[Annotated[str, Prose]]
    by_key: dict[str, Annotated[str, Prose]]
    content: Annotated[dict[str, object], Prose]
    rows: Annotated[tuple[tuple[str | int | None, ...], ...], Prose]
    lines: list[Line]
    line: Line | None = None


SHOWN = Shown(
    id="MAN",
    kind=Kind.MANAGER,
    marked_kind=Kind.MANAGER,
    seal="MAN",
    organisation="man",
    title="Led by MAN",
    names=["MAN", "no man"],
    by_key={"MAN": "MAN"},
    content={"MAN": [{"MAN": "MAN lends 3 rigs"}], "count": 3},
    rows=(("MAN", 3, None),),
    lines=[Line(id="MAN", text="MAN")],
    line=Line(id="MAN", text="MAN"),
)


def test_only_what_is_marked_is_masked() -> None:
    assert blinding("MAN").over(SHOWN) == SHOWN.model_copy(
        update={
            "organisation": "Partner A",
            "title": "Led by Partner A",
            "names": ["Partner A", "no man"],
            "by_key": {"MAN": "Partner A"},
            "content": {"MAN": [{"MAN": "Partner A lends 3 rigs"}], "count": 3},
            "rows": (("Partner A", 3, None),),
            "lines": [Line(id="MAN", text="Partner A")],
            "line": Line(id="MAN", text="Partner A"),
        }
    )


def test_nobody_hidden_leaves_all_as_it_is() -> None:
    assert Blinding().over(SHOWN) is SHOWN
    assert not Blinding()


@given(st.lists(st.text(max_size=12), max_size=4), st.text(max_size=60))
def test_any_names_over_any_text(names: list[str], text: str) -> None:
    hidden = blinding(*names)

    masked = hidden.text(text)

    assert [part for part in re.split(r"Partner [A-D]", masked) if part not in text] == []
    assert hidden.over(Line(id=text, text=text)) == Line(id=text, text=masked)


@given(st.lists(st.text(alphabet="abcéłß", min_size=2, max_size=6), min_size=2, max_size=3))
def test_a_name_of_several_words_is_never_left(words: list[str]) -> None:
    assert blinding(" ".join(words)).text(f"({'  '.join(words).upper()})") == "(Partner A)"
