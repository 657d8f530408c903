"""What happens to a person between the question whether they may look and the look itself."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

from tests.feature.environment import answer_frame
from tests.feature.realtime.subscribers import (
    received_events,
    subscribed_socket,
    subscribers_key_of,
    type_in,
)
from tests.feature.world import Person, World


def subscribe_while(event: str, connection: str, conversation: str, person: str) -> Any:
    """The answer, where `event` comes once, right after the access was checked."""
    from cgraph.realtime import queries

    check = queries.access_to_subscribe
    overtaken: list[str] = []

    async def check_and_be_overtaken(tx: Any, **asked: Any) -> Any:
        found = await check(tx, **asked)
        if not overtaken:
            overtaken.append(event)
            await EVENTS[event](tx, connection, UUID(conversation), UUID(person))
        return found

    frame = {"action": "subscribe", "id": 1, "data": {"streams": [f"conv:{conversation}"]}}
    context = {"requestContext": {"connectionId": connection}, "body": json.dumps(frame)}
    with patch.object(queries, "access_to_subscribe", check_and_be_overtaken):
        return json.loads(answer_frame("subscribe", context)["body"])


async def _closed(tx: Any, connection: str, conversation: UUID, person: UUID) -> None:
    from cgraph.realtime import connections

    await connections.close_connections([connection])


async def _removed(tx: Any, connection: str, conversation: UUID, person: UUID) -> None:
    member = {"id": conversation, "person": person}
    await tx.execute(
        "DELETE FROM conversation_members WHERE conversation_id = %(id)s AND user_id = %(person)s",
        member,
    )
    await _back_again(tx, connection, conversation, person)


async def _back_again(tx: Any, connection: str, conversation: UUID, person: UUID) -> None:
    """Removed, and added before anybody looked."""
    from cgraph.events.streams import Stream, StreamKind
    from cgraph.realtime import subscriptions

    await subscriptions.end_subscription(
        user_id=person, stream=Stream(StreamKind.CONVERSATION, conversation)
    )


EVENTS: dict[str, Callable[..., Awaitable[None]]] = {
    "closed": _closed,
    "removed": _removed,
    "back again": _back_again,
}


@pytest.mark.parametrize("event", EVENTS)
async def test_a_subscription_that_races_with_a_loss_of_access_ends_right(
    world: World, ada: Person, grace: Person, event: str
) -> None:
    conversation = await ada.converse(grace, kind="group")
    other, socket = await subscribed_socket(ada, conversation), await grace.open_socket()
    reply = await world.run(subscribe_while, event, socket.id, conversation, grace.id)
    await type_in(other, conversation)
    heard = [name for name, _ in received_events(socket)]

    looks = [other.id, socket.id] if event == "back again" else [other.id]
    assert world.valkey.hkeys(subscribers_key_of(conversation)) == looks
    if event == "closed":
        assert reply["error"]["code"] == "authentication_required"
    else:
        found = reply["data"]["streams"][f"conv:{conversation}"]
        assert found.get("gone") is (True if event == "removed" else None)
    assert ("typing.started" in heard) is (event == "back again")
