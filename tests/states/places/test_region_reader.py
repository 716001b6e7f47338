"""Lists of regions as people write them: read, guessed, unread, and never lost."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from states.places.region_reader import RegionReading, read_regions
from states.places.region_words import is_separator

# The regions of a real partnership as its six-monthly report lists them (seed 004, question I.3).
PARTICIPATING = """\
Baden-Württemberg (GER) East Netherlands (NL) South Netherlands (NL) Wallonia (BEL) Bretagne (FRA)
Thüringen (GER) Vastra Götaland (SWE) Catalonia (ESP) Flanders (BEL) Sud/PACA (FRA) Grand Est (FRA)
Piedmont (ITA) Copenhagen (DEN) South Denmark (DEN) Navarra (ESP) Tuscany (ITA) Helsinki (FIN) Aragon
(ESP) Oulu Region (FIN) South Transdanubia (HUN) Upper Silesia (POL) Slovenia (SLO) Basque Country
(ESP), NordRhein Westfalia (GER) Emilia-Romagna (ITA) Ireland (IRE) Occitanie (FRA) Lombardy (ITA)
"""
PARTICIPATING_CODES = (
    "DE1",
    "NL2",
    "NL4",
    "BE3",
    "FRH0",
    "DEG0",
    "SE232",
    "ES51",
    "BE2",
    "FRL0",
    "FRF",
    "ITC1",
    "DK01",
    "DK03",
    "ES22",
    "ITI1",
    "FI1B",
    "ES24",
    "FI1D9",
    "HU23",
    "PL22",
    "SI0",
    "ES21",
    "DEA",
    "ITH5",
    "IE0",
    "FRJ",
    "ITC4",
)
SEED = Path(__file__).parents[3] / "../shared/seeds"


def one(text: str) -> tuple[str, str | None]:
    """Give code and guess of a text that holds one region and nothing else."""
    reading = read_regions(text)
    assert (len(reading.read), reading.unread) == (1, ())
    return reading.read[0].code, reading.read[0].guessed


def suggestions(text: str) -> tuple[str, tuple[str, ...]]:
    """Give the reason and the suggested codes of a text of which nothing is read."""
    reading = read_regions(text)
    assert (reading.read, len(reading.unread)) == ((), 1)
    return reading.unread[0].why, tuple(unit.code for unit in reading.unread[0].nearest)


def test_the_messy_list_gives_all_28_regions() -> None:
    reading = read_regions(PARTICIPATING)

    assert reading.codes == PARTICIPATING_CODES
    assert reading.unread == ()


def test_the_messy_list_and_its_leads_make_29_regions() -> None:
    reading = read_regions("Auvergne-Rhône-Alpes\nSouth Netherlands\n\n" + PARTICIPATING)

    assert set(reading.codes) == {"FRK", *PARTICIPATING_CODES}
    assert len(reading.codes) == 29


def test_the_messy_list_says_what_was_guessed() -> None:
    guessed = {region.spelling: region.guessed for region in read_regions(PARTICIPATING).read if region.guessed}

    assert guessed == {
        "Copenhagen": "everyday name or city, taken for its region",
        "Helsinki": "everyday name or city, taken for its region",
        "NordRhein Westfalia": "spelt almost like a name of Nordrhein-Westfalen (89% alike)",
    }


def test_the_real_report_is_read() -> None:
    reports = sorted(SEED.glob("004_*.txt"))
    if not reports:
        pytest.skip("the seed report is not here: it is no part of the product")
    text = reports[0].read_text(encoding="utf-8")
    listed = text[text.index("Baden-Württemberg") : text.index("Please provide the list of interested")]

    reading = read_regions(listed)

    assert (reading.codes, reading.unread) == (PARTICIPATING_CODES, ())


def test_names_of_the_working_areas_are_read_without_countries() -> None:
    reading = read_regions("Navarra, Emilia-Romagna, Auvergne Rhône-Alpes, Catalonia\nUpper Silesia, Sud PACA")

    assert reading.codes == ("ES22", "ITH5", "FRK", "ES51", "PL22", "FRL0")
    assert [region.guessed for region in reading.read] == [None] * 6


def test_a_region_says_where_it_stands() -> None:
    region = read_regions("Bavaria\n  2. Aragon\n(ESP), Lapland").read[1]

    assert (region.code, region.name, region.spelling, region.country) == ("ES24", "Aragón", "Aragon", "ESP")
    assert (region.position.line, region.position.column) == (2, 3)


def test_the_form_of_the_question_is_read() -> None:
    assert one("Lapland (FI), FI1D7") == ("FI1D7", None)


@pytest.mark.parametrize(
    "text",
    [
        "Lapland (FI), FI1D7; Bavaria (DE), DE2",
        "Lapland (FI), FI1D7\nBavaria (DE), DE2",
        "FI1D7 DE2",
        "fi1d7, de2",
        "FI1D7: Lapland\nDE2 - Bavaria",
        "Lapland (FI, FI1D7), Bavaria (NUTS: DE2)",
        "Lapland, Finland; Bavaria, Germany",
        "- Lapland (Suomi)\n- Bavaria (Deutschland)",
        "1. Lapland\n2. Bavaria",
        "Lapland and Bavaria",
        "Lappi | Bayern",
        "Finland: Lapland, Bavaria",
        "Lapland FIN, Bavaria GER",
    ],
)
def test_the_usual_ways_to_write_a_list(text: str) -> None:
    reading = read_regions(text)

    assert (reading.codes, reading.unread) == (("FI1D7", "DE2"), ())
    assert [region.guessed for region in reading.read] == [None, None]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Bavaria", "DE2"),
        ("Lower Silesia", "PL51"),
        ("Flanders", "BE2"),
        ("Andalusia", "ES61"),
        ("Sicily", "ITG1"),
        ("Upper Austria", "AT31"),
        ("Region of Murcia", "ES62"),
        ("Tuebingen", "DE14"),
        ("Plovdiv", "BG421"),
        ("Crete", "EL43"),
        ("Balearic Islands", "ES53"),
        ("South Moravian Region", "CZ064"),
        ("Scotland", "UKM"),
        ("Stuttgart", "DE11"),
        ("Stuttgart, Stadtkreis", "DE111"),
        ("Halle (Saale)", "DEE02"),
        ("Berlin", "DE30"),
        ("Denmark", "DK0"),
        ("Basque\nCountry", "ES21"),
        ("FRH", "FRH0"),
    ],
)
def test_names_and_codes_are_read_exactly(written: str, code: str) -> None:
    assert one(written) == (code, None)


def test_a_stated_code_wins_over_the_name() -> None:
    contradiction = "the code FI1D9 contradicts the name, which means FI1D7; the code decided"

    assert one("Lapland (FI), FI1D9") == ("FI1D9", contradiction)


def test_a_stated_code_wins_over_the_country() -> None:
    assert one("Lapland (SE), FI1D7") == (
        "FI1D7",
        "the code FI1D7 contradicts the country; the code decided",
    )


def test_a_stated_code_explains_an_unknown_name() -> None:
    assert one("Santaland (FI), FI1D7") == (
        "FI1D7",
        "the name is not known for Lappi; the code FI1D7 decided",
    )


def test_a_wrong_code_leaves_the_name_to_decide() -> None:
    doubt = "FI1D0 beside it is not a code of NUTS 2024; the name decided"

    assert one("Lapland (FI), FI1D0") == ("FI1D7", doubt)


def test_a_former_code_is_followed() -> None:
    assert one("FR82") == ("FRL0", "FR82 is a code of an earlier NUTS edition, now FRL0")


def test_a_divided_former_code_is_not_read() -> None:
    assert suggestions("PT17") == (
        "PT17 was divided: name one of its successors",
        ("PT1A", "PT1B"),
    )


@pytest.mark.parametrize("code", ["UKM2", "UKD5", "DEE1", "ITC5", "ukm2", "NO01", "FRZ1"])
def test_a_code_of_long_ago_is_known_for_one(code: str) -> None:
    assert suggestions(code)[0] == f"{code.upper()} is not a code of NUTS 2024"


def test_an_unknown_code_is_not_read() -> None:
    assert suggestions("FI1D0") == ("FI1D0 is not a code of NUTS 2024", ("FI1D",))


@pytest.mark.parametrize(
    ("name", "codes"),
    [("Limburg", ("BE22", "NL42")), ("Luxembourg", ("LU0", "BE34")), ("Sud", ("ITF", "FRL0"))],
)
def test_a_name_of_several_regions_is_not_read(name: str, codes: tuple[str, ...]) -> None:
    assert suggestions(name) == ("several regions have this name: state the country", codes)


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("Limburg (NL)", "NL42"),
        ("Limburg (BEL)", "BE22"),
        ("Limburg, Belgium", "BE22"),
        ("Luxembourg (BE)", "BE34"),
        ("Luxembourg (LUX)", "LU0"),
        ("Sud (FRA)", "FRL0"),
        ("Sud (ITA)", "ITF"),
    ],
)
def test_the_country_decides_between_regions_of_one_name(written: str, code: str) -> None:
    assert one(written) == (code, None)


def test_countries_in_a_row_do_not_become_each_others_regions() -> None:
    reading = read_regions("Luxembourg, Belgium, Germany")

    assert reading.codes == ("BE", "DE")
    assert [fragment.text for fragment in reading.unread] == ["Luxembourg"]


def test_a_direction_alone_needs_its_country() -> None:
    assert suggestions("Norte") == ("this name needs its country beside it", ("PT11",))


def test_a_contradicted_name_is_not_read() -> None:
    assert suggestions("Bavaria (FRA)") == ("the name and the country contradict each other", ("DE2",))


def test_an_unknown_name_is_not_read() -> None:
    why, _ = suggestions("Atlantis")

    assert why == "no region has this name"


def test_a_country_without_a_region_is_not_read() -> None:
    assert suggestions("(FRA)") == ("a country without a region", ("FR",))


def test_marks_without_a_word_are_not_read() -> None:
    assert suggestions("---") == ("it holds no word", ())


def test_nothing_gives_nothing() -> None:
    assert read_regions(" \n, ") == RegionReading((), ())


def test_a_misspelt_name_is_guessed() -> None:
    assert one("Uper Bavaria") == ("DE21", "spelt almost like a name of Oberbayern (96% alike)")


def test_a_name_near_to_two_regions_is_not_guessed() -> None:
    assert suggestions("East Transdanubia") == ("no region has this name", ("HU22", "HU23", "HU2"))


def test_a_country_code_alone_is_a_guess() -> None:
    assert one("FR") == ("FR", "country code standing alone, taken for the whole country")


def test_names_without_separators_are_guesses() -> None:
    reading = read_regions("Navarra Emilia-Romagna Lombardy")

    assert reading.codes == ("ES22", "ITH5", "ITC4")
    assert {region.guessed for region in reading.read} == {"nothing separates it from what stands beside it"}


def test_a_region_in_a_longer_text_is_a_guess_and_the_rest_unread() -> None:
    reading = read_regions("Atlantis Lombardy (ITA)")

    assert [(region.code, region.guessed) for region in reading.read] == [
        ("ITC4", "nothing separates it from what stands beside it")
    ]
    assert [fragment.text for fragment in reading.unread] == ["Atlantis"]


def test_a_repeated_region_is_read_twice_and_counted_once() -> None:
    reading = read_regions("Bavaria, Bayern")

    assert ([region.spelling for region in reading.read], reading.codes) == (["Bavaria", "Bayern"], ("DE2",))


NAMES = st.sampled_from(
    ["Bavaria Limburg Lapland", "Upper Silesia", "Sud/PACA", "Halle (Saale)", "FI1D7", "Atlantis", "FR"]
)
MARKS = st.sampled_from([" ", "\n", ", ", "; ", " (FRA) ", " (GER)\n", " - ", " and ", "\n\n", "((", ") ", ": "])


@given(st.lists(st.one_of(NAMES, MARKS, st.text(max_size=6)), max_size=12).map("".join))
@example("½ ª ﬁ")
@example("(FRA) (FRA), and")
def test_every_character_belongs_to_exactly_one_fragment(text: str) -> None:
    reading = read_regions(text)

    owners = [0] * len(text)
    for position in [region.position for region in reading.read] + [part.position for part in reading.unread]:
        for at in range(position.start, position.end):
            owners[at] += 1
    assert {count for count, char in zip(owners, text, strict=True) if not is_separator(char)} <= {1}
    assert max(owners, default=0) <= 1


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("N. Ireland", ("UKN0",)),
        ("N Ireland; Ireland", ("UKN0", "IE0")),
        ("North Ireland", ("UKN0",)),
        ("Ireland (Northern)", ("UKN0",)),
        ("Ireland (Southern)", ("IE05",)),
        ("GR30", ("EL30",)),
        ("EL12, EL21", ("EL52", "EL54")),
        ("FYROM", ("MK0",)),
        ("ES 51", ("ES51",)),
        ("PL.22, FI 1D7", ("PL22", "FI1D7")),
        ("GB-UKM8", ("UKM8",)),
        ("Luxembourg (province)", ("BE34",)),
        ("Śląskie (lead)", ("PL22",)),
        ("Śląskie – co-lead; Aragón", ("PL22", "ES24")),
        ("Piemonte (coordinator), Lapland (FI)", ("ITC1", "FI1D7")),
        ("Lead: Piemonte", ("ITC1",)),
    ],
)
def test_a_region_is_never_taken_for_another_countrys(text: str, codes: tuple[str, ...]) -> None:
    reading = read_regions(text)

    assert (reading.codes, reading.unread) == (codes, ())


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Continental Croatia", ["HR02", "HR05", "HR06"]),
        ("Kontinentalna Hrvatska", ["HR02", "HR05", "HR06"]),
        ("Sofia (BG)", ["BG411", "BG412"]),
    ],
)
def test_what_may_be_several_regions_of_one_country_asks_for_one_of_them(text: str, meant: list[str]) -> None:
    (unread,) = read_regions(text).unread

    assert unread.why == "several regions of this country have this name: name one of them, or give its code"
    assert [unit.code for unit in unread.nearest] == meant
