"""Who is suggested to whom, by whom it is ranked, and that the fast way agrees with the plain one."""

from dataclasses import replace
from datetime import date
from math import sqrt
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.errors import Missing
from states.funding.rules.documents import read_document, shelf_with
from states.matchmaking.suggestions.cards import Ally, Card, CardsInvalid, Line, Side, Sought
from states.matchmaking.suggestions.filters import Bar, bars
from states.matchmaking.suggestions.match_terms import TermName
from states.matchmaking.suggestions.suggest import Mode, Suggestions, suggest
from states.partners.tables import OrganisationKind, SizeClass
from states.places.cohesion import CohesionTable
from tests.laws import often
from tests.rule_documents import CATEGORIES
from tests.states.matchmaking.suggestions.reference import PlainMatcher
from tests.states.matchmaking.suggestions.samples import (
    DAY,
    EINDHOVEN,
    GLIWICE,
    LIEGE,
    LYON,
    STUTTGART,
    TURIN,
    PoolMaker,
    a_request,
    an_offer,
)

# Coverage is ranked and weighed in steps of a ten-thousandth, which leaves this much of a score.
CLOSE = 2e-5
OFFER = an_offer("testing", LYON, "SV.TES.BIO", "SV.TES.CHE")
REQUEST = a_request("implants", GLIWICE, "SV.TES.BIO")


def _ids(found: Suggestions, card: Card) -> list[str]:
    return [one.other.id for one in found.of(card.id)]


def _pools() -> st.SearchStrategy[list[Card]]:
    sizes = st.integers(0, 9)
    seeds = st.integers(0, 10_000)
    return st.builds(
        lambda seed, offers, requests: PoolMaker(seed, words=12, organisations=8).cards(offers, requests),
        seeds,
        sizes,
        sizes,
    )


def test_an_offer_and_the_request_that_it_answers_are_suggested_to_each_other() -> None:
    found = suggest([OFFER, REQUEST], on=DAY)

    assert (_ids(found, OFFER), _ids(found, REQUEST)) == (["implants"], ["testing"])


def test_near_duplicates_of_equal_role_never_match() -> None:
    text = {"en": "Cytotoxicity and sensitisation testing of implant materials"}
    offers = [
        replace(OFFER, id=f"o{number}", organisation=f"o{number}", nuts=site, texts=text)
        for number, site in enumerate([LYON, LIEGE, TURIN])
    ]
    requests = [
        replace(REQUEST, id=f"r{number}", organisation=f"r{number}", nuts=site, texts=text)
        for number, site in enumerate([GLIWICE, EINDHOVEN])
    ]

    found = suggest([*offers, *requests], on=DAY)

    assert [sorted(_ids(found, offer)) for offer in offers] == [["r0", "r1"]] * 3
    assert [sorted(_ids(found, request)) for request in requests] == [["o0", "o1", "o2"]] * 2


def test_complements_in_two_languages_match_by_the_taxonomy_alone() -> None:
    request = replace(REQUEST, texts={"pl": "Szukamy laboratorium do badań biokompatybilności implantów"})
    meant = replace(OFFER, texts={"de": "Prüflabor für die biologische Sicherheit von Implantaten"})
    others = [
        an_offer("imaging", LIEGE, "MD.IMG.MRI", texts={"pl": "Szukamy klinik do badań rezonansu"}),
        an_offer("robots", TURIN, "MD.SUR.ROB", texts={"de": "Chirurgieroboter"}),
    ]

    found = suggest([request, meant, *others], on=DAY)

    assert _ids(found, request)[0] == "testing"
    assert found.of("implants")[0].own.topic == 1
    assert (found.of("implants")[0].own.text, found.of("implants")[0].words) == (0, ())


def test_the_very_competence_goes_before_a_neighbouring_one_with_a_word_in_common() -> None:
    request = replace(REQUEST, texts={"fr": "Nous cherchons un laboratoire pour des essais"})
    meant = an_offer("meant", STUTTGART, "SV.TES.BIO", texts={"de": "Prüflabor für Implantate"})
    neighbour = an_offer("neighbour", LYON, "SV.TES.MEC", texts={"fr": "Essais mécaniques de fatigue"})

    found = suggest([request, meant, neighbour], on=DAY).of("implants")

    assert [one.other.id for one in found] == ["meant", "neighbour"]
    assert [word.word for word in found[1].words] == ["essais"]


