"""Read a playbook and report all of its faults together, each with its line."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from states.checklists.definition import checklist_faults
from states.errors import Fault, Invalid
from states.machines.checks import doubled_names, missing_ways, unknown_states
from states.machines.definition import Move as Step
from states.playbooks.deadline_terms import tables_in, term_faults
from states.playbooks.definition import CAME_FROM, Move, Playbook, StageKind
from states.playbooks.guards import GUARDS
from states.shapes import shape_fault
from states.texts import Text, Value
from states.texts.titles import DOMAIN, Translations, titles_in
from states.yaml_source import Mapped, line_of, prune, read_yaml


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
        no_playbook = Fault(f"{source}:1", "playbook_mapping", remedy="begin_with_name_and_version")
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
            playbook = Playbook.model_validate(tree, context={DOMAIN: _translations(tree)})
        except ValidationError as error:
            gone: set[tuple[int | str, ...]] = set()
            for one in error.errors():
                path = tuple(step for step in one["loc"] if not str(step).startswith("function-"))
                faults.append(_shape_fault(one, path, line_of(tree, path), source))
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


def _translations(tree: Mapped) -> Translations:
    """Return what of the translations has the right shape; the rest has faults of its own."""
    written = tree.get("translations")
    found = written.items() if isinstance(written, Mapping) else ()
    return {
        language: {text: made for text, made in texts.items() if isinstance(made, str)}
        for language, texts in found
        if isinstance(texts, Mapping)
    }


def _first_stage(tree: Mapped) -> str:
    stages = tree.get("stages")
    return str(next(iter(stages), "")) if isinstance(stages, Mapping) else ""


def _backwards(path: tuple[int | str, ...]) -> list[tuple[int, str]]:
    return [(step, "") if isinstance(step, int) else (-1, step) for step in path]


def _shape_fault(error: ErrorDetails, path: tuple[int | str, ...], line: int, source: str) -> Fault:
    what = ".".join(str(step) for step in path) or Text("word", "the_playbook")
    return Fault(f"{source}:{line}", "playbook_shape", what=what, why=shape_fault(error).text)


def _names(tree: Mapped) -> frozenset[str]:
    found: set[str] = set()
    for key in ("stages", "panels", "deadlines"):
        part = tree.get(key)
        if isinstance(part, Mapping):
            found.update(str(name) for name in part)
    moves = tree.get("moves")
    if isinstance(moves, list):
        found.update(f"move {number}" for number, _ in enumerate(moves))
    for key in ("protocol", "checklists"):
        keyed = tree.get(key)
        if isinstance(keyed, list):
            found.update(str(one.get("key")) for one in keyed if isinstance(one, Mapping))
    return frozenset(found)


class _Checked:
    """A playbook of the right shape, the tree it came from, and the names that had to be left out of it."""

    def __init__(self, playbook: Playbook, tree: Mapped, source: str, lost: frozenset[str]) -> None:
        self.playbook, self.tree, self.source, self.lost = playbook, tree, source, lost

    def fault(self, code: str, /, *path: object, remedy: str | Text, **parameters: Value) -> Fault:
        return self.placed(Fault("", code, remedy=remedy, **parameters), *path)

    def placed(self, fault: Fault, *path: object) -> Fault:
        return fault.at(f"{self.source}:{line_of(self.tree, path)}")

    def known(self, names: Mapping[str, object], name: str) -> bool:
        return name in names or name in self.lost


def _logic(checked: _Checked) -> Iterator[Fault]:
    """Yield what is wrong although every part has the right shape; names left out are not reported again."""
    playbook = checked.playbook
    if not checked.known(playbook.stages, playbook.initial):
        remedy = _one_of(playbook.stages, playbook.initial)
        yield checked.fault("initial_stage_unknown", "initial", remedy=remedy, stage=playbook.initial)
    elif playbook.initial in playbook.stages and playbook.stages[playbook.initial].kind is not StageKind.ACTIVE:
        yield checked.fault(
            "initial_stage_not_active", "initial", remedy="begin_in_stage_that_matures", stage=playbook.initial
        )
    yield from _steps(checked)
    for index, move in enumerate(playbook.moves):
        yield from _ways_back(checked, index, move)
        yield from _guards(checked, index, move)
    yield from _sections(checked)
    yield from _references(checked)
    yield from _terms(checked)
    yield from _evidence(checked)
    yield from _checklists(checked)
    yield from _translated(checked)
    if playbook.initial in playbook.stages and not checked.lost:
        yield from _ways(checked)


def _steps(checked: _Checked) -> Iterator[Fault]:
    stages, moves = checked.playbook.stages, checked.playbook.moves
    steps = [Step(one.name, one.title, tuple(one.from_), () if one.to == CAME_FROM else one.to) for one in moves]
    for flaw in unknown_states(steps, stages, noun="stage"):
        if not checked.known(stages, flaw.state):
            fault = Fault("", flaw.fault.text, remedy=_one_of(stages, flaw.state))
            yield checked.placed(fault, "moves", flaw.move)
    for flaw in doubled_names(steps):
        other = line_of(checked.tree, ("moves", flaw.other))
        fault = Fault("", flaw.fault.text, remedy=Text("remedy", "rename_one_other_at_line", line=other))
        yield checked.placed(fault, "moves", flaw.move)


def _ways_back(checked: _Checked, index: int, move: Move) -> Iterator[Fault]:
    stages = checked.playbook.stages
    if move.to == CAME_FROM:
        for name in move.from_:
            if name in stages and stages[name].kind in (StageKind.ACTIVE, StageKind.FINAL):
                yield checked.fault(
                    "stage_not_aside", "moves", index, remedy="only_aside_returns", move=move.name, stage=name
                )


def _guards(checked: _Checked, index: int, move: Move) -> Iterator[Fault]:
    for number, use in enumerate(move.guards):
        where = ("moves", index, "guards", number)
        if use.name not in GUARDS:
            remedy = _one_of(GUARDS, use.name)
            yield checked.fault("no_such_guard", *where, remedy=remedy, move=move.name, guard=use.name)
            continue
        for why in GUARDS[use.name].faults(use.with_, checked.playbook, lost=checked.lost):
            yield checked.fault("guard_unfit", *where, remedy="mend_with", move=move.name, guard=use.name, why=why)


def _references(checked: _Checked) -> Iterator[Fault]:
    playbook = checked.playbook
    for name, stage in playbook.stages.items():
        if stage.panel is not None and not checked.known(playbook.panels, stage.panel):
            remedy = _one_of(playbook.panels, stage.panel)
            yield checked.fault(
                "stage_panel_unknown", "stages", name, "panel", remedy=remedy, stage=name, panel=stage.panel
            )
    ladders = [("stages", name, stage.ladder) for name, stage in playbook.stages.items() if stage.due]
    ladders += [("panels", name, panel.ladder) for name, panel in playbook.panels.items()]
    ladders += [("deadlines", kind.value, term.ladder) for kind, term in playbook.deadlines.items()]
    for part, name, ladder in ladders:
        if ladder not in playbook.ladders:
            remedy = _one_of(playbook.ladders, ladder)
            yield checked.fault("ladder_unknown", part, name, remedy=remedy, part=part[:-1], name=name, ladder=ladder)


def _terms(checked: _Checked) -> Iterator[Fault]:
    playbook = checked.playbook
    stages, tables = checked.lost | playbook.stages.keys(), tables_in(playbook.protocol)
    for kind, term in playbook.deadlines.items():
        if term.table is not None and term.table.partition(".")[0] in checked.lost:
            tables.append(term.table)  # its section has faults of its own
        for key, why, remedy in term_faults(kind, term, stages=stages, tables=tables):
            yield checked.fault("deadline_unfit", "deadlines", kind.value, key, remedy=remedy, deadline=kind, why=why)


def _evidence(checked: _Checked) -> Iterator[Fault]:
    playbook = checked.playbook
    for number, asked in enumerate(playbook.evidence.asked):
        where = ("evidence", "asked", number)
        if asked.kind not in playbook.evidence.kinds:
            remedy = _one_of(playbook.evidence.kinds, asked.kind)
            yield checked.fault("evidence_kind_unknown", *where, "kind", remedy=remedy, kind=asked.kind)
        for stage in asked.stage:
            if not checked.known(playbook.stages, stage):
                remedy = _one_of(playbook.stages, stage)
                yield checked.fault("evidence_stage_unknown", *where, "stage", remedy=remedy, stage=stage)


def _checklists(checked: _Checked) -> Iterator[Fault]:
    playbook = checked.playbook
    for key, count in Counter(one.key for one in playbook.checklists).items():
        if count > 1:
            yield checked.fault("checklist_key_repeated", "checklists", remedy="keys_are_unique", count=count, key=key)
    for number, spec in enumerate(playbook.checklists):
        where = ("checklists", number)
        for stage in spec.stage:
            if not checked.known(playbook.stages, stage):
                remedy = _one_of(playbook.stages, stage)
                yield checked.fault(
                    "checklist_stage_unknown", *where, "stage", remedy=remedy, checklist=spec.key, stage=stage
                )
        for path, why, said in checklist_faults(spec, kinds=playbook.evidence.kinds):
            yield checked.fault("checklist_unfit", *where, *path, remedy=said, checklist=spec.key, why=why)


def _translated(checked: _Checked) -> Iterator[Fault]:
    """Yield a fault for each translation of what the playbook does not say; not while parts of it are left out."""
    titles = dict.fromkeys(titles_in(checked.playbook))
    for language, texts in checked.playbook.translations.items():
        for text in texts:
            if text not in titles and not checked.lost:
                near = get_close_matches(text, titles, n=1)
                as_written = Text("remedy", "write_title_as_in_playbook")
                remedy = Text("remedy", "did_you_mean", near=near[0]) if near else as_written
                yield checked.fault("translation_of_nothing", "translations", language, text, remedy=remedy, title=text)


def _sections(checked: _Checked) -> Iterator[Fault]:
    for key, count in Counter(section.key for section in checked.playbook.protocol).items():
        if count > 1:
            yield checked.fault("section_key_repeated", "protocol", remedy="keys_are_unique", count=count, key=key)


def _ways(checked: _Checked) -> Iterator[Fault]:
    """Yield a fault for each stage that nothing leads to, and for each from which no end can be reached."""
    machine = checked.playbook.machine()
    for flaw in missing_ways(machine, noun="stage", make_final="add_way_or_make_kind_final"):
        yield checked.placed(flaw.fault, "stages", flaw.state)


def _one_of(names: Mapping[str, object], wrong: str) -> Text:
    near = get_close_matches(wrong, names, n=1)
    if near:
        return Text("remedy", "did_you_mean", near=near[0])
    return Text("remedy", "one_of", known=tuple(names)) if names else Text("remedy", "none_defined")
