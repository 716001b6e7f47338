"""A protocol taken out over HTTP as a workbook, edited as somebody would, and brought in again."""

import io
from collections.abc import Callable

import httpx
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from tests.api.house import Caller

Edit = Callable[[Workbook], object]


def taken_out(caller: Caller, path: str, query: str = "") -> bytes:
    """Return the file of a protocol."""
    answer = caller.get(f"{path}/protocol/file{query}")
    assert answer.status_code == 200, answer.text
    return answer.content


def edited(data: bytes, edit: Edit) -> bytes:
    """Return a workbook after an edit."""
    book = load_workbook(io.BytesIO(data))
    edit(book)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def row_of(page: Worksheet, key: str) -> int:
    """Return the first row of a sheet with this key in its hidden column."""
    return next(number for number in range(1, page.max_row + 1) if page.cell(number, 1).value == key)


def say(key: str, text: object, *, column: int = 3, below: int = 0):  # type: ignore[no-untyped-def]
    """Return the edit that writes a text beside a field's key, or into a row below it."""

    def edit(book: Workbook) -> None:
        page = next(page for page in book.worksheets if page["A1"].value == key.partition(".")[0])
        page.cell(row_of(page, key) + below, column).value = text  # type: ignore[assignment]

    return edit


def brought_in(
    caller: Caller, path: str, data: bytes, *, dry_run: bool = False, version: int | None = None, query: str = ""
) -> httpx.Response:
    """Send a file; without a version it is tried first, and that one's is sent along."""
    url = f"/api/v1{path}/protocol/imports?dry_run={str(dry_run).lower()}{query}"
    headers = {**caller.headers, "Content-Type": "application/octet-stream"}
    if not dry_run and version is None:
        tried = brought_in(caller, path, data, dry_run=True, query=query)
        if tried.status_code != 200:
            return tried
        version = tried.json()["version"]
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    answer: httpx.Response = caller.client.post(url, content=data, headers=headers)
    return answer
