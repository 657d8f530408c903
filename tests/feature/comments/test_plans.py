"""A page of comments is one scan of an index, however many there are."""

from __future__ import annotations

from uuid import UUID

import pytest

from cgraph.forums.comments.tree.models import CommentSort
from cgraph.forums.comments.tree.queries import list_comments
from cgraph.forums.comments.tree.rules import first_position
from tests.feature.forum import new_thread
from tests.feature.plans import assert_index_scans, plan_nodes, scanned_indexes
from tests.feature.world import Person, World

TABLES = {"comments", "comment_ranks"}


@pytest.mark.parametrize("sort", list(CommentSort))
async def test_a_level_of_comments_is_one_scan_of_an_index(
    world: World, ada: Person, sort: CommentSort
) -> None:
    thread = await new_thread(ada)
    await thread.insert_comments(3000)
    await world.sql("ANALYZE comments, comment_ranks")
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
