"""By what a document is printed here: digests of its template and the fonts, and the renderer with its versions.

The same files and libraries give the same answer on every machine: no path, no time, no order of a folder is in it.
Nothing is read before somebody asks, and then once in a process.
"""

import ctypes
import sys
import zlib
from collections.abc import Iterator, Mapping
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import get_args

from babel.messages.catalog import Catalog
from jinja2 import Environment, FileSystemLoader
from jinja2.meta import find_referenced_templates
from pydantic import BaseModel

from documents.catalogue import PAPERS, Paper
from documents.files import HOUSE
from documents.fonts import FONTS, font
from documents.languages import FILES
from states.archive.editions import Printing
from states.archive.tables import DocumentKind
from states.errors import BankableError
from states.texts.text import SOURCE

# What decides over the bytes beside the house's own code.
_RENDERER = ("weasyprint", "pydyf", "tinycss2", "tinyhtml5", "cssselect2", "pyphen", "jinja2")
_LIBRARIES = (*_RENDERER, "fonttools", "uharfbuzz", "openpyxl", "segno", "babel")
_NATIVE = {
    "Pango": ("pango_version_string", ("libpango-1.0.so.0", "libpango-1.0.dylib")),
    "HarfBuzz": ("hb_version_string", ("libharfbuzz.so.0", "libharfbuzz.dylib")),
}
_LAYOUT = (
    "assets.py",
    "characters.py",
    "charts.py",
    "conformance.py",
    "data.py",
    "drawing.py",
    "formats.py",
    "imprint.py",
    "qr.py",
    "render.py",
    "words.py",
    "proposal/drawings.py",
)
_NAMES = "catalogue.py"
_SHARED = ("layout.html", "house.css")
_DRAWN = (".css", ".svg")


class RendererMissing(BankableError):
    """This machine cannot print: a library of the renderer is missing."""

    code = "renderer_missing"


@cache
def printing(kind: DocumentKind, language: str = SOURCE) -> Printing:
    """Return by what this machine prints documents of a kind in a language, or raise `RendererMissing`."""
    paper = PAPERS[kind]
    files: dict[str, Path | bytes] = {name: HOUSE / name for name in _templates(paper)}
    if language != SOURCE:
        files[f"locale/{language}"] = _texts(paper, language)
    return Printing(
        template=_digest(files),
        fonts=_fonts(),
        renderer=f"Bankable layout {_digest({_name(file): file for file in _code(paper)})[:12]}, {_libraries()}",
    )


def _digest(files: Mapping[str, Path | bytes]) -> str:
    """Return one digest of files by their names: of each its name, its length and its bytes."""
    whole = sha256()
    for name in sorted(files):
        file = files[name]
        content = file.read_bytes() if isinstance(file, Path) else file
        whole.update(f"{name}\0{len(content)}\0".encode())
        whole.update(content)
    return whole.hexdigest()


@cache
def _fonts() -> str:
    return _digest({name: font(name) for name in FONTS})


def _templates(paper: Paper) -> set[str]:
    """Return the template, all that it includes, and the style sheets and drawings of its folder."""
    loader = FileSystemLoader(HOUSE)
    environment = Environment(loader=loader, autoescape=True)
    found: set[str] = set()
    waiting = {*_SHARED, f"{paper.folder}/{paper.template}"}
    waiting |= {f"{paper.folder}/{file.name}" for file in (HOUSE / paper.folder).iterdir() if file.suffix in _DRAWN}
    while waiting:
        name = waiting.pop()
        found.add(name)
        if name.endswith(".html"):
            source, _, _ = loader.get_source(environment, name)
            named = find_referenced_templates(environment.parse(source))
            waiting |= {one for one in named if one is not None} - found
    return found


def _texts(paper: Paper, language: str) -> bytes:
    """Return what the templates and the code of a paper say in a language."""
    places = {*_templates(paper), *map(_name, _code(paper)), _NAMES}
    texts = (one for one in _catalogue(language) if any(file in places for file, _ in one.locations))
    return repr([(one.context, one.id, one.string) for one in texts]).encode()


@cache
def _catalogue(language: str) -> Catalog:
    return FILES.read(language)


def _name(file: Path) -> str:
    return file.relative_to(HOUSE).as_posix()


def _code(paper: Paper) -> list[Path]:
    """Return the house's own code that decides over the bytes: also what a context computes."""
    computing = {str(sys.modules[model.__module__].__file__) for model in _models(paper.context)}
    return [*(HOUSE / name for name in _LAYOUT), *map(Path, sorted(computing))]


def _models(context: type[BaseModel]) -> set[type[BaseModel]]:
    """Return a context's model, those that it is derived from, and those of its fields."""
    found: set[type[BaseModel]] = set()
    waiting = [context]
    while waiting:
        model = waiting.pop()
        if model in found:
            continue
        found.add(model)
        waiting += [one for one in model.__bases__ if issubclass(one, BaseModel) and one is not BaseModel]
        for field in model.model_fields.values():
            waiting += _models_in(field.annotation)
    return found


def _models_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models_in(part)


@cache
def _libraries() -> str:
    named = [f"{name} {version(name)}" for name in _LIBRARIES]
    native = [f"{name} {_native(name, function, files)}" for name, (function, files) in _NATIVE.items()]
    return ", ".join([*named, *native, f"zlib {zlib.ZLIB_RUNTIME_VERSION}"])


def _native(name: str, function: str, files: tuple[str, ...]) -> str:
    """Ask a library for its version; importing WeasyPrint for it would take half a second."""
    for file in files:
        try:
            ask = getattr(ctypes.CDLL(file), function)
        except OSError:
            continue
        ask.restype = ctypes.c_char_p
        found: bytes = ask()
        return found.decode()
    raise RendererMissing("renderer_missing", library=name)
