"""The table of partner by rule."""

from datetime import date
from decimal import Decimal

from states.funding.case.explained import explain_case
from states.funding.case.instruments import Call
from states.funding.case.partners import AidReceived, Enterprise, Link, ProjectFacts, Site
from states.funding.case.vocabulary import Activity, Cohesion, Control, PartnerKind
from states.funding.law.facts import Finding
from states.partners.tables import SizeClass
from tests.states.funding.builders import case, instrument, item, partner, year


def _brief(rows: list[Finding]) -> list[tuple[str, str, str]]:
    return [(row.partner, row.rule, row.answer.value) for row in rows]


def test_every_partner_has_its_rows_in_the_order_of_the_case() -> None:
    centre = partner("centre", SizeClass.LARGE, kind=PartnerKind.TECHNOLOGY_CENTRE, nuts="FRK26")
    joint = case(partners=(partner(), centre), cost_items=(item(), item("bench", of="centre", economic=False)))

    assert _brief(explain_case(joint)) == [
        ("a", "sme-links", "pass"),
        ("a", "gber-1-4-c", "pass"),
        ("a", "gber-1-4-a", "pass"),
        ("a", "gber-25", "pass"),
        ("a", "gber-25a", "fail"),
        ("a", "gber-25b", "fail"),
        ("a", "gber-25c", "fail"),
        ("a", "gber-25d", "fail"),
        ("a", "gber-4-1-i-ii", "pass"),
        ("a", "de-minimis-ceiling", "pass"),
        ("a", "instrument", "pass"),
        ("centre", "sme-links", "pass"),
        ("centre", "small-mid-cap", "unknown"),
        ("centre", "tfeu-107-1", "pass"),
        ("centre", "de-minimis-ceiling", "pass"),
        ("centre", "instrument", "pass"),
    ]


def _row(rows: list[Finding], rule: str) -> Finding:
    return next(row for row in rows if row.rule == rule)


def test_a_ceiling_shows_its_way_what_lifts_it_and_that_an_area_is_computed() -> None:
    silesian = case(
        partners=(partner(nuts="RO121", area=None),),
        cost_items=(item(activity=Activity.EXPERIMENTAL),),
        project=ProjectFacts(effective_collaboration=True),
    )

    row = _row(explain_case(silesian), "gber-25")

    way = "25 (GBER Art. 25(5)(c)) + 20 (GBER Art. 25(6)(a)) + 15 (GBER Art. 25(6)(b)(iv))"
    assert row.sentence.startswith(f"work: 60 percent, 600000.00 EUR: {way}; RO12: exact rates by county")
    assert row.remedy.startswith("70 percent by GBER Art. 25(6)(d): say whether an open call selected it")
    assert not row.verified


def test_a_ceiling_at_its_cap_cannot_be_lifted() -> None:
    row = _row(explain_case(case(project=ProjectFacts(licences=True))), "gber-25")

    assert row.sentence.endswith(", cut to 80.")
    assert row.remedy == ""


def test_a_declaration_against_the_figures_fails() -> None:
    declared = partner(size=SizeClass.SMALL, years=(year(2025, 100, 1_000_000),))

    row = _row(explain_case(case(partners=(declared,))), "sme-links")

    assert (row.answer.value, row.blocks) == ("fail", False)
    assert row.remedy == "a declares small: mend the declaration or the figures"


def test_a_full_ledger_fails_and_says_how_much_is_used() -> None:
    full = AidReceived(
        recipient="a", member_state="DE", granted_on=date(2025, 1, 1), amount=Decimal(300_000), basis="de_minimis"
    )

    row = _row(explain_case(case(aid_received=(full,))), "de-minimis-ceiling")

    assert row.answer.value == "fail"
    assert row.sentence == "a in DE on 2026-11-22: 300000.00 EUR used, 0.00 EUR left."


def test_a_voucher_pays_no_more_than_is_left_of_de_minimis() -> None:
    had = AidReceived(
        recipient="a", member_state="DE", granted_on=date(2025, 1, 1), amount=Decimal(220_000), basis="de_minimis"
    )
    rows = explain_case(case(instruments=(instrument("voucher", "de_minimis", percent="40"),), aid_received=(had,)))

    assert _row(rows, "instrument").sentence == "voucher may pay work up to 80000.00 EUR."


