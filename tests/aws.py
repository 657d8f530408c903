"""boto3 clients of the emulator and of the gateway's `@connections`."""

from __future__ import annotations

from typing import Any

import boto3
from botocore.config import Config

from cgraph_local.core.credentials import Credentials
from cgraph_local.template.pseudo_parameters import REGION


def aws_client(service: str, *, url: str, credentials: Credentials) -> Any:
    """It does not try a call again."""
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id=credentials.access_key_id,
        aws_secret_access_key=credentials.secret_access_key,
        config=Config(retries={"total_max_attempts": 1}),
    )
