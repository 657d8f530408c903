from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from cgraph.core.pagination import encode_cursor
from cgraph.forums.posts.feeds.models import PostPage
from cgraph.forums.posts.models import ListedPost
from tests.feature.forum import Forum, new_forum
from tests.feature.world import Person

BY_RANK = ("sort=hot", "sort=top", "sort=top&time=day", "sort=rising", "sort=controversial")


async def fill(forum: Forum, author: Person, **votes: tuple[int, int, int]) -> None:
    """Posts by title, of so many hours ago, with so many ups and downs."""
    for title, (hours, ups, downs) in votes.items():
        born = datetime.now(UTC) - timedelta(hours=hours)
        await forum.world.sql(
            """
            WITH post AS (
                INSERT INTO posts (id, forum_id, author_id, kind, title, body, created_at)
                VALUES (overlay(uuid7_floor(%s)::text placing %s from 25)::uuid, %s, %s, 'text', %s,
                        'What it says.', %s)
                RETURNING *
            ), counts AS (
                INSERT INTO post_counts (post_id, ups, downs, score)
                SELECT id, %s, %s, %s FROM post
            )
            SELECT rank_post(id, forum_id, created_at, %s, %s) FROM post
            """,
            *(born, uuid4().hex[:12], forum.id, author.id, title, born),
            *(ups, downs, ups - downs, ups, downs),
        )


async def list_all(forum: Forum, reader: Person, query: str, *, limit: int = 2) -> list[str]:
    titles: list[str] = []
    cursor = ""
    while True:
        page = (await forum.list_posts(reader, f"{query}&limit={limit}{cursor}")).body
        titles += [post["title"] for post in page["items"]]
        if page["next"] is None:
            return titles
        cursor = f"&cursor={page['next']}"


@pytest.fixture
async def forum(ada: Person) -> Forum:
    forum = await new_forum(ada)
    await fill(
        forum, ada, fresh=(1, 5, 0), loved=(30, 500, 10), torn=(50, 40, 38), bad=(2, 0, 9),
        week=(24 * 6, 50, 0), month=(24 * 20, 70, 3), old=(24 * 40, 900, 0),
    )  # fmt: skip
    return forum


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("sort=new", "fresh bad loved torn week month old"),
        ("sort=hot", "fresh loved bad torn week month old"),
        ("sort=top", "old loved month week fresh torn bad"),
        ("sort=top&time=all", "old loved month week fresh torn bad"),
        ("sort=top&time=month", "loved month week fresh torn bad"),
        ("sort=top&time=week", "loved week fresh torn bad"),
        ("sort=top&time=day", "fresh bad"),
        ("sort=rising", "fresh bad loved"),
        ("sort=controversial", "torn month loved"),
    ],
)
async def test_each_order_is_listed_page_by_page(
    forum: Forum, ada: Person, query: str, titles: str
) -> None:
    assert await list_all(forum, ada, query) == titles.split()
    assert await forum.titles(ada, query) == titles.split()


async def test_a_page_has_the_documented_fields(forum: Forum, ada: Person, grace: Person) -> None:
    await forum.post(ada, title="poll", kind="poll", poll={"options": ["a", "b"]})
    await forum.post(ada, title="long", body="a" * 1000, tags=["x"])
    page = (await forum.list_posts(grace, "sort=new")).body
    assert PostPage.model_validate(page).model_dump(mode="json") == page
    for item in page["items"]:
        assert ListedPost.model_validate(item).model_dump(mode="json") == item
    assert page["items"][0]["excerpt"] == "a" * 280
    assert page["items"][1]["poll"]["my_choices"] == []


async def test_hot_is_the_default_order(forum: Forum, ada: Person) -> None:
    assert await forum.titles(ada) == await forum.titles(ada, "sort=hot")


@pytest.mark.parametrize("query", BY_RANK)
async def test_pages_keep_the_order_of_the_first_page(
    forum: Forum, ada: Person, query: str
) -> None:
    before = await list_all(forum, ada, query)
    first = (await forum.list_posts(ada, f"{query}&limit=1")).body
    rows = await ada.world.sql("SELECT id FROM posts WHERE forum_id = %s", forum.id)
    for (id,) in rows:
        await ada.world.sql(
            "SELECT rank_post(p.id, forum_id, created_at, c.downs + 3, c.ups + 1)"
            " FROM posts p JOIN post_counts c ON c.post_id = p.id WHERE p.id = %s",
            id,
        )
    rest = await list_all(forum, ada, f"{query}&cursor={first['next']}", limit=100)
    assert [first["items"][0]["title"], *rest] == before


