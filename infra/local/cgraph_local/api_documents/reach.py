"""What a function can come to call and to refuse, read from its source.

Only what is called by its name is followed, so methods are not; what an enclosing `except` names
does not get out.
"""

import ast
import inspect
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from cgraph.errors import Refusal

Function = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Reach:
    refusals: set[type[Refusal]] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)
    """Functions of ours, `cgraph.database.reading`, and methods of whatever it is, `.announce`."""


_known: dict[Function, Reach] = {}


def reach(function: Function) -> Reach:
    """All that it leads to. One that leads back to itself meets what has been found so far."""
    function = inspect.unwrap(function)
    if function not in _known:
        _known[function] = Reach()
        source = textwrap.dedent(inspect.getsource(function))
        _Reader(function, _known[function]).visit(ast.parse(source).body[0])
    return _known[function]


class _Reader(ast.NodeVisitor):
    def __init__(self, function: Function, found: Reach) -> None:
        self._names = function.__globals__
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

    def visit_Raise(self, node: ast.Raise) -> None:
        for part in ast.walk(node):
            self._refuse(self._resolve(part))
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        called = self._resolve(node.func)
        self._refuse(called)
        if isinstance(node.func, ast.Attribute):
            self._found.calls.add(f".{node.func.attr}")
        if inspect.isfunction(called) and called.__module__.startswith("cgraph."):
            self._follow(called)
        self.generic_visit(node)

    def _follow(self, called: Function) -> None:
        further = reach(called)
        self._found.calls.update(further.calls, (f"{called.__module__}.{called.__qualname__}",))
        for refusal in set(further.refusals):
            self._refuse(refusal)

    def _refuse(self, found: object) -> None:
        if not isinstance(found, type) or issubclass(found, self._caught):
            return
        if issubclass(found, Refusal):
            self._found.refusals.add(found)

    def _classes(self, named: ast.expr | None) -> tuple[type, ...]:
        parts = named.elts if isinstance(named, ast.Tuple) else [named] if named else []
        resolved = (self._resolve(part) for part in parts)
        return tuple(each for each in resolved if isinstance(each, type))

    def _resolve(self, node: ast.AST) -> object:
        if isinstance(node, ast.Name):
            return self._names.get(node.id)
        if isinstance(node, ast.Attribute):
            owner = self._resolve(node.value)
            return getattr(owner, node.attr, None) if inspect.ismodule(owner) else None
        return None
