"""Files of posts: shown with the text, hidden and kept as the text is."""

from __future__ import annotations

from typing import Any

from tests.feature.forum import Forum, new_forum
from tests.feature.uploaded import sees, uploaded
from tests.feature.world import Person, World

IS_DELETED = "SELECT deleted_at IS NOT NULL FROM uploads WHERE id = %s"


async def post(person: Person, forum: Forum, *attachments: object, **fields: Any) -> Any:
    body = {"title": "Kettles", "attachments": list(attachments), **fields}
    return await person.call("create_post", body, slug=forum.slug)


async def test_a_post_and_the_list_show_its_files_with_urls(world: World, ada: Person) -> None:
    forum = await new_forum(ada)
    id = await uploaded(world, ada)
    created = await post(ada, forum, {"id": id, "alt": "A kettle"})
    assert created.status == 201, created
    shown = (await ada.call("show_post", id=created.body["id"])).body
    (listed,) = (await ada.call("list_posts", slug=forum.slug)).body["items"]
    for each in (shown, listed):
        (file,) = each["attachments"]
        assert (file["id"], file["alt"], file["spoiler"]) == (id, "A kettle", False)
        assert file["url"].startswith(f"https://media.example/media/{id}/original.webp?")


async def test_uploads_of_others_and_unready_ones_are_refused(
    world: World, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada)
    of_grace, pending = await uploaded(world, grace), await uploaded(world, ada, status="pending")
    assert (await post(ada, forum, of_grace)).refusal == (404, "upload_not_found")
    assert (await post(ada, forum, pending)).refusal == (409, "upload_not_ready")


async def test_an_edit_changes_alt_texts_also_in_events(world: World, ada: Person) -> None:
    forum = await new_forum(ada)
    id = await uploaded(world, ada)
    created = (await post(ada, forum, {"id": id, "alt": "Secret"})).body
    edit = {"version": 1, "attachments": [{"id": id, "alt": "Public", "spoiler": True}]}
    edited = await ada.call("edit_post", edit, id=created["id"])
    assert edited.body["attachments"][0]["alt"] == "Public", edited
    logged = await world.sql("SELECT payload::text FROM events WHERE stream_id = %s", forum.id)
    assert not [payload for (payload,) in logged if "Secret" in payload]
    again = await ada.call("edit_post", edit, id=created["id"])
    assert again.status == 200, again


async def test_a_removed_post_hides_its_files_and_a_deleted_one_frees_them(
    world: World, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada)
    id = await uploaded(world, grace)
    created = (await post(grace, forum, id)).body
    eve = await world.new_person("eve")
    assert await sees(eve, id)
    removed = await ada.call("remove_post", {"reason": "No"}, id=created["id"])
    assert removed.status == 200, removed
    assert not await sees(eve, id)
    assert await sees(ada, id), "moderators judge it"
    assert (await eve.call("show_post", id=created["id"])).body["attachments"] == []
    await grace.call("delete_post", id=created["id"])
    assert await world.sql(IS_DELETED, id) == [(True,)]
    assert not await sees(grace, id)
