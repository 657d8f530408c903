"""What `Ref` and `GetAtt` of a resource are on this machine."""

from collections.abc import Callable, Mapping
from typing import Any

from cgraph_local.template.problems import Unresolved
from cgraph_local.template.stack_context import ACCOUNT, REGION, SUFFIX, Surroundings, api_id
from cgraph_local.template.supported_resources import NOTHING_TO_DO

Values = Mapping[str | None, str]
"""By attribute; None is `Ref`."""

NAME_PROPERTIES = {"AWS::SQS::Queue": "QueueName", "AWS::S3::Bucket": "BucketName"}


class References:
    def __init__(self, resources: Mapping[str, Any], *, surroundings: Surroundings) -> None:
        self._resources = resources
        self._surroundings = surroundings
        self._names: dict[str, str] = {}
        self._kinds: Mapping[str, Callable[[str], Values]] = {
            "AWS::ApiGatewayV2::Api": _api,
            "AWS::ApiGatewayV2::Route": lambda name: {None: name, "RouteId": name},
            "AWS::CloudFormation::Stack": self._nested_stack,
            "AWS::Lambda::Alias": self._alias,
            "AWS::Lambda::Function": _function,
            "AWS::Lambda::Version": self._version,
            "AWS::S3::Bucket": self._bucket,
            "AWS::SQS::Queue": self._queue,
            "Custom::Schema": lambda name: {None: name, "Applied": "by the local cloud"},
        }

    def take_name(self, resource: str, *, given: str | None) -> None:
        """The name that the template gives a queue or a bucket; otherwise its logical id."""
        properties = self._resources[resource].get("Properties") or {}
        kind = self._resources[resource]["Type"]
        ending = ".fifo" if properties.get("FifoQueue") in (True, "true") else ""
        own = resource.lower() if kind == "AWS::S3::Bucket" else f"{resource}{ending}"
        self._names[resource] = given or own

    def name_of(self, resource: str) -> str:
        return self._names[resource]

    def value(self, resource: str, attribute: str | None) -> str:
        kind = self._resources.get(resource, {}).get("Type")
        if kind is None:
            raise Unresolved(f"there is no resource or parameter {resource}")
        if kind in self._kinds:
            values = self._kinds[kind](resource)
        else:
            values = _other(resource, has_arn=kind in NOTHING_TO_DO)
        if attribute not in values:
            what = f"the attribute {attribute}" if attribute else "Ref"
            raise Unresolved(f"{what} of {resource} ({kind}) is not known locally")
        return values[attribute]

    def _queue(self, resource: str) -> Values:
        name = self._names[resource]
        url = f"{self._surroundings.emulator}/{ACCOUNT}/{name}"
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}"
        return {None: url, "QueueUrl": url, "QueueName": name, "Arn": arn}

    def _bucket(self, resource: str) -> Values:
        name = self._names[resource]
        return {
            None: name,
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.{SUFFIX}",
            "RegionalDomainName": f"{name}.s3.{REGION}.{SUFFIX}",
        }

    def _alias(self, resource: str) -> Values:
        properties = self._resources[resource]["Properties"]
        return {None: f"{_function_arn(properties['FunctionName']['Ref'])}:{properties['Name']}"}

    def _version(self, resource: str) -> Values:
        function = self._resources[resource]["Properties"]["FunctionName"]["Ref"]
        return {None: f"{_function_arn(function)}:1", "Version": "1"}

    def _nested_stack(self, resource: str) -> Values:
        outputs = self._surroundings.outputs.get(resource, {})
        return {None: resource, **{f"Outputs.{name}": value for name, value in outputs.items()}}


def function_of(arn: object) -> str | None:
    """The function's name in its own ARN or in that of an alias, version or integration of it."""
    parts = str(arn).split(":function:")
    if len(parts) != 2:
        return None
    return parts[1].split("/")[0].split(":")[0]


def _function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{name}"


def _function(resource: str) -> Values:
    return {None: resource, "Arn": _function_arn(resource)}


def _api(resource: str) -> Values:
    name = api_id(resource)
    return {
        None: name,
        "ApiId": name,
        "ApiEndpoint": f"https://{name}.execute-api.{REGION}.{SUFFIX}",
    }


def _other(resource: str, *, has_arn: bool) -> Values:
    if not has_arn:
        return {None: resource}
    return {None: resource, "Arn": f"arn:aws:local:{REGION}:{ACCOUNT}:{resource}"}
