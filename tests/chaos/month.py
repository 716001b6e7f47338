"""The month that the chaos test lives through: people in twelve time zones, what waits for them, and what happens."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random

from sqlmodel import Session

from states.deadlines.definition import Recipient, Rung
from states.deadlines.service import On, Owner, close_deadlines, extend, open_deadline, reassign, waive
from states.deadlines.tables import Deadline
from states.mail.tables import MailPreference
from states.partners.people import grant_role, person_by_email
from states.partners.tables import Organisation, OrganisationKind, Partnership, PartnershipKind, Person
from states.rights.access import Actor, Role
from states.storage import begin

ZONES = (
    "Europe/Brussels", "Europe/Warsaw", "Europe/Lisbon", "Europe/Helsinki", "Atlantic/Azores", "Africa/Casablanca",
    "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Asia/Tokyo", "Australia/Lord_Howe", "Pacific/Auckland",
)  # fmt: skip
SITES = ("DE11", "ITC1", "BE32", "PL22", "FRK2")
LADDER = (Rung(days=-5), Rung(days=-1), Rung(days=0), Rung(days=2, to=[Recipient.OWNER, Recipient.PROJECT_MANAGER]))


@dataclass(frozen=True, slots=True)
class Somebody:
    """A recipient: where, and with which wishes."""

    id: str
    zone: str
    nuts: str
    digest: bool
    opted_out: bool
    quiet: tuple[time, time]


@dataclass(frozen=True, slots=True)
class Turn:
    """From an instant on a deadline is due on a day and waits for somebody; `due` is None once it is open no more."""

    since: datetime
    due: date | None
    owner_id: str
    date_revision: int
    owner_revision: int


@dataclass(slots=True)
class Waiting:
    """One deadline with its whole story."""

    id: str
    nuts: str
    turns: list[Turn]


@dataclass
class Month:
    """Everything that an oracle needs to know, noted beside what is done to the system."""

    random: Random
    partnership_id: str = ""
    people: dict[str, Somebody] = field(default_factory=dict)
    managers: list[str] = field(default_factory=list)
    waiting: list[Waiting] = field(default_factory=list)

    def settle_in(self, people: int) -> None:
        """Make the partnership, its members, two managers far apart and so many partners' people."""
        with begin() as session:
            partnership = Partnership(slug="chaos", name="Chaos", kind=PartnershipKind.TSSP, playbook="s3")
            session.add(partnership)
            session.flush()
            self.partnership_id = partnership.id
            organisations = [_organisation(session, nuts) for nuts in SITES]
            for number in range(people):
                organisation = organisations[number % len(SITES)]
                person = self._person(session, f"partner-{number}", ZONES[number % len(ZONES)], organisation.nuts)
                grant_role(session, partnership, person, Role.PARTNER, organisation=organisation)
            for zone in (ZONES[0], ZONES[-1]):
                person = self._person(session, f"manager-{len(self.managers)}", zone, "", plain=True)
                grant_role(session, partnership, person, Role.PROJECT_MANAGER)
                self.managers.append(person.id)

    def _person(self, session: Session, name: str, zone: str, nuts: str, *, plain: bool = False) -> Person:
        person = person_by_email(session, email=f"{name}@example.org", label=name)
        person.time_zone = zone
        digest, opted_out = (False, False) if plain else (self.random.random() < 0.15, self.random.random() < 0.1)
        quiet = (time(22), time(6)) if self.random.random() < 0.3 else (time(19), time(7))
        session.add_all(
            [
                person,
                MailPreference(
                    person_id=person.id,
                    quiet_from=quiet[0],
                    quiet_until=quiet[1],
                    digest=digest,
                    digest_at=8,
                    opted_out=["reminder"] if opted_out else [],
                ),
            ]
        )
        session.flush()
        self.people[person.id] = Somebody(person.id, zone, nuts, digest and not opted_out, opted_out, quiet)
        return person

    def open(self, at: datetime, *, within: int) -> None:
        """Open a deadline that is due within so many days."""
        nuts, owner = self.random.choice(SITES), self._partner()
        due = at.date() + timedelta(days=self.random.randint(2, within))
        with begin() as session:
            row = open_deadline(
                session,
                kind="stage",
                subject_id=f"subject-{len(self.waiting)}",
                title=f"Something {len(self.waiting)}",
                partnership_id=self.partnership_id,
                owner=Owner(Role.PARTNER, person_id=owner),
                due=On(due),
                ladder=LADDER,
                nuts=nuts,
            )
        self.waiting.append(Waiting(row.id, nuts, [Turn(at, due, owner, 1, 0)]))

    def disturb(self, at: datetime) -> None:
        """Close, waive, extend or hand over one of the open deadlines.

        None that changed in this very hour: whether anybody was told in between would be chance.
        """
        still = [one for one in self.waiting if one.turns[-1].due is not None and one.turns[-1].since < at]
        if not still:
            return
        one = self.random.choice(still)
        last, actor = one.turns[-1], Actor(Role.PROJECT_MANAGER, self.partnership_id)
        with begin() as session:
            row = session.get_one(Deadline, one.id)
            match self.random.choice(("close", "close", "waive", "extend", "hand over")):
                case "close":
                    close_deadlines(session, row.kind, subject_id=row.subject_id)
                    turn = Turn(at, None, last.owner_id, last.date_revision, last.owner_revision)
                case "waive":
                    waive(session, row, reason="r", actor=actor)
                    turn = Turn(at, None, last.owner_id, last.date_revision, last.owner_revision)
                case "extend":
                    due = max(row.due_on, at.date()) + timedelta(days=self.random.randint(1, 6))
                    extend(session, row, due_on=due, reason="r", actor=actor)
                    turn = Turn(at, due, last.owner_id, last.date_revision + 1, last.owner_revision)
                case _:
                    owner = self._partner(but=last.owner_id)
                    reassign(session, row, person_id=owner, reason="r", actor=actor)
                    turn = Turn(at, last.due, owner, last.date_revision, last.owner_revision + 1)
        one.turns.append(turn)

    def _partner(self, *, but: str = "") -> str:
        return self.random.choice([key for key in self.people if key not in (*self.managers, but)])


def _organisation(session: Session, nuts: str) -> Organisation:
    row = Organisation(slug=f"site-{nuts.lower()}", name=nuts, kind=OrganisationKind.SME, country=nuts[:2], nuts=nuts)
    session.add(row)
    session.flush()
    return row


def schedule(random: Random, *, start: datetime, days: int, deadlines: int) -> Sequence[tuple[datetime, str]]:
    """Return at which hours something is opened or disturbed: most is opened at the beginning."""
    hours = days * 24
    opened = [0 if random.random() < 0.5 else random.randrange(hours * 2 // 3) for _ in range(deadlines)]
    disturbed = [random.randrange(hours) for _ in range(deadlines // 2)]
    events = [(hour, "open") for hour in opened] + [(hour, "disturb") for hour in disturbed]
    return [(start + timedelta(hours=hour), what) for hour, what in sorted(events)]
