"""The case of a collaboration: built from its rows, whole, and with every fault of what is not there."""

from datetime import date, time
from decimal import Decimal

import pytest
from sqlmodel import Session

from states.clock import today
from states.collaborations.tables import Collaboration
from states.errors import Invalid
from states.funding.case.case import CostItem
from states.funding.case.explained import explain_case
from states.funding.case.gathering import case_of, instrument_slug
from states.funding.case.instruments import Call as CaseCall
from states.funding.case.partners import AidReceived, Enterprise, Link, Site, YearFigures
from states.funding.case.reader import CaseInvalid
from states.funding.case.vocabulary import Activity, Cohesion, Control, CostCategory, PartnerKind
from states.funding.catalogue.calls import CallPlan, Closing, add_call
from states.funding.catalogue.loading import Catalogue, Entry, Window, load_catalogue, shipped_catalogue
from states.funding.inputs.tables import Accounts, AidGranted, CostLine, FundingQuestion, Ownership
from states.funding.queries import instruments_of, windows_of
from states.funding.service import add_instrument
from states.funding.tables import Instrument, SourceKind
from states.partners.tables import Organisation, OrganisationKind, SizeClass
from tests.expect import places
from tests.factories import World, a_collaboration, a_world

ON = date(2026, 11, 22)
TERMS: dict[str, object] = {"basis": ["gber-25"], "member_state": "PL", "rates": [{"percent": "80"}]}


@pytest.fixture
def world(session: Session) -> World:
    return a_world(session)


@pytest.fixture
def row(world: World) -> Collaboration:
    return a_collaboration(world)


def a_cost(world: World, row: Collaboration, slug: str = "prototypes") -> CostLine:
    line = CostLine(
        collaboration_id=row.id,
        slug=slug,
        organisation_id=world.organisations["gliwice"].id,
        nuts="PL22A",
        activity=Activity.EXPERIMENTAL,
        cost_category=CostCategory.PERSONNEL,
        amount=Decimal("610000.50"),
        starts_on=date(2027, 9, 1),
    )
    world.session.add(line)
    world.session.flush()
    return line


def an_entry(**parts: object) -> Entry:
    usual = {"slug": "silesia", "name": "Silesia", "programme": "Regional", "kind": "grant", "terms": TERMS}
    return Entry.model_validate({**usual, **parts})


def test_a_collaboration_without_costs_has_no_case(session: Session, row: Collaboration) -> None:
    with pytest.raises(CaseInvalid) as refused:
        case_of(session, row)

    remedy = "record what the partners will spend: one line for each partner, site and activity"
    assert list(map(str, refused.value.faults)) == [f"cost_items: centre has no cost lines ({remedy})"]


def test_costs_partners_and_sites_are_gathered(session: Session, world: World, row: Collaboration) -> None:
    line = a_cost(world, row)

    case = case_of(session, row)

    assert (case.name, case.date, case.rule_set, case.coordinator) == (row.title, today(), "eu-2023", "medtech-gliwice")
    assert line.starts_on is not None
    assert case.cost_items == (
        CostItem(
            id="prototypes",
            partner="medtech-gliwice",
            site="pl22a",
            activity=Activity.EXPERIMENTAL,
            cost_category=CostCategory.PERSONNEL,
            amount=line.amount,
            starts=line.starts_on,
        ),
    )
    lead, other = case.partners
    assert (lead.kind, lead.size, lead.sites) == (
        PartnerKind.ENTERPRISE,
        None,
        tuple(Site(id=code.lower(), nuts=code, cohesion=Cohesion.LESS_DEVELOPED) for code in ("PL229", "PL22A")),
    )
    assert other.sites == (Site(id="frl04", nuts="FRL04", cohesion=Cohesion.TRANSITION),)


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_cohesion_category_is_that_of_site_and_date(session: Session, world: World, row: Collaboration) -> None:
    line = a_cost(world, row)
    line.nuts = "FRY30"
    session.add(line)
    session.flush()

    def categories(year: int) -> list[Cohesion | None]:
        found = case_of(session, row, on=date(year, 6, 30)).partners
        return [site.cohesion for partner in found for site in partner.sites]

    outermost, silesia, provence = Cohesion.OUTERMOST, Cohesion.LESS_DEVELOPED, Cohesion.TRANSITION
    assert categories(2026) == [outermost, silesia, provence]
    assert categories(2029) == [outermost, None, None]  # no decision of the Commission reaches so far
    session.add(FundingQuestion(collaboration_id=row.id, wanted={"verified_only": True}))
    assert categories(2026) == [outermost, None, None]  # nobody has read the decision for these two


