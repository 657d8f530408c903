from __future__ import annotations

import base64
import json
from typing import Any
from uuid import uuid4

import pytest

from cgraph.core.pagination import encode_cursor
from cgraph.forums.comments.tree.models import CommentLevel
from tests.feature.forum import Thread, new_thread
from tests.feature.world import Person


async def settle_ranks(thread: Thread) -> None:
    """As if the next epoch were long ago."""
    for statement in (
        "DELETE FROM comment_ranks r USING comments c WHERE c.id = r.comment_id AND c.post_id = %s"
        " AND r.until < 'infinity'",
        "UPDATE comment_ranks r SET since = '-infinity' FROM comments c"
        " WHERE c.id = r.comment_id AND c.post_id = %s",
    ):
        await thread.world.sql(statement, thread.post)


async def list_all(thread: Thread, reader: Person, **query: Any) -> list[str]:
    found: list[str] = []
    while True:
        page = await thread.list_comments(reader, **query)
        found += [item["id"] for item in page["items"]]
        if page["next"] is None:
            assert page["more"] == 0
            return found
        query["cursor"] = page["next"]


async def test_each_level_has_a_cursor_of_its_own(ada: Person) -> None:
    thread = await new_thread(ada)
    tops = await thread.insert_comments(5)
    replies = await thread.insert_comments(5, parent=tops[0])
    deeper = await thread.insert_comments(4, parent=replies[0])
    deepest = await thread.insert_comments(2, parent=deeper[0])

    page = await thread.list_comments(ada, sort="old", limit=3)
    assert CommentLevel.model_validate(page).model_dump(mode="json") == page
    assert [item["id"] for item in page["items"]] == tops[:3]
    assert page["more"] == 2
    first = page["items"][0]["replies"]
    assert [item["id"] for item in first["items"]] == replies[:3] and first["more"] == 2
    second = first["items"][0]["replies"]
    assert [item["id"] for item in second["items"]] == deeper[:3] and second["more"] == 1
    third = second["items"][0]["replies"]
    assert third["items"] == [] and third["more"] == 2

    for parent, level, rest in (
        (None, page, tops[3:]),
        (tops[0], first, replies[3:]),
        (replies[0], second, deeper[3:]),
        (deeper[0], third, deepest),
    ):
        under = {} if parent is None else {"parent": parent}
        further = await list_all(thread, ada, sort="old", cursor=level["next"], **under)
        assert further == rest
    assert page["items"][1]["replies"] == {"items": [], "more": 0, "next": None}


async def test_each_order_is_listed_page_by_page(ada: Person, grace: Person) -> None:
    thread = await new_thread(ada)
    ids = await thread.insert_comments(5)
    for index, value in ((3, 1), (1, -1)):
        answer = await grace.call("vote_on_comment", {"value": value}, id=ids[index])
        assert answer.status == 200
    await settle_ranks(thread)
    assert await list_all(thread, ada, sort="old", limit=2) == ids
    assert await list_all(thread, ada, sort="new", limit=2) == ids[::-1]
    best = await list_all(thread, ada, sort="best", limit=2)
    assert best[0] == ids[3] and set(best) == set(ids) and len(best) == 5


async def test_more_is_the_number_of_comments_after_the_page(ada: Person) -> None:
    thread = await new_thread(ada)
    await thread.insert_comments(7)
    left, cursor = [], None
    while True:
        page = await thread.list_comments(ada, limit=3, **({"cursor": cursor} if cursor else {}))
        left.append(page["more"])
        if (cursor := page["next"]) is None:
            break
    assert left == [4, 1, 0]


async def test_pages_keep_the_ranks_of_the_first_page(ada: Person, grace: Person) -> None:
    thread = await new_thread(ada)
    ids = await thread.insert_comments(6)
    first = await thread.list_comments(ada, limit=2)
    seen = [item["id"] for item in first["items"]]
    unseen = next(id for id in ids if id not in seen)
    answer = await grace.call("vote_on_comment", {"value": 1}, id=unseen)
    assert answer.status == 200
    rest = await list_all(thread, ada, cursor=first["next"], limit=2)
    assert sorted(seen + rest) == ids


