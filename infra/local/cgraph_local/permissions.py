"""Reads from the translated template the roles of functions and the AWS permissions of each."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LOGS = ("logs:CreateLogStream", "logs:PutLogEvents")
LAMBDA_POLICIES = {
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
ARN_PREFIX = re.compile(r"^arn:[^:]*:[^:]*:[^:]*:[^:]*:")
SUBSTITUTION = re.compile(r"\$\{([^}]+)\}")

Resources = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True, order=True)
class Permission:
    """`resource`: a name in the template; an output of a nested stack is written `Cache.Arn`."""

    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.action} on {self.resource}"


@dataclass(frozen=True, slots=True)
class Grant:
    """A permission and the name of the policy that grants it."""

    policy: str
    permission: Permission


@dataclass(frozen=True, slots=True)
class Role:
    """A role that Lambda assumes. `capabilities`: its managed policies from the template.
    `aws_policies`: its managed policies from AWS. `grants`: the permissions of all its policies,
    also inline ones. `functions`: those that have the role.
    """

    name: str
    capabilities: frozenset[str]
    aws_policies: frozenset[str]
    grants: tuple[Grant, ...]
    functions: tuple[str, ...]

    @property
    def policies(self) -> frozenset[str]:
        return self.capabilities | self.aws_policies


def roles(template: Mapping[str, Any]) -> dict[str, Role]:
    """The roles of functions, by name, also those that SAM creates for functions that name none."""
    resources: Resources = template["Resources"]
    functions = role_names(template)
    roles_by_name = {}
    for name, properties in _resources_of_type("AWS::IAM::Role", resources):
        if LAMBDA_SERVICE in str(properties["AssumeRolePolicyDocument"]):
            managed = {_policy_name(policy) for policy in properties.get("ManagedPolicyArns", [])}
            roles_by_name[name] = Role(
                name=name,
                capabilities=frozenset(managed & resources.keys()),
                aws_policies=frozenset(managed - resources.keys()),
                grants=tuple(_role_grants(properties, resources)),
                functions=tuple(function for function, role in functions.items() if role == name),
            )
    return roles_by_name


def role_names(template: Mapping[str, Any]) -> dict[str, str]:
    """The name of each function's role, by function."""
    functions = _resources_of_type("AWS::Lambda::Function", template["Resources"])
    return {name: properties["Role"]["Fn::GetAtt"][0] for name, properties in functions}


def capabilities(template: Mapping[str, Any]) -> dict[str, frozenset[Permission]]:
    """The permissions of each managed policy of the template, by the name of the policy."""
    return {
        name: frozenset(
            grant.permission for grant in _document_grants(name, properties["PolicyDocument"])
        )
        for name, properties in _resources_of_type("AWS::IAM::ManagedPolicy", template["Resources"])
    }


def _resources_of_type(kind: str, resources: Resources) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for name, resource in resources.items():
        if resource["Type"] == kind:
            yield name, resource["Properties"]


def _role_grants(role: Mapping[str, Any], resources: Resources) -> Iterator[Grant]:
    for policy in role.get("ManagedPolicyArns", []):
        name = _policy_name(policy)
        if name in resources:
            yield from _document_grants(name, resources[name]["Properties"]["PolicyDocument"])
        else:
            yield from (
                Grant(name, Permission(action, "*")) for action in LAMBDA_POLICIES.get(name, ("*",))
            )
    for policy in role.get("Policies", []):
        yield from _document_grants(policy["PolicyName"], policy["PolicyDocument"])


def _document_grants(name: str, document: Mapping[str, Any]) -> Iterator[Grant]:
    for statement in document["Statement"]:
        assert statement["Effect"] == "Allow", (
            f"{name} has a statement that denies, which is not supported here"
        )
        for action in _as_list(statement["Action"]):
            for resource in _as_list(statement["Resource"]):
                yield Grant(name, Permission(action, _resource_name(resource)))


def _policy_name(policy: Any) -> str:
    """A managed policy's name in the template, or AWS's name for it."""
    return _resource_name(policy).rpartition("/")[2]


def _resource_name(resource: Any) -> str:
    """The name of a resource in the template, or the part of its ARN after the account."""
    match resource:
        case {"Fn::GetAtt": [name, str(attribute)]}:
            return _output_name(f"{name}.{attribute}")
        case {"Fn::Sub": str(text)}:
            return ARN_PREFIX.sub("", SUBSTITUTION.sub(lambda part: _output_name(part[1]), text))
        case {"Ref": name}:
            return str(name)
    return str(resource)


def _output_name(name: str) -> str:
    """`PushQueue.Arn` is PushQueue, `Cache.Outputs.Arn` is Cache.Arn, `AWS::Region` is Region."""
    stack, outputs, output = name.removeprefix("AWS::").partition(".Outputs.")
    return f"{stack}.{output}" if outputs else stack.removesuffix(".Arn")


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
