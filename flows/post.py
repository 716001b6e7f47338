"""The two ways out for a mail: SMTP, or a folder of .eml files where no mail server is named."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path
from typing import ClassVar, Protocol

from flows.smtp import Handed, Offer, SmtpPost
from states.mail.resolving import BY_FOLDER
from states.mail.sending import Result
from states.settings import settings


class Post(Protocol):
    """Somewhere to hand messages to."""

    via: ClassVar[str]

    def hand_over(self, message: EmailMessage, *, offer: Offer) -> Handed | None:
        """Hand a message over once `offer` says yes; return None where it says no."""


@contextmanager
def post() -> Iterator[Post]:
    """Open the way that the settings name, or raise `MailServerUnreachable`."""
    if not settings().smtp_url:
        yield _FolderPost()
        return
    opened = SmtpPost()
    try:
        yield opened
    finally:
        opened.close()


def lies_in_folder(message_id: str) -> bool:
    """Tell whether a mail was written into the folder."""
    return _file(message_id).exists()


def _file(message_id: str) -> Path:
    return settings().home / "mail" / f"{message_id}.eml"


class _FolderPost:
    via: ClassVar[str] = BY_FOLDER

    def hand_over(self, message: EmailMessage, *, offer: Offer) -> Handed | None:
        if offer() is None:
            return None
        path = _file(message["Message-ID"].strip("<>"))
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.part")
        draft.write_bytes(message.as_bytes())
        draft.replace(path)
        return Handed(Result.SENT)
