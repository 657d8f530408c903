"""What a deployment would change, nested stacks included; CloudFormation is asked, nothing is done.

`sam deploy --no-execute-changeset` does not look into nested stacks, where the database is.
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
from scripts.deployment.steps import Refused, say

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
BUCKET = re.compile(r"s3://([^/]+)/")
NOTHING = re.compile(r"didn't contain changes|no updates are to be performed", re.IGNORECASE)
WAIT_SECONDS = 600
ROW = "      {:<9} {:<44} {:<36} {}"


def show_changes(
    stage: Stage, *, packaged: Path, account: Account, known: bool, role: str = ""
) -> None:
    """`packaged`: a template whose code is in S3. `known`: the stack exists. Raises Refused."""
    cloudformation = account.cloudformation
    asked = cloudformation.create_change_set(
        StackName=stage.stack,
        ChangeSetName=f"diff-{uuid4().hex}",
        ChangeSetType="UPDATE" if known else "CREATE",
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
        _show(cloudformation, asked["Id"])
    finally:
        cloudformation.delete_change_set(ChangeSetName=asked["Id"])
        if not known:  # what it was asked about has a place in the list of stacks
            cloudformation.delete_stack(StackName=stage.stack)


def _upload(packaged: Path, *, account: Account) -> str:
    text = packaged.read_text()
    found = BUCKET.search(text)
    assert found, f"{packaged} names no bucket"
    key = f"diff/{uuid4().hex}.yaml"
    s3 = boto3.client("s3", region_name=account.region)
    s3.put_object(Bucket=found[1], Key=key, Body=text.encode())
    return f"{s3.meta.endpoint_url}/{found[1]}/{key}"


def _show(cloudformation: Any, change_set: str) -> None:
    answer = _settled(cloudformation, change_set)
    if answer["Status"] == "FAILED":
        if NOTHING.search(answer.get("StatusReason", "")):
            say("      Nothing would change.")
            return
        raise Refused(f"CloudFormation could not say: {answer.get('StatusReason')}")
    rows = list(_rows(cloudformation, change_set, inside=""))
    say(ROW.format("action", "resource", "type", "replacement"))
    for row in rows:
        say(ROW.format(*row))
    replaced = [row[1] for row in rows if row[3] == "True"]
    say(f"      {len(rows)} changes; replaced: {', '.join(replaced) or 'nothing'}")


def _settled(cloudformation: Any, change_set: str) -> dict[str, Any]:
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        answer = dict(cloudformation.describe_change_set(ChangeSetName=change_set))
        if answer["Status"] in ("CREATE_COMPLETE", "FAILED"):
            return answer
        time.sleep(2)
    raise Refused(f"CloudFormation did not finish the change set in {WAIT_SECONDS} s: {change_set}")


def _rows(
    cloudformation: Any, change_set: str, *, inside: str
) -> Iterator[tuple[str, str, str, str]]:
    pages = cloudformation.get_paginator("describe_change_set")
    for page in pages.paginate(ChangeSetName=change_set):
        for each in page["Changes"]:
            change = each["ResourceChange"]
            name = f"{inside}{change['LogicalResourceId']}"
            if nested := change.get("ChangeSetId"):
                yield from _rows(cloudformation, nested, inside=f"{name}.")
            else:
                replacement = change.get("Replacement", "-")
                yield change["Action"], name, change["ResourceType"], replacement
