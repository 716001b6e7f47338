"""The table of names: its codes exist, and each name leads back to its own unit."""

from states.places import nuts
from states.places.region_names import country_codes, region_names
from states.places.region_reader import read_regions


def test_every_code_in_the_table_exists() -> None:
    table = region_names()

    named = {*table.exact, *table.loose, *(code for codes in table.former.values() for code in codes)}

    assert named - set(nuts.units()) == set()


def test_no_former_code_is_still_in_use() -> None:
    assert set(region_names().former) & set(nuts.units()) == set()


def test_no_country_code_stands_for_two_countries() -> None:
    codes = [
        (code, prefix)
        for prefix, country in region_names().countries.items()
        for code in {prefix, country.iso, *country.codes}
    ]

    assert len(codes) == len(country_codes())


def test_every_official_label_with_its_country_is_read_exactly() -> None:
    misread = {}
    for unit in nuts.units().values():
        reading = read_regions(f"{unit.name} ({unit.country})")
        # Where a unit bears the name of the one around it, the name means the wider one: Leipzig is DED5, not DED52.
        meant = {nuts.canonical(wider.code) for wider in (unit, *nuts.parents(unit.code))}
        exact = [region.code in meant and region.guessed is None for region in reading.read]
        if exact != [True] or reading.unread:
            misread[unit.code] = reading

    assert misread == {}


def test_every_further_name_with_its_country_is_read_exactly() -> None:
    misread = {}
    for code, names in region_names().exact.items():
        for name in names:
            bare = name.removesuffix(f" ({code[:2]})")
            reading = read_regions(f"{bare} ({code[:2]})")
            codes = [region.code for region in reading.read if region.guessed is None]
            if codes != [nuts.canonical(code)]:
                misread[name] = reading

    # Several units bear these names: the list must say which.
    assert set(misread) == {"Sofia", "Continental Croatia", "Kontinentalna Hrvatska"}
