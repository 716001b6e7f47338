"""A partnership with a project manager and a reader, and mails to the reader."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from states.clock import machine_now
from states.mail.ledger import enter_mail
from states.mail.queries import mail_by_id
from states.mail.sending import DueMail, Result, lease_mails, offer, record_handover
from states.mail.tables import Mail, MailKind
from states.partners.people import grant_role, person_by_email
from states.partners.tables import Partnership, PartnershipKind
from states.rights.access import Role
from states.storage import begin

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
RUNNER = "one"
VALUES = {"title": "A shared test bed"}


@dataclass(frozen=True, slots=True)
class Post:
    """Ids of a partnership and two people, and what one does with mails, each in a transaction of its own."""

    partnership_id: str
    reader_id: str
    manager_id: str

    def put(self, session: Session, key: str = "k", **options: object) -> Mail | None:
        """Enter a mail to the reader."""
        filled = {"kind": MailKind.INVITATION, "person_id": self.reader_id, "values": VALUES} | options
        return enter_mail(session, key=key, partnership_id=self.partnership_id, **filled)  # type: ignore[arg-type]

    def enter(self, *keys: str, **options: object) -> list[str]:
        """Enter mails to the reader and return their ids."""
        with begin() as session:
            return [row.id for key in keys or ("k",) if (row := self.put(session, key, **options))]

    def lease(self, runner: str = RUNNER, *, limit: int = 50) -> list[DueMail]:
        """Lease what is due."""
        with begin() as session:
            return lease_mails(session, runner=runner, limit=limit)

    def offer(self, mail: DueMail, runner: str = RUNNER, *, via: str = "smtp") -> bool:
        """Offer a mail."""
        with begin() as session:
            return offer(session, mail.id, runner=runner, via=via) is not None

    def settle(self, mail: DueMail, result: Result, error: str = "", *, runner: str = RUNNER) -> bool:
        """Settle a mail."""
        with begin() as session:
            return record_handover(session, mail, runner=runner, result=result, error=error)

    def hand_over(self, result: Result, error: str = "") -> str:
        """Lease the one mail that is due, offer it and settle it; return its id."""
        (mail,) = self.lease()
        assert self.offer(mail)
        assert self.settle(mail, result, error)
        return mail.id

    def end_lease(self, mail_id: str) -> None:
        """Let a lease run out."""
        with begin() as session:
            mail_by_id(session, mail_id)[0].leased_until = machine_now() - timedelta(seconds=1)


def stored(mail_id: str) -> Mail:
    """Return the mail as it stands now."""
    with begin(read_only=True) as session:
        return mail_by_id(session, mail_id)[0]


def a_post() -> Post:
    """Make the partnership with its two people."""
    with begin() as session:
        partnership = Partnership(slug="optics", name="Optics", kind=PartnershipKind.TSSP, playbook="s3")
        session.add(partnership)
        session.flush()
        reader = person_by_email(session, email="reader@example.org", label="Reader")
        manager = person_by_email(session, email="manager@example.org", label="Manager")
        grant_role(session, partnership, manager, Role.PROJECT_MANAGER)
        return Post(partnership.id, reader.id, manager.id)


@pytest.fixture
def post(installation: Path) -> Post:
    return a_post()
