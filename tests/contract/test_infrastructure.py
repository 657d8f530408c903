"""The nested stacks: no public access, least privilege, data that survives mistakes, and alarms."""

import json
import re
from typing import Any

import pytest

from tests.contract.headroom import LIMITS, size
from tests.contract.infrastructure import (
    SIZES,
    STACKS,
    metrics_of,
    read,
    resolved,
    resources,
    stack,
    statements,
)

POLICY_CHARACTERS = 6144
POOL_PERCENT = 80
FREE_METRICS = 10
ONLY_ON_FAILURE = {"frame.failures"}
"""Metrics that are printed, and paid for, only in the hours in which something fails."""
PAID = {"consumer.lag", "consumer.set_aside"}
"""Beyond those that are free: worth 0.30 USD a month each."""


def test_nothing_is_reachable_from_the_internet() -> None:
    public_types = ("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::EIP")
    assert not list(resources(*public_types))
    for name, resource in resources():
        properties = json.dumps(resource.get("Properties", {}))
        assert '"MapPublicIpOnLaunch": true' not in properties, name
        assert '"PubliclyAccessible": true' not in properties, name
        assert "execute-api" not in str(resource["Properties"].get("ServiceName", "")), name


def test_security_groups_admit_only_our_security_groups() -> None:
    rules = [
        (name, rule)
        for name, group in resources("AWS::EC2::SecurityGroup")
        for rule in group["Properties"].get("SecurityGroupIngress", [])
    ]
    rules += [
        (name, rule["Properties"]) for name, rule in resources("AWS::EC2::SecurityGroupIngress")
    ]
    assert len(rules) == 5
    for name, rule in rules:
        assert "SourceSecurityGroupId" in rule, name
        assert not {"CidrIp", "CidrIpv6"} & rule.keys(), name


def test_a_custom_resource_in_the_vpc_can_reach_cloudformation_s_bucket() -> None:
    """Otherwise CloudFormation waits for the migrator until a timeout."""
    endpoint = stack("network")["Resources"]["StorageEndpoint"]["Properties"]
    answer = next(
        each for each in statements(endpoint) if each.get("Sid") == "AnswerCloudFormation"
    )
    assert "cloudformation-custom-resource-response-" in str(answer["Resource"])
    assert "Condition" not in answer, "the signature is CloudFormation's, not this account's"


def test_every_security_group_restricts_its_egress() -> None:
    """Without a rule EC2 adds one that allows all egress."""
    for name, group in resources("AWS::EC2::SecurityGroup"):
        assert group["Properties"]["SecurityGroupEgress"], name


def test_data_is_encrypted_and_survives_the_deletion_of_its_resource() -> None:
    for name, bucket in resources("AWS::S3::Bucket"):
        assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values()), name
        assert bucket["Properties"]["BucketEncryption"], name
        assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain", name
    database = stack("database")["Resources"]
    for name in ("Instance", "Cluster"):
        encrypted = database[name]["Properties"]["StorageEncrypted"]
        # RDS refuses the property of a restored cluster, which is encrypted as its source is
        assert encrypted is True or encrypted["Fn::If"][::2] == ["Restored", True]
        assert database[name]["DeletionPolicy"] == database[name]["UpdateReplacePolicy"]
        assert database[name]["DeletionPolicy"] == "Snapshot"
        assert database[name]["Properties"]["DeletionProtection"] == {"Ref": "Protected"}


