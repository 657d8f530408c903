from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cgraph.core.clock import rfc3339
from cgraph.moderation.bans.models import ImposedBan
from tests.feature.moderated_forum import ModeratedForum, moderation_events, start_forum
from tests.feature.world import Person, World

DRAFT = {"title": "Hello"}


def in_days(days: int) -> str:
    return rfc3339(datetime.now(UTC) + timedelta(days=days))


async def test_a_banned_user_cannot_post_and_is_notified(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    body = {"days": 3, "reason": "spam"}
    banned = await forum.call(grace, "ban_user", body, user_id=eve.id)
    assert banned.status == 200
    assert ImposedBan.model_validate(banned.body).model_dump(mode="json") == banned.body
    assert banned.body.pop("removal") is None
    assert in_days(2) < banned.body["until"] <= in_days(3)
    refused = await eve.call("create_post", DRAFT, slug=forum.slug)
    assert refused.refusal == (403, "not_allowed")
    assert (await forum.call(grace, "list_bans")).body == {"items": [banned.body], "next": None}

    ((type, data),) = await moderation_events(eve)
    assert type == "moderation.banned"
    assert data == {
        "forum": {"id": str(forum.id), "slug": forum.slug},
        "ban": {"until": banned.body["until"], "reason": "spam"},
    }
    assert [entry["action"] for entry in await forum.audit_log()] == ["ban_user"]


async def test_a_ban_without_an_end_is_permanent_and_a_later_ban_replaces_it(
    forum: ModeratedForum, grace: Person, eve: Person
) -> None:
    first = await forum.call(grace, "ban_user", user_id=eve.id)
    assert first.body["until"] is None
    until = in_days(1)
    await forum.call(grace, "ban_user", {"until": until}, user_id=eve.id)
    (banned,) = (await forum.call(grace, "list_bans")).body["items"]
    assert banned["until"] == until


async def test_a_shadow_banned_user_is_not_notified_and_other_readers_see_nothing_of_theirs(
    forum: ModeratedForum, world: World, grace: Person, eve: Person
) -> None:
    banned = await forum.call(grace, "ban_user", {"shadow": True}, user_id=eve.id)
    assert banned.body["shadow"] is True
    post = await eve.call("create_post", DRAFT, slug=forum.slug)
    assert post.status == 201
    stranger = await world.new_person()
    hidden = await stranger.call("show_post", id=post.body["id"])
    assert hidden.refusal == (404, "post_not_found")
    assert (await grace.call("show_post", id=post.body["id"])).status == 200
    await forum.call(grace, "unban_user", user_id=eve.id)
    assert await moderation_events(eve) == []


async def test_a_user_banned_from_a_private_forum_gets_no_further_event(
    ada: Person, grace: Person, eve: Person
) -> None:
    hidden = await start_forum(ada, grace, eve, visibility="private")
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


async def test_only_the_owner_bans_moderators_and_nobody_bans_the_owner_or_themselves(
    forum: ModeratedForum, ada: Person, grace: Person, eve: Person
) -> None:
    for banner, banned, refusal in (
        (grace, ada.id, (403, "higher_rank")),
        (grace, grace.id, (403, "own_case")),
        (ada, ada.id, (403, "own_case")),
        (eve, grace.id, (403, "not_allowed")),
        (grace, str(uuid4()), (404, "user_not_found")),
    ):
        answer = await forum.call(banner, "ban_user", {}, user_id=banned)
        assert answer.refusal == refusal
    other = await forum.world.new_person()
    await forum.join(other, role="moderator")
    refused = await forum.call(grace, "ban_user", {}, user_id=other.id)
    assert refused.refusal == (403, "higher_rank")
    shadow = await forum.call(ada, "ban_user", {"shadow": True}, user_id=other.id)
    assert shadow.refusal == (422, "invalid_ban")
    assert (await forum.call(ada, "ban_user", {}, user_id=other.id)).status == 200
    assert (await forum.call(other, "list_bans")).refusal == (403, "not_allowed")
    assert len(await forum.audit_log()) == 1


@pytest.mark.parametrize(
    "body",
    (
        {"days": 0},
        {"days": 2**63},
        {"days": 1, "until": "2030-01-01T00:00:00Z"},
        {"until": "2030-01-01"},
        {"reason": "x" * 1001},
        {"shadow": "perhaps"},
        {"remove": "month"},
        {"remove": "day", "shadow": True},
    ),
)
async def test_an_invalid_ban_is_refused(
    forum: ModeratedForum, ada: Person, eve: Person, body: object
) -> None:
    refused = await forum.call(ada, "ban_user", body, user_id=eve.id)
    assert refused.refusal == (422, "validation_failed")


async def test_a_ban_cannot_end_in_the_past(
    forum: ModeratedForum, ada: Person, eve: Person
) -> None:
    refused = await forum.call(ada, "ban_user", {"until": in_days(-1)}, user_id=eve.id)
    assert refused.refusal == (422, "invalid_ban")
