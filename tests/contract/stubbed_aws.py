"""Clients of boto3 whose responses a test lists. botocore validates the parameters of each call and
each response against the model of the service, and refuses a call that is not the next one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from typing import Any
from unittest.mock import patch

import boto3
from botocore.stub import Stubber

REGION = "us-east-1"
ACCOUNT = "111122223333"
NOW = datetime(2026, 11, 28, 6, 30, tzinfo=UTC)
SNAPSHOT = f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:before"


class StubbedAws:
    def __init__(self) -> None:
        self._clients: dict[str, Any] = {}
        self._stubbers: dict[str, Stubber] = {}

    def client(self, service: str, **_: object) -> Any:
        if service not in self._clients:
            self._clients[service] = _session().client(service)
            self._stubbers[service] = Stubber(self._clients[service])
            self._stubbers[service].activate()
        return self._clients[service]

    def expect(
        self, service: str, method: str, response: dict[str, Any], **parameters: object
    ) -> None:
        self.client(service)
        self._stubbers[service].add_response(method, response, parameters)

    def expect_error(self, service: str, method: str, code: str, message: str = "") -> None:
        self.client(service)
        self._stubbers[service].add_client_error(method, code, message)

    def assert_all_called(self) -> None:
        for stubber in self._stubbers.values():
            stubber.assert_no_pending_responses()


@cache
def _session() -> Any:
    """One for all tests: it keeps the models of the services that it has read."""
    return boto3.session.Session("key", "secret", region_name=REGION)


@contextmanager
def stubbed_aws() -> Iterator[StubbedAws]:
    """Every call that the test has listed must have been made when the block ends."""
    aws = StubbedAws()
    with patch.object(boto3, "client", aws.client):
        yield aws
    aws.assert_all_called()


def stack(status: str = "CREATE_COMPLETE", **parameters: str) -> dict[str, Any]:
    """The response of describe_stacks."""
    described = {
        "StackId": "arn:stack",
        "StackName": "cgraph",
        "StackStatus": status,
        "CreationTime": NOW,
        "Parameters": [
            {"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()
        ],
    }
    return {"Stacks": [described]}


def expect_leftovers(aws: StubbedAws, *, buckets: list[str]) -> None:
    """What is asked and deleted after a drill. `buckets`: all of the account."""
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
