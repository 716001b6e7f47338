"""Who runs a round and decides on it: seats, rulings, discussions, consensus, minute, decision, conditions."""

import re
from pathlib import Path

import pytest

from states.clock import today
from states.credentials.links import LinkFor, LinkPurpose, make_link
from states.review.service import close_round
from tests.api.house import PARTNER, SECRETARY
from tests.factories import World, a_collaboration_at, answer_iag, clear, evaluate, open_iag, s3
from tests.pages.house import Reader, a_page_house, said_on
from tests.pages.test_rounds import a_round, scored

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def a_closed_round(world: World) -> str:
    row = a_collaboration_at(world, "iag_review")
    opened = open_iag(world, row)
    for name, score in (("iag_member 1", "4"), ("iag_member 2", "4"), ("iag_member 3", "2")):
        clear(world, row, opened, name)
        evaluate(world, row, opened, name, score=score)
    close_round(world.session, opened, panel=s3().panels["iag"])
    return opened.id


def an_answered_round(world: World) -> str:
    return answer_iag(world, a_collaboration_at(world, "iag_review")).id


def test_a_conflict_is_ruled_on_and_a_seat_is_filled_by_hand(installation: Path) -> None:
    house, key = a_page_house(a_round)
    path, third, chair = f"/rounds/{key}", house.by("iag_member 3"), house.by("iag_chair")
    third.send(f"{path}/agreement", page=path)
    third.send(f"{path}/declaration", {"kind": "potential", "reason": "A grant two years ago."}, page=path)
    office = f"{path}/secretariat"
    seen = chair.read(office)
    person = seen.partition(f"{path}/declarations/")[2].partition("/")[0]
    without = chair.send(f"{path}/declarations/{person}/ruling", {"person": person, "cleared": "false"}, page=office)
    ruled = chair.send(
        f"{path}/declarations/{person}/ruling",
        {"person": person, "cleared": "false", "reason": "Too close."},
        page=office,
        follow=True,
    )

    assert "A grant two years ago." in said_on(seen)
    assert (without.status_code, 'value="false" checked' in without.text) == (422, True)
    assert "The ruling is on record." in said_on(ruled.text)
    assert "Ended by a conflict of interest" in said_on(ruled.text) or "Disqualified" in said_on(ruled.text)


def test_a_link_sent_to_a_reviewer_is_ended(installation: Path) -> None:
    def linked(world: World) -> tuple[str, dict[str, str]]:
        key, texts = a_round(world), {}
        for name in ("iag_member 1", "iag_member 2"):
            wanted = LinkFor(world.partnership.id, world.people[name].id, LinkPurpose.DECLARE, key)
            texts[name] = make_link(world.session, wanted, days=3)
        return key, texts

    house, (key, texts) = a_page_house(linked)
    office, secretary, nobody = f"/rounds/{key}/secretariat", house.by(SECRETARY), Reader()
    seen = secretary.read(office)
    assert "End the link sent to iag_member 1" in said_on(seen)
    assert "End the link sent to iag_member 3" not in said_on(seen)
    door = re.search(rf'action="(/rounds/{key}/links/[0-9a-f]+/ending)"(?:(?!</form>).)*iag_member 1<', seen, re.S)
    assert door is not None

    assert house.by("iag_member 1").send(door[1], page="/account").status_code == 403
    ended = said_on(secretary.send(door[1], page=office, follow=True).text)

    assert "The link opens nothing any more." in ended
    assert "End the link sent to iag_member 1" not in ended
    assert nobody.get(f"/links/{texts['iag_member 1']}").status_code == 410
    assert nobody.get(f"/links/{texts['iag_member 2']}").status_code == 200


def test_seats_the_last_day_and_the_closing_are_the_secretarys(installation: Path) -> None:
    house, key = a_page_house(a_round)
    path, secretary = f"/rounds/{key}", house.by(SECRETARY)
    office = f"{path}/secretariat"
    seen = secretary.read(office)
    seated = seen.partition('<select id="removed"')[2].partition('<option value="')[2].partition('"')[0]
    off = secretary.send(f"{path}/seats/removal", {"removed": seated, "reason": "Moved."}, page=office, follow=True)
    again = secretary.send(f"{path}/seats", {"person": seated, "reason": "Back."}, page=office)
    later = secretary.send(
        f"{path}/extension", {"due_on": f"{today().year + 1}-06-30", "reason": "Asked for."}, page=office, follow=True
    )
    closed = secretary.send(f"{path}/closing", page=office, follow=True)

    assert "The seat is free again." in said_on(off.text)
    assert "seat" in said_on(again.text).casefold()
    assert again.status_code == 409  # whoever was taken off is not seated anew: said on the page
    assert "another last day" in said_on(later.text)
    assert "The round is closed." in said_on(closed.text)
    assert house.by("iag_member 1").get(office).status_code == 403


