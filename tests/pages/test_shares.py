"""A paper is shared in a browser with somebody outside: read by a link, counted, ended; older editions open too."""

import re
from pathlib import Path

import pytest

from states.archive.codes import Stamp
from states.archive.service import Rendered, record_document
from states.archive.store import keep_bytes
from states.archive.tables import DocumentClass, DocumentKind
from tests.api.house import PARTNER
from tests.factories import PRINTING, World
from tests.pages.house import Reader, a_page_house, said_on

pytestmark = pytest.mark.parametrize("installation", ["sqlite"], indirect=True)


def two_editions(world: World) -> list[str]:
    made = []
    for content, code in ((b"%PDF the first", "A" * 10), (b"%PDF the second", "B" * 10)):
        keep_bytes(content)
        stamp = Stamp(code, f"https://bankable.example/verify/{code}")
        kind, level = DocumentKind.PROPOSAL, DocumentClass.CONFIDENTIAL
        paper = Rendered(kind, level, "Centre", "s", content.decode(), content, PRINTING, stamp=stamp)
        made.append(record_document(world.session, paper, partnership_id=world.partnership.id).id)
    return made


def test_a_paper_is_read_by_its_link_until_it_is_ended(installation: Path) -> None:
    house, (_, key) = a_page_house(two_editions)
    manager, bank, path = house.manager, Reader(), f"/documents/{key}/shares"

    lacking = manager.send(path, {"days": "many", "recipient": "Banca Alpina"})
    made = manager.send(path, {"days": "30", "recipient": "Banca Alpina"})
    found = re.search(r'value="[^"]*(/links/share/[^"]+)"', made.text)
    assert found is not None
    shown, file = bank.read(found[1]), bank.get(f"{found[1]}/content")
    ending = re.search(rf'action="({path}/[^"]+/end)"', manager.read(path))
    assert ending is not None
    manager.send(ending[1], page=path, follow=True)

    assert (lacking.status_code, 'value="Banca Alpina"' in lacking.text) == (422, True)
    assert "shares this paper with Banca Alpina" in said_on(shown)
    assert (file.status_code, file.content) == (200, b"%PDF the second")
    assert (bank.get(found[1]).status_code, bank.get(f"{found[1]}/content").status_code) == (410, 410)
    assert house.by(PARTNER).get(path).status_code == 403


def test_each_edition_is_read_whether_or_not_another_has_replaced_it(installation: Path) -> None:
    house, keys = a_page_house(two_editions)

    contents = [house.by("administrator").get(f"/documents/{key}/content") for key in keys]

    assert [(one.status_code, one.content) for one in contents] == [
        (200, b"%PDF the first"),
        (200, b"%PDF the second"),
    ]
