"""Emoji of forums in tests."""

from __future__ import annotations

from typing import Any

from tests.feature.forum import Forum
from tests.feature.uploaded import uploaded
from tests.feature.world import Answer, Person


async def put(forum: Forum, person: Person, name: str, upload: str, **options: Any) -> Answer:
    return await forum.call(person, "put_emoji", {"upload": upload}, name=name, **options)


async def added(forum: Forum, person: Person, name: str) -> str:
    """The id of its upload."""
    id = await uploaded(forum.world, person, purpose="emoji")
    answer = await put(forum, person, name, id)
    assert answer.status == 200, answer
    return id


async def names(forum: Forum, reader: Person) -> list[str]:
    answer = await forum.call(reader, "list_emoji")
    assert (answer.status, answer.body["next"]) == (200, None), answer
    return [each["name"] for each in answer.body["items"]]
