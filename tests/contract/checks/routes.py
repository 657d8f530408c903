"""The template, the code and the docstring of a function have the same method and path."""

import ast
from collections.abc import Iterator

from tests.contract.checkout import Checkout, DeclaredFunction, Kind

ANY_OTHER = ("$default", "/{path:path}")


def template_and_code_agree(checkout: Checkout) -> Iterator[str]:
    for function in checkout.of_kind(Kind.HTTP):
        where = f"functions/{function.file}"
        events = [event for event in function.events.values() if event["Type"] == "HttpApi"]
        if len(events) != 1:
            yield f"{function.name} must have one HttpApi event, and has {len(events)}"
            continue
        probe = checkout.probes.get(function.name)
        if probe is None or probe.error:
            continue
        if len(probe.routes) != 1:
            yield f"{where} must have one route, not {len(probe.routes)}: one file a function"
            continue
        route = route_of(function)
        (coded,) = probe.routes
        same = [f"{method} {coded['path']}" for method in coded["methods"]] == [route]
        if not same and (route, coded["path"]) != ANY_OTHER:
            yield (
                f"{function.name}: template.yaml has {route}, {where} has "
                f"{'/'.join(coded['methods'])} {coded['path']}: make them equal"
            )


def docstrings_name_the_route(checkout: Checkout) -> Iterator[str]:
    routes = {each.file: route_of(each) for each in checkout.of_kind(Kind.HTTP)}
    for source in checkout.functions:
        route = routes.get(source.path.relative_to("functions"))
        first_line = (ast.get_docstring(source.tree) or "").partition("\n")[0]
        if route not in (None, "$default") and first_line != route:
            yield f'{source.path} begins with """{first_line}""" and must begin with """{route}"""'


def route_of(function: DeclaredFunction) -> str:
    """`GET /me`, or `$default`."""
    for event in function.events.values():
        if event["Type"] == "HttpApi" and "Path" in event["Properties"]:
            return f"{event['Properties']['Method'].upper()} {event['Properties']['Path']}"
    return "$default"
