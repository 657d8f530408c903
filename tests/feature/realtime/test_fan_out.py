"""What telling a thousand sockets costs the function that tells them."""

from __future__ import annotations

import time
from uuid import UUID

from cgraph.core.ids import UserId
from cgraph.realtime.connection_store import SocketEntry, connections_key
from tests.feature.environment import Request, answer_counted
from tests.feature.world import Person, World

EACH = 500


async def test_a_thousand_sockets_cost_two_round_trips_and_one_call_to_the_queue(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    await ada.send(conversation, "what is known is known now")
    ids = {id for person in (ada, grace) for id in listening(world, person, number=EACH)}
    world.queues.drain(world.queues.push)

    headers = {"authorization": f"Bearer {ada.access_token}"}
    body = {"conversation_id": conversation, "content": "hi, all of you"}
    request = Request("send_message", headers=headers, body=body, address=ada.address)
    answer, asked, queued = await world.run(answer_counted, request)

    assert answer["statusCode"] == 201
    assert asked <= 2, "round trips to Valkey: who is this and may they; who listens"
    assert queued == 1
    jobs = world.queues.drain(world.queues.push)
    told = [id for job in jobs for one in job["deliveries"] for id in one["connections"]]
    assert (len(jobs), len(told), set(told)) == (2, 2 * EACH, ids)


def listening(world: World, person: Person, *, number: int) -> list[str]:
    """Sockets as they are once they have said hello."""
    ids = [f"{person.id}-{place}" for place in range(number)]
    socket = str(SocketEntry(int(time.time()) + 60, person.id, listens=True))
    world.valkey.hset(connections_key(UserId(UUID(person.id))), mapping=dict.fromkeys(ids, socket))
    return ids
