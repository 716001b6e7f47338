"""A dossier: a collaboration with all that moves, obligations and scenarios depend on, each thing read once.

Preview, dry run, pipeline and move are answered from dossiers, so that they cannot disagree. What the guards and the
obligations at hand ask for is read together, in one statement for any number of collaborations; the chosen scenario's
case takes a second one, where a guard asks whether it holds.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from states.archive.evidence import facts as evidence
from states.archive.evidence.facts import EvidenceFacts
from states.archive.evidence.queries import PIECES, Piece
from states.bankability import facts as bankability
from states.bankability.criteria import SECTIONS
from states.bankability.meter import Meter, measure
from states.checklists import facts as checklists
from states.checklists.facts import ChecklistFacts
from states.clock import today
from states.collaborations import facts as consortium
from states.collaborations.facts import ConsortiumFacts
from states.collaborations.queries import Partner, partners_of
from states.collaborations.tables import Collaboration
from states.crossings.scenarios.validity import validity_of, validity_reads
from states.errors import Missing
from states.funding import eligibility
from states.funding import facts as funding
from states.funding.awards import facts as awards
from states.funding.awards.facts import AwardFacts, ClosingFacts
from states.funding.eligibility import EligibilityFacts
from states.funding.facts import CommitmentFacts, FundingFacts, Validity, chosen_of
from states.implementation import facts as implementation
from states.implementation.facts import ImplementationFacts
from states.matchmaking import facts as matchmaking
from states.matchmaking.facts import MatchmakingFacts
from states.playbooks.definition import Playbook, Stage
from states.playbooks.editions import Edition, editions, editions_of
from states.playbooks.tables import PlaybookEdition
from states.protocol import facts as protocol
from states.protocol.facts import DraftFacts, FrozenFacts, VersionFacts, draft_facts, frozen_facts, version_facts
from states.review import facts as review
from states.review.facts import ReviewFacts
from states.review.queries import OPEN_CONDITIONS, OpenCondition, open_conditions
from states.storage import Reading, Readings

_READS: Mapping[str, Sequence[Reading[object]]] = {
    "consortium": consortium.READS,
    "matchmaking": matchmaking.READS,
    "draft": protocol.DRAFT_READS,
    "version": protocol.VERSION_READS,
    "review": review.READS,
    "funding": funding.READS,
    "validity": funding.READS,
    "stage": (),
    "frozen": protocol.FROZEN_READS,
    "conditions": (OPEN_CONDITIONS,),
    "commitment": funding.COMMITMENT_READS,
    "awards": awards.READS,
    "closing": awards.CLOSING_READS,
    "implementation": implementation.READS,
    "eligibility": eligibility.READS,
    "evidence": evidence.READS,
    "checklists": checklists.READS,
    "bankability": bankability.READS,
}


@dataclass(frozen=True)
class Dossier:
    """A collaboration under the edition of its playbook; its facts are made when they are asked for."""

    row: Collaboration
    edition: Edition
    read: Readings

    @property
    def playbook(self) -> Playbook:
        return self.edition.playbook

    @property
    def stage(self) -> Stage:
        return self.playbook.stages[self.row.stage]

    @cached_property
    def partners(self) -> Sequence[Partner]:
        """Who takes part, the lead first."""
        return partners_of(self.read, self.row.id)

    @cached_property
    def consortium(self) -> ConsortiumFacts:
        return consortium.facts_of(self.read, self.row)

    @cached_property
    def matchmaking(self) -> MatchmakingFacts:
        return matchmaking.facts_of(self.read, self.row)

    @cached_property
    def draft(self) -> DraftFacts:
        return draft_facts(self.read, self.row, sections=self.playbook.protocol)

    @cached_property
    def version(self) -> VersionFacts | None:
        return version_facts(self.read, self.row)

    @cached_property
    def review(self) -> ReviewFacts:
        titles = {key: one.title for key, one in self.playbook.panels.items()}
        return review.facts_of(self.read, self.row, titles=titles)

    @cached_property
    def funding(self) -> FundingFacts:
        return funding.facts_of(self.read, self.row)

    @cached_property
    def frozen(self) -> FrozenFacts:
        return frozen_facts(self.read, self.row, sections=self.playbook.protocol)

    @cached_property
    def conditions(self) -> Sequence[OpenCondition]:
        return open_conditions(self.read, self.row.id)

    @cached_property
    def commitment(self) -> CommitmentFacts:
        return funding.commitment_of(self.read, self.row)

    @cached_property
    def awards(self) -> AwardFacts:
        return awards.facts_of(self.read, self.row)

    @cached_property
    def closing(self) -> ClosingFacts:
        return awards.closing_facts_of(self.read, self.row)

    @cached_property
    def implementation(self) -> ImplementationFacts:
        return implementation.facts_of(self.read, self.row)

    @cached_property
    def eligibility(self) -> EligibilityFacts:
        return eligibility.facts_of(self.read, self.row, on=today())

    @cached_property
    def evidence(self) -> EvidenceFacts:
        return evidence.facts_of(self.read, self.row, self.playbook.evidence, on=today())

    @cached_property
    def checklists(self) -> ChecklistFacts:
        return checklists.facts_of(self.read, self.row, self.playbook.checklists)

    @cached_property
    def pieces(self) -> Sequence[Piece]:
        """The evidence in force."""
        return self.read.of(PIECES, self.row.id)

    @cached_property
    def bankability(self) -> Meter:
        """How near it is to what a bank asks for."""
        found = bankability.facts_of(
            self.read,
            self.row,
            sections=self.playbook.protocol,
            panels=self.playbook.panels,
            version=self.version,
            review=self.review,
            conditions=self.conditions,
            validity=self.validity,
        )
        return measure(found, SECTIONS)

    @cached_property
    def validity(self) -> Validity:
        """Whether the chosen scenario holds today; without one there is nothing to hold."""
        chosen = chosen_of(self.read, self.row)
        return Validity() if chosen is None else validity_of(self.read, self.row, chosen.id, on=today())


def dossiers_of(session: Session, rows: Iterable[Collaboration]) -> list[Dossier]:
    """Return the dossiers of these collaborations; what is read for one is read for all."""
    listed, read = list(rows), Readings(session)
    found = editions_of(session, listed)
    return [Dossier(row, found[row.id], read) for row in listed]


def dossier_of(session: Session, row: Collaboration, *parts: str) -> Dossier:
    """Return the dossier of one collaboration, with these parts of its facts read together."""
    [found] = dossiers_of(session, [row])
    gather([found], {row.id: parts})
    return found


_LOCKED = (
    select(Collaboration, PlaybookEdition.sha256)
    .join(PlaybookEdition, col(PlaybookEdition.key) == col(Collaboration.playbook), isouter=True)
    .where(col(Collaboration.id) == bindparam("key"))
    .with_for_update(of=Collaboration)
    .execution_options(populate_existing=True)
)


def locked_dossier(session: Session, key: str) -> Dossier:
    """Return the dossier of a collaboration that nobody else changes until this transaction ends, or raise `Missing`.

    Of two who change it at once, the second one reads what the first one made of it.
    """
    found = session.exec(_LOCKED, params={"key": key}).one_or_none()
    if found is None:
        raise Missing("collaboration", key)
    row, digest = found
    if digest is None:
        raise Missing("playbook_edition", row.playbook)
    return Dossier(row, editions(session, {row.playbook: digest})[row.playbook], Readings(session))


@lru_cache(maxsize=256)
def _readings_of(parts: tuple[str, ...]) -> tuple[Reading[object], ...]:
    return tuple(dict.fromkeys(reading for part in parts for reading in _READS[part]))


def gather(
    dossiers: Sequence[Dossier],
    parts: Mapping[str, tuple[str, ...]],
    *,
    besides: Mapping[Reading[object], Sequence[str]] | None = None,
) -> None:
    """Read what these dossiers are asked for: `parts` of the facts, by the collaboration's id, and `besides` more.

    All is read in one statement, and the cases of chosen scenarios in a second one.
    """
    if not dossiers:
        return
    wanted: dict[Reading[object], list[str]] = {reading: list(keys) for reading, keys in (besides or {}).items()}
    for key, names in parts.items():
        for reading in _readings_of(names):
            wanted.setdefault(reading, []).append(key)
    read = dossiers[0].read
    read.load(wanted)
    judging = {"validity", "bankability"}
    asked = [one.row for one in dossiers if judging.intersection(parts.get(one.row.id, ()))]
    if judged := [row for row in asked if chosen_of(read, row) is not None]:
        read.load(validity_reads(judged))
