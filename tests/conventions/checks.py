"""The house's conventions that no other tool knows: each check takes a source and returns its faults."""

import ast
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from tests.conventions.sources import Source

# The places that must survive any error of what they call: they log it and go on, or answer with it.
BROAD_EXCEPT_HOSTS = (
    "api/http/problems.py",
    "api/pages/errors.py",
    "flows/host.py",
    "flows/prefect_app.py",
    "states/outbox/relay.py",
    "states/sweeps/apart.py",
)

PRODUCT = ("states", "documents", "flows", "api")
MIGRATIONS = "states/storage/migrations"
STAGE_PACKAGES = ("matchmaking", "protocol", "review", "funding", "reporting")
STAGE_FILES = ("README.md", "facts.py", "guards.py", "queries.py", "service.py", "tables.py")

# What SQLite and PostgreSQL both have, alike; what one of them lacks is written for each (states/storage/reading.py).
COMMON_FUNCTIONS = frozenset({"coalesce", "count", "length", "lower", "max", "min", "replace", "substr", "sum"})
FOR_ONE_ENGINE = ("states/backups/rows.py", "states/search/matching.py", "states/storage")

# What gives a state column its value.
STEPS = frozenset({"step", "begin", "stepped"})

_HOSTS = (
    ("pypi", "org"),
    ("python" + "hosted", "org"),
    ("npmjs", "org"),
    ("crates", "io"),
    ("deb.debian", "org"),
    ("archive.ubuntu", "com"),
    ("conda.anaconda", "org"),
)
REGISTRY_HOST = re.compile("|".join(re.escape(".".join(pieces)) for pieces in _HOSTS), re.IGNORECASE)
MACHINE_PATH = re.compile(r"(?<![\w.~*>})-])/(?:work|root|home|tmp)/\w")
MERGE_MARKER = re.compile(r"^(?:<{7}|>{7}|\|{7})(?: |$)", re.MULTILINE)


def opens_with_docstring(source: Source) -> list[str]:
    """Want a docstring first in every module that holds anything."""
    if not source.text.strip() or ast.get_docstring(source.tree):
        return []
    return [f"{source.path}: no docstring says what lives here"]


def stage_has_one_door(source: Source) -> list[str]:
    """Want the stage of a collaboration written by `states/lifecycle/move.py` alone."""
    if source.path == "states/lifecycle/move.py":
        return []
    may_open = source.within("states/collaborations", "states/lifecycle")
    lines = [*_stage_assignments(source.tree)]
    for call in _calls(source.tree):
        name, keywords = _last_name(call.func), {keyword.arg for keyword in call.keywords}
        sets_attribute = name == "setattr" and any(ast.unparse(argument) == "'stage'" for argument in call.args)
        opens = name == "Collaboration" and "stage" in keywords and not may_open
        if sets_attribute or opens or (name == "values" and "stage" in keywords):
            lines.append(call.lineno)
    return [f"{source.path}:{line}: writes a stage past lifecycle.move" for line in sorted(lines)]


@dataclass(frozen=True)
class StateColumns:
    """Which attributes keep the state of something, in which tables; and what else it follows from, by its doors."""

    tables: Mapping[str, frozenset[str]]
    doors: Mapping[str, frozenset[str]] = field(default_factory=dict)


def states_take_steps(source: Source, columns: StateColumns, allowed: Collection[tuple[str, str]] = ()) -> list[str]:
    """Want a state column given what `step`, `begin` or `stepped` returns, and what a state follows from by its door.

    `tables` maps an attribute to the classes of rows whose state it keeps, `doors` an attribute to the files that may
    write it; `allowed` holds (file, attribute) where an attribute of that name is no state.
    """
    if not source.within(*PRODUCT) or source.within(MIGRATIONS):
        return []
    found = []
    for line, attribute, value in _written(source.tree):
        if source.path in columns.doors.get(attribute, ()) or (source.path, attribute) in allowed:
            continue
        if attribute in columns.tables and _last_call(value) not in STEPS:
            found.append((line, f"{attribute} is written past the machines"))
        elif attribute not in columns.tables and attribute in columns.doors:
            found.append((line, f"{attribute} is written past {' and '.join(sorted(columns.doors[attribute]))}"))
    for call in _calls(source.tree):
        name = _last_name(call.func)
        for keyword in call.keywords:
            tables = columns.tables.get(keyword.arg or "", frozenset())
            if (name in tables or (name == "values" and tables)) and _last_call(keyword.value) not in STEPS:
                found.append((keyword.value.lineno, f"{keyword.arg} is written past the machines"))
    return [f"{source.path}:{line}: {what}" for line, what in sorted(found)]


def tables_keep_annotations(source: Source) -> list[str]:
    """Want no postponed annotations beside tables: SQLModel resolves relationships from real ones."""
    has_tables = source.path.endswith("tables.py") or any(
        keyword.arg == "table"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ClassDef)
        for keyword in node.keywords
    )
    return [
        f"{source.path}:{node.lineno}: postponed annotations in a module with tables"
        for node in ast.walk(source.tree)
        if has_tables and isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]


