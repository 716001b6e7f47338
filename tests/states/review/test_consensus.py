"""From single scores to one voice: wide spreads are discussed on record first, minority views are kept."""

import pytest
from sqlmodel import Session, select

from states.errors import Invalid, Missing
from states.review.conflicts.states import DossierClosed
from states.review.conflicts.tables import ConflictKind
from states.review.consensus import DiscussionMissing
from states.review.definition import Phase
from states.review.queries import consensus_of, discussions_of, minute_of
from states.review.scoring import ScoresInvalid
from states.review.states import AlreadyDone, PhaseRefused
from states.review.tables import Consensus, Discussion, PanelMinute
from tests.expect import codes, places
from tests.states.review.room import CRITERIA, DISQUALIFYING, FIRST, POTENTIAL, SECOND, THIRD, Room, a_room


def _evaluated(session: Session, *market: str) -> Room:
    """Return a closed round with three evaluations, of these scores on `market` and 4 on all else."""
    room = a_room(session)
    for name, score in zip((FIRST, SECOND, THIRD), market, strict=True):
        room.clear(name)
        room.evaluate(name, "4", market=score)
    room.close()
    return room


def test_a_spread_of_one_and_a_half_points_passes_without_discussion(session: Session) -> None:
    room = _evaluated(session, "3", "4.5", "4")
    room.consent()
    assert room.round.phase is Phase.PANEL


def test_a_spread_of_two_points_must_be_discussed_on_record_first(session: Session) -> None:
    room = _evaluated(session, "2.5", "4.5", "4")
    with pytest.raises(DiscussionMissing) as caught:
        room.consent()
    assert codes(caught.value) == ["spread_undiscussed"]
    assert tuple(map(str, caught.value.reasons[0].missing)) == ("Market and evidence of demand (2 points)",)
    assert (consensus_of(session, room.round.id), room.round.phase) == (None, Phase.CONSENSUS)
    room.discuss("market")
    room.consent()
    assert room.round.phase is Phase.PANEL


def test_the_discussion_of_one_criterion_does_not_stand_for_another(session: Session) -> None:
    room = _evaluated(session, "2.5", "4.5", "4")
    room.discuss("team")
    with pytest.raises(DiscussionMissing):
        room.consent()


def test_a_discussion_is_of_a_criterion_with_words_and_once(session: Session) -> None:
    room = _evaluated(session, "2.5", "4.5", "4")
    with pytest.raises(Missing):
        room.discuss("fame")
    with pytest.raises(Invalid) as invalid:
        room.discuss("market", record=" ")
    room.discuss("market", record=" The pilot was misread. ")
    with pytest.raises(AlreadyDone) as again:
        room.discuss("market", record="Another story.")
    assert (places(invalid.value), codes(again.value)) == (["record"], ["discussion_recorded"])
    assert [(one.criterion, one.record) for one in discussions_of(session, room.round.id)] == [
        ("market", "The pilot was misread.")
    ]


def test_a_consensus_keeps_the_views_of_the_minority(session: Session) -> None:
    room = _evaluated(session, "4", "4", "4")
    kept = room.consent(score="3.5", minority_views=(" One reviewer holds it for too early. ", " "))
    assert kept.minority_views == ["One reviewer holds it for too early."]
    assert kept.scores == dict.fromkeys(CRITERIA, "3.5")
    assert kept.recorded_by == room.id_of("iag_secretary")


def test_a_consensus_is_recorded_once(session: Session) -> None:
    room = _evaluated(session, "4", "4", "4")
    room.consent()
    with pytest.raises(PhaseRefused) as caught:
        room.consent(score="5")
    assert codes(caught.value) == ["wrong_phase"]
    assert [one.scores["team"] for one in session.exec(select(Consensus))] == ["4.0"]


def test_a_consensus_stands_on_the_scale(session: Session) -> None:
    room = _evaluated(session, "4", "4", "4")
    with pytest.raises(ScoresInvalid) as caught:
        room.consent(score="4.3")
    assert places(caught.value) == [f"scores.{key}" for key in CRITERIA]
    assert session.exec(select(Consensus)).all() == []


def test_while_the_round_is_open_there_is_no_consensus_and_no_minute(session: Session) -> None:
    room = a_room(session)
    for act in (lambda: room.discuss("market"), room.consent, room.minute):
        with pytest.raises(PhaseRefused) as caught:
            act()
        assert codes(caught.value) == ["wrong_phase"]
    assert [session.exec(select(kind)).all() for kind in (Discussion, Consensus, PanelMinute)] == [[], [], []]


def test_the_panel_notes_once_and_with_words(session: Session) -> None:
    room = _evaluated(session, "4", "4", "4")
    room.consent()
    with pytest.raises(Invalid) as invalid:
        room.minute(text="  ")
    room.minute(text=" Second of three. ")
    with pytest.raises(PhaseRefused):
        room.minute(text="Another story.")
    noted = minute_of(session, room.round.id)
    assert noted is not None
    assert (places(invalid.value), noted.text, room.round.phase) == (["text"], "Second of three.", Phase.DECISION)


@pytest.mark.parametrize(("kind", "reason"), [(DISQUALIFYING, "They bought my company."), (POTENTIAL, "Advice.")])
def test_who_has_a_conflict_writes_nothing_either(session: Session, kind: ConflictKind, reason: str) -> None:
    room = _evaluated(session, "2.5", "4.5", "4")
    room.declare(THIRD, kind, reason)
    for act in (lambda: room.discuss("market", by=THIRD), lambda: room.consent(by=THIRD)):
        with pytest.raises(DossierClosed) as caught:
            act()
        assert codes(caught.value) == ["disqualified"]
    room.discuss("market", by=SECOND)
    room.consent(by=SECOND)
    with pytest.raises(DossierClosed):
        room.minute(by=THIRD)


def test_the_scores_of_somebody_in_conflict_demand_no_discussion(session: Session) -> None:
    room = _evaluated(session, "4", "4", "1")
    room.declare(THIRD, DISQUALIFYING, "They bought my company.")
    room.consent()
    assert room.round.phase is Phase.PANEL
