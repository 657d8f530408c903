"""What each function may do on AWS, from the roles of the translated template."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
LAMBDA = {
    "AWSLambdaBasicExecutionRole": LOGS,
    "AWSLambdaVPCAccessExecutionRole": (
        *LOGS,
        "ec2:CreateNetworkInterface",
        "ec2:DeleteNetworkInterface",
        "ec2:DescribeNetworkInterfaces",
    ),
    "AWSLambdaSQSQueueExecutionRole": (
        *LOGS,
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:GetQueueAttributes",
    ),
}
"""AWS's own policies and their main actions, which the Lambda service performs with a function's
role. Source: AWS Managed Policy Reference.
"""

LAMBDA_SERVICE = "lambda.amazonaws.com"
PLACE = re.compile(r"^arn:[^:]*:[^:]*:[^:]*:[^:]*:")
PART = re.compile(r"\$\{([^}]+)\}")

Resources = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """`resource` by its name in the template; a nested stack's output is `Cache.Arn`."""

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission and the name of the policy that gives it."""

    policy: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Role:
    """A role that Lambda assumes. `capabilities` are its managed policies of the template, `aws`
    those of AWS; `grants` include its inline policies. `functions` have the role.
    """

    name: str
    capabilities: frozenset[str]
    aws: frozenset[str]
    grants: tuple[Grant, ...]
    functions: tuple[str, ...]

    @property
    def policies(self) -> frozenset[str]:
        return self.capabilities | self.aws


def roles(template: Mapping[str, Any]) -> dict[str, Role]:
    """The roles of functions, by name, with those that SAM makes for functions that name none."""
    resources: Resources = template["Resources"]
    functions = role_names(template)
    found = {}
    for name, properties in _of_type("AWS::IAM::Role", resources):
        if LAMBDA_SERVICE in str(properties["AssumeRolePolicyDocument"]):
            managed = {_short_name(policy) for policy in properties.get("ManagedPolicyArns", [])}
            found[name] = Role(
                name=name,
                capabilities=frozenset(managed & resources.keys()),
                aws=frozenset(managed - resources.keys()),
                grants=tuple(_of_role(properties, resources)),
                functions=tuple(function for function, role in functions.items() if role == name),
            )
    return found


def role_names(template: Mapping[str, Any]) -> dict[str, str]:
    """By function."""
    functions = _of_type("AWS::Lambda::Function", template["Resources"])
    return {name: properties["Role"]["Fn::GetAtt"][0] for name, properties in functions}


def capabilities(template: Mapping[str, Any]) -> dict[str, frozenset[Permission]]:
    """What each managed policy of the template allows, by its name."""
    return {
        name: frozenset(
            grant.permission for grant in _of_document(name, properties["PolicyDocument"])
        )
        for name, properties in _of_type("AWS::IAM::ManagedPolicy", template["Resources"])
    }


def _of_type(kind: str, resources: Resources) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, resource in resources.items():
        if resource["Type"] == kind:
            yield name, resource["Properties"]


def _of_role(role: Mapping[str, Any], resources: Resources) -> Iterator[Grant]:
    for policy in role.get("ManagedPolicyArns", []):
        name = _short_name(policy)
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
                yield Grant(name, Permission(action, _readable(resource)))


def _short_name(policy: Any) -> str:
    """A managed policy's name in the template, or AWS's name for it."""
    return _readable(policy).rpartition("/")[2]


def _readable(resource: Any) -> str:
    """An ARN as its name in the template, or as its part after the account."""
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
