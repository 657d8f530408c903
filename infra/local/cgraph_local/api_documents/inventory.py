"""The HTTP and socket functions, as their modules declare them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, get_type_hints

from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from cgraph.core.policies import Policy
from cgraph_local.api_documents.texts import OperationText, operation_text

UNNAMED = frozenset(("connect", "disconnect", "default"))
"""Socket routes that are not actions of clients."""


@dataclass(frozen=True, slots=True)
class HttpFunction:
    name: str
    feature: str
    app: FastAPI
    route: APIRoute

    @property
    def text(self) -> OperationText:
        return operation_text(self.route.endpoint)

    @property
    def operations(self) -> Iterator[tuple[str, str]]:
        """(path, method) as OpenAPI has them."""
        for method in sorted(self.route.methods or ()):
            yield self.route.path_format, method.lower()


@dataclass(frozen=True, slots=True)
class SocketAction:
    name: str
    answer: Callable[..., Any]
    data: type[BaseModel]
    policy: Policy
    scope: str
    writes: bool

    @property
    def text(self) -> OperationText:
        return operation_text(self.answer)


def http_functions(functions: Path) -> list[HttpFunction]:
    """Those that the documents show, in the order of their files."""
    found = []
    for path, module in _modules(functions, folder="api"):
        for route in module.app.routes:
            if isinstance(route, APIRoute) and route.include_in_schema:
                found.append(HttpFunction(path.stem, path.parent.name, module.app, route))
    return found


def socket_actions(functions: Path) -> list[SocketAction]:
    """The data's type is that of the second parameter of the function named like the file."""
    found = []
    for path, module in _modules(functions, folder="realtime"):
        if path.stem not in UNNAMED:
            answer = getattr(module, path.stem)
            hints = get_type_hints(answer)
            hints.pop("return")
            data, handler = list(hints.values())[1], module.handler
            declared = handler.policy, handler.scope, handler.writes
            found.append(SocketAction(path.stem, answer, data, *declared))
    return found


def _modules(functions: Path, *, folder: str) -> Iterator[tuple[Path, ModuleType]]:
    for path in sorted((functions / folder).rglob("*.py")):
        yield path, import_module(".".join(path.relative_to(functions).with_suffix("").parts))
