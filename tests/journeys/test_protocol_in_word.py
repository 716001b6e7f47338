"""A partner edits the protocol in Word while the lead edits it over the API; both are kept, and a conflict is named."""

import io
from pathlib import Path

import pytest
from docx import Document
from docx.document import Document as DocumentObject

from tests.api.house import MANAGER, OBSERVER, PARTNER, House, a_house, problem
from tests.api.protocol_files import brought_in, taken_out
from tests.api.two_partners import OTHER, speak_for_marseille
from tests.factories import a_collaboration

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)

GLIWICE = {"organisation": "gliwice", "role": "leads", "nuts": "PL229", "commitment": "cash"}
MARSEILLE = {"organisation": "marseille", "role": "tests", "nuts": "FRL04", "commitment": "staff"}
ABSTRACT = "A bench for tests of hip stems."


@pytest.fixture
def furnished(installation: Path) -> tuple[House, str]:
    house, (token, path) = a_house(
        lambda world: (speak_for_marseille(world), f"/collaborations/{a_collaboration(world).id}")
    )
    house.tokens[OTHER] = token
    lead = house.by(PARTNER)
    lead.put(f"{path}/protocol/sections/partners", {"content": {"roles": [GLIWICE, MARSEILLE]}}, version=0)
    content = {"acronym": "BIOCOMP", "abstract": ABSTRACT}
    lead.put(f"{path}/protocol/sections/identity", {"content": content}, version=0)
    return house, path


def written(document: DocumentObject) -> bytes:
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def with_commitment(data: bytes, commitment: str) -> bytes:
    """Return the document after the partner in Marseille has changed what it brings in."""
    document = Document(io.BytesIO(data))
    [row] = [row for table in document.tables for row in table.rows if row.cells[0].text == "marseille"]
    row.cells[3].paragraphs[0].runs[0].text = commitment
    return written(document)


def with_abstract(data: bytes, text: str) -> bytes:
    document = Document(io.BytesIO(data))
    next(one for one in document.paragraphs if one.text == ABSTRACT).runs[0].text = text
    return written(document)


def test_a_partner_edits_in_word_while_the_lead_edits(furnished: tuple[House, str]) -> None:
    house, path = furnished
    partner, lead = house.by(OTHER), house.by(PARTNER)
    roles = f"{path}/protocol/sections/partners"
    out = taken_out(partner, path, "?format=docx")
    assert brought_in(partner, path, out).json()["sections"] == []
    mine = with_commitment(out, "staff and cash")
    lead.put(roles, {"content": {"roles": [GLIWICE | {"role": "leads and builds"}, MARSEILLE]}}, version=1)

    done = brought_in(partner, path, mine)

    assert (done.status_code, done.json()["conflicts"]) == (200, [])
    both = [GLIWICE | {"role": "leads and builds"}, MARSEILLE | {"commitment": "staff and cash"}]
    assert lead.get(roles).json()["content"]["roles"] == both
    [newest, *_] = house.manager.get(f"{path}/changes?noun=section_draft&field=content").json()["items"]
    assert (newest["author"]["role"], newest["author"]["organisation"]) == ("partner", "marseille")


def test_what_the_partner_may_not_write_is_named_and_nothing_is_taken(furnished: tuple[House, str]) -> None:
    house, path = furnished
    out = taken_out(house.by(OTHER), path, "?format=docx")
    both = with_abstract(with_commitment(out, "cash"), "Another bench.")

    refused = brought_in(house.by(OTHER), path, both)
    observed = brought_in(house.by(OBSERVER), path, both)

    assert problem(refused) == (403, "part_of_another")
    [fault] = refused.json()["faults"]
    assert (fault["place"], "gliwice" in fault["message"]) == ("heading Abstract (Identity)", True)
    assert problem(observed) == (403, "denied")
    assert house.manager.get(f"{path}/protocol/sections/partners").json()["content"]["roles"] == [GLIWICE, MARSEILLE]


def test_a_conflict_is_named_with_what_both_wrote(furnished: tuple[House, str]) -> None:
    house, path = furnished
    lead, manager = house.by(PARTNER), house.by(MANAGER)
    mine = with_abstract(taken_out(lead, path, "?format=docx"), "A bench for knees.")
    identity = f"{path}/protocol/sections/identity"
    manager.put(identity, {"content": {"abstract": "A bench for tests of shoulders."}}, version=1)

    refused = brought_in(lead, path, mine)
    settled = brought_in(lead, path, mine, query="&conflicts=yours")

    [conflict] = refused.json()["conflicts"]
    assert (problem(refused), conflict["place"]) == ((412, "protocol_touched"), "identity.abstract")
    assert (conflict["yours"], conflict["theirs"]) == ("A bench for knees.", "A bench for tests of shoulders.")
    assert settled.status_code == 200
    assert lead.get(identity).json()["content"]["abstract"] == "A bench for knees."


def test_the_offices_template_is_laid_over(furnished: tuple[House, str]) -> None:
    house, path = furnished
    template = Document()
    template.sections[0].footer.paragraphs[0].text = "Office of the partnership"
    headers = house.manager.headers | {"Content-Type": "application/octet-stream"}

    answer = house.client.post(f"/api/v1{path}/protocol/file", content=written(template), headers=headers)

    found = Document(io.BytesIO(answer.content))
    assert found.sections[0].footer.paragraphs[0].text == "Office of the partnership"
    assert brought_in(house.manager, path, answer.content).json()["sections"] == []
