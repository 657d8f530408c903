"""What happens to a person between the question whether they may look and the look itself."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, LiteralString
from unittest.mock import patch
from uuid import UUID

import pytest

from tests.feature.environment import answer_frame
from tests.feature.realtime.subscribers import (
    received_events,
    reset_window,
    subscribe,
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
            await {**EVENTS, **BLOCKS}[event](tx, connection, UUID(conversation), UUID(person))
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


async def _block_changed(
    tx: Any, connection: str, conversation: UUID, person: UUID, *, query: LiteralString
) -> None:
    """By the other member of the conversation; `query` changes it."""
    from cgraph.realtime.block_changes import BlockChange, apply_block_change
    from cgraph.realtime.queries import audience_of

    audience = await audience_of(tx, stream_id=conversation)
    assert audience is not None
    (other,) = {*audience.user_ids} - {person}
    await tx.execute(query, {"blocker": other, "blocked": person})
    await apply_block_change(BlockChange(other, person))


BLOCKS: dict[str, Callable[..., Awaitable[None]]] = {
    "blocked": partial(
        _block_changed,
        query="INSERT INTO blocks VALUES (%(blocker)s, %(blocked)s, now())",
    ),
    "unblocked": partial(
        _block_changed,
        query="DELETE FROM blocks WHERE (user_id, blocked_id) = (%(blocker)s, %(blocked)s)",
    ),
}


@pytest.mark.parametrize("renewed", [False, True], ids=["new", "renewed"])
@pytest.mark.parametrize("event", BLOCKS)
async def test_a_block_that_changes_during_the_subscription_is_taken_over(
    world: World, ada: Person, grace: Person, event: str, renewed: bool
) -> None:
    conversation = await ada.converse(grace, kind="group")
    if event == "unblocked":
        await ada.call("block_user", user_id=grace.id)
    other, socket = await subscribed_socket(ada, conversation), await grace.open_socket()
    if renewed:
        await subscribe(socket, conversation)
    reply = await world.run(subscribe_while, event, socket.id, conversation, grace.id)
    await reset_window(world, conversation, other, socket)
    await type_in(other, conversation)
    events = received_events(socket)

    present = reply["data"]["streams"][f"conv:{conversation}"]["present_count"]
    assert (present, len(events)) == ((0, 0) if event == "blocked" else (1, 1))


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
