"""The bucket of the files, as infra/media.yaml makes it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws import aws_client
from tests.feature.world import World

BUCKET = "cgraph-media"


@pytest.fixture(scope="session", autouse=True)
def s3(world: World) -> Any:
    client = aws_client(
        "s3", url=world.endpoints.emulator_url, credentials=world.endpoints.credentials
    )
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client
