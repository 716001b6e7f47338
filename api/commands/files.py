"""Texts that somebody names in a command."""

from pathlib import Path

from states.errors import Invalid


def file_text(file: Path) -> str:
    """Return the text of a UTF-8 file, without its byte order mark; raise `Invalid` for another encoding."""
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("not_utf8", field=str(file), remedy="save_as_utf_8") from None
