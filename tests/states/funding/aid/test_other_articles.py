"""The other articles of the GBER: intensity by size and place, and each condition with each answer."""

from decimal import Decimal

import pytest

from states.funding.aid.ceilings import Ceiling, ceilings
from states.funding.case.case import FundingCase
from states.funding.case.partners import ProjectFacts
from states.funding.case.vocabulary import Activity, AidArea, PartnerKind
from states.funding.law.facts import Answer
from states.partners.tables import SizeClass
from tests.states.funding.builders import case, item, partner, rules

MICRO, SMALL, MEDIUM, LARGE = SizeClass.MICRO, SizeClass.SMALL, SizeClass.MEDIUM, SizeClass.LARGE
PASS, FAIL, UNKNOWN = Answer.PASS, Answer.FAIL, Answer.UNKNOWN


def _under(article: str, given_case: FundingCase) -> Ceiling:
    return next(one for one in ceilings(given_case, rules())["work"] if one.article.id == article)


def _case(
    activity: Activity,
    size: SizeClass | None,
    *,
    nuts: str = "DE111",
    area: AidArea | None = AidArea.NONE,
    kind: PartnerKind = PartnerKind.ENTERPRISE,
    amount: str = "1000000.00",
    **project: object,
) -> FundingCase:
    return case(
        partners=(partner(size=size, nuts=nuts, area=area, kind=kind),),
        cost_items=(item(activity=activity, amount=amount),),
        project=ProjectFacts.model_validate(project),
    )


INFRASTRUCTURE = {"infrastructure_terms": True}
FULL = {**INFRASTRUCTURE, "eu_selected": True, "sme_capacity": 80}
SEAL = {"seal_of_excellence": True, "eu_rate": "70"}
COFUNDED = {"eu_cofunded": True, "eu_rate": "60", "eu_cost_share": "30", "designing_states": ["DE", "FR", "PL"]}

FLAT = [
    ("gber-17", Activity.INVESTMENT, MICRO, {}, 20),
    ("gber-17", Activity.INVESTMENT, SMALL, {}, 20),
    ("gber-17", Activity.INVESTMENT, MEDIUM, {}, 10),
    ("gber-18", Activity.CONSULTANCY, MEDIUM, {}, 50),
    ("gber-20a", Activity.INTERREG_COOPERATION, LARGE, {}, 100),
    ("gber-25a", Activity.EXPERIMENTAL, SMALL, SEAL, 70),
    ("gber-25c", Activity.INDUSTRIAL, LARGE, COFUNDED, 60),
    ("gber-26", Activity.RESEARCH_INFRASTRUCTURE, LARGE, INFRASTRUCTURE, 50),
    ("gber-26", Activity.RESEARCH_INFRASTRUCTURE, LARGE, {**INFRASTRUCTURE, "states_funding": ["DE", "FR"]}, 60),
    ("gber-26", Activity.RESEARCH_INFRASTRUCTURE, LARGE, {**INFRASTRUCTURE, "eu_selected": True}, 60),
    ("gber-26a", Activity.TESTING_INFRASTRUCTURE, LARGE, INFRASTRUCTURE, 25),
    (
        "gber-26a",
        Activity.TESTING_INFRASTRUCTURE,
        LARGE,
        FULL,
        40,
    ),
    (
        "gber-26a",
        Activity.TESTING_INFRASTRUCTURE,
        MEDIUM,
        FULL,
        50,
    ),
    (
        "gber-26a",
        Activity.TESTING_INFRASTRUCTURE,
        SMALL,
        FULL,
        60,
    ),
    ("gber-26a", Activity.TESTING_INFRASTRUCTURE, SMALL, {**INFRASTRUCTURE, "sme_capacity": "79.99"}, 45),
    ("gber-28", Activity.SME_INNOVATION, SMALL, {}, 50),
    ("gber-28", Activity.INNOVATION_ADVISORY, SMALL, {}, 50),
    ("gber-28-4", Activity.INNOVATION_ADVISORY, SMALL, {}, 100),
    ("gber-29", Activity.PROCESS_INNOVATION, MEDIUM, {}, 50),
    ("gber-31", Activity.TRAINING, LARGE, {}, 50),
    ("gber-31", Activity.TRAINING, MEDIUM, {}, 60),
    ("gber-31", Activity.TRAINING, SMALL, {}, 70),
]


