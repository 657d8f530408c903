"""Backups on AWS: which one data is restored from, and which ones a deleted copy leaves."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scripts.deployment.calls import Calls, cli_line
from scripts.deployment.databases import delete_leftovers, find_source, take_snapshot
from scripts.deployment.leftovers import delete_buckets
from scripts.deployment.origin import Origin
from scripts.deployment.steps import CommandError
from tests.contract.stubbed_aws import NOW, REGION, SNAPSHOT, StubbedAws, expect_leftovers


@pytest.fixture
def calls(aws: StubbedAws) -> Calls:
    return Calls(REGION, poll_seconds=0)


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
