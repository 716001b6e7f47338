"""Partners are asked to sign, each who speaks for one by a link of its own; managers hear of what is refused."""

from sqlmodel import Session, col, func, select

from states.clock import now, today
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkFor, LinkPurpose, make_link
from states.deadlines.readers import readers_of
from states.deadlines.tables import Deadline
from states.mail.addresses import address
from states.mail.ledger import enter_mail
from states.mail.tables import Mail, MailKind
from states.mail.windows import opening
from states.partners.queries import holders
from states.partners.tables import Organisation
from states.protocol.queries import version_by_id
from states.protocol.signing import request_prefix, sign_off
from states.protocol.tables import SignOff
from states.rights.access import Role

_GRACE_DAYS = 30
"""How long a link still opens after the deadline: who is late may sign all the same."""


def ask_to_sign(session: Session, deadline: Deadline, *, title: str, version: int) -> None:
    """Enter a mail for everybody whom a sign-off's deadline waits for, for when that person may be written to."""
    organisation = session.get_one(Organisation, deadline.owner_organisation_id)
    sent_before = select(func.count()).where(col(Mail.key).startswith(request_prefix(deadline.subject_id)))
    turn = session.exec(sent_before).one()
    for reader in readers_of(session, [deadline.partnership_id])[deadline.partnership_id]:
        if (reader.grant.role, reader.grant.organisation_id) != (Role.PARTNER, organisation.id):
            continue
        person = reader.person
        wanted = LinkFor(deadline.partnership_id, person.id, LinkPurpose.SIGN_OFF, deadline.subject_id)
        link = make_link(session, wanted, days=(deadline.due_on - today()).days + _GRACE_DAYS)
        enter_mail(
            session,
            MailKind.SIGN_OFF,
            key=f"{request_prefix(deadline.subject_id)}{person.id}:{turn}",
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


def answer_request(
    session: Session,
    row: SignOff,
    *,
    collaboration: Collaboration,
    person_id: str,
    refused_because: str = "",
    expected_version: int | None = None,
) -> SignOff:
    """Sign or refuse, as `sign_off` does; whoever manages the collaboration is told of a refusal and its reason."""
    sign_off(
        session,
        row,
        collaboration=collaboration,
        person_id=person_id,
        refused_because=refused_because,
        expected_version=expected_version,
    )
    if row.refused_because:
        _tell_managers(session, row, collaboration)
    return row


def _tell_managers(session: Session, row: SignOff, collaboration: Collaboration) -> None:
    managers = {one.person.id for one in holders(session, collaboration.partnership_id, Role.PROJECT_MANAGER)}
    for person_id in sorted(managers):
        enter_mail(
            session,
            MailKind.SIGN_OFF_REFUSED,
            key=f"{MailKind.SIGN_OFF_REFUSED.value}:{row.id}:{row.version}:{person_id}",
            person_id=person_id,
            partnership_id=collaboration.partnership_id,
            values={
                "title": collaboration.title,
                "version": str(version_by_id(session, row.protocol_version_id).number),
                "organisation": session.get_one(Organisation, row.organisation_id).name,
                "reason": row.refused_because,
                "link": address(f"collaborations/{collaboration.id}/protocol/sign-offs"),
            },
        )
