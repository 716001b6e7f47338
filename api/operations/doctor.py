"""What `bankable doctor` looks at: database, Prefect, the flows' catalogue, outbox, mails, history, printing."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass

import httpx
from sqlalchemy.exc import SQLAlchemyError

from states.lifecycle.move import collaborations_with_broken_seals
from states.mail.queries import LATE, late_mails, mails_by_state
from states.mail.tables import MailState
from states.outbox.queries import dead_messages, open_messages
from states.schema import SchemaUnfit, pending
from states.storage import begin, engine

_CHECK_SECONDS = 120
_PREFECT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    what: str
    ok: bool
    detail: str


def examine() -> list[Finding]:
    """Look at everything; nothing is changed."""
    return [Finding(what, *look()) for what, look in _LOOKS.items()]


def _database() -> tuple[bool, str]:
    try:
        bind = engine()
    except OSError as error:
        return False, f"its folder cannot be made: {error}"
    shown = bind.url.render_as_string(hide_password=True)
    try:
        lacked = pending(bind)
    except SchemaUnfit as error:
        return False, f"{shown}: {error}"
    except SQLAlchemyError as error:
        return False, f"{shown} does not answer: {str(error.__cause__ or error).splitlines()[0]}"
    return (False, f"{shown} lacks migrations: bankable migrate") if lacked else (True, shown)


def _prefect() -> tuple[bool, str]:
    url = os.environ.get("PREFECT_API_URL")
    if not url:
        return True, "not configured (PREFECT_API_URL is not set)"
    try:
        status = httpx.get(f"{url.rstrip('/')}/health", timeout=_PREFECT_SECONDS).status_code
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return False, f"{url} does not answer: {error}"
    return status == httpx.codes.OK, f"{url} answers {status}"


def _catalogue() -> tuple[bool, str]:
    # A process of its own: the API's side of the house knows nothing of the flows.
    try:
        command = [sys.executable, "-m", "flows", "check"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_CHECK_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False, f"python -m flows check took more than {_CHECK_SECONDS} s"
    said = done.stdout.strip() or done.stderr.strip()
    return done.returncode == 0, said


def _outbox() -> tuple[bool, str]:
    try:
        with begin(read_only=True) as session:
            dead, waiting = dead_messages(session), open_messages(session)
    except (SQLAlchemyError, OSError):
        return False, "cannot be read"
    return dead == 0, f"{dead} set aside, {waiting} waiting"


def _mails() -> tuple[bool, str]:
    try:
        with begin(read_only=True) as session:
            states, late = mails_by_state(session), late_mails(session)
    except (SQLAlchemyError, OSError):
        return False, "cannot be read"
    uncertain = states[MailState.UNCERTAIN]
    said = f"{uncertain} of unknown fate, {states[MailState.FAILED]} failed, {states[MailState.WAITING]} waiting"
    return not (uncertain or late), f"{said}, {late} of them since more than {LATE.seconds // 60} minutes"


def _history() -> tuple[bool, str]:
    try:
        with begin(read_only=True) as session:
            broken = collaborations_with_broken_seals(session)
    except (SQLAlchemyError, OSError):
        return False, "cannot be read"
    return not broken, f"changed behind the moves: {', '.join(broken)}" if broken else "every seal fits"


def _printing() -> tuple[bool, str]:
    try:
        # Here, not above: importing WeasyPrint loads Pango, and whether that works is the question.
        from documents.assets import FONTS
    except (ImportError, OSError) as error:
        return False, f"Pango or a font package is missing: {str(error).splitlines()[0]}"
    missing = [path.name for path in FONTS.values() if not path.is_file()]
    return not missing, f"missing fonts: {', '.join(missing)}" if missing else f"Pango and {len(FONTS)} fonts are there"


_LOOKS: dict[str, Callable[[], tuple[bool, str]]] = {
    "Database": _database,
    "Prefect": _prefect,
    "Catalogue and prefect.yaml": _catalogue,
    "Outbox": _outbox,
    "Mails": _mails,
    "History": _history,
    "Pango and fonts": _printing,
}