@pytest.mark.parametrize(
    ("article", "activity", "size", "project", "percent"),
    [pytest.param(*row, id=f"{row[0]} {row[1]} {row[2]} {row[4]} [{n}]") for n, row in enumerate(FLAT)],
)
def test_intensities(
    article: str, activity: Activity, size: SizeClass, project: dict[str, object], percent: int
) -> None:
    found = _under(article, _case(activity, size, **project))  # type: ignore[arg-type]

    assert (found.answer, found.percent) == (PASS, Decimal(percent))
    assert found.by_percent == percent * 10_000


SHUT = [
    ("gber-17", Activity.INVESTMENT, LARGE, {}, FAIL, "a micro or small or medium enterprise"),
    ("gber-17", Activity.INVESTMENT, None, {}, UNKNOWN, "the figures of a"),
    ("gber-18", Activity.CONSULTANCY, LARGE, {}, FAIL, "a micro or small or medium enterprise"),
    ("gber-25a", Activity.INDUSTRIAL, SMALL, {}, FAIL, "the project has a Seal of Excellence"),
    ("gber-25a", Activity.INDUSTRIAL, LARGE, SEAL, FAIL, "a micro or small or medium enterprise"),
    ("gber-25a", Activity.INDUSTRIAL, SMALL, {"seal_of_excellence": True}, UNKNOWN, "project.eu_rate"),
    ("gber-25c", Activity.INDUSTRIAL, SMALL, {**COFUNDED, "designing_states": ["DE", "FR"]}, FAIL, "1 more"),
    ("gber-26", Activity.RESEARCH_INFRASTRUCTURE, SMALL, {}, UNKNOWN, "project.infrastructure_terms"),
    ("gber-26a", Activity.TESTING_INFRASTRUCTURE, SMALL, {"infrastructure_terms": False}, FAIL, "separate accounts"),
    ("gber-27", Activity.CLUSTER_OPERATION, SMALL, {}, FAIL, "a partner of kind cluster"),
    ("gber-28", Activity.SME_INNOVATION, LARGE, {}, FAIL, "a micro or small or medium enterprise"),
    ("gber-29", Activity.PROCESS_INNOVATION, LARGE, {"effective_collaboration": True}, FAIL, "30 percent of the cost"),
    ("gber-29", Activity.PROCESS_INNOVATION, LARGE, {}, UNKNOWN, "project.effective_collaboration"),
]


@pytest.mark.parametrize(
    ("article", "activity", "size", "project", "answer", "would"),
    [pytest.param(*row, id=f"{row[0]} {row[2]} {row[4]} [{n}]") for n, row in enumerate(SHUT)],
)
def test_where_an_article_does_not_apply_it_says_what_would(
    article: str, activity: Activity, size: SizeClass | None, project: dict[str, object], answer: Answer, would: str
) -> None:
    found = _under(article, _case(activity, size, **project))  # type: ignore[arg-type]

    assert (found.answer, found.percent, found.amount) == (answer, Decimal(0), Decimal(0))
    assert would in found.would


@pytest.mark.parametrize(
    ("nuts", "size", "amount", "percent"),
    [
        pytest.param("PL229", LARGE, "1000000.00", 30, id="Art. 14 Śląskie large"),
        pytest.param("PL229", MEDIUM, "1000000.00", 40, id="Art. 14 Śląskie medium"),
        pytest.param("PL229", SMALL, "1000000.00", 50, id="Art. 14 Śląskie small"),
        pytest.param("HU232", LARGE, "1000000.00", 50, id="Art. 14 Dél-Dunántúl large"),
        pytest.param("HU231", SMALL, "1000000.00", 80, id="Art. 14 Baranya, just transition, small"),
        pytest.param("PL229", SMALL, "50000000.00", 50, id="Art. 14 fifty million keep the bonus"),
        pytest.param("PL229", SMALL, "50000000.01", 30, id="Art. 14 a cent more loses it"),
    ],
)
def test_art_14_follows_the_aid_map(nuts: str, size: SizeClass, amount: str, percent: int) -> None:
    found = _under(
        "gber-14", _case(Activity.INVESTMENT, size, nuts=nuts, area=None, amount=amount, initial_investment=True)
    )

    assert found.percent == percent