async def test_withheld_posts_are_left_out_and_do_not_end_the_list(
    forum: Forum, ada: Person, grace: Person
) -> None:
    whole = await list_all(forum, grace, "sort=hot")
    await ada.world.sql(
        "UPDATE posts SET withheld = 'shadow_ban'"
        " WHERE forum_id = %s AND title IN ('loved', 'fresh')",
        forum.id,
    )
    assert await list_all(forum, grace, "sort=hot") == whole[2:]
    assert await list_all(forum, ada, "sort=hot") == whole


async def test_posts_with_a_tag_are_listed_newest_first(ada: Person) -> None:
    forum = await new_forum(ada)
    for number in range(5):
        await forum.post(ada, title=str(number), tags=["even" if number % 2 == 0 else "Odd"])
    assert await list_all(forum, ada, "tag=even") == ["4", "2", "0"]
    assert await list_all(forum, ada, "sort=new&tag=Odd") == ["3", "1"]
    assert await list_all(forum, ada, "tag=none") == []
    last = (await forum.list_posts(ada, "tag=even&limit=1")).body["items"][0]
    await forum.edit_post(ada, last, tags=["Odd"])
    assert await list_all(forum, ada, "tag=Odd") == ["4", "3", "1"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("sort=best", "sort"),
        ("time=day", "time"),
        ("sort=new&time=day", "time"),
        ("sort=top&time=year", "time"),
        ("sort=hot&tag=a", "tag"),
        ("tag=", "tag"),
        ("tag=%00", "tag"),
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("cursor=" + "a" * 301, "cursor"),
    ],
)
async def test_an_invalid_parameter_is_refused(ada: Person, query: str, field: str) -> None:
    answer = await ada.call("list_posts", slug="any", query=query)
    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == [field]


async def test_expired_and_forged_cursors_are_refused(
    forum: Forum, ada: Person, grace: Person
) -> None:
    slug, now = forum.slug, datetime.now(UTC)

    def cursor(*values: str | int, order: str = "hot", of: str = slug) -> str:
        return "cursor=" + encode_cursor(f"posts:{of}:{order}:", *values)

    good = (now.isoformat(), "1.5", ada.id)
    assert (await forum.list_posts(ada, cursor(*good))).status == 200
    old = (now - timedelta(minutes=15)).isoformat()
    assert (await forum.list_posts(ada, cursor(old, *good[1:]))).refusal == (400, "cursor_expired")
    new = cursor(old, *good[1:], order="new")
    assert (await forum.list_posts(ada, f"sort=new&{new}")).status == 200
    for bad in (
        "cursor=bad",
        cursor(*good, order="new"),
        cursor(*good, of="elsewhere"),
        cursor(*good[:2]),
        cursor(1, *good[1:]),
        cursor("yesterday", *good[1:]),
        cursor("0001-01-01T00:00:00+14:00", *good[1:]),
        *(cursor(good[0], rank, ada.id) for rank in ("nan", "inf", "-1e300", "one")),
        cursor(*good[:2], "me"),
    ):
        assert (await forum.list_posts(ada, bad)).refusal == (400, "invalid_cursor")


async def test_posts_too_old_for_a_list_leave_its_index(forum: Forum, ada: Person) -> None:
    titles_before = {query: await forum.titles(ada, query) for query in BY_RANK}
    await ada.world.sql(
        "UPDATE post_ranks SET day = true, week = true, month = true, rising = hot"
        " WHERE forum_id = %s",
        forum.id,
    )
    await ada.world.work_off("schedules.expire_nonces")
    rows = await ada.world.sql(
        "SELECT title, day, week, month, rising IS NOT NULL FROM post_ranks r"
        " JOIN posts p ON p.id = r.post_id WHERE p.forum_id = %s",
        forum.id,
    )
    assert {title: flags for title, *flags in rows} == {
        "fresh": [True, True, True, True],
        "bad": [True, True, True, True],
        "loved": [False, True, True, True],
        "torn": [False, True, True, False],
        "week": [False, True, True, False],
        "month": [False, False, True, False],
        "old": [False, False, False, False],
    }
    del titles_before["sort=rising"]  # the test has written another rank there
    assert {query: await forum.titles(ada, query) for query in titles_before} == titles_before
