"""What a page costs at 100, 1,000 and 10,000 collaborations, beside a bare list of the same rows; and a first visit.

The bare one is that of `test_lists.py`: it answers JSON, and knows no right, no task and no language.
"""

import re
from contextlib import ExitStack
from functools import partial
from statistics import median
from time import perf_counter

import httpx
import pytest

from states.credentials.sessions import start_session
from states.partners.queries import holders
from states.rights.access import Role
from states.storage import begin, engine
from tests.bench.serving import BARE, OURS, served
from tests.bench.test_lists import SIZES, TIMES, _begin, _get, _grow

pytestmark = [pytest.mark.bench, pytest.mark.usefixtures("installation")]

PAGES = ("/", "/cases", "/cases?view=table", "/search?q=centre", "/cases/{case}", "/cases/{case}/moves")
WHO = (Role.PROJECT_MANAGER, Role.IAG_MEMBER, Role.PARTNER)
_LOADED = re.compile(r'(?:href|src)="(/static/[^"]+)"')


def test_a_page_beside_a_bare_list() -> None:
    with begin() as session:
        rows, _ = _begin(session)
        case = rows[0].id
        grants = {role: holders(session, rows[0].partnership_id, role)[0].grant for role in WHO}
        cookies = {role: start_session(session, grant) for role, grant in grants.items()}
    have, found = len(rows), {}
    with ExitStack() as stack:
        ours, bare = (
            stack.enter_context(httpx.Client(base_url=stack.enter_context(served(factory)), timeout=120))
            for factory in (OURS, BARE)
        )
        for size in SIZES:
            _grow(rows, have=have, to=size)
            have = size
            for path in PAGES:
                for role in WHO:
                    address = path.format(case=case)
                    ways = [partial(_read, ours, address, cookies[role]), partial(_get, bare, "/collaborations")]
                    turns = [[way() for way in ways] for _ in range(TIMES + 1)]
                    found[path, role, size] = [median(times[1:]) for times in zip(*turns, strict=True)]
    print(f"\nA page ({engine().dialect.name}; milliseconds, and times a bare list) of {SIZES}:")
    for path in PAGES:
        for role in WHO:
            measured = [found[path, role, size] for size in SIZES]
            told = "".join(f"{mine * 1e3:8.0f} ({mine / plain:5.1f})" for mine, plain in measured)
            print(f"  {path:<22} {role.value:<16}{told}")


def _read(client: httpx.Client, path: str, cookie: str) -> float:
    began = perf_counter()
    answer = client.get(path, headers={"Cookie": f"bankable_session={cookie}", "Accept": "text/html"})
    seconds = perf_counter() - began
    assert answer.status_code in (200, 403), answer.text[:300]
    return seconds


def test_the_bytes_of_a_first_visit() -> None:
    with begin() as session:
        rows, _ = _begin(session)
        [holder, *_] = holders(session, rows[0].partnership_id, Role.PROJECT_MANAGER)
        cookie = start_session(session, holder.grant)
    with served(OURS) as address, httpx.Client(base_url=address, timeout=120) as client:
        page = client.get("/", headers={"Cookie": f"bankable_session={cookie}"}).text
        loaded = dict.fromkeys(_LOADED.findall(page))
        style = client.get(next(one for one in loaded if one.endswith(".css"))).text
        fonts = [one for one in re.findall(r"url\((/static/[^)]+)\)", style) if "latin" in one]
        sizes = {one.rpartition("/")[2]: len(client.get(one).content) for one in [*loaded, *dict.fromkeys(fonts)]}
    sizes["the page itself"] = len(page.encode())
    print(f"\nA first visit: {sum(sizes.values()) / 1024:.0f} KiB: {sizes}")
