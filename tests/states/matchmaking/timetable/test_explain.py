"""Why an event cannot be scheduled: each cause is named, and each change named would mend it, as trying it shows."""

from dataclasses import replace

import pytest

from states.matchmaking.timetable.explain import Cause, Names, Reason, explain, together
from states.matchmaking.timetable.problem import Meeting, Participant, Problem
from states.matchmaking.timetable.task import Mend
from tests.states.matchmaking.timetable.samples import away, meetings, people, slots

ALL_FOUR = "slot 1, slot 2, slot 3, slot 4"


def reasons(event: Problem) -> list[tuple[Cause, str, tuple[str, ...]]]:
    return [(one.cause, one.message, one.mends) for one in explain(event)]


def test_an_event_that_can_be_scheduled_has_no_reason() -> None:
    event = Problem(slots(3), people(4), meetings((0, 1), (0, 2), (0, 3), (1, 2)), ((0, 1),))

    assert explain(event) == ()


def test_a_participant_with_more_meetings_than_slots() -> None:
    event = Problem(slots(4), people(7), meetings((0, 1), (0, 2), (0, 3), (0, 4), (0, 5), (0, 6)))

    assert explain(event) == (
        Reason(
            Cause.PARTICIPANT,
            f"participant 1 has 6 meetings for 4 slots ({ALL_FOUR})",
            ("drop meeting 5, meeting 6",),
            (0, 1, 2, 3, 4, 5),
            (0,),
            (0, 1, 2, 3),
        ),
    )
    assert explain(replace(event, meetings=event.meetings[:4])) == ()


def test_a_participant_who_is_away_too_long_may_free_the_fewest_slots() -> None:
    event = Problem(slots(4), people(4, p0=away(0, 1)), meetings((0, 1), (0, 2), (0, 3)))

    assert reasons(event) == [
        (
            Cause.PARTICIPANT,
            "participant 1 has 3 meetings for 2 slots (slot 3, slot 4)",
            ("drop meeting 3", "free slot 1 for participant 1"),
        )
    ]
    assert explain(replace(event, participants=people(4, p0=away(1)))) == ()


def test_freeing_a_slot_that_the_others_cannot_have_is_no_remedy() -> None:
    event = Problem(slots(3), people(3, p0=away(0), p1=away(0), p2=away(0, 2)), meetings((0, 1), (0, 2), (0, 1)))

    assert next(mends for _, _, mends in reasons(event)) == ("drop meeting 3",)


def test_two_meetings_fixed_in_one_slot() -> None:
    event = Problem(slots(3), people(3), (Meeting((0, 1), slot=1), Meeting((0, 2), slot=1)))

    assert reasons(event) == [
        (Cause.PARTICIPANT, "participant 1 has 2 meetings for 1 slots (slot 2)", ("drop meeting 2",))
    ]


def test_a_slot_that_is_freed_is_wanted_by_what_could_not_be_before() -> None:
    # The third meeting has slot 1 alone: whoever frees that for one of the others has one too many again.
    held = (Meeting((0, 1)), Meeting((0, 2)), Meeting((0, 3), slot=0))
    event = Problem(slots(3), people(4, p0=away(0, 2)), held)

    (_, _, free) = next(one for one in reasons(event) if one[0] is Cause.PARTICIPANT)

    assert free[1] == "free slot 1, slot 3 for participant 1"
    assert explain(replace(event, participants=people(4))) == ()


@pytest.mark.parametrize(
    ("meeting", "message", "mends"),
    [
        (
            Meeting((0, 1), slot=2),
            "meeting 1: slot 3 is forbidden to one of its participants",
            ("free slot 3 for participant 1", "drop meeting 1"),
        ),
        (
            Meeting((0, 1), session=2),
            "meeting 1: every slot that it may have is forbidden to one of its participants",
            ("free slot 3 for participant 1", "drop meeting 1"),
        ),
        (
            Meeting((1, 2), session=1, slot=3),
            "meeting 1: it is fixed in slot 4, which is not in its session 1",
            ("fix it in slot 1", "drop meeting 1"),
        ),
        (
            Meeting((1, 2), session=3),
            "meeting 1: there is no slot in its session 3, or none is left",
            ("drop meeting 1",),
        ),
    ],
)
def test_a_meeting_that_no_slot_is_open_to(meeting: Meeting, message: str, mends: tuple[str, ...]) -> None:
    event = Problem(slots(4, mornings=2), people(3, p0=away(2), p1=away(3)), (meeting,))

    assert reasons(event) == [(Cause.MEETING, message, mends)]


def test_too_few_tables_in_a_session() -> None:
    pairs = [(2 * one, 2 * one + 1) for one in range(5)]
    morning = tuple(replace(one, session=1) for one in meetings(*pairs))
    event = Problem(slots(4, tables=2, mornings=2), people(10), morning)

    assert reasons(event) == [
        (
            Cause.TABLES,
            "5 meetings need a table in 2 slots that hold 4 (slot 1, slot 2)",
            ("set up 1 tables more over these slots, 1 in each at most", "drop meeting 5"),
        )
    ]
    assert explain(replace(event, meetings=morning[:4])) == ()


