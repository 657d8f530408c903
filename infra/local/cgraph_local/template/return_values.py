"""The local return values of resources: what `Ref` and `Fn::GetAtt` give."""

from collections.abc import Callable, Mapping
from typing import Any

from cgraph_local.template.problems import UnresolvedValue
from cgraph_local.template.pseudo_parameters import ACCOUNT_ID, REGION, URL_SUFFIX
from cgraph_local.template.stack_context import StackContext, api_id
from cgraph_local.template.supported_resources import IGNORED_TYPES

Values = Mapping[str | None, str]
"""By attribute; None stands for `Ref`."""

NAME_PROPERTIES = {"AWS::SQS::Queue": "QueueName", "AWS::S3::Bucket": "BucketName"}


class ReturnValues:
    def __init__(self, resources: Mapping[str, Any], *, context: StackContext) -> None:
        self._resources = resources
        self._context = context
        self._physical_names: dict[str, str] = {}
        self._parameter_values: dict[str, str] = {}
        self._values_of_type: Mapping[str, Callable[[str], Values]] = {
            "AWS::ApiGatewayV2::Api": _api,
            "AWS::ApiGatewayV2::Route": lambda name: {None: name, "RouteId": name},
            "AWS::CloudFormation::Stack": self._nested_stack,
            "AWS::Lambda::Alias": self._alias,
            "AWS::Lambda::Function": _function,
            "AWS::Lambda::Version": self._version,
            "AWS::S3::Bucket": self._bucket,
            "AWS::SQS::Queue": self._queue,
            "AWS::SSM::Parameter": self._parameter,
            "Custom::Schema": lambda name: {None: name, "Applied": "by the local cloud"},
        }

    def register_name(self, resource: str, *, declared_name: str | None) -> None:
        """Sets the name of a queue or a bucket: the one in the template, or one made of its logical
        id.
        """
        properties = self._resources[resource].get("Properties") or {}
        kind = self._resources[resource]["Type"]
        suffix = ".fifo" if properties.get("FifoQueue") in (True, "true") else ""
        default_name = resource.lower() if kind == "AWS::S3::Bucket" else f"{resource}{suffix}"
        self._physical_names[resource] = declared_name or default_name

    def register_parameter(self, resource: str, *, value: str) -> None:
        """Sets the value of a parameter of Systems Manager."""
        self._parameter_values[resource] = value

    def physical_name(self, resource: str) -> str:
        return self._physical_names[resource]

    def value(self, resource: str, attribute: str | None) -> str:
        """Raises UnresolvedValue."""
        kind = self._resources.get(resource, {}).get("Type")
        if kind is None:
            raise UnresolvedValue(f"there is no resource or parameter {resource}")
        if kind in self._values_of_type:
            values = self._values_of_type[kind](resource)
        else:
            values = _other(resource, has_arn=kind in IGNORED_TYPES)
        if attribute not in values:
            value = f"the attribute {attribute}" if attribute else "Ref"
            raise UnresolvedValue(f"{value} of {resource} ({kind}) is not known locally")
        return values[attribute]

    def _queue(self, resource: str) -> Values:
        name = self._physical_names[resource]
        url = f"{self._context.emulator_url}/{ACCOUNT_ID}/{name}"
        arn = f"arn:aws:sqs:{REGION}:{ACCOUNT_ID}:{name}"
        return {None: url, "QueueUrl": url, "QueueName": name, "Arn": arn}

    def _bucket(self, resource: str) -> Values:
        name = self._physical_names[resource]
        return {
            None: name,
            "Arn": f"arn:aws:s3:::{name}",
            "DomainName": f"{name}.s3.{URL_SUFFIX}",
            "RegionalDomainName": f"{name}.s3.{REGION}.{URL_SUFFIX}",
        }

    def _parameter(self, resource: str) -> Values:
        value = self._parameter_values.get(resource)
        return {None: resource} if value is None else {None: resource, "Value": value}

    def _alias(self, resource: str) -> Values:
        properties = self._resources[resource]["Properties"]
        return {None: f"{_function_arn(properties['FunctionName']['Ref'])}:{properties['Name']}"}

    def _version(self, resource: str) -> Values:
        function = self._resources[resource]["Properties"]["FunctionName"]["Ref"]
        return {None: f"{_function_arn(function)}:1", "Version": "1"}

    def _nested_stack(self, resource: str) -> Values:
        outputs = self._context.outputs.get(resource, {})
        return {None: resource, **{f"Outputs.{name}": value for name, value in outputs.items()}}


def function_in_arn(arn: object) -> str | None:
    """The function's name in its ARN, or in the ARN of an alias, a version or an integration."""
    parts = str(arn).split(":function:")
    if len(parts) != 2:
        return None
    return parts[1].split("/")[0].split(":")[0]


def _function_arn(name: str) -> str:
    return f"arn:aws:lambda:{REGION}:{ACCOUNT_ID}:function:{name}"


def _function(resource: str) -> Values:
    return {None: resource, "Arn": _function_arn(resource)}


def _api(resource: str) -> Values:
    name = api_id(resource)
    return {
        None: name,
        "ApiId": name,
        "ApiEndpoint": f"https://{name}.execute-api.{REGION}.{URL_SUFFIX}",
    }


def _other(resource: str, *, has_arn: bool) -> Values:
    if not has_arn:
        return {None: resource}
    return {None: resource, "Arn": f"arn:aws:local:{REGION}:{ACCOUNT_ID}:{resource}"}
