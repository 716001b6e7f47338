"""What the chosen scenario expects of each source that a funder pays, beside what is agreed; sums to the cent."""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session, col, select

from states.funding.awards.queries import agreements_of
from states.funding.awards.states import AgreementState, agreement_state
from states.funding.queries import lines_of
from states.funding.tables import Scenario, SourceKind

OF_FUNDERS = (SourceKind.GRANT, SourceKind.LOAN, SourceKind.EQUITY)
"""Kinds of sources that somebody else pays: partners' own means need no agreement."""
_NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class SourceKey:
    """A source: of which kind, from which instrument, to which partner; the same in each scenario."""

    kind: SourceKind | None
    instrument_id: str | None
    organisation_id: str | None


@dataclass(frozen=True, slots=True)
class SourceStanding:
    """EUR that the scenario expects of a source, and that signed or ended agreements grant; `numbers` are theirs."""

    key: SourceKey
    expected: Decimal
    agreed: Decimal
    numbers: tuple[int, ...]

    @property
    def apart(self) -> Decimal:
        """Return EUR agreed beyond what the scenario expects; negative: still missing."""
        return self.agreed - self.expected


def expected_sources(session: Session, collaboration_id: str) -> dict[SourceKey, Decimal] | None:
    """Return EUR by source of funders in the chosen scenario, in its order; None where none is chosen."""
    query = select(Scenario).where(Scenario.collaboration_id == collaboration_id, col(Scenario.chosen))
    chosen = session.exec(query).first()
    if chosen is None:
        return None
    [lines] = lines_of(session, [chosen])
    found: defaultdict[SourceKey, Decimal] = defaultdict(lambda: _NOTHING)
    for one in lines.sources:
        if one.kind in OF_FUNDERS:
            found[SourceKey(one.kind, one.instrument_id, one.organisation_id)] += one.amount
    return dict(found)


def sources_standing(session: Session, collaboration_id: str) -> list[SourceStanding]:
    """Return each source with what is agreed; agreements for no source of the scenario come last, by their number."""
    expected = expected_sources(session, collaboration_id) or {}
    agreed: dict[SourceKey, list[tuple[int, Decimal]]] = {key: [] for key in expected}
    for row in agreements_of(session, collaboration_id):
        if agreement_state(row) in (AgreementState.SIGNED, AgreementState.ENDED):
            key = SourceKey(row.source_kind, row.instrument_id, row.organisation_id)
            agreed.setdefault(key, []).append((row.number, row.amount))
    return [
        SourceStanding(
            key,
            expected.get(key, _NOTHING),
            sum((amount for _, amount in rows), _NOTHING),
            tuple(number for number, _ in rows),
        )
        for key, rows in agreed.items()
    ]