def test_owners_are_found_over_several_steps_with_their_accounts(
    session: Session, world: World, row: Collaboration
) -> None:
    a_cost(world, row)
    holding, family = (
        Organisation(slug=slug, name=slug.title(), kind=OrganisationKind.LARGE_ENTERPRISE, country="PL", nuts="PL22A")
        for slug in ("holding", "family")
    )
    family.size_class = SizeClass.LARGE
    session.add_all([holding, family])
    session.flush()
    session.add_all(
        [
            Ownership(holder_id=holding.id, held_id=world.organisations["gliwice"].id, percent=Decimal("60.00")),
            Ownership(holder_id=family.id, held_id=holding.id, control=["majority_of_votes"]),
            Accounts(organisation_id=holding.id, year=2025, headcount=Decimal(20), turnover=Decimal("3000000.00")),
        ]
    )
    session.flush()

    case = case_of(session, row, on=ON)

    figures = YearFigures(year=2025, headcount=Decimal(20), turnover=Decimal(3000000))
    assert case.enterprises == (
        Enterprise(id="family", name="Family", size=SizeClass.LARGE),
        Enterprise(id="holding", name="Holding", years=(figures,)),
    )
    assert sorted(case.links, key=lambda link: link.held) == [
        Link(holder="family", held="holding", control=(Control.VOTES,)),
        Link(holder="holding", held="medtech-gliwice", percent=Decimal("60.00")),
    ]


def test_aid_received_stands_in_the_case_with_the_cost_it_paid_for(
    session: Session, world: World, row: Collaboration
) -> None:
    line = a_cost(world, row)
    granted = AidGranted(
        organisation_id=world.organisations["gliwice"].id,
        member_state="PL",
        granted_on=date(2025, 3, 1),
        amount=Decimal("100000.00"),
        basis="de_minimis",
        cost_line_id=line.id,
    )
    session.add(granted)
    session.flush()

    found = case_of(session, row, on=ON).aid_received

    assert found == (
        AidReceived(
            recipient="medtech-gliwice",
            member_state="PL",
            granted_on=date(2025, 3, 1),
            amount=Decimal(100000),
            basis="de_minimis",
            cost_item="prototypes",
        ),
    )


def test_each_window_that_is_not_over_is_an_instrument(session: Session, world: World, row: Collaboration) -> None:
    a_cost(world, row)
    windows = [
        {"slug": "2026", "closes_on": date(2026, 3, 31)},
        {
            "slug": "2027",
            "opens_on": date(2027, 1, 4),
            "closes_on": date(2027, 3, 31),
            "apply_on": date(2027, 2, 1),
            "budget": "5000000.00",
        },
        {"slug": "always"},
    ]
    entries = (an_entry(calls=windows), an_entry(slug="past", calls=windows[:1]), an_entry(slug="unread", terms={}))
    load_catalogue(session, world.partnership.id, Catalogue(instruments=entries))

    found = {one.id: one.call for one in case_of(session, row, on=ON).instruments}

    assert found == {
        "past--2026": CaseCall(closes=date(2026, 3, 31)),
        "silesia--2027": CaseCall(
            opens=date(2027, 1, 4), closes=date(2027, 3, 31), apply_on=date(2027, 2, 1), budget=Decimal(5000000)
        ),
        "silesia--always": CaseCall(),
    }
    assert {instrument_slug(key) for key in found} == {"past", "silesia"}


