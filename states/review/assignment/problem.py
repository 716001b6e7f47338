"""The terms of an assignment: what is asked, what is proposed, and how well a reviewer fits a dossier."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may review; `load` counts the seats held now (kept ones too), `most` is the bound on them."""

    person_id: str
    label: str
    expertise: frozenset[str]
    organisation_id: str | None
    region_id: str | None
    load: int
    most: int


@dataclass(frozen=True, slots=True)
class Dossier:
    """What is to be reviewed, on which topics, by how many; `kept` are those whose seats stand."""

    id: str
    title: str
    topics: frozenset[str]
    wanted: int
    kept: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A person who must not review a dossier, and why: a conflict of interest, declined, excluded by hand."""

    person_id: str
    dossier_id: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Requirement:
    """A rule of composition: so many of each dossier's reviewers have this expertise."""

    expertise: str
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class Terms:
    """All that an assignment is made from; `pinned` are pairs (dossier, person) that somebody decided by hand."""

    dossiers: tuple[Dossier, ...]
    candidates: tuple[Candidate, ...]
    excluded: tuple[Exclusion, ...] = ()
    requirements: tuple[Requirement, ...] = ()
    pinned: tuple[tuple[str, str], ...] = ()
    spread_regions: bool = True

    def reasons_against(self) -> dict[tuple[str, str], str]:
        """Return every excluded pair (dossier, person) with its reasons in words."""
        found: dict[tuple[str, str], str] = {}
        for one in self.excluded:
            pair = one.dossier_id, one.person_id
            found[pair] = f"{found[pair]} {one.message}" if pair in found else one.message
        return found

    def standing(self) -> dict[tuple[str, str], "Basis"]:
        """Return the pairs that stand whatever is proposed: kept or pinned, unless they are excluded."""
        kept = {(dossier.id, person_id): Basis.KEPT for dossier in self.dossiers for person_id in dossier.kept}
        against = self.reasons_against()
        pairs = dict.fromkeys(self.pinned, Basis.PINNED) | kept
        return {pair: basis for pair, basis in pairs.items() if pair not in against}


class Basis(StrEnum):
    """Why somebody has a seat: it stands already, somebody decided so, or it is proposed."""

    KEPT = "kept"
    PINNED = "pinned"
    CHOSEN = "chosen"


class ShortfallCode(StrEnum):
    SEATS = "seats"
    COMPOSITION = "composition"
    REGIONS = "regions"
    LOAD = "load"
    EXCLUDED = "excluded"


@dataclass(frozen=True, slots=True)
class Proposed:
    """A seat, how well the reviewer fits (0 to 100), and why the reviewer has it."""

    dossier_id: str
    person_id: str
    affinity: int
    why: tuple[str, ...]
    basis: Basis


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What a dossier does not get, and what would mend it."""

    dossier_id: str
    code: ShortfallCode
    message: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """Who reviews what. `worst` and `total` are sums of affinities: of the worst-off dossier, and of all.

    `proven` tells that no other assignment is better; `seconds` is what it took, and no part of the answer.
    """

    seats: tuple[Proposed, ...]
    shortfalls: tuple[Shortfall, ...]
    exclusions: tuple[Exclusion, ...]
    worst: int
    total: int
    proven: bool
    terms: Terms = field(repr=False)
    seconds: float = field(compare=False)


def asked(dossier: Dossier, requirements: Sequence[Requirement]) -> frozenset[str]:
    """Return the fields that a dossier asks for: its topics, and those that a rule of composition names."""
    return dossier.topics | {one.expertise for one in requirements}


def affinity(candidate: Candidate, dossier: Dossier, requirements: Sequence[Requirement] = ()) -> int:
    """Return how much of what a dossier asks for a candidate knows, in percent, rounded down; 0 where nothing is."""
    fields = asked(dossier, requirements)
    return 100 * len(candidate.expertise & fields) // len(fields) if fields else 0