async def test_a_page_of_long_comments_is_cut(ada: Person) -> None:
    thread = await new_thread(ada)
    ids = await thread.insert_comments(12)
    await ada.world.sql(
        "UPDATE comments SET body = repeat('x', 100000), body_html = repeat('y', 100000)"
        " WHERE post_id = %s",
        thread.post,
    )
    page = await thread.list_comments(ada, sort="old", limit=12)
    assert 0 < len(page["items"]) < 12
    assert await list_all(thread, ada, sort="old", limit=12) == ids


async def test_a_tree_of_any_depth_can_be_read(ada: Person) -> None:
    thread = await new_thread(ada)
    (parent,) = await thread.insert_comments(1)
    path = [parent]
    for _ in range(120):
        (below,) = await thread.insert_comments(1, parent=path[-1])
        path.append(below)
    found, under = [], None
    while True:
        page = await thread.list_comments(ada, **({"parent": under} if under else {}))
        level = page
        while level["items"]:
            found.append(level["items"][0]["id"])
            level = level["items"][0]["replies"]
        if level["more"] == 0:
            break
        under = found[-1]
    assert found == path
    comment = (await ada.call("show_comment", id=path[-1])).body
    assert [above["id"] for above in comment["ancestors"]] == path[-51:-1]


async def test_a_cursor_of_another_list_is_invalid(ada: Person) -> None:
    thread = await new_thread(ada)
    ids = await thread.insert_comments(3)
    await thread.insert_comments(3, parent=ids[0])
    page = await thread.list_comments(ada, limit=1)
    for query in (
        {"sort": "new", "cursor": page["next"]},
        {"parent": ids[0], "cursor": page["next"]},
        {"cursor": page["next"][:-2]},
        {"cursor": "x"},
        {"cursor": base64.urlsafe_b64encode(b"123456" + json.dumps([]).encode()).decode()},
    ):
        assert (await thread.try_list_comments(ada, **query)).refusal == (400, "invalid_cursor")


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ((0, "1.0", str(uuid4()), 0), "cursor_expired"),
        ((17, "1.0", str(uuid4()), 0), "invalid_cursor"),
        ((-30, "1.0", str(uuid4()), 0), "invalid_cursor"),
        ((30, "nan", str(uuid4()), 0), "invalid_cursor"),
        ((30, "one", str(uuid4()), 0), "invalid_cursor"),
        ((30, "1.0", "nobody", 0), "invalid_cursor"),
        ((30, "1.0", str(uuid4()), 2**40), "invalid_cursor"),
        ((2**80, "1.0", str(uuid4()), 0), "invalid_cursor"),
    ],
)
async def test_expired_and_forged_cursors_are_refused(ada: Person, values: Any, code: str) -> None:
    thread = await new_thread(ada)
    cursor = encode_cursor(f"comments:{thread.post}:best", *values)
    assert (await thread.try_list_comments(ada, cursor=cursor)).refusal == (400, code)


async def test_a_cursor_of_the_future_means_now(ada: Person) -> None:
    thread = await new_thread(ada)
    ids = await thread.insert_comments(2)
    cursor = encode_cursor(f"comments:{thread.post}:best", 2**32 - 16, "inf", "f" * 32, 0)
    assert sorted(await list_all(thread, ada, cursor=cursor)) == ids


async def test_an_unknown_parent_or_post_is_not_found(ada: Person) -> None:
    thread = await new_thread(ada)
    assert await thread.list_comments(ada) == {"items": [], "more": 0, "next": None}
    unknown = await thread.try_list_comments(ada, parent=uuid4())
    assert unknown.refusal == (404, "comment_not_found")
    nowhere = await ada.call("list_comments", id=uuid4())
    assert nowhere.refusal == (404, "post_not_found")
    for query in ({"limit": 0}, {"limit": 51}, {"sort": "hot"}, {"parent": "x"}):
        assert (await thread.try_list_comments(ada, **query)).refusal == (422, "validation_failed")
