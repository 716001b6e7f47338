"""Read a playbook and report all of its faults together, each with its line."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache

from pydantic import ValidationError

from states.errors import Fault, Invalid
from states.machines.checks import doubled_names, missing_ways, unknown_states
from states.machines.definition import Move as Step
from states.playbooks.deadline_terms import tables_in, term_faults
from states.playbooks.definition import CAME_FROM, Move, Playbook, StageKind
from states.playbooks.guards import GUARDS
from states.yaml_source import Mapped, line_of, prune, read_yaml

_PLAIN = {
    "extra_forbidden": "is not a key that a playbook knows here",
    "missing": "is missing",
}


class PlaybookInvalid(Invalid):
    """The playbook has faults; all of them are listed, in the order of its lines."""

    code = "playbook_invalid"


@dataclass(frozen=True, slots=True)
class _Written:
    """The text of a playbook; what holds it is named in faults, and makes no other playbook."""

    text: str
    source: str = field(compare=False)


def parse(text: str, *, source: str = "playbook") -> Playbook:
    """Return the playbook, or raise `PlaybookInvalid` with every fault at its `source:line`."""
    return _parsed(_Written(text, source))


@lru_cache(maxsize=64)
def _parsed(written: _Written) -> Playbook:
    source = written.source
    tree, faults = read_yaml(written.text, source=source)
    if not isinstance(tree, Mapped):
        no_playbook = Fault(f"{source}:1", "a playbook is a mapping", "begin with `name:` and `version:`")
        raise PlaybookInvalid(faults=faults or [no_playbook])
    playbook, lost = _shape(tree, source, faults)
    if playbook is not None:
        faults += _logic(_Checked(playbook, tree, source, lost))
    if faults or playbook is None:
        raise PlaybookInvalid(faults=sorted(faults, key=_line))
    return playbook


def _line(fault: Fault) -> int:
    return int(fault.place.rpartition(":")[2])


def _shape(tree: Mapped, source: str, faults: list[Fault]) -> tuple[Playbook | None, frozenset[str]]:
    """Validate; take out what does not fit and try again, so that the rest can be checked all the same.

    Returns the playbook of what fits, and the names of stages, panels, deadlines, sections and moves that had to go.
    """
    names = _names(tree)
    while True:
        try:
            playbook = Playbook.model_validate(tree)
        except ValidationError as error:
            gone: set[tuple[int | str, ...]] = set()
            for one in error.errors():
                path = tuple(step for step in one["loc"] if not str(step).startswith("function-"))
                faults.append(_shape_fault(one["type"], one["msg"], path, line_of(tree, path), source))
                gone.add(path if one["type"] == "extra_forbidden" else path[:2])
            # From the back, so that the places of earlier list items stay true.
            done = [_mend(tree, path) for path in sorted(gone, key=_backwards, reverse=True)]
            if not all(done):
                return None, frozenset()
        else:
            return playbook, names - _names(tree)


def _mend(tree: Mapped, path: tuple[int | str, ...]) -> bool:
    """Take an entry out, or put something plain where a scalar of the head is wrong or missing."""
    plain = {"name": "unnamed", "version": 1, "title": "Untitled", "initial": _first_stage(tree)}
    if len(path) == 1 and path[0] in plain:
        tree[path[0]] = plain[str(path[0])]
        tree.lines.setdefault(path[0], 1)
        return True
    return prune(tree, path)


def _first_stage(tree: Mapped) -> str:
    stages = tree.get("stages")
    return str(next(iter(stages), "")) if isinstance(stages, Mapping) else ""


def _backwards(path: tuple[int | str, ...]) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]


def _shape_fault(kind: str, message: str, path: tuple[int | str, ...], line: int, source: str) -> Fault:
    where = ".".join(str(step) for step in path) or "the playbook"
    return Fault(f"{source}:{line}", f"{where} {_PLAIN.get(kind, '- ' + message)}")


def _names(tree: Mapped) -> frozenset[str]:
    found: set[str] = set()
    for key in ("stages", "panels", "deadlines"):
        part = tree.get(key)
        if isinstance(part, Mapping):
            found.update(str(name) for name in part)
    moves = tree.get("moves")
    if isinstance(moves, list):
        found.update(f"move {number}" for number, _ in enumerate(moves))
    sections = tree.get("protocol")
    if isinstance(sections, list):
        found.update(str(one.get("key")) for one in sections if isinstance(one, Mapping))
    return frozenset(found)


class _Checked:
    """A playbook of the right shape, the tree it came from, and the names that had to be left out of it."""

    def __init__(self, playbook: Playbook, tree: Mapped, source: str, lost: frozenset[str]) -> None:
        self.playbook, self.tree, self.source, self.lost = playbook, tree, source, lost

    def fault(self, message: str, remedy: str, *path: object) -> Fault:
        return Fault(f"{self.source}:{line_of(self.tree, path)}", message, remedy)

    def known(self, names: Mapping[str, object], name: str) -> bool:
        return name in names or name in self.lost


def _logic(checked: _Checked) -> Iterator[Fault]:
    """Yield what is wrong although every part has the right shape; names left out are not reported again."""
    playbook = checked.playbook
    if not checked.known(playbook.stages, playbook.initial):
        message = f"initial stage {playbook.initial!r} does not exist"
        yield checked.fault(message, _one_of(playbook.stages, playbook.initial), "initial")
    elif playbook.initial in playbook.stages and playbook.stages[playbook.initial].kind is not StageKind.ACTIVE:
        message = f"initial stage {playbook.initial!r} is not active"
        yield checked.fault(message, "begin in a stage that matures", "initial")
    yield from _steps(checked)
    for index, move in enumerate(playbook.moves):
        yield from _ways_back(checked, index, move)
        yield from _guards(checked, index, move)
    yield from _sections(checked)
    yield from _references(checked)
    yield from _terms(checked)
    if playbook.initial in playbook.stages and not checked.lost:
        yield from _ways(checked)


def _steps(checked: _Checked) -> Iterator[Fault]:
    stages, moves = checked.playbook.stages, checked.playbook.moves
    steps = [Step(one.name, one.title, tuple(one.from_), () if one.to == CAME_FROM else one.to) for one in moves]
    for flaw in unknown_states(steps, stages, noun="stage"):
        if not checked.known(stages, flaw.state):
            yield checked.fault(flaw.message, _one_of(stages, flaw.state), "moves", flaw.move)
    for flaw in doubled_names(steps):
        other = line_of(checked.tree, ("moves", flaw.other))
        yield checked.fault(flaw.message, f"{flaw.remedy}; the other is at line {other}", "moves", flaw.move)


def _ways_back(checked: _Checked, index: int, move: Move) -> Iterator[Fault]:
    stages = checked.playbook.stages
    if move.to == CAME_FROM:
        for name in move.from_:
            if name in stages and stages[name].kind in (StageKind.ACTIVE, StageKind.FINAL):
                remedy = "only a side or closed stage can return to where it came from"
                yield checked.fault(f"move {move.name!r}: {name!r} is not aside", remedy, "moves", index)


def _guards(checked: _Checked, index: int, move: Move) -> Iterator[Fault]:
    for number, use in enumerate(move.guards):
        where = ("moves", index, "guards", number)
        if use.name not in GUARDS:
            yield checked.fault(f"move {move.name!r}: no guard {use.name!r}", _one_of(GUARDS, use.name), *where)
            continue
        for message in GUARDS[use.name].faults(use.with_, checked.playbook, lost=checked.lost):
            yield checked.fault(f"move {move.name!r}: guard {use.name!r}: {message}", "mend `with:`", *where)


def _references(checked: _Checked) -> Iterator[Fault]:
    playbook = checked.playbook
    for name, stage in playbook.stages.items():
        if stage.panel is not None and not checked.known(playbook.panels, stage.panel):
            message = f"stage {name!r}: no panel {stage.panel!r}"
            yield checked.fault(message, _one_of(playbook.panels, stage.panel), "stages", name, "panel")
    ladders = [("stages", name, stage.ladder) for name, stage in playbook.stages.items() if stage.due]
    ladders += [("panels", name, panel.ladder) for name, panel in playbook.panels.items()]
    ladders += [("deadlines", kind.value, term.ladder) for kind, term in playbook.deadlines.items()]
    for part, name, ladder in ladders:
        if ladder not in playbook.ladders:
            message = f"{part[:-1]} {name!r}: no ladder {ladder!r}"
            yield checked.fault(message, _one_of(playbook.ladders, ladder), part, name)


def _terms(checked: _Checked) -> Iterator[Fault]:
    playbook = checked.playbook
    stages, tables = checked.lost | playbook.stages.keys(), tables_in(playbook.protocol)
    for kind, term in playbook.deadlines.items():
        if term.table is not None and term.table.partition(".")[0] in checked.lost:
            tables.append(term.table)  # its section has faults of its own
        for key, message, remedy in term_faults(kind, term, stages=stages, tables=tables):
            yield checked.fault(f"deadline {kind.value!r}: {message}", remedy, "deadlines", kind.value, key)


def _sections(checked: _Checked) -> Iterator[Fault]:
    for key, count in Counter(section.key for section in checked.playbook.protocol).items():
        if count > 1:
            yield checked.fault(f"{count} protocol sections have the key {key!r}", "keys are unique", "protocol")


def _ways(checked: _Checked) -> Iterator[Fault]:
    """Yield a fault for each stage that nothing leads to, and for each from which no end can be reached."""
    machine = checked.playbook.machine()
    for flaw in missing_ways(machine, noun="stage", make_final="make it `kind: final`"):
        yield checked.fault(flaw.message, flaw.remedy, "stages", flaw.state)


def _one_of(names: Mapping[str, object], wrong: str) -> str:
    near = get_close_matches(wrong, names, n=1)
    if near:
        return f"did you mean {near[0]!r}?"
    return f"one of {', '.join(names)}" if names else "none is defined"
