"""Sign a browser in: by a link that a mail brings or a command prints, or as whoever has shown who it is."""

from hashlib import sha256
from urllib.parse import quote

from sqlmodel import Session, col, func, select

from states.clock import machine_now
from states.credentials.links import (
    LinkEnded,
    LinkFor,
    LinkPurpose,
    SignedLink,
    make_link,
    need_unused,
    new_link,
    open_link,
    revoke_links,
    use_link,
)
from states.credentials.sessions import (
    BrowserSession,
    Means,
    end_session,
    end_sessions,
    grants_in_force,
    session_by,
    start_session,
)
from states.errors import Denied
from states.mail.addresses import page_address
from states.mail.ledger import enter_mail
from states.mail.tables import MailKind
from states.partners.addresses import address_key
from states.partners.tables import Person, RoleGrant
from states.storage import new_id

LINK_MINUTES = 15
MOST_OPEN_LINKS = 5  # to one person at a time: who is flooded with asked-for mails gets these


class NoRoleHere(Denied):
    """Somebody is known, or says a true name, and holds no role here."""

    code = "no_role_here"


def person_with_role(session: Session, email: str) -> Person | None:
    """Return whose address this is, if that person holds a role now."""
    person = session.exec(select(Person).where(Person.email == address_key(email))).one_or_none()
    return person if person is not None and grants_in_force(session, person.id) else None


def send_link(session: Session, email: str, *, then: str = "") -> None:
    """Write to an address with a link that signs in and leads on to the page `then`; to nobody where nobody has a role.

    Whoever asks learns nothing of that.
    """
    person = person_with_role(session, email)
    if person is None or _open_links(session, person) >= MOST_OPEN_LINKS:
        return
    row, _ = new_link(_wanted(session, person), minutes=LINK_MINUTES)
    session.add(row)
    session.flush()
    enter_mail(
        session,
        MailKind.SIGN_IN,
        key=f"{MailKind.SIGN_IN.value}:{row.id}",
        person_id=person.id,
        partnership_id=row.partnership_id,
        values={"until": row.expires_at.isoformat(), "link": _leading_to(row.id, then)},  # signed when it is sent
    )


def link_for(session: Session, person: Person, *, then: str = "") -> str:
    """Return the address of a link that signs this person in, for whoever looks after the installation."""
    return _leading_to(make_link(session, _wanted(session, person), minutes=LINK_MINUTES), then)


def read_link(session: Session, text: str) -> Person:
    """Return whom a link signs in, and use nothing up: mail scanners follow every link. Raise as `open_link` does."""
    row, person = _open(session, text)
    need_unused(row)
    return person


def use_sign_in_link(session: Session, text: str) -> Person:
    """Use a link up, and all others to this person with it; return whom it signs in."""
    row, person = _open(session, text)
    use_link(session, row)
    revoke_links(session, purpose=LinkPurpose.SIGN_IN, subject_id=row.subject_id)
    return person


def begin_session(
    session: Session,
    person_id: str,
    *,
    means: Means,
    browser: str = "",
    former: str | None = None,
    grant: RoleGrant | None = None,
) -> str:
    """Sign a person in and return the text of the browser's new cookie, or raise `NoRoleHere`.

    The role in force is `grant`, or else the one in which that person acted last. What the browser had as its cookie
    before, `former`, ends: nobody goes on by an id from before the sign-in.
    """
    grant = grant or _grant_to_begin_with(session, person_id)
    if former and (row := session_by(session, former)) is not None:
        end_session(session, row)
    return start_session(session, grant, means=means, browser=browser)


def end_all(session: Session, person: Person, *, but: str = "") -> int:
    """Sign a person out of every browser `but` one, and let no link sign in any more; return of how many."""
    revoke_links(session, purpose=LinkPurpose.SIGN_IN, subject_id=_subject(person))
    return end_sessions(session, person.id, but=but)


def _open(session: Session, text: str) -> tuple[SignedLink, Person]:
    row = open_link(session, text, purpose=LinkPurpose.SIGN_IN)
    person = session.get_one(Person, row.person_id)
    if row.subject_id != _subject(person):
        raise LinkEnded("link_to_another_address")
    return row, person


def _wanted(session: Session, person: Person) -> LinkFor:
    grant = _grant_to_begin_with(session, person.id)
    return LinkFor(grant.partnership_id, person.id, LinkPurpose.SIGN_IN, _subject(person))


def _subject(person: Person) -> str:
    """Return for what a link is: the address that it goes to, so that it ends when the person has another one."""
    return sha256(f"{person.id}\n{person.email}".encode()).hexdigest()[: len(new_id())]


def _leading_to(key: str, then: str) -> str:
    return page_address(f"sign-in/link/{key}") + (f"?next={quote(then, safe='/')}" if then else "")


def _open_links(session: Session, person: Person) -> int:
    query = select(func.count()).where(
        SignedLink.subject_id == _subject(person),
        col(SignedLink.used_at).is_(None),
        col(SignedLink.revoked_at).is_(None),
        col(SignedLink.expires_at) > machine_now(),
    )
    return session.exec(query).one()


def _grant_to_begin_with(session: Session, person_id: str) -> RoleGrant:
    held = {grant.id: grant for grant, _ in grants_in_force(session, person_id)}
    if not held:
        raise NoRoleHere
    last = (
        select(BrowserSession.grant_id)
        .where(BrowserSession.person_id == person_id, col(BrowserSession.grant_id).in_(held))
        .order_by(col(BrowserSession.seen_at).desc())
        .limit(1)
    )
    found = session.exec(last).one_or_none()
    return held[found] if found is not None else next(iter(held.values()))
