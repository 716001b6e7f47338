"""Checklists of a case: answered, confirmed, signed off and asked again; the guard names what is missing or fails."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from states.archive.evidence.service import redact_evidence
from states.archive.evidence.states import EvidenceClosed
from states.archive.evidence.tables import EvidenceState
from states.checklists.facts import ItemState
from states.checklists.queries import answers_in, rounds_of
from states.checklists.service import AnswerInvalid, Given
from states.checklists.states import ChecklistClosed
from states.checklists.tables import ChecklistState
from states.collaborations.officers import assign_officer
from states.collaborations.tables import Collaboration
from states.crossings.checklists import (
    answer,
    begin_anew,
    checklist_for,
    checklists_for,
    confirm,
    reopen_list,
    sign,
)
from states.crossings.evidence import withdraw
from states.deadlines.queries import open_deadlines
from states.errors import Denied, Missing, Refused, Stale
from states.lifecycle.edition_change import fittings
from states.lifecycle.move import move
from states.playbooks.editions import need_playbook
from states.rights.access import Actor, Role
from states.settings import settings
from states.tasks.queries import tasks_of
from tests.factories import World, a_collaboration, a_piece_of_evidence, a_world
from tests.own_checklists import own_playbook

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
KEY = "eligibility"


@pytest.fixture
def case(session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[World, Collaboration]]:
    monkeypatch.setenv("BANKABLE_PLAYBOOKS", str(tmp_path))
    monkeypatch.setenv("BANKABLE_DATABASE_URL", settings().database)
    settings.cache_clear()
    world = a_world(session)
    world.partnership.playbook = need_playbook(session, own_playbook(tmp_path)).name
    session.flush()
    yield world, a_collaboration(world)
    settings.cache_clear()


def _secretary(world: World) -> Actor:
    return world.actor(Role.IAG_SECRETARY)


def _give(world: World, row: Collaboration, *, by: Actor | None = None, read: int | None = None, **values: str) -> None:
    given = [Given(key, value) for key, value in values.items()]
    answer(world.session, row, KEY, given, actor=by or world.manager, read_version=read)


def _missing(world: World, row: Collaboration) -> list[str]:
    """Return what the move `begin` still asks of the list; nothing once it goes."""
    try:
        move(world.session, row.id, "begin", actor=world.manager)
    except Refused as refused:
        [reason] = [one for one in refused.reasons if one.code.startswith("checklist_")]
        return [reason.message, *(str(one) for one in reason.missing)]
    return []


def _state(world: World, row: Collaboration) -> ChecklistState:
    return rounds_of(world.session, row.id, KEY)[-1].state


def test_a_move_names_each_item_with_whose_it_is_until_the_list_is_signed(case: tuple[World, Collaboration]) -> None:
    world, row = case
    found = [_missing(world, row)]
    _give(world, row, regions="yes", offer="yes", maturity="4")
    found.append(_missing(world, row))
    filed = a_piece_of_evidence(world, row, kind="offer")
    resting = Given("offer", "yes", evidence_ids=[filed.id])
    answer(world.session, row, KEY, [resting, Given("maturity", "5")], actor=world.manager)
    confirm(world.session, row, KEY, ["regions"], actor=_secretary(world))
    states = [_state(world, row)]
    found.append(_missing(world, row))
    sign(world.session, row, KEY, actor=_secretary(world))
    states.append(_state(world, row))

    secretary = "secretary of the Investment Advisory Group (IAG)"
    who = f"project manager or {secretary}"
    assert [one[1:] for one in found[:2]] == [
        [
            f"Do the partners sit in two regions? (to be answered by {who})",
            f"Is there an offer? (to be answered by {who})",
            f"How mature is it? (to be answered by {who})",
        ],
        [
            f"Do the partners sit in two regions? (to be confirmed by another person: {who})",
            f"Is there an offer? (rests on no evidence of the kind offer: {who})",
            f"How mature is it? (its answer does not pass: {who})",
        ],
    ]
    assert found[2] == [f"The checklist Eligibility is to be signed off by {secretary}."]
    assert states == [ChecklistState.COMPLETE, ChecklistState.SIGNED_OFF]
    assert _missing(world, row) == []


def _complete(world: World, row: Collaboration, *, maturity: str = "5") -> None:
    _give(world, row, regions="yes", offer="not_applicable", maturity=maturity)
    confirm(world.session, row, KEY, ["regions"], actor=_secretary(world))


def test_a_list_that_fails_is_signed_and_the_guard_still_says_no(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _complete(world, row, maturity="2")
    sign(world.session, row, KEY, actor=_secretary(world))
    assert len(_missing(world, row)) == 2


def test_what_is_signed_is_changed_only_once_it_is_reopened(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _complete(world, row)
    sign(world.session, row, KEY, actor=_secretary(world))
    with pytest.raises(ChecklistClosed):
        _give(world, row, maturity="9")
    reopen_list(world.session, row, KEY, reason="A slip.", actor=_secretary(world))
    _give(world, row, maturity="9")
    assert _state(world, row) is ChecklistState.COMPLETE
    _give(world, row, maturity="")
    assert _state(world, row) is ChecklistState.OPEN


def test_another_round_keeps_the_former_one(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _complete(world, row)
    sign(world.session, row, KEY, actor=_secretary(world))
    begin_anew(world.session, row, KEY, reason="A partner has changed.", actor=_secretary(world))
    _give(world, row, maturity="7")

    first, second = rounds_of(world.session, row.id, KEY)
    answers = answers_in(world.session, [first.id, second.id])
    assert [(one.number, one.state) for one in (first, second)] == [
        (1, ChecklistState.SUPERSEDED),
        (2, ChecklistState.OPEN),
    ]
    assert (len(answers[first.id]), answers[first.id]["maturity"].value) == (3, "5")
    assert {key: one.value for key, one in answers[second.id].items()} == {"maturity": "7"}
    assert len(_missing(world, row)) == 3


def test_nobody_confirms_oneself_and_a_new_answer_is_confirmed_anew(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _give(world, row, regions="yes")
    with pytest.raises(AnswerInvalid) as own:
        confirm(world.session, row, KEY, ["regions"], actor=world.manager)
    with pytest.raises(AnswerInvalid) as early:
        confirm(world.session, row, KEY, ["offer"], actor=_secretary(world))
    confirm(world.session, row, KEY, ["regions"], actor=_secretary(world))
    confirmed = checklist_for(world.session, row, KEY, None).standing.items["regions"]
    _give(world, row, regions="yes")
    again = checklist_for(world.session, row, KEY, None).standing.items["regions"]

    assert [one.value.faults[0].text.code for one in (own, early)] == ["confirms_own_answer", "not_answered_yet"]
    assert (confirmed, again) == (ItemState.PASSES, ItemState.UNCONFIRMED)


@pytest.mark.parametrize(
    ("item", "value", "fault"),
    [
        ("regions", "perhaps", ("answers[1].value", "no_check")),
        ("maturity", "10", ("answers[1].value", "score_out_of_bounds")),
        ("maturity", "five", ("answers[1].value", "score_out_of_bounds")),
        ("size", "yes", ("items[1]", "no_such_item")),
    ],
)
def test_what_is_no_answer(case: tuple[World, Collaboration], item: str, value: str, fault: tuple[str, str]) -> None:
    world, row = case
    with pytest.raises(AnswerInvalid) as caught:
        answer(world.session, row, KEY, [Given(item, value)], actor=world.manager)
    assert [(one.place, one.text.code) for one in caught.value.faults] == [fault]


def test_a_file_of_another_case_is_no_evidence(case: tuple[World, Collaboration]) -> None:
    world, row = case
    other = a_piece_of_evidence(world, a_collaboration(world, slug="other"), kind="offer")
    given = [Given("offer", "yes", evidence_ids=[other.id])]
    with pytest.raises(AnswerInvalid) as caught:
        answer(world.session, row, KEY, given, actor=world.manager)
    assert [(one.place, one.text.code) for one in caught.value.faults] == [("answers[1].evidence", "no_such_file")]


def test_an_answer_rests_on_a_file_as_long_as_its_bytes_are_there(case: tuple[World, Collaboration]) -> None:
    world, row = case
    filed = a_piece_of_evidence(world, row, kind="offer")
    answer(world.session, row, KEY, [Given("offer", "yes", evidence_ids=[filed.id])], actor=world.manager)
    before = checklist_for(world.session, row, KEY, None).standing.items["offer"]
    redact_evidence(world.session, filed, reason="It names people.")
    after = checklist_for(world.session, row, KEY, None).standing.items["offer"]
    assert (before, after) == (ItemState.PASSES, ItemState.WITHOUT_EVIDENCE)


def test_a_file_on_which_an_answer_rests_is_not_withdrawn(case: tuple[World, Collaboration]) -> None:
    world, row = case
    filed, other = (a_piece_of_evidence(world, row, kind="offer", content=f"%PDF {n}".encode()) for n in (1, 2))
    answer(world.session, row, KEY, [Given("offer", "yes", evidence_ids=[filed.id])], actor=world.manager)
    with pytest.raises(EvidenceClosed):
        withdraw(world.session, filed, reason="By mistake.")
    withdraw(world.session, other, reason="By mistake.")
    assert other.state is EvidenceState.WITHDRAWN


def test_another_edition_fits_while_it_has_a_place_for_each_answer(case: tuple[World, Collaboration]) -> None:
    world, row = case
    lean = need_playbook(world.session, "lean")
    before = fittings(world.session, [row], lean)[0].fits
    _give(world, row, maturity="5")
    [after] = fittings(world.session, [row], lean)
    [own] = fittings(world.session, [row], need_playbook(world.session, "asking"))
    assert (before, own.fits) == (True, True)
    assert [(one.code, one.missing) for one in after.reasons] == [("answers_without_place", ("maturity",))]


def test_two_who_answer_different_items_do_not_meet_and_of_one_item_the_second_is_told(
    case: tuple[World, Collaboration],
) -> None:
    world, row = case
    _give(world, row, maturity="5")
    read = rounds_of(world.session, row.id, KEY)[-1].version
    _give(world, row, offer="no", read=read)
    _give(world, row, regions="yes", by=_secretary(world), read=read)
    with pytest.raises(Stale):
        _give(world, row, offer="yes", by=_secretary(world), read=read)


def test_others_neither_answer_nor_sign(case: tuple[World, Collaboration]) -> None:
    world, row = case
    with pytest.raises(Denied, match="Eligibility"):
        _give(world, row, regions="yes", by=world.actor(Role.IAG_CHAIR))
    _complete(world, row)
    with pytest.raises(Denied, match="Eligibility"):
        sign(world.session, row, KEY, actor=world.manager)
    with pytest.raises(Missing):
        answer(world.session, row, "nothing", [Given("a", "b")], actor=world.manager)


def test_partners_read_what_is_shared_with_them(case: tuple[World, Collaboration]) -> None:
    world, row = case
    partner = world.actor(Role.PARTNER, organisation_id=world.organisations["gliwice"].id)
    keys = [[one.standing.spec.key for one in checklists_for(world.session, row, who)] for who in (partner, None)]
    assert keys == [["eligibility"], ["eligibility", "internal"]]


def test_it_is_filled_in_its_stage(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _complete(world, row)
    sign(world.session, row, KEY, actor=_secretary(world))
    move(world.session, row.id, "begin", actor=world.manager)
    with pytest.raises(ChecklistClosed) as caught:
        begin_anew(world.session, row, KEY, reason="Once more.", actor=_secretary(world))
    assert [one.code for one in caught.value.reasons] == ["checklist_of_other_stage"]


def test_what_is_not_signed_off_waits_for_the_officer(case: tuple[World, Collaboration]) -> None:
    world, row = case
    manager = world.people["project_manager"].id
    assign_officer(world.session, row, officer_id=manager, deputy_id=None, reason="Known.", actor=world.manager)

    def waiting() -> list[str]:
        rows = [one for one in open_deadlines(world.session, world.partnership.id) if one.kind == "checklist"]
        assert {one.owner_person_id for one in rows} <= {manager}
        return sorted(one.title.partition("checklist ")[2] for one in rows)

    found = [waiting()]
    tasks = [one.path for one in tasks_of(world.session, world.manager) if one.kind == "fill_checklist"]
    _complete(world, row)
    sign(world.session, row, KEY, actor=_secretary(world))
    found.append(waiting())
    reopen_list(world.session, row, KEY, reason="A slip.", actor=_secretary(world))
    found.append(waiting())

    both = ["Eligibility", "Look of the office"]
    assert found == [both, ["Look of the office"], both]
    assert tasks == [f"/collaborations/{row.id}/checklists/{key}" for key in ("eligibility", "internal")]


def test_what_keeps_a_list_from_being_signed_is_named(case: tuple[World, Collaboration]) -> None:
    world, row = case
    _give(world, row, regions="yes", maturity="5")
    with pytest.raises(ChecklistClosed) as caught:
        sign(world.session, row, KEY, actor=_secretary(world))
    [reason] = caught.value.reasons
    assert (reason.code, [str(one).partition("?")[0] for one in reason.missing]) == (
        "checklist_incomplete",
        ["Do the partners sit in two regions", "Is there an offer"],
    )
