"""A page of comments is one scan of an index, however many there are."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from cgraph.core import clock
from cgraph.forums.comments.pruning.queries import posts_to_prune
from cgraph.forums.comments.queries import comment_access
from cgraph.forums.comments.tree.models import CommentSort
from cgraph.forums.comments.tree.queries import list_comments
from cgraph.forums.comments.tree.rules import first_position
from tests.feature.forum import Thread, new_thread
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import Person, World

TABLES = {"comments", "comment_ranks"}


@pytest.fixture(scope="module")
async def thread(world: World) -> Thread:
    """One of three with a thousand comments."""
    ada = await world.new_person()
    threads = [await new_thread(ada) for _ in range(3)]
    for each in threads:
        await each.insert_comments(1000)
    await world.sql("ANALYZE comments, comment_ranks")
    return threads[0]


@pytest.mark.parametrize("sort", list(CommentSort))
async def test_a_level_of_comments_is_one_scan_of_an_index(
    world: World, thread: Thread, ada: Person, sort: CommentSort
) -> None:
    nodes = await plan_nodes(
        world,
        lambda tx: list_comments(
            tx,
            post_id=UUID(thread.post),
            parent=None,
            reader=UUID(ada.id),
            sort=sort,
            after=first_position(sort),
            limit=20,
        ),
    )
    indexes = scanned_indexes(nodes)
    assert ("comment_ranks_best" if sort is CommentSort.BEST else "comments_by_parent") in indexes
    assert_index_scans(
        [node for node in nodes if node.get("Relation Name") in TABLES and node["Actual Rows"]],
        tables=TABLES if sort is CommentSort.BEST else {"comments"},
        rows=21,
    )


async def test_a_comment_below_a_withheld_one_is_checked_without_reading_the_others(
    world: World, thread: Thread, grace: Person
) -> None:
    (hidden,) = await thread.insert_comments(1)
    (below,) = await thread.insert_comments(1, parent=hidden)
    await world.sql("UPDATE comments SET withheld = 'approval' WHERE id = %s", hidden)
    await world.sql("UPDATE comments SET below_withheld = true WHERE id = %s", below)
    await world.sql("ANALYZE comments")
    nodes = await plan_nodes(
        world, lambda tx: comment_access(tx, id=UUID(below), reader=UUID(grace.id))
    )
    assert "comments_hidden" in scanned_indexes(nodes)
    read = [node for node in nodes if node.get("Relation Name") == "comments"]
    assert_index_scans(read, tables={"comments"}, rows=2)


async def test_what_is_due_to_leave_the_tree_is_one_scan_of_an_index(
    world: World, thread: Thread
) -> None:
    # all of them, so this is the last test
    await world.sql("UPDATE comments SET deleted_at = now() WHERE post_id = %s", thread.post)
    await world.sql("ANALYZE comments, comment_prunings")
    now = clock.now() + timedelta(days=2)
    nodes = await plan_nodes(world, lambda tx: posts_to_prune(tx, now=now, limit=20))
    assert {"comment_prunings_due", "comments_pkey"} <= scanned_indexes(nodes)
    due = [node for node in nodes if node.get("Relation Name") in ("comment_prunings", "comments")]
    assert_index_scans(due, tables={"comment_prunings", "comments"}, rows=20)
