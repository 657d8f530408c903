"""Messages, posts and comments are found by the names, texts and kinds of their files."""

from __future__ import annotations

from uuid import uuid4

from tests.feature.forum import new_forum
from tests.feature.search.indexing import index
from tests.feature.search.test_search_documents import found
from tests.feature.uploaded import uploaded
from tests.feature.world import Person, World


async def test_names_and_alt_texts_of_files_are_searched(
    world: World, ada: Person, grace: Person
) -> None:
    name, alt = f"n{uuid4().hex[:10]}", f"a{uuid4().hex[:10]}"
    conversation, forum = await ada.converse(grace), await new_forum(grace)
    file = await uploaded(world, ada, filename=f"{name}.png")
    message = await ada.send(conversation, "", attachments=[{"id": file, "alt": f"An {alt}"}])
    body = {"title": "Look", "attachments": [{"id": file, "alt": alt}]}
    post = (await ada.call("create_post", body, slug=forum.slug)).body
    reply = {"body": "", "attachments": [{"id": file, "alt": alt}]}
    comment = (await ada.call("create_comment", reply, id=post["id"])).body
    await index(world)
    for words in (name, alt, f"{alt} has:image", f"{name} has:attachment"):
        assert set(await found(grace, words)) == {
            message["id"],
            post["id"],
            comment["id"],
        }, words
    assert await found(grace, f"{name} has:video") == []
    deleted = await ada.call("delete_message", id=message["id"])
    removed = await grace.call("remove_post", {"reason": "No"}, id=post["id"])
    assert (deleted.status, removed.status) == (200, 200), (deleted, removed)
    await ada.call("delete_comment", id=comment["id"])
    await index(world)
    assert await found(grace, name) == []
