from __future__ import annotations

import asyncio

from cgraph.forums.posts.models import Post
from tests.feature.posts.board import board, own_stream
from tests.feature.world import Person


async def test_pinned_on_top_of_the_first_page(ada: Person, grace: Person) -> None:
    place = await board(ada, grace)
    posts = [await place.post(grace, title=str(number)) for number in range(3)]
    assert (await grace.call("pin_post", id=posts[0]["id"])).refusal == (403, "not_allowed")
    for _ in range(2):
        pinned = await ada.call("pin_post", id=posts[0]["id"])
        assert pinned.status == 200 and pinned.body["pinned"]
    first = (await place.page(grace, "sort=new&limit=2")).body
    assert [post["title"] for post in first["pinned"]] == ["0"]
    assert [post["title"] for post in first["items"]] == ["2", "1"]
    second = (await place.page(grace, f"sort=new&cursor={first['next']}")).body
    assert (second["pinned"], [post["title"] for post in second["items"]]) == ([], ["0"])
    unpinned = await ada.call("unpin_post", id=posts[0]["id"])
    assert not unpinned.body["pinned"]
    assert (await place.page(grace)).body["pinned"] == []
    types = [type for type, _ in await own_stream(ada.world, posts[0])]
    assert types == ["post.updated", "post.updated"]


async def test_at_most_ten_are_pinned(ada: Person) -> None:
    place = await board(ada)
    post = await place.post(ada)
    await ada.world.sql(
        "INSERT INTO posts (id, forum_id, author_id, kind, title, created_at, pinned_at)"
        " SELECT gen_random_uuid(), %s, %s, 'text', 't', now(), now() FROM generate_series(1, 10)",
        *(place.forum.id, ada.id),
    )
    answer = await ada.call("pin_post", id=post["id"])
    assert answer.refusal == (422, "too_many_pinned_posts")


async def test_locked_it_takes_no_comments(ada: Person, grace: Person) -> None:
    place = await board(ada, grace)
    post = await place.post(grace)
    assert (await ada.call("lock_post", id=post["id"])).body["locked"]
    comment = await grace.call("create_comment", {"body": "So?"}, id=post["id"])
    assert comment.refusal == (409, "post_locked")
    assert (await ada.call("vote_on_post", {"value": 1}, id=post["id"])).status == 200
    assert not (await ada.call("unlock_post", id=post["id"])).body["locked"]
    comment = await grace.call("create_comment", {"body": "So!"}, id=post["id"])
    assert comment.status == 201


async def test_moved_its_address_stays(ada: Person, grace: Person) -> None:
    old, new = await board(ada, grace, tags=["Gear", "Old"]), await board(ada, tags=["gear"])
    post = await old.post(grace, tags=["Old", "Gear"])
    await ada.call("pin_post", id=post["id"])
    await ada.call("vote_on_post", {"value": 1}, id=post["id"])
    to_new = {"forum": new.forum.slug}
    assert (await grace.call("move_post", to_new, id=post["id"])).refusal[0] == 403
    for _ in range(2):
        moved = await ada.call("move_post", to_new, id=post["id"])
        assert moved.status == 200, moved
    assert moved.body["forum"]["slug"] == new.forum.slug
    assert (moved.body["tags"], moved.body["pinned"], moved.body["score"]) == (["gear"], False, 1)
    shown = (await old.show(grace, post)).body
    assert shown == moved.body | {"my_vote": 0}
    for sort in ("hot", "new", "top", "rising"):
        assert await old.titles(grace, f"sort={sort}") == []
        assert await new.titles(grace, f"sort={sort}") == [post["title"]]
    assert await new.titles(grace, "tag=gear") == [post["title"]]
    assert (await old.counted(), await new.counted()) == (0, 1)
    ((type, data),) = await new.events()
    assert (type, data["post"]["forum"]["slug"]) == ("post.moved", new.forum.slug)
    assert Post.model_validate(data["post"]).model_dump(mode="json") == data["post"]
    assert (await old.events())[-1] == (type, data)
    assert (await own_stream(ada.world, post))[-1] == (type, data)


async def test_moved_into_a_private_forum_it_leaves_nothing_behind(
    ada: Person, grace: Person
) -> None:
    old, new = await board(ada, grace), await board(ada, visibility="private")
    post = await old.post(grace, title="For us only")
    moved = await ada.call("move_post", {"forum": new.forum.slug}, id=post["id"])
    assert moved.status == 200
    assert (await old.show(grace, post)).refusal == (404, "post_not_found")
    told = await old.events()
    assert told[-1] == ("post.moved", {"post": {"id": post["id"]}})
    assert "us only" not in str(told) and new.forum.slug not in str(told)
    assert await new.titles(ada) == ["For us only"]


async def test_only_between_forums_that_one_moderates(ada: Person, grace: Person) -> None:
    mine, theirs = await board(ada), await board(grace)
    hidden = await board(grace, visibility="private")
    post = await mine.post(ada)
    for slug, refusal in (
        (theirs.forum.slug, (403, "not_allowed")),
        (hidden.forum.slug, (404, "forum_not_found")),
        ("nowhere", (404, "forum_not_found")),
        ("\0", (422, "validation_failed")),
    ):
        answer = await ada.call("move_post", {"forum": slug}, id=post["id"])
        assert answer.refusal == refusal


async def test_moves_and_votes_at_once_leave_one_rank(ada: Person, grace: Person) -> None:
    places = [await board(ada), await board(ada)]
    post = await places[0].post(ada)
    await asyncio.gather(
        *(ada.call("move_post", {"forum": places[n % 2].forum.slug}, id=post["id"], many=True)
          for n in range(1, 6)),
        *(grace.call("vote_on_post", {"value": n % 3 - 1}, id=post["id"], many=True)
          for n in range(6)),
    )  # fmt: skip
    ((forum, score, ranked, rank),) = await ada.world.sql(
        "SELECT p.forum_id::text, c.score, r.forum_id::text, r.score FROM posts p"
        " JOIN post_counts c ON c.post_id = p.id JOIN post_ranks r ON r.post_id = p.id"
        " WHERE p.id = %s AND r.until = 'infinity'",
        post["id"],
    )
    assert (forum, score) == (ranked, rank)
    assert sorted([await place.counted() for place in places]) == [0, 1]
