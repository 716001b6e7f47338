"""Whether an organisation recovers VAT: said once for it, and by a cost line where that one is otherwise.

VAT that is recovered is no cost: for State aid it is never taken into account (Regulation 651/2014, Article 7(1)). A
fund of the Union may pay it below a threshold (Regulation 2021/1060, Article 64(1)(c)): that is told, and not used, as
a case is judged by the stricter of both.
"""

from sqlmodel import Session, select

from states.errors import Fault, Invalid
from states.funding.money.tables import VatStatus
from states.partners.tables import Organisation
from states.storage import bump_version


class VatInvalid(Invalid):
    """It cannot be recorded so whether an organisation recovers VAT."""

    code = "vat_invalid"


def vat_status_of(session: Session, organisation_id: str) -> VatStatus | None:
    """Return whether an organisation recovers VAT, if anybody said."""
    return session.exec(select(VatStatus).where(VatStatus.organisation_id == organisation_id)).one_or_none()


def record_vat_status(
    session: Session, organisation: Organisation, *, recovers: bool, source: str, expected_version: int | None = None
) -> VatStatus:
    """Record whether an organisation recovers VAT; its cost lines follow (`states.crossings.costs.follow_vat`)."""
    if not source.strip():
        raise VatInvalid(faults=[Fault("source", "missing", remedy="say_where_from")])
    row = vat_status_of(session, organisation.id)
    if row is None:
        row = VatStatus(organisation_id=organisation.id, recovers=recovers)
    else:
        bump_version(session, row, expected=expected_version)
    row.recovers, row.source = recovers, source.strip()
    session.add(row)
    session.flush()
    return row
