"""The headings of a document, collected while its template runs, so that a table of contents can be made."""

from dataclasses import dataclass, field

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the table of contents."""

    anchor: str
    number: str
    title: str


@dataclass(slots=True)
class Contents:
    """Collects the chapters of one rendering; a template calls `chapter` where the heading stands."""

    entries: list[Entry] = field(default_factory=list)

    def chapter(self, title: str, number: str = "") -> Markup:
        """Note a chapter and return its heading, with an anchor that depends on its place alone."""
        anchor = f"chapter-{len(self.entries) + 1}"
        self.entries.append(Entry(anchor, number, title))
        mark = Markup('<span class="number">{}</span> ').format(number) if number else Markup("")
        return Markup('<h2 id="{}">{}{}</h2>').format(anchor, mark, title)