def test_texts_match_within_a_language_where_keywords_are_missing() -> None:
    request = replace(
        REQUEST, keywords=frozenset(), texts={"en": "We seek a laboratory for cytotoxicity of titanium screws"}
    )
    meant = replace(OFFER, texts={"en": "Our laboratory tests the cytotoxicity of metals"})
    other = an_offer("robots", TURIN, "MD.SUR.ROB", texts={"en": "Robots that hold an endoscope"})

    found = suggest([request, meant, other], on=DAY)

    assert _ids(found, request) == ["testing"]
    assert sorted(one.word for one in found.of("implants")[0].words) == ["cytotoxicity", "laboratory"]


@pytest.mark.parametrize(
    ("offer", "request_", "expected"),
    [
        (OFFER, replace(REQUEST, side=Side.OFFER), Bar.SAME_SIDE),
        (replace(OFFER, slots=frozenset([0, 1])), replace(REQUEST, slots=frozenset([2])), Bar.NO_COMMON_SLOT),
        (replace(OFFER, slots=frozenset()), replace(REQUEST, slots=frozenset([2])), Bar.NO_COMMON_SLOT),
        (OFFER, replace(REQUEST, valid_until=date(2026, 5, 31)), Bar.NOT_VALID),
        (OFFER, replace(REQUEST, valid_from=date(2026, 6, 2)), Bar.NOT_VALID),
        (OFFER, replace(REQUEST, organisation=OFFER.organisation), Bar.SAME_ORGANISATION),
        (OFFER, replace(REQUEST, nuts="FRK24"), Bar.SAME_REGION),
        (OFFER, replace(REQUEST, nuts="FRK"), Bar.SAME_REGION),  # may be the same: it is not known
        (replace(OFFER, avoids=frozenset([REQUEST.organisation])), REQUEST, Bar.AVOIDED),
        (OFFER, replace(REQUEST, avoids=frozenset([OFFER.organisation])), Bar.AVOIDED),
        (replace(OFFER, countries_sought=frozenset(["IT", "BE"])), REQUEST, Bar.COUNTRY_NOT_SOUGHT),
        (OFFER, replace(REQUEST, countries_sought=frozenset(["IT", "BE"])), Bar.COUNTRY_NOT_SOUGHT),
    ],
)
def test_each_hard_filter_keeps_two_cards_apart(offer: Card, request_: Card, expected: Bar) -> None:
    bystanders = [an_offer("other", TURIN, "SV.TES.BIO"), a_request("another", STUTTGART, "SV.TES.BIO")]

    found = suggest([offer, request_, *bystanders], on=DAY)

    assert bars(offer, request_, on=DAY) == bars(request_, offer, on=DAY) == (expected,)
    assert "implants" not in _ids(found, offer)
    assert "testing" not in _ids(found, request_)


def test_the_days_of_validity_count_themselves() -> None:
    request = replace(REQUEST, valid_from=DAY, valid_until=DAY)

    assert _ids(suggest([OFFER, request], on=DAY), OFFER) == ["implants"]


def test_one_common_slot_will_do() -> None:
    offer, request = replace(OFFER, slots=frozenset([0, 1])), replace(REQUEST, slots=frozenset([1, 2]))

    assert _ids(suggest([offer, request], on=DAY), OFFER) == ["implants"]


def test_a_wish_for_a_country_admits_that_country() -> None:
    request = replace(REQUEST, countries_sought=frozenset(["FR"]))

    assert _ids(suggest([OFFER, request], on=DAY), OFFER) == ["implants"]


def test_what_has_nothing_in_common_is_not_suggested() -> None:
    assert suggest([OFFER, replace(REQUEST, keywords=frozenset(["MD.SUR.ROB"]))], on=DAY).of("testing") == ()


def test_a_score_is_the_sum_of_its_terms() -> None:
    offer = replace(OFFER, cooperation=frozenset(["supplier", "research"]), trl=7, languages=frozenset(["en", "fr"]))
    request = replace(
        REQUEST,
        cooperation=frozenset(["supplier", "commercial", "investment"]),
        trl=6,
        languages=frozenset(["pl"]),
        sought=frozenset([Sought(OrganisationKind.UNIVERSITY), Sought(OrganisationKind.SME, SizeClass.MICRO)]),
        line=Line.BUSINESS,
    )

    (found,) = suggest([offer, request], on=DAY, mode=Mode.OWN).of("implants")

    assert {term.name: (term.value, term.weight) for term in found.own.terms} == {
        TermName.RELEVANCE: (pytest.approx(0.6 + 0.4 / 2), 0.35),  # first by taxonomy, no text on either side
        TermName.COVERAGE: (1, 0.25),
        TermName.LINE: (0.5, 0.05),
        TermName.COOPERATION: (0.5, 0.09),  # one of the two that the offer names
        TermName.PARTNER: (0.5, 0.10),  # the kind in another size
        TermName.READINESS: (pytest.approx(2 / 3), 0.07),
        TermName.LANGUAGE: (0, 0.04),
        TermName.COHESION: (1, 0.05),  # Silesia is less developed, Rhône-Alpes more
    }
    expected = 0.8 * 0.35 + 0.25 + 0.025 + 0.045 + 0.05 + 0.07 * 2 / 3 + 0.05
    assert found.own.score == pytest.approx(expected)
    assert found.score == pytest.approx(expected, abs=CLOSE)


