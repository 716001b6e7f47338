"""What if a partner joins: the kind of partner that each refusal asks for, and who in the pool is one."""

from dataclasses import replace
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.errors import Refusal
from states.matchmaking.suggestions.needs import Minimums, Party
from states.matchmaking.suggestions.partner_wanted import partner_wanted, shortfalls
from states.partners.tables import OrganisationKind, SizeClass
from states.places.cohesion import Category
from tests.laws import often
from tests.states.matchmaking.suggestions.samples import (
    DAY,
    EINDHOVEN,
    GLIWICE,
    LYON,
    SITES,
    STUTTGART,
    TURIN,
)

SME, CENTRE = OrganisationKind.SME, OrganisationKind.TECHNOLOGY_CENTRE
LEAD = Party("lead", LYON, SME, SizeClass.SMALL)
NEAR = Party("near", "FRK24", CENTRE, SizeClass.LARGE, frozenset(["SV.TES.BIO"]))
SILESIA = Party("silesia", GLIWICE, CENTRE, SizeClass.MEDIUM, frozenset(["SV.TES.CHE"]))
PIEDMONT = Party("piedmont", TURIN, SME, SizeClass.MICRO, frozenset(["SV.TES"]))
POOL = [LEAD, NEAR, SILESIA, PIEDMONT]

FEW = Refusal("too_few_organisations", present=1, least=2, lacking=1)
ONE_REGION = Refusal("not_interregional", count=1, regions=("FRK2",), least=2, lacking=1)
NO_LEAD = Refusal("no_lead")
STRAND = Minimums(
    "i3", "I3", entities=4, regions=4, countries=3, categories=frozenset([Category.LESS_DEVELOPED, Category.TRANSITION])
)


def test_the_refusals_of_a_first_move_say_which_partner_they_want() -> None:
    found = partner_wanted([LEAD], [FEW, ONE_REGION, NO_LEAD], POOL, on=DAY)

    assert [str(need) for need in found.needs] == ["one more partner", "a partner outside FRK2 (Rhône-Alpes)"]
    assert found.not_by_a_partner == (NO_LEAD,)
    assert [(fit.party.organisation, fit.mends) for fit in found.fits] == [
        ("piedmont", (FEW, ONE_REGION)),
        ("silesia", (FEW, ONE_REGION)),
        ("near", (FEW,)),
    ]
    assert found.fits[0].reasons == ("is not a partner yet", "its site lies in ITC1 (Piemonte)")


@pytest.mark.parametrize(
    ("code", "asked", "wanted", "expected"),
    [
        (
            "category_missing",
            ("less_developed", "transition"),
            "a partner in a less developed or transition region",
            "silesia",
        ),
        ("kind_missing", ("technology_centre",), "a partner that is technology centre", "near silesia"),
        ("size_missing", ("micro", "small"), "a partner that is micro or small", "piedmont"),
        ("min_countries", 1, "a partner from other countries than FR", "piedmont silesia"),
        # The very node and its parent will do, a sibling will not.
        ("competence_missing", ("SV.TES.BIO",), "competence in Biocompatibility testing", "near piedmont"),
    ],
)
def test_each_refusal_finds_its_partners(code: str, asked: int | tuple[str, ...], wanted: str, expected: str) -> None:
    refusal = Refusal(code, lacking=asked) if isinstance(asked, int) else Refusal(code, wanted=asked)
    found = partner_wanted([LEAD], [refusal], POOL, on=DAY)

    assert [str(need) for need in found.needs] == [wanted]
    assert [fit.party.organisation for fit in found.fits] == expected.split()


@pytest.mark.parametrize(
    ("site", "expected"),
    [
        (GLIWICE, "its site lies in a region that is less developed (not verified)"),
        ("BE341", "its site lies in a region that is less developed"),
        ("FRY10", "its site lies in a region that is less developed or outermost (not verified)"),
    ],
)
def test_a_category_that_nobody_verified_is_said_to_be_so(site: str, expected: str) -> None:
    refusal = Refusal("category_missing", wanted=("less_developed", "outermost"))

    found = partner_wanted([LEAD], [refusal], [Party("new", site, SME)], on=DAY)

    assert found.fits[0].reasons == (expected,)


@pytest.mark.parametrize(("about", "expected"), [("SV.TES.CHE", "silesia piedmont"), ("SV.TES", "piedmont silesia")])
def test_of_those_who_mend_as_much_the_one_who_knows_most_stands_first(about: str, expected: str) -> None:
    found = partner_wanted([LEAD], [ONE_REGION], POOL, on=DAY, about=frozenset([about]))

    assert [fit.party.organisation for fit in found.fits] == expected.split()