def test_an_instrument_with_a_closing_has_a_call_and_one_without_is_always_open(
    session: Session, world: World, row: Collaboration
) -> None:
    a_cost(world, row)
    for slug, closing in (("bank", Closing(date(2127, 5, 1))), ("fund", None)):
        terms: dict[str, object] = {"basis": ["market"], "rates": [{"percent": 100}]}
        made = Instrument(
            partnership_id=world.partnership.id,
            slug=slug,
            name=slug,
            programme="Bank",
            kind=SourceKind.LOAN,
            terms=terms,
            verified_on=ON,
        )
        add_instrument(session, made, closing=closing)

    found = case_of(session, row, on=ON).instruments

    assert [(one.id, one.kind.value, one.call, one.verified) for one in found] == [
        ("bank--2127", "loan", CaseCall(closes=date(2127, 5, 1)), True),
        ("fund", "loan", CaseCall(), True),
    ]


def test_what_the_partners_declare_reaches_the_case(session: Session, world: World, row: Collaboration) -> None:
    a_cost(world, row)
    declared: dict[str, dict[str, object]] = {"medtech-gliwice": {"own_cash": "300000.00", "recovery_order": False}}
    wanted: dict[str, object] = {"verified_only": True}
    session.add(
        FundingQuestion(
            collaboration_id=row.id, rule_set="eu-2014", project={"trl": 6}, partners=declared, wanted=wanted
        )
    )
    session.flush()

    case = case_of(session, row, on=ON)

    lead = case.partner_by_id["medtech-gliwice"]
    assert (case.rule_set, case.project.trl, lead.own_cash, lead.recovery_order, case.wanted.verified_only) == (
        "eu-2014",
        6,
        Decimal(300000),
        False,
        True,
    )


def test_the_shipped_catalogue_is_put_in_once_and_is_explained(
    session: Session, world: World, row: Collaboration
) -> None:
    a_cost(world, row)
    shipped = shipped_catalogue()

    assert len(load_catalogue(session, world.partnership.id, shipped)) == len(shipped.instruments)
    assert load_catalogue(session, world.partnership.id, shipped) == []

    rows = instruments_of(session, world.partnership.id)
    strand = next(one for one in rows if one.slug == "i3-strand-1")
    (call,) = windows_of(session, [strand.id])[strand.id]
    assert (call.closes_on, call.closes_at, call.time_zone) == (date(2026, 11, 12), time(17), "Europe/Brussels")
    assert all(one.illustrative == one.name.endswith("(illustrative)") for one in rows)
    explained = explain_case(case_of(session, row, on=ON))
    offered = {one.instrument for one in explained if one.instrument}
    assert offered == {instrument.id for instrument in case_of(session, row, on=ON).instruments}


def test_terms_that_make_no_sense_are_refused_with_their_place(session: Session, world: World) -> None:
    wrong = an_entry(terms={"basis": ["gber-25"], "rates": [{"percent": "180"}], "colour": "red"})

    with pytest.raises(CaseInvalid) as refused:
        load_catalogue(session, world.partnership.id, Catalogue(instruments=(wrong,)))

    assert places(refused.value) == ["silesia.terms.rates[0].percent", "silesia.terms.colour"]
    assert instruments_of(session, world.partnership.id) == []


def test_a_call_has_a_short_name_of_its_own(session: Session, world: World) -> None:
    (row,) = load_catalogue(session, world.partnership.id, Catalogue(instruments=(an_entry(calls=[{"slug": "2027"}]),)))

    with pytest.raises(Invalid) as refused:
        add_call(session, row, CallPlan("2027"))

    assert list(map(str, refused.value.faults)) == ["slug: '2027' is taken (choose another)"]


@pytest.mark.parametrize(
    ("window", "says"),
    [
        ({"opens_on": "2027-02-01", "closes_on": "2027-01-01"}, "before it opens"),
        ({"closes_on": "2027-01-01", "closes_at": "17:00"}, "goes with its time zone"),
        ({"closes_at": "17:00", "time_zone": "Europe/Brussels"}, "needs its day"),
        ({"closes_on": "2027-01-01", "closes_at": "17:00", "time_zone": "Mars"}, "is no time zone"),
    ],
)
def test_a_window_that_makes_no_sense_is_refused(window: dict[str, str], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        Window.model_validate({"slug": "2027", **window})
