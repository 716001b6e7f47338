"""The record of changes: who wrote what, when, by what means; importing this lets every session be recorded."""

from states.changes.authors import AuthorUnknown, act_as, author_of, speak_as
from states.changes.recording import record, record_made, write_records

__all__ = ["AuthorUnknown", "act_as", "author_of", "record", "record_made", "speak_as", "write_records"]
