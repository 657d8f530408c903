"""The index in Postgres is what the tables say, whatever has happened to them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from tests.feature.conversation import Conversation
from tests.feature.forum import Forum, Thread, new_forum
from tests.feature.search.indexing import index
from tests.feature.world import Person, World
from tests.search_index import differences, indexed, rebuilt


async def assert_follows(world: World, *places: object) -> None:
    """What is in these conversations and forums, and these users."""
    await index(world)
    conninfo, ids = world.endpoints.admin_conninfo, [UUID(str(id)) for id in places]
    difference = differences(await indexed(conninfo, ids), await rebuilt(conninfo, ids))
    assert not difference, difference


async def entry(world: World, type: str, id: object) -> tuple[Any, ...] | None:
    await index(world)
    found = await indexed(world.endpoints.admin_conninfo, [UUID(str(id))])
    if type not in ("forum", "user"):
        found = await indexed(world.endpoints.admin_conninfo)
    return found.get((type, UUID(str(id))))


async def test_messages_are_indexed_as_they_are_written_edited_and_deleted(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = Conversation(world, await ada.converse(grace))
    message, other = [await ada.send(conversation.id, text) for text in ("a kettle", "a cup")]
    await conversation.edit(ada, message, "a teapot")
    await conversation.react(grace, other, "👍")
    await assert_follows(world, conversation.id)
    await conversation.delete(ada, message)

    assert await entry(world, "message", message["id"]) is None
    assert await entry(world, "message", other["id"]) is not None
    await assert_follows(world, conversation.id)


async def test_a_new_user_and_a_new_profile_are_indexed(world: World, ada: Person) -> None:
    assert await entry(world, "user", ada.id) is not None
    await ada.call("change_me", {"display_name": "Countess", "bio": "Notes on engines"})
    found = await entry(world, "user", ada.id)
    assert found is not None and "countess" in found[-1] and "engin" in found[-1]
    await assert_follows(world, ada.id)


async def test_what_moderators_do_is_followed(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    forum, thread, reply = await _discussion(world, ada, grace, eve)
    steps: list[Callable[[], Awaitable[Any]]] = [
        lambda: ada.call("remove_comment", {"reason": "spam"}, id=reply["id"]),
        lambda: ada.call("restore_comment", id=reply["id"]),
        lambda: ada.call("remove_post", {"reason": "spam"}, id=thread.post),
        lambda: ada.call("restore_post", id=thread.post),
        lambda: ada.call("accept_comment", {"comment_id": reply["id"]}, id=thread.post),
        lambda: ada.call("accept_comment", {"comment_id": None}, id=thread.post),
        lambda: grace.call("vote_on_post", {"value": 1}, id=thread.post),
        lambda: ada.call("vote_on_comment", {"value": -1}, id=reply["id"]),
        lambda: forum.change(ada, name="Another name", description="Said better"),
        lambda: forum.call(ada, "ban_user", {"reason": "spam", "remove": "all"}, user_id=grace.id),
        lambda: forum.call(ada, "unban_user", user_id=grace.id, query="restore=true"),
        lambda: grace.call("delete_comment", id=reply["id"]),
    ]
    for step in steps:
        answer = await step()
        assert answer.status < 300, answer
        await assert_follows(world, forum.id)


async def test_what_is_withheld_and_then_shown_is_followed(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    forum, thread, _ = await _discussion(world, ada, grace, eve)
    await forum.call(ada, "ban_user", {"reason": "", "shadow": True}, user_id=grace.id)
    hidden = await thread.comment(grace, "hidden")
    below = await thread.comment(ada, "below", parent_id=hidden["id"])
    deepest = await thread.comment(grace, "deepest", parent_id=below["id"])
    post = await forum.post(grace, title="A hidden post")
    await Thread(world, forum, post["id"]).comment(ada, "under a hidden post")
    await assert_follows(world, forum.id)
    found = await entry(world, "comment", below["id"])
    assert found is not None and found[7] == UUID(grace.id)
    await ada.call("approve_post", id=post["id"])
    await ada.call("approve_comment", id=hidden["id"])
    await assert_follows(world, forum.id)
    found = await entry(world, "comment", below["id"])
    assert found is not None and found[7] is None
    await forum.call(ada, "unban_user", user_id=grace.id)
    await forum.call(ada, "restore_texts", user_id=grace.id)
    await assert_follows(world, forum.id)
    found = await entry(world, "comment", deepest["id"])
    assert found is not None and found[7] is None


async def test_a_moved_post_takes_its_comments_along(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    _, thread, reply = await _discussion(world, ada, grace, eve)
    await thread.insert_comments(30)
    target = await new_forum(ada, visibility="private")
    answer = await ada.call("move_post", {"forum": target.slug}, id=thread.post)
    assert answer.status == 200, answer

    found = await entry(world, "comment", reply["id"])
    assert found is not None and (found[3], found[6]) == (False, UUID(target.id))
    await assert_follows(world, target.id)


async def test_all_of_a_forum_is_hidden_with_it_and_shown_again(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    forum, thread, reply = await _discussion(world, ada, grace, eve)
    others = [await forum.post(ada, title=f"Number {number}") for number in range(60)]
    for number in range(22):
        await thread.comment(ada, f"Comment {number}")
    await eve.call("delete_post", id=thread.post)
    await index(world)
    for visibility, is_public in (("private", False), ("restricted", True)):
        assert (await forum.change(ada, visibility=visibility)).status == 200
        for type, id in (("post", others[0]["id"]), ("comment", reply["id"]), ("forum", forum.id)):
            found = await entry(world, type, id)
            assert found is not None and found[3] is is_public
        await assert_follows(world, forum.id)


async def test_a_hundred_votes_are_one_change(world: World, ada: Person, grace: Person) -> None:
    forum = await new_forum(ada)
    thread = Thread(world, forum, (await forum.post(ada))["id"])
    await index(world)
    for value in (1, 0, -1, 1):
        await thread.vote(grace, value)

    ((waiting,),) = await world.sql(
        "SELECT count(*) FROM changed_scores WHERE id = %s", thread.post
    )
    assert waiting == 1
    found = await entry(world, "post", thread.post)
    assert found is not None and found[2] == 1


async def _discussion(
    world: World, ada: Person, grace: Person, eve: Person
) -> tuple[Forum, Thread, Any]:
    """A forum of ada, a post of eve, and a comment of grace that eve has answered."""
    forum = await new_forum(ada, grace, eve)
    post = await forum.post(eve, title="Which kettle?", body="One with `temperature`.")
    thread = Thread(world, forum, post["id"])
    reply = await thread.comment(grace, "A copper one.")
    await thread.comment(eve, "Indeed.", parent_id=reply["id"])
    return forum, thread, reply