@pytest.mark.parametrize(
    ("area", "size", "project", "answer"),
    [
        pytest.param(AidArea.NONE, SMALL, {"initial_investment": True}, FAIL, id="Art. 14 outside the map"),
        pytest.param(None, SMALL, {"initial_investment": True}, UNKNOWN, id="Art. 14 place not known"),
        pytest.param(AidArea.C, SMALL, {"initial_investment": True}, UNKNOWN, id="Art. 14 rate not known"),
        pytest.param(AidArea.A, SMALL, {"initial_investment": False}, FAIL, id="Art. 14 no initial investment"),
        pytest.param(
            AidArea.C, LARGE, {"initial_investment": True, "new_activity": False}, FAIL, id='Art. 14(3) large in "c"'
        ),
        pytest.param(AidArea.C, LARGE, {"initial_investment": True}, UNKNOWN, id='Art. 14(3) large in "c", not said'),
    ],
)
def test_art_14_conditions(area: AidArea | None, size: SizeClass, project: dict[str, bool], answer: Answer) -> None:
    assert _under("gber-14", _case(Activity.INVESTMENT, size, area=area, **project)).answer is answer  # type: ignore[arg-type]


def test_art_14_takes_area_and_rate_from_the_case_where_they_are_given() -> None:
    site = {"id": "site", "nuts": "DEG04", "aid_area": "c", "aid_map_rate": "15"}
    investor = _case(Activity.INVESTMENT, MEDIUM, initial_investment=True).changed(
        partners=({**partner(size=MEDIUM).model_dump(), "sites": [site]},)
    )

    assert _under("gber-14", investor).percent == 25


@pytest.mark.parametrize(
    ("activity", "area", "percent"),
    [
        pytest.param(Activity.CLUSTER_INVESTMENT, AidArea.NONE, 50, id="Art. 27(6) investment"),
        pytest.param(Activity.CLUSTER_INVESTMENT, AidArea.A, 65, id="Art. 27(6) investment in an a area"),
        pytest.param(Activity.CLUSTER_INVESTMENT, AidArea.C, 55, id="Art. 27(6) investment in a c area"),
        pytest.param(Activity.CLUSTER_OPERATION, AidArea.A, 50, id="Art. 27(9) operation"),
    ],
)
def test_art_27_clusters(activity: Activity, area: AidArea, percent: int) -> None:
    assert _under("gber-27", _case(activity, LARGE, area=area, kind=PartnerKind.CLUSTER)).percent == percent


@pytest.mark.parametrize(
    ("sme", "answer"),
    [
        pytest.param("300000.00", PASS, id="Art. 29 30 percent"),
        pytest.param("299999.00", FAIL, id="Art. 29 less"),
    ],
)
def test_art_29_a_large_enterprise_needs_smes_beside_it(sme: str, answer: Answer) -> None:
    large = item("work", Activity.PROCESS_INNOVATION, amount="700000.00")
    small = item("other", Activity.PROCESS_INNOVATION, of="b", amount=sme)
    joint = case(
        partners=(partner(size=LARGE), partner("b", SMALL)),
        cost_items=(large, small),
        project=ProjectFacts(effective_collaboration=True),
    )

    found = _under("gber-29", joint)

    assert (found.answer, found.percent) == (answer, Decimal(15 if answer is PASS else 0))


@pytest.mark.parametrize(
    ("size", "percent"),
    [
        pytest.param(LARGE, 60, id="Art. 31(4) large"),
        pytest.param(MEDIUM, 70, id="Art. 31(4) medium"),
        pytest.param(SMALL, 70, id="Art. 31(4) small, cut to 70"),
    ],
)
def test_art_31_disadvantaged_trainees(size: SizeClass, percent: int) -> None:
    course = case(
        partners=(partner(size=size),), cost_items=(item(activity=Activity.TRAINING, disadvantaged_trainees=True),)
    )

    assert _under("gber-31", course).percent == percent


def test_work_of_no_article_has_no_ceiling() -> None:
    assert ceilings(_case(Activity.OTHER, SMALL), rules()) == {"work": ()}


def test_the_highest_ceiling_comes_first_and_says_what_would_lift_it() -> None:
    found = ceilings(_case(Activity.EXPERIMENTAL, SMALL, **SEAL), rules())["work"]  # type: ignore[arg-type]

    assert [(one.article.id, one.percent) for one in found] == [
        ("gber-25a", Decimal(70)),
        ("gber-25", Decimal(45)),
        ("gber-25b", Decimal(0)),
        ("gber-25c", Decimal(0)),
        ("gber-25d", Decimal(0)),
    ]
    lifts = {step.rule.article: percent for step, percent in found[1].lifts}
    assert lifts["GBER Art. 25(6)(b)(ii)"] == 60
    assert lifts["GBER Art. 25(6)(d)"] == 70
    assert "GBER Art. 25(6)(a)" not in lifts
