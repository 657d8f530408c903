"""What the template restores a database from, and what a deployment may not change about it."""

from __future__ import annotations

from typing import Any

import pytest

from scripts.deployment.refusals import refuse_other_data
from scripts.deployment.stage import read_stage
from scripts.deployment.steps import CommandError
from tests.contract.infrastructure import SIZES, resolved
from tests.contract.stubbed_aws import SNAPSHOT, stack

NEW = {"Snapshot": "", "RestoreFrom": "", "RestoreTime": "latest"}
FIRST_USER = ("MasterUsername", "MasterUserAuthenticationType", "KmsKeyId")


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
        refuse_other_data(stage, described)
        return
    with pytest.raises(CommandError, match=message):
        refuse_other_data(stage, described)
