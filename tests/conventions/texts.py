"""Which texts the code says, read from its syntax: each with its kind, code and the parameters that it is given.

A code may stand where it is said, come from a dictionary of the module or a class, or be an argument: a function that
passes its argument on as the code (a forwarder) says what each of its callers gives it.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product

from tests.conventions.sources import ROOT, Source

PRODUCT = ("states", "api", "flows", "documents")
# By the class that says it: the kind, where its code stands (position or keyword), and what is no parameter.
_REFUSAL = frozenset({"mend_by", "where", "missing", "text"})


@dataclass(frozen=True)
class Sayer:
    """A call that says a text: of which kind, from which arguments its code comes, and what it always gives."""

    kind: str
    code: str | int
    text: str = ""
    own: frozenset[str] = frozenset()
    given: frozenset[str] = frozenset()
    otherwise: str = ""


@dataclass(frozen=True)
class Said:
    """A text that is said at some place; `given` is None where its parameters cannot be read."""

    place: str
    kind: str
    code: str | None
    given: frozenset[str] | None


SAYERS: Mapping[str, Sayer] = {
    "Refusal": Sayer("refusal", 0, text="text", own=_REFUSAL),
    "Refusing": Sayer("refusal", 2, text="text"),
}


def said() -> list[Said]:
    """Return every text that the product says."""
    paths = [path for folder in PRODUCT for path in sorted((ROOT / folder).rglob("*.py"))]
    modules = [Module(Source(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))) for path in paths]
    exported = {(module.name, name): sayer for module in modules for name, sayer in module.forwarders.items()}
    return [one for module in modules for one in module.said(exported)]


Codes = set[str | None]


class Module:
    """One file: what it defines, what it forwards, and what it says."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.name = source.path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")
        self.values = {
            target.id: node.value
            for node in source.tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        self.classes = {node.name: node for node in ast.walk(source.tree) if isinstance(node, ast.ClassDef)}
        self.forwarders = dict(self._forwarders())

    def said(self, exported: Mapping[tuple[str, str], Sayer]) -> Iterator[Said]:
        imported = {
            name.asname or name.name: exported[node.module, name.name]
            for node in ast.walk(self.source.tree)
            if isinstance(node, ast.ImportFrom) and node.module
            for name in node.names
            if (node.module, name.name) in exported
        }
        methods = {name: sayer for (_, name), sayer in exported.items()}
        for function, call in _calls(self.source.tree):
            sayer = self._sayer(function, call, {**imported, **self.forwarders}, methods)
            if sayer is not None:
                yield from self._says(function, call, sayer)

    def _sayer(
        self,
        function: ast.FunctionDef | None,
        call: ast.Call,
        forwarders: Mapping[str, Sayer],
        methods: Mapping[str, Sayer],
    ) -> Sayer | None:
        match call.func:
            case ast.Name("Text"):
                return _text(call)
            case ast.Name(name) if name in SAYERS:
                return SAYERS[name]
            case ast.Name(name) if name in forwarders:
                return forwarders[name]
            case ast.Name(name) if function is not None and (bound := _bound(function, name)) is not None:
                inner = bound.args[0]
                found = forwarders.get(inner.id) if isinstance(inner, ast.Name) else None
                return found and _giving(found, bound.keywords)
            case ast.Attribute(attr=name) if name in methods and call.args and _is_text(call.args[0]):
                return methods[name]
            case _:
                return None

    def _says(self, function: ast.FunctionDef | None, call: ast.Call, sayer: Sayer) -> Iterator[Said]:
        parameters = {argument.arg for argument in _arguments(function)}
        codes: Codes = set()
        for where in (sayer.text, sayer.code) if sayer.text else (sayer.code,):
            expression = _argument(call, where)
            if isinstance(expression, ast.Name) and expression.id in parameters:
                return  # its callers say it
            codes |= {""} if expression is None else self._strings(expression, function) or {None}
            if "" not in codes:
                break
            codes -= {""}
        else:
            codes |= {sayer.otherwise} - {""}
        place = f"{self.source.path}:{call.lineno}"
        for code in codes:
            yield Said(place, sayer.kind, code, _given(call, sayer))

    def _forwarders(self) -> Iterator[tuple[str, Sayer]]:
        for function, call in _calls(self.source.tree):
            if function is None or not isinstance(call.func, ast.Name):
                continue
            sayer = SAYERS.get(call.func.id)
            if sayer is None:
                continue
            names = [argument.arg for argument in _arguments(function)]
            code, text = _argument(call, sayer.code), _argument(call, sayer.text)
            by_code = isinstance(code, ast.Name) and code.id in names
            by_text = isinstance(text, ast.Name) and text.id in names
            if not (by_code or by_text):
                continue
            given = frozenset(word.arg for word in call.keywords if word.arg) - sayer.own
            first = 1 if names[:1] == ["self"] else 0
            where = code if by_code else text
            assert isinstance(where, ast.Name)
            alone = {argument.arg for argument in function.args.kwonlyargs}
            position: str | int = where.id if where.id in alone else names.index(where.id) - first
            own = frozenset(names) | sayer.own
            # A text that is passed on too may stand in the place of the code.
            both = "text" if by_code and by_text else ""
            otherwise = code.value if isinstance(code, ast.Constant) and isinstance(code.value, str) else ""
            yield function.name, Sayer(sayer.kind, position, both, own, given, otherwise)

    def _strings(self, expression: ast.expr | None, function: ast.FunctionDef | None) -> Codes | None:
        """Return every text that an expression may be; None where that cannot be read."""
        match expression:
            case ast.Constant(str(value)):
                return {value}
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
        for node in ast.walk(function):
            if not isinstance(node, ast.Assign):
                continue
            for target in node.targets:
                if isinstance(target, ast.Name) and target.id == name:
                    return self._strings(node.value, function)
                if isinstance(target, ast.Tuple):
                    for number, part in enumerate(target.elts):
                        if isinstance(part, ast.Name) and part.id == name:
                            return self._part(node.value, number, function)
        return None

    def _part(self, value: ast.expr, number: int, function: ast.FunctionDef) -> Codes | None:
        if isinstance(value, ast.Tuple):
            return self._strings(value.elts[number], function)
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
    return frozenset(word.arg for word in call.keywords if word.arg) - sayer.own | sayer.given


def _giving(sayer: Sayer, keywords: Sequence[ast.keyword]) -> Sayer:
    more = frozenset(word.arg for word in keywords if word.arg) - {"text"}
    return replace(sayer, given=sayer.given | more)


def _bound(function: ast.FunctionDef, name: str) -> ast.Call | None:
    for node in ast.walk(function):
        match node:
            case ast.Assign(targets=[ast.Name(id)], value=ast.Call(func=ast.Name("partial")) as bound) if id == name:
                return bound
    return None


def _text(call: ast.Call) -> Sayer | None:
    kind = call.args[0] if call.args else None
    return Sayer(kind.value, 1) if isinstance(kind, ast.Constant) and isinstance(kind.value, str) else None


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))
