from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cgraph.core.clock import rfc3339
from cgraph.moderation.bans.models import Ban
from tests.feature.moderation.ground import Ground, forum, told
from tests.feature.world import Person, World

DRAFT = {"title": "Hello"}


def in_days(days: int) -> str:
    return rfc3339(datetime.now(UTC) + timedelta(days=days))


async def test_banned_for_a_time_and_unbanned(
    ground: Ground, world: World, grace: Person, eve: Person
) -> None:
    body = {"days": 3, "reason": "spam"}
    banned = await ground.call(grace, "ban_user", body, user_id=eve.id)
    assert banned.status == 200
    assert Ban.model_validate(banned.body).model_dump(mode="json") == banned.body
    assert in_days(2) < banned.body["until"] <= in_days(3)
    refused = await eve.call("create_post", DRAFT, slug=ground.slug)
    assert refused.refusal == (403, "not_allowed")
    assert (await ground.call(grace, "list_bans")).body == {"items": [banned.body], "next": None}

    for _ in range(2):
        answer = await ground.call(grace, "unban_user", user_id=eve.id)
        assert answer.status == 204
    assert (await eve.call("create_post", DRAFT, slug=ground.slug)).status == 201
    (first, ban), (second, _) = await told(world, eve)
    assert (first, second) == ("moderation.banned", "moderation.unbanned")
    assert ban == {
        "forum": {"id": str(ground.id), "slug": ground.slug},
        "ban": {"until": banned.body["until"], "reason": "spam"},
    }
    assert [entry["action"] for entry in await ground.audited()] == ["ban_user", "unban_user"]


async def test_for_ever_until_another_takes_its_place(
    ground: Ground, grace: Person, eve: Person
) -> None:
    first = await ground.call(grace, "ban_user", user_id=eve.id)
    assert first.body["until"] is None
    until = in_days(1)
    await ground.call(grace, "ban_user", {"until": until}, user_id=eve.id)
    (banned,) = (await ground.call(grace, "list_bans")).body["items"]
    assert banned["until"] == until


async def test_in_the_shadow_they_hear_nothing(
    ground: Ground, world: World, grace: Person, eve: Person
) -> None:
    banned = await ground.call(grace, "ban_user", {"shadow": True}, user_id=eve.id)
    assert banned.body["shadow"] is True
    post = await eve.call("create_post", DRAFT, slug=ground.slug)
    assert post.status == 201
    stranger = await world.new_person()
    hidden = await stranger.call("show_post", id=post.body["id"])
    assert hidden.refusal == (404, "post_not_found")
    assert (await grace.call("show_post", id=post.body["id"])).status == 200
    await ground.call(grace, "unban_user", user_id=eve.id)
    assert await told(world, eve) == []


async def test_a_private_forum_is_gone_for_them(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    hidden = await forum(world, ada, grace, eve, visibility="private")
    socket = await eve.open_socket()
    stream = f"forum:{hidden.id}"
    await socket.say("hello")
    await socket.say("subscribe", {"streams": [stream]})
    await hidden.call(grace, "ban_user", {}, user_id=eve.id)
    socket.received()
    assert (await grace.call("create_post", DRAFT, slug=hidden.slug)).status == 201
    assert socket.received() == []
    synced = (await eve.call("sync_streams", {"cursors": {stream: 0}})).body
    assert synced["streams"][stream] == {"gone": True}


async def test_who_may_ban_whom(ground: Ground, ada: Person, grace: Person, eve: Person) -> None:
    for banner, banned, refusal in (
        (grace, ada.id, (422, "invalid_ban")),
        (grace, grace.id, (422, "invalid_ban")),
        (ada, ada.id, (422, "invalid_ban")),
        (eve, grace.id, (403, "not_allowed")),
        (grace, str(uuid4()), (404, "user_not_found")),
    ):
        answer = await ground.call(banner, "ban_user", {}, user_id=banned)
        assert answer.refusal == refusal
    other = await ground.world.new_person()
    await ground.join(other, role="moderator")
    refused = await ground.call(grace, "ban_user", {}, user_id=other.id)
    assert refused.refusal == (403, "not_allowed")
    shadow = await ground.call(ada, "ban_user", {"shadow": True}, user_id=other.id)
    assert shadow.refusal == (422, "invalid_ban")
    assert (await ground.call(ada, "ban_user", {}, user_id=other.id)).status == 200
    assert (await ground.call(other, "list_bans")).refusal == (403, "not_allowed")
    refused = await ground.call(grace, "unban_user", user_id=other.id)
    assert refused.refusal == (403, "not_allowed")
    assert (await ground.call(eve, "list_bans")).refusal == (403, "not_allowed")
    assert len(await ground.audited()) == 1


@pytest.mark.parametrize(
    "body",
    (
        {"days": 0},
        {"days": 2**63},
        {"days": 1, "until": "2030-01-01T00:00:00Z"},
        {"until": "2030-01-01"},
        {"reason": "x" * 1001},
        {"shadow": "perhaps"},
    ),
)
async def test_bad_bans(ground: Ground, ada: Person, eve: Person, body: object) -> None:
    refused = await ground.call(ada, "ban_user", body, user_id=eve.id)
    assert refused.refusal == (422, "validation_failed")


async def test_none_that_is_over_already(ground: Ground, ada: Person, eve: Person) -> None:
    refused = await ground.call(ada, "ban_user", {"until": in_days(-1)}, user_id=eve.id)
    assert refused.refusal == (422, "invalid_ban")


async def test_in_pages(ground: Ground, world: World, ada: Person) -> None:
    people = [await world.new_person() for _ in range(3)]
    for person in people:
        await ground.call(ada, "ban_user", {}, user_id=person.id)
    await world.sql("UPDATE forum_bans SET until = now() WHERE user_id = %s", people[1].id)
    page = (await ground.call(ada, "list_bans", query="limit=1")).body
    rest = (await ground.call(ada, "list_bans", query=f"limit=1&cursor={page['next']}")).body
    listed = [ban["user"]["id"] for ban in page["items"] + rest["items"]]
    assert (listed, rest["next"]) == ([people[2].id, people[0].id], None)
