"""IndexInOpensearch"""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from cgraph.search.engine import Query, Viewer, Words
from cgraph.search.opensearch import indexes
from cgraph.search.opensearch.engine import OpenSearchEngine
from tests.feature.search.engine_target import make_viewer
from tests.feature.search.opensearch_target import SearchClient
from tests.feature.world import Person, World

FUNCTION = "workers.index_in_opensearch"

pytestmark = [
    pytest.mark.parametrize("search_engine", ["opensearch", "fake"], indirect=True),
    pytest.mark.usefixtures("few_documents"),
]


class Index:
    def __init__(self, world: World) -> None:
        self.world = world
        self.url, self.prefix = world.opensearch
        self.client = SearchClient(self.url)
        self.engine = OpenSearchEngine(self.client, prefix=self.prefix)

    async def follow(self) -> list[dict[str, str]]:
        """The failures of the consumer's function after a nudge."""
        answer = await self.world.work_off(FUNCTION, {"shard": None})
        if not answer["batchItemFailures"]:
            await indexes.refresh(self.client, prefix=self.prefix)
        return list(answer["batchItemFailures"])

    async def found(self, viewer: Viewer, word: str) -> list[UUID]:
        results = await self.engine.search(Query(viewer, Words(all=[word])))
        return [hit.key.id for hit in results.hits]


@pytest.fixture
async def index(world: World, search_engine: str) -> AsyncIterator[Index]:
    await world.sql("DELETE FROM consumers WHERE name = 'opensearch'")  # each index begins empty
    index = Index(world)
    yield index
    index.client.close()


async def test_what_was_there_before_is_found(index: Index, ada: Person) -> None:
    """Also without an event, as imports write it."""
    conversation, word = await ada.converse(ada), f"w{uuid4().hex}"
    message = await ada.send(conversation, f"about {word}")
    await index.world.sql("DELETE FROM events WHERE stream_id = %s", UUID(conversation))
    assert await index.follow() == []
    viewer = make_viewer(id=UUID(ada.id), conversations={UUID(conversation): 0})
    assert await index.found(viewer, word) == [UUID(message["id"])]


async def test_what_is_written_edited_and_deleted_is_followed(index: Index, ada: Person) -> None:
    conversation = await ada.converse(ada)
    viewer = make_viewer(id=UUID(ada.id), conversations={UUID(conversation): 0})
    assert await index.follow() == []
    first, second = f"w{uuid4().hex}", f"w{uuid4().hex}"
    message = await ada.send(conversation, f"about {first}")
    await index.follow()
    assert await index.found(viewer, first) == [UUID(message["id"])]
    change = {"content": second, "version": 1}
    assert (await ada.call("edit_message", change, id=message["id"])).status == 200
    await index.follow()
    assert await index.found(viewer, first) == []
    assert await index.found(viewer, second) == [UUID(message["id"])]
    await ada.call("delete_message", id=message["id"])
    await index.follow()
    assert await index.found(viewer, second) == []


async def test_while_it_is_away_the_nudge_comes_again(index: Index, ada: Person) -> None:
    """And nothing is lost."""
    conversation, word = await ada.converse(ada), f"w{uuid4().hex}"
    assert await index.follow() == []
    message = await ada.send(conversation, f"about {word}")
    usual = index.world.opensearch
    index.world.opensearch = ("http://127.0.0.1:9", index.prefix)
    assert await index.follow() == [{"itemIdentifier": "0"}]
    index.world.opensearch = usual
    assert await index.follow() == []
    viewer = make_viewer(id=UUID(ada.id), conversations={UUID(conversation): 0})
    assert await index.found(viewer, word) == [UUID(message["id"])]
    rows = await index.world.sql("SELECT count(*) FROM failed_events WHERE consumer = 'opensearch'")
    assert rows == [(0,)], "no event is to blame"
