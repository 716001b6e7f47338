"""What the cost lines of a collaboration come to together, and what the acts say of it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sqlmodel import Session

from states.collaborations.tables import Collaboration
from states.funding.inputs.cost_values import parts_of
from states.funding.inputs.tables import CostLine
from states.funding.money.law import money_rules
from states.funding.money.options import options_of
from states.funding.queries import costs_of
from states.texts import Text

_NOTHING = Decimal(0)


@dataclass(frozen=True, slots=True)
class Costs:
    """EUR: what is eligible, what of it is brought in kind, what the lines cost with VAT, and VAT that comes back."""

    eligible: Decimal
    in_kind: Decimal
    with_vat: Decimal
    vat_left_out: Decimal


@dataclass(frozen=True, slots=True)
class Note:
    """What an article says of these costs, and whether somebody read it."""

    article: str
    says: Text
    verified: bool


@dataclass(frozen=True, slots=True)
class CostSummary:
    """All lines together, those of each partner by its id, and what the acts say."""

    whole: Costs
    by_partner: dict[str, Costs]
    notes: tuple[Note, ...]


def summary_of(session: Session, collaboration: Collaboration) -> CostSummary:
    """Add up the cost lines of a collaboration."""
    lines = costs_of(session, collaboration.id)
    theirs: dict[str, list[CostLine]] = {}
    for line in lines:
        theirs.setdefault(line.organisation_id, []).append(line)
    whole = _sum(lines)
    notes = [*_of_vat(lines, whole), *_in_kind(whole), *_unread(session, collaboration, lines)]
    return CostSummary(whole, {key: _sum(part) for key, part in theirs.items()}, tuple(notes))


def _sum(lines: Sequence[CostLine]) -> Costs:
    whole = [(line, parts.gross if (parts := parts_of(line)) else line.amount) for line in lines]
    return Costs(
        eligible=sum((line.amount for line in lines), _NOTHING),
        in_kind=sum((line.amount for line in lines if line.in_kind), _NOTHING),
        with_vat=sum((gross for _, gross in whole), _NOTHING),
        vat_left_out=sum((gross - line.amount for line, gross in whole), _NOTHING),
    )


def _of_vat(lines: Sequence[CostLine], whole: Costs) -> Iterator[Note]:
    """Say on which side of the threshold an operation is, where VAT is stated at all."""
    if all(line.vat_percent is None for line in lines):
        return
    rule = money_rules()["cpr-vat"]
    least = rule.figures["euro"]
    known = {"whole": whole.with_vat, "least": least, "left_out": whole.vat_left_out}
    if whole.with_vat < least:
        yield Note(rule.article, Text("why", "vat_below_threshold", **known), rule.verified)
    else:
        yield Note(rule.article, Text("why", "vat_from_threshold", **known), rule.verified)
    if whole.vat_left_out:
        aid = money_rules()["gber-vat"]
        yield Note(aid.article, Text("why", "vat_left_out", left_out=whole.vat_left_out), aid.verified)


def _in_kind(whole: Costs) -> Iterator[Note]:
    if whole.in_kind:
        rule, most = money_rules()["cpr-in-kind"], whole.eligible - whole.in_kind
        yield Note(rule.article, Text("why", "public_money_without_kind", most=most, kind=whole.in_kind), rule.verified)


def _unread(session: Session, collaboration: Collaboration, lines: Sequence[CostLine]) -> Iterator[Note]:
    used = {line.option for line in lines if line.option}
    if used:
        known = options_of(session, collaboration.partnership_id)
        for option in (known[key] for key in sorted(used)):
            if option.condition:
                yield Note(
                    option.article,
                    Text("why", "option_if", option=option.id, condition=option.condition),
                    option.verified,
                )
            if not option.verified:
                yield Note(option.article, Text("why", "option_unread", option=option.id), verified=False)
