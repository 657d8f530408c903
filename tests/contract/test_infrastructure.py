"""What the stacks promise: nothing public, nothing open, nothing lost by a slip, all of it seen."""

import json
import re
from typing import Any

import pytest

from tests.contract.infrastructure import (
    SIZES,
    STACKS,
    as_list,
    read,
    resolved,
    resources,
    stack,
    statements,
)
from tests.contract.room import LIMITS, size

WITHOUT_A_NAME = {
    "TakeAPlaceInTheVpc",  # network interfaces have none before they are there
    "ReadItsTemplate",  # the summary is asked for before there is a stack
    "Network",  # EC2 gives its own ids; held to the region
    "LookAround",
    "KeepTheBoundary",  # a denial: the wider the better
}
POLICY_CHARACTERS = 6144
POOL = 80
FREE_METRICS = 10


def test_there_is_no_way_in_from_outside() -> None:
    open_doors = ("AWS::EC2::InternetGateway", "AWS::EC2::NatGateway", "AWS::EC2::EIP")
    assert not list(resources(*open_doors))
    for name, resource in resources():
        told = json.dumps(resource.get("Properties", {}))
        assert '"MapPublicIpOnLaunch": true' not in told, name
        assert '"PubliclyAccessible": true' not in told, name
        assert "execute-api" not in str(resource["Properties"].get("ServiceName", "")), name


def test_only_our_own_groups_are_let_in() -> None:
    rules = [
        (name, rule)
        for name, group in resources("AWS::EC2::SecurityGroup")
        for rule in group["Properties"].get("SecurityGroupIngress", [])
    ]
    rules += [
        (name, rule["Properties"]) for name, rule in resources("AWS::EC2::SecurityGroupIngress")
    ]
    assert len(rules) == 4
    for name, rule in rules:
        assert "SourceSecurityGroupId" in rule, name
        assert not {"CidrIp", "CidrIpv6"} & rule.keys(), name


def test_a_custom_resource_in_the_vpc_can_answer() -> None:
    """Else CloudFormation waits for the migrator until its time is out."""
    endpoint = stack("network")["Resources"]["StorageEndpoint"]["Properties"]
    answer = next(
        each for each in statements(endpoint) if each.get("Sid") == "AnswerCloudFormation"
    )
    assert "cloudformation-custom-resource-response-" in str(answer["Resource"])
    assert "Condition" not in answer, "the signature is CloudFormation's, not this account's"


def test_every_group_says_what_it_lets_out() -> None:
    """Without a rule EC2 adds one that lets everything out."""
    for name, group in resources("AWS::EC2::SecurityGroup"):
        assert group["Properties"]["SecurityGroupEgress"], name


def test_what_holds_data_is_encrypted_and_outlives_a_slip() -> None:
    for name, bucket in resources("AWS::S3::Bucket"):
        assert all(bucket["Properties"]["PublicAccessBlockConfiguration"].values()), name
        assert bucket["Properties"]["BucketEncryption"], name
        assert bucket["DeletionPolicy"] == bucket["UpdateReplacePolicy"] == "Retain", name
    database = stack("database")["Resources"]
    for name in ("Instance", "Cluster"):
        assert database[name]["Properties"]["StorageEncrypted"] is True
        assert database[name]["DeletionPolicy"] == database[name]["UpdateReplacePolicy"]
        assert database[name]["DeletionPolicy"] == "Snapshot"
        assert database[name]["Properties"]["DeletionProtection"] == {"Ref": "Protected"}


