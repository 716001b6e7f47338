"""What came of meetings at one event or at all: how many reached each step, by event, cluster and region."""

from decimal import Decimal
from hashlib import sha256
from typing import ClassVar

from pydantic import Field
from sqlmodel import Session, col, select

from documents.languages import gettext as _
from documents.languages import marked
from documents.meta import Confidentiality, DocumentContext, DocumentMeta, Line, Plain, funding_disclaimer
from documents.parts import Euro
from states.archive.tables import DocumentKind
from states.clock import now
from states.crossings.matchmaking.funnel import FunnelBy, FunnelLine, funnel
from states.matchmaking.event_day.queries import brokerage_by_id
from states.matchmaking.event_day.tables import Meeting
from states.partners.tables import Partnership, PartnershipEvent

_STEPS = (
    marked("requested"),
    marked("accepted"),
    marked("held"),
    marked("followed up"),
    marked("collaborations"),
    marked("protocols"),
    marked("funded"),
)


class Step(Plain):
    """A step from the request to the money, and how many came so far."""

    name: Line
    count: int = Field(ge=0)


class Row(Plain):
    """One event, cluster or region: how many of its meetings came how far, and the EUR committed or signed after."""

    title: Line
    counts: tuple[int, ...] = Field(min_length=len(_STEPS), max_length=len(_STEPS))
    money: Euro


class Grouped(Plain):
    """The rows of one way to tell the funnel apart."""

    title: Line
    rows: tuple[Row, ...]


class FunnelContext(DocumentContext):
    """The report on an event's funnel."""

    KIND: ClassVar[DocumentKind] = DocumentKind.FUNNEL_REPORT

    steps: tuple[Step, ...] = Field(min_length=len(_STEPS), max_length=len(_STEPS))
    money: Euro = Decimal(0)
    groups: tuple[Grouped, ...] = ()


def gather(session: Session, *, subject_id: str) -> FunnelContext:
    """Count what came of the meetings of an event, by its id, as it stands now."""
    row, instant = brokerage_by_id(session, subject_id), now()
    event, partnership = session.get_one(PartnershipEvent, row.id), session.get_one(Partnership, row.partnership_id)
    ways = {_("By cluster"): FunnelBy.CLUSTER, _("By region"): FunnelBy.REGION}
    found = {name: funnel(session, partnership.id, by=by, event_id=row.id) for name, by in ways.items()}
    total = found[_("By region")].total
    steps = tuple(Step(name=_(name), count=count) for name, count in zip(_STEPS, _counts(total), strict=True))
    groups = tuple(Grouped(title=name, rows=tuple(map(_row, one.lines))) for name, one in found.items())
    made_up = session.exec(
        select(Meeting.id).where(Meeting.event_id == row.id, col(Meeting.illustrative).is_(True)).limit(1)
    ).first()
    return FunnelContext(
        meta=DocumentMeta(
            kind=FunnelContext.KIND,
            title=event.name,
            subtitle=_("What came of the meetings"),
            partnership=partnership.name,
            version=f"{instant:%Y-%m-%d %H:%M} UTC",
            content_sha256=_digest(*steps, *groups),
            issued_at=instant,
            confidentiality=Confidentiality.OWNERS,
            illustrative=event.illustrative or made_up is not None,
            programme=partnership.programme,
            disclaimer=funding_disclaimer(partnership.programme, partnership.acknowledges),
        ),
        steps=steps,
        money=total.money,
        groups=groups,
    )


def _digest(*shown: Plain) -> str:
    return sha256("".join(one.model_dump_json() for one in shown).encode()).hexdigest()


def _counts(line: FunnelLine) -> tuple[int, ...]:
    return (
        line.requested,
        line.accepted,
        line.held,
        line.followed_up,
        line.collaborations,
        line.protocols,
        line.funded,
    )


# What the funnel calls those who came by none, as it is said here.
_BY_NONE = {
    "by no cluster": marked("by no cluster"),
    "in no region of the partnership": marked("in no region of the partnership"),
}


def _row(line: FunnelLine) -> Row:
    title = _(_BY_NONE[line.title]) if line.title in _BY_NONE else line.title
    return Row(title=title, counts=_counts(line), money=line.money)
