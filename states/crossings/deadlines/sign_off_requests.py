"""Partners are asked to sign, each who speaks for one by a link of its own; managers hear of what is refused."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sqlmodel import Session, col, func, select

from states.clock import now, today
from states.collaborations.officers import office_of
from states.collaborations.tables import Collaboration
from states.credentials.links import LinkFor, LinkPurpose, new_link
from states.deadlines.ladder import Reader
from states.deadlines.queries import readers_of
from states.deadlines.tables import Deadline
from states.mail.addresses import address
from states.mail.ledger import NewMail, enter_mail, enter_mails
from states.mail.tables import Mail, MailKind
from states.mail.windows import opening
from states.partners.tables import Organisation
from states.protocol.queries import version_by_id
from states.protocol.signing import request_prefix, sign_off
from states.protocol.tables import SignOff
from states.rights.access import Role

_GRACE_DAYS = 30
"""How long a link still opens after the deadline: who is late may sign all the same."""


def ask_to_sign(
    session: Session, deadlines: Sequence[Deadline], *, title: str, version: int, names: Mapping[str, str]
) -> None:
    """Enter a mail for everybody whom these sign-offs' deadlines wait for, for when that person may be written to.

    The deadlines are of one collaboration; `names` are its partners' by id.
    """
    (partnership_id,) = {one.partnership_id for one in deadlines}
    readers = readers_of(session, [partnership_id], role=Role.PARTNER)[partnership_id]
    turns = _turns(session, partnership_id, [one.subject_id for one in deadlines])
    wanted = [(one, reader) for one in deadlines for reader in readers if _speaks_for(reader, one)]
    links = [
        new_link(
            LinkFor(partnership_id, reader.person.id, LinkPurpose.SIGN_OFF, one.subject_id),
            days=(one.due_on - today()).days + _GRACE_DAYS,
        )[0]
        for one, reader in wanted
    ]
    session.add_all(links)
    session.flush()
    mails = [
        NewMail(
            f"{request_prefix(one.subject_id)}{reader.person.id}:{turns[one.subject_id]}",
            reader.person.id,
            partnership_id,
            {
                "title": title,
                "version": str(version),
                "organisation": names[one.owner_organisation_id or ""],
                "until": one.due_on.isoformat(),
                "link": address(f"links/sign-off/{link.id}"),  # signed when the mail is sent
            },
            not_before=opening(
                now(),
                preference=reader.preference,
                time_zone=reader.person.time_zone,
                nuts=reader.nuts or one.nuts,
            ),
            site=reader.nuts or one.nuts,
        )
        for (one, reader), link in zip(wanted, links, strict=True)
    ]
    enter_mails(session, MailKind.SIGN_OFF, mails)


def _speaks_for(reader: Reader, deadline: Deadline) -> bool:
    return reader.grant.organisation_id == deadline.owner_organisation_id


def _turns(session: Session, partnership_id: str, sign_off_ids: Sequence[str]) -> Counter[str]:
    """Count the mails that were entered for each of these sign-offs before."""
    prefixes = {request_prefix(key): key for key in sign_off_ids}
    (length,) = {len(prefix) for prefix in prefixes}
    prefix = func.substr(col(Mail.key), 1, length)
    query = select(prefix).where(Mail.partnership_id == partnership_id, Mail.kind == MailKind.SIGN_OFF)
    return Counter(prefixes[one] for one in session.exec(query.where(prefix.in_(prefixes))))


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
        _tell_office(session, row, collaboration)
    return row


def _tell_office(session: Session, row: SignOff, collaboration: Collaboration) -> None:
    for person_id in office_of(session, collaboration, Role.PROJECT_MANAGER):
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
