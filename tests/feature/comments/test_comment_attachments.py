"""Files of comments: shown with the text, hidden and kept as the text is."""

from __future__ import annotations

from typing import Any

from tests.feature.forum import Forum, new_forum
from tests.feature.uploaded import sees, uploaded
from tests.feature.world import Person, World

UPLOAD_IS_DELETED = "SELECT deleted_at IS NOT NULL FROM uploads WHERE id = %s"
REMOVAL_DUE = "UPDATE comments SET removed_at = removed_at - interval '2 days' WHERE id = %s"
PRUNING = "SELECT prune_comment(%s, now())"


async def new_post(person: Person, forum: Forum) -> str:
    answer = await person.call("create_post", {"title": "Kettles"}, slug=forum.slug)
    return str(answer.body["id"])


async def comment(person: Person, post_id: str, *attachments: object, **fields: Any) -> Any:
    body = {"body": "Look", "attachments": list(attachments), **fields}
    return await person.call("create_comment", body, id=post_id)


async def test_the_tree_and_the_comment_show_its_files_with_urls(world: World, ada: Person) -> None:
    post_id = await new_post(ada, await new_forum(ada))
    first, second = await uploaded(world, ada), await uploaded(world, ada)
    created = await comment(ada, post_id, {"id": second, "alt": "A kettle", "spoiler": True}, first)
    assert created.status == 201, created
    shown = (await ada.call("show_comment", id=created.body["id"])).body
    reply = await comment(ada, post_id, parent_id=created.body["id"])
    above = (await ada.call("show_comment", id=reply.body["id"])).body["ancestors"][0]
    (listed,) = (await ada.call("list_comments", id=post_id)).body["items"]
    for each in (shown, listed, above):
        described, plain = each["attachments"]
        assert (described["id"], described["alt"], described["spoiler"]) == (
            second,
            "A kettle",
            True,
        )
        assert (plain["id"], plain["alt"], plain["spoiler"]) == (first, "", False)
        assert plain["url"].startswith(f"https://media.example/media/{first}/original.webp?")


async def test_a_comment_needs_a_text_or_a_file(world: World, ada: Person) -> None:
    post_id = await new_post(ada, await new_forum(ada))
    assert (await comment(ada, post_id, body=" ")).refusal == (422, "validation_failed")
    id = await uploaded(world, ada)
    created = await comment(ada, post_id, id, body="")
    assert (created.status, created.body["body"]) == (201, ""), created
    described = await ada.call(
        "edit_comment",
        {"version": 1, "attachments": [{"id": id, "alt": "A kettle"}]},
        id=created.body["id"],
    )
    assert described.body["attachments"][0]["alt"] == "A kettle", described
    text_only = (await comment(ada, post_id)).body["id"]
    blank = await ada.call("edit_comment", {"version": 1, "body": ""}, id=text_only)
    assert blank.refusal == (422, "validation_failed")


async def test_uploads_of_others_and_unready_ones_are_refused(
    world: World, ada: Person, grace: Person
) -> None:
    post_id = await new_post(ada, await new_forum(ada))
    of_grace, pending = await uploaded(world, grace), await uploaded(world, ada, status="pending")
    nonce = {"nonce": "tried-before"}
    assert (await comment(ada, post_id, of_grace, **nonce)).refusal == (404, "upload_not_found")
    assert (await comment(ada, post_id, pending)).refusal == (409, "upload_not_ready")
    assert (await comment(ada, post_id, **nonce)).status == 201, "a refusal uses up no nonce"


