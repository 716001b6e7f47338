"""Aid that undertakings received before: the ledger that cumulation and de minimis are counted from."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal

from sqlmodel import Session, select

from states.clock import today
from states.errors import Fault, Invalid
from states.funding.amount_faults import amount_fault, day_fault
from states.funding.case.instruments import DE_MINIMIS, EU_DIRECT
from states.funding.inputs.tables import AidGranted, CostLine
from states.funding.law.facts import in_eea
from states.funding.rules.library import shipped
from states.funding.rules.queries import shelf_for
from states.partners.organisations import tell_of_change
from states.partners.tables import Membership, Organisation


class AidInvalid(Invalid):
    """The aid received cannot be recorded so."""

    code = "aid_invalid"


@dataclass(frozen=True, slots=True)
class Award:
    """Aid in EUR of gross grant equivalent, by the day on which the legal right was conferred.

    `member_state` is ISO 3166-1 alpha-2; `basis` is an article's id, `de_minimis` or `eu_direct`.
    """

    member_state: str
    granted_on: date
    amount: Decimal
    basis: str
    cost_line_id: str | None = None
    eu_grant: bool = False
    source: str = ""
    illustrative: bool = False


def record_aid(session: Session, organisation: Organisation, award: Award) -> AidGranted:
    """Record aid that an organisation received; raise `AidInvalid` with every fault."""
    if faults := [fault for fault in _faults(session, organisation, award) if fault is not None]:
        raise AidInvalid(faults=faults)
    row = AidGranted(organisation_id=organisation.id, **asdict(award))
    session.add(row)
    session.flush()
    tell_of_change(session, organisation.id)
    return row


def strike_aid(session: Session, organisation: Organisation, row: AidGranted) -> None:
    """Take out what was recorded by mistake."""
    session.delete(row)
    session.flush()
    tell_of_change(session, organisation.id)


def bases(session: Session, organisation: Organisation) -> set[str]:
    """Return what aid may rest on: the articles of all acts that its partnerships know, de minimis, Union money."""
    query = select(Membership.partnership_id).where(Membership.organisation_id == organisation.id)
    shelves = [shipped(), *(shelf_for(session, key) for key in session.exec(query))]
    articles = (one.id for shelf in shelves for book in shelf.books.values() for one in book.articles)
    return {DE_MINIMIS, EU_DIRECT, *articles}


def _faults(session: Session, organisation: Organisation, award: Award) -> Iterator[Fault | None]:
    if not in_eea(award.member_state):
        yield Fault("member_state", "grants_no_state_aid", remedy="state_of_the_eea", member_state=award.member_state)
    yield day_fault("granted_on", award.granted_on, last=today())
    yield amount_fault("amount", award.amount)
    if award.basis not in (known := bases(session, organisation)):
        yield Fault("basis", "no_basis_aid", remedy="one_of", basis=award.basis, known=tuple(sorted(known)))
    if award.eu_grant and award.basis == DE_MINIMIS:
        yield Fault("eu_grant", "not_de_minimis_aid", remedy="take_out_or_name_basis_that_rests")
    if award.cost_line_id is not None:
        line = session.get(CostLine, award.cost_line_id)
        if line is None or line.organisation_id != organisation.id:
            yield Fault("cost_line_id", "no_cost_line_organisation", remedy="name_one_or_leave_out")