@pytest.mark.parametrize(
    ("sought", "expected"),
    [
        ([], 0.5),
        ([Sought(OrganisationKind.SME)], 1),
        ([Sought(OrganisationKind.SME, SizeClass.SMALL)], 1),
        ([Sought(OrganisationKind.SME, SizeClass.MICRO)], 0.5),
        ([Sought(OrganisationKind.UNIVERSITY)], 0),
        ([Sought(OrganisationKind.UNIVERSITY), Sought(OrganisationKind.SME, SizeClass.SMALL)], 1),
    ],
)
def test_any_of_the_partners_sought_will_do(sought: list[Sought], expected: float) -> None:
    (found,) = suggest([OFFER, replace(REQUEST, sought=frozenset(sought))], on=DAY).of("implants")

    assert {term.name: term.value for term in found.own.terms}[TermName.PARTNER] == expected


def test_mutual_interest_is_the_geometric_mean_of_both_sights() -> None:
    request = replace(REQUEST, sought=frozenset([Sought(OrganisationKind.UNIVERSITY)]))

    (found,) = suggest([OFFER, request], on=DAY).of("implants")

    assert found.own.score != found.theirs.score
    assert found.score == pytest.approx(sqrt(found.own.score * found.theirs.score), abs=CLOSE)


def test_those_who_have_met_stand_back() -> None:
    known = an_offer("known", LIEGE, "SV.TES.BIO", "SV.TES.CHE")
    request = replace(REQUEST, met=frozenset([known.organisation]))

    found = suggest([OFFER, known, request], on=DAY, mode=Mode.OWN).of("implants")

    assert [one.other.id for one in found] == ["testing", "known"]
    assert found[1].own.terms[-1].contribution == -0.15


def test_offers_that_answer_as_well_share_a_rank_and_stand_by_id() -> None:
    offers = [an_offer(name, site, "SV.TES.BIO") for name, site in [("b", LIEGE), ("a", LYON), ("c", EINDHOVEN)]]

    found = suggest([*offers, REQUEST], on=DAY).of("implants")

    assert [(one.other.id, one.own.topic) for one in found] == [("a", 1), ("b", 1), ("c", 1)]


def test_a_list_is_spread_over_regions() -> None:
    near = [an_offer(f"lyon-{number}", LYON, "SV.TES.BIO") for number in range(5)]
    other = an_offer("turin", TURIN, "SV.TES.BIO", trl=9)

    found = suggest([*near, other, replace(REQUEST, trl=8)], on=DAY).of("implants")

    assert [one.other.id for one in found] == ["turin", "lyon-0", "lyon-1", "lyon-2", "lyon-3", "lyon-4"]
    assert [one.spread for one in found] == [1, 1, 0.97, 0.97**2, 0.97**3, 0.97**4]


def test_the_first_of_another_region_goes_before_the_third_of_one() -> None:
    near = [an_offer(f"lyon-{number}", LYON, "SV.TES.BIO", trl=8) for number in range(3)]
    other = an_offer("turin", TURIN, "SV.TES.BIO", trl=6)

    found = suggest([*near, other, replace(REQUEST, trl=8)], on=DAY, mode=Mode.OWN).of("implants")

    assert [one.other.id for one in found] == ["lyon-0", "lyon-1", "turin", "lyon-2"]
    assert found[2].score < found[3].score


def test_no_more_than_the_top_is_given() -> None:
    offers = [an_offer(f"o{number:02}", LYON, "SV.TES.BIO") for number in range(30)]

    found = suggest([*offers, REQUEST], on=DAY)

    assert [one.rank for one in found.of("implants")] == list(range(1, 21))
    assert len(suggest([*offers, REQUEST], on=DAY, top=3).of("implants")) == 3


def test_a_card_that_is_not_valid_is_told_nothing_and_an_unknown_one_is_missing() -> None:
    found = suggest([replace(OFFER, valid_until=date(2026, 5, 31)), REQUEST], on=DAY)

    assert found.of("testing") == ()
    with pytest.raises(Missing, match="no card 'nobody'"):
        found.of("nobody")


