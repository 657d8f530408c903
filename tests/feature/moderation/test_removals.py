from __future__ import annotations

import json
from typing import Any

from cgraph.moderation.removals.models import Removal
from tests.feature.moderation.ground import Ground, told
from tests.feature.world import Person, World


async def events(world: World, stream: object) -> list[Any]:
    return await world.sql(
        "SELECT type, payload FROM events WHERE stream_id = %s ORDER BY seq", stream
    )


async def listed(ground: Ground, post: str) -> tuple[int, int]:
    """How many posts the forum counts, and how many ranks this one has."""
    ((count, ranks),) = await ground.world.sql(
        """
        SELECT post_count, (SELECT count(*) FROM post_ranks WHERE post_id = %s)
        FROM forums WHERE id = %s
        """,
        post,
        ground.id,
    )
    return count, ranks


async def test_a_post_removed_and_restored(
    ground: Ground, world: World, grace: Person, eve: Person
) -> None:
    post = await ground.post(eve, title="A secret")
    socket = await eve.open_socket()
    await socket.say("hello")
    removed = await grace.call("remove_post", {"reason": "off topic"}, id=post)
    assert removed.status == 200
    assert Removal.model_validate(removed.body).model_dump(mode="json") == removed.body
    again = await grace.call("remove_post", {"reason": "again"}, id=post)
    assert again.body == removed.body
    assert await listed(ground, post) == (0, 0)
    for stream in (ground.id, post):
        ((type, data),) = await events(world, stream)
        assert type == "post.removed"
        assert (data["post"]["removed_at"], data["post"]["title"]) == (
            removed.body["removed_at"],
            "",
        )
    (frame,) = socket.received()
    assert (frame["event"], frame["data"]["reason"]) == ("moderation.removed", "off topic")

    for _ in range(2):
        assert (await grace.call("restore_post", id=post)).status == 204
    assert await listed(ground, post) == (1, 1)
    assert (await events(world, ground.id))[1][1]["post"]["title"] == "A secret"
    types = [type for type, _ in await told(world, eve)]
    assert types == ["moderation.removed", "moderation.restored"]
    assert [entry["action"] for entry in await ground.audited()] == ["remove_post", "restore_post"]


async def test_a_comment_keeps_its_place(
    ground: Ground, world: World, grace: Person, eve: Person
) -> None:
    post = await ground.post(grace)
    comment = await ground.comment(eve, under=post)
    await world.sql(
        """
        INSERT INTO events (stream_id, seq, type, payload, created_at)
        SELECT %s, 0, 'comment.created',
               jsonb_build_object('comment', comment_json(c, NULL, false)), now()
        FROM comments c WHERE id = %s
        """,
        post,
        comment,
    )
    answer = await grace.call("remove_comment", id=comment)
    assert answer.body["target"] == {"kind": "comment", "id": comment}
    logged = await events(world, post)
    assert [type for type, _ in logged] == ["comment.created", "comment.updated"]
    assert "A word" not in json.dumps(logged), "the text leaves the log too"
    tree = (await grace.call("list_comments", id=post)).body
    assert [item["id"] for item in tree["items"]] == [comment]
    assert await events(world, ground.id) == []

    assert (await grace.call("restore_comment", id=comment)).status == 204
    assert (await events(world, post))[-1][1]["comment"]["body"] == "A word"


async def test_of_the_shadowed_nobody_hears(
    ground: Ground, world: World, grace: Person, eve: Person
) -> None:
    post = await ground.post(eve, shadowed=True)
    assert (await grace.call("remove_post", id=post)).status == 200
    assert (await grace.call("restore_post", id=post)).status == 204
    assert await events(world, post) == await events(world, ground.id) == []
    assert await listed(ground, post) == (0, 1)


async def test_what_cannot_be_removed(
    ground: Ground, world: World, grace: Person, eve: Person
) -> None:
    post = await ground.post(eve)
    comment = await ground.comment(eve, under=post)
    stranger = await world.new_person()
    for function in ("remove_post", "restore_post"):
        for person in (eve, stranger):
            answer = await person.call(function, id=post)
            assert answer.refusal == (403, "not_allowed")
        missing = await grace.call(function, id=comment)
        assert missing.refusal == (404, "post_not_found")
    missing = await grace.call("remove_comment", id=post)
    assert missing.refusal == (404, "comment_not_found")
    await world.sql("UPDATE posts SET deleted_at = now() WHERE id = %s", post)
    await world.sql("UPDATE comments SET deleted_at = now() WHERE id = %s", comment)
    assert (await grace.call("remove_post", id=post)).refusal[1] == "post_deleted"
    gone = await grace.call("remove_comment", id=comment)
    assert gone.refusal == (409, "comment_deleted")
    for bad in ({"reason": "x" * 1001}, {"reason": 1}):
        answer = await grace.call("remove_post", bad, id=post)
        assert answer.refusal == (422, "validation_failed")
