"""A checkout that the checks read: this one, or a copy that was broken on purpose."""

import ast
import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from cgraph_local.cloud.template_parameters import local_stack_context
from cgraph_local.permissions import Role, role_names, roles
from cgraph_local.services import Endpoints
from cgraph_local.template import Stack
from cgraph_local.template.stack_reader import resolve_stack
from cgraph_local.template.translate import translate
from cgraph_local.template.yaml_loader import load_template
from tests.contract.probing import Probe, probe
from tests.shared_folder import locked

CHECKOUT = Path(__file__).resolve().parents[2]
INTEGRATION = "x-amazon-apigateway-integration"


class Kind(StrEnum):
    """What starts a function, from its folder in functions/. A function in deployment/ to which no
    custom resource refers is started manually.
    """

    HTTP = "api"
    SOCKET = "realtime"
    QUEUE = "workers"
    TIMER = "schedules"
    DEPLOYMENT = "deployment"
    MANUAL = "deployment, manually"


@dataclass(frozen=True, slots=True)
class DeclaredFunction:
    """A function of the template. `file` is relative to functions/. `routes`: of the HTTP API, as
    `GET /me` or `$default`. `custom_resource`: the name of the custom resource whose ServiceToken
    is the function, if there is one.
    """

    name: str
    handler: str
    file: Path
    events: Mapping[str, Any]
    routes: tuple[str, ...]
    custom_resource: str | None

    @property
    def kind(self) -> Kind:
        kind = Kind(self.file.parts[0])
        is_manual = kind is Kind.DEPLOYMENT and self.custom_resource is None
        return Kind.MANUAL if is_manual else kind

    @property
    def route(self) -> str:
        """The one of a function that answers HTTP."""
        return "".join(self.routes)

    @property
    def stem(self) -> str:
        return self.file.stem


@dataclass(frozen=True)
class Source:
    """A Python file; `path` is relative to the checkout."""

    path: Path
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @cached_property
    def nodes(self) -> list[ast.AST]:
        """All of the tree: several checks walk it."""
        return list(ast.walk(self.tree))

    @property
    def module(self) -> str:
        """The name by which it is imported: `cgraph.accounts.auth.actions`, `api.auth.log_in`."""
        parts = self.path.with_suffix("").parts
        return ".".join(parts[2:] if parts[0] == "layers" else parts[1:])

    def imports(self) -> Iterator[tuple[int, str]]:
        """(line, module) of every import in the file; `from a import b` yields `a` and `a.b`."""
        for node in self.nodes:
            if isinstance(node, ast.Import):
                yield from ((node.lineno, name.name) for name in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield node.lineno, node.module or ""
                yield from ((node.lineno, f"{node.module}.{name.name}") for name in node.names)

    def strings(self) -> Iterator[tuple[int, str]]:
        """(line, text) of every string except docstrings."""
        docstring_ids = {
            id(node.value)
            for node in self.nodes
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        }
        for node in self.nodes:
            if not isinstance(node, ast.Constant) or id(node) in docstring_ids:
                continue
            if isinstance(node.value, str):
                yield node.lineno, node.value

    def calls(self) -> Iterator[ast.Call]:
        return (node for node in self.nodes if isinstance(node, ast.Call))


@dataclass(frozen=True)
class Checkout:
    """`probed`: the functions to import in a process, for `probes`; None is all of them."""

    root: Path
    probed: frozenset[str] | None = None

    @cached_property
    def template(self) -> dict[str, Any]:
        return load_template(self.root / "template.yaml")

    @cached_property
    def translated(self) -> dict[str, Any]:
        """The template after SAM's transform, translated once for all processes of a test run."""
        path = self.root / "template.yaml"
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        with locked(f"template-{digest}") as cache:
            return translate(path, cache=cache)

    @cached_property
    def roles(self) -> dict[str, Role]:
        """The roles of functions, by name."""
        return roles(self.translated)

    def role_of(self, function: str) -> Role:
        return self.roles[role_names(self.translated)[function]]

    @cached_property
    def stack(self) -> Stack:
        """The template as the local cloud reads it."""
        endpoints = Endpoints(postgres_port=1, valkey_port=1, emulator_port=1)
        context = local_stack_context(endpoints, port=8000)
        return resolve_stack(self.translated, root=self.root, context=context)

    @cached_property
    def declared(self) -> dict[str, DeclaredFunction]:
        resources = self.template["Resources"]
        custom_resources = {
            resource["Properties"]["ServiceToken"]["Fn::GetAtt"][0]: name
            for name, resource in resources.items()
            if resource["Type"].startswith("Custom::")
        }
        routes = declared_routes(self.template)
        return {
            name: _declared(
                name,
                resource["Properties"],
                routes=routes.get(name, ()),
                custom_resource=custom_resources.get(name),
            )
            for name, resource in resources.items()
            if resource["Type"] == "AWS::Serverless::Function"
        }

    @cached_property
    def functions(self) -> list[Source]:
        return list(self._sources("functions"))

    @cached_property
    def layers(self) -> list[Source]:
        return list(self._sources("layers"))

    @cached_property
    def feature_tests(self) -> list[Source]:
        return list(self._sources("tests/feature"))

    @cached_property
    def probes(self) -> dict[str, Probe]:
        """By function: the results of importing it in a new process."""
        names = self.declared.keys() if self.probed is None else self.probed
        return probe(
            self.root,
            http=[name for name in names if self.declared[name].kind is Kind.HTTP],
            others=[name for name in names if self.declared[name].kind is not Kind.HTTP],
            modules={name: each.handler.rpartition(".")[0] for name, each in self.declared.items()},
        )

    def of_kind(self, kind: Kind) -> Iterator[DeclaredFunction]:
        return (function for function in self.declared.values() if function.kind is kind)

    def _sources(self, folder: str) -> Iterator[Source]:
        for path in sorted((self.root / folder).rglob("*.py")):
            yield Source(path.relative_to(self.root), path.read_text())


def snake_case(name: str) -> str:
    """`SendMessage` is `send_message`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def definition_paths(template: Mapping[str, Any]) -> dict[str, Any]:
    """The paths of the HTTP API, with their methods."""
    definition = template["Resources"]["Api"]["Properties"]["DefinitionBody"]
    return cast("dict[str, Any]", definition["paths"])


def declared_routes(template: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """By function: its routes in the definition of the HTTP API."""
    routes: dict[str, tuple[str, ...]] = {}
    for path, operations in definition_paths(template).items():
        for method, operation in operations.items():
            uri = operation[INTEGRATION]["uri"]["Fn::Sub"]
            function = re.search(r"\$\{(\w+)\.(?:Arn|Alias)\}", uri)
            assert function is not None, uri
            route = path if path == "$default" else f"{method.upper()} {path}"
            routes[function[1]] = (*routes.get(function[1], ()), route)
    return routes


def _declared(
    name: str,
    properties: Mapping[str, Any],
    *,
    routes: tuple[str, ...],
    custom_resource: str | None,
) -> DeclaredFunction:
    module = properties["Handler"].rpartition(".")[0]
    return DeclaredFunction(
        name,
        properties["Handler"],
        Path(*module.split(".")).with_suffix(".py"),
        properties.get("Events", {}),
        routes,
        custom_resource,
    )