def test_tables_wanted_in_one_slot_of_several() -> None:
    # Six have the first slot alone, where one table is; whoever is there may go to the second, which is full too.
    away_later = {f"p{one}": away(1) for one in range(12)}
    pairs = [(2 * one, 2 * one + 1) for one in range(6)]
    held = (*meetings(*pairs), Meeting((12, 13)), Meeting((14, 15), slot=1))
    event = Problem(slots(2, tables=1), people(16, **away_later), held[::-1])

    (reason,) = explain(event)

    assert reason.mends[0] == "set up 6 tables more over these slots, 5 in each at most"
    assert explain(replace(event, slots=slots(2, tables=6))) == ()


def test_no_tables_at_all() -> None:
    event = Problem(slots(1, tables=0), people(2), meetings((0, 1)))

    assert reasons(event)[0][1] == "1 meetings need a table in 1 slots that hold 0 (slot 1)"


def test_a_booth_of_two_owners_with_more_meetings_than_slots() -> None:
    stand = Participant(booth=5)
    event = Problem(slots(2), people(6, p0=stand, p1=stand), meetings((0, 2), (0, 3), (1, 4)))

    assert reasons(event) == [
        (
            Cause.BOOTH,
            "booth 5 has 3 meetings for 2 slots",
            ("drop meeting 3", "give one of its owners a booth of its own"),
        )
    ]


@pytest.mark.parametrize(
    ("participant", "message", "mends"),
    [
        (
            Participant(most=1),
            "participant 1 has 3 meetings in all, and takes 1",
            ("drop meeting 2, meeting 3", "let participant 1 take 3 in all"),
        ),
        (
            Participant(most_per_session=1),
            "participant 1 has 3 meetings in 2 sessions at 1 each, and takes 2",
            ("drop meeting 3", "let participant 1 take 2 in each session"),
        ),
    ],
)
def test_a_participant_who_takes_fewer_meetings(participant: Participant, message: str, mends: tuple[str, ...]) -> None:
    event = Problem(slots(4, mornings=2), people(4, p0=participant), meetings((0, 1), (0, 2), (0, 3)))

    assert reasons(event) == [(Cause.LIMIT, message, mends)]


def test_an_order_in_a_circle() -> None:
    event = Problem(slots(4), people(4), meetings((0, 1), (1, 2), (2, 3)), ((0, 1), (1, 2), (2, 0)))

    (reason,) = explain(event)

    assert (reason.cause, sorted(reason.meetings)) == (Cause.ORDER, [0, 1, 2])
    assert sorted(reason.mends) == [
        "do without meeting 1 before meeting 2",
        "do without meeting 2 before meeting 3",
        "do without meeting 3 before meeting 1",
    ]
    for pair in event.precedences:
        assert explain(replace(event, precedences=tuple(one for one in event.precedences if one != pair))) == ()


def test_an_order_longer_than_the_day() -> None:
    event = Problem(slots(2), people(6), meetings((0, 1), (2, 3), (4, 5)), ((0, 1), (1, 2)))

    assert reasons(event) == [
        (
            Cause.ORDER,
            "the order leaves no slot to meeting 3",
            ("do without meeting 1 before meeting 2", "do without meeting 2 before meeting 3"),
        )
    ]


def test_what_no_slot_is_open_to_leaves_the_order_to_others() -> None:
    event = Problem(slots(4), people(4), (Meeting((0, 1), slot=3), Meeting((2, 3), session=2)), ((0, 1),))

    assert [one[0] for one in reasons(event)] == [Cause.MEETING]


def test_people_and_slots_are_called_by_their_names() -> None:
    event = Problem(slots(1), people(3), meetings((0, 1), (0, 2)))
    names = Names(("the first", "the second", "the third"), ("nine o'clock",), ("coffee", "tea"))

    assert [str(one.message) for one in explain(event, names)] == [
        "the first has 2 meetings for 1 slots (nine o'clock)",
    ]


def test_what_the_solver_found_is_said() -> None:
    event = Problem(slots(2), people(3), meetings((0, 1), (1, 2), (0, 2)), fairness=1)

    assert together(event, Mend()) == ()
    assert together(event, Mend(fairness=2)) == (
        Reason(
            Cause.FAIRNESS,
            "all meetings fit, but not with a difference of 1 breaks at most",
            ("allow a difference of 2",),
        ),
    )
    assert together(event, Mend(drop=[2], certain=True, free=[(0, 1)], tables=3)) == (
        Reason(
            Cause.TOGETHER,
            "2 of 3 meetings fit together, and no more",
            ("drop meeting 3", "free slot 2 for participant 1", "set up 3 more tables in every slot"),
            (2,),
        ),
    )
