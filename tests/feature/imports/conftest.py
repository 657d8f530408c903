from pathlib import Path
from uuid import uuid4

import pytest

from tests.feature.imports.importing import Importing
from tests.feature.world import World


@pytest.fixture
def importing(world: World, tmp_path: Path) -> Importing:
    return Importing(world, tmp_path / "report.jsonl")


@pytest.fixture
def slug() -> str:
    return f"tea-{uuid4().hex[:8]}"
