"""A form with which a client sends one file to S3, signed by AWS Signature Version 4.

It is what boto3's `generate_presigned_post` makes (a test compares the two), without boto3, whose
import would take longer than all else that the route does.
"""

import base64
import hashlib
import hmac
import json
import os
from datetime import datetime, timedelta

from cgraph.core import credentials
from cgraph.core.iam import ALGORITHM


def presigned_form(
    *,
    bucket: str,
    key: str,
    content_type: str,
    size: int,
    checksum: str | None,
    at: datetime,
    seconds: int,
) -> tuple[str, dict[str, str]]:
    """The URL and the fields. S3 refuses another key, content type, size or checksum, and whatever
    comes later than `seconds` from now. Raises CredentialsUnavailable.
    """
    keys, stamp = credentials.current(), at.strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{os.environ['AWS_REGION']}/s3/aws4_request"
    fields = {"key": key, "Content-Type": content_type}
    if checksum is not None:
        fields |= {"x-amz-checksum-algorithm": "SHA256", "x-amz-checksum-sha256": checksum}
    fields |= {
        "x-amz-algorithm": ALGORITHM,
        "x-amz-credential": f"{keys.access_key_id}/{scope}",
        "x-amz-date": stamp,
    }
    if keys.session_token:
        fields["x-amz-security-token"] = keys.session_token
    conditions: list[object] = [{"bucket": bucket}, ["content-length-range", size, size]]
    conditions += [{name: text} for name, text in fields.items()]
    expires = (at + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    policy = json.dumps({"expiration": expires, "conditions": conditions}).encode()
    fields["policy"] = base64.b64encode(policy).decode()
    fields["x-amz-signature"] = _signature(fields["policy"], keys.secret_access_key, scope)
    return form_url(bucket), fields


def form_url(bucket: str) -> str:
    """Of the bucket, as clients reach it."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    if endpoint:
        return f"{endpoint}/{bucket}"
    return f"https://{bucket}.s3.dualstack.{os.environ['AWS_REGION']}.amazonaws.com/"


def _signature(policy: str, secret: str, scope: str) -> str:
    key = f"AWS4{secret}".encode()
    for part in scope.split("/"):
        key = hmac.digest(key, part.encode(), hashlib.sha256)
    return hmac.digest(key, policy.encode(), hashlib.sha256).hex()
