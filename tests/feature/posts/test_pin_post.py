from __future__ import annotations

from tests.feature.forum import new_forum, new_moderated_forum, post_events
from tests.feature.world import Person


async def test_pinned_posts_come_with_the_first_page(ada: Person, grace: Person) -> None:
    forum = await new_forum(ada, grace)
    posts = [await forum.post(grace, title=str(number)) for number in range(3)]
    assert (await grace.call("pin_post", id=posts[0]["id"])).refusal == (403, "not_allowed")
    for _ in range(2):
        pinned = await ada.call("pin_post", id=posts[0]["id"])
        assert pinned.status == 200 and pinned.body["pinned"]
    first = (await forum.list_posts(grace, "sort=new&limit=2")).body
    assert [post["title"] for post in first["pinned"]] == ["0"]
    assert [post["title"] for post in first["items"]] == ["2", "1"]
    second = (await forum.list_posts(grace, f"sort=new&cursor={first['next']}")).body
    assert (second["pinned"], [post["title"] for post in second["items"]]) == ([], ["0"])
    assert [type for type, _ in await post_events(ada.world, posts[0])] == ["post.updated"]


async def test_at_most_ten_posts_are_pinned(ada: Person) -> None:
    forum = await new_forum(ada)
    post = await forum.post(ada)
    await ada.world.sql(
        "INSERT INTO posts (id, forum_id, author_id, kind, title, created_at, pinned_at)"
        " SELECT gen_random_uuid(), %s, %s, 'text', 't', now(), now() FROM generate_series(1, 10)",
        *(forum.id, ada.id),
    )
    answer = await ada.call("pin_post", id=post["id"])
    assert answer.refusal == (422, "too_many_pinned_posts")


async def test_pins_and_locks_are_in_the_audit_log(ada: Person, grace: Person, eve: Person) -> None:
    forum = await new_moderated_forum(ada, grace, eve)
    post = (await forum.post(eve))["id"]
    for function in ("pin_post", "lock_post", "unpin_post", "unlock_post"):
        assert (await grace.call(function, id=post)).status == 200
    entries = await forum.audit_log()
    assert [(entry["action"], entry["target"]["id"]) for entry in entries] == [
        ("pin_post", post),
        ("lock_post", post),
        ("unpin_post", post),
        ("unlock_post", post),
    ]
