from __future__ import annotations

from tests.feature.conversation import Conversation
from tests.feature.forum import new_forum, new_thread
from tests.feature.notifications.inbox import follow, kinds, make_notifications
from tests.feature.world import Person, World


async def test_the_default_applies_again(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada)
    await follow(grace, "forum", forum.id)
    for _ in range(2):
        answer = await grace.call("delete_follow", kind="forum", id=forum.id)
        assert answer.status == 204
    await forum.post(ada)
    assert await kinds(grace) == []


async def test_a_conversation_is_unmuted(world: World, ada: Person, grace: Person) -> None:
    group = Conversation(world, await ada.converse(grace, kind="group"))
    await follow(grace, "conversation", group.id, "nothing")
    answer = await grace.call("delete_follow", kind="conversation", id=group.id)
    assert answer.status == 204
    assert not (await group.show(grace))["muted"]


async def test_who_has_written_in_a_post_follows_it_by_default(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    thread = await new_thread(ada)
    await thread.comment(grace)
    await make_notifications(world)
    await follow(grace, "post", thread.post, "nothing")
    await thread.comment(eve)
    assert (await grace.call("delete_follow", kind="post", id=thread.post)).status == 204
    assert await kinds(grace) == []
    await thread.comment(eve)
    assert await kinds(grace) == [("comment", 1)]
