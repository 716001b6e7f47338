"""What makes a tagged PDF one for archives and for everybody: PDF/A-3a and PDF/UA-1 in one file, with its data inside.

WeasyPrint knows one variant at a time. It writes PDF/A-3a here; what PDF/UA-1 and assistive technology ask beside that
is put into its objects before they are written, so that nothing is parsed again and equal contexts give equal bytes.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from io import BytesIO
from xml.sax.saxutils import escape

import pydyf
from weasyprint import Attachment, Document
from weasyprint.css import ColorProfile

VARIANT = "pdf/a-3a"
OUTPUT_INTENT = "given"
"""Anything but `srgb`, for which WeasyPrint opens the file of its profile and leaves it open: see `give_colours`."""

# ISO 14289-1, 5: the identification; ISO 19005-3, 6.6.2.3: a schema that PDF/A does not know is described in the file.
_UNIVERSAL_ACCESS = """
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""
_LANGUAGE = """
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:language><rdf:Bag><rdf:li>{}</rdf:li></rdf:Bag></dc:language>
</rdf:Description>
"""
_IDENTIFIER = """
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier>{}</dc:identifier></rdf:Description>
"""
_END = b"</rdf:RDF>"
_PACKET = b"""<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
%b
</x:xmpmeta>
<?xpacket end="r"?>"""


class Relationship(StrEnum):
    """What an attached file is to the document (ISO 19005-3, annex E)."""

    DATA = "Data"
    SOURCE = "Source"


@dataclass(frozen=True, slots=True)
class Attached:
    """A file inside the document: its name, its type of media, what it is to the document, in words, and its bytes."""

    name: str
    media_type: str
    relationship: Relationship
    description: str
    content: bytes


def give_colours(document: Document) -> None:
    """Give a document the colour profile that PDF/A asks for."""
    components = (["r"], ["g"], ["b"])
    profile = ColorProfile(BytesIO(_profile()), "sRGB2014.icc", "relative-colorimetric", components)
    document.color_profiles["srgb"] = profile


@cache
def _profile() -> bytes:
    return (files("weasyprint.pdf") / "sRGB2014.icc").read_bytes()


def attachments(attached: Sequence[Attached], at: datetime) -> list[Attachment]:
    """Return files as WeasyPrint attaches them, with one date, in the order that a tree of names has."""
    instant = at.astimezone(UTC)
    made = []
    for file in sorted(attached, key=lambda one: one.name):
        one = Attachment(
            file_obj=BytesIO(file.content),
            name=file.name,
            description=file.description,
            created=instant,
            modified=instant,
            relationship=file.relationship.value,
        )
        # Else WeasyPrint asks the machine which type a name has.
        one.source = nullcontext((BytesIO(file.content), None, None, file.media_type))
        made.append(one)
    return made


def finish(document: Document, pdf: pydyf.PDF, *, titles: Mapping[str, str], language: str, code: str = "") -> None:
    """Say in the objects of a PDF/A-3a what PDF/UA-1 wants said, too.

    `titles` are the words of the places that links of the document lead to; `code` is that of the edition.
    """
    _describe(document, pdf, code, language)
    objects = _Objects(pdf)
    for element in objects.dictionaries():
        if element.get("S") == "/TH":
            element["A"]["Scope"] = _scope(element, objects)
        elif element.get("Subtype") == "/Link" and "Dest" in element:
            place = element["Dest"].string
            element["Contents"] = pydyf.String(titles.get(place, place))
    if "AF" in pdf.catalog:
        pdf.catalog["AF"] = pydyf.Array(dict.fromkeys(pdf.catalog["AF"]))


class _Objects:
    """The objects of a PDF that is not written yet, by their references."""

    def __init__(self, pdf: pydyf.PDF) -> None:
        self._objects = pdf.objects

    def dictionaries(self) -> Iterator[pydyf.Dictionary]:
        """Yield the objects that are dictionaries."""
        return (one for one in self._objects if isinstance(one, pydyf.Dictionary))

    def at(self, reference: bytes) -> pydyf.Object:
        """Return the object to which a reference leads."""
        return self._objects[int(reference.split()[0])]


def _scope(header: pydyf.Dictionary, objects: _Objects) -> str:
    """Return of what a header cell is the header: of its column where it stands in the head of the table."""
    element = header
    while element.get("S") not in ("/THead", "/TBody", "/TFoot", "/Table"):
        element = objects.at(element["P"])
    return "/Column" if element["S"] == "/THead" else "/Row"


def _describe(document: Document, pdf: pydyf.PDF, code: str, language: str) -> None:
    """Put the metadata of both standards in the place of WeasyPrint's, for everybody to read without a PDF reader."""
    said = _UNIVERSAL_ACCESS + _LANGUAGE.format(language) + (_IDENTIFIER.format(escape(code)) if code else "")
    written: bytes = document.metadata.generate_rdf_metadata("a", 3, "A")
    whole = written.removesuffix(_END) + said.encode() + _END
    stream = pydyf.Stream([_PACKET % whole], {"Type": "/Metadata", "Subtype": "/XML"})
    number = int(pdf.catalog["Metadata"].split()[0])
    stream.number = number
    pdf.objects[number] = stream


def _unambiguous(data: "property") -> "property":
    """Return how a stream is written so that it never seems one byte shorter than it says (ISO 19005-3, 6.1.7.1).

    pydyf ends it by a line feed: where its last byte is a carriage return, both are one end of a line.
    """

    def written(stream: pydyf.Stream) -> bytes:
        whole: bytes = data.fget(stream)  # type: ignore[misc] # it is read
        return whole.removesuffix(b"\nendstream") + b"\r\nendstream"

    return property(written)


pydyf.Stream.data = _unambiguous(pydyf.Stream.data)
