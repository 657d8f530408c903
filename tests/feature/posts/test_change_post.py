from __future__ import annotations

import asyncio

import pytest

from cgraph.forums.posts.models import Post, PostVersion
from tests.feature.posts.board import board, own_stream
from tests.feature.world import Person


async def test_edited_once_from_each_version(ada: Person, grace: Person) -> None:
    place = await board(ada, grace)
    post = await place.post(grace, body="For filter.", tags=["gear"])
    first = await place.edit(grace, post, body="For *espresso*.", title="Grinder?")
    again = await place.edit(grace, post, body="For *espresso*.", title="Grinder?")
    assert first.status == again.status == 200
    assert again.headers["idempotent-replayed"] == "true"
    assert first.body == again.body and first.body["version"] == 2
    assert first.body["body_html"] == "<p>For <em>espresso</em>.</p>\n"
    assert (first.body["tags"], first.body["head"]) == (["gear"], 1)

    assert (await place.edit(grace, post, title="Other")).refusal == (409, "stale_version")
    assert (await place.edit(ada, post, title="Mine")).refusal == (403, "not_allowed")
    types = [type for type, _ in await place.events()]
    assert types == ["post.created", "post.updated"]
    ((type, data),) = await own_stream(ada.world, post)
    assert (type, data["post"]["title"]) == ("post.updated", "Grinder?")
    assert Post.model_validate(data["post"]).model_dump(mode="json") == data["post"]


async def test_of_edits_at_once_one_wins(ada: Person) -> None:
    place = await board(ada)
    post = await place.post(ada)
    answers = await asyncio.gather(
        *(place.edit(ada, post, title=f"title {n}", many=True) for n in range(6))
    )
    assert sorted(answer.status for answer in answers) == [200] + [409] * 5


async def test_an_edit_that_changes_nothing(ada: Person) -> None:
    place = await board(ada)
    post = await place.post(ada)
    assert (await place.edit(ada, post)).body == post
    assert len(await place.events()) == 1


async def test_its_history(ada: Person, grace: Person, eve: Person) -> None:
    place = await board(ada, grace, visibility="private")
    post = await place.post(grace, title="One", body="First.")
    for title in ("Two", "Three"):
        post = (await place.edit(grace, post, title=title)).body
    page = await ada.call("list_versions", id=post["id"], query="limit=1")
    (last,) = page.body["items"]
    assert (last["version"], last["title"], last["body"]) == (2, "Two", "First.")
    assert PostVersion.model_validate(last).model_dump(mode="json") == last
    query = f"cursor={page.body['next']}"
    rest = await ada.call("list_versions", id=post["id"], query=query)
    assert [each["title"] for each in rest.body["items"]] == ["One"]
    assert rest.body["next"] is None
    hidden = await eve.call("list_versions", id=post["id"])
    assert hidden.refusal == (404, "post_not_found")
    bad = await ada.call("list_versions", id=post["id"], query="cursor=bad")
    assert bad.refusal == (400, "invalid_cursor")


async def test_what_is_deleted_says_nothing(ada: Person, grace: Person) -> None:
    place = await board(ada, grace)
    options = {"options": ["a secret", "b"]}
    post = await place.post(grace, title="A secret", kind="poll", poll=options, tags=["secret"])
    post = (await place.edit(grace, post, body="More secret")).body
    assert (await ada.call("delete_post", id=post["id"])).refusal == (403, "not_allowed")
    for _ in range(2):
        gone = await grace.call("delete_post", id=post["id"])
        assert gone.status == 200, gone
        assert gone.body["deleted_at"] is not None
    assert Post.model_validate(gone.body).model_dump(mode="json") == gone.body
    for told in (gone.body, await place.events(), await own_stream(ada.world, post)):
        assert "secret" not in str(told).lower()
    assert [type for type, _ in await place.events()][-1] == "post.deleted"
    assert await place.counted() == 0
    for sort in ("hot", "new", "top", "rising", "controversial"):
        assert await place.titles(grace, f"sort={sort}") == []
    assert await place.titles(grace, "tag=secret") == []
    versions = await grace.call("list_versions", id=post["id"])
    assert versions.body == {"items": [], "next": None}
    assert (await place.edit(grace, gone.body, title="Back")).refusal == (409, "post_deleted")
    rows = await ada.world.sql("SELECT label FROM poll_options WHERE post_id = %s", post["id"])
    assert rows == []


async def test_what_is_removed_is_for_moderators_until_restored(ada: Person, grace: Person) -> None:
    place = await board(ada, grace)
    post = await place.post(grace, title="Rude", tags=["rude"])
    removed = await ada.call("remove_post", {"reason": "spam"}, id=post["id"])
    assert removed.status == 200, removed
    for reader, title in ((ada, "Rude"), (grace, "")):
        shown = (await place.show(reader, post)).body
        assert shown["title"] == title and shown["removed_at"] is not None
        assert await place.titles(reader) == []
        assert await place.titles(reader, "tag=rude") == []
    assert "rude" not in str(await place.events()).lower()
    assert await place.counted() == 0
    assert (await place.edit(grace, post, title="Nice")).refusal == (409, "post_deleted")

    restored = await ada.call("restore_post", id=post["id"])
    assert restored.status == 204, restored
    assert await place.titles(grace) == await place.titles(grace, "tag=rude") == ["Rude"]
    assert await place.counted() == 1
    types = [type for type, _ in await place.events()]
    assert types == ["post.created", "post.removed", "post.restored"]
    await ada.call("remove_post", {"reason": "spam"}, id=post["id"])
    assert (await grace.call("delete_post", id=post["id"])).status == 200
    assert await place.counted() == 0


@pytest.mark.parametrize(
    "edit", [{"version": 0}, {"version": 2**31}, {"title": " "}, {"body": "\0"}, {"tags": ["\0"]}]
)
async def test_bad_edits(ada: Person, edit: dict[str, object]) -> None:
    answer = await ada.call("edit_post", {"version": 1, **edit}, id=ada.id)
    assert answer.refusal == (422, "validation_failed")
    there = await ada.call("edit_post", {"version": 1}, id=ada.id)
    assert there.refusal == (404, "post_not_found")
