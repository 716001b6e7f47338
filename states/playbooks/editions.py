"""Playbook editions: a collaboration keeps the version that it began with, whatever happens to the file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from importlib import resources
from importlib.abc import Traversable

from sqlalchemy import bindparam
from sqlmodel import Session, col, select

from states.clock import now
from states.collaborations.tables import Collaboration
from states.errors import Fault, Invalid, Missing
from states.partners.tables import Partnership
from states.playbooks.definition import Playbook
from states.playbooks.reader import parse
from states.playbooks.tables import PlaybookEdition
from states.settings import settings
from states.storage import OfTransaction


class EditionChanged(Invalid):
    """This version of the playbook was published with another text."""

    code = "playbook_edition_changed"


class PlaybookUnknown(Invalid):
    """There is no playbook of that name, or no such edition of it."""

    code = "playbook_unknown"


@dataclass(frozen=True, slots=True)
class Edition:
    """An edition as it was published, and what it says."""

    text: str
    playbook: Playbook


_READ: dict[str, Edition] = {}
"""Editions that this process has read, by their SHA-256: few, and they never change."""


def _go_back(known: dict[str, str], before: dict[str, str]) -> None:
    known.clear()
    known.update(before)


_DIGESTS = OfTransaction(dict[str, str], mark=dict, go_back=_go_back)
"""SHA-256 of the editions of which a transaction has read, by key: several of its reads ask for the same ones."""

_EVERY = select(PlaybookEdition.key, PlaybookEdition.sha256)
_THESE = _EVERY.where(col(PlaybookEdition.key).in_(bindparam("keys", expanding=True)))


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
        fault = Fault(source, "was_published_with_another_text", remedy="raise_version_by_one", playbook=playbook.key)
        raise EditionChanged(faults=[fault])
    return playbook


def texts(session: Session, keys: Iterable[str]) -> dict[str, str]:
    """Return the texts of these editions by key."""
    wanted = set(keys)
    if not wanted:
        return {}
    rows = session.exec(select(PlaybookEdition).where(col(PlaybookEdition.key).in_(wanted))).all()
    found = {row.key: row.text for row in rows}
    for key in wanted - found.keys():
        raise Missing("playbook_edition", key)
    return found


def editions(session: Session, digests: Mapping[str, str]) -> dict[str, Edition]:
    """Return these editions by key; `digests` are their SHA-256. No text is read that this process has read before."""
    fresh = texts(session, [key for key, digest in digests.items() if digest not in _READ])
    for key, text in fresh.items():
        _READ[digests[key]] = Edition(text, parse(text))
    return {key: _READ[digest] for key, digest in digests.items()}


def every_playbook(session: Session) -> dict[str, Playbook]:
    """Return the playbooks of all editions by key: few, as nobody publishes one a day."""
    digests = dict(session.exec(_EVERY).all())
    _DIGESTS.of(session).update(digests)
    return {key: edition.playbook for key, edition in editions(session, digests).items()}


def chosen_text(session: Session, chosen: str) -> str:
    """Return the text of what a partnership chose: a name's newest edition, or the one that `name@version` names."""
    return texts(session, [chosen])[chosen] if "@" in chosen else find(chosen)


def chosen_playbook(session: Session, chosen: str) -> Playbook:
    """Return the playbook that a partnership chose, published if it is new; raise `Missing` or `Invalid`."""
    return publish_edition(session, chosen_text(session, chosen), source=f"{chosen}.yaml")


def playbook_names() -> list[str]:
    """Return the names of all playbooks that may be chosen: those shipped, and those in the folder of the settings."""
    folders = [resources.files("states.playbooks"), settings().playbooks]
    return sorted({file.name.removesuffix(".yaml") for folder in folders if folder for file in _playbook_files(folder)})


def _playbook_files(folder: Traversable) -> Iterable[Traversable]:
    return (file for file in folder.iterdir() if file.name.endswith(".yaml")) if folder.is_dir() else ()


def choose_playbook(session: Session, partnership: Partnership, chosen: str) -> None:
    """Let a partnership's new collaborations begin with another playbook; those that run keep their edition."""
    need_playbook(session, chosen)
    partnership.playbook = chosen
    session.flush()


def need_playbook(session: Session, chosen: str) -> Playbook:
    """Return the playbook that somebody chooses, published if it is new, or raise `PlaybookUnknown`."""
    name, _, version = chosen.partition("@")
    if name in playbook_names():
        newest = chosen_playbook(session, name)
        if not version or newest.key == chosen:
            return newest
    known = sorted({*playbook_names(), *session.exec(select(PlaybookEdition.key))})
    if chosen not in known:
        raise PlaybookUnknown(
            "playbook_unknown", field="playbook", remedy="one_of", playbook=chosen, known=tuple(known)
        )
    return chosen_playbook(session, chosen)


def stages_of(session: Session, partnership: Partnership) -> list[str]:
    """Return the stages of a partnership's playbook, by all editions of it and of those that it began with before."""
    query = select(Collaboration.playbook).where(Collaboration.partnership_id == partnership.id).distinct()
    used = set(session.exec(query))
    known = every_playbook(session).items()
    return list(
        dict.fromkeys(
            stage
            for key, playbook in known
            if key in used or playbook.name == partnership.playbook.partition("@")[0]
            for stage in playbook.stages
        )
    )


def editions_of(session: Session, rows: Iterable[Collaboration]) -> Mapping[str, Edition]:
    """Return the edition with which each collaboration began, by the collaboration's id."""
    listed = list(rows)
    keys, known = {row.playbook for row in listed}, _DIGESTS.of(session)
    if fresh := keys - known.keys():
        known.update(session.exec(_THESE, params={"keys": list(fresh)}).all())
    for key in keys - known.keys():
        raise Missing("playbook_edition", key)
    found = editions(session, {key: known[key] for key in keys})
    return {row.id: found[row.playbook] for row in listed}


def playbooks_of(session: Session, rows: Iterable[Collaboration]) -> Mapping[str, Playbook]:
    """Return the playbook of each collaboration, by the collaboration's id."""
    return {key: edition.playbook for key, edition in editions_of(session, rows).items()}


def playbook_of(session: Session, collaboration: Collaboration) -> Playbook:
    """Return the playbook that a collaboration began with."""
    return playbooks_of(session, [collaboration])[collaboration.id]
