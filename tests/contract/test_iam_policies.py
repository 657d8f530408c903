"""What `make lint` finds in the IAM policies of the templates, shown with wrong ones."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from scripts.iam import policies
from scripts.iam.globs import intersects
from scripts.iam.statements import IDENTITY, RESOURCE, TRUST
from scripts.lint_infrastructure import SCHEMAS
from tests.contract.checkout import CHECKOUT, Checkout

LINT = CHECKOUT / ".venv-lint" / "bin" / "python"
QUEUE = "arn:aws:sqs:us-east-1:000000000000:cgraph-local-PushQueue"
BUCKET = "arn:aws:s3:::cgraph-local-media"

SQS, RDS = (f"arn:${{Partition}}:{name}:${{Region}}:${{Account}}" for name in ("sqs", "rds"))

Document = dict[str, Any]


@pytest.fixture(scope="module")
def schemas() -> Path:
    found = list((CHECKOUT / ".venv-sam").glob(SCHEMAS))
    if found and LINT.exists():
        return found[0]
    if "CI" in os.environ:
        pytest.fail("the environments of the linters are missing: `make lint` installs them")
    pytest.skip("needs the linters, which `make lint` installs")


@pytest.fixture(scope="module")
def document(schemas: Path) -> Document:
    return policies.document(CHECKOUT, translated=Checkout(CHECKOUT).translated)


def findings(document: Mapping[str, Any], *, schemas: Path, folder: Path) -> list[str]:
    file = folder / "policies.json"
    file.write_text(json.dumps(document))
    done = subprocess.run(
        [LINT, "-m", "scripts.iam", file, schemas],
        cwd=CHECKOUT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert lines, done.stderr
    assert done.returncode == (1 if lines[:-1] else 0)
    return lines[:-1]


def statement(policy: str, **parts: Any) -> Document:
    return {
        "policy": policy,
        "kind": IDENTITY,
        "effect": "Allow",
        "sid": "",
        "actions": [],
        "resources": ["*"],
        "condition_keys": [],
        "unsupported": [],
        "reasons": [],
        **parts,
    }


WRONG: Mapping[str, tuple[Document, str]] = {
    "a misspelt action": (
        {"actions": ["sqs:SendMesage"], "resources": [QUEUE]},
        "there is no action sqs:SendMesage",
    ),
    "a service that does not exist": ({"actions": ["sqz:*"]}, "there is no action sqz:*"),
    "a wildcard without a match": ({"actions": ["sqs:Push*"]}, "there is no action sqs:Push*"),
    "an action that no resource narrows": (
        {"actions": ["rds:CreateDBProxy"], "resources": ["arn:aws:rds:us-east-1:1:db-proxy:*"]},
        "rds:CreateDBProxy cannot be narrowed to a resource: it must stand with *",
    ),
    "a resource of another type": (
        {"actions": ["sqs:SendMessage"], "resources": ["arn:aws:sns:us-east-1:1:topic"]},
        "no resource of it is one that sqs:SendMessage takes",
    ),
    "objects for an action of the bucket": (
        {"actions": ["s3:ListBucket"], "resources": [f"{BUCKET}/*"]},
        "no resource of it is one that s3:ListBucket takes",
    ),
    "one resource too many": (
        {"actions": ["sqs:SendMessage"], "resources": [QUEUE, BUCKET]},
        f"none of its actions takes the resource {BUCKET}",
    ),
    "every resource without a reason": (
        {"actions": ["sqs:SendMessage"]},
        "it is for every resource, although resources can narrow sqs:SendMessage",
    ),
    "a reason of one word": (
        {"actions": ["sqs:SendMessage"], "sid": "Any", "reasons": [["Any", "because"]]},
        "it is for every resource",
    ),
    "a reason that nothing needs": (
        {
            "actions": ["sqs:SendMessage"],
            "resources": [QUEUE],
            "reasons": [["Any", "a queue that has no name yet"]],
        },
        "AnyResource has a reason for Any, which is not for every resource",
    ),
    "a condition that is never met": (
        {
            "actions": ["sqs:SendMessage"],
            "resources": [QUEUE],
            "condition_keys": ["lambda:FunctionArn"],
        },
        "sqs:SendMessage has no condition key lambda:FunctionArn, so it is never allowed",
    ),
    "every action": ({"actions": ["*"]}, "there is no action *"),
    "a trust policy with a misspelt action": (
        {"kind": TRUST, "actions": ["sts:AssumeRolle"], "resources": []},
        "there is no action sts:AssumeRolle",
    ),
    "a policy of a bucket with a queue in it": (
        {"kind": RESOURCE, "actions": ["s3:GetObject"], "resources": [QUEUE]},
        "no resource of it is one that s3:GetObject takes",
    ),
    "NotAction": ({"unsupported": ["NotAction"]}, "NotAction cannot be checked"),
}

RIGHT: Mapping[str, Document] = {
    "a queue": {"actions": ["sqs:SendMessage"], "resources": [QUEUE]},
    "a bucket and its objects": {
        "actions": ["s3:ListBucket", "s3:GetObject"],
        "resources": [BUCKET, f"{BUCKET}/*"],
    },
    "an action that no resource narrows": {"actions": ["rds:CreateDBProxy"]},
    "every resource with a reason": {
        "actions": ["ec2:CreateVpc"],
        "sid": "Network",
        "reasons": [["Network", "EC2 chooses the ids of its resources"]],
    },
    "the condition key of an action": {
        "actions": ["lambda:CreateEventSourceMapping"],
        "condition_keys": ["lambda:FunctionArn", "aws:RequestedRegion"],
    },
}


def test_each_wrong_statement_is_found_and_no_right_one(schemas: Path, tmp_path: Path) -> None:
    wrong = [statement(f"wrong.{name}", **parts) for name, (parts, _) in WRONG.items()]
    right = [statement(f"right.{name}", **parts) for name, parts in RIGHT.items()]
    document = {"statements": [*wrong, *right], "stage_types": []}
    found = findings(document, schemas=schemas, folder=tmp_path)
    for name, (_, message) in WRONG.items():
        assert any(name in line and message in line for line in found), (name, found)
    assert not [line for line in found if line.startswith("right.")]


def test_the_policies_of_the_templates_are_right(
    document: Document, schemas: Path, tmp_path: Path
) -> None:
    assert findings(document, schemas=schemas, folder=tmp_path) == []
    assert len(document["statements"]) > 50
    assert "AWS::RDS::DBProxy" in document["stage_types"]


REMOVED = {
    "acm:RequestCertificate": "AWS::CertificateManager::Certificate",
    "cloudfront:CreateKeyGroup": "AWS::CloudFront::KeyGroup",
    "ec2:ReplaceRoute": "AWS::EC2::Route",
    "iam:ListRolePolicies": "AWS::IAM::Role",
    "lambda:CreateEventSourceMapping": "AWS::Lambda::EventSourceMapping",
    "rds:CreateDBProxy": "AWS::RDS::DBProxy",
}


def test_what_cloudformation_s_role_may_not_do_is_found(
    document: Document, schemas: Path, tmp_path: Path
) -> None:
    """Each of these would stop a deployment."""
    statements = [
        {**each, "actions": [name for name in each["actions"] if name not in REMOVED]}
        for each in document["statements"]
        if each["sid"] != "DefaultGroups"
    ]
    found = findings({**document, "statements": statements}, schemas=schemas, folder=tmp_path)
    for action, kind in REMOVED.items():
        assert any(f"needs {action} on" in line and kind in line for line in found), found
    assert any("rds:CreateDBInstance on arn" in line and ":og:default" in line for line in found)


def test_ci_may_call_what_the_commands_call(document: Document) -> None:
    """Except deleting a stack: `make destroy` does it, and `make diff` where there was none."""
    allowed = {
        action
        for each in document["statements"]
        if each["policy"] == "pipeline.Deployer"
        for action in each["actions"]
    }
    calls = re.compile(r"(?:\b|\.)(cloudformation|ec2|s3)\.([a-z]+(?:_[a-z]+)+)\(")
    called = {
        f"{service}:{''.join(part.capitalize() for part in name.split('_'))}"
        for path in (CHECKOUT / "scripts" / "deployment").glob("*.py")
        for service, name in calls.findall(path.read_text())
    }
    assert {"cloudformation:UpdateTerminationProtection", "s3:PutObject"} <= called
    assert called - allowed - {"cloudformation:GetPaginator"} == {"cloudformation:DeleteStack"}


@pytest.mark.parametrize(
    ("pattern", "arn_format", "can_be"),
    [
        ("*", f"{SQS}:${{QueueName}}", True),
        (
            "arn:aws:rds:us-east-1:1:*:cgraph*",
            f"{RDS}:db:${{Name}}",
            True,
        ),
        (
            "arn:aws:rds:us-east-1:1:og:default*",
            f"{RDS}:db:${{Name}}",
            False,
        ),
        ("arn:aws:s3:::b/*", "arn:${Partition}:s3:::${BucketName}", False),
        ("arn:aws:s3:::b*", "arn:${Partition}:s3:::${BucketName}", True),
        ("arn:aws:s3:::b/*", "arn:${Partition}:s3:::${BucketName}/${ObjectName}", True),
        (
            "arn:aws:sqs:us-east-?:1:q",
            f"{SQS}:${{QueueName}}",
            True,
        ),
    ],
)
def test_an_arn_with_wildcards_can_be_of_a_type(
    pattern: str, arn_format: str, *, can_be: bool
) -> None:
    assert intersects(pattern, arn_format) is can_be
