"""The reader of published instances: what it reads, how tolerant it is, and how it names what is wrong."""

from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from states.errors import Invalid
from states.matchmaking.timetable.dzn import read
from states.matchmaking.timetable.problem import Meeting, Participant, Problem, Slot

PUBLISHED = Path(__file__).parents[5] / "shared" / "b2b"

PLAIN = """nBusiness = 3;
nMeetings = 2;
nTables = 2;
nTotalSlots = 4;
nMorningSlots = 3;

requested = [|1, 2,3,
|2, 3,1,
|];
meetingsxBusiness = [{1,2}, {1,2,3}, {1,3}];
nMeetingsBusiness = [1,2,1];
forbidden = [{0}, {0,4}, {1,2}];
fixed = [0,3];
precedences = [{},{1}];
"""
EXPECTED = Problem(
    (*[Slot(1, (1, 2))] * 3, Slot(2, (1, 2))),
    (Participant(), Participant(frozenset({3})), Participant(frozenset({0, 1}))),
    (Meeting((0, 1)), Meeting((1, 2), session=1, slot=2)),
    ((0, 1),),
    2,
)


def test_a_plain_file_is_read() -> None:
    assert read(PLAIN) == EXPECTED


def test_other_ways_to_write_the_same_are_read() -> None:
    text = """% made by hand
    nTotalSlots=4 ; nTables = 2; nBusiness = 3; /* a
    comment */ nMorningSlots = 3;
    requested = array2d(1..2, 1..3, [1,2,3, 2,3,1]);
    forbidden = [ {}, 4..4, {1} union {2,}, ];
    fixed = array1d(1..2, [0, 3]);
    precedences = [ {0}, {1} ];
    rooms = 7"""

    assert read(text, fairness=2) == EXPECTED


def test_what_is_not_stated_is_no_rule() -> None:
    text = "nBusiness = 2; nTables = 1; nTotalSlots = 2; requested = [| 1, 2 | 2, 1 |];"

    assert read(text, fairness=None) == Problem(
        (Slot(1, (1,)), Slot(1, (1,))), (Participant(), Participant()), (Meeting((0, 1)), Meeting((1, 0)))
    )


@pytest.mark.parametrize(
    ("old", "new", "place", "message"),
    [
        ("nTables = 2;", "", "nTables", "is missing"),
        ("nTables = 2;", "nTables = -2;", "line 3, nTables", "should be a number, 0 or more"),
        ("nTables = 2;", "nTables = {2};", "line 3, nTables", "should be a number, 0 or more"),
        ("nTables = 2;", "nTables = 2; nTables = 3;", "line 3, nTables", "is there a second time"),
        ("nTables = 2;", "nTables = x;", "line 3, nTables", "'x' is no number, set or array"),
        ("nTables = 2;", "nTables = 2\n", "line 5, nTotalSlots", "';' is expected here"),
        ("nTables = 2;", "nTables := 2;", "line 3, :", "'=' is expected here"),
        ("nTables = 2;", "nTables = 2.5;", "line 3, 2", "has no meaning here"),
        ("nTables = 2;", "nTables = $;", "line 3, $", "has no meaning here"),
        ("nTables = 2;", "nTables = 1..99999999;", "line 3, 1..99999999", "holds too many numbers"),
        ("nTables = 2;", "nTables = 99999999;", "line 3, nTables", "is more than 100000"),
        ("nTables = 2;", f"nTables = {'9' * 5000};", "line 3, 999999999999...", "has too many digits"),
        ("nTables = 2;", f"rooms = {'{' * 5000}1;", "line 3, {", "a number is expected here"),
        ("{0}", "1..99999", "line 12, forbidden", "5 is not between 1 and 4"),
        ("{0,4}", f"{{5}}{' union {0}' * 5000}", "line 12, forbidden", "5 is not between 1 and 4"),
        ("nMeetings = 2;", "nMeetings = 3;", "line 2, nMeetings", "is 3; 2 are requested"),
        ("|2, 3,1,", "|2, 4,1,", "line 8, requested", "participant 4 is not between 1 and 3"),
        ("|2, 3,1,", "|2, 2,1,", "line 8, requested", "participant 2 meets itself"),
        ("|2, 3,1,", "|2, 3,4,", "line 8, requested", "session 4 is none of 1, 2, 3"),
        ("|2, 3,1,", "|2,", "line 8, requested", "holds 1 numbers: participant, participant, session"),
        ("|2, 3,1,", "|2, 3,1,5", "line 8, requested", "holds 4 numbers: participant, participant, session"),
        ("{0,4}", "{0,5}", "line 12, forbidden", "5 is not between 1 and 4"),
        ("{0,4}, ", "", "line 12, forbidden", "holds 2 entries, not 3"),
        ("[{0}, {0,4}, {1,2}]", "3", "line 12, forbidden", "should be an array"),
        ("nMorningSlots = 3;", "nMorningSlots = 5;", "line 5, nMorningSlots", "is 5 of 4 slots"),
        ("[0,3]", "[0,{3,4}]", "line 13, fixed", "names 2 slots for one meeting"),
        ("[0,3]", "array1d(1..3, [0,3])", "line 13, array1d", "holds 2 entries, not 3"),
        ("[0,3]", "[0,9]", "line 13, fixed", "9 is not between 1 and 4"),
        ("{},{1}", "{},{3}", "line 14, precedences", "3 is not between 1 and 2"),
        ("[1,2,1]", "[1,1,1]", "line 11, nMeetingsBusiness", "participant 2 has 2 meetings"),
        ("{1,3}]", "{1,2}]", "line 10, meetingsxBusiness", "differs from what participant 3 requested"),
    ],
)
def test_a_fault_is_named_with_its_line_and_item(old: str, new: str, place: str, message: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(PLAIN.replace(old, new, 1))

    assert (place, message) in [(fault.place, fault.message) for fault in refused.value.faults]


def test_all_faults_come_at_once() -> None:
    with pytest.raises(Invalid) as refused:
        read("nBusiness = 2; nTotalSlots = 1;\nrequested = [|1,3,1\n|2,2,7|];")

    assert [str(fault) for fault in refused.value.faults] == [
        "nTables: is missing",
        "line 2, requested: participant 3 is not between 1 and 2",
        "line 3, requested: participant 2 meets itself",
        "line 3, requested: session 7 is none of 1, 2, 3",
    ]


@given(some.text(alphabet="nTables=[]|{}(),;.1230 \n%/*xunion", max_size=60))
def test_no_text_gives_anything_but_a_problem_or_its_faults(text: str) -> None:
    with suppress(Invalid):
        assert isinstance(read(text), Problem)


@pytest.mark.skipif(not PUBLISHED.is_dir(), reason="the published instances are not here")
def test_every_published_instance_is_read() -> None:
    sizes = {}
    for file in sorted(PUBLISHED.glob("*.dzn")):
        event = read(file.read_text(encoding="utf-8"))
        sizes[file.stem] = (len(event.participants), len(event.meetings), len(event.slots), len(event.slots[0].tables))

    assert len(sizes) == 14
    assert (sizes["forum-14"], sizes["tic-12crafc"]) == ((78, 302, 22, 22), (42, 125, 8, 16))
