"""Invite people to their roles by signed link, end roles, erase people: what waited for somebody is handed over."""

from dataclasses import dataclass
from datetime import timedelta

from sqlmodel import Session, col, or_, select

from states.calendars.feeds import feeds_of, revoke_feed
from states.changes import record
from states.clock import machine_now, now, today
from states.collaborations.officers import OFFICE, HandedCase, hand_over_cases
from states.collaborations.queries import collaboration_by_id
from states.collaborations.saved_views import SavedView
from states.credentials.links import LinkFor, LinkPurpose, SignedLink, make_link, revoke_links
from states.credentials.passkeys import Passkey, PasskeyChallenge
from states.credentials.passwords import Password
from states.credentials.sessions import BrowserSession, end_sessions
from states.crossings.questions.asking import readdress_person
from states.crossings.review.rounds import panel_of
from states.crossings.section_assignments import release_person
from states.deadlines.service import reassign
from states.deadlines.tables import Deadline, DeadlineState
from states.errors import Fault, Refusal, Refused
from states.mail.addresses import address
from states.mail.ledger import enter_mail, withdraw_matching
from states.mail.tables import Mail, MailKind, MailPreference
from states.matchmaking.event_day.tables import Participant
from states.matchmaking.profiles.tables import Profile
from states.partners.people import RoleInvalid
from states.partners.queries import holders
from states.partners.tables import Absence, AccessToken, Organisation, Partnership, Person, Region, RoleGrant
from states.review.queries import open_seats_of
from states.review.seats import withdraw
from states.rights.access import Actor
from states.storage import bump_version

LINK_DAYS = 30
ERASED = "erased"
_OF_A_PERSON: tuple[
    type[MailPreference | Absence | SavedView | Password | Passkey | PasskeyChallenge | BrowserSession], ...
] = (
    *(MailPreference, Absence, SavedView),
    *(Password, Passkey, PasskeyChallenge, BrowserSession),
)


class RoleEnded(Refused):
    """The role has ended."""

    code = "role_ended"


class PersonActs(Refused):
    """The person holds roles still."""

    code = "person_acts_still"


@dataclass(frozen=True, slots=True)
class HandedOver:
    """What became of what was somebody's: how many deadlines, profiles and sections went on, how many seats were left.

    Of `cases` that the person looked after or stepped in for, nobody looks after the `unattended` any more: those
    stand here by their short names, for somebody to be named.
    """

    deadlines: int = 0
    seats: int = 0
    profiles: int = 0
    sections: int = 0
    questions: int = 0
    cases: int = 0
    unattended: tuple[str, ...] = ()


def invite(session: Session, grant: RoleGrant, *, days: int = LINK_DAYS) -> None:
    """Write to the holder of a role with a link by which that person takes it up; links of former mails end."""
    need_held(grant)
    person, partnership = session.get_one(Person, grant.person_id), session.get_one(Partnership, grant.partnership_id)
    revoke_links(session, purpose=LinkPurpose.ROLE, subject_id=grant.id)
    link = make_link(session, LinkFor(partnership.id, person.id, LinkPurpose.ROLE, grant.id), days=days).partition(".")[
        0
    ]
    enter_mail(
        session,
        MailKind.ROLE_GIVEN,
        key=f"{MailKind.ROLE_GIVEN.value}:{link}",
        person_id=person.id,
        partnership_id=partnership.id,
        values={
            "partnership": partnership.name,
            "role": grant.role.value,
            "speaks_for": spoken_for(session, grant),
            "until": (today() + timedelta(days=days)).isoformat(),
            "link": address(f"links/role/{link}"),  # signed when the mail is sent
        },
    )


def spoken_for(session: Session, grant: RoleGrant) -> str:
    """Return the name of the organisation or region for which a grant speaks; nothing where it speaks for none."""
    if grant.organisation_id is not None:
        return session.get_one(Organisation, grant.organisation_id).name
    return session.get_one(Region, grant.region_id).name if grant.region_id is not None else ""


def need_held(grant: RoleGrant) -> None:
    """Raise `RoleEnded` where the role is held no more."""
    if grant.until is not None and grant.until <= now():
        raise RoleEnded([Refusal("role_held_no_more", role=grant.role, where="people")])


def end_role(
    session: Session,
    grant: RoleGrant,
    *,
    actor: Actor,
    reason: str,
    successor: RoleGrant | None = None,
    expected_version: int | None = None,
) -> HandedOver:
    """End a role now: its tokens, links, browser sessions and feeds with it.

    Deadlines that waited for this person wait for the successor, who must hold the same role here, or for all of the
    role. Seats in open rounds are left, and the rounds look for somebody else. Profiles go to the successor, sections
    too, or back to the lead. Cases that the person looked after go to the successor, else to the deputy.
    """
    need_held(grant)
    _need_fitting(grant, successor, reason)
    bump_version(session, grant, expected=expected_version)
    grant.until = now()
    session.flush()
    _end_credentials(session, grant)
    heir = successor.person_id if successor is not None else None
    cases = _hand_over_cases(session, grant, heir=heir, reason=reason, actor=actor)
    return HandedOver(
        cases=len(cases),
        unattended=tuple(one.collaboration.slug for one in cases if one.after[0] is None),
        deadlines=_hand_over_deadlines(session, grant, heir=heir, reason=reason, actor=actor),
        seats=_leave_seats(session, grant, reason=reason),
        profiles=_hand_over_profiles(session, grant, heir=heir),
        sections=release_person(session, grant, heir=heir, reason=reason),
        questions=readdress_person(session, grant, heir=heir),
    )


