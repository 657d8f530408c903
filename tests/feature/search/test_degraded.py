"""While OpenSearch is away, Postgres answers, and says so."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode
from uuid import uuid4

from cgraph.core.settings import settings
from tests.feature.environment import Request, answer_request
from tests.feature.forum import new_forum
from tests.feature.search.indexing import index
from tests.feature.world import Answer, Person, World

NOBODY_LISTENS = "http://127.0.0.1:9"


def answer_without_opensearch(request: Request) -> tuple[dict[str, Any], float]:
    """As a stage that has one which does not answer; with the seconds that it took."""
    away = replace(
        settings(),
        opensearch_url=NOBODY_LISTENS,
        opensearch_auth="none",
        opensearch_prefix="test",
    )
    began = time.monotonic()
    with (
        patch("cgraph.core.opensearch.settings", return_value=away),
        patch("cgraph.search.engines.settings", return_value=away),
    ):
        answer = answer_request(request)
    return answer, time.monotonic() - began


async def call(world: World, person: Person, function: str, **path: Any) -> Answer:
    query = urlencode(path.pop("query"))
    headers = {"authorization": f"Bearer {person.access_token}"}
    request = Request(function, query=query, headers=headers, path=path, address=person.address)
    raw, seconds = await world.run(answer_without_opensearch, request)
    assert seconds < 3, "a person waits"

    return Answer(raw["statusCode"], json.loads(raw["body"]), raw["headers"])


async def test_postgres_answers_while_opensearch_is_away(
    world: World, ada: Person, grace: Person
) -> None:
    word = f"w{uuid4().hex[:10]}"
    forum = await new_forum(ada)
    posts = [await forum.post(ada, title=f"{word} {number}") for number in range(3)]
    await index(world)
    first = await call(world, grace, "search_documents", query={"q": word, "limit": 2})

    assert first.status == 200, first
    assert first.body["degraded"] is True and first.body["total"]["count"] == 3
    query = {"q": word, "limit": 2, "cursor": first.body["next"]}
    second = await call(world, grace, "search_documents", query=query)
    both = [hit["id"] for hit in (*first.body["items"], *second.body["items"])]
    assert sorted(both) == sorted(post["id"] for post in posts)
    suggestions = await call(world, grace, "list_suggestions", query={"q": word[:8]})
    assert suggestions.body["degraded"] is True and len(suggestions.body["items"]) == 3
    similar = await call(world, grace, "list_similar_posts", query={"title": word}, slug=forum.slug)
    assert similar.body["degraded"] is True and len(similar.body["items"]) == 3
    # The list that Postgres has begun goes on there when OpenSearch is back, or there is none.
    rest = await grace.call("search_documents", query=urlencode(query))
    assert rest.body["items"] == second.body["items"]


async def test_the_system_is_ready_while_opensearch_is_away(world: World, grace: Person) -> None:
    answer = await call(world, grace, "check_readiness", query={})
    assert (answer.status, answer.body["status"]) == (200, "degraded")
    dependencies = answer.body["dependencies"]
    assert {name for name, each in dependencies.items() if not each["ok"]} == {"search"}
