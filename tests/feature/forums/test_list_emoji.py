"""Emoji of a forum, as everybody sees them who reads it."""

from __future__ import annotations

from tests.feature.emoji import added, names, put
from tests.feature.forum import Forum, new_forum
from tests.feature.uploaded import uploaded
from tests.feature.world import Person, World

IS_DELETED = "SELECT deleted_at IS NOT NULL FROM uploads WHERE id = %s"


async def test_everybody_who_reads_the_forum_sees_its_emoji(
    world: World, ada: Person, eve: Person, forum: Forum
) -> None:
    assert await names(forum, eve) == []
    id = await uploaded(world, ada, purpose="emoji")
    emoji = (await put(forum, ada, "tea_pot", id)).body
    assert (emoji["name"], emoji["created_by"]) == ("tea_pot", ada.id)
    assert emoji["picture"]["url"] == f"https://media.example/public/{id}/original.webp"
    await added(forum, ada, "kettle")

    listed = (await forum.call(eve, "list_emoji")).body["items"]
    assert [each["name"] for each in listed] == ["kettle", "tea_pot"]
    assert listed[1] == emoji


async def test_those_of_a_private_forum_are_hidden(ada: Person, eve: Person) -> None:
    forum = await new_forum(ada)
    await forum.change(ada, visibility="private")
    assert (await forum.call(eve, "list_emoji")).refusal == (404, "forum_not_found")
