"""S10: an upload is seen by those who see what uses it, and by nobody else."""

from __future__ import annotations

from typing import Any

import pytest

from tests.feature.conversation import start_group
from tests.feature.forum import new_forum
from tests.feature.uploaded import uploaded
from tests.feature.world import Person, World


async def sees(person: Person, id: str) -> bool:
    answer = await person.call("sign_uploads", {"uploads": [id]})
    assert answer.status == 200, answer
    shown = await person.call("show_upload", id=id)
    assert (shown.status == 200) is bool(answer.body["items"]), shown
    return shown.status == 200


@pytest.fixture
async def file(world: World, ada: Person) -> str:
    return await uploaded(world, ada)


async def post(ada: Person, slug: str, file: str) -> Any:
    answer = await ada.call("create_post", {"title": "T", "attachments": [file]}, slug=slug)
    assert answer.status == 201, answer
    return answer.body


async def test_an_upload_that_nothing_uses_is_seen_by_its_owner_only(
    ada: Person, grace: Person, file: str
) -> None:
    assert await sees(ada, file)
    assert not await sees(grace, file)


async def test_a_former_member_sees_no_file_of_the_conversation(
    ada: Person, grace: Person, eve: Person, file: str
) -> None:
    group = await start_group(ada, grace)
    await ada.send(group.id, "look", attachments=[file])
    assert await sees(grace, file)
    assert not await sees(eve, file)
    removed = await ada.call("remove_member", id=group.id, user_id=grace.id)
    assert removed.status in (200, 204), removed
    assert not await sees(grace, file)


async def test_a_member_sees_no_file_from_before_the_joining(
    ada: Person, grace: Person, eve: Person, file: str
) -> None:
    draft = {"kind": "group", "members": [grace.username], "history": "from_joining"}
    group = (await ada.call("start_conversation", draft)).body
    await ada.send(group["id"], "before", attachments=[file])
    await ada.call("put_member", {}, id=group["id"], user_id=eve.id)
    assert await sees(grace, file)
    assert not await sees(eve, file)


async def test_a_deleted_message_hides_its_file_from_all(
    ada: Person, grace: Person, file: str
) -> None:
    group = await start_group(ada, grace)
    message = await ada.send(group.id, "look", attachments=[file])
    await ada.call("delete_message", id=message["id"])
    assert not await sees(grace, file)
    assert not await sees(ada, file)


async def test_files_of_a_private_forum_are_seen_by_its_members(
    ada: Person, grace: Person, eve: Person, file: str
) -> None:
    forum = await new_forum(ada, grace, visibility="private")
    await post(ada, forum.slug, file)
    assert await sees(grace, file)
    assert not await sees(eve, file)
    await forum.leave(grace)
    assert not await sees(grace, file)


async def test_a_blocked_authors_file_is_not_seen_in_a_forum(
    ada: Person, grace: Person, file: str
) -> None:
    forum = await new_forum(ada)
    await post(ada, forum.slug, file)
    assert await sees(grace, file)
    await grace.call("block_user", user_id=ada.id)
    assert not await sees(grace, file)


async def test_a_withheld_posts_file_is_seen_by_its_author_and_moderators(
    world: World, ada: Person, grace: Person, eve: Person, file: str
) -> None:
    forum = await new_forum(grace)
    created = await post(ada, forum.slug, file)
    await world.sql("UPDATE posts SET withheld = 'approval' WHERE id = %s", created["id"])
    assert await sees(grace, file)
    assert await sees(ada, file)
    assert not await sees(eve, file)