def _need_fitting(grant: RoleGrant, successor: RoleGrant | None, reason: str) -> None:
    faults = [] if reason.strip() else [Fault("reason", "missing", remedy="say_why")]
    if successor is not None:
        same = (successor.partnership_id, successor.role, successor.organisation_id)
        ended = successor.until is not None and successor.until <= now()
        if successor.id == grant.id or ended or same != (grant.partnership_id, grant.role, grant.organisation_id):
            faults.append(Fault("successor", "holds_not_the_same_role", remedy="give_role_first", role=grant.role))
    if faults:
        raise RoleInvalid(faults=faults)


def _end_credentials(session: Session, grant: RoleGrant) -> None:
    tokens = select(AccessToken).where(AccessToken.grant_id == grant.id, col(AccessToken.revoked_at).is_(None))
    links = select(SignedLink).where(
        SignedLink.partnership_id == grant.partnership_id,
        SignedLink.person_id == grant.person_id,
        col(SignedLink.used_at).is_(None),
        col(SignedLink.revoked_at).is_(None),
    )
    for row in (*session.exec(tokens), *session.exec(links)):
        row.revoked_at = machine_now()
    end_sessions(session, grant.person_id, grant_id=grant.id)
    for feed in feeds_of(session, grant.partnership_id, person_id=grant.person_id):
        revoke_feed(session, feed)
    session.flush()


def _hand_over_cases(
    session: Session, grant: RoleGrant, *, heir: str | None, reason: str, actor: Actor
) -> list[HandedCase]:
    """Hand over the cases of who is of the office no more; another role there keeps them."""
    held = {one.person.id for one in holders(session, grant.partnership_id, *OFFICE)}
    if grant.role not in OFFICE or grant.person_id in held:
        return []
    return hand_over_cases(
        session, grant.partnership_id, person_id=grant.person_id, heir=heir, reason=reason, actor=actor
    )


def _hand_over_deadlines(session: Session, grant: RoleGrant, *, heir: str | None, reason: str, actor: Actor) -> int:
    query = select(Deadline).where(
        Deadline.partnership_id == grant.partnership_id,
        Deadline.state == DeadlineState.OPEN,
        col(Deadline.personal).is_(False),
        or_(Deadline.owner_person_id == grant.person_id, Deadline.deputy_person_id == grant.person_id),
    )
    rows = session.exec(query.order_by(col(Deadline.id))).all()
    for row in rows:
        owner = heir if row.owner_person_id == grant.person_id else row.owner_person_id
        deputy = heir if row.deputy_person_id == grant.person_id else row.deputy_person_id
        deputy = None if deputy == owner else deputy
        reassign(session, row, person_id=owner, deputy_person_id=deputy, reason=reason, actor=actor)
    return len(rows)


def _leave_seats(session: Session, grant: RoleGrant, *, reason: str) -> int:
    found = open_seats_of(session, grant.person_id, grant.partnership_id)
    seats = [(seat, row) for seat, row in found if panel_of(session, row).members is grant.role]
    for seat, row in seats:
        collaboration = collaboration_by_id(session, row.collaboration_id)
        withdraw(session, row, person_id=seat.person_id, reason=reason, collaboration=collaboration)
    return len(seats)


def _hand_over_profiles(session: Session, grant: RoleGrant, *, heir: str | None) -> int:
    """Let profiles and places at events go by the successor; without one nobody is behind them but the organisation."""
    if grant.organisation_id is None:
        return 0
    profiles = select(Profile).where(
        Profile.partnership_id == grant.partnership_id, Profile.author_person_id == grant.person_id
    )
    places = select(Participant).where(
        Participant.partnership_id == grant.partnership_id, Participant.person_id == grant.person_id
    )
    authored, attended = session.exec(profiles).all(), session.exec(places).all()
    for profile in authored:
        profile.author_person_id = heir
    for participant in attended:
        participant.person_id = heir
    session.flush()
    return len(authored) + len(attended)


def erase_person(session: Session, person: Person, *, reason: str) -> None:
    """Take what is personal of somebody who acts nowhere any more: address, description, habits, absences, mails.

    What that person signed in by goes too. What that person wrote, signed and decided stays, by an id that names
    nobody any more (Art. 17 and 89 GDPR). Raise `PersonActs` with each role that is held, `RoleInvalid` without a
    reason.
    """
    if not reason.strip():
        raise RoleInvalid(faults=[Fault("reason", "missing", remedy="say_why")])
    held = session.exec(
        select(RoleGrant, Partnership.slug)
        .join(Partnership, col(Partnership.id) == col(RoleGrant.partnership_id))
        .where(RoleGrant.person_id == person.id, or_(col(RoleGrant.until).is_(None), col(RoleGrant.until) > now()))
        .order_by(col(Partnership.slug), col(RoleGrant.role))
    ).all()
    if held:
        raise PersonActs(
            [
                Refusal(
                    "person_holds_role", role=grant.role, partnership=slug, mend_by=("administrator",), where="people"
                )
                for grant, slug in held
            ]
        )
    person.label, person.email = ERASED, f"{person.id}@{ERASED}.invalid"  # RFC 2606: no mail ever reaches it
    person.language, person.time_zone = "en", "Etc/UTC"
    for kind in _OF_A_PERSON:
        for row in session.exec(select(kind).where(kind.person_id == person.id)):
            session.delete(row)
    for place in session.exec(select(Participant).where(Participant.person_id == person.id)):
        place.label = f"{ERASED} {person.id[:8]}"
    session.flush()
    withdraw_matching(session, [(col(Mail.person_id) == person.id, ERASED)])
    record(session, "person", person.id, field="erased", before=None, after=reason.strip())
