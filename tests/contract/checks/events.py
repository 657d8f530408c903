"""Each function has one sample event in events/, with the fields of an event of AWS."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from tests.contract.checkout import Checkout, DeclaredFunction, Kind, snake_case

Event = dict[str, Any]
Origins = tuple[object, object]
"""The origin in the event (route, queue, schedule …), and the origin in the template."""

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
    Kind.MANUAL: ("", ""),
}
"""Keys that AWS always sends: those of the event, and those of its context or record."""


def every_function_has_its_event(checkout: Checkout) -> Iterator[str]:
    functions = {snake_case(name): name for name in checkout.declared}
    event_stems = {path.stem for path in (checkout.root / "events").glob("*.json")}
    for stem in sorted(functions.keys() - event_stems):
        yield f"{functions[stem]} has no events/{stem}.json: copy a similar one and change it"
    for stem in sorted(event_stems - functions.keys()):
        yield f"events/{stem}.json belongs to no function: rename or remove it"


def events_have_the_shape_of_aws(checkout: Checkout) -> Iterator[str]:
    for function in checkout.declared.values():
        path = Path("events", f"{snake_case(function.name)}.json")
        if (checkout.root / path).is_file():
            event = json.loads((checkout.root / path).read_text())
            for problem in _differences(checkout, function, event):
                yield f"{path}: {problem}"


def _differences(checkout: Checkout, function: DeclaredFunction, event: Event) -> Iterator[str]:
    outer, inner = (set(keys.split()) for keys in SHAPES[function.kind])
    context = event.get("requestContext") or (event.get("Records") or [{}])[0]
    if missing := sorted((outer - event.keys()) | (inner - context.keys())):
        yield f"AWS's event also has {', '.join(missing)}"
        return
    in_event, in_template = ORIGINS[function.kind](checkout, function, event)
    if in_event != in_template:
        yield f"the event is for {in_event!r}, but {function.name} is for {in_template!r}"


def _http_origins(checkout: Checkout, function: DeclaredFunction, event: Event) -> Origins:
    route = function.route
    if route == "$default":
        return event["routeKey"], route
    path = event["rawPath"]
    for name, value in event.get("pathParameters", {}).items():
        path = path.replace(f"/{value}", f"/{{{name}}}")
    method = event["requestContext"]["http"]["method"]
    return [event["routeKey"], f"{method} {path}"], [route, route]


def _socket_origins(checkout: Checkout, function: DeclaredFunction, event: Event) -> Origins:
    assert checkout.stack.socket_api is not None
    keys = [r.key for r in checkout.stack.socket_api.routes if r.function == function.name]
    kinds = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}
    context = event["requestContext"]
    in_event = [context["routeKey"], context["eventType"]]
    return in_event, [each for key in keys for each in (key, kinds.get(key, "MESSAGE"))]


def _queue_origins(checkout: Checkout, function: DeclaredFunction, event: Event) -> Origins:
    """CloudFormation names a queue STACK-RESOURCE-RANDOM."""
    queue = event["Records"][0]["eventSourceARN"].split(":")[-1].split("-")[1]
    if "Condition" in checkout.template["Resources"][function.name]:  # then it may have no trigger
        properties = [each["Properties"] for each in function.events.values()]
        return [queue], [_resource_of(each["Queue"]) for each in properties]
    triggers = checkout.stack.queue_triggers
    return [queue], [
        each.queue.removesuffix(".fifo") for each in triggers if each.function == function.name
    ]


def _resource_of(arn: Event) -> str:
    """`!GetAtt Queue.Arn`"""
    (attribute,) = arn.values()
    return str(attribute[0] if isinstance(attribute, list) else attribute.partition(".")[0])


def _timer_origins(checkout: Checkout, function: DeclaredFunction, event: Event) -> Origins:
    return event["source"], "aws.scheduler"


def _deployment_origins(checkout: Checkout, function: DeclaredFunction, event: Event) -> Origins:
    """The custom resource whose ServiceToken is this function."""
    assert function.custom_resource is not None
    resource = checkout.template["Resources"][function.custom_resource]
    in_event = [event["LogicalResourceId"], event["ResourceType"]]
    return in_event, [function.custom_resource, resource["Type"]]


def _manual_origins(checkout: Checkout, function: DeclaredFunction, event: Event) -> Origins:
    """The event has no origin, and the template must have no event that starts the function."""
    return [], list(function.events)


ORIGINS: dict[Kind, Callable[[Checkout, DeclaredFunction, Event], Origins]] = {
    Kind.HTTP: _http_origins,
    Kind.SOCKET: _socket_origins,
    Kind.QUEUE: _queue_origins,
    Kind.TIMER: _timer_origins,
    Kind.DEPLOYMENT: _deployment_origins,
    Kind.MANUAL: _manual_origins,
}
