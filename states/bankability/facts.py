"""What the meter looks at: one case as it stands, read with all others that are asked about."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from states.archive.evidence.queries import PIECES, Piece
from states.bankability.figures import Figures, figures_of
from states.bankability.places import PLACES
from states.collaborations.queries import PARTNERS, Partner, partners_of
from states.collaborations.tables import Collaboration
from states.funding.facts import FundingFacts, Validity
from states.funding.facts import facts_of as funding_of
from states.funding.queries import ASSUMED, CHOSEN_SOURCES, CHOSEN_USES, MIXES, SCENARIOS, ChosenSource
from states.protocol.content import Content, filled, table_rows
from states.protocol.definition import SectionSpec
from states.protocol.facts import VERSION_READS, VersionFacts
from states.protocol.queries import DRAFTS, LATEST_CONTENT
from states.review.definition import Panel, PanelKind
from states.review.facts import READS as REVIEW_READS
from states.review.facts import ReviewFacts
from states.review.queries import OPEN_CONDITIONS, OpenCondition
from states.storage import Readings

READS = (
    *(PARTNERS, PIECES, DRAFTS, LATEST_CONTENT, *VERSION_READS, SCENARIOS, MIXES, CHOSEN_SOURCES, CHOSEN_USES, ASSUMED),
    *(*REVIEW_READS, OPEN_CONDITIONS),
)


@dataclass(frozen=True, slots=True)
class BankabilityFacts:
    """A case as far as a bank would look at it.

    `held` are the things looked for (keys of `PLACES`) that the protocol holds, `asked` those that its playbook asks
    for; `risks` the rows of its register. `scoring` and `stating` are the panels by what they give.
    """

    held: frozenset[str]
    asked: frozenset[str]
    risks: tuple[Mapping[str, str], ...]
    partners: tuple[Partner, ...]
    pieces: tuple[Piece, ...]
    version: VersionFacts | None
    funding: FundingFacts
    validity: Validity
    uses: Decimal
    sources: tuple[ChosenSource, ...]
    figures: Figures | None
    review: ReviewFacts
    conditions: Sequence[OpenCondition]
    scoring: tuple[str, ...] = ()
    stating: tuple[str, ...] = ()

    def filed(self, *kinds: str) -> list[Piece]:
        """Return the evidence in force of these kinds."""
        return [one for one in self.pieces if one.kind in kinds]


def facts_of(
    read: Readings,
    row: Collaboration,
    *,
    sections: Sequence[SectionSpec],
    panels: Mapping[str, Panel],
    version: VersionFacts | None,
    review: ReviewFacts,
    conditions: Sequence[OpenCondition],
    validity: Validity,
) -> BankabilityFacts:
    """Derive the facts of a case; what is known of it elsewhere is given."""
    content = next(iter(read.of(LATEST_CONTENT, row.id)), None)
    written: Mapping[str, Content] = content or {draft.key: draft.content for draft in read.of(DRAFTS, row.id)}
    there = {f"{one.key}.{field.key}": (one, field) for one in sections for field in one.fields}
    full = {place for place, (one, field) in there.items() if filled(written, section=one, field=field)}
    risks = next((place for place in PLACES["risks"] if place in full), "").partition(".")
    return BankabilityFacts(
        held=frozenset(key for key, places in PLACES.items() if full.intersection(places)),
        asked=frozenset(key for key, places in PLACES.items() if there.keys() & set(places)),
        risks=tuple(table_rows(written, risks[0], risks[2])),
        partners=tuple(partners_of(read, row.id)),
        pieces=tuple(read.of(PIECES, row.id)),
        version=version,
        funding=funding_of(read, row),
        validity=validity,
        uses=sum(read.of(CHOSEN_USES, row.id), Decimal("0.00")),
        sources=tuple(sorted(read.of(CHOSEN_SOURCES, row.id), key=lambda one: one.position)),
        figures=_figures(read, row),
        review=review,
        conditions=conditions,
        scoring=tuple(key for key, panel in panels.items() if panel.kind is PanelKind.SCORES),
        stating=tuple(key for key, panel in panels.items() if panel.kind is PanelKind.POSITIONS),
    )


def _figures(read: Readings, row: Collaboration) -> Figures | None:
    chosen = next((one for one in read.of(MIXES, row.id) if one.chosen and one.case is not None), None)
    assumed = next(iter(read.of(ASSUMED, row.id)), None)
    if chosen is None or chosen.case is None or assumed is None:
        return None
    return figures_of(chosen.case, chosen.mix, assumed)
