import pytest

from tests.feature.notifications.inbox import begin_at_the_end
from tests.feature.world import World


@pytest.fixture(autouse=True)
async def own_events(world: World) -> None:
    await begin_at_the_end(world)
