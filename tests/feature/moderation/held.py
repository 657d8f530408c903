"""Texts that a filter holds for approval."""

from __future__ import annotations

from typing import Any

from tests.feature.moderated_forum import ModeratedForum
from tests.feature.world import Person

WORD = "casino"


async def hold(forum: ModeratedForum, word: str = WORD) -> None:
    filters = {"words": [word], "action": "hold"}
    assert (await forum.call(forum.owner, "change_filters", filters)).status == 200


async def held_post(forum: ModeratedForum, author: Person) -> Any:
    """The post, as its author gets it."""
    await hold(forum)
    draft = {"title": "A title", "body": f"In the {WORD}"}
    answer = await forum.call(author, "create_post", draft)
    assert (answer.status, answer.body["withheld"]) == (201, "approval")
    return answer.body


async def held_comment(forum: ModeratedForum, author: Person, *, under: str) -> Any:
    await hold(forum)
    answer = await author.call("create_comment", {"body": f"In the {WORD}"}, id=under)
    assert (answer.status, answer.body["withheld"]) == (201, "approval")
    return answer.body
