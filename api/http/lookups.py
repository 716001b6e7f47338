"""What a request names by its short name: organisations, events, regions and working areas of the partnership."""

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Query
from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped
from sqlmodel import Session, col, select

from api.http.dependencies import person_of
from documents.proposal.addressee import Addressed, Addressee
from states.archive.tables import BETWEEN, MOST_COMPARED
from states.collaborations.officers import OFFICE, looked_after_by
from states.collaborations.queries import find_collaborations, members_of
from states.collaborations.tables import Collaboration
from states.crossings.agreements import CONDITION_DEADLINE
from states.crossings.deadlines.sync import STAGE_DEADLINE
from states.crossings.implementation.changes import APPROVAL_DEADLINE
from states.crossings.implementation.progress import CHECK_DEADLINE as PROGRESS_CHECK
from states.crossings.implementation.progress import PROGRESS_DEADLINE
from states.deadlines.kinds import Waiting
from states.errors import Denied, Fault, Invalid, Missing
from states.funding.queries import scenarios_of
from states.matchmaking.event_day.queries import find_participants
from states.matchmaking.event_day.tables import Participant
from states.matchmaking.interests.service import ANSWER_DEADLINE, INFORMATION_DEADLINE
from states.matchmaking.meetings.outcomes import FOLLOW_UPS
from states.matchmaking.profiles.service import CHECK_DEADLINE
from states.matchmaking.suggestions.chosen_taxonomy import taxonomy_of
from states.partners.addresses import address_key
from states.partners.queries import (
    find_organisations,
    holders,
    organisations_of,
    regions_of,
    working_areas_of,
)
from states.partners.tables import Organisation, Partnership, PartnershipEvent, Region, RoleGrant, WorkingArea
from states.playbooks.editions import stages_of
from states.review.access import REVIEWERS
from states.review.seats import SEAT_DEADLINES
from states.rights.access import Action, Actor, Role, confined_to
from states.rights.conditions import permitted_where


class UnknownName(Invalid):
    """The partnership has nothing of that name."""

    code = "unknown_name"


def organisations_named(session: Session, partnership_id: str, wanted: Mapping[str, str]) -> dict[str, Organisation]:
    """Return the organisations by the place in the request that names them; raise with every name that is unknown."""
    named = find_organisations(partnership_id).where(col(Organisation.slug).in_(wanted.values()))
    known = {organisation.slug: organisation for organisation, _ in session.exec(named)}
    unknown = {place: slug for place, slug in wanted.items() if slug not in known}
    if unknown:
        there = tuple(one.slug for one, _ in organisations_of(session, partnership_id))
        remedy = "one_of" if there else "none_yet"
        raise UnknownName(
            faults=[
                Fault(place, "organisation_unknown", remedy=remedy, organisation=slug, known=there)
                for place, slug in unknown.items()
            ]
        )
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


def collaboration_named(session: Session, partnership_id: str, slug: str) -> Collaboration | None:
    """Return the partnership's collaboration of that short name, or none where it is empty."""
    if not slug:
        return None
    found = session.exec(find_collaborations(partnership_id, col(Collaboration.slug) == slug)).one_or_none()
    if found is None:
        raise UnknownName("collaboration_unknown", field="merges_into", remedy="take_one_of_list", collaboration=slug)
    return found


def event_of(session: Session, partnership_id: str, key: str) -> PartnershipEvent:
    """Return the event of that id."""
    found = session.get(PartnershipEvent, key)
    if found is None or found.partnership_id != partnership_id:
        raise UnknownName("event_unknown", field="event_id", remedy="take_id_from_list_events")
    return found


def addressed_to(
    session: Session, partnership_id: str, scenario_id: str, reader: Addressee, *, region: str | None
) -> str:
    """Return the subject of the proposal on a scenario to a reader; `region` is the slug of one, for a region alone."""
    if region is None:
        return Addressed(scenario_id, reader).subject
    if reader is not Addressee.REGION:
        raise Invalid("region_of_region_only", field="region", remedy="leave_it_out", addressee=reader)
    return Addressed(scenario_id, reader, region_named(session, partnership_id, region).id).subject


def briefing_for(session: Session, row: Collaboration, version_id: str, region: str | None) -> str:
    """Return the subject of the briefing on a frozen version for the region of a slug."""
    known = tuple(one.slug for one in regions_of(session, row.partnership_id))
    if region is None:
        raise Invalid("briefing_without_region", field="region", remedy="one_of", known=known)
    if region not in known:
        raise UnknownName("region_unknown", field="region", remedy="one_of", region=region, known=known)
    return f"{version_id}{BETWEEN}{region_named(session, row.partnership_id, region).id}"


def compared(session: Session, row: Collaboration, names: Sequence[str]) -> str:
    """Return the subject of the comparison of the scenarios of these names, two to five, in this order."""
    rows = {one.name: one.id for one in scenarios_of(session, row.id)}
    unknown = [name for name in names if name not in rows]
    if unknown:
        remedy = "one_of" if rows else "none_yet"
        raise UnknownName("scenario_unknown", field="scenarios", remedy=remedy, scenario=unknown[0], known=tuple(rows))
    keys = list(dict.fromkeys(rows[name] for name in names))
    if not 2 <= len(keys) <= MOST_COMPARED:
        raise Invalid("scenarios_to_compare", field="scenarios", most=MOST_COMPARED, count=len(keys))
    return BETWEEN.join(keys)


