from __future__ import annotations

import pytest

from tests.feature.forum import Forum, new_moderated_forum
from tests.feature.world import Person


@pytest.fixture
async def forum(ada: Person, grace: Person, eve: Person) -> Forum:
    """A public forum that ada owns and grace moderates; eve is a member."""
    return await new_moderated_forum(ada, grace, eve)
