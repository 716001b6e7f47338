"""Whatever is written of the rows of this room can be found: importing it registers their texts."""

import states.archive.evidence.search_texts
import states.archive.search_texts  # noqa: F401
