"""The function that fetches pages reaches no private network."""

from __future__ import annotations

from uuid import uuid4

from tests.feature.world import World
from tests.web_pages import reply, web_server


async def test_no_page_of_this_machine_is_fetched(world: World) -> None:
    results = world.queues.consumers["previews"]
    world.queues.drain(results)
    with web_server({"/": reply(b"<title>Inside</title>")}) as server:
        job = {"id": str(uuid4()), "url": f"http://127.0.0.1:{server.port}/"}
        assert await world.work_off("workers.fetch_previews", job) == {"batchItemFailures": []}
        assert server.connections == 0
    (sent,) = world.queues.drain(results)
    assert sent["result"]["id"] == job["id"]
    assert (sent["result"]["failed"], sent["result"]["title"]) == ("address", "")
