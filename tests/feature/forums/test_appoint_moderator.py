from __future__ import annotations

import asyncio

from tests.feature.forum import new_forum
from tests.feature.world import Person

NOT_ALLOWED = (403, "not_allowed")


async def test_only_the_owner_appoints_moderators(ada: Person, grace: Person, eve: Person) -> None:
    forum = await new_forum(ada)
    appointed = await forum.appoint(ada, grace)
    assert (appointed.status, appointed.body["role"]) == (200, "moderator")
    assert (await forum.appoint(ada, grace, role="moderator")).body == appointed.body
    assert (await forum.appoint(grace, eve)).refusal == NOT_ALLOWED
    assert (await forum.appoint(ada, ada)).refusal == (409, "ownership_transfer_required")
    assert (await forum.appoint(ada, eve, role="member")).refusal == (422, "validation_failed")
    assert await forum.roles(eve) == {"ada": "owner", "grace": "moderator"}
    assert await forum.events() == [("membership.added", {"member": appointed.body})]


async def test_the_owner_transfers_the_forum(ada: Person, grace: Person, eve: Person) -> None:
    forum = await new_forum(ada, grace)
    assert (await forum.appoint(ada, ada, role="owner")).body["role"] == "owner"
    assert (await forum.appoint(ada, grace, role="owner")).body["role"] == "owner"
    assert await forum.roles(eve) == {"ada": "moderator", "grace": "owner"}
    assert (await forum.appoint(ada, eve, role="owner")).refusal == NOT_ALLOWED
    assert (await forum.change(grace, name="Hers")).status == 200


async def test_of_two_transfers_at_once_one_succeeds(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada, grace, eve)
    answers = await asyncio.gather(
        *(forum.appoint(ada, user, role="owner", many=True) for user in (grace, eve))
    )
    assert sorted(answer.status for answer in answers) == [200, 403]
    roles = sorted((await forum.roles(ada)).values())
    assert roles == ["member", "moderator", "owner"]
