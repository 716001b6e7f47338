"""The meter as a proposal prints it: points by section, and in one list all that is missing, with who owes it."""

from decimal import Decimal

from documents.meta import Line, Plain
from documents.proposal.names import told
from documents.words import roles
from states.bankability.meter import Meter


class MeterLine(Plain):
    """A section's points, of how many."""

    title: Line
    points: Decimal
    most: int


class OwedLine(Plain):
    """Something that is missing, who owes it, and how many points it would add."""

    what: Line
    owner: Line
    adds: Decimal
    section: Line


class PrintedMeter(Plain):
    """The score of 100, its sections, and all that is missing, what adds most first."""

    score: int
    lines: tuple[MeterLine, ...]
    owed: tuple[OwedLine, ...]


def printed_meter(meter: Meter) -> PrintedMeter:
    """Return the meter in words; what one criterion asks of several partners is one line for each."""
    titles = {one.criterion: str(section.title) for section in meter.sections for one in section.missing}
    return PrintedMeter(
        score=meter.score,
        lines=tuple(MeterLine(title=str(one.title), points=one.points, most=one.most) for one in meter.sections),
        owed=tuple(
            OwedLine(
                what=told(str(one.text)),
                owner=told(one.partner) or roles(one.mend_by),
                adds=one.adds,
                section=titles[one.criterion],
            )
            for one in meter.missing
        ),
    )
