"""A playbook says all its faults at once, each with its line, and none for what only follows from another."""

import pytest

from states.errors import Fault
from states.playbooks.reader import PlaybookInvalid, parse
from tests.factories import s3

SOUND = """\
name: small
version: 1
title: Small
initial: idea
stages:
  idea: {title: Idea, due: 10}
  review:
    title: Review
    panel: board
  aside: {title: Aside, kind: side}
  done: {title: Done, kind: final}
moves:
  - {name: submit, title: Submit, from: idea, to: review, by: project_manager, guards: [protocol_complete]}
  - name: finish
    title: Finish
    from: review
    to: done
    by: [project_manager, partner]
    guards:
      - {name: decided, with: {panel: board, outcomes: [endorse]}}
      - name: protocol_sums_equal
        with: {left_column: plan.costs.amount, right_column: plan.costs.amount}
  - {name: park, title: Park, from: [idea, review], to: aside, by: project_manager, direction: aside}
  - {name: resume, title: Resume, from: aside, to: came_from, by: project_manager, direction: back}
panels:
  board: {title: Board, kind: positions, members: wgra_member, chair: wgra_chair, due: 5}
ladders:
  default: [{days: -3}, {days: 0}]
protocol:
  - key: plan
    title: Plan
    fields:
      - key: costs
        title: Costs
        columns: [{key: amount, title: EUR, kind: money}]
"""


def _faults(text: str) -> list[str]:
    with pytest.raises(PlaybookInvalid) as caught:
        parse(text, source="small.yaml")
    return [str(fault) for fault in caught.value.faults]


def _changed(*changes: tuple[str, str]) -> str:
    text = SOUND
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def test_a_sound_playbook() -> None:
    playbook = parse(SOUND)
    assert playbook.key == "small@1"
    assert [move.name for move in playbook.moves_from("review")] == ["finish", "park"]
    assert playbook.move("finish", stage="idea") is None
    assert [(start, end) for start, end, move in playbook.machine().steps() if move.name == "resume"] == [
        ("aside", "idea"),
        ("aside", "review"),
    ]


def test_the_one_that_is_shipped_is_sound() -> None:
    playbook = s3()
    assert (playbook.key, len(playbook.stages), len(playbook.moves), len(playbook.protocol)) == ("s3@5", 17, 26, 17)


FIVE_FAULTS = """\
name: five
version: 1
title: Five
initial: idea
colour: red
stages:
  idea: {title: Idea}
  trap: {title: Trap}
  island: {title: Island}
  done: {title: Done, kind: final}
moves:
  - name: go
    title: Go
    from: idea
    to: done
    by: project_manager
    guards: [lead_nmaed]
  - name: go
    title: Go elsewhere
    from: idea
    to: trap
    by: project_manager
  - name: leave
    title: Leave
    from: island
    to: done
    by: project_manager
ladders:
  default: [{days: 0}]
"""


def test_five_different_faults_are_five_messages() -> None:
    assert _faults(FIVE_FAULTS) == [
        "small.yaml:5: colour is not known here",
        "small.yaml:8: stage 'trap' is a dead end (add a move out of it, or make it `kind: final`)",
        "small.yaml:9: stage 'island' cannot be reached from \"idea\" (add a move to it)",
        "small.yaml:17: move 'go': no guard 'lead_nmaed' (did you mean 'lead_named'?)",
        "small.yaml:18: two moves from 'idea' are named 'go' (rename one; the other is at line 12)",
    ]


@pytest.mark.parametrize(
    ("old", "new", "faults"),
    [
        (
            "initial: idea",
            "initial: ideas",
            ["small.yaml:4: initial stage 'ideas' does not exist (did you mean 'idea'?)"],
        ),
        (
            "initial: idea",
            "initial: aside",
            ["small.yaml:4: initial stage 'aside' is not active (begin in a stage that matures)"],
        ),
        (
            "    panel: board\n",
            "    panel: bord\n",
            ["small.yaml:9: stage 'review': no panel 'bord' (did you mean 'board'?)"],
        ),
        (
            "{title: Idea, due: 10}",
            "{title: Idea, due: 10, ladder: steep}",
            ["small.yaml:6: stage 'idea': no ladder 'steep' (one of default)"],
        ),
        (
            "chair: wgra_chair, due: 5}",
            "chair: wgra_chair, due: 5, ladder: steep}",
            ["small.yaml:26: panel 'board': no ladder 'steep' (one of default)"],
        ),
        (
            "guards: [protocol_complete]",
            "guards: [gap_at_most]",
            ["small.yaml:13: move 'submit': guard 'gap_at_most': it needs the parameter 'euro' (mend `with:`)"],
        ),
        (
            "guards: [protocol_complete]",
            "guards: [{name: gap_at_most, with: {euro: much}}]",
            [
                "small.yaml:13: move 'submit': guard 'gap_at_most': euro is no whole number (mend `with:`)",
            ],
        ),
        (
            "guards: [protocol_complete]",
            "guards: [{name: protocol_complete, with: {fully: 1}}]",
            ["small.yaml:13: move 'submit': guard 'protocol_complete': it takes no parameter 'fully' (mend `with:`)"],
        ),
        (
            "{panel: board, outcomes: [endorse]}",
            "{panel: bord, outcomes: [endorse]}",
            ["small.yaml:20: move 'finish': guard 'decided': there is no panel 'bord' (mend `with:`)"],
        ),
        (
            "right_column: plan.costs.amount",
            "right_column: plan.costs.total",
            [
                "small.yaml:21: move 'finish': guard 'protocol_sums_equal': "
                "the protocol has no column 'plan.costs.total' (section.field.column) (mend `with:`)"
            ],
        ),
        (
            "from: aside, to: came_from",
            "from: review, to: came_from",
            [
                "small.yaml:10: stage 'aside' is a dead end (add a move out of it, or make it `kind: final`)",
                "small.yaml:24: move 'resume': 'review' is not aside "
                "(only a side or closed stage can return to where it came from)",
            ],
        ),
        ("version: 1\n", "", ["small.yaml:1: version is missing"]),
        (
            "title: Review\n",
            "titel: Review\n",
            [
                "small.yaml:7: stages.review.title is missing",
                "small.yaml:8: stages.review.titel is not known here",
            ],
        ),
        (
            "due: 10",
            "due: soon",
            ["small.yaml:6: stages.idea.due is no whole number"],
        ),
        ("due: 10", "due: 0", ["small.yaml:6: stages.idea.due is not more than 0"]),
    ],
)
def test_each_other_fault(old: str, new: str, faults: list[str]) -> None:
    assert _faults(_changed((old, new))) == faults