def test_one_partner_may_help_where_several_are_needed() -> None:
    refusals = shortfalls(STRAND, [LEAD, NEAR], on=DAY)

    found = partner_wanted([LEAD, NEAR], refusals, POOL, on=DAY)

    assert [refusal.message for refusal in refusals] == [
        "I3: 2 of at least 4 partners.",
        "I3: 1 of at least 4 regions.",
        "I3: 1 of at least 3 countries.",
        "I3: nobody is in a less developed or transition region.",
    ]
    best = found.fits[0]
    assert best.party == SILESIA
    assert [one.code for one in best.mends] == ["min_category"]
    assert [one.code for one in best.helps] == ["min_partners", "min_regions", "min_countries"]
    assert [fit.party for fit in found.together] == [SILESIA, PIEDMONT]
    assert [str(need) for need in found.unmet] == ["3 partners outside FRK2 (Rhône-Alpes)"]  # two of three were found


def test_partners_together_bring_different_values() -> None:
    twins = [replace(PIEDMONT, organisation=f"piedmont-{number}") for number in range(3)]
    others = [Party("stuttgart", STUTTGART, SME), Party("eindhoven", EINDHOVEN, SME)]
    refusals = [Refusal("min_countries", lacking=3)]

    found = partner_wanted([LEAD], refusals, [*twins, *others], on=DAY)

    assert {fit.party.country for fit in found.together} == {"IT", "DE", "NL"}
    assert found.unmet == ()


def test_members_competitors_and_those_who_bring_nothing_are_left_out() -> None:
    refused = replace(LEAD, avoids=frozenset(["silesia"]))
    shy = replace(PIEDMONT, avoids=frozenset(["lead"]))

    found = partner_wanted([refused], [ONE_REGION], [LEAD, NEAR, SILESIA, shy], on=DAY)

    assert (found.fits, found.together) == ((), ())
    assert [need.refusal for need in found.unmet] == [ONE_REGION]


def test_two_who_avoid_each_other_never_stand_together() -> None:
    pool = [replace(SILESIA, avoids=frozenset(["piedmont"])), PIEDMONT]

    found = partner_wanted([LEAD], [Refusal("min_regions", lacking=2)], pool, on=DAY)

    assert [fit.party.organisation for fit in found.together] == ["piedmont"]
    assert len(found.unmet) == 1


@settings(max_examples=often(60), deadline=None)
@given(sites=st.lists(st.sampled_from(SITES), max_size=6), entities=st.integers(1, 4), countries=st.integers(1, 4))
def test_whoever_is_said_to_mend_does_and_what_is_unmet_cannot_be_met(
    sites: list[str], entities: int, countries: int
) -> None:
    pool = [Party(f"p{number}", site, SME) for number, site in enumerate(sites)]
    wanted = replace(STRAND, entities=entities, regions=1, countries=countries)
    refusals = shortfalls(wanted, [LEAD], on=DAY)

    found = partner_wanted([LEAD], refusals, pool, on=DAY)

    for fit in found.fits:
        left = {one.code for one in shortfalls(wanted, [LEAD, fit.party], on=DAY)}
        assert {one.code for one in fit.mends} == {one.code for one in refusals} - left
    left = {one.code for one in shortfalls(wanted, [LEAD, *pool], on=DAY)}
    assert {need.refusal.code for need in found.unmet} == left
    if not left:
        assert shortfalls(wanted, [LEAD, *(fit.party for fit in found.together)], on=DAY) == ()


@settings(max_examples=often(40), deadline=None)
@given(sites=st.lists(st.sampled_from(SITES), max_size=5, unique=True))
def test_those_who_do_together_are_at_most_one_more_than_the_fewest(sites: list[str]) -> None:
    pool = [Party(f"p{number}", site, SME) for number, site in enumerate(sites)]
    refusals = shortfalls(STRAND, [LEAD], on=DAY)

    found = partner_wanted([LEAD], refusals, pool, on=DAY)

    fewest = [
        size
        for size in range(len(pool) + 1)
        if any(not shortfalls(STRAND, [LEAD, *some], on=DAY) for some in combinations(pool, size))
    ]
    if fewest:
        assert fewest[0] <= len(found.together) <= fewest[0] + 1
