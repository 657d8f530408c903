"""Secrets that an operator gave: in Secrets Manager on AWS, in files of the local cloud."""

import json
import os
from pathlib import Path

from cgraph.core import iam, metrics
from cgraph.core.http_connection import HttpConnection

TIMEOUT_SECONDS = 2

ARN = "arn:"


def read_secret(source: str) -> bytes:
    """`source`: the secret's ARN, or the path of a file. Raises OSError where it cannot be read
    now, KeyError where the secret is empty.
    """
    return _secret(source) if source.startswith(ARN) else Path(source).read_bytes()


def _secret(arn: str) -> bytes:
    """Raises OSError where Secrets Manager does not answer with it."""
    host, body = _host(), json.dumps({"SecretId": arn}).encode()
    headers = {
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "secretsmanager.GetSecretValue",
    }
    signed = iam.signed_headers("secretsmanager", host=host, headers=headers, body=body)
    metrics.round_trip("secretsmanager")
    connection = HttpConnection("https", host)
    try:
        status, answer, _ = connection.request("POST", "/", body, signed, timeout=TIMEOUT_SECONDS)
    finally:
        connection.close()
    if status != 200:
        raise OSError(f"Secrets Manager answered {status}")
    return str(json.loads(answer)["SecretString"]).encode()


def _host() -> str:
    region = os.environ["AWS_REGION"]
    if os.environ.get("AWS_USE_DUALSTACK_ENDPOINT") == "true":
        return f"secretsmanager.{region}.api.aws"
    return f"secretsmanager.{region}.amazonaws.com"
