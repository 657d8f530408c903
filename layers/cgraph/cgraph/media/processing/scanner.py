"""A function that looks for malware, where the installation has one: MediaScanner of template.yaml.

It gets `{"bucket", "key", "version"}`, reads the object and answers `{"clean": true}` or
`{"clean": false}`.
"""

import json

from cgraph.core import metrics
from cgraph.core.settings import settings
from cgraph.media.processing.refusal import FileRefused

TIMEOUT_SECONDS = 50
NO_SCANNER = "none"


class ScannerUnavailable(Exception):
    """It failed or gave no answer. Nothing becomes ready without one."""


def require_clean(key: str, *, version: str | None) -> None:
    """Does nothing where there is no scanner. Raises FileRefused, ScannerUnavailable."""
    function = settings().media_scanner
    if function != NO_SCANNER and not _is_clean(function, key, version):
        raise FileRefused("malware")


def _is_clean(function: str, key: str, version: str | None) -> bool:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    question = {"bucket": settings().media_bucket, "key": key, "version": version}
    metrics.round_trip("lambda")
    config = Config(
        read_timeout=TIMEOUT_SECONDS, connect_timeout=5, retries={"total_max_attempts": 2}
    )
    client = boto3.client("lambda", config=config)
    try:
        answer = client.invoke(FunctionName=function, Payload=json.dumps(question).encode())
        found = json.loads(answer["Payload"].read())
    except (BotoCoreError, ClientError, ValueError) as error:
        raise ScannerUnavailable(str(error)) from error
    if answer.get("FunctionError") or not isinstance(found, dict):
        raise ScannerUnavailable(str(found)[:300])
    if not isinstance(found.get("clean"), bool):
        raise ScannerUnavailable(f"no verdict in {str(found)[:300]}")
    return bool(found["clean"])
