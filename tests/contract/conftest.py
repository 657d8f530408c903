"""AWS, as far as a test lists its answers."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.contract.stubbed_aws import StubbedAws, stubbed_aws


@pytest.fixture
def aws() -> Iterator[StubbedAws]:
    with stubbed_aws() as stubbed:
        yield stubbed
