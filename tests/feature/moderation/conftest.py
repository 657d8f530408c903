from __future__ import annotations

import pytest

from tests.feature.moderation.ground import Ground, forum
from tests.feature.world import Person, World


@pytest.fixture
async def ground(world: World, ada: Person, grace: Person, eve: Person) -> Ground:
    """A public forum that ada owns and grace moderates; eve is a member."""
    return await forum(world, ada, grace, eve)
