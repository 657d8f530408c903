"""Moderators add emoji to a forum, and replace them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from cgraph.forums.emoji import queries
from cgraph.forums.emoji.actions import EMOJI_AT_MOST
from tests.feature.emoji import added, names, put
from tests.feature.forum import Forum
from tests.feature.plans import plan_nodes, scanned_indexes
from tests.feature.uploaded import uploaded
from tests.feature.world import Person, World

IS_DELETED = "SELECT deleted_at IS NOT NULL FROM uploads WHERE id = %s"


async def test_only_moderators_add_and_remove(
    world: World, ada: Person, eve: Person, forum: Forum
) -> None:
    await added(forum, ada, "kettle")
    of_eve = await uploaded(world, eve, purpose="emoji")
    assert (await put(forum, eve, "cup", of_eve)).refusal == (403, "not_allowed")
    refused = await forum.call(eve, "remove_emoji", name="kettle")
    assert refused.refusal == (403, "not_allowed")
    assert await names(forum, ada) == ["kettle"]
    await forum.appoint(ada, eve)
    assert (await put(forum, eve, "cup", of_eve)).status == 200
    assert (await forum.call(eve, "remove_emoji", name="kettle")).status == 204
    assert await names(forum, ada) == ["cup"]


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
