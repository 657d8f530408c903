"""Prints what a deployment would change, nested stacks included, from a change set that is deleted
afterwards.

`sam deploy --no-execute-changeset` does not show changes inside nested stacks, such as the
database's.
"""

import re
import time
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any
from uuid import uuid4

import boto3

from cgraph_local.template.yaml_loader import load_template
from scripts.deployment.account import Account, parameters
from scripts.deployment.stage import Stage
from scripts.deployment.steps import CommandError, print_line

CAPABILITIES = ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"]
BUCKET = re.compile(r"s3://([^/]+)/")
NOTHING = re.compile(r"didn't contain changes|no updates are to be performed", re.IGNORECASE)
WAIT_SECONDS = 600
ROW = "      {:<9} {:<44} {:<36} {}"


def show_changes(
    stage: Stage,
    *,
    packaged: Path,
    account: Account,
    stack: Mapping[str, Any] | None,
    role: str = "",
) -> None:
    """`packaged`: a template whose code is in S3. `stack`: the deployed one. Raises CommandError if
    CloudFormation fails.
    """
    cloudformation = account.cloudformation
    change_set = cloudformation.create_change_set(
        StackName=stage.stack,
        ChangeSetName=f"diff-{uuid4().hex}",
        ChangeSetType="CREATE" if stack is None else "UPDATE",
        TemplateURL=_upload(packaged, account=account),
        Parameters=_parameters(stage, packaged=packaged, stack=stack),
        Tags=[{"Key": name, "Value": value} for name, value in stage.tags.items()],
        Capabilities=CAPABILITIES,
        IncludeNestedStacks=True,
        **({"RoleARN": role} if role else {}),
    )
    try:
        _print_changes(cloudformation, change_set["Id"])
    finally:
        cloudformation.delete_change_set(ChangeSetName=change_set["Id"])
        if stack is None:  # the change set has created an empty stack
            cloudformation.delete_stack(StackName=stage.stack)


def _parameters(
    stage: Stage, *, packaged: Path, stack: Mapping[str, Any] | None
) -> list[dict[str, Any]]:
    return change_set_parameters(
        stage.parameters,
        declared=load_template(packaged).get("Parameters", {}),
        deployed=None if stack is None else parameters(stack),
    )


def change_set_parameters(
    chosen: Mapping[str, str],
    *,
    declared: Collection[str],
    deployed: Collection[str] | None,
) -> list[dict[str, Any]]:
    """What `sam deploy` sends: a parameter that is not chosen keeps the value that the stack has;
    one that the stack does not have yet is left out, and gets its default. `declared`: the names in
    the template. `deployed`: those of the stack, None where there is none.
    """
    values: list[dict[str, Any]] = []
    for name in declared:
        if name in chosen:
            values.append({"ParameterKey": name, "ParameterValue": chosen[name]})
        elif deployed is not None and name in deployed:
            values.append({"ParameterKey": name, "UsePreviousValue": True})
    return values


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
