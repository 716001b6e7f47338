"""Evaluations: private drafts, submission, reasoned corrections, nothing after the closing, and who reads whose."""

import pytest
from sqlmodel import Session, select

from states.errors import Invalid, Stale
from states.outbox.tables import OutboxMessage
from states.review.conflicts.states import DossierClosed
from states.review.evaluations import submit_evaluation
from states.review.queries import draft_of, evaluations_of, round_by_id, submissions_of
from states.review.scoring import ScoresInvalid
from states.review.service import outstanding
from states.review.states import AlreadyDone, NotSeated, RoundClosed
from states.review.tables import Evaluation, EvaluationDraft
from states.storage import begin
from tests.expect import codes, places, race
from tests.factories import scores_of
from tests.states.review.room import CRITERIA, DISQUALIFYING, FIRST, SECOND, THIRD, Room, a_room


def _all_in(room: Room) -> int:
    return len(room.session.exec(select(OutboxMessage).where(OutboxMessage.name == "review.answers_in")).all())


def test_a_draft_is_kept_changed_and_counts_for_nothing(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST, SECOND)
    room.draft(FIRST, {"market": "4"})
    draft = room.draft(FIRST, {"market": "3.5", "team": 2})
    assert (draft.scores, draft.version) == ({"market": "3.5", "team": "2.0"}, 2)
    assert evaluations_of(session, room.round.id) == []
    assert draft_of(session, room.round.id, room.id_of(SECOND)) is None
    assert room.readable(SECOND) == []


