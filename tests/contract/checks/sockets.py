"""Socket actions are routes of API Gateway whose keys differ in more than case, and they answer."""

from collections import Counter
from collections.abc import Iterator

from cgraph_local.template import SocketRoute
from tests.contract.checkout import Checkout, Kind

SILENT = frozenset(("$connect", "$disconnect"))
"""Routes whose answers no client receives: `$connect` is the handshake, and `$disconnect` runs
after the socket has closed.
"""


def keys_differ_in_more_than_case(checkout: Checkout) -> Iterator[str]:
    """SAM rejects some other keys, but silently merges `hello` and `HELLO` into one route."""
    keys = [
        key.removeprefix("$")
        for resource in checkout.template["Resources"].values()
        if resource["Type"] == "AWS::Serverless::WebSocketApi"
        for key in resource["Properties"]["Routes"]
    ]
    for key in keys:
        if not key.isalnum() or not key.isascii():
            yield f"The route {key} of SocketApi must be letters and digits, nothing else"
    for key, count in Counter(key.lower() for key in keys).items():
        if count > 1:
            yield f"{count} routes of SocketApi are called {key}, but for their case: rename"


def actions_are_routes(checkout: Checkout) -> Iterator[str]:
    routes = _routes(checkout)
    for route in routes:
        action = route.key.removeprefix("$")
        if checkout.declared[route.function].stem != action:
            yield (
                f"The route {route.key} of SocketApi runs {route.function}; its function must be "
                f"functions/realtime/{action}.py"
            )
    routed = {route.function for route in routes}
    for function in checkout.of_kind(Kind.SOCKET):
        if function.name not in routed:
            yield (
                f"functions/{function.file} has no route: add `{function.stem}: {{FunctionArn: "
                f"!GetAtt {function.name}.Arn, …}}` to SocketApi's Routes"
            )


def answered_actions_have_a_route_response(checkout: Checkout) -> Iterator[str]:
    for route in _routes(checkout):
        if not route.responds and route.key not in SILENT:
            yield (
                f"The answer of {route.key} is dropped: add an AWS::ApiGatewayV2::RouteResponse "
                f"for its route, like DefaultResponse in template.yaml"
            )
        if route.responds and route.key in SILENT:
            yield f"{route.key} has a RouteResponse but cannot have one: remove it"


def _routes(checkout: Checkout) -> tuple[SocketRoute, ...]:
    assert checkout.stack.socket_api is not None, "template.yaml has no WebSocket API"
    return checkout.stack.socket_api.routes
