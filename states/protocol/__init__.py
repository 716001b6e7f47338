"""Whatever is written of the rows of this room can be found: importing it registers their texts."""

import states.protocol.search_texts  # noqa: F401
