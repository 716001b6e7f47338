"""What a case file says of itself: its parts with their SHA-256, and the SHA-256 of that."""

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from hashlib import sha256

from states.casefile.values import canonical
from states.errors import BankableError

FORMAT = 1
KIND = "bankable-case"
MANIFEST, SEALS = "manifest.json", "seals.json"
MOST_BYTES = 16 << 20
_PART = re.compile(
    r"(data|history|references)/[a-z][a-z_]{0,62}\.json|(files|documents)/[0-9a-f]{64}|(prov|harmonised)\.json"
)


class CaseUnfit(BankableError):
    """The file cannot be read as a case."""

    code = "case_file_unfit"


class Audience(StrEnum):
    """For whom a case was taken out: the office, with everything; or one partner, with what it may read."""

    OFFICE = "office"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a case file: its SHA-256 and its bytes."""

    sha256: str
    size: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """The list of the parts of a case, which says nothing of the installation: that of an unchanged case is equal.

    `people` says whether names and addresses are in it; `absent` are files that rows name and the store had lost.
    """

    case: Mapping[str, str]
    audience: Audience
    people: bool
    parts: Mapping[str, Part]
    absent: tuple[str, ...] = ()
    kind: str = KIND
    format: int = FORMAT
    digest: str = field(default="", compare=False)

    def written(self) -> bytes:
        """Return it as JSON, with the SHA-256 of all the rest of it."""
        return canonical(self._body() | {"sha256": self.own_digest()})

    def own_digest(self) -> str:
        """Return the SHA-256 of what it says."""
        return sha256(canonical(self._body())).hexdigest()

    def _body(self) -> dict[str, object]:
        body = asdict(self)
        del body["digest"]
        return body


def is_part(name: str) -> bool:
    """Tell whether a part of a case may be called so: no path leads out of it."""
    return _PART.fullmatch(name) is not None


def read_manifest(content: bytes, *, path: str) -> Manifest:
    """Return what a case file says of itself; raise `CaseUnfit` where it says nothing, or in another format."""
    try:
        said = json.loads(content)
        if said["kind"] != KIND:
            raise ValueError(said["kind"])
        if said["format"] != FORMAT:
            raise CaseUnfit("case_file_of_other_format", path=path, format=str(said["format"]), known=FORMAT)
        made = Manifest(
            case={str(name): str(value) for name, value in said["case"].items()},
            audience=Audience(said["audience"]),
            people=said["people"] is True,
            parts={str(name): Part(str(one["sha256"]), int(one["size"])) for name, one in said["parts"].items()},
            absent=tuple(map(str, said["absent"])),
            digest=str(said["sha256"]),
        )
        _ = made.case["id"], made.case["slug"], made.case["title"]
    except (KeyError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise CaseUnfit("case_file_says_nothing", path=path, manifest=MANIFEST) from error
    return made