def test_every_bucket_refuses_what_is_not_encrypted_on_the_way() -> None:
    guarded = set()
    for name, policy in resources("AWS::S3::BucketPolicy"):
        first = policy["Properties"]["PolicyDocument"]["Statement"][0]
        assert first["Effect"] == "Deny"
        assert first["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}
        guarded.add((name.split(".")[0], policy["Properties"]["Bucket"]["Ref"]))
    buckets = {tuple(name.split(".")) for name, _ in resources("AWS::S3::Bucket")}
    assert guarded == buckets


def test_the_database_is_entered_with_iam_alone() -> None:
    told = read("infra/database.yaml")
    assert "MasterUserPassword" not in told
    assert "SecretArn" not in told
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
def test_connections_add_up(size: str) -> None:
    """What the pool may lend, and the alarm at four fifths of it."""
    connections = stack("database")["Mappings"]["Sizes"][size]["Connections"]
    pool = stack("database")["Resources"]["ProxyTargets"]["Properties"]
    assert pool["ConnectionPoolConfigurationInfo"]["MaxConnectionsPercent"] == POOL
    lent = connections * POOL // 100
    thresholds = stack("observability")["Mappings"]["Thresholds"][size]
    assert thresholds["Borrowed"] == lent * 4 // 5
    assert f"| {size} | {connections} | {lent} |" in read("infra/README.md")


@pytest.mark.parametrize("size", SIZES)
def test_the_cache_is_watched_below_its_ceiling(size: str) -> None:
    gigabytes = stack("cache")["Mappings"]["Limits"][size]["Gigabytes"]
    assert stack("observability")["Mappings"]["Thresholds"][size]["CacheBytes"] == (
        gigabytes * 800_000_000
    )


@pytest.mark.parametrize("size", SIZES)
def test_every_alarm_tells_somebody_what_to_do(size: str) -> None:
    entries = {slug(line) for line in read("docs/operations.md").splitlines() if line[:1] == "#"}
    alarms = {
        name: properties
        for name, properties in resolved("observability", size=size).items()
        if "AlarmName" in properties
    }
    for name, alarm in alarms.items():
        found = re.search(r" docs/operations\.md#([a-z-]+)$", alarm["AlarmDescription"])
        assert found, name
        assert found[1] in entries, f"{name}: docs/operations.md has no entry {found[1]}"
        assert alarm["AlarmActions"] == alarm["OKActions"] == ["Topic.None"], name
        assert "TreatMissingData" in alarm, name
    assert len(alarms) == (21 if size != "small" else 20)


def test_every_dead_letter_queue_has_an_alarm() -> None:
    """The queues are the root's: what it has must be among what is watched."""
    queues = set(re.findall(r"^  (\w+DeadLetters):$", read("template.yaml"), re.MULTILINE))
    watched = {
        dimension["Value"]["Ref"]
        for _, alarm in resources("AWS::CloudWatch::Alarm")
        for dimension in as_list(alarm["Properties"].get("Dimensions", []))
        if dimension.get("Name") == "QueueName"
    }
    assert queues <= watched


@pytest.mark.parametrize("size", SIZES)
def test_the_dashboard_shows_the_seed_s_words(size: str) -> None:
    everything = resolved("observability", size=size, Name="cgraph")
    widgets = json.loads(everything["Dashboard"]["DashboardBody"])["widgets"]
    shown = [metric for widget in widgets for metric in widget["properties"]["metrics"]]
    ours = {metric[1] for metric in shown if metric[0].startswith("CGraph")}
    assert {
        *("http.request.duration", "channel.join.duration"),
        *("query.total_time", "vm.memory.total"),
    } <= ours
    assert len(ours) <= FREE_METRICS
    watched = {
        alarm["MetricName"]
        for alarm in everything.values()
        if str(alarm.get("Namespace", "")).startswith("CGraph")
    }
    assert watched <= ours
    for metric in shown:
        if metric[0] == "CGraph":
            assert metric[2:4] == ["service", "cgraph"]


def test_policies_name_what_they_allow() -> None:
    for name, resource in resources():
        for statement in statements(resource.get("Properties", {})):
            bare = [each for each in as_list(statement.get("Resource")) if each == "*"]
            assert not bare or statement.get("Sid") in WITHOUT_A_NAME, (name, statement)
            assert "*" not in as_list(statement["Action"]), name


def test_policies_fit() -> None:
    """IAM counts without white space; what stands for a name is longer than most names."""
    for name, policy in resources("AWS::IAM::ManagedPolicy"):
        document = json.dumps(policy["Properties"]["PolicyDocument"], separators=(",", ":"))
        size = len(document.replace("${AWS::Partition}", "aws"))
        assert size < POLICY_CHARACTERS, (name, size)


def test_stacks_fit_cloudformation() -> None:
    for path in STACKS:
        template = stack(path.stem)
        assert len(template["Resources"]) <= LIMITS["resources"], path
        assert size(template) <= LIMITS["bytes"], path


def test_every_role_can_be_bounded() -> None:
    unbounded = {
        name
        for name, role in resources("AWS::IAM::Role")
        if "PermissionsBoundary" not in role["Properties"]
    }
    assert unbounded == {"pipeline.Deployer", "pipeline.Builder"}


def test_what_is_not_checked_has_its_reason() -> None:
    for name, resource in resources():
        for left in resource.get("Metadata", {}).get("checkov", {}).get("skip", []):
            assert len(left["comment"]) > 20, (name, left)
    for line in read("infra/checkov.yaml").splitlines():
        if "CKV" in line:
            assert re.search(r" # \w.{20,}", line), line


def test_stacks_fit_one_another() -> None:
    """The same parameter has the same constraint wherever it is asked for."""
    seen: dict[str, Any] = {}
    for path in STACKS:
        parameters = stack(path.stem).get("Parameters", {})
        for name in ("Name", "Size"):
            if name in parameters and path.stem != "pipeline":
                assert parameters[name] == seen.setdefault(name, parameters[name]), path


def slug(heading: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", heading.lstrip("#").strip().lower()).strip("-")
