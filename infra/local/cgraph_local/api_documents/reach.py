"""What code leads to, and what it may refuse, read from its source.

Methods are not followed, only named; what an enclosing `except` names does not get out.
"""

import ast
import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

from cgraph.core.errors import Refusal

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Reach:
    """`mentions`: functions of ours that it calls or passes on. `attributes`: `.on_commit`."""

    refusals: set[type[Refusal]] = field(default_factory=set)
    mentions: set[Function] = field(default_factory=set)
    attributes: set[str] = field(default_factory=set)


_known: dict[Function | ModuleType, Reach] = {}


def reach(code: Function | ModuleType) -> Reach:
    """Of a function or of a whole module. Code that leads back to itself meets what has been found
    so far.
    """
    code = code if inspect.ismodule(code) else inspect.unwrap(code)
    if code not in _known:
        _known[code] = Reach()
        names = vars(code) if inspect.ismodule(code) else code.__globals__
        tree = ast.parse(textwrap.dedent(inspect.getsource(code)))
        _Reader(names, _known[code]).visit(tree)
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
    def __init__(self, names: dict[str, Any], found: Reach) -> None:
        self._names = names
        self._found = found
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

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        """What a function imports of ours for itself."""
        if node.module and node.module.split(".")[0] == "cgraph":
            package = importlib.import_module(node.module)
            found = {each.asname or each.name: _member(package, each.name) for each in node.names}
            self._names = {**self._names, **found}

    def visit_Raise(self, node: ast.Raise) -> None:
        for part in ast.walk(node):
            self._refuse(self._resolve(part))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = self._resolve(node.func)
        self._refuse(called)
        if _is_ours(called):
            for refusal in tuple(reach(called).refusals):
                self._refuse(refusal)
        for handed_over in node.keywords:  # require(…, hidden=MessageNotFound)
            self._refuse(self._resolve(handed_over.value))
        self.generic_visit(node)

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

    def _refuse(self, found: object) -> None:
        if not isinstance(found, type) or issubclass(found, self._caught):
            return
        if issubclass(found, Refusal):
            self._found.refusals.add(found)

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


def _is_ours(found: object) -> bool:
    return inspect.isfunction(found) and found.__module__.startswith("cgraph.")
