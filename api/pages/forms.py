"""What a form of a page sends, read by the schemas of the API; and the way back to its page where something is wrong.

A form that fails is never lost: the page it came from is shown again with every fault on top and what was typed in
its fields. A page does nothing for it but draw its fields with the macros of `form.html`.
"""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, BinaryIO, TypeVar

from fastapi import Depends, Request
from fastapi.exceptions import RequestValidationError
from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile

from api.http.conditional import Answer
from api.http.schemas import AS_TYPED
from api.pages.signing import need_own_form, own_path

Said = TypeVar("Said", bound=BaseModel)

_MOST_FIELDS, _MOST_FILES = 20_000, 20  # a table of a thousand rows has a field for each cell
_STEP = re.compile(r"[^.]+")
_KEPT_BY_THE_FORM = frozenset({"form_token", "form_page", "version"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What somebody typed: every field in its order, `page` to go back to, `version` of what was read."""

    fields: tuple[tuple[str, str], ...] = ()
    files: tuple[tuple[str, BinaryIO, str], ...] = field(default=(), repr=False)

    def get(self, name: str, otherwise: str = "") -> str:
        """Return the last value of a field."""
        return next((value for known, value in reversed(self.fields) if known == name), otherwise)

    def all(self, name: str) -> list[str]:
        """Return every value of a field that may be sent several times."""
        return [value for known, value in self.fields if known == name]

    def __contains__(self, name: object) -> bool:
        return any(known == name for known, _ in self.fields)

    @property
    def page(self) -> str:
        return self.get("form_page")

    @property
    def version(self) -> int | None:
        """The version that the page was made from: what a request says as If-Match."""
        text = self.get("version")
        return int(text) if text.isdecimal() and len(text) < 10 else None

    def values(self, *, lists: tuple[str, ...] = (), keep_empty: tuple[str, ...] = ()) -> dict[str, Any]:
        """Return the fields as JSON has them: `rows.0.title` lies in a list, an empty field is left out.

        `lists` are fields of which each value counts; `keep_empty` are those that an empty value takes away (null).
        """
        found: dict[str, Any] = {}
        for name, value in self.fields:
            if name in _KEPT_BY_THE_FORM or (value == "" and name not in keep_empty):
                continue
            if name in lists:
                found.setdefault(name, []).append(value)
            else:
                _put(found, _STEP.findall(name), value if value != "" else None)
        return {name: _listed(part) for name, part in found.items()}

    def read(
        self,
        schema: type[Said],
        *,
        lists: tuple[str, ...] = (),
        keep_empty: tuple[str, ...] = (),
        **fixed: object,
    ) -> Said:
        """Return what was typed as the schema of a request has it; raise with every fault. `fixed` was not typed."""
        values = self.values(lists=lists, keep_empty=keep_empty)
        known = {name: value for name, value in values.items() if name in _names_of(schema)}
        return read_as(schema, {**known, **fixed})


def read_as(schema: type[Said], values: Mapping[str, object]) -> Said:
    """Return values as the schema of a request has them; raise with every fault, as a request does."""
    try:
        return schema.model_validate(values, context=AS_TYPED)
    except ValidationError as error:
        faults = [{**one, "loc": ("body", *one["loc"])} for one in error.errors()]
        raise RequestValidationError(faults, body=dict(values)) from None


def _names_of(schema: type[BaseModel]) -> set[str]:
    return {one.alias or name for name, one in schema.model_fields.items()} | set(schema.model_fields)


def _put(into: dict[str, Any], steps: list[str], value: object) -> None:
    *way, last = steps
    for step in way:
        inner = into.setdefault(step, {})
        if not isinstance(inner, dict):
            return
        into = inner
    into[last] = value


def _listed(value: Any) -> Any:
    """Return what has numbers for names as a list."""
    if not isinstance(value, dict):
        return value
    parts = {name: _listed(part) for name, part in value.items()}
    if parts and all(name.isdecimal() for name in parts):
        return [parts[name] for name in sorted(parts, key=int)]
    return parts


async def read_form(request: Request) -> AsyncIterator[Typed]:
    """Yield the form of a request, or raise `FormForeign` for one that is not of a page of ours.

    Its files are streamed to the disk, and gone after the page's function.
    """
    async with request.form(max_fields=_MOST_FIELDS, max_files=_MOST_FILES) as sent:
        parts = sent.multi_items()
        fields = tuple((name, value.replace("\r\n", "\n")) for name, value in parts if isinstance(value, str))
        files = tuple(
            (name, value.file, value.filename or "")
            for name, value in parts
            if isinstance(value, UploadFile) and value.filename
        )
        typed = Typed(fields, files)
        request.state.typed = typed
        request.state.read_version = typed.version
        need_own_form(request, dict(fields))
        yield typed


# Named before anything that takes a connection: a form of another site never does.
Form = Annotated[Typed, Depends(read_form, scope="function")]
OWN_FORM = Depends(read_form, scope="function")  # of a form that says nothing but that it was sent


def page_of_form(request: Request) -> str:
    """Return the page that a form came from: its own address where it names none."""
    typed: Typed | None = getattr(request.state, "typed", None)
    return own_path(typed.page if typed else None, request.url.path)


class Unanswered(Answer):
    """The headers of an answer that nobody reads: a page says what became of it by where it leads."""

    def __init__(self) -> None:
        pass

    def tag(self, version: int | str) -> None:
        """Send nothing."""

    def is_known(self, version: int | str) -> bool:
        """Tell that the browser holds nothing."""
        return False

    def created(self, route: str, **parameters: str | int) -> None:
        """Send nothing."""


UNANSWERED = Unanswered()
