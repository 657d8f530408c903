"""A new index replaces the old one, and nobody notices"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from cgraph.search.engine import Document, EngineUnavailable, Query, Viewer, Words
from cgraph.search.opensearch import indexes
from cgraph.search.opensearch.bulk import Deletion, TargetGone, write_changes, write_documents
from cgraph.search.opensearch.engine import OpenSearchEngine
from tests.feature.search.engine_target import make_document, make_viewer
from tests.feature.search.indexing import document_of
from tests.feature.search.opensearch_target import OpenSearchTarget, SearchClient
from tests.feature.search.reindexing import build_missing, reindex_step
from tests.feature.world import Person, World

pytestmark = pytest.mark.usefixtures("few_documents")


class Indexed:
    """Indexes of the test's own, for what is in Postgres, and some words that only one message
    has.
    """

    def __init__(self, world: World, url: str) -> None:
        self.world, self.url = world, url
        self.prefix = f"test-{uuid4().hex[:12]}"
        self.client = SearchClient(url)
        self.engine = OpenSearchEngine(self.client, prefix=self.prefix)

    async def step(self, seconds: float = 30) -> dict[str, Any]:
        return dict(await self.world.run(reindex_step, self.url, self.prefix, seconds))

    async def write(self, *changes: Document | Deletion) -> None:
        await write_changes(self.client, prefix=self.prefix, changes=changes)

    async def found(self, viewer: Viewer, word: str) -> list[UUID]:
        results = await self.engine.search(Query(viewer, Words(all=[word])))
        return [hit.key.id for hit in results.hits]

    async def names(self) -> list[tuple[str, bool]]:
        known = await indexes.list_indexes(self.client, prefix=self.prefix)
        return [(index.name, index.is_searched) for index in known]


@pytest.fixture
async def indexed(world: World, opensearch: OpenSearchTarget) -> AsyncIterator[Indexed]:
    indexed = Indexed(world, opensearch.url)
    yield indexed
    for name, _ in await indexed.names():
        await indexes.delete_index(indexed.client, name)
    indexed.client.close()


@pytest.fixture
async def said(ada: Person) -> tuple[Viewer, str, str]:
    """A viewer, a word, and the id of the message that has it."""
    conversation = await ada.converse(ada)
    word = f"w{uuid4().hex}"
    message = await ada.send(conversation, f"the word is {word}")
    return make_viewer(id=UUID(ada.id), conversations={UUID(conversation): 0}), word, message["id"]


async def test_all_documents_are_found_afterwards(
    indexed: Indexed, said: tuple[Viewer, str, str], ada: Person
) -> None:
    viewer, word, message_id = said
    progress = await indexed.step()
    assert (progress["is_done"], progress["at"]) == (True, "message")
    assert await indexed.found(viewer, word) == [UUID(message_id)]
    assert UUID(ada.id) in await indexed.found(make_viewer(), ada.username)
    assert await indexed.names() == [(progress["index"], True)]


async def test_a_step_goes_on_where_the_last_one_ended(
    indexed: Indexed, said: tuple[Viewer, str, str], world: World
) -> None:
    viewer, word, message_id = said
    steps = [await indexed.step(0.001)]
    while not steps[-1]["is_done"]:
        with pytest.raises(EngineUnavailable):  # nothing is searched until all is there
            await indexed.found(viewer, word)
        steps.append(await indexed.step(0.001))
        assert len(steps) < 500
    assert len(steps) >= 3
    assert len({step["index"] for step in steps}) == 1
    rows = await world.sql(
        """
        SELECT (SELECT count(*) FROM users) + (SELECT count(*) FROM forums)
             + (SELECT count(*) FROM posts) + (SELECT count(*) FROM comments)
             + (SELECT count(*) FROM messages)
        """
    )
    assert sum(step["documents"] for step in steps) == rows[0][0]
    assert await indexed.found(viewer, word) == [UUID(message_id)]


async def test_the_old_index_answers_until_the_new_one_does(
    indexed: Indexed, said: tuple[Viewer, str, str]
) -> None:
    viewer, word, message_id = said
    first = await indexed.step()
    answers: list[list[UUID]] = []

    async def watch() -> None:
        while True:
            answers.append(await indexed.found(viewer, word))

    watching = asyncio.create_task(watch())
    while not (progress := await indexed.step(0.001))["is_done"]:
        assert not watching.done()
    while len(answers) < 20:
        await asyncio.sleep(0.01)
    watching.cancel()
    assert progress["index"] != first["index"]
    assert await indexed.names() == [(progress["index"], True)]
    assert answers == [[UUID(message_id)]] * len(answers)


async def test_what_changes_meanwhile_is_in_both(
    indexed: Indexed, said: tuple[Viewer, str, str], world: World
) -> None:
    """The new index is written the old way last, and keeps what is newer."""
    viewer, word, message_id = said
    await indexed.step()
    document = await document_of(world, "message", message_id)
    assert document is not None
    await indexed.step(0)
    newer = replace(document, body="edited meanwhile", version=document.version + (1 << 40))
    added = make_document("post", title=f"added {word}", version=1 << 41)
    gone = make_document("post", title=f"gone {word}")
    await indexed.write(newer, added, gone)
    await indexed.write(Deletion(gone.key, gone.version + 1))
    await indexes.refresh(indexed.client, prefix=indexed.prefix)
    assert await indexed.found(viewer, word) == [added.key.id], "the old index has it"
    assert (await indexed.step())["is_done"]
    assert await indexed.found(viewer, word) == [added.key.id], "and the new one too"
    assert await indexed.found(viewer, "meanwhile") == [UUID(message_id)]


async def test_another_mapping_begins_anew(indexed: Indexed, said: tuple[Viewer, str, str]) -> None:
    begun = await indexed.step(0)
    index = (await indexes.list_indexes(indexed.client, prefix=indexed.prefix))[0]
    outdated = replace(index, fingerprint="of an older release")
    await indexes.save_progress(indexed.client, outdated, after="message-" + str(UUID(int=1)))
    finished = await indexed.step()
    assert finished["index"] != begun["index"]
    assert await indexed.names() == [(finished["index"], True)]
    assert await indexed.found(said[0], said[1]) == [UUID(said[2])]


async def test_an_index_that_is_lost_is_built_again(
    indexed: Indexed, said: tuple[Viewer, str, str], world: World
) -> None:
    viewer, word, message_id = said
    build = (build_missing, indexed.url, indexed.prefix)
    assert await world.run(*build, 0) is True
    assert await world.run(*build, 30) is False
    assert await indexed.found(viewer, word) == [UUID(message_id)]
    names = await indexed.names()
    assert await world.run(*build, 30) is False
    assert await indexed.names() == names, "it is not built again while it is there"


async def test_an_index_that_was_just_deleted_is_not_made_again(indexed: Indexed) -> None:
    """By a write that had read the aliases before: OpenSearch would guess the fields."""
    document = make_document("post", title="late")
    await indexed.write(document)
    ((name, _),) = await indexed.names()
    stale = indexes.written_alias(indexed.prefix, name)
    await indexes.delete_index(indexed.client, name)
    with pytest.raises(TargetGone):
        await write_documents(indexed.client, alias=stale, documents=[document])
    assert await indexed.names() == []
