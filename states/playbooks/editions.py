"""Playbook editions: a collaboration keeps the version that it began with, whatever happens to the file."""

from collections.abc import Iterable, Mapping
from hashlib import sha256
from importlib import resources

from sqlmodel import Session, col, select

from states.clock import now
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Missing
from states.playbooks.definition import Playbook
from states.playbooks.reader import parse
from states.playbooks.tables import PlaybookEdition
from states.settings import settings


class EditionChanged(Invalid):
    """This version of the playbook was published with another text."""

    code = "playbook_edition_changed"


def find(name: str) -> str:
    """Return the text of a playbook: from the folder in the settings if it is there, else the one shipped."""
    own = settings().playbooks
    for folder in (own, resources.files("states.playbooks")):
        if folder is not None and (file := folder.joinpath(f"{name}.yaml")).is_file():
            return file.read_text(encoding="utf-8")
    raise Missing("playbook", name)


def publish_edition(session: Session, text: str, *, source: str) -> Playbook:
    """Keep a playbook as an edition; raise `EditionChanged` rather than overwrite one."""
    playbook = parse(text, source=source)
    digest = sha256(text.encode()).hexdigest()
    known = session.get(PlaybookEdition, playbook.key)
    if known is None:
        session.add(PlaybookEdition(key=playbook.key, text=text, sha256=digest, published_at=now()))
        session.flush()
    elif known.sha256 != digest:
        fault = Fault(source, f"{playbook.key} was published with another text", "raise `version:` by one")
        raise EditionChanged(faults=[fault])
    return playbook


def texts(session: Session, keys: Iterable[str]) -> dict[str, str]:
    """Return the texts of these editions by key."""
    wanted = set(keys)
    rows = session.exec(select(PlaybookEdition).where(col(PlaybookEdition.key).in_(wanted))).all()
    found = {row.key: row.text for row in rows}
    for key in wanted - found.keys():
        raise Missing("playbook edition", key)
    return found


def playbooks_of(session: Session, rows: Iterable[Collaboration]) -> Mapping[str, Playbook]:
    """Return the playbook of each collaboration, by the collaboration's id."""
    listed = list(rows)
    found = texts(session, (row.playbook for row in listed))
    return {row.id: parse(found[row.playbook]) for row in listed}


def playbook_of(session: Session, collaboration: Collaboration) -> Playbook:
    """Return the playbook that a collaboration began with."""
    return playbooks_of(session, [collaboration])[collaboration.id]
