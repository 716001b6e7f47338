"""The taxonomy that is shipped, how near two of its nodes are, and the faults of a broken one."""

from itertools import product

import pytest
from stdnum.eu import nace

from states.matchmaking.suggestions.taxonomy import LANGUAGES, TaxonomyInvalid, read_taxonomy, taxonomy

BROKEN = """
version: "1"
nodes:
  - {code: AA, en: one, de: eins, fr: un, it: uno, pl: jeden}
  - {code: AA.BB, en: two, de: zwei, fr: deux, it: due, pl: dwa}
  - {code: AA.BB, en: three, de: drei, fr: trois, it: tre, pl: trzy}
  - {code: CC.DD, en: four, de: eins, fr: quatre, it: quattro, pl: cztery}
"""


def test_three_levels_cover_the_working_areas_the_services_and_what_cuts_across() -> None:
    nodes = taxonomy().nodes.values()

    assert [node.code for node in taxonomy().children(None)] == ["CH", "BI", "MD", "SV", "XC"]
    assert [sum(node.depth == depth for node in nodes) for depth in (1, 2, 3)] == [5, 27, 94]


def test_a_node_has_a_label_in_each_language_and_english_stands_in_for_others() -> None:
    assert [taxonomy().label("SV.TES.BIO", language) for language in (*LANGUAGES, "hu")] == [
        "Biocompatibility testing",
        "Prüfung der Biokompatibilität",
        "Essais de biocompatibilité",
        "Prove di biocompatibilità",
        "Badania biokompatybilności",
        "Biocompatibility testing",
    ]


def test_a_label_in_any_language_leads_back_to_its_node() -> None:
    misled = {
        (code, language): label
        for code, node in taxonomy().nodes.items()
        for language, label in node.labels.items()
        if taxonomy().by_label[label.casefold()] != code
    }

    assert misled == {}


@pytest.mark.parametrize(
    ("sought", "offered", "expected"),
    [
        ("BI.IMP.DEN", "BI.IMP.DEN", 1),
        ("BI.IMP.DEN", "BI.IMP", 0.75 * 2 / 3),  # one step, the common ancestor of depth 2 of 3
        ("BI.IMP", "BI.IMP.DEN", 0.75 * 2 / 3),
        ("BI.IMP.DEN", "BI.IMP.ORT", 0.75**2 * 2 / 3),
        ("BI.IMP", "BI", 0.75 * 1 / 2),
        ("BI.IMP", "BI.MAT", 0.75**2 * 1 / 2),
        ("BI.IMP.DEN", "BI", 0.75**2 * 1 / 3),
        ("BI.IMP.DEN", "BI.MAT", 0),  # three steps
        ("BI.IMP.DEN", "BI.MAT.CER", 0),
        ("BI", "MD", 0),
    ],
)
def test_partial_credit_by_steps_and_depth(sought: str, offered: str, expected: float) -> None:
    assert taxonomy().credit(sought, offered) == pytest.approx(expected)


def test_credit_is_the_same_both_ways_and_full_for_the_same_node_only() -> None:
    credit = {pair: taxonomy().credit(*pair) for pair in product(taxonomy().nodes, repeat=2)}

    assert {pair: value for pair, value in credit.items() if value != credit[pair[::-1]]} == {}
    assert {pair for pair, value in credit.items() if value >= 1} == {(code, code) for code in taxonomy().nodes}


def test_the_general_taxonomy_has_the_divisions_of_nace() -> None:
    divisions = [code.partition(".")[2] for code in taxonomy("nace").nodes if "." in code]

    assert divisions == [code for code in map("{:02}".format, range(100)) if nace.is_valid(code, revision="2.1")]
    assert {node.labels.keys() == set(LANGUAGES) for node in taxonomy("nace").children(None)} == {True}


def test_all_faults_of_a_taxonomy_come_at_once() -> None:
    with pytest.raises(TaxonomyInvalid) as caught:
        read_taxonomy(BROKEN)

    assert [str(fault) for fault in caught.value.faults] == [
        "AA.BB: stands 2 times (give each node a code of its own)",
        "CC.DD: its parent CC is missing (add CC or move the node)",
        "de: eins: labels 2 nodes (word each node differently)",
    ]


def test_entries_of_another_shape_are_named_by_their_place() -> None:
    with pytest.raises(TaxonomyInvalid) as caught:
        read_taxonomy("version: '1'\nnodes: [{code: aa, en: one}, {code: BB, de: zwei}]")

    assert [fault.place for fault in caught.value.faults] == ["nodes.0.code", "nodes.1.en"]


def test_what_is_no_yaml_is_refused() -> None:
    with pytest.raises(TaxonomyInvalid, match="is no YAML"):
        read_taxonomy("{")
