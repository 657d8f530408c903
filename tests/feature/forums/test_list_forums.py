from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from cgraph.forums.models import ForumView
from tests.feature.forum import new_forum
from tests.feature.world import Person


async def list_all(reader: Person, **query: Any) -> list[Any]:
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
    return [each["name"] for each in await list_all(reader, **query)]


async def test_readable_forums_are_listed_the_last_active_first(
    ada: Person, grace: Person, eve: Person
) -> None:
    word = f"w{uuid4().hex}"
    forums = [
        await new_forum(ada, name=f"{word} {number}", visibility=visibility)
        for number, visibility in enumerate(("public", "restricted", "private", "public"))
    ]
    await forums[2].add(ada, grace)
    await ada.world.sql(
        "UPDATE forums SET active_at = active_at + interval '1 hour' WHERE id = %s", forums[0].id
    )

    listed = await list_all(ada, q=word)
    assert [each["id"] for each in listed] == [forums[index].id for index in (0, 3, 2, 1)]
    for each in listed:
        assert ForumView.model_validate(each).model_dump(mode="json") == each
        assert each["role"] == "owner"
    assert await names(grace, q=word) == [f"{word} {number}" for number in (0, 3, 2, 1)]
    assert await names(eve, q=word) == [f"{word} {number}" for number in (0, 3, 1)]
    ids = {each["id"] for each in await list_all(eve, limit=100)}
    assert {forums[index].id for index in (0, 1, 3)} <= ids
    assert forums[2].id not in ids


@pytest.mark.parametrize("sort", ["activity", "name"])
async def test_pages_of_a_search_neither_repeat_nor_skip_a_forum(
    ada: Person, eve: Person, sort: str
) -> None:
    word = f"w{uuid4().hex}"
    for name in ("😀" * 31, "Zebra", "apple", "Éclair", "apple"):
        await new_forum(ada, name=f"{word} {name}"[:64])
    await new_forum(ada, name=f"{word} secret", visibility="private")

    for reader, count in ((ada, 6), (eve, 5)):
        for query in ({"q": word}, {"mine": "true"}):
            whole = await list_all(reader, sort=sort, limit=100, **query)
            one_by_one = await list_all(reader, sort=sort, limit=1, **query)
            assert one_by_one == whole
            if reader is ada or "q" in query:
                assert len(whole) == count
    ours = await names(ada, sort="name", q=word)
    assert ours == sorted(ours, key=str.lower)


async def test_pages_of_all_forums_neither_repeat_nor_skip_a_forum(
    ada: Person, eve: Person
) -> None:
    """However many other tests make meanwhile."""
    for visibility in ("public", "private", "restricted", "private"):
        await new_forum(ada, visibility=visibility)
    for sort in ("activity", "name"):
        paged = [each["id"] for each in await list_all(ada, sort=sort, limit=3)]
        whole = [each["id"] for each in await list_all(ada, sort=sort, limit=100)]
        assert paged == whole
        assert len(set(paged)) == len(paged)
        hers = {each["id"] for each in await list_all(eve, sort=sort, limit=100)}
        assert len(set(paged) - hers) == 2


@pytest.mark.parametrize(
    ("text", "found"),
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
async def test_a_search_finds_words_by_their_beginnings(
    ada: Person, text: str, found: bool
) -> None:
    mark = uuid4().hex
    slug = f"beans-42-{mark[:12]}"
    await new_forum(ada, slug=slug, name=f"Coffee—Éclair {mark}")
    assert bool(await names(ada, q=f"{text} {mark}" if found else text, mine="true")) == found


async def test_mine_lists_the_forums_of_which_the_caller_is_a_member(
    ada: Person, eve: Person
) -> None:
    forums = [await new_forum(ada, name=name) for name in ("b", "a")]
    assert await list_all(eve, mine="true") == []
    assert (await forums[0].join(eve)).status == 200
    (mine,) = await list_all(eve, mine="true")
    assert (mine["id"], mine["role"]) == (forums[0].id, "member")
    assert await names(ada, mine="true", sort="name") == ["a", "b"]


async def test_a_banned_user_finds_public_forums_and_no_private_ones(
    ada: Person, eve: Person
) -> None:
    public = await new_forum(ada, eve, name="public")
    private = await new_forum(ada, eve, name="private", visibility="private")
    for each in (public, private):
        await each.ban(eve, until="2999-01-01T00:00:00Z")

    (mine,) = await list_all(eve, mine="true")
    assert (mine["id"], mine["banned"]) == (public.id, True)
    assert mine["banned_until"] == "2999-01-01T00:00:00.000Z"
    assert (await eve.call("show_forum", slug=private.slug)).status == 404


async def test_a_cursor_of_another_list_or_user_is_invalid(ada: Person, eve: Person) -> None:
    for name in ("a", "b"):
        await new_forum(ada, name=name)
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
