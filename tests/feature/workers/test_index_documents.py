"""The function of a consumer does what is new when it is nudged."""

from __future__ import annotations

from tests.feature.world import Person, World

DOCUMENTS = "SELECT count(*) FROM search_documents WHERE place_id = %s"


async def test_a_nudge_brings_new_messages_into_the_index(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    await ada.send(conversation, "Espresso at noon?")
    await ada.send(conversation, "Or tea")
    result = await world.work_off("workers.index_documents", {"shard": None}, {"shard": 0})
    assert result == {"batchItemFailures": []}
    assert await world.sql(DOCUMENTS, conversation) == [(2,)]


async def test_a_nudge_is_delivered_again_while_postgres_is_away(world: World) -> None:
    async with world.away("postgres"):
        result = await world.work_off("workers.index_documents", {"shard": 0})
    assert result == {"batchItemFailures": [{"itemIdentifier": "0"}]}
