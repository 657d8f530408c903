"""Emoji of a forum: pictures that moderators add by name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from cgraph.forums.emoji import queries
from cgraph.forums.emoji.actions import EMOJI_AT_MOST
from tests.feature.forum import Forum, new_forum
from tests.feature.plans import plan_nodes, scanned_indexes
from tests.feature.uploaded import uploaded
from tests.feature.world import Answer, Person, World

IS_DELETED = "SELECT deleted_at IS NOT NULL FROM uploads WHERE id = %s"


@pytest.fixture
async def forum(ada: Person, grace: Person) -> AsyncIterator[Forum]:
    """Of Ada; Grace is a member."""
    yield await new_forum(ada, grace)


async def put(forum: Forum, person: Person, name: str, upload: str, **options: Any) -> Answer:
    return await forum.call(person, "put_emoji", {"upload": upload}, name=name, **options)


async def added(forum: Forum, person: Person, name: str) -> str:
    """The id of its upload."""
    id = await uploaded(forum.world, person, purpose="emoji")
    answer = await put(forum, person, name, id)
    assert answer.status == 200, answer
    return id


async def names(forum: Forum, reader: Person) -> list[str]:
    answer = await forum.call(reader, "list_emoji")
    assert (answer.status, answer.body["next"]) == (200, None), answer
    return [each["name"] for each in answer.body["items"]]


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


async def test_only_moderators_add_and_remove(
    world: World, ada: Person, grace: Person, forum: Forum
) -> None:
    await added(forum, ada, "kettle")
    of_grace = await uploaded(world, grace, purpose="emoji")
    assert (await put(forum, grace, "cup", of_grace)).refusal == (403, "not_allowed")
    refused = await forum.call(grace, "remove_emoji", name="kettle")
    assert refused.refusal == (403, "not_allowed")
    assert await names(forum, ada) == ["kettle"]
    await forum.appoint(ada, grace)
    assert (await put(forum, grace, "cup", of_grace)).status == 200
    assert (await forum.call(grace, "remove_emoji", name="kettle")).status == 204
    assert await names(forum, ada) == ["cup"]


async def test_an_emoji_that_is_replaced_or_removed_frees_its_upload(
    world: World, ada: Person, forum: Forum
) -> None:
    first = await added(forum, ada, "kettle")
    assert (await ada.call("delete_upload", id=first)).refusal == (409, "upload_in_use")
    second = await added(forum, ada, "kettle")
    assert await world.sql(IS_DELETED, first) == [(True,)]
    assert (await put(forum, ada, "kettle", second)).status == 200
    assert await world.sql(IS_DELETED, second) == [(False,)]
    assert await names(forum, ada) == ["kettle"]
    assert (await forum.call(ada, "remove_emoji", name="kettle")).status == 204
    assert await world.sql(IS_DELETED, second) == [(True,)]
    again = await forum.call(ada, "remove_emoji", name="kettle")
    assert again.refusal == (404, "emoji_not_found")


async def test_one_upload_may_be_two_emoji(world: World, ada: Person, forum: Forum) -> None:
    id = await added(forum, ada, "kettle")
    assert (await put(forum, ada, "pot", id)).status == 200
    await forum.call(ada, "remove_emoji", name="kettle")
    assert await world.sql(IS_DELETED, id) == [(False,)]
    await forum.call(ada, "remove_emoji", name="pot")
    assert await world.sql(IS_DELETED, id) == [(True,)]


async def test_changes_are_events_and_in_the_audit_log(ada: Person, forum: Forum) -> None:
    id = await added(forum, ada, "kettle")
    await forum.call(ada, "remove_emoji", name="kettle")

    (put_type, put_data), (removed_type, removed_data) = (await forum.events())[-2:]
    assert (put_type, put_data["emoji"]["name"]) == ("emoji.updated", "kettle")
    picture = put_data["emoji"]["picture"]
    assert (picture["id"], picture["url"]) == (id, None)
    assert (removed_type, removed_data) == ("emoji.removed", {"name": "kettle"})
    log = [(each["action"], each["detail"]) for each in (await forum.audit_log())[-2:]]
    assert log == [("put_emoji", {"name": "kettle"}), ("remove_emoji", {"name": "kettle"})]
    assert await forum.audit_faults() == []


@pytest.mark.parametrize("name", ["k", "Kettle", "ket-tle", ":kettle:", "k" * 33, "kéttle"])
async def test_a_name_of_another_form_is_refused(
    world: World, ada: Person, forum: Forum, name: str
) -> None:
    id = await uploaded(world, ada, purpose="emoji")
    assert (await put(forum, ada, name, id)).refusal == (422, "validation_failed")


async def test_only_ready_uploads_of_the_caller_for_emoji_are_taken(
    world: World, ada: Person, grace: Person, forum: Forum
) -> None:
    of_grace = await uploaded(world, grace, purpose="emoji")
    icon = await uploaded(world, ada, purpose="icon")
    for id in (of_grace, icon, str(uuid4())):
        assert (await put(forum, ada, "kettle", id)).refusal == (404, "upload_not_found")
    pending = await uploaded(world, ada, purpose="emoji", status="pending")
    assert (await put(forum, ada, "kettle", pending)).refusal == (409, "upload_not_ready")
    assert await names(forum, ada) == []


async def test_a_forum_has_at_most_so_many_and_the_list_reads_an_index(
    world: World, ada: Person, forum: Forum
) -> None:
    upload = await added(forum, ada, "kettle")
    await world.sql(
        "INSERT INTO forum_emoji (id, forum_id, name, picture, created_by, created_at)"
        " SELECT gen_random_uuid(), %s, 'kettle_' || n, jsonb_build_object('id', %s::text), %s,"
        " now() FROM generate_series(1, %s) AS n",
        *(forum.id, upload, ada.id, EMOJI_AT_MOST - 1),
    )
    id = await uploaded(world, ada, purpose="emoji")
    assert (await put(forum, ada, "pot", id)).refusal == (422, "too_many_emoji")
    assert (await put(forum, ada, "kettle_7", id)).status == 200
    nodes = await plan_nodes(world, lambda tx: queries.list_emoji(tx, forum_id=forum.id))  # type: ignore[arg-type] # an id as text
    assert scanned_indexes(nodes) == {"forum_emoji_forum_id_name_key"}
    await forum.call(ada, "remove_emoji", name="kettle_8")
    assert (await put(forum, ada, "pot", id)).status == 200