def test_a_call_that_lacks_a_country_says_so_for_each_item() -> None:
    two = (partner("a", nuts="FRK26"), partner("b", nuts="BE332"))
    union = instrument("union", "eu_direct", consortium={"countries": 3})
    rows = explain_case(case(partners=two, cost_items=(item("one"), item("two", of="b")), instruments=(union,)))

    found = [(row.item, row.sentence, row.remedy) for row in rows if row.rule == "terms-countries"]

    says = "It asks for 3 countries that take its money; there are 2."
    assert found == [
        (key, f"union does not pay {key}: {says}", "1 more partner in another country") for key in ("one", "two")
    ]


def test_who_is_large_by_its_owners_is_told_in_a_sentence() -> None:
    owned = partner(public_share="25")

    assert _row(explain_case(case(partners=(owned,))), "sme-links").sentence == (
        "a is large, because public bodies hold 25 percent of it."
    )


def test_a_part_of_an_area_with_another_rate_is_named() -> None:
    investing = case(
        partners=(partner(nuts="PL925", area=None),),
        cost_items=(item(activity=Activity.INVESTMENT),),
        project=ProjectFacts(initial_investment=True),
    )

    assert _row(explain_case(investing), "gber-14").sentence.endswith("; PL92: 50 in the subregion of Siedlce.")


def test_a_site_says_what_the_funds_pay_at_most_and_whether_its_category_was_read() -> None:
    places = {
        "IE042": Cohesion.TRANSITION,
        "PL229": Cohesion.LESS_DEVELOPED,
        "FRY40": Cohesion.OUTERMOST,
        "DE111": None,
    }
    firms = [
        partner(code.lower(), sites=(Site(id="site", nuts=code, cohesion=category),))
        for code, category in places.items()
    ]
    funded = case(partners=tuple(firms), cost_items=(item(of="de111"),))

    rows = [row for row in explain_case(funded) if row.rule.startswith("cofinancing")]

    assert [(row.partner, row.rule, row.verified) for row in rows] == [
        ("ie042", "cofinancing-transition", True),
        ("pl229", "cofinancing-less-developed", False),
        ("fry40", "cofinancing-less-developed", True),
    ]


def test_linked_enterprises_share_a_row_and_a_ledger() -> None:
    sister = Enterprise(id="sister", name="Linked company")
    linked = case(enterprises=(sister,), links=(Link(holder="sister", held="a", control=(Control.BOARD,)),))

    row = _row(explain_case(linked), "de-minimis-single-undertaking")

    assert (row.answer.value, row.sentence) == ("pass", "a with sister: one single undertaking.")


def test_a_limit_that_is_used_up_fails() -> None:
    had = AidReceived(
        recipient="a", member_state="DE", granted_on=date(2025, 1, 1), amount=Decimal(220_000), basis="gber-28-4"
    )
    advice = item(activity=Activity.INNOVATION_ADVISORY)
    grant = instrument("grant", "gber-28-4")

    row = _row(explain_case(case(cost_items=(advice,), instruments=(grant,), aid_received=(had,))), "gber-28-4-amount")

    assert row.answer.value == "fail"
    assert row.sentence.endswith("of which 220000.00 EUR were granted before. 0.00 EUR of aid are left for work.")


def test_an_instrument_says_all_that_is_against_it_or_still_open() -> None:
    closed = instrument("closed", "gber-17", call=Call(closes=date(2026, 1, 1)))
    later = instrument("later", call=Call(closes=date(2027, 2, 1)))

    rows = explain_case(case(instruments=(closed, later)))

    found = {row.instrument: row for row in rows if row.instrument}
    assert found["closed"].sentence == (
        "closed does not pay work: It closed on 2026-01-01. GBER Art. 17 gives no aid for industrial research."
    )
    assert found["closed"].blocks
    assert found["later"].sentence.startswith("later may pay work up to 700000.00 EUR; open: General Block Exemption")
    assert found["later"].answer.value == "manual"