async def test_an_edit_changes_alt_texts_also_in_events(world: World, ada: Person) -> None:
    post_id = await new_post(ada, await new_forum(ada))
    id, other = await uploaded(world, ada), await uploaded(world, ada)
    created = (await comment(ada, post_id, {"id": id, "alt": "Secret"})).body
    edit = {"version": 1, "attachments": [{"id": id, "alt": "Public", "spoiler": True}]}
    edited = await ada.call("edit_comment", edit, id=created["id"])
    assert (edited.body["body"], edited.body["attachments"][0]["alt"]) == ("Look", "Public"), edited
    logged = await world.sql("SELECT payload::text FROM events WHERE stream_id = %s", post_id)
    assert not [payload for (payload,) in logged if "Secret" in payload]
    assert len([payload for (payload,) in logged if "Public" in payload]) == 2
    again = await ada.call("edit_comment", edit, id=created["id"])
    assert (again.status, again.body["version"]) == (200, 2), again
    added = await ada.call("edit_comment", {"version": 2, "attachments": [other]}, id=created["id"])
    assert added.refusal == (404, "upload_not_found")


async def test_a_removed_comment_hides_its_files_also_once_it_has_left_the_tree(
    world: World, ada: Person, grace: Person
) -> None:
    post_id = await new_post(ada, await new_forum(ada))
    id = await uploaded(world, grace)
    created = (await comment(grace, post_id, id)).body
    eve = await world.new_person("eve")
    assert await sees(eve, id)
    removed = await ada.call("remove_comment", {"reason": "No"}, id=created["id"])
    assert removed.status == 200, removed
    assert not await sees(eve, id)
    assert await sees(ada, id), "moderators judge it"
    assert (await eve.call("show_comment", id=created["id"])).body["attachments"] == []
    logged = await world.sql("SELECT payload::text FROM events WHERE stream_id = %s", post_id)
    assert not [payload for (payload,) in logged if id in payload]
    await world.sql(REMOVAL_DUE, created["id"])
    assert await world.sql(PRUNING, created["id"])
    assert await world.sql(UPLOAD_IS_DELETED, id) == [(False,)], "it may be restored"
    restored = await ada.call("restore_comment", id=created["id"])
    assert restored.status in (200, 204), restored
    assert await sees(eve, id)


async def test_the_last_deletion_frees_a_file(world: World, ada: Person) -> None:
    post_id = await new_post(ada, await new_forum(ada))
    id = await uploaded(world, ada)
    first, second = (await comment(ada, post_id, id)).body, (await comment(ada, post_id, id)).body
    await ada.call("delete_comment", id=first["id"])
    assert await sees(ada, id)
    await ada.call("delete_comment", id=second["id"])
    assert await world.sql(UPLOAD_IS_DELETED, id) == [(True,)]
    assert not await sees(ada, id)
    logged = await world.sql("SELECT payload::text FROM events WHERE stream_id = %s", post_id)
    assert not [payload for (payload,) in logged if id in payload]


async def test_a_withheld_comments_file_is_seen_by_its_author_and_moderators(
    world: World, ada: Person, grace: Person
) -> None:
    post_id = await new_post(ada, await new_forum(ada))
    eve = await world.new_person("eve")
    above = (await comment(grace, post_id)).body["id"]
    id = await uploaded(world, grace)
    await comment(grace, post_id, id, parent_id=above)
    await world.sql("UPDATE comments SET withheld = 'shadow_ban' WHERE id = %s", above)
    await world.sql("UPDATE comments SET below_withheld = true WHERE parent_id = %s", above)
    assert await sees(grace, id)
    assert await sees(ada, id)
    assert not await sees(eve, id)


async def test_a_blocked_authors_file_is_not_seen(world: World, ada: Person, grace: Person) -> None:
    post_id = await new_post(ada, await new_forum(ada))
    id = await uploaded(world, grace)
    created = (await comment(grace, post_id, id)).body
    eve = await world.new_person("eve")
    assert await sees(eve, id)
    await eve.call("block_user", user_id=grace.id)
    assert not await sees(eve, id)
    assert (await eve.call("show_comment", id=created["id"])).body["attachments"] == []


async def test_files_in_a_private_forum_are_seen_by_its_members(
    world: World, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada, grace, visibility="private")
    post_id = await new_post(ada, forum)
    id = await uploaded(world, ada)
    await comment(ada, post_id, id)
    eve = await world.new_person("eve")
    assert await sees(grace, id)
    assert not await sees(eve, id)
    await forum.leave(grace)
    assert not await sees(grace, id)
