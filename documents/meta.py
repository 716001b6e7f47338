"""What every document says about itself: its kind, version, origin, class and disclaimer."""

from collections.abc import Sequence
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, ClassVar, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from documents.languages import Language, gettext, marked, paper_language
from states.archive.tables import DocumentKind
from states.rights.blinding import Name, Prose
from states.texts.text import SOURCE

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Line = Annotated[str, StringConstraints(min_length=1)]
# What a blind paper masks: texts that people write, and names as a whole (states.rights.blinding).
Text = Annotated[str, Prose]
Named = Annotated[Line, Name]


class Confidentiality(StrEnum):
    """Who may read a document; the value is printed in its header."""

    PUBLIC = "public"
    PARTNERSHIP = "partnership"
    REVIEWERS = "reviewers"
    OWNERS = "owners"
    BANK = "bank"
    AUTHORITY = "authority"
    FUND = "fund"


class Plain(BaseModel):
    """A frozen model of plain values; an unknown field is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class DocumentMeta(Plain):
    """What the cover, the header, the footer and the PDF's own metadata are made from."""

    kind: DocumentKind
    title: Annotated[Line, Prose]
    subtitle: str = ""
    partnership: Line
    acronym: Text = ""
    version: Line
    content_sha256: Sha256
    issued_at: AwareDatetime
    confidentiality: Confidentiality
    language: Language = Field(default_factory=paper_language)
    illustrative: bool = False
    programme: str = ""
    disclaimer: str = ""


class DocumentContext(Plain):
    """The whole of what one document shows; each kind has its own subclass."""

    KIND: ClassVar[DocumentKind]

    meta: DocumentMeta

    @model_validator(mode="after")
    def _is_of_its_kind(self) -> Self:
        if self.meta.kind is not self.KIND:
            raise ValueError(f"a {self.KIND.value} cannot carry the metadata of a {self.meta.kind.value}")
        return self

    @property
    def sha256(self) -> str:
        """The digest of everything that the document shows; equal digests mean equal bytes."""
        return sha256(self.model_dump_json().encode()).hexdigest()

    @property
    def illustrative(self) -> bool:
        """Whether the whole, or any block, shows figures that nobody stated: the cover must say so."""
        return _has_illustrative(self)


FUNDERS = (marked("European Union"), marked("the agency entrusted with the COSME programme"))
"""Bodies that papers name in every language; others stay as they were written."""


def funding_disclaimer(programme: str, bodies: Sequence[str]) -> str:
    """Return the disclaimer that a funding programme asks for on every output; none where nobody funds.

    `bodies` are those that the programme wants named, such as the European Union and its agency.
    """
    if not programme:
        return ""
    bodies = [gettext(body) for body in bodies]
    named = [body if body.startswith("the ") or paper_language() != SOURCE else f"the {body}" for body in bodies]
    funders = gettext(" and ").join(named) or gettext("those who fund it")
    return gettext(
        "This document was prepared with co-funding from %(programme)s. It sets out the views of its authors, who "
        "alone are responsible for it: %(funders)s cannot be taken to endorse its content, and cannot be held "
        "liable for any use that is made of it."
    ) % {"programme": programme, "funders": funders}


def _has_illustrative(value: object) -> bool:
    if isinstance(value, BaseModel):
        return any(
            getattr(value, name) is True if name == "illustrative" else _has_illustrative(getattr(value, name))
            for name in type(value).model_fields
        )
    return isinstance(value, tuple) and any(_has_illustrative(item) for item in value)
