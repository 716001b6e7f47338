"""In which encoding a table was written: found out where it is certain, said where it is not, never guessed."""

import pytest

from states.packages import FileInvalid
from states.workbook.encodings import decoded
from states.workbook.files import read_file

HEAD = "slug;name;nuts\r\n"


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("cp1250", "lodz;Łódzki Klaster Medyczny;PL711"),
        ("cp1250", "brno;Příkladná společnost s ručením omezeným;CZ064"),
        ("cp1250", "pecs;Őrségi Műszer Kft.;HU231"),
        ("cp1250", "iasi;Centrul de Cercetări Ştiinţifice;RO213"),
        ("cp1250", "lj;Družba za čiščenje;SI041"),
        ("cp1250", "zg;Tvrtka za građu i šećer;HR050"),
        ("cp1250", "ba;Spoločnosť s ručením;SK010"),
        ("cp1251", "sofia;Софийски клъстер;BG411"),
        ("cp1251", "beograd;Кластер Србије;RS110"),
        ("cp1253", "athens;Κέντρο Άμεσης Έρευνας;EL303"),
        ("cp1254", "ankara;Geliştirme Bölgesi Şirketi;TR510"),
        ("cp1257", "riga;Rīgas Tehniskā universitāte;LV006"),
        ("cp1257", "vilnius;Vilniaus technologijų įmonė;LT011"),
        ("cp1257", "tartu;Tartu Ülikool, õppejõud;EE008"),
        ("cp1252", "saone;Société d'Orthèses de la Saône;FRK26"),
        ("cp1252", "koeln;Büro für Straßenbau – „Köln“;DEA23"),
        ("cp1252", "como;Società è più;ITC42"),
        ("cp1252", "paris;ÉCOLE NORMALE SUPÉRIEURE;FR101"),
        ("cp1252", "reykjavik;Háskóli Íslands, þjónusta;IS001"),
        ("iso8859-2", "lodz;Łódzki Klaster ąśćź;PL711"),
        ("iso8859-15", "lille;Cœur de France, à 30 €;FRE11"),
        ("mac-roman", "saone;Société d'Orthèses de la Saône;FRK26"),
        ("mac-roman", "koeln;Büro für Straßenbau;DEA23"),
        ("mac-latin2", "lodz;Łódzki Klaster Żyrardów;PL711"),
        ("cp850", "porto;Fundação São João;PT11A"),
        ("cp850", "aero;Lægemiddel Ærø;DK031"),
        ("cp852", "brno;Příkladná společnost;CZ064"),
        ("cp737", "athens;Κέντρο Έρευνας;EL303"),
        ("utf-8", "lodz;Łódzki;PL711"),
        ("utf-8-sig", "lodz;Łódzki;PL711"),
        ("utf-16", "lodz;Łódzki;PL711"),
        ("utf-16-le", "lodz;Łódzki Klaster;PL711"),
        ("utf-16-be", "lodz;Łódzki Klaster;PL711"),
        ("utf-32", "lodz;Łódzki;PL711"),
    ],
)
def test_a_table_is_read_as_it_was_written(encoding: str, line: str) -> None:
    text = f"{HEAD}{line}\r\n"

    assert decoded(text.encode(encoding), name="file.csv").removeprefix("\ufeff") == text


@pytest.mark.parametrize(
    ("where", "reads"),
    [
        ("FI193", "Jyväskylän Société"),  # one name of another country among many of its own
        ("DE212;de;Europe/Berlin", "Präzision"),
        ("office@praezision.de", "Präzision"),
        ("Deutschland", "Präzision"),
        ("Austria", "Österreichische Präzision"),
    ],
)
def test_whatever_tells_a_country_helps(where: str, reads: str) -> None:
    many = "".join(f"Yhdistys {number}, Pääkaupunki;FI193\n" for number in range(9)) if where == "FI193" else ""
    text = f"name;where\n{many}{reads};{where}\n"

    assert decoded(text.encode("cp1252"), name="file.csv") == text


@pytest.mark.parametrize(
    ("encoding", "line"),
    [
        ("cp1250", "Tvrtka Čičak"),
        ("cp1254", "Şirket"),
        ("cp1251", "българия;BG411"),
        ("cp1253", "κλάδος;GR"),
    ],
)
def test_what_is_not_certain_is_refused_with_each_reading(encoding: str, line: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        decoded(f"name\n{line}\n".encode(encoding), name="file.csv")

    faults = caught.value.faults
    assert {one.code for one in faults} == {"may_be_in_encoding"}
    assert len(faults) > 1
    assert {"encoding": encoding, "shown": line} in [dict(one.text.parameters) for one in faults]
    assert decoded(f"name\n{line}\n".encode(encoding), name="file.csv", encoding=encoding) == f"name\n{line}\n"


@pytest.mark.parametrize(
    ("data", "encoding", "code"),
    [
        (b"name\n\x81\x8d\x8f\x90\x9d\xff\xfe\n", "", "encoding_unknown"),
        (b"name\nn\xe4me\n", "utf-8", "not_in_encoding"),
        (b"name\n\x81\n", "cp1252", "not_in_encoding"),
        (b"name\n", "klingon", "no_known_encoding"),
        (b"name\n", "rot13", "no_known_encoding"),
        (b"name\n", "unicode_escape", "no_known_encoding"),
        (b"PK\x03\x04", "cp1250", "encoding_of_workbook"),
        ("name\nŁódź\n".encode("utf-16")[:-1], "", "encoding_unknown"),
    ],
)
def test_what_cannot_be_so_is_refused(data: bytes, encoding: str, code: str) -> None:
    with pytest.raises(FileInvalid) as caught:
        read_file(data, name="file.csv", encoding=encoding)

    assert [one.code for one in caught.value.faults] == [code]
    assert caught.value.faults[0].remedy != ""


@pytest.mark.parametrize(
    ("first", "between"),
    [
        ("sep=;", ";"),
        ("sep=,", ","),
        ("SEP=\t", "\t"),
        ('"sep=|"', "|"),
        ("sep=;;;", ";"),
        ("sep=^", "^"),
        ("Sep=~", "~"),
    ],
)
@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_first_line_that_tells_the_delimiter_is_no_row(first: str, between: str, end: str, encoding: str) -> None:
    rows = [["slug", "name", "kind", "nuts"], ["saone", "Saône", "sme", "FRK26"]]
    data = end.join([first, *(between.join(row) for row in rows), ""]).encode(encoding)

    (grid,) = read_file(data, name="organisations.csv")

    assert grid.cells == {number: dict(enumerate(row, start=1)) for number, row in enumerate(rows, start=2)}
