"""Forms with files: streamed to the disk, never held in memory, and read only once their sender is let in."""

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, BinaryIO, TypeVar

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException

from api.http.media_types import MediaTypeUnfit
from states.archive.absence import needing_the_store
from states.errors import Invalid

FORM = "multipart/form-data"
MOST_FILES, MOST_FIELDS = 20, 20

Said = TypeVar("Said", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class SentForm:
    """What a form says, by field, and its files with their names."""

    values: Mapping[str, str]
    files: list[tuple[BinaryIO, str]]

    def read(self, schema: type[Said]) -> Said:
        """Return what the form says as the schema has it; an empty field is one left out. Raise with every fault."""
        try:
            return schema.model_validate({name: value for name, value in self.values.items() if value})
        except ValidationError as error:
            faults = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
            raise RequestValidationError(faults, body=dict(self.values)) from None

    def need_files(self, most: int = MOST_FILES) -> list[tuple[BinaryIO, str]]:
        """Return the files, or raise where there is none, or there are too many."""
        if not 0 < len(self.files) <= most:
            raise _miscounted(most)
        return self.files


@asynccontextmanager
async def form_of(request: Request) -> AsyncIterator[SentForm]:
    """Yield what a request sends as a form; its files are gone after the block, and when the process dies."""
    kind = request.headers.get("Content-Type", "")
    if not kind.startswith(FORM):
        raise MediaTypeUnfit(known=FORM, sent=kind[:80])
    with needing_the_store(), _files_counted():
        sent = request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS)
        async with sent as form:
            parts = form.multi_items()
            files = [(one.file, one.filename or "") for _, one in parts if isinstance(one, UploadFile)]
            values = {name: one for name, one in parts if isinstance(one, str)}
            yield SentForm(values, files)


@contextmanager
def _files_counted() -> Iterator[None]:
    """Say of more files than a form may have what a form may have; Starlette's word for it names no field."""
    try:
        yield
    except HTTPException as error:
        if str(error.detail).startswith("Too many files"):
            raise _miscounted(MOST_FILES) from None
        raise


def _miscounted(most: int) -> Invalid:
    return Invalid("files_miscounted", field="file", remedy="send_so_many_files", most=most)


def body_of(schema: type[BaseModel], *, several: bool) -> dict[str, Any]:
    """Describe such a form for OpenAPI: the fields of the schema, and its files."""
    described = json.loads(json.dumps(schema.model_json_schema(ref_template="#/components/schemas/{model}")))
    for left_out in ("title", "$defs"):  # the routes' answers describe what is referred to
        described.pop(left_out, None)
    examples = described.pop("examples", [])
    file: dict[str, Any] = {"type": "string", "format": "binary"}
    described["properties"]["file"] = {"type": "array", "items": file} if several else file
    described["required"] = [*described.get("required", []), "file"]
    content: dict[str, Any] = {"schema": described}
    if examples:
        content["example"] = examples[0]
    return {"requestBody": {"required": True, "content": {FORM: content}}}
