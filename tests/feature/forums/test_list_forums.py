from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from cgraph.forums.models import ForumView
from tests.feature.forums.forum import Forum, forum
from tests.feature.world import Person


async def listed(reader: Person, **query: Any) -> list[Any]:
    """All pages."""
    items: list[Any] = []
    cursor: dict[str, Any] = {}
    while True:
        answer = await reader.call("list_forums", query=urlencode({**query, **cursor}))
        assert answer.status == 200, answer
        items += answer.body["items"]
        if answer.body["next"] is None:
            return items
        cursor = {"cursor": answer.body["next"]}


async def names(reader: Person, **query: Any) -> list[str]:
    return [each["name"] for each in await listed(reader, **query)]


async def test_what_one_reads_last_active_first(ada: Person, grace: Person, eve: Person) -> None:
    word = f"w{uuid4().hex}"
    made = [
        await forum(ada, name=f"{word} {number}", visibility=visibility)
        for number, visibility in enumerate(("public", "restricted", "private", "public"))
    ]
    await made[2].add(ada, grace)
    await ada.world.sql(
        "UPDATE forums SET active_at = active_at + interval '1 hour' WHERE id = %s", made[0].id
    )

    shown = await listed(ada, q=word)
    assert [each["id"] for each in shown] == [made[place].id for place in (0, 3, 2, 1)]
    for each in shown:
        assert ForumView.model_validate(each).model_dump(mode="json") == each
        assert each["role"] == "owner"
    assert await names(grace, q=word) == [f"{word} {number}" for number in (0, 3, 2, 1)]
    assert await names(eve, q=word) == [f"{word} {number}" for number in (0, 3, 1)]
    ids = {each["id"] for each in await listed(eve, limit=100)}
    assert {made[place].id for place in (0, 1, 3)} <= ids
    assert made[2].id not in ids


@pytest.mark.parametrize("order", ["activity", "name"])
async def test_pages_neither_repeat_nor_skip(ada: Person, eve: Person, order: str) -> None:
    word = f"w{uuid4().hex}"
    for name in ("😀" * 31, "Zebra", "apple", "Éclair", "apple"):
        await forum(ada, name=f"{word} {name}"[:64])
    await forum(ada, name=f"{word} secret", visibility="private")

    for reader, count in ((ada, 6), (eve, 5)):
        for query in ({"q": word}, {"mine": "true"}):
            whole = await listed(reader, sort=order, limit=100, **query)
            one_by_one = await listed(reader, sort=order, limit=1, **query)
            assert one_by_one == whole
            if reader is ada or "q" in query:
                assert len(whole) == count
    ours = await names(ada, sort="name", q=word)
    assert ours == sorted(ours, key=str.lower)


async def test_all_forums_in_pages(ada: Person, eve: Person) -> None:
    """However many other tests make meanwhile."""
    for visibility in ("public", "private", "restricted", "private"):
        await forum(ada, visibility=visibility)
    for order in ("activity", "name"):
        paged = [each["id"] for each in await listed(ada, sort=order, limit=3)]
        whole = [each["id"] for each in await listed(ada, sort=order, limit=100)]
        assert paged == whole
        assert len(set(paged)) == len(paged)
        hers = {each["id"] for each in await listed(eve, sort=order, limit=100)}
        assert len(set(paged) - hers) == 2


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("coffee", True),
        ("COF", True),
        ("éclair cof", True),
        ("ÉCL", True),
        ("offee", False),
        ("coffee tea", False),
        ("'coffee':* | tea", False),
        ("coffee & !éclair", True),
        ("beans-42", True),
        ("!!!", False),
        ("☕", False),
    ],
)
async def test_search_by_words_that_have_begun(ada: Person, said: str, found: bool) -> None:
    mark = uuid4().hex
    slug = f"beans-42-{mark[:12]}"
    await forum(ada, slug=slug, name=f"Coffee—Éclair {mark}")
    assert bool(await names(ada, q=f"{said} {mark}" if found else said, mine="true")) == found


async def test_mine_are_those_i_am_in(ada: Person, eve: Person) -> None:
    made = [await forum(ada, name=name) for name in ("b", "a")]
    assert await listed(eve, mine="true") == []
    assert (await made[0].join(eve)).status == 200
    (mine,) = await listed(eve, mine="true")
    assert (mine["id"], mine["role"]) == (made[0].id, "member")
    assert await names(ada, mine="true", sort="name") == ["a", "b"]


async def test_whoever_is_banned(ada: Person, eve: Person) -> None:
    public = await forum(ada, eve, name="public")
    private = await forum(ada, eve, name="private", visibility="private")
    for each in (public, private):
        await each.ban(eve, until="2999-01-01T00:00:00Z")

    (mine,) = await listed(eve, mine="true")
    assert (mine["id"], mine["banned"]) == (public.id, True)
    assert mine["banned_until"] == "2999-01-01T00:00:00.000Z"
    assert (await eve.call("show_forum", slug=private.slug)).status == 404


async def test_a_cursor_is_one_lists_and_one_persons(ada: Person, eve: Person) -> None:
    for name in ("a", "b"):
        await forum(ada, name=name)
    page = await ada.call("list_forums", query="limit=1&mine=true")
    cursor = page.body["next"]
    for who, query in (
        (eve, "mine=true"),
        (ada, "mine=false"),
        (ada, "mine=true&sort=name"),
        (ada, "mine=true&q=a"),
    ):
        answer = await who.call("list_forums", query=f"{query}&cursor={cursor}")
        assert answer.refusal == (400, "invalid_cursor")
    for query in ("q=", "q=%00", "sort=hot", "limit=0", "mine=maybe", "q=" + "x" * 101):
        answer = await ada.call("list_forums", query=query)
        assert answer.refusal == (422, "validation_failed"), query


async def test_members_in_pages(ada: Person, grace: Person, eve: Person) -> None:
    made: Forum = await forum(ada, grace, eve)
    await made.appoint(ada, grace)

    async def page(**query: Any) -> Any:
        answer = await eve.call("list_forum_members", slug=made.slug, query=urlencode(query))
        assert answer.status == 200, answer
        return answer.body

    whole = await page()
    assert sorted(each["role"] for each in whole["items"]) == ["member", "moderator", "owner"]
    first = await page(limit=2)
    second = await page(limit=2, cursor=first["next"])
    assert first["items"] + second["items"] == whole["items"]
    assert second["next"] is None
    moderating = await page(moderating="true", limit=1)
    rest = await page(moderating="true", limit=1, cursor=moderating["next"])
    assert {each["id"] for each in moderating["items"] + rest["items"]} == {ada.id, grace.id}
    bad = await eve.call(
        "list_forum_members", slug=made.slug, query=f"moderating=true&cursor={first['next']}"
    )
    assert bad.refusal == (400, "invalid_cursor")
