"""Prints what a deployment would change, nested stacks included, from a change set that is deleted
afterwards.

`sam deploy --no-execute-changeset` does not show changes inside nested stacks, such as the
database's.
"""

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3

from scripts.deployment.account import Account
from scripts.deployment.stage import Stage
from scripts.deployment.steps import CommandError, print_line

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
BUCKET = re.compile(r"s3://([^/]+)/")
NOTHING = re.compile(r"didn't contain changes|no updates are to be performed", re.IGNORECASE)
WAIT_SECONDS = 600
ROW = "      {:<9} {:<44} {:<36} {}"


def show_changes(
    stage: Stage, *, packaged: Path, account: Account, stack_exists: bool, role: str = ""
) -> None:
    """`packaged`: a template whose code is in S3. Raises CommandError if CloudFormation fails."""
    cloudformation = account.cloudformation
    change_set = cloudformation.create_change_set(
        StackName=stage.stack,
        ChangeSetName=f"diff-{uuid4().hex}",
        ChangeSetType="UPDATE" if stack_exists else "CREATE",
        TemplateURL=_upload(packaged, account=account),
        Parameters=[
            {"ParameterKey": name, "ParameterValue": value}
            for name, value in stage.parameters.items()
        ],
        Capabilities=CAPABILITIES,
        IncludeNestedStacks=True,
        **({"RoleARN": role} if role else {}),
    )
    try:
        _print_changes(cloudformation, change_set["Id"])
    finally:
        cloudformation.delete_change_set(ChangeSetName=change_set["Id"])
        if not stack_exists:  # the change set has created an empty stack
            cloudformation.delete_stack(StackName=stage.stack)


def _upload(packaged: Path, *, account: Account) -> str:
    text = packaged.read_text()
    bucket = BUCKET.search(text)
    assert bucket, f"{packaged} names no bucket"
    key = f"diff/{uuid4().hex}.yaml"
    s3 = boto3.client("s3", region_name=account.region)
    s3.put_object(Bucket=bucket[1], Key=key, Body=text.encode())
    return f"{s3.meta.endpoint_url}/{bucket[1]}/{key}"


def _print_changes(cloudformation: Any, change_set: str) -> None:
    description = _wait_for_change_set(cloudformation, change_set)
    if description["Status"] == "FAILED":
        if NOTHING.search(description.get("StatusReason", "")):
            print_line("      Nothing would change.")
            return
        raise CommandError(
            f"CloudFormation could not create the change set: {description.get('StatusReason')}"
        )
    rows = list(_rows(cloudformation, change_set, prefix=""))
    print_line(ROW.format("action", "resource", "type", "replacement"))
    for row in rows:
        print_line(ROW.format(*row))
    replaced = [row[1] for row in rows if row[3] == "True"]
    print_line(f"      {len(rows)} changes; replaced: {', '.join(replaced) or 'nothing'}")


def _wait_for_change_set(cloudformation: Any, change_set: str) -> dict[str, Any]:
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        description = dict(cloudformation.describe_change_set(ChangeSetName=change_set))
        if description["Status"] in ("CREATE_COMPLETE", "FAILED"):
            return description
        time.sleep(2)
    raise CommandError(
        f"CloudFormation did not finish the change set in {WAIT_SECONDS} s: {change_set}"
    )


def _rows(
    cloudformation: Any, change_set: str, *, prefix: str
) -> Iterator[tuple[str, str, str, str]]:
    pages = cloudformation.get_paginator("describe_change_set")
    for page in pages.paginate(ChangeSetName=change_set):
        for each in page["Changes"]:
            change = each["ResourceChange"]
            name = f"{prefix}{change['LogicalResourceId']}"
            if nested := change.get("ChangeSetId"):
                yield from _rows(cloudformation, nested, prefix=f"{name}.")
            else:
                replacement = change.get("Replacement", "-")
                yield change["Action"], name, change["ResourceType"], replacement
