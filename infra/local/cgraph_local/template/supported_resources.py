"""What the local cloud does with each type of resource and each of its properties.

A type or a property in none of these tables is an error: never a silent skip.
"""

from collections.abc import Mapping
from dataclasses import dataclass

NOTHING_TO_DO = frozenset(
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
"""Understood; who may do what, what is watched and how it is rolled out has no effect here."""


@dataclass(frozen=True, slots=True)
class Properties:
    carried_out: frozenset[str]
    no_local_meaning: frozenset[str]
    required: frozenset[str]


def _properties(carried_out: str, no_local_meaning: str = "") -> Properties:
    """What must be there has an exclamation mark."""
    words = carried_out.split()
    return Properties(
        carried_out=frozenset(word.removesuffix("!") for word in words),
        no_local_meaning=frozenset(no_local_meaning.split()),
        required=frozenset(word[:-1] for word in words if word.endswith("!")),
    )


SUPPORTED: Mapping[str, Properties] = {
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
        "ApiId! DefaultRouteSettings StageName!",
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
        "Architectures Description FunctionName LoggingConfig Role Runtime SnapStart Tags "
        "TracingConfig VpcConfig",
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
    # The local cloud migrates as it starts, by the same migrator.
    "Custom::Schema": _properties("ServiceToken!", "Digest ServiceTimeout"),
    "AWS::SQS::Queue": _properties(
        "ContentBasedDeduplication DelaySeconds FifoQueue MessageRetentionPeriod QueueName "
        "ReceiveMessageWaitTimeSeconds RedrivePolicy VisibilityTimeout",
        "DeduplicationScope FifoThroughputLimit KmsMasterKeyId RedriveAllowPolicy "
        "SqsManagedSseEnabled Tags",
    ),
    "AWS::Scheduler::Schedule": _properties(
        "ScheduleExpression! ScheduleExpressionTimezone State Target!",
        "Description FlexibleTimeWindow GroupName Name",
    ),
}

INSIDE: Mapping[tuple[str, str], Properties] = {
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
