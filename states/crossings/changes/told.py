"""Changes as people read them: by whom, of what, which words went and came."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from states.changes.queries import Change
from states.changes.tables import RecordKind
from states.changes.words import Run, compare_texts
from states.crossings.changes.values import PERSON, SECTION, Held, Names, held, label_of, names_of, references, shown
from states.partners.tables import Person, RoleGrant
from states.playbooks.definition import Playbook
from states.playbooks.editions import every_playbook
from states.protocol.comparison import FieldChange, compare_sections
from states.protocol.definition import SectionSpec
from states.review.access import REVIEWERS
from states.rights.access import Action, Actor, Scope, may
from states.texts import Text

_KEYS = ("id", "partnership_id", "collaboration_id")


@dataclass(frozen=True, slots=True)
class Hand:
    """Who wrote: by role, organisation and, where the reader may know it, by label.

    `key` is the id of the token or link, or the name of the command or flow; `operator` the account of a command.
    """

    via: str
    role: str
    route: str
    key: str | None
    person_id: str | None
    person: str | None
    organisation: str | None
    operator: str


@dataclass(frozen=True, slots=True)
class Told:
    """A change as people read it.

    `fields` are those of a row that was made or removed; of one field that changed `before` and `after` stand as they
    are kept, `was` and `now` in words, `runs` say what became of its text, and `sections` of the fields of a protocol.
    """

    number: int
    at: datetime
    act: str
    author: Hand
    noun: str
    noun_title: str
    subject_id: str
    subject: str
    partnership_id: str | None
    collaboration_id: str | None
    kind: RecordKind
    field: str
    label: str
    before: object
    after: object
    was: str
    now: str
    runs: list[Run]
    fields: list[Held]
    sections: list[FieldChange]


def tell(session: Session, changes: Sequence[Change], *, actor: Actor | None) -> list[Told]:
    """Return changes as the actor may read them, in a fixed number of statements; without one, as the operator does."""
    wanted = {one for change in changes for one in _references(change)}
    names = names_of(session, wanted) | _people(session, wanted, actor)
    playbooks = every_playbook(session) if changes else {}
    return [_told(change, names, playbooks, actor) for change in changes]


def title_of_noun(noun: str) -> str:
    """Return what the rows of a table are called where a change of one is told."""
    return str(Text("recorded", noun))


def _references(change: Change) -> Iterator[tuple[str, str]]:
    author = change.author
    if author.person_id is not None:
        yield PERSON, author.person_id
    if author.organisation_id is not None:
        yield "organisation", author.organisation_id
    yield change.noun, change.subject_id
    for _, fields in _held(change):
        yield from references(change.noun, fields)


def _held(change: Change) -> Iterator[tuple[str, Mapping[str, object]]]:
    for side, value in (("before", change.before), ("after", change.after)):
        if change.kind is RecordKind.CHANGED:
            yield side, {change.field: value}
        elif isinstance(value, dict):
            yield side, value


def _people(session: Session, wanted: Collection[tuple[str, str]], actor: Actor | None) -> dict[tuple[str, str], str]:
    """Return who people are by label; who scores is nobody's to know but the office's."""
    keys = {key for noun, key in wanted if noun == PERSON}
    if not keys:
        return {}
    rows = {row.id: row for row in session.exec(select(Person).where(col(Person.id).in_(keys)))}
    erased = str(Text("word", "erased_person"))
    named = {key: rows[key].label if key in rows else erased for key in keys}
    if actor is not None and not may(actor, Action.READ_PEOPLE, Scope(actor.partnership_id)):
        judging = select(RoleGrant.person_id).where(
            RoleGrant.partnership_id == actor.partnership_id,
            col(RoleGrant.person_id).in_(keys),
            col(RoleGrant.role).in_(REVIEWERS),
        )
        for key in {*session.exec(judging)} - {actor.person_id}:
            named[key] = str(Text("word", "a_reviewer"))
    return {(PERSON, key): label for key, label in named.items()}


def _told(change: Change, names: Names, playbooks: Mapping[str, Playbook], actor: Actor | None) -> Told:
    subject = names.get((change.noun, change.subject_id), "")
    key, section = _section(subject, playbooks) if change.noun == SECTION else ("", None)
    before, after = ({**dict(_held(change))}.get(side, {}) for side in ("before", "after"))
    content = [side.get("content") for side in (before, after)]
    of_section = change.noun == SECTION and any(isinstance(one, dict) for one in content)
    old, new = (one if isinstance(one, dict) else {} for one in content)
    changed = change.kind is RecordKind.CHANGED and not of_section
    was, now = (shown(change.noun, change.field, value, names) if changed else "" for value in _sides(change))
    prose = changed and isinstance(change.before, str) and isinstance(change.after, str) and was == change.before
    return Told(
        number=change.number,
        at=change.at,
        act=change.act,
        author=_hand(change, names, actor),
        noun=change.noun,
        noun_title=title_of_noun(change.noun),
        subject_id=change.subject_id,
        subject=section.title if section else key or subject,
        partnership_id=change.partnership_id,
        collaboration_id=change.collaboration_id,
        kind=change.kind,
        field=change.field,
        label=label_of(change.field) if change.field else "",
        before=change.before,
        after=change.after,
        was=was,
        now=now,
        runs=compare_texts(was, now) if prose and was and now else [],
        fields=[] if changed else held(change.noun, after or before, names, without=(*_KEYS, "content")),
        sections=list(compare_sections(old, new, key=key or change.subject_id, section=section)) if of_section else [],
    )


def _section(named: str, playbooks: Mapping[str, Playbook]) -> tuple[str, SectionSpec | None]:
    """Return the key of a section, and what its playbook says of it."""
    edition, _, key = named.partition("#")
    known = playbooks[edition].protocol if edition in playbooks else []
    return key, next((one for one in known if one.key == key), None)


def _sides(change: Change) -> tuple[object, object]:
    return change.before, change.after


def _hand(change: Change, names: Names, actor: Actor | None) -> Hand:
    author = change.author
    office = actor is None or may(actor, Action.READ_PEOPLE, Scope(actor.partnership_id))
    person = names.get((PERSON, author.person_id)) if author.person_id else None
    hidden = not office and author.role in REVIEWERS and author.person_id != (actor.person_id if actor else None)
    return Hand(
        via=author.via,
        role=author.role,
        route=change.route,
        key=author.key if office or author.via not in ("token", "link") else None,
        person_id=None if hidden else author.person_id,
        person=person,
        organisation=names.get(("organisation", author.organisation_id)) if author.organisation_id else None,
        operator=author.operator if office else "",
    )
