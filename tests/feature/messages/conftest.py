"""Conversations and messages that the tests of this folder begin with."""

from __future__ import annotations

from typing import Any

import pytest

from tests.feature.conversation import Conversation, start_direct, start_group
from tests.feature.world import Person


@pytest.fixture
async def direct(ada: Person, grace: Person) -> Conversation:
    return await start_direct(ada, grace)


@pytest.fixture
async def group(ada: Person, grace: Person) -> Conversation:
    """Ada is the owner."""
    return await start_group(ada, grace)


@pytest.fixture
async def message(ada: Person, direct: Conversation) -> Any:
    """Of Ada, in the direct conversation."""
    return await ada.send(direct.id, "hi")