def test_wide_scores_are_discussed_before_the_consensus_and_the_minute_follows(installation: Path) -> None:
    house, key = a_page_house(a_closed_round)
    path, secretary = f"/rounds/{key}", house.by(SECRETARY)
    scores = f"{path}/scores"
    apart = secretary.read(scores)
    for criterion in s3().panels["iag"].criteria:
        secretary.send(f"{path}/discussions", {"criterion": criterion.key, "record": "They talked."}, page=scores)
    discussed = secretary.read(scores)
    short = secretary.send(f"{path}/consensus", scored(comments__market="Short"), page=scores)
    agreed = secretary.send(
        f"{path}/consensus", {**scored("3.5"), "minority_views.0": "One finds it dear."}, page=scores, follow=True
    )
    minuted = secretary.send(f"{path}/minute", {"text": "Compared with none."}, page=scores, follow=True)

    assert said_on(apart).count("Discuss: ") == len(s3().panels["iag"].criteria)
    assert "Record the consensus" not in said_on(apart)
    assert "Record the consensus" in said_on(discussed)
    assert (short.status_code, 'href="#f-comments-market"' in short.text) == (422, True)
    assert 'value="4.0" checked' in short.text
    assert "One finds it dear." in said_on(agreed.text)
    assert "the decision is next" in said_on(minuted.text)
    assert "Centre for Biocompatibility" in said_on(secretary.read("/ranking"))


def test_four_eyes_decide_and_the_partners_read_what_was_released(installation: Path) -> None:
    house, key = a_page_house(an_answered_round)
    page = f"/rounds/{key}/decision"
    secretary, chair, partner = house.by(SECRETARY), house.by("iag_chair"), house.by(PARTNER)
    text = {"outcome": "endorse_with_conditions", "reasons": "Sound.", "conditions.0": "Show a second letter."}
    bare = secretary.send(page, {**text, "conditions.0": ""})
    secretary.send(page, text)
    before = partner.get(page)
    own = secretary.send(f"{page}/confirmation", page=page)
    chair.send(f"{page}/confirmation", page=page)
    released = secretary.send(f"{page}/release", page=page, follow=True)

    assert (bare.status_code, 'href="#f-conditions"' in bare.text) == (422, True)
    assert own.status_code == 403
    assert "Sound." not in before.text
    assert "The decision is released" in said_on(released.text)
    assert "Show a second letter." in said_on(partner.read(page))
    assert "iag_chair" not in partner.read(page)
    assert "Secretariat" not in said_on(partner.read(page))

    condition = f"/rounds/{key}/conditions/1"
    without = secretary.send(condition, {"state": "met"})
    done = secretary.send(condition, {"state": "met", "evidence": "The letter is annex 7."}, follow=True)
    assert (without.status_code, 'value="met" checked' in without.text) == (422, True)
    assert "The letter is annex 7." in said_on(done.text)


def test_a_released_decision_is_corrected_by_two_other_hands(installation: Path) -> None:
    house, key = a_page_house(an_answered_round)
    page = f"/rounds/{key}/decision"
    house.by(SECRETARY).send(page, {"outcome": "endorse", "reasons": "Sound."})
    house.by("iag_chair").send(f"{page}/confirmation", page=page)
    house.by(SECRETARY).send(f"{page}/release", page=page)
    form = f"{page}/correction"
    text = {"outcome": "endorse", "reasons": "Sound, on the second letter.", "because": "A letter was forgotten."}
    same = house.by(SECRETARY).send(form, text)
    other = house.by("wgra_chair").send(form, text, follow=True)

    assert same.status_code == 409
    assert "Sound, on the second letter." in same.text
    assert "The correction is prepared." in said_on(other.text)
