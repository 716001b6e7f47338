"""The record of changes: who wrote what, when, by what means; importing this lets every session be recorded."""

from states.changes.authors import Author, AuthorUnknown, Via, act_as, acting, author_of, by_command, by_flow, speak_as
from states.changes.recording import record, write_records

__all__ = [
    "Author",
    "AuthorUnknown",
    "Via",
    "act_as",
    "acting",
    "author_of",
    "by_command",
    "by_flow",
    "record",
    "speak_as",
    "write_records",
]
