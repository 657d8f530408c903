"""Which resource types and properties the local cloud supports, and which it ignores.

A type or property that is in none of these tables is an error and is never skipped silently.
"""

from collections.abc import Mapping
from dataclasses import dataclass

IGNORED_TYPES = frozenset(
    (
        "AWS::ApiGatewayV2::Deployment",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::CodeDeploy::Application",
        "AWS::CodeDeploy::DeploymentGroup",
        "AWS::IAM::ManagedPolicy",
        "AWS::IAM::Policy",
        "AWS::IAM::Role",
        "AWS::Lambda::Permission",
        "AWS::Logs::LogGroup",
        "AWS::Logs::MetricFilter",
        "AWS::S3::BucketPolicy",
        "AWS::SQS::QueuePolicy",
    )
)
"""Permissions, monitoring and deployment have no effect on this machine."""


@dataclass(frozen=True, slots=True)
class SupportedProperties:
    supported: frozenset[str]
    ignored: frozenset[str]
    required: frozenset[str]


def _properties(supported: str, ignored: str = "") -> SupportedProperties:
    """Property names, separated by spaces. A required one ends in an exclamation mark."""
    words = supported.split()
    return SupportedProperties(
        supported=frozenset(word.removesuffix("!") for word in words),
        ignored=frozenset(ignored.split()),
        required=frozenset(word[:-1] for word in words if word.endswith("!")),
    )


SUPPORTED_TYPES: Mapping[str, SupportedProperties] = {
    "AWS::ApiGatewayV2::Api": _properties(
        "Body CorsConfiguration Name ProtocolType RouteSelectionExpression",
        "Description DisableExecuteApiEndpoint FailOnWarnings IpAddressType Tags",
    ),
    "AWS::ApiGatewayV2::Integration": _properties(
        "ApiId! IntegrationType! IntegrationUri! TimeoutInMillis", "Description"
    ),
    "AWS::ApiGatewayV2::Route": _properties(
        "ApiId! RouteKey! RouteResponseSelectionExpression Target",
        "OperationName",
    ),
    "AWS::ApiGatewayV2::RouteResponse": _properties("ApiId! RouteId! RouteResponseKey!"),
    "AWS::ApiGatewayV2::Stage": _properties(
        "ApiId! DefaultRouteSettings StageName! StageVariables",
        "AccessLogSettings AutoDeploy Description Tags",
    ),
    "AWS::CloudFormation::Stack": _properties("", "Parameters Tags TemplateURL TimeoutInMinutes"),
    "AWS::Events::Rule": _properties("ScheduleExpression State Targets", "Description Name Tags"),
    "AWS::Lambda::Alias": _properties(
        "FunctionName! FunctionVersion! Name!", "Description ProvisionedConcurrencyConfig"
    ),
    "AWS::Lambda::EventSourceMapping": _properties(
        "BatchSize Enabled EventSourceArn! FunctionName! FunctionResponseTypes "
        "MaximumBatchingWindowInSeconds ScalingConfig",
        "MetricsConfig Tags",
    ),
    "AWS::Lambda::Function": _properties(
        "Code! Environment Handler! Layers MemorySize ReservedConcurrentExecutions Timeout",
        "Architectures Description EphemeralStorage FunctionName LoggingConfig Role Runtime "
        "SnapStart Tags TracingConfig VpcConfig",
    ),
    "AWS::Lambda::LayerVersion": _properties(
        "Content!", "CompatibleArchitectures CompatibleRuntimes Description LayerName LicenseInfo"
    ),
    "AWS::Lambda::Version": _properties("FunctionName", "Description"),
    "AWS::S3::Bucket": _properties(
        "BucketName NotificationConfiguration",
        "BucketEncryption LifecycleConfiguration LoggingConfiguration OwnershipControls "
        "PublicAccessBlockConfiguration Tags",
    ),
    # The local cloud runs the same migrator when it starts.
    "Custom::Schema": _properties("ServiceToken!", "Digest ServiceTimeout"),
    "AWS::SQS::Queue": _properties(
        "ContentBasedDeduplication DelaySeconds FifoQueue MessageRetentionPeriod QueueName "
        "ReceiveMessageWaitTimeSeconds RedrivePolicy VisibilityTimeout",
        "DeduplicationScope FifoThroughputLimit KmsMasterKeyId RedriveAllowPolicy "
        "SqsManagedSseEnabled Tags",
    ),
    "AWS::SSM::Parameter": _properties("Value!", "Description Name Tags Tier Type"),
    "AWS::Scheduler::Schedule": _properties(
        "ScheduleExpression! ScheduleExpressionTimezone State Target!",
        "Description FlexibleTimeWindow GroupName Name",
    ),
}

NESTED_PROPERTIES: Mapping[tuple[str, str], SupportedProperties] = {
    ("AWS::ApiGatewayV2::Stage", "DefaultRouteSettings"): _properties(
        "ThrottlingBurstLimit ThrottlingRateLimit",
        "DataTraceEnabled DetailedMetricsEnabled LoggingLevel",
    ),
    ("AWS::Lambda::EventSourceMapping", "ScalingConfig"): _properties("MaximumConcurrency"),
    ("AWS::Lambda::Function", "Code"): _properties("S3Bucket S3Key"),
    ("AWS::Lambda::Function", "Environment"): _properties("Variables"),
    ("AWS::S3::Bucket", "NotificationConfiguration"): _properties("LambdaConfigurations"),
    ("AWS::SQS::Queue", "RedrivePolicy"): _properties("deadLetterTargetArn maxReceiveCount"),
    ("AWS::Scheduler::Schedule", "Target"): _properties("Arn Input", "RetryPolicy RoleArn"),
}
