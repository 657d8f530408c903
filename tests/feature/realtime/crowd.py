"""Very many sockets, put into Valkey as they are once they have said hello and subscribed."""

from __future__ import annotations

import json
import time
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

from cgraph.core.ids import UserId, short, uuid7
from cgraph.events.streams import Stream, StreamKind
from cgraph.realtime.connection_store import SocketEntry, connections_key
from cgraph.realtime.subscription_store import Subscriber, socket_key, stream_field, subscribers_key
from tests.feature.environment import answer_frame
from tests.feature.world import Person, World


def listening(world: World, person: Person, *, number: int) -> list[str]:
    """Of one person."""
    ids = [f"{person.id}-{place}" for place in range(number)]
    socket = str(SocketEntry(int(time.time()) + 60, person.id, listens=True))
    world.valkey.hset(connections_key(UserId(UUID(person.id))), mapping=dict.fromkeys(ids, socket))
    return ids


def looking(world: World, conversation: str, *, ids: list[str], person: str | None = None) -> None:
    """Each of another person, or all of one."""
    now, stream = int(time.time()), Stream(StreamKind.CONVERSATION, UUID(conversation))
    pipeline = world.valkey.pipeline(transaction=False)
    for id in ids:
        user = short(UUID(person) if person else uuid7())
        who = f"{user} {short(uuid4())} {now}"
        record: dict[Any, Any] = {"who": who, stream_field(stream): str(now + 60)}
        pipeline.hset(socket_key(id), mapping=record)
        look = str(Subscriber(user, now + 60, "online"))
        pipeline.hset(subscribers_key(stream), id, look)
    pipeline.execute()


def say_all(ids: list[str], action: str, data: dict[str, Any]) -> int:
    """A frame from each, which must succeed; the statements that it took in Postgres."""
    from cgraph.core.database import Transaction

    body = json.dumps({"action": action, "id": 1, "data": data})
    with patch.object(Transaction, "_execute", wraps=Transaction._execute) as executed:
        for id in ids:
            event = {"requestContext": {"connectionId": id}, "body": body}
            assert json.loads(answer_frame(action, event)["body"])["ok"]
    return executed.call_count
