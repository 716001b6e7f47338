"""Evidence and checklists of the demonstration: papers of one page made here, filed and relied on over the API."""

from collections.abc import Callable, Mapping, Sequence
from io import BytesIO
from typing import Any

from pypdf import PdfWriter
from pypdf.generic import ContentStream, DictionaryObject, NameObject

from api.demo.voices import Voice

_WIDTH, _HEIGHT = 595, 842
"""A4, in points."""


class Evidence:
    """What partners file and the office answers before a move, as the script has it.

    `of` returns the voice of an organisation by its short name.
    """

    def __init__(self, manager: Voice, second: Voice, of: Callable[[str], Voice], script: Mapping[str, Any]) -> None:
        self._manager, self._second, self._of, self._script = manager, second, of, script
        self._filed: dict[str, str] = {}

    def bring(self, hero: str, before: str) -> None:
        """File what is due before a move: each partner its own, one of them by a link without its account."""
        for one in self._script[before]["files"]:
            said = {key: value for key, value in one.items() if key not in ("says", "by_link")}
            voice, file = self._of(one["organisation"]), (f"{one['kind']}.pdf", page(one["title"], one["says"]))
            if "by_link" not in one:
                (filed,) = voice.upload(f"{hero}/evidence", said, file)["items"]
            else:
                filed = self._by_link(hero, voice, said, file)
            self._filed[one["kind"]] = filed["id"]

    def _by_link(self, hero: str, voice: Voice, said: Mapping[str, str], file: tuple[str, bytes]) -> Any:
        asked = {"kind": said["kind"], "organisation": said["organisation"], "days": 30}
        writers = self._manager.every(f"{hero}/protocol/writers")
        person = next(one["person"] for one in writers if one["organisation"] == said["organisation"])
        link = self._manager.post(f"{hero}/evidence-requests", {**asked, "person": person})["link"]
        return voice.without_account(link, {key: said[key] for key in ("title", "dated_on")}, file=file)

    def answer(self, hero: str, before: str) -> None:
        """Answer the list of a move; another person confirms what one alone does not vouch for; sign it off."""
        script = self._script[before]
        path, rests = f"{hero}/checklists/{script['checklist']}", script.get("rests", {})
        answers = [
            {"item": item, "value": value, "evidence": [self._filed[rests[item]]] if item in rests else []}
            for item, value in script["answers"].items()
        ]
        version = self._manager.patch(path, {"answers": answers}, version=0)["version"]
        if confirmed := script.get("confirmed"):
            version = self._second.post(f"{path}/confirmations", {"items": confirmed})["version"]
        self._manager.post(f"{path}/sign-off", version=version)


def page(title: str, lines: Sequence[str]) -> bytes:
    """Return a PDF of one page in a font that every reader has, so that none is embedded."""
    writer = PdfWriter()
    sheet = writer.add_blank_page(_WIDTH, _HEIGHT)
    font = {"/Type": "/Font", "/Subtype": "/Type1", "/BaseFont": "/Helvetica", "/Encoding": "/WinAnsiEncoding"}
    named = DictionaryObject({NameObject(key): NameObject(value) for key, value in font.items()})
    fonts = DictionaryObject({NameObject("/F"): named})
    sheet[NameObject("/Resources")] = DictionaryObject({NameObject("/Font"): fonts})
    shown = [f"BT /F 16 Tf 72 760 Td 18 TL {_text(title)} Tj /F 11 Tf T* T*"]
    shown += [f"{_text(line)} Tj T*" for line in lines]
    content = ContentStream(None, writer)
    content.set_data("\n".join([*shown, "ET"]).encode("cp1252"))
    sheet.replace_contents(content)
    kept = BytesIO()
    writer.write(kept)
    return kept.getvalue()


def _text(line: str) -> str:
    for mark in "\\()":
        line = line.replace(mark, f"\\{mark}")
    return f"({line})"
