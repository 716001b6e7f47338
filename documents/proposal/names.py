"""Names as a reader takes them: what is made up is said on the cover and beside the block, not behind each name."""

from documents.formats import unmarked


def told(text: str) -> str:
    """Return a text without the mark of what is made up."""
    return unmarked(text)


def is_made_up(text: str) -> bool:
    """Tell whether a text marks something as made up."""
    return unmarked(text) != text
