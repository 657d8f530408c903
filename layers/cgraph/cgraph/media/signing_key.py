"""The private key that signs URLs: a secret on AWS, a file of the local cloud. Read once by each
execution environment.
"""

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from cgraph.core import iam, metrics
from cgraph.core.http_connection import HttpConnection
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.media.signatures import load_private_key

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

TIMEOUT_SECONDS = 2
PAUSE_SECONDS = 10
"""After a failure nobody asks again for this long."""

ARN = "arn:"

_key: "RSAPrivateKey | None" = None
_pause_until = 0.0


class SigningKeyUnavailable(Exception):
    """The key cannot be read now, or there is none in the secret yet."""


def is_configured() -> bool:
    """Whether this stage serves media: it has a key, and so a distribution."""
    return bool(settings().media_url and settings().media_key_id)


def signing_key() -> "RSAPrivateKey":
    """Raises SigningKeyUnavailable."""
    global _key, _pause_until
    if _key is not None:
        return _key
    if time.monotonic() < _pause_until:
        raise SigningKeyUnavailable("it could not be read a moment ago")
    try:
        _key = load_private_key(_read(settings().media_signing_key))
    except (OSError, ValueError, KeyError) as error:
        _pause_until = time.monotonic() + PAUSE_SECONDS
        metrics.count("media.key_unavailable")
        reason = type(error).__name__  # never the text, which could have the key
        logger.error("media_key_unavailable", extra={"reason": reason})
        raise SigningKeyUnavailable(reason) from None
    return _key


def reset() -> None:
    """Forgets the key, for tests."""
    global _key, _pause_until
    _key, _pause_until = None, 0.0


def _read(source: str) -> bytes:
    """`source`: the secret's ARN, or the path of a file."""
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
