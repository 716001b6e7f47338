"""Fill a checklist: begin a round, answer and confirm items, sign it off, reopen it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from sqlmodel import Session, col, select

from states.archive.evidence.states import REMOVED
from states.archive.evidence.tables import Evidence
from states.checklists.definition import AnswerKind, Check, ChecklistSpec, ItemSpec
from states.checklists.facts import UNFINISHED, state_of
from states.checklists.queries import Answered, answers_in, latest_round
from states.checklists.states import ANSWER, BEGIN, CHECKLIST, FINISH, REOPEN, SIGN_OFF, SUPERSEDE, UNFINISH
from states.checklists.tables import Checklist, ChecklistAnswer, ChecklistState
from states.clock import now
from states.collaborations.tables import Collaboration
from states.errors import Denied, Fault, Invalid, Stale
from states.machines.stepping import begin, need, step
from states.rights.access import Role
from states.storage import bump_version

_LONGEST_TEXT = 5_000


class AnswerInvalid(Invalid):
    """These answers cannot be given."""

    code = "checklist_answer_invalid"


@dataclass(frozen=True, slots=True)
class Given:
    """What somebody answers to an item: its value (empty: taken back), a comment, the files on which it rests."""

    item: str
    value: str
    comment: str = ""
    evidence_ids: Sequence[str] = field(default=())


@dataclass(frozen=True, slots=True)
class Hand:
    """Who fills a list: in which role, and which person; a command of the office names none."""

    role: Role
    person_id: str | None = None


def begin_round(
    session: Session, row: Collaboration, spec: ChecklistSpec, *, hand: Hand, reason: str = ""
) -> Checklist:
    """Begin the first round of a list, or another one: what was answered before stays with its own round."""
    hands = dict.fromkeys((*(role for item in spec.items for role in spec.fillers(item)), *spec.signers))
    if hand.role not in hands:
        raise Denied("list_of_other_roles", checklist=spec.title, roles=tuple(hands))
    former = latest_round(session, row.id, spec.key)
    if former is not None:
        _need_reason(reason)
        bump_version(session, former)
        former.state = step(CHECKLIST, former.state, SUPERSEDE)
        session.flush()
    made = Checklist(
        partnership_id=row.partnership_id,
        collaboration_id=row.id,
        key=spec.key,
        number=1 if former is None else former.number + 1,
        playbook=row.playbook,
        state=begin(CHECKLIST, BEGIN),
        began_at=now(),
        began_by=hand.person_id,
        reason=reason.strip(),
    )
    session.add(made)
    session.flush()
    return made


def answer_items(
    session: Session,
    checklist: Checklist,
    spec: ChecklistSpec,
    given: Sequence[Given],
    *,
    hand: Hand,
    read_version: int | None = None,
) -> None:
    """Answer items of a list; raise `AnswerInvalid` with every fault, `Denied`, or `Stale`.

    Somebody else's answer is not written over unread: `read_version` is the version of the list that was read, and
    of the items answered here none was written since. Other items may have been. A new answer is to be confirmed anew.
    """
    need(CHECKLIST, checklist.state, ANSWER, where=_place(spec))
    _need_roles(spec, [one.item for one in given], hand)
    _need_fitting(session, checklist, spec, given)
    bump_version(session, checklist)
    session.refresh(checklist)
    need(CHECKLIST, checklist.state, ANSWER, where=_place(spec))
    known = answers_in(session, [checklist.id])[checklist.id]
    if read_version is not None:
        late = [one.item for one in given if one.item in known and known[one.item].written_in > read_version]
        if late:
            raise Stale("checklist", expected=read_version, actual=checklist.version)
    for one in given:
        _write(session, checklist, known, one, hand)
    session.flush()
    _settle(session, checklist, spec)


def confirm_items(
    session: Session, checklist: Checklist, spec: ChecklistSpec, items: Sequence[str], *, hand: Hand
) -> None:
    """Confirm answers as the second person; nobody confirms the own ones. Raise `AnswerInvalid` with every fault."""
    need(CHECKLIST, checklist.state, ANSWER, where=_place(spec))
    _need_roles(spec, items, hand)
    if hand.person_id is None:
        raise Denied("only_a_person")
    bump_version(session, checklist)
    session.refresh(checklist)
    known, faults = answers_in(session, [checklist.id])[checklist.id], []
    for place, key in enumerate(items, start=1):
        at = f"items[{place}]"
        if key not in known or not known[key].value:
            faults.append(Fault(at, "not_answered_yet", remedy="answer_it_first", item=spec.by_key[key].text))
        elif known[key].answered_by == hand.person_id:
            faults.append(Fault(at, "confirms_own_answer", remedy="let_another_confirm", item=spec.by_key[key].text))
    if faults:
        raise AnswerInvalid(faults=faults)
    for key in items:
        known[key].seconded_by, known[key].seconded_at = hand.person_id, now()
        known[key].version += 1
    session.flush()
    _settle(session, checklist, spec)


def sign_off(
    session: Session, checklist: Checklist, spec: ChecklistSpec, *, hand: Hand, expected_version: int | None = None
) -> None:
    """Sign a complete list off: its answers stand, whether they pass or not."""
    if hand.role not in spec.signers:
        raise Denied("list_of_other_roles", checklist=spec.title, roles=spec.signers)
    need(CHECKLIST, checklist.state, SIGN_OFF, where=_place(spec))
    bump_version(session, checklist, expected=expected_version)
    checklist.state = step(CHECKLIST, checklist.state, SIGN_OFF)
    checklist.signed_off_at, checklist.signed_off_by = now(), hand.person_id
    session.flush()


def reopen(
    session: Session,
    checklist: Checklist,
    spec: ChecklistSpec,
    *,
    hand: Hand,
    reason: str,
    expected_version: int | None = None,
) -> None:
    """Reopen a list that was signed off, with a reason; its answers stay, and it is signed off anew."""
    if hand.role not in spec.signers:
        raise Denied("list_of_other_roles", checklist=spec.title, roles=spec.signers)
    _need_reason(reason)
    need(CHECKLIST, checklist.state, REOPEN, where=_place(spec))
    bump_version(session, checklist, expected=expected_version)
    checklist.state = step(CHECKLIST, checklist.state, REOPEN)
    checklist.signed_off_at = checklist.signed_off_by = None
    checklist.reopened, checklist.reason = checklist.reopened + 1, reason.strip()
    session.flush()
    _settle(session, checklist, spec, reopened=True)


def _write(
    session: Session, checklist: Checklist, known: Mapping[str, ChecklistAnswer], one: Given, hand: Hand
) -> None:
    row = known.get(one.item)
    if row is None:
        row = ChecklistAnswer(
            checklist_id=checklist.id, item=one.item, value="", answered_at=now(), written_in=0, version=0
        )
        session.add(row)
    row.value, row.comment = one.value.strip(), one.comment.strip()
    row.evidence_ids = list(dict.fromkeys(one.evidence_ids))
    row.answered_at, row.answered_by = now(), hand.person_id
    row.seconded_at = row.seconded_by = None
    row.written_in = checklist.version
    row.version += 1


def _settle(session: Session, checklist: Checklist, spec: ChecklistSpec, *, reopened: bool = False) -> None:
    """Let a list be complete once nothing is missing, and open again where something is."""
    filed = filed_kinds(session, checklist.collaboration_id)
    given = answers_in(session, [checklist.id])[checklist.id]
    whole = not any(state_of(item, _read(given.get(item.key)), filed) in UNFINISHED for item in spec.items)
    if whole and checklist.state in FINISH.starts and not reopened:
        checklist.state = step(CHECKLIST, checklist.state, FINISH)
    elif not whole and checklist.state is ChecklistState.COMPLETE:
        checklist.state = step(CHECKLIST, checklist.state, UNFINISH)
    session.flush()


def _read(row: ChecklistAnswer | None) -> Answered | None:
    return None if row is None else Answered(**row.model_dump(include=set(Answered.__slots__)))


def filed_kinds(session: Session, collaboration_id: str) -> dict[str, str]:
    """Return the kinds of a case's files whose bytes are there, by id."""
    query = select(Evidence.id, Evidence.kind).where(
        Evidence.collaboration_id == collaboration_id, col(Evidence.state).not_in(REMOVED)
    )
    return dict(session.exec(query).all())


