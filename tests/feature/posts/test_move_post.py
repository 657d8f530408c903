from __future__ import annotations

import asyncio

from cgraph.forums.posts.models import Post
from tests.feature.forum import Thread, new_forum, new_moderated_forum, post_events
from tests.feature.world import Person, World


async def test_a_moved_post_keeps_its_id_and_its_votes(ada: Person, grace: Person) -> None:
    old, new = (
        await new_forum(ada, grace, tags=["Gear", "Old"]),
        await new_forum(ada, tags=["gear"]),
    )
    post = await old.post(grace, tags=["Old", "Gear"])
    await ada.call("pin_post", id=post["id"])
    await ada.call("vote_on_post", {"value": 1}, id=post["id"])
    to_new = {"forum": new.slug}
    assert (await grace.call("move_post", to_new, id=post["id"])).refusal[0] == 403
    for _ in range(2):
        moved = await ada.call("move_post", to_new, id=post["id"])
        assert moved.status == 200, moved
    assert moved.body["forum"]["slug"] == new.slug
    assert (moved.body["tags"], moved.body["pinned"], moved.body["score"]) == (["gear"], False, 1)
    assert moved.body.pop("new_account_votes") == {"ups": 1, "downs": 0}
    view = (await old.show_post(grace, post)).body
    assert view == moved.body | {"my_vote": 0}
    for sort in ("hot", "new", "top", "rising"):
        assert await old.titles(grace, f"sort={sort}") == []
        assert await new.titles(grace, f"sort={sort}") == [post["title"]]
    assert await new.titles(grace, "tag=gear") == [post["title"]]
    assert (await old.post_count(), await new.post_count()) == (0, 1)
    ((type, data),) = await new.post_events()
    assert (type, data["post"]["forum"]["slug"]) == ("post.moved", new.slug)
    assert Post.model_validate(data["post"]).model_dump(mode="json") == data["post"]
    assert (await old.post_events())[-1] == (type, data)
    assert (await post_events(ada.world, post))[-1] == (type, data)


async def test_a_post_moved_to_a_private_forum_leaves_nothing_behind(
    ada: Person, grace: Person
) -> None:
    old, new = await new_forum(ada, grace), await new_forum(ada, visibility="private")
    post = await old.post(grace, title="For us only")
    moved = await ada.call("move_post", {"forum": new.slug}, id=post["id"])
    assert moved.status == 200
    assert (await old.show_post(grace, post)).refusal == (404, "post_not_found")
    events = await old.post_events()
    assert events[-1] == ("post.moved", {"post": {"id": post["id"]}})
    assert "us only" not in str(events) and new.slug not in str(events)
    assert await new.titles(ada) == ["For us only"]


async def test_a_post_moves_only_between_forums_that_the_caller_moderates(
    ada: Person, grace: Person
) -> None:
    mine, theirs = await new_forum(ada), await new_forum(grace)
    hidden = await new_forum(grace, visibility="private")
    post = await mine.post(ada)
    for slug, refusal in (
        (theirs.slug, (403, "not_allowed")),
        (hidden.slug, (404, "forum_not_found")),
        ("nowhere", (404, "forum_not_found")),
        ("\0", (422, "validation_failed")),
    ):
        answer = await ada.call("move_post", {"forum": slug}, id=post["id"])
        assert answer.refusal == refusal


async def test_concurrent_moves_and_votes_leave_one_rank(ada: Person, grace: Person) -> None:
    forums = [await new_forum(ada), await new_forum(ada)]
    post = await forums[0].post(ada)
    await asyncio.gather(
        *(ada.call("move_post", {"forum": forums[n % 2].slug}, id=post["id"], many=True)
          for n in range(1, 6)),
        *(grace.call("vote_on_post", {"value": n % 3 - 1}, id=post["id"], many=True)
          for n in range(6)),
    )  # fmt: skip
    ((forum_id, score, ranked_in, rank),) = await ada.world.sql(
        "SELECT p.forum_id::text, c.score, r.forum_id::text, r.score FROM posts p"
        " JOIN post_counts c ON c.post_id = p.id JOIN post_ranks r ON r.post_id = p.id"
        " WHERE p.id = %s AND r.until = 'infinity'",
        post["id"],
    )
    assert (forum_id, score) == (ranked_in, rank)
    assert sorted([await forum.post_count() for forum in forums]) == [0, 1]


async def test_open_reports_and_appeals_move_with_the_post(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_moderated_forum(ada, grace, eve)
    stranger = await world.new_person()
    other = await new_moderated_forum(grace, stranger, eve, visibility="private")
    post = (await forum.post(eve))["id"]
    thread = Thread(world, forum, post)
    comment, removed = [(await thread.comment(eve))["id"] for _ in range(2)]
    for kind, id in (("post", post), ("comment", comment)):
        report = {"target": {"kind": kind, "id": id}, "reason": "spam"}
        assert (await ada.call("file_report", report)).status == 201
    await ada.call("remove_comment", id=removed)
    against = {"against": {"kind": "comment", "id": removed}, "content": "Please"}
    assert (await eve.call("make_appeal", against)).status == 201

    moved = await grace.call("move_post", {"forum": other.slug}, id=post)
    assert moved.status == 200
    assert (await forum.call(grace, "list_forum_reports", query="state=open")).body["items"] == []
    cases = (await other.call(grace, "list_forum_reports")).body["items"]
    assert [case["target"]["id"] for case in cases] == [post, comment]
    (appeal,) = (await other.call(grace, "list_appeals")).body["items"]
    assert appeal["forum"]["slug"] == other.slug
    body = {"decision": "accept"}
    refused = await ada.call("resolve_appeal", body, id=appeal["id"])
    assert refused.refusal == (404, "appeal_not_found")
    resolved = {"action": "dismiss"}
    for case in cases:
        gone = await ada.call("resolve_report", resolved, id=case["id"])
        assert gone.refusal == (404, "report_not_found")
        answer = await grace.call("resolve_report", resolved, id=case["id"])
        assert answer.status == 200
    assert (await forum.audit_log())[-1]["detail"] == {"from": forum.slug, "to": None}
    assert (await other.audit_log())[0]["detail"] == {"from": forum.slug, "to": other.slug}
    assert await forum.audit_faults() == await other.audit_faults() == []
