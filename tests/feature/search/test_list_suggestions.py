from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from cgraph.search.models import Suggestions
from tests.feature.forum import new_forum
from tests.feature.search.indexing import index
from tests.feature.world import Person, World


async def suggestions(person: Person, q: str, **parameters: Any) -> list[Any]:
    answer = await person.call("list_suggestions", query=urlencode({"q": q, **parameters}))
    assert answer.status == 200, answer
    assert Suggestions.model_validate(answer.body).model_dump(mode="json") == answer.body
    assert answer.body["degraded"] is False
    return list(answer.body["items"])


async def test_forums_users_and_posts_are_suggested_while_somebody_writes(
    world: World, ada: Person, eve: Person
) -> None:
    word = f"w{uuid4().hex[:10]}"
    forum = await new_forum(ada, name=f"Kettles {word}")
    post = await forum.post(ada, title=f"Whose {word}?", body="Mine.")
    await ada.call("change_me", {"display_name": f"Ada {word}"})
    await index(world)
    items = {each["type"]: each for each in await suggestions(eve, word[:8])}

    assert {type: (each["id"], each["title"], each["name"]) for type, each in items.items()} == {
        "forum": (forum.id, f"Kettles {word}", forum.slug),
        "post": (post["id"], f"Whose {word}?", forum.slug),
        "user": (ada.id, f"Ada {word}", ada.username),
    }
    start, end = items["post"]["highlights"]["title"][0]
    assert items["post"]["title"][start:end] == word
    assert len(await suggestions(eve, word, limit=1)) == 1


async def test_what_the_caller_may_not_read_is_not_suggested(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    word = f"w{uuid4().hex[:10]}"
    secret = await new_forum(ada, grace, name=word, visibility="private")
    await secret.post(ada, title=f"{word} too")
    public = await new_forum(ada)
    removed = await public.post(grace, title=f"{word} removed")
    blocked = await public.post(grace, title=f"{word} of somebody else")
    await index(world)

    assert len(await suggestions(grace, word)) == 4
    await ada.call("remove_post", {"reason": "spam"}, id=removed["id"])
    await eve.call("block_user", user_id=grace.id)
    assert await suggestions(eve, word) == []
    assert {each["id"] for each in await suggestions(ada, word)} >= {secret.id, blocked["id"]}
    assert removed["id"] not in {each["id"] for each in await suggestions(ada, word)}


@pytest.mark.parametrize("query", ["", "q=", "q=%20", f"q={'a' * 1100}", "q=tea&limit=21"])
async def test_what_is_no_text_is_refused(ada: Person, query: str) -> None:
    assert (await ada.call("list_suggestions", query=query)).refusal == (422, "validation_failed")
