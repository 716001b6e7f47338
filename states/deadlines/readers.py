"""Who can be written to in a partnership: each holder of a role with site, time zone and wishes, in two queries."""

from collections.abc import Iterable

from sqlmodel import Session, col, or_, select

from states.clock import now
from states.deadlines.ladder import Reader
from states.mail.tables import MailPreference
from states.partners.tables import Organisation, Person, Region, RoleGrant
from states.rights.access import Role


def readers_of(
    session: Session, partnership_ids: Iterable[str], *, role: Role | None = None
) -> dict[str, list[Reader]]:
    """Return who holds a role now (or this role), by partnership, by labels; default wishes where none are recorded."""
    keys = set(partnership_ids)
    query = (
        select(Person, RoleGrant, MailPreference, Organisation)
        .join(RoleGrant, col(RoleGrant.person_id) == col(Person.id))
        .join(MailPreference, col(MailPreference.person_id) == col(Person.id), isouter=True)
        .join(Organisation, col(Organisation.id) == col(RoleGrant.organisation_id), isouter=True)
        .where(
            col(RoleGrant.partnership_id).in_(keys),
            or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now()),
        )
        .order_by(col(Person.label), col(Person.id), col(RoleGrant.role))
    )
    if role is not None:
        query = query.where(RoleGrant.role == role)
    found: dict[str, list[Reader]] = {key: [] for key in keys}
    rows = session.exec(query).all()
    regions = {grant.region_id for _, grant, _, organisation in rows if grant.region_id and not organisation}
    of_regions = select(Region.id, Region.codes).where(col(Region.id).in_(regions))
    codes = dict(session.exec(of_regions).all()) if regions else {}
    for person, grant, preference, organisation in rows:
        site = organisation.nuts if organisation else next(iter(codes.get(grant.region_id or "", [])), "")
        wishes = preference or MailPreference(person_id=person.id)
        found[grant.partnership_id].append(Reader(person, grant, site, wishes))
    return found
