"""What printing costs: the proposal in a warm process beside a warm Chromium that prints the same HTML, and documents a
minute by one process and by two."""

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from io import BytesIO
from multiprocessing import get_context
from pathlib import Path
from statistics import median

import pytest
from playwright.sync_api import Page, sync_playwright
from pypdf import PdfReader

from documents.assets import AssetFetcher
from documents.catalogue import PAPERS
from documents.files import HOUSE
from documents.meta import DocumentContext
from documents.portfolio.context import Group, PortfolioContext, Sums
from documents.render import html, render
from states.archive.tables import DocumentKind

pytestmark = pytest.mark.bench

PROPOSAL = DocumentKind.PROPOSAL
ROUNDS, DOCUMENTS = 7, 40
_ASSET = re.compile(r"asset://([\w./-]+)")


def sample(kind: DocumentKind) -> DocumentContext:
    paper = PAPERS[kind]
    return paper.context.model_validate_json((HOUSE / paper.folder / paper.sample).read_text("utf-8"))


@pytest.fixture
def page() -> Iterator[Page]:
    """A warm page of the machine's Chromium."""
    found = next((one for one in map(shutil.which, ("chromium", "chromium-browser", "google-chrome")) if one), None)
    if found is None:
        pytest.skip("no Chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield browser.new_page()
        browser.close()


def on_disk(written: str, folder: Path) -> Path:
    """Write a page with all that it loads where a browser can read it."""
    waiting, known = [written], set[str]()
    fetcher = AssetFetcher()
    while waiting:
        for name in set(_ASSET.findall(waiting.pop())) - known:
            known.add(name)
            content = fetcher.fetch(f"asset://{name}").read()
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if name.endswith(".css"):
                waiting.append(content.decode())
                content = _ASSET.sub(lambda found: (folder / found[1]).as_uri(), content.decode()).encode()
            file.write_bytes(content)
    target = folder / "page.html"
    target.write_text(_ASSET.sub(lambda found: (folder / found[1]).as_uri(), written), encoding="utf-8")
    return target


def processor(*, children: bool) -> float:
    """Return the processor time of this process so far, or of those that it started, in seconds."""
    if not children:
        return time.process_time()
    ticks, waiting = 0, [os.getpid()]
    while waiting:
        tasks = Path(f"/proc/{waiting.pop()}/task")
        found = {int(child) for task in tasks.iterdir() for child in (task / "children").read_text("ascii").split()}
        for child in found:
            user, system = Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[11:13]
            ticks += int(user) + int(system)
        waiting += found
    return ticks / os.sysconf("SC_CLK_TCK")


def processor_time(action: Callable[[], object], *, children: bool) -> float:
    began = processor(children=children)
    action()
    return processor(children=children) - began


def seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def test_the_proposal_beside_chromium(page: Page, tmp_path: Path) -> None:
    context = sample(PROPOSAL)
    address = on_disk(html(PROPOSAL, context, with_contents=True), tmp_path).as_uri()

    def print_it() -> bytes:
        page.goto(address)
        return page.pdf(prefer_css_page_size=True, tagged=True, outline=True)

    render(PROPOSAL, context)
    print_it()
    pairs = [(seconds(lambda: render(PROPOSAL, context)), seconds(print_it)) for _ in range(ROUNDS)]

    ratios = [ours / theirs for ours, theirs in pairs]
    ours, theirs = (median(column) for column in zip(*pairs, strict=True))
    print(f"\nproposal: {ours:.2f} s, Chromium {theirs:.2f} s, ratio {median(ratios):.2f} ({min(ratios):.2f} at least)")

    # On a machine that does something else, too, this ratio stays what it is.
    works = [
        (
            processor_time(lambda: render(PROPOSAL, context), children=False),
            processor_time(print_it, children=True),
        )
        for _ in range(ROUNDS)
    ]
    ours, theirs = (median(column) for column in zip(*works, strict=True))
    print(f"processor time: {ours:.2f} s, Chromium's processes {theirs:.2f} s, ratio {ours / theirs:.2f}")


def _print(number: int) -> int:
    kinds = list(PAPERS)
    kind = kinds[number % len(kinds)]
    return len(render(kind, sample(kind)))


@pytest.mark.parametrize("workers", [1, 2])
def test_documents_a_minute(workers: int) -> None:
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        list(pool.map(_print, range(workers * len(PAPERS))))  # warm
        took = seconds(lambda: list(pool.map(_print, range(DOCUMENTS))))

    print(f"\n{workers} workers: {60 * DOCUMENTS / took:.0f} documents a minute")


def portfolio(cases: int) -> PortfolioContext:
    """Return a book of so many cases, each like one of the sample."""
    made = PortfolioContext.model_validate(sample(DocumentKind.PORTFOLIO).model_dump())
    [planned] = [case for case in made.cases if case.plan]
    many = tuple(planned.model_copy(update={"number": number}) for number in range(1, cases + 1))
    total = sum((case.sums for case in many), Sums())
    group = Group(title=planned.stage, cases=cases, sums=total)
    rows = {"cases": many, "total": total, "stages": (group,), "regions": (group,)}
    return PortfolioContext(**{**dict(made), **rows})


def test_a_portfolio_grows_with_its_cases() -> None:
    books = {cases: portfolio(cases) for cases in (25, 50, 100)}
    render(DocumentKind.PORTFOLIO, books[25])
    took, pages = dict[int, float](), dict[int, int]()
    for cases, book in books.items():
        began = time.process_time()
        content = render(DocumentKind.PORTFOLIO, book)
        took[cases] = time.process_time() - began
        pages[cases] = len(PdfReader(BytesIO(content)).pages)

    each = {cases: took[cases] / pages[cases] for cases in books}
    told = ", ".join(f"{cases} cases {took[cases]:.1f} s on {pages[cases]} pages" for cases in books)
    print(f"\nportfolio: {told}; a page of 100 costs {each[100] / each[25]:.2f} times one of 25")