@pytest.mark.parametrize(
    ("new", "fault"),
    [
        ("title: !thing Small", "small.yaml:3: 'Small' cannot be read (put it in quotes)"),
        ("title: 2020-13-45", "small.yaml:3: '2020-13-45' cannot be read (put it in quotes)"),
        ("title: Small\n? [a]\n: 1", "small.yaml:4: a key is a word, not a list or a mapping (write a plain key)"),
    ],
)
def test_a_value_that_yaml_cannot_read(new: str, fault: str) -> None:
    assert _faults(_changed(("title: Small", new))) == [fault]


def test_a_part_by_an_alias() -> None:
    changed = _changed(("[{days: -3}, {days: 0}]", "&rungs [{days: -3}, {days: 0}]"))
    text = changed.replace("protocol:\n", "  steep: *rungs\nprotocol:\n")
    assert _faults(text)[0] == "small.yaml:28: stands in more than one place by an alias (write it out)"


def test_a_role_that_nobody_knows() -> None:
    found = _faults(_changed(("by: [project_manager, partner]", "by: [project_manager, mayor]")))
    assert [fault.partition(" is n")[0] for fault in found] == ["small.yaml:18: moves.1.by.1"]


def test_a_stage_that_a_move_names_in_vain() -> None:
    found = _faults(_changed(("from: review\n    to: done", "from: review\n    to: don")))
    assert found[-1] == "small.yaml:14: move 'finish': no stage 'don' (did you mean 'done'?)"


def test_a_faulty_stage_brings_no_faults_of_its_moves() -> None:
    found = _faults(_changed(("  done: {title: Done, kind: final}", "  done: {title: Done, kind: finale}")))
    assert [fault.partition(" is n")[0] for fault in found] == ["small.yaml:11: stages.done.kind"]


def test_a_faulty_panel_brings_no_faults_of_who_names_it() -> None:
    found = _faults(_changed(("due: 5}", "due: 5, quorum: none}")))
    assert [fault.partition(" is n")[0] for fault in found] == ["small.yaml:26: panels.board.quorum"]


def test_a_doubled_section_key() -> None:
    second = "  - {key: plan, title: Again, fields: [{key: a, title: A}]}\n"
    assert _faults(SOUND + second) == ["small.yaml:29: 2 protocol sections have the key 'plan' (keys are unique)"]


def test_a_doubled_key() -> None:
    assert _faults(_changed(("initial: idea\n", "initial: idea\ntitle: Other\n"))) == [
        "small.yaml:5: 'title' stands here twice (see line 3)"
    ]


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name: [", "small.yaml:1"),
        ("name: small\n\tversion: 1", "small.yaml:2"),
        ("", "small.yaml:1"),
        ("- a list", "small.yaml:1"),
        ("name: small\x00\n", "small.yaml:1"),
        ("name: one\n---\nname: two\n", "small.yaml:2"),
        ("name: &a [*a]\n", "small.yaml:1"),
    ],
)
def test_what_is_no_yaml_mapping(text: str, place: str) -> None:
    with pytest.raises(PlaybookInvalid) as caught:
        parse(text, source="small.yaml")
    assert caught.value.faults[0].place == place


@pytest.mark.parametrize(
    "text", ["1: x\n", "stages: 3\nmoves: {}\n", "stages: {1: {title: One}}\n", "moves: [3, null]\n"]
)
def test_what_has_no_shape_at_all_is_still_only_invalid(text: str) -> None:
    with pytest.raises(PlaybookInvalid) as caught:
        parse(text)
    assert all(isinstance(fault, Fault) for fault in caught.value.faults)
    lines = [int(fault.place.rpartition(":")[2]) for fault in caught.value.faults]
    assert lines == sorted(lines)