def region_named(session: Session, partnership_id: str, slug: str) -> Region:
    """Return the partnership region of that slug, or raise `Missing`."""
    query = select(Region).where(Region.partnership_id == partnership_id, Region.slug == slug)
    found = session.exec(query).one_or_none()
    if found is None:
        raise Missing("region", slug)
    return found


OfCollaboration = Annotated[str | None, Query(description="the id of a collaboration", max_length=40)]


def need_collaboration(session: Session, actor: Actor, key: str | None) -> None:
    """Raise `UnknownName` where a filter names a collaboration of which the actor may know nothing."""
    if key is None:
        return
    readable = permitted_where(session, actor, Collaboration, Action.READ_COLLABORATION)
    query = find_collaborations(actor.partnership_id, readable, col(Collaboration.id) == key)
    if session.exec(query).first() is None:
        raise UnknownName(
            "collaboration_unknown",
            field="query.collaboration",
            remedy="take_id_from_list_of_collaborations",
            collaboration=key,
        )


def need_participant(session: Session, actor: Actor, event_id: str, key: str | None) -> None:
    """Raise `UnknownName` where a filter names nobody of an event whom the actor may see."""
    if key is None:
        return
    readable = permitted_where(session, actor, Participant, Action.READ_PARTICIPANTS)
    if session.exec(find_participants(event_id, readable, col(Participant.id) == key)).first() is None:
        raise UnknownName(
            "participant_unknown",
            field="query.participant",
            remedy="take_id_from_list_of_participants",
            participant=key,
        )


def need_stage(session: Session, partnership_id: str, stage: str) -> None:
    """Raise `UnknownName` where a filter names a stage that the partnership's playbook does not have."""
    known = stages_of(session, session.get_one(Partnership, partnership_id))
    if stage not in known:
        raise UnknownName("stage_unknown", field="query.stage", remedy="one_of", stage=stage, known=tuple(known))


def need_keyword(session: Session, partnership_id: str, code: str) -> None:
    """Raise `UnknownName` where a filter names a keyword that the partnership's taxonomy does not have."""
    if code not in taxonomy_of(session, partnership_id).nodes:
        raise UnknownName("no_keyword_here", field="query.keyword", remedy="take_code_from_taxonomy", keyword=code)


def need_somebody(session: Session, partnership_id: str, person_id: str) -> None:
    """Raise `UnknownName` where a filter names by id somebody who never had a role in the partnership."""
    had = select(RoleGrant.id).where(RoleGrant.partnership_id == partnership_id, RoleGrant.person_id == person_id)
    if session.exec(had.limit(1)).first() is None:
        raise UnknownName(
            "nobody_of_that_id", field="query.person", remedy="take_person_id_from_mail", person=person_id
        )


# Whatever waits until a date, by the name that its deadline has.
DEADLINE_KINDS = (
    STAGE_DEADLINE,
    *SEAT_DEADLINES,
    *(kind.value for kind in Waiting),
    ANSWER_DEADLINE,
    INFORMATION_DEADLINE,
    CHECK_DEADLINE,
    *FOLLOW_UPS,
    CONDITION_DEADLINE,
    PROGRESS_DEADLINE,
    PROGRESS_CHECK,
    APPROVAL_DEADLINE,
)


def need_deadline_kind(kind: str) -> None:
    """Raise `UnknownName` where a filter names a kind that no deadline has."""
    if kind not in DEADLINE_KINDS:
        raise UnknownName("kind_unknown", field="query.kind", remedy="mend_spelling", kind=kind, known=DEADLINE_KINDS)


def need_open_sort(actor: Actor, sort: str, *, hidden: str) -> None:
    """Raise `UnknownName` where a reviewer sorts by a text in which names may be hidden: its place would tell them."""
    if actor.role in REVIEWERS and sort.removeprefix("-") == hidden:
        raise UnknownName("sort_hidden", field="query.sort", remedy="leave_sort_out", key=hidden)


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


def member_ids(session: Session, row: Collaboration) -> dict[str, str]:
    """Return the ids of a collaboration's partners by their short names."""
    return {one.organisation.slug: one.organisation.id for one in members_of(session, [row.id])[row.id]}


OfOfficer = Annotated[
    str | None, Query(max_length=300, description="cases of `me`, of a person by id or address, or of `none`")
]
_ME, _NONE = "me", "none"


def cases_where(
    session: Session, actor: Actor, column: Mapped[str] | Mapped[str | None], officer: str | None
) -> list[ColumnElement[bool]]:
    """Return the condition that a column names a case of the officer of a filter; raise `UnknownName` for nobody."""
    if officer is None:
        return []
    if officer == _NONE:
        return [looked_after_by(column, None)]
    if officer == _ME:
        return [looked_after_by(column, person_of(actor))]
    named = address_key(officer)
    found = (one.person for one in holders(session, actor.partnership_id, *OFFICE))
    person = next((one for one in found if officer == one.id or named == one.email), None)
    if person is None:
        raise UnknownName("nobody_of_office", field="query.officer", remedy="me_none_or_one_of_office", officer=officer)
    return [looked_after_by(column, person.id)]
