"""What `bankable doctor` looks at: database, files, Prefect, flows, outbox, mails, seals, store, search, printing."""

import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from itertools import starmap

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import select

from api.operations import integrity, machines, privacy, restarts
from states.clock import today
from states.funding.rules.notice import notices_of
from states.mail.queries import LATE, late_mails, mails_by_state
from states.mail.tables import MailState
from states.outbox.queries import LATE as MESSAGE_LATE
from states.outbox.queries import dead_messages, late_messages, open_messages
from states.partners.tables import Partnership
from states.schema import SchemaUnfit, pending
from states.search import is_complete
from states.storage import begin, engine
from states.sweeps.queries import faults_by_sweep
from states.texts import Text

_CHECK_SECONDS = 120


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at, and what more there is to be said of it, a line each."""

    what: str
    ok: bool
    said: Text
    more: tuple[Text, ...] = ()

    @property
    def detail(self) -> str:
        """Say in English what was found."""
        return str(self.said)


def _nobody_hears(_: str, __: int, ___: int) -> None:
    """Hear nothing of how far a long look is."""


def examine(*, deep: bool = False, tell: integrity.Tell = _nobody_hears) -> list[Finding]:
    """Look at everything; nothing is changed.

    With `deep` everything sealed and every object of the store is read, else what was sealed and issued last. `tell`
    hears how far that is.
    """
    looks = {what: partial(look, deep=deep, tell=tell) for what, look in _LONG_LOOKS.items()}
    found = [Finding(what, *look()) for what, look in _LOOKS.items()]
    return [*found, *(Finding(what, *look()) for what, look in looks.items()), *starmap(Finding, machines.pool())]


def _database() -> tuple[bool, Text]:
    try:
        bind = engine()
    except OSError as error:
        return False, Text("finding", "database_folder", error=str(error))
    shown = bind.url.render_as_string(hide_password=True)
    try:
        lacked = pending(bind)
    except SchemaUnfit as error:
        return False, Text("finding", "database_unfit", database=shown, error=error.text or "")
    except SQLAlchemyError as error:
        cause = str(error.__cause__ or error).splitlines()[0]
        return False, Text("finding", "does_not_answer", what=shown, error=cause)
    return not lacked, Text("finding", "database_lacks_migrations" if lacked else "database_fits", database=shown)


def _catalogue() -> tuple[bool, Text]:
    # A process of its own: the API's side of the house knows nothing of the flows.
    try:
        command = [sys.executable, "-m", "flows", "check"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=_CHECK_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return False, Text("finding", "check_too_long", seconds=_CHECK_SECONDS)
    said = done.stdout.strip() or done.stderr.strip()
    return done.returncode == 0, Text("finding", "check_said", said=said)


def _outbox() -> tuple[bool, Text]:
    try:
        with begin(read_only=True) as session:
            dead, waiting, late = dead_messages(session), open_messages(session), late_messages(session)
    except (SQLAlchemyError, OSError):
        return False, Text("finding", "unreadable")
    minutes = MESSAGE_LATE.seconds // 60
    return not (dead or late), Text("finding", "outbox_counts", dead=dead, waiting=waiting, late=late, minutes=minutes)


def _mails() -> tuple[bool, Text]:
    try:
        with begin(read_only=True) as session:
            states, late = mails_by_state(session), late_mails(session)
    except (SQLAlchemyError, OSError):
        return False, Text("finding", "unreadable")
    uncertain = states[MailState.UNCERTAIN]
    return not (uncertain or late), Text(
        "finding",
        "mail_counts",
        uncertain=uncertain,
        failed=states[MailState.FAILED],
        waiting=states[MailState.WAITING],
        late=late,
        minutes=LATE.seconds // 60,
    )


def _sweeps() -> tuple[bool, Text]:
    try:
        with begin(read_only=True) as session:
            found = faults_by_sweep(session)
    except (SQLAlchemyError, OSError):
        return False, Text("finding", "unreadable")
    if not found:
        return True, Text("finding", "faults_none")
    return False, Text("finding", "faults_open", count=sum(found.values()), sweeps=tuple(found))


def _search() -> tuple[bool, Text]:
    try:
        with begin(read_only=True) as session:
            complete = is_complete(session)
    except (SQLAlchemyError, OSError):
        return False, Text("finding", "unreadable")
    return complete, Text("finding", "search_complete" if complete else "search_incomplete")


def _rules() -> tuple[bool, Text]:
    """Look whether a rule set holds today in every partnership, and whether one follows."""
    try:
        with begin(read_only=True) as session:
            names = dict(session.exec(select(Partnership.id, Partnership.slug)).all())
            found = [(names[key], one) for key, one in notices_of(session, list(names), on=today()).items()]
    except (SQLAlchemyError, OSError):
        return False, Text("finding", "unreadable")
    without = tuple(slug for slug, notice in found if notice.holding is None)
    unread = tuple(f"{slug} {one.key}" for slug, notice in found for one in notice.unread)
    ending = tuple(slug for slug, notice in found if notice.ending is not None)
    if without:
        return False, Text("finding", "rules_none", partnerships=without)
    if unread:
        return False, Text("finding", "rules_unread", documents=unread)
    if ending:
        last = min(notice.ending.valid_to for _, notice in found if notice.ending and notice.ending.valid_to)
        return True, Text("finding", "rules_ending", partnerships=ending, last=last)
    return True, Text("finding", "rules_hold")


def _printing() -> tuple[bool, Text]:
    try:
        # Here, not above: importing WeasyPrint loads Pango, and whether that works is the question.
        from documents.assets import FONTS
    except (ImportError, OSError) as error:
        return False, Text("finding", "printing_impossible", error=str(error).splitlines()[0])
    missing = [cut.file.name for cut in FONTS.values() if not cut.file.is_file()]
    code = "fonts_missing" if missing else "printing_possible"
    return not missing, Text("finding", code, fonts=tuple(missing), count=len(FONTS))


_LOOKS: dict[str, Callable[[], tuple[bool, Text]]] = {
    "Database": _database,
    "Files": privacy.look,
    "Prefect": machines.prefect,
    "Runners": machines.runners,
    "Alike": machines.alike,
    "Restarts": restarts.look,
    "Catalogue and prefect.yaml": _catalogue,
    "Outbox": _outbox,
    "Mails": _mails,
    "Sweeps": _sweeps,
    "Search": _search,
    "Rules": _rules,
    "Pango and fonts": _printing,
}

_LONG_LOOKS: dict[str, Callable[..., integrity.Answer]] = {"Seals": integrity.seals, "Store": integrity.stored}
