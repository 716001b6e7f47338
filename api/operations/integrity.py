"""What `bankable doctor` says of seals and of the store: whether anything was changed, or is gone."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from states.archive.absence import StoreAway, needing_the_store
from states.archive.inspection import Damage, Inspected, inspect_store
from states.collaborations.tables import Collaboration
from states.lifecycle.stages_apart import stages_apart
from states.partners.tables import Partnership
from states.seals.checking import Breach, Checked, check_seals
from states.seals.seal import Mark
from states.storage import snapshot
from states.texts import Text

QUICK = 200
"""How many cases, and how many documents, are looked at without `--deep`: those of the last days."""

Tell = Callable[[str, int, int], None]
Answer = tuple[bool, Text, tuple[Text, ...]]


def seals(*, deep: bool, tell: Tell) -> Answer:
    """Say what is not as it was sealed, with the names of the cases."""
    newest = None if deep else QUICK
    try:
        with snapshot() as session:
            checked = check_seals(session.connection(), newest=newest, tell=lambda at, of: tell("seals", at, of))
            apart = stages_apart(session, [one.scope for one in checked.breaches])
            names = _cases(session, [one.scope for one in checked.breaches] + [scope for scope, _ in checked.notes])
    except (SQLAlchemyError, OSError):
        return False, Text("finding", "unreadable"), ()
    lines = [Text("finding", "breach", case=names[one.scope], said=_said(one, apart)) for one in checked.breaches]
    absent = [Text("finding", "key_absent", count=count, key=key) for key, count in sorted(checked.keys.items())]
    rest = [Text("finding", "seals_remedy")] if lines else []
    return not (lines or absent), _seals_said(checked), (*lines, *absent, *rest, *_remarks(checked, names))


def _seals_said(checked: Checked) -> Text:
    counts = {"rows": checked.rows, "scopes": checked.scopes, "of": checked.of_scopes}
    if checked.breached:
        return Text("finding", "seals_broken", count=checked.breached, **counts)
    if checked.keys:
        return Text("finding", "seals_unchecked", count=sum(checked.keys.values()), **counts)
    return Text("finding", "seals_fit" if checked.scopes == checked.of_scopes else "seals_fit_newest", **counts)


def _said(breach: Breach, apart: Mapping[str, Text]) -> Text:
    """Return what is wrong; of a stage that no move has led to, both stages."""
    is_stage = breach.said.code == "changed" and breach.said.parameters["noun"] == Text("sealed", "collaboration")
    return apart.get(breach.scope, breach.said) if is_stage else breach.said


def _remarks(checked: Checked, names: Mapping[str, str]) -> Iterable[Text]:
    if count := checked.marks[Mark.UPGRADE]:
        yield Text("finding", "sealed_at_upgrade", count=count)
    if count := checked.marks[Mark.TAKEN]:
        yield Text("finding", "sealed_when_taken_in", count=count)
    for scope, note in checked.notes:
        yield Text("finding", "sealed_anew", case=names[scope], **note)


def _cases(session: Session, scopes: Sequence[str]) -> dict[str, str]:
    """Return what people call the cases of these scopes, and their ids."""
    keys = {scope.partition(":")[2] for scope in scopes}
    cases = select(Collaboration.id, Collaboration.slug, Collaboration.title).where(col(Collaboration.id).in_(keys))
    houses = select(Partnership.id, Partnership.slug, Partnership.name).where(col(Partnership.id).in_(keys))
    found = {
        f"{noun}:{key}": f"{called} ({slug}, {key})"
        for noun, query in (("collaboration", cases), ("partnership", houses))
        for key, slug, called in session.exec(query)
    }
    return {scope: found.get(scope, scope) for scope in scopes}


def stored(*, deep: bool, tell: Tell) -> Answer:
    """Say which documents have no intact object in the store, and which objects no document names."""
    try:
        with snapshot() as session, needing_the_store():
            newest = None if deep else QUICK
            inspected = inspect_store(session, newest=newest, tell=lambda at, of: tell("store", at, of))
            scopes = {one: f"collaboration:{one.collaboration_id}" for one in inspected.faults if one.collaboration_id}
            names = _cases(session, list(scopes.values()))
    except SQLAlchemyError:
        return False, Text("finding", "unreadable"), ()
    except (OSError, StoreAway) as error:
        said = str(error.__cause__ or error)
        return False, Text("finding", "does_not_answer", what="BANKABLE_STORE_URL", error=said), ()
    lines = [_fault_line(one, names.get(scopes.get(one, ""), "")) for one in inspected.faults]
    rest = [Text("finding", "store_remedy")] if lines else []
    if inspected.replaced:
        rest.append(Text("finding", "store_replaced", count=inspected.replaced))
    if inspected.unnamed_count:
        rest.append(Text("finding", "store_unnamed", count=inspected.unnamed_count))
    unnamed = [Text("finding", "unnamed", path=path) for path in inspected.unnamed]
    return not lines, _store_said(inspected, deep=deep), (*lines, *rest, *unnamed)


def _fault_line(fault: Damage, case: str) -> Text:
    return Text("finding", "breach", case=case or fault.title, said=fault.said)


def _store_said(inspected: Inspected, *, deep: bool) -> Text:
    counts = {"documents": inspected.documents, "of": inspected.of_documents}
    if inspected.faulty:
        return Text("finding", "store_faulty", count=inspected.faulty, **counts)
    if deep:
        return Text("finding", "store_fits", size=inspected.size, **counts)
    return Text("finding", "store_has", **counts)
