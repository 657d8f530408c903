"""What a search reads beside its engine: indexes, however many rows there are."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from psycopg import AsyncConnection

from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.search import queries
from cgraph.search.engine import DocumentKey, DocumentType
from cgraph.search.opensearch.queries import next_keys
from tests.feature.plans import assert_index_scans, plan_nodes, plan_nodes_in, scanned_indexes
from tests.feature.world import World

ROWS = 3000
MINE = 5


async def fill(connection: AsyncConnection) -> tuple[UserId, list[DocumentKey]]:
    """Many users, forums, posts, comments, memberships, bans and blocks, of which few are those of
    the viewer. Returns the viewer, and one document of each kind but messages.
    """
    rows = await connection.execute(
        """
        INSERT INTO users (id, username, email, password_hash, display_name, created_at)
        SELECT id, id, id, '', '', now()
        FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, %s)) AS new RETURNING id
        """,
        (ROWS,),
    )
    users = [id for (id,) in await rows.fetchall()]
    viewer = users[0]
    await connection.execute(
        """
        INSERT INTO forums (id, slug, name, visibility, posting, created_by, created_at, active_at)
        SELECT id, left(id::text, 30), 'A name', 'public', 'everyone', %(viewer)s, now(), now()
        FROM unnest(%(users)s::uuid[]) AS id;
        INSERT INTO conversations (id, kind, created_by, created_at, member_count, active_at)
        SELECT id, 'group', %(viewer)s, now(), 2, now() FROM unnest(%(users)s::uuid[]) AS id;
        INSERT INTO forum_members (forum_id, user_id, role, joined_at)
        SELECT id, id, 'owner', now() FROM unnest(%(users)s::uuid[]) AS id;
        INSERT INTO conversation_members (conversation_id, user_id, role, joined_at, large,
                                          active_at)
        SELECT id, id, 'owner', now(), false, now() FROM unnest(%(users)s::uuid[]) AS id;
        INSERT INTO blocks (user_id, blocked_id, created_at)
        SELECT id, %(viewer)s, now() FROM unnest(%(users)s::uuid[]) AS id;
        INSERT INTO forum_bans (forum_id, user_id, created_by, created_at)
        SELECT id, id, id, now() FROM unnest(%(users)s::uuid[]) AS id;
        INSERT INTO posts (id, forum_id, author_id, kind, title, created_at)
        SELECT id, id, id, 'text', repeat('word ', 50), now() FROM unnest(%(users)s::uuid[]) AS id;
        INSERT INTO streams (id, kind) SELECT id, 'post' FROM unnest(%(users)s::uuid[]) AS id;
        INSERT INTO post_counts (post_id) SELECT id FROM unnest(%(users)s::uuid[]) AS id;
        INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html, created_at)
        SELECT id, id, id, '{}', id, repeat('word ', 50), '', now()
        FROM unnest(%(users)s::uuid[]) AS id;
        """.replace("%(viewer)s", f"'{viewer}'").replace(
            "%(users)s", "'{" + ",".join(map(str, users)) + "}'"
        )
    )
    await connection.execute(
        "ANALYZE users, forums, conversations, forum_members, conversation_members, blocks,"
        " forum_bans, posts, post_counts, comments, streams"
    )
    ids = [UUID(str(id)) for id in users[1 : 1 + MINE]]
    kinds = ("post", "comment", "forum", "user")
    return UserId(viewer), [DocumentKey(kind, id) for kind in kinds for id in ids]  # type: ignore[arg-type]


async def test_a_search_reads_indexes_beside_its_engine(world: World) -> None:
    async with await AsyncConnection.connect(world.endpoints.admin_conninfo) as connection:
        viewer, keys = await fill(connection)

        async def read_viewer(tx: Transaction) -> object:
            return await queries.viewer_row(tx, viewer, usernames=["x"], slugs=["y"])

        async def read_hits(tx: Transaction) -> object:
            key = DocumentKey("message", uuid4())
            return await queries.hits(
                tx, [*keys, key], viewer=viewer, words=["word"], beginning="wor"
            )

        async def read_suggestions(tx: Transaction) -> object:
            return await queries.suggestions(tx, keys, viewer=viewer, beginning="wor")

        async def read_similar(tx: Transaction) -> object:
            return await queries.listed_posts(tx, keys[:MINE], viewer=viewer, moderates=False)

        for read, tables in (
            (read_viewer, {"users", "forums", "forum_members", "forum_bans", "blocks",
                           "conversation_members"}),
            (read_hits, {"users", "forums", "posts", "comments"}),
            (read_suggestions, {"users", "forums", "posts"}),
            (read_similar, {"posts"}),
        ):  # fmt: skip
            nodes = await plan_nodes_in(connection, read)
            assert_index_scans(nodes, tables=tables, rows=MINE)
        await connection.rollback()


@pytest.mark.parametrize("type", ["user", "forum", "post", "comment", "message"])
async def test_the_next_keys_are_read_by_their_index(world: World, type: DocumentType) -> None:
    """Also where the tables are too small for one."""

    async def read(tx: Transaction) -> None:
        for setting in (
            "SET enable_seqscan = off",
            "SET enable_sort = off",
        ):
            await tx.execute(setting, {})
        await next_keys(tx, after=DocumentKey(type, UUID(int=0)), limit=5)

    nodes = await plan_nodes(world, read)
    assert scanned_indexes(nodes)
    assert not {"Seq Scan", "Sort"} & {node["Node Type"] for node in nodes}
