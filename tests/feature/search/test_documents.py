"""What is a document, and what it says, as the tables are."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from cgraph.core.database import Transaction
from cgraph.search.documents import read_documents
from cgraph.search.engine import NO_AUTHOR, DocumentKey, DocumentType
from tests.feature.forum import Forum, Thread, new_forum
from tests.feature.plans import assert_index_scans, plan_nodes
from tests.feature.search.indexing import document_of, documents_of, transaction
from tests.feature.world import Person, World


async def test_a_message_says_where_it_is_and_what_it_contains(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    plain = await ada.send(conversation, "hello")
    rich = await ada.send(
        conversation, "`run` https://example.org ![me](https://example.org/a.png)"
    )
    await grace.call("add_reaction", id=rich["id"], emoji="👍")

    found = await documents_of(world, "message", plain["id"], rich["id"], uuid4())
    first, second = found[UUID(plain["id"])], found[UUID(rich["id"])]
    assert (first.body, first.title, first.features) == ("hello", "", [])
    assert (first.place_id, first.is_public) == (UUID(conversation), False)
    assert (first.author_id, first.seq, first.seen_by) == (UUID(ada.id), plain["seq"], None)
    assert set(second.features) == {"link", "code", "image", "reaction"}
    assert len(found) == 2, "what does not exist is no document"
    await ada.call("delete_message", id=plain["id"])
    assert await document_of(world, "message", plain["id"]) is None


async def test_the_version_rises_with_each_reading(world: World, ada: Person) -> None:
    before = await document_of(world, "user", ada.id)
    await ada.call("change_me", {"display_name": "Ada Lovelace", "bio": "Engines."})
    after = await document_of(world, "user", ada.id)

    assert before is not None and after is not None
    assert after.version > before.version
    assert (after.title, after.body) == (f"Ada Lovelace {ada.username}", "Engines.")
    assert (after.place_id, after.author_id, after.is_public) == (None, None, True)


async def test_what_is_gone_has_the_version_of_its_reading(world: World) -> None:
    async with transaction(world.endpoints.admin_conninfo) as tx:
        read = await read_documents(tx, [DocumentKey("post", uuid4())])

    assert not read.documents and len(read.gone) == 1 and read.version > 0


@pytest.mark.parametrize(
    ("visibility", "is_public"), [("public", True), ("restricted", True), ("private", False)]
)
async def test_posts_comments_and_the_forum_say_whether_everybody_may_read_them(
    world: World, ada: Person, visibility: str, is_public: bool
) -> None:
    forum = await new_forum(ada, visibility=visibility, description="About tea.")
    post = await forum.post(ada, title="Oolong", body="How long?", kind="text")
    comment = await Thread(world, forum, post["id"]).comment(ada)

    ids: dict[DocumentType, str] = {"forum": forum.id, "post": post["id"], "comment": comment["id"]}
    for type, id in ids.items():
        document = await document_of(world, type, id)
        assert document is not None
        assert (document.is_public, document.place_id) == (is_public, UUID(forum.id))


async def test_an_accepted_comment_makes_its_post_answered(world: World, ada: Person) -> None:
    forum = await new_forum(ada)
    post = await forum.post(ada, title="Oolong", tags=[])
    comment = await Thread(world, forum, post["id"]).comment(ada)
    await ada.call("accept_comment", {"comment_id": comment["id"]}, id=post["id"])

    question, answer = (
        await document_of(world, "post", post["id"]),
        await document_of(world, "comment", comment["id"]),
    )
    assert question is not None and question.is_answered and not question.is_accepted
    assert answer is not None and answer.is_accepted and answer.post_id == UUID(post["id"])


async def test_what_is_withheld_is_seen_by_the_one_who_sees_all_above_it(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada)
    thread = Thread(world, forum, (await forum.post(ada))["id"])
    await forum.ban(grace, shadow=True)
    own = await thread.comment(grace)
    below = await thread.comment(ada, parent_id=own["id"])
    await forum.ban(eve, shadow=True)
    await world.sql("UPDATE comments SET withheld = NULL WHERE id = %s", below["id"])
    deepest = await thread.comment(grace, parent_id=below["id"])

    seen_by = {
        id: (await document_of(world, "comment", id)).seen_by  # type: ignore[union-attr]
        for id in (own["id"], below["id"], deepest["id"])
    }
    assert set(seen_by.values()) == {UUID(grace.id)}
    await world.sql("UPDATE comments SET author_id = %s WHERE id = %s", eve.id, own["id"])
    document = await document_of(world, "comment", deepest["id"])
    assert document is not None and document.seen_by == NO_AUTHOR
    await world.sql("UPDATE posts SET withheld = 'approval' WHERE id = %s", thread.post)
    document = await document_of(world, "comment", own["id"])
    assert document is not None and document.seen_by == NO_AUTHOR


async def test_reading_documents_reads_indexes(world: World, ada: Person) -> None:
    forum = await new_forum(ada)
    post = await forum.post(ada)
    comment = await Thread(world, forum, post["id"]).comment(ada)
    message = await ada.send(await ada.converse(ada), "a note")
    keys = [
        DocumentKey("message", UUID(message["id"])),
        DocumentKey("post", UUID(post["id"])),
        DocumentKey("comment", UUID(comment["id"])),
        DocumentKey("forum", UUID(forum.id)),
        DocumentKey("user", UUID(ada.id)),
    ]
    await fill(world, forum)

    async def read(tx: Transaction) -> object:
        return await read_documents(tx, keys)

    assert_index_scans(
        [
            node
            for node in await plan_nodes(world, read)
            if not node.get("Relation Name", "").startswith("messages_")
        ],
        tables={"posts", "comments", "forums", "users", "post_counts"},
        rows=3,
    )


async def fill(world: World, forum: Forum) -> None:
    await world.sql(
        """
        WITH person AS (
            INSERT INTO users (id, username, email, password_hash, display_name, created_at)
            SELECT gen_random_uuid(), id, id, '', '', now()
            FROM (SELECT gen_random_uuid()::text AS id FROM generate_series(1, 2000)) AS new
        ), post AS (
            INSERT INTO posts (id, forum_id, author_id, kind, title, body, created_at)
            SELECT gen_random_uuid(), %s, %s, 'text', repeat('word ', 20),
                   repeat('word ', 50), now()
            FROM generate_series(1, 2000) RETURNING id
        ), counts AS (
            INSERT INTO post_counts (post_id) SELECT id FROM post
        ), forum AS (
            INSERT INTO forums (id, slug, name, visibility, posting, created_by, created_at,
                                active_at)
            SELECT id, left(id::text, 30), repeat('word ', 10), 'private', 'everyone', %s,
                   now(), now()
            FROM (SELECT gen_random_uuid() AS id FROM generate_series(1, 1000)) AS new
        )
        INSERT INTO comments (id, post_id, parent_id, path, author_id, body, body_html, created_at)
        SELECT gen_random_uuid(), id, id, '{}', %s, repeat('word ', 50), '', now() FROM post
        """,
        *(forum.id, forum.owner.id, forum.owner.id, forum.owner.id),
    )
    await world.sql("ANALYZE users, posts, comments, forums, post_counts")
