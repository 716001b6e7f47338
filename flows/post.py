"""The two ways out for a mail: SMTP, or a folder of .eml files where no mail server is named."""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

from flows.lines import Post
from flows.smtp import ASK, Conversation, Handed, MailServerUnreachable, SmtpPost
from states.errors import Outage
from states.mail.resolving import BY_FOLDER, BY_SMTP
from states.mail.sending import Result
from states.settings import settings

log = logging.getLogger(__name__)

_MAILS_EACH = 10  # a connection more is worth its greeting
_FILES_AT_ONCE = 20


class FolderFull(Outage):
    """The folder of mails takes no file."""

    code = "mail_folder_refuses"


class Posts:
    """The way that the settings name, open: `SmtpPost`s, or the folder."""

    def __init__(self) -> None:
        self.via = BY_SMTP if settings().smtp_url else BY_FOLDER
        self._smtp = [SmtpPost()] if settings().smtp_url else []

    def for_mails(self, count: int) -> Sequence[Post]:
        """Return as many connections as so many mails are worth; a server that lets no more in is let be."""
        if not self._smtp:
            return [_FolderPost() for _ in range(min(count, _FILES_AT_ONCE))]
        wanted = min(settings().mail_connections, -(-count // _MAILS_EACH))
        while len(self._smtp) < wanted:
            try:
                self._smtp.append(SmtpPost())
            except MailServerUnreachable as error:
                log.info("no further connection: %s", error)
                break
        return self._smtp

    def close(self) -> None:
        """Take leave."""
        for opened in self._smtp:
            opened.close()


@contextmanager
def posts() -> Iterator[Posts]:
    """Open the way that the settings name, or raise `MailServerUnreachable`."""
    opened = Posts()
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
    def converse(self, message: EmailMessage) -> Conversation:
        if (yield ASK) is None:
            return None
        path = _file(message["Message-ID"].strip("<>"))
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(f".{os.getpid()}.part")
        try:
            draft.write_bytes(message.as_bytes())
            draft.replace(path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            raise FolderFull(reason=str(error)) from error
        return Handed(Result.SENT)

    def fileno(self) -> int:
        return -1  # it is never waited for

    def answer(self) -> tuple[int, bytes]:
        raise AssertionError("a folder answers nothing")
