from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from tests.feature.forum import new_forum
from tests.feature.world import Person


async def test_pages_of_members_neither_repeat_nor_skip_one(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada, grace, eve)
    await forum.appoint(ada, grace)

    async def page(**query: Any) -> Any:
        answer = await eve.call("list_forum_members", slug=forum.slug, query=urlencode(query))
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
        "list_forum_members", slug=forum.slug, query=f"moderating=true&cursor={first['next']}"
    )
    assert bad.refusal == (400, "invalid_cursor")