def test_no_cards_give_no_suggestions() -> None:
    assert suggest([], on=DAY).picks == {}
    assert suggest([OFFER], on=DAY).of("testing") == ()


def test_all_faults_of_cards_come_at_once() -> None:
    broken = replace(OFFER, keywords=frozenset(["SV.TES.XYZ"]), trl=10, allies=frozenset([Ally("x", "XX99")]))

    with pytest.raises(CardsInvalid) as caught:
        suggest([broken, OFFER], on=DAY)

    assert [str(fault) for fault in caught.value.faults] == [
        "testing.keywords: SV.TES.XYZ is not in the taxonomy (choose from 2026.1)",
        "testing.nuts: XX99 is no code of NUTS 2024 (give the code of the site)",
        "testing.trl: 10 is no readiness level (give 1 to 9, or leave it out)",
        "testing: stands twice (give each card an id of its own)",
    ]


@settings(max_examples=often(60), deadline=None)
@given(cards=_pools(), mode=st.sampled_from(Mode))
def test_no_suggestion_breaks_a_hard_filter(cards: list[Card], mode: Mode) -> None:
    found = suggest(cards, on=DAY, mode=mode)

    assert {bars(card, one.other, on=DAY) for card in cards for one in found.of(card.id)} <= {()}


@settings(max_examples=often(40), deadline=None)
@given(cards=_pools())
def test_in_mutual_mode_two_cards_have_the_same_score_for_each_other(cards: list[Card]) -> None:
    found = suggest(cards, on=DAY, top=100)

    scores = {(card.id, one.other.id): one.score for card in cards for one in found.of(card.id)}
    assert {pair: scores[pair[::-1]] for pair in scores} == scores


@settings(max_examples=often(40), deadline=None)
@given(cards=_pools(), seed=st.integers(0, 100))
def test_the_order_of_the_cards_changes_nothing(cards: list[Card], seed: int) -> None:
    shuffled = Random(seed).sample(cards, len(cards))

    assert suggest(shuffled, on=DAY).picks == suggest(cards, on=DAY).picks


@settings(max_examples=often(40), deadline=None)
@given(cards=_pools(), mode=st.sampled_from(Mode), top=st.integers(1, 9))
def test_the_lists_are_those_of_a_plain_loop_over_pairs(cards: list[Card], mode: Mode, top: int) -> None:
    found = suggest(cards, on=DAY, mode=mode, top=top)

    plain = PlainMatcher(cards, on=DAY)
    for card in cards:
        _agree(found, plain, card, top, mode)


@pytest.mark.parametrize(("mode", "size"), [(Mode.OWN, 260), (Mode.MUTUAL, 110)])
def test_a_list_out_of_many_is_that_of_a_plain_loop_too(mode: Mode, size: int) -> None:
    cards = PoolMaker(5, words=12).cards(size, size)

    found = suggest(cards, on=DAY, mode=mode)

    plain = PlainMatcher(cards, on=DAY)
    for card in (cards[0], cards[-1]):
        _agree(found, plain, card, 20, mode)


def _agree(found: Suggestions, plain: PlainMatcher, card: Card, top: int, mode: Mode) -> None:
    """Want the same scores in the same places; equal scores may change places by a rounding."""
    ours, theirs = found.of(card.id), plain.ranked(card, top=top, mode=mode) if card.id in found.picks else []
    every = {one.id: one.score for one in plain.ranked(card, top=len(found.cards), mode=mode)}
    assert [one.score * one.spread for one in ours] == pytest.approx([one.placed_by for one in theirs], abs=CLOSE)
    assert [one.score for one in ours] == pytest.approx([every[one.other.id] for one in ours], abs=CLOSE)


@settings(max_examples=often(25), deadline=None)
@given(cards=_pools())
def test_the_terms_shown_give_the_score_that_ranked(cards: list[Card]) -> None:
    found = suggest(cards, on=DAY)

    for one in (one for card in cards for one in found.of(card.id)):
        assert sqrt(one.own.score * one.theirs.score) == pytest.approx(one.score, abs=CLOSE)


def test_the_term_of_cohesion_goes_by_the_office_s_own_categories() -> None:
    offer, request = replace(OFFER, nuts="PL229"), replace(REQUEST, nuts="PL213")
    document = read_document(CATEGORIES.replace("valid_from: 2028-01-01", "valid_from: 2021-01-01"))

    def value(own: CohesionTable | None) -> float:
        (found,) = suggest([offer, request], on=DAY, own=own).of(offer.id)
        (term,) = [one for one in found.own.terms if one.name is TermName.COHESION]
        return term.value

    assert value(None) == 0.0  # both are less developed by what ships
    assert value(shelf_with([document]).categories) == 1.0
