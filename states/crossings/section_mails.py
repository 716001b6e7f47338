"""What people are told of sections that are given, returned and handed in."""

from collections.abc import Sequence

from sqlmodel import Session

from states.clock import today
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkFor, LinkPurpose, make_link
from states.mail.addresses import address
from states.mail.ledger import enter_mail
from states.mail.tables import MailKind
from states.partners.queries import holders
from states.partners.tables import Organisation, Person
from states.playbooks.editions import playbook_of
from states.protocol.assignments.tables import AssignmentState, SectionAssignment
from states.rights.access import Role
from states.texts.titles import kept_title

OFFICE = (Role.PROJECT_MANAGER, Role.ADMINISTRATOR)
"""Who writes every protocol."""

_GRACE_DAYS = 30
"""How long a link still opens after the deadline: who is late may write all the same."""


def _titles(session: Session, row: Collaboration) -> dict[str, str]:
    return {one.key: one.title for one in playbook_of(session, row).protocol}


def tell_writer(session: Session, row: Collaboration, given: Sequence[SectionAssignment]) -> None:
    """Write to whoever has these sections, all of one person and day, with a link by which they are written."""
    first, titles = given[0], _titles(session, row)
    days = max((first.due_on - today()).days, 0) + _GRACE_DAYS
    wanted = LinkFor(row.partnership_id, first.person_id, LinkPurpose.PART, row.id)
    link = make_link(session, wanted, days=days).partition(".")[0]
    organisation = session.get(Organisation, first.organisation_id) if first.organisation_id else None
    enter_mail(
        session,
        MailKind.SECTION_GIVEN,
        key=f"{MailKind.SECTION_GIVEN.value}:{link}",
        person_id=first.person_id,
        partnership_id=row.partnership_id,
        values={
            "title": row.title,
            "sections": [kept_title(titles.get(one.section, one.section)) for one in given],
            "note": first.note,
            "question": first.remark if first.state is AssignmentState.RETURNED else "",
            "until": first.due_on.isoformat(),
            "link": address(f"links/part/{link}"),  # signed when the mail is sent
        },
        site=organisation.nuts if organisation else "",
    )


def tell_giver(session: Session, row: Collaboration, one: SectionAssignment) -> None:
    """Write to who gave a section, or where that person works here no more to the office, that it was handed in."""
    active = {held.person.id for held in holders(session, row.partnership_id, Role.PARTNER, *OFFICE)}
    managers = {held.person.id for held in holders(session, row.partnership_id, Role.PROJECT_MANAGER)}
    told = {one.given_by} if one.given_by in active else managers
    organisation = session.get(Organisation, one.organisation_id) if one.organisation_id else None
    for person_id in sorted(key for key in told if key != one.person_id):
        enter_mail(
            session,
            MailKind.SECTION_HANDED_IN,
            key=f"{MailKind.SECTION_HANDED_IN.value}:{one.id}:{one.turn}:{person_id}",
            person_id=person_id,
            partnership_id=row.partnership_id,
            values={
                "title": row.title,
                "section": kept_title(_titles(session, row).get(one.section, one.section)),
                "by": organisation.name if organisation else session.get_one(Person, one.person_id).label,
                "link": address(f"section-assignments/{one.id}"),
            },
            site="",
        )
