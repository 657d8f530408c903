from __future__ import annotations

from tests.feature.forum import new_forum
from tests.feature.world import Person


async def test_the_owner_leaves_only_after_a_transfer(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada)
    assert (await forum.leave(ada)).refusal == (409, "ownership_transfer_required")
    await forum.appoint(ada, grace, role="owner")
    assert (await forum.leave(ada)).status == 204
    assert await forum.roles(grace) == {"grace": "owner"}
