"""ReindexDocuments"""

from __future__ import annotations

import json
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from cgraph.search.engine import Query, Words
from cgraph.search.opensearch.engine import OpenSearchEngine
from cgraph_local.core.home import CHECKOUT
from tests.feature.environment import work_off
from tests.feature.search.engine_target import make_viewer
from tests.feature.search.opensearch_target import SearchClient
from tests.feature.world import Person, World

FUNCTION = "deployment.reindex_documents"
EVENT = json.loads(Path(CHECKOUT, "events", "reindex_documents.json").read_text())


@pytest.mark.parametrize("search_engine", ["opensearch", "fake"], indirect=True)
async def test_its_steps_make_an_index_that_is_searched(
    world: World, search_engine: str, ada: Person
) -> None:
    conversation, word = await ada.converse(ada), f"w{uuid4().hex}"
    message = await ada.send(conversation, f"about {word}")
    steps = [await world.run(work_off, FUNCTION, EVENT)]
    while not steps[-1]["is_done"]:
        steps.append(await world.run(work_off, FUNCTION, EVENT))
        assert len(steps) < 100
    url, prefix = world.opensearch
    client = SearchClient(url)
    engine = OpenSearchEngine(client, prefix=prefix)
    viewer = make_viewer(id=UUID(ada.id), conversations={UUID(conversation): 0})
    results = await engine.search(Query(viewer, Words(all=[word])))
    client.close()
    assert [hit.key.id for hit in results.hits] == [UUID(message["id"])]


async def test_without_an_opensearch_it_says_so(world: World) -> None:
    with pytest.raises(Exception, match="this stage has no OpenSearch"):
        await world.run(work_off, FUNCTION, {"seconds": 1})
