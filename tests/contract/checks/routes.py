"""The template, the code and the docstring of a function have the same method and path."""

import ast
import json
import re
from collections.abc import Iterator

from tests.contract.checkout import INTEGRATION, Checkout, Kind, definition_paths

ANY_OTHER = ("$default", "/{path:path}")


def template_and_code_agree(checkout: Checkout) -> Iterator[str]:
    for function in checkout.of_kind(Kind.HTTP):
        where = f"functions/{function.file}"
        if len(function.routes) != 1:
            yield f"{function.name} must have one route in template.yaml, not {function.routes}"
            continue
        probe = checkout.probes.get(function.name)
        if probe is None or probe.error:
            continue
        if len(probe.routes) != 1:
            yield f"{where} must have one route, not {len(probe.routes)}: one file a function"
            continue
        (route,), (coded,) = function.routes, probe.routes
        same = [f"{method} {coded['path']}" for method in coded["methods"]] == [route]
        if not same and (route, coded["path"]) != ANY_OTHER:
            yield (
                f"{function.name}: template.yaml has {route}, {where} has "
                f"{'/'.join(coded['methods'])} {coded['path']}: make them equal"
            )


def docstrings_name_the_route(checkout: Checkout) -> Iterator[str]:
    routes = {each.file: each.route for each in checkout.of_kind(Kind.HTTP)}
    for source in checkout.functions:
        route = routes.get(source.path.relative_to("functions"))
        first_line = (ast.get_docstring(source.tree) or "").partition("\n")[0]
        if route not in (None, "$default") and first_line != route:
            yield f'{source.path} begins with """{first_line}""" and must begin with """{route}"""'


def routes_are_integrated_alike(checkout: Checkout) -> Iterator[str]:
    """Each route as the first one, but for the function."""
    integrations = {
        f"{method.upper()} {path}": re.sub(r"functions/.*", "", json.dumps(operation[INTEGRATION]))
        for path, operations in definition_paths(checkout.template).items()
        for method, operation in operations.items()
    }
    first = next(iter(integrations))
    for route, integration in integrations.items():
        if integration != integrations[first]:
            yield f"{route} of template.yaml has another integration than {first}: make them alike"
