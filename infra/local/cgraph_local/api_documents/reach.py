"""What code leads to, and what it may refuse, read from its source.

A refusal that is passed on as an argument, or is a parameter's default, is followed to where it is
raised. Methods are not followed, only named; what an enclosing `except` or `suppress` names does
not get out.
"""

import ast
import importlib
import inspect
import textwrap
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, TypeGuard

from cgraph.core.errors import Refusal

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Reach:
    """`mentions`: functions of ours that it calls or passes on. `attributes`: `.on_commit`.
    `raises`: names of its parameters whose values it raises.
    """

    refusals: set[type[Refusal]] = field(default_factory=set)
    mentions: set[Function] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)
    raises: set[str] = field(default_factory=set)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A value that only the caller knows."""

    name: str


_known: dict[Function | ModuleType, Reach] = {}


def reach(code: Function | ModuleType) -> Reach:
    """Of a function or of a whole module. Code that leads back to itself meets what has been found
    so far.
    """
    code = code if inspect.ismodule(code) else inspect.unwrap(code)
    if code not in _known:
        _known[code] = Reach()
        names = vars(code) if inspect.ismodule(code) else code.__globals__
        parameters = () if inspect.ismodule(code) else inspect.signature(code).parameters
        tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
        _Reader(names, _known[code], frozenset(parameters), _assigned(tree)).visit(tree)
    return _known[code]


def leads_to(start: Iterable[Function | ModuleType]) -> set[str]:
    """Names of functions, `cgraph.core.database.reading`, and attributes, `.on_commit`, all the way
    down.
    """
    left, seen, names = list(start), set[Function | ModuleType](), set[str]()
    while left:
        code = left.pop()
        seen.add(code)
        found = reach(code)
        names |= found.attributes
        for further in found.mentions - seen:
            names.add(name_of(further))
            left.append(further)
    return names


def name_of(function: Function) -> str:
    return f"{function.__module__}.{function.__qualname__}"


class _Reader(ast.NodeVisitor):
    def __init__(
        self,
        names: dict[str, Any],
        found: Reach,
        parameters: frozenset[str],
        assigned: dict[str, list[ast.expr]],
    ) -> None:
        self._names = names
        self._found = found
        self._parameters = parameters
        self._assigned = assigned
        self._caught: tuple[type, ...] = ()

    def visit_Try(self, node: ast.Try) -> None:
        outside = self._caught
        for handler in node.handlers:
            self._caught += self._classes(handler.type)
        for statement in node.body:
            self.visit(statement)
        self._caught = outside
        for child in (*node.handlers, *node.orelse, *node.finalbody):
            self.visit(child)

    def visit_With(self, node: ast.With) -> None:
        outside = self._caught
        for item in node.items:
            self.visit(item)
            entered = item.context_expr
            if isinstance(entered, ast.Call) and self._resolve(entered.func) is suppress:
                for argument in entered.args:
                    self._caught += self._classes(argument)
        for statement in node.body:
            self.visit(statement)
        self._caught = outside

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """What a function imports of ours for itself."""
        if node.module and node.module.split(".")[0] == "cgraph":
            package = importlib.import_module(node.module)
            found = {each.asname or each.name: _member(package, each.name) for each in node.names}
            self._names = {**self._names, **found}

    def visit_Raise(self, node: ast.Raise) -> None:
        for value in self._values(node.exc) if node.exc else ():
            self._refuse(value)
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = self._resolve(node.func)
        self._refuse(called)
        if _is_ours(called):
            below = reach(called)
            for refusal in tuple(below.refusals):
                self._refuse(refusal)
            for name in tuple(below.raises):
                for value in self._argument(called, node, name):
                    self._refuse(value)
        outside = self._caught
        if isinstance(node.func, ast.Attribute) and node.func.attr == "on_commit":
            self._caught = (Refusal,)  # an effect of the commit never reaches the caller
        self.generic_visit(node)
        self._caught = outside

    def visit_Name(self, node: ast.Name) -> None:
        self._mention(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._found.attributes.add(f".{node.attr}")
        self._mention(node)
        self.generic_visit(node)

    def _mention(self, node: ast.expr) -> None:
        found = self._resolve(node)
        if _is_ours(found):
            self._found.mentions.add(found)

    def _refuse(self, value: object) -> None:
        """A class that may be raised here, or a parameter that may have one."""
        kind = Refusal if isinstance(value, Parameter) else value
        if not isinstance(kind, type) or issubclass(kind, self._caught):
            return
        if isinstance(value, Parameter):
            self._found.raises.add(value.name)
        elif issubclass(kind, Refusal):
            self._found.refusals.add(kind)

    def _argument(self, called: Function, call: ast.Call, name: str) -> Iterator[object]:
        """What the call gives for a parameter of what is called."""
        parameters = inspect.signature(called).parameters
        place = list(parameters).index(name)
        given = [each.value for each in call.keywords if each.arg == name]
        if not given and parameters[name].kind is not inspect.Parameter.KEYWORD_ONLY:
            given = call.args[place : place + 1]
        if not given:
            yield parameters[name].default
        for value in given:
            yield from self._values(value)

    def _values(self, node: ast.expr, through: frozenset[str] = frozenset()) -> Iterator[object]:
        """What an expression may be, either branch of it; of an instance, its class. `through`:
        variables that led here.
        """
        if isinstance(node, ast.Name) and node.id not in through:
            for value in self._assigned.get(node.id, ()):
                yield from self._values(value, through | {node.id})
            if node.id in self._parameters:
                yield Parameter(node.id)
        found = self._resolve(node)
        yield from found.values() if isinstance(found, dict) else [found]
        for part in _alternatives(node):
            yield from self._values(part, through)

    def _classes(self, named: ast.expr | None) -> tuple[type, ...]:
        parts = named.elts if isinstance(named, ast.Tuple) else [named] if named else []
        resolved = (self._resolve(part) for part in parts)
        return tuple(each for each in resolved if isinstance(each, type))

    def _resolve(self, node: ast.AST) -> Any:
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._resolve(node.value)
            return getattr(owner, node.attr, None) if inspect.ismodule(owner) else None
        return None


def _member(package: ModuleType, name: str) -> Any:
    if hasattr(package, name):
        return getattr(package, name)
    return importlib.import_module(f"{package.__name__}.{name}")


def _is_ours(found: object) -> TypeGuard[Function]:
    """Also a function whose results are cached, which is an object around it."""
    code = inspect.unwrap(found) if callable(found) else found
    return inspect.isfunction(code) and code.__module__.startswith("cgraph.")


def _alternatives(node: ast.expr) -> list[ast.expr]:
    """Parts of an expression that its value may come from."""
    match node:
        case ast.IfExp(body=body, orelse=otherwise):
            return [body, otherwise]
        case ast.BoolOp(values=values):
            return values
        case ast.Dict(values=values):
            return values
        case ast.Subscript(value=value) | ast.Attribute(value=value, attr="get"):
            return [value]
        case ast.Call(func=function, args=arguments):
            return [function, *arguments[1:]]  # {…}.get(kind, Other)
        case _:
            return []


def _assigned(tree: ast.AST) -> dict[str, list[ast.expr]]:
    """Everything that a variable is set to, by its name."""
    found = defaultdict[str, list[ast.expr]](list)
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name].append(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                found[name].append(value)
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                found[name].append(value)
    return found
