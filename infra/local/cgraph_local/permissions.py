"""What each function may do on AWS, from the roles of the translated template."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LAMBDA = {
    "AWSLambdaBasicExecutionRole": ("logs:CreateLogStream", "logs:PutLogEvents"),
    "AWSLambdaVPCAccessExecutionRole": (
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
    ),
    "AWSLambdaSQSQueueExecutionRole": (
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
    ),
}
"""AWS's own policies, and what of them matters: Lambda itself does that in a function's name."""

PLACE = re.compile(r"^arn:[^:]*:[^:]*:[^:]*:[^:]*:")
PART = re.compile(r"\$\{([^}]+)\}")


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """`resource` by its name in the template; a nested stack's output is `Cache.Arn`."""

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


@dataclass(frozen=True, slots=True)
class Grant:
    """`policy`: where it comes from, by name."""

    policy: str
    permission: Permission


def grants(template: Mapping[str, Any]) -> dict[str, list[Grant]]:
    """By function, for each that has a role in the template."""
    resources = template["Resources"]
    found = {}
    for name, resource in resources.items():
        if resource["Type"] == "AWS::Lambda::Function":
            role = resource["Properties"]["Role"]["Fn::GetAtt"][0]
            found[name] = list(_of_role(resources[role]["Properties"], resources))
    return found


def _of_role(role: Mapping[str, Any], resources: Mapping[str, Any]) -> Iterator[Grant]:
    for policy in role.get("ManagedPolicyArns", []):
        name = shown(policy).rpartition("/")[2]
        if name in resources:
            yield from _of_document(name, resources[name]["Properties"]["PolicyDocument"])
        else:
            yield from (Grant(name, Permission(action, "*")) for action in LAMBDA.get(name, ("*",)))
    for policy in role.get("Policies", []):
        yield from _of_document(policy["PolicyName"], policy["PolicyDocument"])


def _of_document(name: str, document: Mapping[str, Any]) -> Iterator[Grant]:
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow", f"{name} denies, which is not understood here"
        for action in _listed(statement["Action"]):
            for resource in _listed(statement["Resource"]):
                yield Grant(name, Permission(action, shown(resource)))


def shown(resource: Any) -> str:
    """An ARN as its name in the template, or as what it says after the account."""
    match resource:
        case {"Fn::GetAtt": [name, str(attribute)]}:
            return _short(f"{name}.{attribute}")
        case {"Fn::Sub": str(text)}:
            return PLACE.sub("", PART.sub(lambda part: _short(part[1]), text))
        case {"Ref": name}:
            return str(name)
    return str(resource)


def _short(name: str) -> str:
    """`PushQueue.Arn` is PushQueue, `Cache.Outputs.Arn` is Cache.Arn, `AWS::Region` is Region."""
    stack, outputs, output = name.removeprefix("AWS::").partition(".Outputs.")
    return f"{stack}.{output}" if outputs else stack.removesuffix(".Arn")


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
