"""From what a file was made, as the file says it: of which collaboration, and what stood in each of its sections."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from states.errors import Fault, Invalid

FORM = "bankable-protocol-1"
_LONGEST_ID, _MOST_SECTIONS = 40, 200
_FAR = 10**9


class ProtocolFileInvalid(Invalid):
    """The file of a protocol cannot be taken; nothing of it was."""

    code = "protocol_file_invalid"


@dataclass(frozen=True, slots=True)
class Base:
    """The state of a protocol that a file shows: the draft, or the frozen version `number`.

    `versions` are the sections that the file has, each with the draft's version then (0: not written, or a frozen
    version); `sha256` is over their content. Where names were `masked` for a reviewer, nothing is taken from the file.
    """

    collaboration_id: str
    number: int | None
    versions: Mapping[str, int]
    sha256: str
    masked: bool = False

    def written(self) -> str:
        """Return it as a file keeps it."""
        said = {
            "form": FORM,
            "collaboration": self.collaboration_id,
            "version": self.number,
            "sections": dict(self.versions),
            "sha256": self.sha256,
            "masked": self.masked,
        }
        return json.dumps(said, separators=(",", ":"))


def read_base(text: str) -> Base:
    """Return what a file says; raise `ProtocolFileInvalid` where it is none of ours, or somebody wrote into that."""
    read = None
    try:
        said = json.loads(text)
        key, number, versions, digest = (said[name] for name in ("collaboration", "version", "sections", "sha256"))
        if (
            said["form"] == FORM
            and isinstance(key, str)
            and len(key) <= _LONGEST_ID
            and isinstance(digest, str)
            and isinstance(versions, dict)
            and len(versions) <= _MOST_SECTIONS
            and all(_counts(one) for one in versions.values())
            and (number is None or _counts(number))
            and isinstance(said["masked"], bool)
        ):
            read = Base(key, number, versions, digest, said["masked"])
    except (ValueError, LookupError, TypeError, RecursionError):
        pass
    if read is None:
        raise ProtocolFileInvalid(faults=[Fault("file", "names_no_protocol", remedy="take_file_out_anew")])
    return read


def _counts(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _FAR