def test_every_bucket_refuses_requests_without_tls() -> None:
    with_policy = set()
    for name, policy in resources("AWS::S3::BucketPolicy"):
        first = policy["Properties"]["PolicyDocument"]["Statement"][0]
        assert first["Effect"] == "Deny"
        assert first["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        with_policy.add((name.split(".")[0], policy["Properties"]["Bucket"]["Ref"]))
    buckets = {tuple(name.split(".")) for name, _ in resources("AWS::S3::Bucket")}
    assert with_policy == buckets


def test_the_database_authenticates_only_with_iam() -> None:
    text = read("infra/database.yaml")
    assert "MasterUserPassword" not in text
    assert "SecretArn" not in text
    proxy = stack("database")["Resources"]["Proxy"]["Properties"]
    assert proxy["DefaultAuthScheme"] == "IAM_AUTH"
    assert proxy["RequireTLS"] is True
    parameters = [
        group["Properties"]["Parameters"]
        for _, group in resources("AWS::RDS::DBParameterGroup", "AWS::RDS::DBClusterParameterGroup")
    ]
    assert parameters[0] == parameters[1]
    assert parameters[0]["rds.force_ssl"] == "1"


@pytest.mark.parametrize("size", SIZES)
def test_the_connection_alarm_and_the_readme_match_the_pool(size: str) -> None:
    """The pool lends 80 % of max_connections, and the alarm is at four fifths of that."""
    connections = stack("database")["Mappings"]["Sizes"][size]["Connections"]
    pool = stack("database")["Resources"]["ProxyTargets"]["Properties"]
    assert pool["ConnectionPoolConfigurationInfo"]["MaxConnectionsPercent"] == POOL_PERCENT
    pool_size = connections * POOL_PERCENT // 100
    thresholds = stack("observability")["Mappings"]["Thresholds"][size]
    assert thresholds["Borrowed"] == pool_size * 4 // 5
    assert f"| {size} | {connections} | {pool_size} |" in read("infra/README.md")


@pytest.mark.parametrize("size", SIZES)
def test_the_cache_alarm_is_at_four_fifths_of_the_limit(size: str) -> None:
    gigabytes = stack("cache")["Mappings"]["Limits"][size]["Gigabytes"]
    assert stack("observability")["Mappings"]["Thresholds"][size]["CacheBytes"] == (
        gigabytes * 800_000_000
    )


@pytest.mark.parametrize("size", SIZES)
def test_the_dashboard_shows_our_metrics_and_every_metric_with_an_alarm(size: str) -> None:
    stack_resources = resolved("observability", size=size, Name="cgraph")
    widgets = json.loads(stack_resources["Dashboard"]["DashboardBody"])["widgets"]
    shown = [metric for widget in widgets for metric in widget["properties"]["metrics"]]
    ours = {metric[1] for metric in shown if metric[0].startswith("CGraph")}
    assert {
        *("http.request.duration", "channel.join.duration"),
        *("query.total_time", "vm.memory.total"),
    } <= ours
    assert len(ours - ONLY_ON_FAILURE - PAID) <= FREE_METRICS
    watched = {
        metric["MetricName"]
        for alarm in stack_resources.values()
        for metric in metrics_of(alarm)
        if metric["Namespace"].startswith("CGraph")
    }
    assert watched <= ours
    for metric in shown:
        if metric[0] == "CGraph":
            assert metric[2:4] == ["service", "cgraph"]


def test_managed_policies_are_within_the_size_limit() -> None:
    """IAM counts without white space. A placeholder is longer than most names that replace it."""
    for name, policy in resources("AWS::IAM::ManagedPolicy"):
        document = json.dumps(policy["Properties"]["PolicyDocument"], separators=(",", ":"))
        size = len(document.replace("${AWS::Partition}", "aws"))
        assert size < POLICY_CHARACTERS, (name, size)


def test_stacks_are_within_the_limits_of_cloudformation() -> None:
    for path in STACKS:
        template = stack(path.stem)
        assert len(template["Resources"]) <= LIMITS["resources"], path
        assert size(template) <= LIMITS["bytes"], path


def test_every_role_of_a_stage_has_a_permissions_boundary() -> None:
    without_boundary = {
        name
        for name, role in resources("AWS::IAM::Role")
        if "PermissionsBoundary" not in role["Properties"]
    }
    assert without_boundary == {"pipeline.Deployer", "pipeline.Builder"}


def test_every_skipped_check_has_a_reason() -> None:
    for name, resource in resources():
        for skipped in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
            assert len(skipped["comment"]) > 20, (name, skipped)
    for line in read("infra/checkov.yaml").splitlines():
        if "CKV" in line:
            assert re.search(r" # \w.{20,}", line), line


def test_a_parameter_of_several_stacks_is_declared_alike() -> None:
    """Name and Size have the same constraints in every stack that has them."""
    seen: dict[str, Any] = {}
    for path in STACKS:
        parameters = stack(path.stem).get("Parameters", {})
        for name in ("Name", "Size"):
            if name in parameters and path.stem != "pipeline":
                assert parameters[name] == seen.setdefault(name, parameters[name]), path
