from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.aws import aws_client
from tests.feature.imports.importing import Importing
from tests.feature.uploads.files import BUCKET
from tests.feature.world import World


@pytest.fixture
def importing(world: World, tmp_path: Path) -> Importing:
    return Importing(world, tmp_path / "report.jsonl")


@pytest.fixture
def slug() -> str:
    return f"tea-{uuid4().hex[:8]}"


@pytest.fixture(scope="session")
def s3(world: World) -> Any:
    """With the bucket of the files."""
    endpoints = world.endpoints
    client = aws_client("s3", url=endpoints.emulator_url, credentials=endpoints.credentials)
    client.create_bucket(Bucket=BUCKET)
    client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    return client