def _need_roles(spec: ChecklistSpec, items: Sequence[str], hand: Hand) -> None:
    """Raise `AnswerInvalid` for items that the list does not have, `Denied` for one that is another role's."""
    known = tuple(spec.by_key)
    faults = [
        Fault(f"items[{place}]", "no_such_item", remedy="one_of", item=key, known=known)
        for place, key in enumerate(items, start=1)
        if key not in spec.by_key
    ]
    if faults:
        raise AnswerInvalid(faults=faults)
    for key in items:
        roles = spec.fillers(spec.by_key[key])
        if hand.role not in roles:
            raise Denied("item_of_other_roles", item=spec.by_key[key].text, roles=roles)


def _need_fitting(session: Session, checklist: Checklist, spec: ChecklistSpec, given: Sequence[Given]) -> None:
    filed = filed_kinds(session, checklist.collaboration_id)
    faults = []
    for place, one in enumerate(given, start=1):
        faults += [fault.at(f"answers[{place}].{fault.place}") for fault in _faults(spec.by_key[one.item], one, filed)]
        if one.item in [other.item for other in given[: place - 1]]:
            faults.append(Fault(f"answers[{place}].item", "item_answered_twice", remedy="answer_each_once"))
    if faults:
        raise AnswerInvalid(faults=faults)


def _faults(item: ItemSpec, one: Given, filed: Collection[str]) -> list[Fault]:
    value = one.value.strip()
    faults = [
        Fault("evidence", "no_such_file", remedy="file_it_for_this_case", key=key)
        for key in one.evidence_ids
        if key not in filed
    ]
    if not value:
        return faults
    match item.answer:
        case AnswerKind.CHECK if value not in set(Check):
            faults.append(Fault("value", "no_check", remedy="one_of", value=value, known=tuple(Check)))
        case AnswerKind.SCORE if not value.isdecimal() or not item.least <= int(value) <= item.most:
            bounds = {"least": item.least, "most": item.most}
            faults.append(Fault("value", "score_out_of_bounds", remedy="give_whole_number", value=value, **bounds))
        case AnswerKind.TEXT if len(value) > _LONGEST_TEXT:
            faults.append(Fault("value", "text_too_long", remedy="shorten_it", count=_LONGEST_TEXT))
    return faults


def _need_reason(reason: str) -> None:
    if not reason.strip():
        raise AnswerInvalid("missing", field="reason", remedy="say_why")


def _place(spec: ChecklistSpec) -> str:
    return f"checklists/{spec.key}"
