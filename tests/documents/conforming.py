"""What a validator, qpdf and the structure of a file say against it; empty where nothing does."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import page
import pikepdf
from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

PROFILES = ("ua1", "3a")


def faults_of(content: bytes) -> list[str]:
    """Return what speaks against a file in both profiles and in its syntax."""
    found = [
        f"{profile}: {failure.rule_id} {failure.message}"
        for profile in PROFILES
        for failure in page.validate_pdf_bytes(content, profile=profile).failures
    ]
    with pikepdf.open(BytesIO(content)) as pdf:
        return found + pdf.check_pdf_syntax()


def elements(reader: PdfReader) -> Iterator[Any]:
    """Yield every structure element in reading order."""

    def walk(node: object) -> Iterator[Any]:
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, ArrayObject):
            for child in node:
                yield from walk(child)
        elif isinstance(node, DictionaryObject) and node.get("/Type") != "/OBJR":
            yield node
            yield from walk(node.get("/K"))

    catalog: Any = reader.root_object
    yield from walk(catalog["/StructTreeRoot"]["/K"])
