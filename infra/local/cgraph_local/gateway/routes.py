"""Matches requests to routes, with the priorities of API Gateway."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from cgraph_local.template import HttpRoute


@dataclass(frozen=True, slots=True)
class Route:
    key: str
    """As AWS writes it: `GET /posts/{id}`, or `$default`."""
    function: str
    timeout: float
    """Seconds the gateway waits for the function."""
    names: tuple[str, ...] = ()
    """The names of the path parameters, in order."""


@dataclass(slots=True)
class _Node:
    literals: dict[str, "_Node"] = field(default_factory=dict)
    parameter: "_Node | None" = None
    ends: dict[str, Route] = field(default_factory=dict)
    greedy: dict[str, Route] = field(default_factory=dict)


class RouteTable:
    """A literal segment has priority over `{name}`, that over `{name+}`, that over `$default`. A
    route of the method has priority over ANY.
    """

    def __init__(self, routes: Iterable[HttpRoute]) -> None:
        self.exact: dict[tuple[str, str], Route] = {}
        self._default: Route | None = None
        self._root = _Node()
        for route in routes:
            self._add(route)

    def match(self, method: str, path: str) -> tuple[Route, dict[str, str] | None] | None:
        """The route and its path parameters, None when it has none. Returns None when no route
        matches.
        """
        route = self.exact.get((method, path)) or self.exact.get(("ANY", path))
        if route is not None:
            return route, None
        values: list[str] = []
        route = _match(self._root, path.split("/")[1:], method, values) or self._default
        if route is None:
            return None
        return route, dict(zip(route.names, values, strict=True)) if route.names else None

    def _add(self, route: HttpRoute) -> None:
        if route.path == "$default":
            self._default = Route("$default", route.function, route.timeout)
            return
        segments = route.path.split("/")[1:]
        names = tuple(s[1:-1].rstrip("+") for s in segments if s.startswith("{"))
        new_route = Route(f"{route.method} {route.path}", route.function, route.timeout, names)
        if not names:
            self.exact[route.method, route.path] = new_route
            return
        node = self._root
        for segment in segments:
            if segment.endswith("+}"):
                node.greedy[route.method] = new_route
                return
            node = _child(node, segment)
        node.ends[route.method] = new_route


def _child(node: _Node, segment: str) -> _Node:
    if not segment.startswith("{"):
        return node.literals.setdefault(segment, _Node())
    if node.parameter is None:
        node.parameter = _Node()
    return node.parameter


def _match(node: _Node, segments: list[str], method: str, values: list[str]) -> Route | None:
    if not segments:
        return node.ends.get(method) or node.ends.get("ANY")
    first, rest = segments[0], segments[1:]
    literal = node.literals.get(first)
    if literal is not None and (route := _match(literal, rest, method, values)) is not None:
        return route
    depth = len(values)
    if node.parameter is not None and first:
        values.append(first)
        if (route := _match(node.parameter, rest, method, values)) is not None:
            return route
        del values[depth:]
    greedy = node.greedy.get(method) or node.greedy.get("ANY")
    if greedy is not None and first:
        values.append("/".join(segments))
    return greedy if first else None