def test_a_draft_read_before_somebody_else_wrote_is_stale(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    room.draft(FIRST, {"market": "4"})
    room.draft(FIRST, {"market": "3"}, expected=1)
    with pytest.raises(Stale):
        room.draft(FIRST, {"market": "2"}, expected=1)
    kept = draft_of(session, room.round.id, room.id_of(FIRST))
    assert kept is not None
    assert kept.scores == {"market": "3.0"}


@pytest.mark.parametrize(("scores", "place"), [({"market": "4.3"}, "scores.market"), ({"fame": "4"}, "scores.fame")])
def test_a_draft_may_have_gaps_but_no_faults(session: Session, scores: dict[str, object], place: str) -> None:
    room = a_room(session)
    room.clear(FIRST)
    with pytest.raises(ScoresInvalid) as caught:
        room.draft(FIRST, scores)
    assert places(caught.value) == [place]
    assert session.exec(select(EvaluationDraft)).all() == []


def test_submitting_takes_the_draft_away(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    room.draft(FIRST, {"market": "4"})
    evaluation = room.evaluate(FIRST, "3.5", market="5")
    assert draft_of(session, room.round.id, room.id_of(FIRST)) is None
    assert evaluation.scores == {**dict.fromkeys(CRITERIA, "3.5"), "market": "5.0"}
    assert (evaluation.number, evaluation.reason) == (1, "")


def test_a_second_submission_is_refused(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    room.evaluate(FIRST)
    with pytest.raises(AlreadyDone) as caught:
        room.evaluate(FIRST, "5")
    assert codes(caught.value) == ["evaluation_submitted"]
    assert [one.scores["market"] for one in submissions_of(session, room.round.id)] == ["4.0"]


@pytest.mark.parametrize(
    ("scores", "place"),
    [
        ({"market": "4.3"}, "scores.market"),
        ({"market": "5.5"}, "scores.market"),
        ({"market": "-0.5"}, "scores.market"),
        ({"market": "good"}, "scores.market"),
        ({"market": "NaN"}, "scores.market"),
        ({"seventh": "4"}, "scores.seventh"),
    ],
)
def test_what_is_not_on_the_scale_is_refused_and_nothing_is_kept(
    session: Session, scores: dict[str, str], place: str
) -> None:
    room = a_room(session)
    room.clear(FIRST)
    before = room.round.version
    with pytest.raises(ScoresInvalid) as caught:
        room.evaluate(FIRST, **scores)
    assert places(caught.value) == [place]
    assert (session.exec(select(Evaluation)).all(), room.round.version) == ([], before)


def test_a_comment_that_is_too_short_and_a_score_that_is_missing_are_told_together(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    scores, comments = scores_of()
    del scores["team"]
    comments["market"] = "   too short for it    "
    with pytest.raises(ScoresInvalid) as caught:
        submit_evaluation(
            session,
            room.round,
            person_id=room.id_of(FIRST),
            scores=scores,
            comments=comments,
            panel=room.panel,
            collaboration=room.row,
        )
    assert places(caught.value) == ["comments.market", "scores.team"]


def test_a_correction_is_a_new_number_and_the_old_one_stays_readable(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    room.evaluate(FIRST)
    room.correct(FIRST, "2.5", reason=" Misread the plan. ")
    room.correct(FIRST, "3", reason="And once more.")
    kept = [(one.number, one.reason, one.scores["market"]) for one in submissions_of(session, room.round.id)]
    assert kept == [(1, "", "4.0"), (2, "Misread the plan.", "2.5"), (3, "And once more.", "3.0")]
    assert [one.number for one in evaluations_of(session, room.round.id)] == [3]


def test_a_correction_needs_something_to_correct_and_a_reason(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST)
    with pytest.raises(NotSeated) as caught:
        room.correct(FIRST)
    assert codes(caught.value) == ["nothing_to_correct"]
    room.evaluate(FIRST)
    with pytest.raises(Invalid) as invalid:
        room.correct(FIRST, reason="  ")
    assert places(invalid.value) == ["reason"]
    assert len(submissions_of(session, room.round.id)) == 1


def test_nothing_is_taken_after_the_closing(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST, SECOND)
    room.evaluate(FIRST)
    room.close()
    acts = (lambda: room.evaluate(SECOND), lambda: room.correct(FIRST), lambda: room.draft(SECOND, {"market": "4"}))
    for act in acts:
        with pytest.raises(RoundClosed) as caught:
            act()
        assert codes(caught.value) == ["round_closed"]
    assert len(submissions_of(session, room.round.id)) == 1


def test_the_last_one_tells_that_all_are_in_and_a_correction_does_not_again(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST, SECOND, THIRD)
    told = []
    for name in (FIRST, SECOND, THIRD):
        room.evaluate(name)
        told.append((_all_in(room), outstanding(session, room.round)))
    room.correct(FIRST)
    assert told == [(0, [SECOND, THIRD]), (0, [THIRD]), (1, [])]
    assert _all_in(room) == 1


@pytest.mark.usefixtures("installation")
def test_all_who_submit_at_one_instant_are_in_and_one_of_them_tells_it() -> None:
    with begin() as session:
        room = a_room(session)
        room.clear(FIRST, SECOND, THIRD)
        key, people = room.round.id, {name: room.id_of(name) for name in (FIRST, SECOND, THIRD)}
        panel, row = room.panel, room.row
    scores, comments = scores_of()

    def submit(person_id: str) -> str:
        with begin() as session:
            submit_evaluation(
                session,
                round_by_id(session, key),
                person_id=person_id,
                scores=scores,
                comments=comments,
                panel=panel,
                collaboration=row,
            )
        return person_id

    results = race(*(lambda who=who: submit(who) for who in people.values()))
    with begin() as session:
        room.world.session = session
        assert (results, room.counted(), _all_in(room)) == ([*people.values()], [FIRST, SECOND, THIRD], 1)


def test_others_are_hidden_until_the_own_one_is_in(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST, SECOND)
    room.evaluate(FIRST)
    assert (room.readable(FIRST), room.readable(SECOND)) == ([FIRST], [])
    room.evaluate(SECOND)
    assert (room.readable(FIRST), room.readable(SECOND)) == ([FIRST, SECOND], [FIRST, SECOND])


def test_after_the_closing_a_cleared_reviewer_reads_all_and_one_who_never_declared_nothing(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST, SECOND)
    room.evaluate(FIRST)
    room.close()
    assert (room.readable(SECOND), room.readable(THIRD), room.readable("iag_chair")) == ([FIRST], [], [])


def test_whoever_leaves_reads_nothing_any_more(session: Session) -> None:
    room = a_room(session)
    room.clear(FIRST, SECOND, THIRD)
    for name in (FIRST, SECOND, THIRD):
        room.evaluate(name)
    room.withdraw(FIRST)
    room.declare(SECOND, DISQUALIFYING, "They bought my company.")
    assert [room.readable(name) for name in (FIRST, SECOND, THIRD)] == [[], [], [THIRD]]
    room.close()
    assert [room.readable(name) for name in (FIRST, SECOND, THIRD)] == [[], [], [THIRD]]


def test_a_closed_dossier_comes_before_the_scores_are_read(session: Session) -> None:
    room = a_room(session)
    with pytest.raises(DossierClosed):
        room.evaluate(FIRST, market="4.3")
