from __future__ import annotations

from tests.feature.forum import new_forum
from tests.feature.world import Person


async def test_a_removed_post_is_read_by_its_author_and_moderators_until_it_is_restored(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada, grace)
    post = await forum.post(grace, title="Rude", tags=["rude"])
    removed = await ada.call("remove_post", {"reason": "spam"}, id=post["id"])
    assert removed.status == 200, removed
    for reader, title in ((ada, "Rude"), (grace, "Rude"), (eve, "")):
        view = (await forum.show_post(reader, post)).body
        assert view["title"] == title and view["removed_at"] is not None
        assert await forum.titles(reader) == []
        assert await forum.titles(reader, "tag=rude") == []
    assert "rude" not in str(await forum.post_events()).lower()
    assert await forum.post_count() == 0
    assert (await forum.edit_post(grace, post, title="Nice")).refusal == (409, "post_deleted")

    restored = await ada.call("restore_post", id=post["id"])
    assert restored.status == 204, restored
    assert await forum.titles(grace) == await forum.titles(grace, "tag=rude") == ["Rude"]
    assert await forum.post_count() == 1
    types = [type for type, _ in await forum.post_events()]
    assert types == ["post.created", "post.removed", "post.restored"]
    await ada.call("remove_post", {"reason": "spam"}, id=post["id"])
    assert (await grace.call("delete_post", id=post["id"])).status == 200
    assert await forum.post_count() == 0
