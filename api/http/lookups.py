"""What a request names by its short name: organisations, events, regions and working areas of the partnership."""

from collections.abc import Mapping

from sqlmodel import Session

from states.errors import Denied, Fault, Invalid, Missing
from states.partners.queries import events_of, holders, organisations_of, regions_of, working_areas_of
from states.partners.tables import Organisation, PartnershipEvent, Region, WorkingArea
from states.rights.access import Actor, Role, confined_to


class UnknownName(Invalid):
    """The partnership has nothing of that name."""

    code = "unknown_name"


def organisations_named(session: Session, partnership_id: str, wanted: Mapping[str, str]) -> dict[str, Organisation]:
    """Return the organisations by the place in the request that names them; raise with every name that is unknown."""
    known = {organisation.slug: organisation for organisation, _ in organisations_of(session, partnership_id)}
    faults = [
        Fault(
            place,
            "organisation_unknown",
            remedy="one_of" if known else "none_yet",
            organisation=slug,
            known=tuple(known),
        )
        for place, slug in wanted.items()
        if slug not in known
    ]
    if faults:
        raise UnknownName(faults=faults)
    return {place: known[slug] for place, slug in wanted.items()}


def working_area_numbered(session: Session, partnership_id: str, number: int) -> WorkingArea:
    """Return the working area of that number."""
    known = {entry.area.number: entry.area for entry in working_areas_of(session, partnership_id)}
    if number not in known:
        raise UnknownName(
            "working_area_unknown",
            field="working_area",
            remedy="one_of" if known else "none_yet",
            area=number,
            known=tuple(known),
        )
    return known[number]


def event_of(session: Session, partnership_id: str, key: str) -> PartnershipEvent:
    """Return the event of that id."""
    found = next((row for row in events_of(session, partnership_id) if row.id == key), None)
    if found is None:
        raise UnknownName("event_unknown", field="event_id", remedy="take_id_from_list_events")
    return found


def region_named(session: Session, partnership_id: str, slug: str) -> Region:
    """Return the partnership region of that slug, or raise `Missing`."""
    found = next((row for row in regions_of(session, partnership_id) if row.slug == slug), None)
    if found is None:
        raise Missing("region", slug)
    return found


def acting_organisation(session: Session, actor: Actor, slug: str | None) -> Organisation:
    """Return for whom the actor acts: a partner for its own organisation only, a manager for the one it names."""
    if confined_to(actor) is None:
        return organisations_named(session, actor.partnership_id, {"organisation": slug or ""})["organisation"]
    own = session.get_one(Organisation, actor.organisation_id)
    if slug not in (None, own.slug):
        raise Denied("acts_for_one_only", organisation=own.slug)
    return own


def people_by_email(session: Session, partnership_id: str, wanted: Mapping[str, str | None]) -> dict[str, str]:
    """Return the ids of people who act here by the place that names them; raise with every address that is unknown."""
    acting = [role for role in Role if role is not Role.OBSERVER]
    known = {one.person.email: one.person.id for one in holders(session, partnership_id, *acting)}
    named = {place: email.strip().lower() for place, email in wanted.items() if email is not None}
    faults = [
        Fault(place, "nobody_who_acts_in_partnership", remedy="e_mail_address_somebody_with_role", email=email)
        for place, email in named.items()
        if email not in known
    ]
    if faults:
        raise UnknownName(faults=faults)
    return {place: known[email] for place, email in named.items()}
