"""The mails that ask partners to sign: one to each who speaks for the organisation, with a link of its own."""

from sqlmodel import Session

from states.access import Role
from states.clock import now, today
from states.deadlines.readers import readers_of
from states.deadlines.tables import Deadline
from states.mail.addresses import address
from states.mail.ledger import enter_mail
from states.mail.tables import MailKind
from states.mail.windows import opening
from states.partners.links import LinkFor, LinkPurpose, make_link
from states.partners.tables import Organisation
from states.protocol.signing import request_prefix

_GRACE_DAYS = 30
"""How long a link still opens after the deadline: who is late may sign all the same."""


def ask_to_sign(session: Session, deadline: Deadline, *, title: str, version: int) -> None:
    """Enter a mail for everybody whom a sign-off's deadline waits for, for when that person may be written to."""
    organisation = session.get_one(Organisation, deadline.owner_organisation_id)
    for reader in readers_of(session, [deadline.partnership_id])[deadline.partnership_id]:
        if (reader.grant.role, reader.grant.organisation_id) != (Role.PARTNER, organisation.id):
            continue
        person = reader.person
        wanted = LinkFor(deadline.partnership_id, person.id, LinkPurpose.SIGN_OFF, deadline.subject_id)
        link = make_link(session, wanted, days=(deadline.due_on - today()).days + _GRACE_DAYS)
        enter_mail(
            session,
            MailKind.SIGN_OFF,
            key=f"{request_prefix(deadline.subject_id)}{person.id}:{deadline.id}",
            person_id=person.id,
            partnership_id=deadline.partnership_id,
            values={
                "title": title,
                "version": str(version),
                "organisation": organisation.name,
                "until": deadline.due_on.isoformat(),
                "link": address(f"links/sign-off/{link}"),
            },
            not_before=opening(
                now(),
                preference=reader.preference,
                time_zone=person.time_zone,
                nuts=reader.nuts or deadline.nuts,
            ),
            site=reader.nuts or deadline.nuts,
        )
