"""Coming back from loss: what the template restores, and what `make restore` and `drill` call."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from botocore.response import StreamingBody

from scripts.deployment import commands, restoring
from scripts.deployment.calls import Calls, cli_line
from scripts.deployment.commands import Choice
from scripts.deployment.databases import delete_leftovers, find_source, take_snapshot
from scripts.deployment.leftovers import delete_buckets
from scripts.deployment.restoring import Origin, drill, restore
from scripts.deployment.stage import Stage, read_stage
from scripts.deployment.steps import CommandError
from tests.contract.infrastructure import SIZES, resolved
from tests.contract.stubbed_aws import ACCOUNT, NOW, REGION, StubbedAws, stack, stubbed_aws

SNAPSHOT = f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:before"
NEW = {"Snapshot": "", "RestoreFrom": "", "RestoreTime": "latest"}
FIRST_USER = ("MasterUsername", "MasterUserAuthenticationType", "KmsKeyId")
SOUND = {
    "newest_event": "2026-11-28T06:29:00Z",
    **{"torn_streams": "0", "audit_faults": "0"},
    **{"users": "12", "conversations": "5", "forums": "2", "streams": "19"},
}
MISSING = "Stack with id cgraph does not exist"


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    with stubbed_aws() as stubbed:
        yield stubbed


@pytest.fixture
def calls(aws: StubbedAws) -> Calls:
    return Calls(REGION, poll_seconds=0)


def database(size: str, **source: str) -> dict[str, Any]:
    stack = resolved("database", size=size, **{**NEW, **source})
    return dict(stack["Instance" if size == "small" else "Cluster"])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("source", [{"Snapshot": SNAPSHOT}, {"RestoreFrom": "db-ABC"}])
def test_a_restored_database_has_its_source_s_users_and_the_rest_of_a_new_one(
    size: str, source: dict[str, str]
) -> None:
    new, restored = database(size), database(size, **source)
    assert not set(FIRST_USER) & restored.keys()
    assert set(FIRST_USER) < new.keys()
    for login in (new, restored):
        assert login["EnableIAMDatabaseAuthentication"] is True
    group = "DBParameterGroupName" if size == "small" else "DBClusterParameterGroupName"
    for name in (group, "DBSubnetGroupName", "DeletionProtection", "BackupRetentionPeriod"):
        assert restored[name] == new[name]
    added = restored.keys() - new.keys()
    if size == "small":
        expected = {"Snapshot": {"DBSnapshotIdentifier"}, "RestoreFrom": {"SourceDbiResourceId"}}
    else:
        expected = {"Snapshot": {"SnapshotIdentifier"}}
        expected["RestoreFrom"] = {"SourceDbClusterResourceId"}
        assert "StorageEncrypted" not in restored
    (kind,) = source
    assert added == expected[kind] | ({"UseLatestRestorableTime"} if kind != "Snapshot" else set())


@pytest.mark.parametrize("size", SIZES)
def test_a_point_in_time_replaces_the_latest_one(size: str) -> None:
    restored = database(size, RestoreFrom="db-ABC", RestoreTime="2026-11-28T06:00:00Z")
    name = "RestoreTime" if size == "small" else "RestoreToTime"
    assert restored[name] == "2026-11-28T06:00:00Z"
    assert "UseLatestRestorableTime" not in restored


def test_the_proxy_may_enter_the_database_of_its_own_stack() -> None:
    """A restored database has another resource id than its source."""
    role = resolved("database", size="small", **NEW)["ProxyRole"]
    (policy,) = role["Policies"]
    (statement,) = policy["PolicyDocument"]["Statement"]
    users = [each.partition(":dbuser:")[2] for each in statement["Resource"]]
    assert users == [
        f"Instance.DbiResourceId/{name}" for name in ("cgraph", "cgraph_owner", "cgraph_operator")
    ]


@pytest.mark.parametrize(
    ("deployed", "overrides", "message"),
    [
        ({"Snapshot": SNAPSHOT}, {}, ""),
        ({"Snapshot": SNAPSHOT}, {"Snapshot": SNAPSHOT}, ""),
        ({"Snapshot": SNAPSHOT}, {"Snapshot": ""}, "Snapshot of cgraph-trial is 'arn"),
        ({}, {"Snapshot": SNAPSHOT}, "make restore STAGE="),
        ({}, {"RestoreFrom": "db-ABC"}, "RestoreFrom"),
        ({"RestoreFrom": "db-ABC"}, {"RestoreTime": "2026-11-28T06:00:00Z"}, "RestoreTime"),
        ({}, {}, ""),
    ],
)
def test_a_deployment_that_would_replace_the_data_is_refused(
    deployed: dict[str, str], overrides: dict[str, str], message: str
) -> None:
    described = stack(**deployed)["Stacks"][0]
    stage = read_stage("trial", overrides=overrides)
    if not message:
        commands.refuse_other_data(stage, described)
        return
    with pytest.raises(CommandError, match=message):
        commands.refuse_other_data(stage, described)


def test_the_source_is_the_database_or_the_backups_that_aws_kept_of_it(
    aws: StubbedAws, calls: Calls
) -> None:
    name = "cgraph-production"
    found = {"DbiResourceId": "db-ABC", "LatestRestorableTime": NOW}
    aws.expect("rds", "describe_db_instances", {"DBInstances": [found]}, DBInstanceIdentifier=name)
    source = find_source(calls, name, kind="instance")
    assert (source.resource_id, source.latest, source.deleted) == ("db-ABC", NOW, False)

    aws.expect_error("rds", "describe_db_clusters", "DBClusterNotFoundFault")
    kept = [
        {
            "DbClusterResourceId": f"cluster-{number}",
            "Status": status,
            "RestoreWindow": {"LatestTime": NOW + timedelta(days=number)},
        }
        for number, status in ((1, "retained"), (2, "retained"), (3, "active"))
    ]
    backups = {"DBClusterAutomatedBackups": kept}
    aws.expect("rds", "describe_db_cluster_automated_backups", backups, DBClusterIdentifier=name)
    source = find_source(calls, name, kind="cluster")
    assert (source.resource_id, source.deleted) == ("cluster-2", True)

    aws.expect_error("rds", "describe_db_instances", "DBInstanceNotFound")
    aws.expect_error(
        "rds", "describe_db_instance_automated_backups", "DBInstanceAutomatedBackupNotFound"
    )
    with pytest.raises(CommandError, match="no backups of it"):
        find_source(calls, name, kind="instance")


def test_a_snapshot_is_waited_for(aws: StubbedAws, calls: Calls) -> None:
    aws.expect(
        *("rds", "describe_db_instances"),
        {"DBInstances": [{"DbiResourceId": "db-ABC", "LatestRestorableTime": NOW}]},
        DBInstanceIdentifier="cgraph-trial",
    )
    source = find_source(calls, "cgraph-trial", kind="instance")
    aws.expect(
        *("rds", "create_db_snapshot"),
        {"DBSnapshot": {"DBSnapshotArn": SNAPSHOT}},
        DBInstanceIdentifier="cgraph-trial",
        DBSnapshotIdentifier="before",
    )
    for status in ("creating", "available"):
        described = {"DBSnapshots": [{"Status": status}]}
        aws.expect("rds", "describe_db_snapshots", described, DBSnapshotIdentifier="before")
    assert take_snapshot(calls, source, name="before") == SNAPSHOT


def test_a_deleted_copy_leaves_no_snapshot_backup_or_bucket(aws: StubbedAws, calls: Calls) -> None:
    expect_leftovers(aws, buckets=["cgraph-drill-media-1", "cgraph-drillers", "another"])
    versions = {
        "Versions": [{"Key": "a", "VersionId": "1"}],
        "DeleteMarkers": [{"Key": "b", "VersionId": "2"}],
    }
    bucket = "cgraph-drill-media-1"
    aws.expect("s3", "list_object_versions", versions, Bucket=bucket)
    objects = [{"Key": "a", "VersionId": "1"}, {"Key": "b", "VersionId": "2"}]
    aws.expect(
        "s3", "delete_objects", {}, Bucket=bucket, Delete={"Objects": objects, "Quiet": True}
    )
    aws.expect("s3", "list_object_versions", {}, Bucket=bucket)
    aws.expect("s3", "delete_bucket", {}, Bucket=bucket)
    delete_leftovers(calls, "cgraph-drill", kind="instance")
    delete_buckets(calls, prefix="cgraph-drill-")


def expect_leftovers(aws: StubbedAws, *, buckets: list[str]) -> None:
    name = "cgraph-drill"
    last = {"DBSnapshots": [{"DBSnapshotIdentifier": "last"}]}
    aws.expect(
        *("rds", "describe_db_snapshots", last),
        DBInstanceIdentifier=name,
        SnapshotType="manual",
    )
    aws.expect("rds", "delete_db_snapshot", {}, DBSnapshotIdentifier="last")
    kept = {"DBInstanceAutomatedBackups": [{"DbiResourceId": "db-DRILL", "Status": "retained"}]}
    aws.expect("rds", "describe_db_instance_automated_backups", kept, DBInstanceIdentifier=name)
    aws.expect("rds", "delete_db_instance_automated_backup", {}, DbiResourceId="db-DRILL")
    aws.expect("s3", "list_buckets", {"Buckets": [{"Name": each} for each in buckets]})


def expect_report(aws: StubbedAws, stack_name: str, **values: str) -> None:
    caller = {"Arn": f"arn:aws:iam::{ACCOUNT}:user/ada"}
    aws.expect("sts", "get_caller_identity", caller)
    aws.expect(
        *("cloudformation", "describe_stack_resource"),
        {
            "StackResourceDetail": {
                **{"LogicalResourceId": "InspectDatabase", "ResourceType": "AWS::Lambda::Function"},
                **{"LastUpdatedTimestamp": NOW, "ResourceStatus": "CREATE_COMPLETE"},
                "PhysicalResourceId": f"{stack_name}-InspectDatabase-X",
            }
        },
        StackName=stack_name,
        LogicalResourceId="InspectDatabase",
    )
    event = {
        "statement": "SELECT name, value FROM database_report()",
        **{"operator": caller["Arn"], "rows": 100},
    }
    rows = [list(each) for each in {**SOUND, **values}.items()]
    body = json.dumps({"columns": ["name", "value"], "rows": rows}).encode()
    aws.expect(
        *("lambda", "invoke", {"Payload": StreamingBody(BytesIO(body), len(body))}),
        FunctionName=f"{stack_name}-InspectDatabase-X",
        Payload=json.dumps(event).encode(),
    )


def expect_stack(aws: StubbedAws, name: str, described: dict[str, Any] | None) -> None:
    if described is None:
        aws.expect_error("cloudformation", "describe_stacks", "ValidationError", MISSING)
    else:
        aws.expect("cloudformation", "describe_stacks", described, StackName=name)


def expect_source(aws: StubbedAws) -> None:
    found = {"DbiResourceId": "db-ABC", "LatestRestorableTime": NOW}
    aws.expect(
        *("rds", "describe_db_instances", {"DBInstances": [found]}),
        DBInstanceIdentifier="cgraph-production",
    )


PRODUCTION = {
    **{"StageName": "production", "Size": "small", "Egress": "endpoints", "LogDays": "30"},
    **{"AlarmEmail": "ops@example.org", "DomainName": "example.org", "HostedZone": "Z1"},
    **{"Protected": "true", "SchemaDigest": "abc", "PermissionsBoundary": ""},
}


def test_restore_deploys_a_new_stage_with_the_data_and_without_the_name(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    deployed: list[Stage] = []
    tested: list[str] = []
    monkeypatch.setattr(restoring, "deploy", lambda stage, choice: deployed.append(stage))
    monkeypatch.setattr(restoring, "smoke", lambda url, dry: tested.append(url))
    expect_stack(aws, "cgraph-second", None)
    expect_stack(aws, "cgraph-production", stack(**PRODUCTION))
    expect_source(aws)
    expect_report(aws, "cgraph-second")
    expect_stack(aws, "cgraph-second", stack())
    aws.expect("sts", "get_caller_identity", {"Account": ACCOUNT})
    restore("second", Origin.parse("production", at=""), Choice(yes=True), overrides={})
    (stage,) = deployed
    assert tested == ["<ApiUrl>"]
    assert stage.parameters == {
        **{"StageName": "second", "Size": "small", "Egress": "endpoints", "LogDays": "30"},
        **{"AlarmEmail": "ops@example.org", "Protected": "true"},
        **{"RestoreFrom": "db-ABC", "RestoreTime": "latest"},
    }
    assert "DomainName=example.org HostedZone=Z1" in capsys.readouterr().out


def test_restore_refuses_a_time_after_the_newest_backup_and_a_stage_that_exists(
    aws: StubbedAws,
) -> None:
    expect_stack(aws, "cgraph-second", None)
    expect_stack(aws, "cgraph-production", stack(**PRODUCTION))
    expect_source(aws)
    origin = Origin.parse("production", at="2026-11-28T06:31:00Z")
    with pytest.raises(CommandError, match="can be restored until 2026-11-28T06:30:00Z"):
        restore("second", origin, Choice(), overrides={})
    expect_stack(aws, "cgraph-second", stack(**PRODUCTION))
    with pytest.raises(CommandError, match="to a new stage only"):
        restore("second", Origin.parse("production", at=""), Choice(), overrides={})


def test_restored_data_that_is_not_whole_is_reported(
    aws: StubbedAws, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(restoring, "deploy", lambda stage, choice: None)
    expect_stack(aws, "cgraph-second", None)
    expect_stack(aws, "cgraph-production", stack(**PRODUCTION))
    expect_source(aws)
    expect_report(aws, "cgraph-second", torn_streams="3")
    with pytest.raises(CommandError, match=r"not whole: \{'torn_streams': '3'\}"):
        restore("second", Origin.parse("production", at=""), Choice(), overrides={})


@pytest.mark.parametrize("failure", [None, CommandError("it failed"), KeyboardInterrupt()])
def test_a_drill_deletes_its_copy_whatever_happens(
    aws: StubbedAws,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    failure: BaseException | None,
) -> None:
    def deploy(stage: Stage, choice: Choice) -> None:
        assert "AlarmEmail" not in stage.parameters
        assert stage.parameters["Protected"] == "false"
        if failure is not None:
            raise failure

    monkeypatch.setattr(restoring, "deploy", deploy)
    monkeypatch.setattr(restoring, "smoke", lambda url, dry: None)
    expect_report(aws, "cgraph-production", newest_event="2026-11-28T06:31:00Z")
    expect_stack(aws, "cgraph-production", stack(**PRODUCTION))
    expect_stack(aws, "cgraph-drill", None)
    expect_source(aws)
    if failure is None:
        expect_report(aws, "cgraph-drill")
        expect_stack(aws, "cgraph-drill", stack())
    expect_stack(aws, "cgraph-drill", stack())
    expect_stack(aws, "cgraph-drill", stack())
    aws.expect("cloudformation", "delete_stack", {}, StackName="cgraph-drill")
    expect_stack(aws, "arn:stack", stack("DELETE_COMPLETE"))
    expect_leftovers(aws, buckets=[])
    production = read_stage("production", overrides={})
    if failure is not None:
        with pytest.raises(type(failure)):
            drill(production, Choice(yes=True))
        return
    drill(production, Choice(yes=True))
    printed = capsys.readouterr().out
    assert "data loss window 120 s" in printed
    assert "users            12 of 12" in printed


def test_a_call_is_printed_as_a_command_that_a_user_can_type() -> None:
    printed = cli_line(
        *("rds", "restore_db_cluster_from_snapshot"),
        {
            "DBClusterIdentifier": "a b",
            "DeletionProtection": False,
            "AvailabilityZones": ["a", "b"],
        },
    )
    assert printed == (
        "aws rds restore-db-cluster-from-snapshot --db-cluster-identifier 'a b' "
        "--no-deletion-protection --availability-zones a b"
    )


@pytest.mark.parametrize(
    ("text", "at", "message"),
    [
        ("", "", "FROM=production"),
        ("production", "yesterday", "a time in UTC"),
        ("a-snapshot", "2026-11-28T06:30:00Z", "leave AT out"),
    ],
)
def test_an_origin_that_is_not_one_is_refused(text: str, at: str, message: str) -> None:
    with pytest.raises(CommandError, match=message):
        Origin.parse(text, at=at)
