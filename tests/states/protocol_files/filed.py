"""Protocols as files without a database: what is shown, written and read again."""

from collections.abc import Mapping

from states.protocol.content import Content, digest
from states.protocol.definition import SectionSpec
from states.protocol_files.base import Base
from states.protocol_files.interpreting import interpret
from states.protocol_files.reading import Format, read_protocol_file
from states.protocol_files.showing import Shown
from states.protocol_files.writing import write_file

PLAN = SectionSpec.model_validate(
    {
        "key": "plan",
        "title": "Work plan",
        "fields": [
            {"key": "why", "title": "Why", "help": "What it is for.", "example": "A bench.", "limit": 20_000},
            {
                "key": "packages",
                "title": "Work packages",
                "columns": [
                    {"key": "organisation", "title": "Partner"},
                    {"key": "title", "title": "Title", "required": False},
                    {"key": "months", "title": "Months", "kind": "months"},
                    {"key": "amount", "title": "EUR", "kind": "money"},
                    {"key": "share", "title": "Share", "kind": "percent"},
                    {"key": "people", "title": "People", "kind": "integer"},
                    {"key": "due", "title": "Due", "kind": "date"},
                    {"key": "site", "title": "Site", "kind": "nuts"},
                    {"key": "source", "title": "Source", "kind": "url"},
                    {"key": "size", "title": "Size", "kind": "number"},
                    {"key": "state", "title": "State", "kind": "choice", "choices": ["Planned", "Granted"]},
                ],
            },
        ],
    }
)
IDENTITY = SectionSpec.model_validate(
    {"key": "identity", "title": "Identity", "fields": [{"key": "acronym", "title": "Acronym"}]}
)
SECTIONS = [IDENTITY, PLAN]
ROW = {
    "organisation": "Mill on the Po",
    "title": "Bench",
    "months": "3-14",
    "amount": "1250000.10",
    "share": "62.50",
    "people": "7",
    "due": "2026-05-04",
    "site": "PL22",
    "source": "https://example.org/study",
    "size": "0.1250",
    "state": "Planned",
}
CONTENT: dict[str, Content] = {
    "identity": {"acronym": "BIOCOMP"},
    "plan": {"why": "One bench.\n\nFor all.", "packages": [ROW, ROW | {"title": "Tests", "months": "15"}]},
}


def shown(content: Mapping[str, Content] = CONTENT) -> Shown:
    """Return a protocol as a file shows it."""
    held = {section.key: content.get(section.key, {}) for section in SECTIONS}
    base = Base("c0ffee", None, dict.fromkeys(held, 3), digest(held))
    return Shown("Soil sensors", base, SECTIONS, held, {("plan", "packages"): ["of Mill on the Po"]}, ())


def taken_out(form: Format, content: Mapping[str, Content] = CONTENT) -> bytes:
    """Return the file of a protocol."""
    return write_file(shown(content), form)


def differences(data: bytes, content: Mapping[str, Content] = CONTENT) -> dict[str, dict[str, object]]:
    """Return what a file changes, by section; it must be without a fault."""
    filed = read_protocol_file(data, SECTIONS)
    read = {section.key: interpret(filed, section, content.get(section.key, {})) for section in SECTIONS}
    assert [str(fault) for fault in filed.faults] == []
    assert [str(fault) for one in read.values() for fault in one.faults] == []
    return {key: found for key, one in read.items() if (found := one.changed(content.get(key, {})))}


def faults_of(data: bytes, content: Mapping[str, Content] = CONTENT) -> list[tuple[str, str]]:
    """Return place and code of every fault of a file, what no cell may be among them."""
    filed = read_protocol_file(data, SECTIONS)
    read = [interpret(filed, section, content.get(section.key, {})) for section in SECTIONS]
    found = [*filed.faults, *(fault for one in read for fault in one.faults)]
    assert all(fault.remedy for fault in found)
    return [(fault.place, fault.code) for fault in found]
