"""Each function has one real event in events/, of AWS's shape."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.contract.checkout import Checkout, Declared, Kind, snake_case
from tests.contract.checks.routes import route_of

Event = dict[str, Any]
Told = tuple[object, object]
"""What the event says it is for, and what the template says."""

SHAPES: dict[Kind, tuple[str, ...]] = {
    Kind.HTTP: (
        "version routeKey rawPath rawQueryString headers requestContext isBase64Encoded",
        "accountId apiId domainName domainPrefix http requestId routeKey stage time timeEpoch",
    ),
    Kind.SOCKET: (
        "requestContext isBase64Encoded",
        "routeKey eventType extendedRequestId requestTime messageDirection stage connectedAt"
        " requestTimeEpoch identity requestId domainName connectionId apiId",
    ),
    Kind.QUEUE: (
        "Records",
        "messageId receiptHandle body attributes messageAttributes md5OfBody eventSource"
        " eventSourceARN awsRegion",
    ),
    Kind.TIMER: (
        "version id detail-type source account time region resources detail",
        "",
    ),
    Kind.DEPLOYMENT: (
        "RequestType ServiceToken ResponseURL StackId RequestId LogicalResourceId ResourceType"
        " ResourceProperties",
        "",
    ),
    Kind.ORDER: ("", ""),
}
"""What AWS always sends: the keys of the event, and of its context or record."""


def every_function_has_its_event(checkout: Checkout) -> Iterator[str]:
    wanted = {snake_case(name): name for name in checkout.declared}
    there = {path.stem for path in (checkout.root / "events").glob("*.json")}
    for stem in sorted(wanted.keys() - there):
        yield f"{wanted[stem]} has no events/{stem}.json: copy the one most like it and change it"
    for stem in sorted(there - wanted.keys()):
        yield f"events/{stem}.json is of no function: rename it as the function, or remove it"


def events_have_the_shape_of_aws(checkout: Checkout) -> Iterator[str]:
    for function in checkout.declared.values():
        path = Path("events", f"{snake_case(function.name)}.json")
        if (checkout.root / path).is_file():
            event = json.loads((checkout.root / path).read_text())
            for problem in _differences(checkout, function, event):
                yield f"{path}: {problem}"


def _differences(checkout: Checkout, function: Declared, event: Event) -> Iterator[str]:
    outer, inner = (set(keys.split()) for keys in SHAPES[function.kind])
    inside = event.get("requestContext") or (event.get("Records") or [{}])[0]
    if missing := sorted((outer - event.keys()) | (inner - inside.keys())):
        yield f"AWS's event also has {', '.join(missing)}"
        return
    said, meant = TOLD[function.kind](checkout, function, event)
    if said != meant:
        yield f"it is for {said!r}, and {function.name} is for {meant!r}"


def _told_by_http(checkout: Checkout, function: Declared, event: Event) -> Told:
    route = route_of(function)
    if route == "$default":
        return event["routeKey"], route
    path = event["rawPath"]
    for name, value in event.get("pathParameters", {}).items():
        path = path.replace(f"/{value}", f"/{{{name}}}")
    method = event["requestContext"]["http"]["method"]
    return [event["routeKey"], f"{method} {path}"], [route, route]


def _told_by_socket(checkout: Checkout, function: Declared, event: Event) -> Told:
    assert checkout.stack.socket_api is not None
    keys = [r.key for r in checkout.stack.socket_api.routes if r.function == function.name]
    kinds = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}
    context = event["requestContext"]
    said = [context["routeKey"], context["eventType"]]
    return said, [each for key in keys for each in (key, kinds.get(key, "MESSAGE"))]


def _told_by_queue(checkout: Checkout, function: Declared, event: Event) -> Told:
    """CloudFormation names a queue STACK-RESOURCE-RANDOM."""
    queue = event["Records"][0]["eventSourceARN"].split(":")[-1].split("-")[1]
    triggers = checkout.stack.queue_triggers
    return [queue], [each.queue for each in triggers if each.function == function.name]


def _told_by_timer(checkout: Checkout, function: Declared, event: Event) -> Told:
    return event["source"], "aws.scheduler"


def _told_by_deployment(checkout: Checkout, function: Declared, event: Event) -> Told:
    """The custom resource that the template gives to this function."""
    assert function.custom_resource is not None
    resource = checkout.template["Resources"][function.custom_resource]
    said = [event["LogicalResourceId"], event["ResourceType"]]
    return said, [function.custom_resource, resource["Type"]]


def _told_by_hand(checkout: Checkout, function: Declared, event: Event) -> Told:
    """It is the function's own, so it says of nobody; but nothing else may start the function."""
    return [], list(function.events)


TOLD: dict[Kind, Callable[[Checkout, Declared, Event], Told]] = {
    Kind.HTTP: _told_by_http,
    Kind.SOCKET: _told_by_socket,
    Kind.QUEUE: _told_by_queue,
    Kind.TIMER: _told_by_timer,
    Kind.DEPLOYMENT: _told_by_deployment,
    Kind.ORDER: _told_by_hand,
}
