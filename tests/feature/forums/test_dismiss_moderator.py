from __future__ import annotations

from tests.feature.forum import new_forum
from tests.feature.world import Person


async def test_only_the_owner_dismisses_moderators(ada: Person, grace: Person, eve: Person) -> None:
    forum = await new_forum(ada)
    await forum.appoint(ada, grace)
    assert (await forum.dismiss(grace, grace)).refusal == (403, "not_allowed")
    assert (await forum.dismiss(ada, eve)).refusal == (404, "member_not_found")
    assert (await forum.dismiss(ada, ada)).refusal == (409, "ownership_transfer_required")
    assert (await forum.dismiss(ada, grace)).status == 204
    assert await forum.roles(eve) == {"ada": "owner", "grace": "member"}
    assert [(kind, data["member"]["role"]) for kind, data in await forum.events()] == [
        ("membership.added", "moderator"),
        ("membership.updated", "member"),
    ]
