from __future__ import annotations

from typing import Any

import pytest

from tests.feature.moderated_forum import ModeratedForum, start_forum
from tests.feature.world import Person


@pytest.fixture
async def forum(ada: Person, grace: Person, eve: Person) -> ModeratedForum:
    """A public forum that ada owns and grace moderates; eve is a member."""
    return await start_forum(ada, grace, eve)


@pytest.fixture
async def case(forum: ModeratedForum, eve: Person) -> Any:
    """An open case about a post of eve's, with one report."""
    return await forum.new_case(eve, reason="harassment")
