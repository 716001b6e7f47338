"""Draw states and moves as a Mermaid state diagram."""

from states.machines.definition import Machine, S

_ENDS = "[*]"


def diagram(machine: Machine[S]) -> str:
    """Return the diagram: how a life begins, every state by its title, every step with its moves, the ends."""
    begins: dict[str, list[str]] = {}
    arrows: dict[tuple[str, str], list[str]] = {}
    for start, end, move in machine.steps():
        (begins.setdefault(end, []) if start is None else arrows.setdefault((start, end), [])).append(move.title)
    lines = ["stateDiagram-v2", *(_arrow(_ENDS, end, labels) for end, labels in begins.items())]
    lines += [f'    state "{title}" as {state}' for state, title in machine.states.items()]
    lines += [_arrow(start, end, labels) for (start, end), labels in arrows.items()]
    lines += [_arrow(state, _ENDS, []) for state in machine.states if state in machine.final]
    return "\n".join(lines) + "\n"


def _arrow(start: str, end: str, labels: list[str]) -> str:
    return f"    {start} --> {end}" + (f": {' / '.join(labels)}" if any(labels) else "")


def chapter(machine: Machine[S]) -> str:
    """Return a chapter of Markdown: the title, where the state is kept, the diagram."""
    kept = f"kept in `{machine.column}`" if machine.column else "not kept: it follows from the facts"
    return f"## {machine.title}\n\n`{machine.name}`; its state is {kept}.\n\n```mermaid\n{diagram(machine)}```\n"
