"""Receipts: who sends something in has a mail with what it was, its hash, and the date that comes next."""

from datetime import date
from enum import StrEnum

from sqlmodel import Session

from states.changes.authors import author_of
from states.clock import now
from states.mail.addresses import address
from states.mail.ledger import enter_mail
from states.mail.tables import MailKind


class Receipt(StrEnum):
    """What is sent in."""

    VERSION = "version"
    SUBMISSION = "submission"
    EVALUATION = "evaluation"
    POSITION = "position"
    EVIDENCE = "evidence"
    SECTION = "section"


def enter_receipt(
    session: Session,
    what: Receipt,
    key: str,
    *,
    partnership_id: str,
    title: str,
    sha256: str,
    path: str,
    named: str = "",
    version: str = "",
    next_on: date | None = None,
) -> None:
    """Write to the person in whose name the session writes, once for this `key`; a command or the clock has none.

    `path` is of what was received, below the version of the API.
    """
    person_id = author_of(session).person_id
    if person_id is None:
        return
    enter_mail(
        session,
        MailKind.RECEIPT,
        key=f"{MailKind.RECEIPT.value}:{what.value}:{key}:{person_id}",
        person_id=person_id,
        partnership_id=partnership_id,
        values={
            "title": title,
            "what": what.value,
            "named": named,
            "version": version,
            "sha256": sha256,
            "received_at": now().isoformat(),
            "next_on": next_on.isoformat() if next_on else None,
            "link": address(path),
        },
    )
