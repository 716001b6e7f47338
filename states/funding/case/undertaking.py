"""What the figures of an organisation come to outside any case: its size with those linked to it, de minimis left."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from states.clock import today
from states.funding.case.gathering import enterprise_of
from states.funding.case.instruments import DE_MINIMIS
from states.funding.case.partners import Enterprise, Link
from states.funding.case.vocabulary import Control
from states.funding.inputs.accounts import YEAR_FIGURES
from states.funding.inputs.tables import Accounts, Ownership
from states.funding.law.de_minimis import Headroom, headroom_under
from states.funding.law.enterprises import Sizing, sizing, undertakings
from states.funding.queries import aid_to, linked_to
from states.funding.rules.choice import on_day
from states.funding.rules.library import RuleSet
from states.funding.rules.queries import shelf_for
from states.partners.tables import Organisation
from states.places import nuts


@dataclass(frozen=True, slots=True)
class Around:
    """An organisation with all that are linked to it, on a day."""

    date: date
    enterprise_by_id: Mapping[str, Enterprise]
    links: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Undertaking:
    """The single undertaking of an organisation, how large that is, and EUR of de minimis aid left by State."""

    rules: RuleSet
    sizing: Sizing
    members: Sequence[Organisation]
    headrooms: Mapping[str, Headroom]


def undertaking_of(session: Session, organisation: Organisation, *, partnership_id: str) -> Undertaking:
    """Return what the figures of an organisation come to today, under the rules that hold.

    Headroom is told for the State of its site, and for each in which the undertaking had such aid.
    """
    on, shelf = today(), shelf_for(session, partnership_id)
    rules = shelf.rule_set(on_day(on, shelf))
    known = select(Organisation).where(col(Organisation.id).in_(linked_to(session, organisation.id)))
    by_id = {one.id: one for one in session.exec(known.order_by(col(Organisation.name), col(Organisation.id)))}
    owned = select(Ownership).where(col(Ownership.holder_id).in_(by_id)).order_by(col(Ownership.id))
    links = [
        Link(
            holder=by_id[one.holder_id].slug,
            held=by_id[one.held_id].slug,
            percent=one.percent,
            control=tuple(map(Control, one.control)),
        )
        for one in session.exec(owned)
    ]
    years = defaultdict[str, list[Accounts]](list)
    theirs = select(Accounts).where(col(Accounts.organisation_id).in_(by_id))
    for row in session.exec(theirs.order_by(col(Accounts.year))):
        years[row.organisation_id].append(row)
    enterprises = {one.slug: _enterprise(one, years[one.id]) for one in by_id.values()}
    around = Around(on, enterprises, links)
    groups = undertakings(around, rules)
    members = [one for one in by_id.values() if one.slug in groups[organisation.slug]]
    received = [one for one in aid_to(session, [one.id for one in members]) if one.basis == DE_MINIMIS]
    states = sorted({nuts.country(organisation.nuts), *(one.member_state for one in received)})
    return Undertaking(
        rules,
        sizing(around, rules, organisation.slug, groups),
        members,
        {
            state: headroom_under(
                rules, [(one.granted_on, one.amount) for one in received if one.member_state == state], on=on
            )
            for state in states
        },
    )


def _enterprise(one: Organisation, accounts: Sequence[Accounts]) -> Enterprise:
    years = [{name: value for name in YEAR_FIGURES if (value := getattr(row, name)) is not None} for row in accounts]
    return Enterprise.model_validate(enterprise_of(one, years))
