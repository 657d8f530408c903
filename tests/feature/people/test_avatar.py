"""The pictures of users: taken from their uploads, shown wherever they are, and public."""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.feature.forum import new_forum
from tests.feature.uploaded import uploaded
from tests.feature.world import Person, World

IS_DELETED = "SELECT deleted_at IS NOT NULL FROM uploads WHERE id = %s"


def url(id: str, name: str = "original.webp") -> str:
    return f"https://media.example/public/{id}/{name}"


async def with_avatar(world: World, person: Person) -> str:
    id = await uploaded(world, person, purpose="avatar")
    answer = await person.call("change_me", {"avatar": id})
    assert answer.status == 200, answer
    return id


async def test_an_avatar_is_shown_with_urls_that_need_no_signature(
    world: World, ada: Person, grace: Person
) -> None:
    id = await uploaded(world, ada, purpose="avatar")
    changed = (await ada.call("change_me", {"avatar": id})).body

    avatar = changed["avatar"]
    assert (avatar["id"], avatar["url"], avatar["width"]) == (id, url(id), 640)
    assert [each["url"] for each in avatar["thumbnails"]] == [url(id, "w320.webp")]
    own = (await ada.call("show_me")).body
    seen = (await grace.call("show_user", username=ada.username)).body
    by_id = (await grace.call("show_user_by_id", id=ada.id)).body
    assert own["avatar"] == seen["avatar"] == by_id["avatar"] == avatar
    assert (await grace.call("show_me")).body["avatar"] is None
    asked = await grace.call("sign_uploads", {"uploads": [id]})
    assert [each["url"] for each in asked.body["items"]] == [url(id)]


async def test_lists_and_texts_show_the_avatar(world: World, ada: Person, grace: Person) -> None:
    id = await with_avatar(world, ada)
    forum = await new_forum(ada)
    post = (await ada.call("create_post", {"title": "Tea"}, slug=forum.slug)).body
    comment = await ada.call("create_comment", {"body": "Hot"}, id=post["id"])
    assert comment.status == 201
    conversation = await ada.converse(grace)
    members = (await grace.call("list_members", id=conversation)).body["items"]
    of_forum = (await grace.call("list_forum_members", slug=forum.slug)).body["items"]
    posts = (await grace.call("list_posts", slug=forum.slug)).body["items"]
    comments = (await grace.call("list_comments", id=post["id"])).body["items"]
    await grace.call("block_user", user_id=ada.id)
    blocks = (await grace.call("list_blocks")).body["items"]

    authors = [posts[0]["author"], comments[0]["author"]]
    users = [*(each for each in members if each["id"] == ada.id), *of_forum, *authors, *blocks]
    assert [each["avatar"]["url"] for each in users] == [url(id)] * 5
    (conversations,) = (await grace.call("list_conversations")).body["items"]
    avatars = {each["id"]: each["avatar"] for each in conversations["members"]}
    assert avatars[grace.id] is None
    assert avatars[ada.id]["path"] == f"public/{id}/original.webp"


async def test_devices_and_new_sockets_get_the_avatar(world: World, ada: Person) -> None:
    socket = await ada.open_socket()
    await socket.say("hello")
    id = await with_avatar(world, ada)

    (event,) = socket.received()
    avatar = event["data"]["user"]["avatar"]
    assert (event["event"], avatar["id"], avatar["url"]) == ("user.updated", id, None)
    caught_up = await ada.call("sync_streams", {"cursors": {f"user:{ada.id}": 0}})
    assert caught_up.body["streams"][f"user:{ada.id}"]["events"] == [event]
    hello = await (await ada.open_socket()).say("hello")
    assert hello["data"]["user"]["avatar"]["url"] == url(id)


async def test_an_avatar_that_is_replaced_or_removed_is_freed(world: World, ada: Person) -> None:
    first, second = [await with_avatar(world, ada) for _ in range(2)]
    assert await world.sql(IS_DELETED, first) == [(True,)]
    assert (await ada.call("delete_upload", id=second)).refusal == (409, "upload_in_use")
    kept = (await ada.call("change_me", {"bio": "Counts."})).body
    assert kept["avatar"]["id"] == second
    removed = (await ada.call("change_me", {"avatar": None})).body
    assert (removed["avatar"], removed["bio"]) == (None, "Counts.")
    assert await world.sql(IS_DELETED, second) == [(True,)]
    gone = await ada.call("change_me", {"avatar": second})
    assert gone.refusal == (404, "upload_not_found")


async def test_the_same_avatar_again_stays(world: World, ada: Person) -> None:
    id = await with_avatar(world, ada)
    again = await ada.call("change_me", {"avatar": id})
    assert (again.status, again.body["avatar"]["id"]) == (200, id)
    assert await world.sql(IS_DELETED, id) == [(False,)]


@pytest.mark.parametrize("purpose", ["attachment", "icon", "banner", "emoji"])
async def test_an_upload_for_something_else_is_no_avatar(
    world: World, ada: Person, purpose: str
) -> None:
    id = await uploaded(world, ada, purpose=purpose)
    answer = await ada.call("change_me", {"avatar": id, "bio": "Changed"})
    assert answer.refusal == (404, "upload_not_found")
    me = (await ada.call("show_me")).body
    assert (me["avatar"], me["bio"]) == (None, "")


async def test_uploads_of_others_and_unready_ones_are_no_avatar(
    world: World, ada: Person, grace: Person
) -> None:
    of_grace = await uploaded(world, grace, purpose="avatar")
    refused = await uploaded(world, ada, purpose="avatar", status="refused")
    for id in (of_grace, refused, str(uuid4())):
        answer = await ada.call("change_me", {"avatar": id})
        assert answer.refusal == (404, "upload_not_found")
    pending = await uploaded(world, ada, purpose="avatar", status="pending")
    answer = await ada.call("change_me", {"avatar": pending})
    assert answer.refusal == (409, "upload_not_ready")
    assert (await ada.call("change_me", {"avatar": "tea"})).refusal == (422, "validation_failed")
    assert (await ada.call("show_me")).body["avatar"] is None
