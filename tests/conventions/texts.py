"""Which texts the code says, read from its syntax: each with its kind, code and the parameters that it is given.

A code may stand where it is said, come from a dictionary of the module or a class, or be an argument: a function that
passes its argument on as the code (a forwarder) says what each of its callers gives it. Errors say the text of their
class unless they are given another; one that makes its own text from other arguments says it where it is defined.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from tests.conventions.sources import ROOT, Source

PRODUCT = ("states", "api", "flows", "documents")
_REFUSAL = frozenset({"mend_by", "where", "missing", "text"})
_FAULT = frozenset({"remedy", "field", "faults"})
COMPOSED = "(composed)"
"""Stands for a code that is put together where it is said; the catalogue has none of that name."""


@dataclass(frozen=True)
class Sayer:
    """A call that says a text: of which kind, from which argument its code comes, and what it always gives.

    `own` are arguments that are no parameters of the text. One that is `optional` may be left out, or be a text.
    """

    kind: str
    code: str | int
    text: str = ""
    own: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    otherwise: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Said:
    """A text that is said at some place; `given` is None where its parameters cannot be read."""

    place: str
    kind: str
    code: str | None
    given: frozenset[str] | None


def _fault(code: int, *, optional: bool = False) -> tuple[Sayer, ...]:
    remedy = Sayer("remedy", "remedy", own=_FAULT, optional=True)
    return Sayer("fault", code, own=_FAULT, optional=optional), remedy


Sayers = tuple[Sayer, ...]
SAYERS: Mapping[str, Sayers] = {
    "Refusal": (Sayer("refusal", 0, text="text", own=_REFUSAL),),
    "Refusing": (Sayer("refusal", 2, text="text"),),
    "Fault": _fault(1),
    "Unreadable": _fault(0, optional=True),
    "Unfit": (Sayer("fault", 0),),
    "Shape": _fault(0),
    "shape_fault": (Sayer("remedy", "remedy", own=frozenset({"place", "otherwise", "remedy"}), optional=True),),
    "Noun": (Sayer("noun", 0),),
    "Machine": (Sayer("noun", "noun"),),
    "Missing": (Sayer("noun", 0),),
    "Stale": (Sayer("noun", 0),),
    "InvalidPartialDate": (Sayer("why", 1),),
}
_PLAIN = ("BankableError", "Invalid")  # their text is that of their first argument
LINE_FAULT = tuple(replace(sayer, own=_FAULT | {"column"}) for sayer in _fault(1))  # `Line.fault` of the workbook


def said() -> list[Said]:
    """Return every text that the product says."""
    paths = [path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py"))]
    sources = [Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8")) for path in paths]
    errors = errors_of(sources)
    modules = [Module(source, errors) for source in sources]
    exported = {(module.name, name): sayers for module in modules for name, sayers in module.forwarders.items()}
    return [one for module in modules for one in module.said(exported)]


def errors_of(sources: Iterable[Source]) -> dict[str, tuple[Sayers, str]]:
    """Return by the name of each error what it says when raised, and of which kind its text is."""
    classes = {
        node.name: node for source in sources for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)
    }
    found: dict[str, tuple[Sayers, str]] = {}
    for name in classes:
        line = list(_ancestry(name, classes))
        if "BankableError" not in line or "Refused" in line:
            continue
        code = next(code for one in line if (code := _code_of(classes[one])))
        kind = "fault" if "Invalid" in line else "error"
        sayers = _fault(0, optional=True) if kind == "fault" else (Sayer("error", 0, otherwise=code),)
        makes = name not in _PLAIN and _maker(classes[name]) is not None
        found[name] = (SAYERS.get(name, () if makes else sayers), kind if kind == "fault" else code)
    return found


def _ancestry(name: str, classes: Mapping[str, ast.ClassDef]) -> Iterator[str]:
    while name in classes:
        yield name
        name = next((base.id for base in classes[name].bases if isinstance(base, ast.Name)), "")


def _code_of(node: ast.ClassDef) -> str:
    for one in node.body:
        match one:
            case ast.Assign(targets=[ast.Name("code")], value=ast.Constant(str(value))):
                return value
    return ""


def _maker(node: ast.ClassDef) -> ast.FunctionDef | None:
    return next((one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__"), None)


Codes = set[str | None]


class Module:
    """One file: what it defines, what it forwards, and what it says."""

    def __init__(self, source: Source, errors: Mapping[str, tuple[Sayers, str]]) -> None:
        self.source, self._errors = source, errors
        self._sayers = {**{name: sayers for name, (sayers, _) in errors.items()}, **SAYERS}
        self.name = source.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        self.values = {
            target.id: node.value
            for node in source.tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }
        self.classes = {node.name: node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)}
        self.forwarders = dict(self._forwarders())

    def said(self, exported: Mapping[tuple[str, str], Sayers]) -> Iterator[Said]:
        imported = {
            name.asname or name.name: exported[node.module, name.name]
            for node in ast.walk(self.source.tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for name in node.names
            if (node.module, name.name) in exported
        }
        methods = {name: sayers for (_, name), sayers in exported.items() if not name.startswith("_")}
        for function, call in _calls(self.source.tree):
            for sayer in self._found(function, call, {**imported, **self.forwarders}, methods):
                yield from self._says(function, call, sayer)
        yield from self._raised()
        yield from self._made()

    def _found(
        self,
        function: ast.FunctionDef | None,
        call: ast.Call,
        forwarders: Mapping[str, Sayers],
        methods: Mapping[str, Sayers],
    ) -> Sayers:
        match call.func:
            case ast.Name("Text"):
                return _text(call)
            case ast.Name(name) if name in self._sayers:
                return self._sayers[name]
            case ast.Name(name) if name in forwarders:
                return forwarders[name]
            case ast.Name(name) if function is not None and (bound := _bound(function, name)) is not None:
                inner = bound.args[0]
                found = forwarders.get(inner.id, ()) if isinstance(inner, ast.Name) else ()
                return tuple(_giving(sayer, bound.keywords) for sayer in found)
            case ast.Attribute(attr=name) if name in self.forwarders and name.endswith("fault"):
                return self.forwarders[name]
            case ast.Attribute(value=ast.Name("line"), attr="fault"):
                return LINE_FAULT
            case ast.Attribute(attr=name) if name in methods and call.args and _is_text(call.args[0]):
                return methods[name]
            case _:
                return ()

    def _raised(self) -> Iterator[Said]:
        """Yield what errors say that are raised by their class alone."""
        for node in ast.walk(self.source.tree):
            if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Name) and node.exc.id in self._errors:
                _, code = self._errors[node.exc.id]
                yield Said(f"{self.source.path}:{node.lineno}", "error", code, frozenset())

    def _made(self) -> Iterator[Said]:
        """Yield what errors say that make their text from arguments of their own."""
        for name, node in self.classes.items():
            maker = _maker(node)
            if name not in self._errors or maker is None or name in _PLAIN:
                continue
            code = self._errors[name][1]
            sayers = _fault(0) if code == "fault" else (Sayer("error", 0, otherwise=code),)
            for call in (one for one in ast.walk(maker) if isinstance(one, ast.Call)):
                if isinstance(call.func, ast.Attribute) and call.func.attr == "__init__":
                    for sayer in sayers:
                        yield from self._says(maker, call, sayer)

    def _says(self, function: ast.FunctionDef | None, call: ast.Call, sayer: Sayer) -> Iterator[Said]:
        parameters = {argument.arg for argument in _arguments(function)}
        codes: Codes = set()
        for where in (sayer.text, sayer.code) if sayer.text else (sayer.code,):
            expression = _argument(call, where)
            if isinstance(expression, ast.Name) and expression.id in parameters:
                return  # its callers say it
            if _is_said(expression, function) or (sayer.optional and expression is None):
                return
            codes |= {""} if expression is None else self._strings(expression, function) or {None}
            if "" not in codes:
                break
            codes -= {""}
        else:
            codes |= {sayer.otherwise} - {""}
        place = f"{self.source.path}:{call.lineno}"
        for code in codes:
            yield Said(place, sayer.kind, code, _given(call, sayer))

    def _forwarders(self) -> Iterator[tuple[str, Sayers]]:
        found: dict[str, list[Sayer]] = {}
        for function, call in _calls(self.source.tree):
            if function is None or not isinstance(call.func, ast.Name) or function.name == "__init__":
                continue
            for sayer in _text(call) if call.func.id == "Text" else self._sayers.get(call.func.id, ()):
                if (passed := _passed(function, call, sayer)) is not None:
                    found.setdefault(function.name, []).append(passed)
        yield from ((name, tuple(sayers)) for name, sayers in found.items())

    def _strings(self, expression: ast.expr | None, function: ast.FunctionDef | None) -> Codes | None:
        """Return every text that an expression may be; None where that cannot be read."""
        match expression:
            case ast.Constant(str(value)):
                return {value}
            case ast.JoinedStr():
                return {COMPOSED}
            case ast.Call(func=ast.Attribute(value=ast.Name(name), attr="get"), args=[_, otherwise]) if isinstance(
                table := self.values.get(name), ast.Dict
            ):
                return _constants([*table.values, otherwise])
            case ast.IfExp(body=one, orelse=other):
                first, second = self._strings(one, function), self._strings(other, function)
                return None if first is None or second is None else first | second
            case ast.BinOp(left=left, right=right):
                pair = self._strings(left, function), self._strings(right, function)
                if pair[0] is None or pair[1] is None:
                    return None
                return {f"{one}{other}" for one, other in product(pair[0], pair[1])}
            case ast.Subscript(value=ast.Name(name)) if isinstance(table := self.values.get(name), ast.Dict):
                return _constants(table.values)
            case ast.Attribute(value=ast.Name(name), attr=attribute) if name in self.classes:
                body = [node for node in self.classes[name].body if isinstance(node, ast.Assign)]
                return _constants(
                    node.value
                    for node in body
                    if any(isinstance(target, ast.Name) and target.id == attribute for target in node.targets)
                )
            case ast.Name(name) if function is not None:
                return self._assigned(name, function)
            case _:
                return None

    def _assigned(self, name: str, function: ast.FunctionDef) -> Codes | None:
        found: Codes = set()
        for value, number in _values(name, function):
            codes = self._strings(value, function) if number is None else self._part(value, number, function)
            if codes is None:
                return None
            found |= codes
        return found or None

    def _part(self, value: ast.expr, number: int, function: ast.FunctionDef) -> Codes | None:
        if isinstance(value, ast.Tuple):
            return self._strings(value.elts[number], function)
        if isinstance(value, ast.IfExp):
            first, second = self._part(value.body, number, function), self._part(value.orelse, number, function)
            return None if first is None or second is None else first | second
        match value:
            case ast.Subscript(value=ast.Name(name)) if isinstance(table := self.values.get(name), ast.Dict):
                return _constants(row.elts[number] for row in table.values if isinstance(row, ast.Tuple))
            case _:
                return None


def _constants(nodes: Iterable[ast.expr]) -> Codes:
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _calls(tree: ast.Module) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
    """Yield every call with the innermost function around it."""

    def below(node: ast.AST, function: ast.FunctionDef | None) -> Iterator[tuple[ast.FunctionDef | None, ast.Call]]:
        inner = node if isinstance(node, ast.FunctionDef) else function
        if isinstance(node, ast.Call):
            yield inner, node
        for child in ast.iter_child_nodes(node):
            yield from below(child, inner)

    yield from below(tree, None)


def _arguments(function: ast.FunctionDef | None) -> Sequence[ast.arg]:
    if function is None:
        return ()
    return (*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs)


def _argument(call: ast.Call, where: str | int) -> ast.expr | None:
    if isinstance(where, int):
        return call.args[where] if where < len(call.args) else None
    return next((word.value for word in call.keywords if word.arg == where), None)


def _given(call: ast.Call, sayer: Sayer) -> frozenset[str] | None:
    if any(word.arg is None for word in call.keywords):
        return None
    keys = (key for table in call.args if isinstance(table, ast.Dict) for key in table.keys)
    named = {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}
    return frozenset(word.arg for word in call.keywords if word.arg) - sayer.own | sayer.given | named


def _giving(sayer: Sayer, keywords: Sequence[ast.keyword]) -> Sayer:
    more = frozenset(word.arg for word in keywords if word.arg) - {"text"}
    return replace(sayer, given=sayer.given | more)


def _bound(function: ast.FunctionDef, name: str) -> ast.Call | None:
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id)], value=ast.Call(func=ast.Name("partial")) as bound) if id == name:
                return bound
    return None


def _text(call: ast.Call) -> Sayers:
    kind = call.args[0] if call.args else None
    return (Sayer(kind.value, 1),) if isinstance(kind, ast.Constant) and isinstance(kind.value, str) else ()


def _passed(function: ast.FunctionDef, call: ast.Call, sayer: Sayer) -> Sayer | None:
    """Return what a function says by the argument that it passes on as the code, if it does."""
    names = [argument.arg for argument in _arguments(function)]
    code, text = _argument(call, sayer.code), _argument(call, sayer.text)
    by_code = isinstance(code, ast.Name) and code.id in names
    by_text = isinstance(text, ast.Name) and text.id in names
    if not (by_code or by_text):
        return None
    given = frozenset(word.arg for word in call.keywords if word.arg) - sayer.own
    first = 1 if names[:1] == ["self"] else 0
    where = code if by_code else text
    assert isinstance(where, ast.Name)
    alone = {argument.arg for argument in function.args.kwonlyargs}
    position: str | int = where.id if where.id in alone else names.index(where.id) - first
    # A text that is passed on too may stand in the place of the code.
    both = "text" if by_code and by_text else ""
    otherwise = code.value if isinstance(code, ast.Constant) and isinstance(code.value, str) else ""
    return Sayer(sayer.kind, position, both, frozenset(names) | sayer.own, given, otherwise, sayer.optional)


def _is_said(node: ast.expr | None, function: ast.FunctionDef | None) -> bool:
    """Tell whether this is a text that is said elsewhere, or none."""
    match node:
        case (
            ast.Constant(None)
            | ast.Call(func=ast.Name("Text"))
            | ast.Attribute(attr="advice" | "said" | "text" | "why")
        ):
            return True
        case ast.IfExp(body=one, orelse=other) | ast.BoolOp(values=[one, other]):
            return _is_said(one, function) and _is_said(other, function)
        case ast.Name(name) if function is not None:
            values = list(_values(name, function))
            return bool(values) and all(number is None and _is_said(value, None) for value, number in values)
        case _:
            return False


def _values(name: str, function: ast.FunctionDef) -> Iterator[tuple[ast.expr, int | None]]:
    """Yield what a function assigns to a name, with the place in it where it is one of several."""
    for node in ast.walk(function):
        if not isinstance(node, ast.Assign):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and target.id == name:
                yield node.value, None
            if isinstance(target, ast.Tuple):
                yield from (
                    (node.value, number)
                    for number, part in enumerate(target.elts)
                    if isinstance(part, ast.Name) and part.id == name
                )


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
