"""GBER Article 25: the whole table of intensities, each bonus with each answer, and the worked examples."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from states.funding.aid.ceilings import Ceiling, ceilings
from states.funding.case.case import FundingCase
from states.funding.case.partners import ProjectFacts
from states.funding.case.vocabulary import Activity, AidArea, PartnerKind
from states.funding.law.facts import Answer
from states.partners.tables import SizeClass
from tests.states.funding.builders import case, doubtful, item, partner, rules

SMALL, MEDIUM, LARGE = SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.LARGE
INDUSTRIAL, EXPERIMENTAL = Activity.INDUSTRIAL, Activity.EXPERIMENTAL

# Percent by activity and size: base with size, with +5 (c), with +15 (b), with +25 (d).
TABLE = {
    (INDUSTRIAL, SMALL): (70, 75, 80, 80),
    (INDUSTRIAL, MEDIUM): (60, 65, 75, 80),
    (INDUSTRIAL, LARGE): (50, 55, 65, 75),
    (EXPERIMENTAL, SMALL): (45, 50, 60, 70),
    (EXPERIMENTAL, MEDIUM): (35, 40, 50, 60),
    (EXPERIMENTAL, LARGE): (25, 30, 40, 50),
    (Activity.FEASIBILITY, SMALL): (70, 70, 70, 70),
    (Activity.FEASIBILITY, MEDIUM): (60, 60, 60, 60),
    (Activity.FEASIBILITY, LARGE): (50, 50, 50, 50),
    (Activity.FUNDAMENTAL, SMALL): (100, 100, 100, 100),
    (Activity.FUNDAMENTAL, LARGE): (100, 100, 100, 100),
}
POINTS = ("base", "c", "b", "d")
JOINT = ProjectFacts(joint_call=True, designing_states=("DE", "FR", "PL"), effective_collaboration=True, licences=True)


def _under_25(given_case: FundingCase, key: str = "work") -> Ceiling:
    return next(one for one in ceilings(given_case, rules())[key] if one.article.id == "gber-25")


def _situation(point: str, activity: Activity, size: SizeClass) -> FundingCase:
    area = AidArea.C if point == "c" else AidArea.NONE
    partners = [partner("a", size, area=area)]
    items = [item("work", activity)]
    project = ProjectFacts(wide_dissemination=True) if point == "b" else ProjectFacts()
    if point == "d":
        partners += [partner("b", LARGE, nuts="FRK26"), partner("c", LARGE, nuts="PL229")]
        items += [item(f"of-{key}", activity, of=key) for key in "bc"]
        project = JOINT
    return case(partners=tuple(partners), cost_items=tuple(items), project=project)


@pytest.mark.parametrize(
    ("activity", "size", "point", "percent"),
    [
        pytest.param(activity, size, point, percent, id=f"Art. 25(5)-(7) {activity} {size} {point}")
        for (activity, size), row in TABLE.items()
        for point, percent in zip(POINTS, row, strict=True)
    ],
)
def test_the_table_of_intensities(activity: Activity, size: SizeClass, point: str, percent: int) -> None:
    found = _under_25(_situation(point, activity, size))

    assert (found.answer, found.percent) == (Answer.PASS, Decimal(percent))
    assert found.amount == percent * 10_000


def _example(*partners_and_amounts: tuple[str, SizeClass, str, PartnerKind, str], **project: object) -> FundingCase:
    activity = Activity(str(project.pop("activity", INDUSTRIAL)))
    partners = tuple(
        partner(key, size, nuts=nuts, area=None if nuts.startswith("PL22") else AidArea.NONE, kind=kind)
        for key, size, nuts, kind, _ in partners_and_amounts
    )
    items = tuple(item(f"of-{key}", activity, of=key, amount=amount) for key, *_, amount in partners_and_amounts)
    return case(partners=partners, cost_items=items, project=ProjectFacts.model_validate(project))


COMPANY, CENTRE = PartnerKind.ENTERPRISE, PartnerKind.TECHNOLOGY_CENTRE
PUBLISHED = {"effective_collaboration": True, "right_to_publish": True}
LYON = ("lyon", LARGE, "FRK26", CENTRE, "300000.00")


def test_art_25_small_silesian_firm_with_a_lyon_research_centre_is_cut_to_80() -> None:
    gliwice = ("gliwice", SMALL, "PL229", COMPANY, "1000000.00")

    found = _under_25(_example(gliwice, LYON, effective_collaboration=True, right_to_publish=True), "of-gliwice")

    counted = [(step.rule.article, step.points) for step in found.bonuses if step.counted]
    assert (found.percent, found.amount) == (Decimal(80), Decimal("800000.00"))
    assert counted == [("GBER Art. 25(6)(a)", Decimal(20)), ("GBER Art. 25(6)(b)(i)", Decimal(15))]
    assert found.cap is not None
    assert found.cap.says == "85 percent are cut to 80"


def test_art_25_the_a_area_gives_15_points_once_only() -> None:
    gliwice = ("gliwice", SMALL, "PL229", COMPANY, "1000000.00")

    found = _under_25(_example(gliwice, activity=EXPERIMENTAL, wide_dissemination=True), "of-gliwice")

    assert found.percent == 60


def test_art_25_large_stuttgart_firm_with_a_french_sme_has_65() -> None:
    stuttgart = ("stuttgart", LARGE, "DE111", COMPANY, "700000.00")
    french = ("french", SMALL, "FRK26", COMPANY, "300000.00")

    assert _under_25(_example(stuttgart, french, effective_collaboration=True), "of-stuttgart").percent == 65


def test_art_25_6_b_i_one_undertaking_above_70_percent_loses_the_bonus() -> None:
    stuttgart = ("stuttgart", LARGE, "DE111", COMPANY, "700000.01")
    french = ("french", SMALL, "FRK26", COMPANY, "300000.00")

    assert _under_25(_example(stuttgart, french, effective_collaboration=True), "of-stuttgart").percent == 50


@pytest.mark.parametrize(
    ("project", "percent"),
    [
        pytest.param({}, 35, id="Art. 25(6)(a) alone, not disseminated"),
        pytest.param({"wide_dissemination": True}, 50, id="Art. 25(6)(b)(ii) free software"),
        pytest.param({"licences": True}, 50, id="Art. 25(6)(b)(iii) licences"),
        pytest.param({"licences": True, "wide_dissemination": True}, 50, id="Art. 25(6)(b) once only"),
    ],
)
def test_art_25_medium_lyon_firm_develops_alone(project: dict[str, bool], percent: int) -> None:
    lyon = ("lyon", MEDIUM, "FRK26", COMPANY, "1000000.00")

    assert _under_25(_example(lyon, activity=EXPERIMENTAL, **project), "of-lyon").percent == percent


def test_art_25_6_d_medium_lyon_firm_under_a_three_country_call_has_60() -> None:
    firms = [("lyon", MEDIUM, "FRK26", COMPANY, "10.00"), ("turin", LARGE, "ITC11", COMPANY, "10.00")]
    joint = {**JOINT.model_dump(exclude_defaults=True), "designing_states": ["FR", "IT", "DE"]}

    assert _under_25(_example(*firms, activity=EXPERIMENTAL, **joint), "of-lyon").percent == 60


def _step(given_case: FundingCase, rule: str, key: str = "work") -> tuple[Answer, str]:
    step = next(step for step in _under_25(given_case, key).bonuses if step.rule.id == rule)
    return step.answer, step.would


@pytest.mark.parametrize(
    ("changes", "answer", "would"),
    [
        pytest.param({}, Answer.PASS, "", id="met"),
        pytest.param({"joint_call": False}, Answer.FAIL, "an open call selected it", id="no joint call"),
        pytest.param({"joint_call": None}, Answer.UNKNOWN, "project.joint_call", id="call not answered"),
        pytest.param({"designing_states": ("DE", "FR")}, Answer.FAIL, "1 more of designing_states", id="two States"),
        pytest.param({"designing_states": ("DE", "FR", "US")}, Answer.FAIL, "1 more", id="a third outside the EEA"),
        pytest.param({"effective_collaboration": False}, Answer.FAIL, "effective", id="no collaboration"),
        pytest.param(
            {"licences": None, "dissemination_states": ()},
            Answer.UNKNOWN,
            "project.licences",
            id="licences not answered",
        ),
        pytest.param(
            {"licences": False, "dissemination_states": ("DE", "FR", "PL")}, Answer.PASS, "", id="disseminated in three"
        ),
        pytest.param({"licences": False}, Answer.FAIL, "3 more of dissemination_states, or", id="neither"),
    ],
)
def test_art_25_6_d_each_condition(changes: dict[str, object], answer: Answer, would: str) -> None:
    joint = _situation("d", EXPERIMENTAL, SMALL)
    project = ProjectFacts.model_validate({**JOINT.model_dump(), **changes})

    found, says = _step(joint.changed(project=project), "gber-25-6-d")

    assert found is answer
    assert would in says


def test_art_25_6_d_a_large_firm_needs_three_states() -> None:
    joint = _situation("d", EXPERIMENTAL, LARGE)
    two = joint.changed(partners=joint.partners[:2], cost_items=joint.cost_items[:2])

    assert _step(two, "gber-25-6-d") == (Answer.FAIL, "undertakings in 1 more")


@pytest.mark.parametrize(
    ("project", "centre", "answer"),
    [
        pytest.param({"effective_collaboration": True, "right_to_publish": True}, "111112.00", Answer.PASS, id="met"),
        pytest.param(
            {"effective_collaboration": True, "right_to_publish": True}, "111111.00", Answer.FAIL, id="9.99 %"
        ),
        pytest.param({"effective_collaboration": True}, "300000.00", Answer.UNKNOWN, id="publication not answered"),
        pytest.param(
            {"effective_collaboration": True, "right_to_publish": False}, "300000.00", Answer.FAIL, id="may not publish"
        ),
        pytest.param({"right_to_publish": True}, "300000.00", Answer.UNKNOWN, id="collaboration not answered"),
    ],
)
def test_art_25_6_b_i_with_a_research_organisation(project: dict[str, bool], centre: str, answer: Answer) -> None:
    firm = ("firm", LARGE, "DE111", COMPANY, "1000000.00")
    given_case = _example(firm, (*LYON[:4], centre), **project)

    assert _step(given_case, "gber-25-6-b-i-research", "of-firm")[0] is answer


def test_art_25_6_b_i_two_large_firms_in_one_country_have_no_bonus() -> None:
    firms = [(key, LARGE, "DE111", COMPANY, "500000.00") for key in ("one", "two")]

    found = _step(_example(*firms, effective_collaboration=True), "gber-25-6-b-i-undertakings", "of-one")

    assert found == (Answer.FAIL, "an SME, or a partner in another State")


def test_art_25_6_b_i_linked_firms_are_one_undertaking() -> None:
    firms = [(key, SMALL, nuts, COMPANY, "500000.00") for key, nuts in (("one", "DE111"), ("two", "FRK26"))]
    link = {"holder": "one", "held": "two", "percent": "51"}

    linked = _example(*firms, effective_collaboration=True).changed(links=(link,))

    assert _step(linked, "gber-25-6-b-i-undertakings", "of-one")[1] == "a second, independent undertaking"


def test_an_unknown_size_counts_for_nothing_and_says_what_would() -> None:
    found = _under_25(case(partners=(partner(size=None),)))

    assert found.percent == 50
    assert [step.would for step in found.bonuses if step.answer is Answer.UNKNOWN][:1] == ["the figures of a"]


def test_a_site_that_no_map_knows_is_unknown_not_unassisted() -> None:
    found = _step(case(partners=(partner(area=None),)), "gber-25-6-c")

    assert found == (Answer.UNKNOWN, 'give aid_area of site site (a site in an area "c")')


def test_verified_only_leaves_out_bonuses_from_memory() -> None:
    free = case(project=ProjectFacts(wide_dissemination=True))
    strict = free.changed(wanted={"verified_only": True})
    by_memory = doubtful("gber-25-6-b-ii")

    loose, sure = (next(iter(ceilings(one, by_memory)["work"])) for one in (free, strict))

    assert (loose.percent, sure.percent) == (Decimal(80), Decimal(70))
    assert [rule.id for rule in loose.unverified] == ["gber-25-6-b-ii"]
    step = next(step for step in sure.bonuses if step.rule.id == "gber-25-6-b-ii")
    assert (step.answer, step.would) == (Answer.PASS, "somebody verifies the rule")


def test_verified_only_relies_on_no_computed_area_of_the_map() -> None:
    """RO12 is an "a" area by computation: 50 + 20 + 15 points, cut to 80, where that may be relied on."""
    free = case(partners=(partner(nuts="RO121", area=None),))

    strict = free.changed(wanted={"verified_only": True})

    assert (_under_25(free).percent, _under_25(strict).percent) == (Decimal(80), Decimal(70))
    assert [rule.id for rule in _under_25(free).unverified] == ["aid-map-ro12"]


def test_a_ceiling_is_rounded_down_to_the_cent() -> None:
    odd = case(cost_items=(item(amount="1000000.03"),))

    assert _under_25(odd).amount == Decimal("700000.02")


@settings(deadline=None)
@given(
    amount=st.decimals(min_value=Decimal("0.01"), max_value=Decimal("99999999.99"), places=2),
    size=st.sampled_from([SMALL, MEDIUM, LARGE, SizeClass.MICRO, None]),
    activity=st.sampled_from(list(Activity)),
    area=st.sampled_from([*AidArea, None]),
    facts=st.fixed_dictionaries(
        dict.fromkeys(
            ["wide_dissemination", "licences", "joint_call", "effective_collaboration", "initial_investment"],
            st.sampled_from([True, False, None]),
        )
    ),
)
def test_no_ceiling_passes_its_cap(
    amount: Decimal, size: SizeClass | None, activity: Activity, area: AidArea | None, facts: dict[str, bool | None]
) -> None:
    given_case = case(
        partners=(partner(size=size, area=area),),
        cost_items=(item(activity=activity, amount=str(amount)),),
        project=ProjectFacts.model_validate({**facts, "eu_rate": "70", "seal_of_excellence": True}),
    )

    for found in ceilings(given_case, rules())["work"]:
        cap = min((c.percent for c in found.article.caps if not c.activities or activity in c.activities), default=100)
        assert found.percent <= cap
        assert found.amount * 100 <= amount * cap
        assert found.amount == round(found.amount, 2)