def time_has_one_source(source: Source) -> list[str]:
    """Want the time asked of `states.clock` alone, which a demonstration or a test can set."""
    if source.path == "states/clock.py":
        return []
    return [
        f"{source.path}:{call.lineno}: asks the machine for the time instead of states.clock"
        for call in _calls(source.tree)
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in {"now", "today", "utcnow"}
        and _last_name(call.func.value) in {"date", "datetime"}
    ]


def edges_commit(source: Source) -> list[str]:
    """Want every commit made by the blocks of `states/storage`, so that no service ends a transaction."""
    if not source.within(*PRODUCT) or source.within("states/storage"):
        return []
    return [
        f"{source.path}:{call.lineno}: commits outside states/storage"
        for call in _calls(source.tree)
        if isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
    ]


def asks_either_engine(source: Source) -> list[str]:
    """Want SQL functions that both engines have, but where a file asks by engine: tests on PostgreSQL are fewer."""
    if not source.within(*PRODUCT) or source.within(*FOR_ONE_ENGINE):
        return []
    return [
        f"{source.path}:{call.lineno}: not every engine has {call.func.attr}"
        for call in _calls(source.tree)
        if isinstance(call.func, ast.Attribute)
        and _last_name(call.func.value) == "func"
        and call.func.attr not in COMMON_FUNCTIONS
    ]


def catches_by_name(source: Source, hosts: tuple[str, ...] = BROAD_EXCEPT_HOSTS) -> list[str]:
    """Want errors caught by name, but in the hosts and where the handler raises on."""
    if not source.within(*PRODUCT) or source.path in hosts:
        return []
    return [
        f"{source.path}:{handler.lineno}: catches everything"
        for handler in ast.walk(source.tree)
        if isinstance(handler, ast.ExceptHandler) and _is_broad(handler) and not _raises_on(handler)
    ]


def names_no_machine(source: Source) -> list[str]:
    """Want no registry's host, no path of somebody's machine and no merge marker in what we ship."""
    findings = {
        "names a registry's host": REGISTRY_HOST,
        "names a path of a machine": MACHINE_PATH,
        "holds a merge marker": MERGE_MARKER,
    }
    return [
        f"{source.path}:{source.text.count(chr(10), 0, match.start()) + 1}: {finding}"
        for finding, pattern in findings.items()
        for match in pattern.finditer(source.text)
    ]


def lock_is_hashed(source: Source) -> list[str]:
    """Want each requirement of a lock file pinned by version and hash, and none by address."""
    entries = re.split(r"^(?=[A-Za-z0-9])", source.text, flags=re.MULTILINE)
    faults = []
    for entry in filter(str.strip, entries):
        name = re.split(r"[=@ ;\\\n]", entry, maxsplit=1)[0]
        if not re.match(r"[\w.-]+==[\w.]+", entry):
            faults.append(f"{source.path}: {name} is not pinned by version")
        if "--hash=sha256:" not in entry:
            faults.append(f"{source.path}: {name} has no hash")
        if "://" in entry:
            faults.append(f"{source.path}: {name} names an address")
    return faults


def stage_package_is_complete(package: str, files: set[str]) -> list[str]:
    """Want the same files in every stage package: one noun, one file name, everywhere."""
    return [f"{package}: {name} is missing" for name in STAGE_FILES if name not in files]


def _calls(tree: ast.Module) -> Iterator[ast.Call]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def _written(tree: ast.Module) -> Iterator[tuple[int, str, ast.expr | None]]:
    """Yield line, attribute and value of every assignment to an attribute; None where the value is not plain."""
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=targets, value=value):
                for target in targets:
                    yield from _attributes(target, value)
            case ast.AnnAssign(target=target, value=value):
                yield from _attributes(target, value)
            case ast.AugAssign(target=target) | ast.For(target=target):
                yield from _attributes(target, None)
            case ast.Call(func=ast.Name(id="setattr"), args=[_, ast.Constant(value=str(name)), *_]):
                yield node.lineno, name, None


def _attributes(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[int, str, ast.expr | None]]:
    match target:
        case ast.Attribute(attr=name):
            yield target.lineno, name, value
        case ast.Tuple(elts=targets) | ast.List(elts=targets):
            values: list[ast.expr | None] = [None] * len(targets)
            if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(targets):
                values = list(value.elts)
            for one, its in zip(targets, values, strict=True):
                yield from _attributes(one, its)


def _last_call(value: ast.expr | None) -> str:
    return _last_name(value.func) if isinstance(value, ast.Call) else ""


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _stage_assignments(tree: ast.Module) -> Iterator[int]:
    # `self.stage` in an initialiser sets up a new value object or error; a row has no initialiser of ours.
    own = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and function.name == "__init__"
        for node in ast.walk(function)
        if isinstance(node, ast.Attribute) and _last_name(node.value) == "self"
    }
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr="stage", ctx=ast.Store() | ast.Del()) if id(node) not in own:
                yield node.lineno


def _is_broad(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    caught = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(_last_name(kind) in {"BaseException", "Exception"} for kind in caught)


def _raises_on(handler: ast.ExceptHandler) -> bool:
    last = handler.body[-1]
    return isinstance(last, ast.Raise) and last.exc is None
