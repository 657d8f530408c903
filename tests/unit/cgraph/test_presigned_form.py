"""The form that we sign is the one that boto3 signs."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import boto3
import pytest
from botocore.config import Config

from cgraph.core import credentials
from cgraph.media import presigned_form

AT = datetime(2026, 11, 28, 7, 0, tzinfo=UTC)
BUCKET, KEY, SIZE = "cgraph-media", "incoming/1", 1234
CHECKSUM = "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg="


@pytest.fixture(params=["", "a session's token"])
def token(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("AWS_REGION", "us-east-1")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    monkeypatch.delenv("AWS_SESSION_TOKEN", raising=False)
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    if request.param:
        monkeypatch.setenv("AWS_SESSION_TOKEN", request.param)
    credentials.reset()
    yield request.param
    credentials.reset()


def of_boto3(token: str) -> dict[str, str]:
    client = boto3.client(
        "s3",
        region_name="us-east-1",
        aws_access_key_id="AKIAEXAMPLE",
        aws_secret_access_key="a secret",
        aws_session_token=token or None,
        config=Config(signature_version="s3v4"),
    )
    conditions = [["content-length-range", SIZE, SIZE], {"Content-Type": "image/png"}]
    now = AT.replace(tzinfo=None)
    with (
        patch("botocore.auth.get_current_datetime", lambda: now),
        patch("botocore.signers.get_current_datetime", lambda: now),
    ):
        made = client.generate_presigned_post(
            BUCKET,
            KEY,
            Fields={"Content-Type": "image/png"},
            Conditions=conditions,
            ExpiresIn=300,
        )
    return dict(made["fields"])


def decoded(policy: str) -> Any:
    return json.loads(base64.b64decode(policy))


def conditions(policy: Any) -> set[str]:
    """Their order means nothing."""
    return {json.dumps(each) for each in policy["conditions"]}


def test_the_fields_and_the_conditions_are_those_of_boto3(token: str) -> None:
    url, fields = presigned_form.presigned_form(
        bucket=BUCKET,
        key=KEY,
        content_type="image/png",
        size=SIZE,
        checksum=None,
        at=AT,
        seconds=300,
    )
    theirs = of_boto3(token)

    assert url == "https://cgraph-media.s3.dualstack.us-east-1.amazonaws.com/"
    assert fields.keys() == theirs.keys()
    changing = {"policy", "x-amz-signature"}
    assert {k: v for k, v in fields.items() if k not in changing} == {
        k: v for k, v in theirs.items() if k not in changing
    }
    ours, other = decoded(fields["policy"]), decoded(theirs["policy"])
    assert ours["expiration"] == other["expiration"]
    assert conditions(ours) == conditions(other)


def test_the_signature_is_that_of_boto3(token: str) -> None:
    """Of the same policy."""
    theirs = of_boto3(token)
    scope = theirs["x-amz-credential"].partition("/")[2]

    ours = presigned_form._signature(theirs["policy"], "a secret", scope)

    assert ours == theirs["x-amz-signature"]


def test_a_checksum_is_a_condition(token: str) -> None:
    _, fields = presigned_form.presigned_form(
        bucket=BUCKET,
        key=KEY,
        content_type="image/png",
        size=SIZE,
        checksum=CHECKSUM,
        at=AT,
        seconds=300,
    )

    assert fields["x-amz-checksum-sha256"] == CHECKSUM
    assert {"x-amz-checksum-sha256": CHECKSUM} in decoded(fields["policy"])["conditions"]
