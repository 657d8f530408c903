from __future__ import annotations

from typing import Any

import pytest

from cgraph.core.ids import short, uuid7
from tests.feature.realtime.subscribers import (
    channel_key,
    end_window,
    is_flush_scheduled,
    received_events,
    reset_window,
    subscribe,
    subscribed_socket,
    subscribers_key_of,
)
from tests.feature.world import Person, World


@pytest.fixture
async def conversation(ada: Person, grace: Person) -> str:
    return await ada.converse(grace)


def changed(*people: tuple[Person, str]) -> tuple[str, object]:
    return "presence.changed", {
        "people": [{"user_id": person.id, "status": status} for person, status in people]
    }


async def test_a_status_shows_in_all_subscribed_streams_now_and_later(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    group, later = [await ada.converse(grace, kind="group") for _ in range(2)]
    own = await subscribed_socket(ada, conversation, group)
    others = [await subscribed_socket(grace, each) for each in (conversation, group)]
    for each in (conversation, group):
        await reset_window(world, each, own, *others)
    reply = await own.say("presence", {"status": "away"})
    assert reply == {"type": "ack", "id": "1", "ok": True, "data": {}}
    for each in (conversation, group):
        assert is_flush_scheduled(world, each)
        await end_window(world, each)

    assert [received_events(other) for other in others] == [[changed((ada, "away"))]] * 2
    assert received_events(own) == [], "a user gets no event about their own presence"
    await subscribe(own, later)
    present = (await subscribe(others[0], later))[later]["present"]
    assert present == [{"user_id": ada.id, "status": "away"}]


async def test_of_two_sockets_the_busier_status_counts(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    first, second = (
        await subscribed_socket(ada, conversation),
        await subscribed_socket(ada, conversation),
    )
    other = await subscribed_socket(grace, conversation)
    await reset_window(world, conversation, other)
    told_of = []
    for socket, status in ((first, "away"), (second, "busy"), (second, "away")):
        await socket.say("presence", {"status": status})
        await end_window(world, conversation)
        told_of += received_events(other)

    assert told_of == [changed((ada, status)) for status in ("online", "busy", "away")]


async def test_a_user_who_unsubscribes_is_offline(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    other = await subscribed_socket(grace, conversation)
    sockets = [await subscribed_socket(ada, conversation) for _ in range(3)]
    await reset_window(world, conversation, other)
    await sockets[0].say("unsubscribe", {"streams": [f"conv:{conversation}"]})
    await sockets[1].disconnect()
    await end_window(world, conversation)
    assert received_events(other) == [changed((ada, "online"))], "one is left"
    await world.work_off("workers.maintain_sockets", {"gone": [sockets[2].id]})
    await end_window(world, conversation)

    assert received_events(other) == [changed((ada, "offline"))]
    assert world.valkey.hkeys(subscribers_key_of(conversation)) == [other.id]


async def test_a_user_whose_session_ends_is_offline(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    other, own = (
        await subscribed_socket(grace, conversation),
        await subscribed_socket(ada, conversation),
    )
    await reset_window(world, conversation, other)
    await ada.call("log_out")
    await end_window(world, conversation)

    assert received_events(other) == [changed((ada, "offline"))]
    assert [frame["type"] for frame in own.received()] == ["closing"]


async def test_a_removed_member_gets_no_further_presence(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace, eve, kind="group")
    first, second, removed = [
        await subscribed_socket(person, conversation) for person in (ada, grace, eve)
    ]
    await reset_window(world, conversation, first, second, removed)
    await removed.say("typing", {"stream": f"conv:{conversation}", "typing": True})
    received_events(first), received_events(second)
    path = {"id": conversation, "user_id": eve.id}
    assert (await ada.call("remove_member", **path)).status in (200, 204)
    removed.received()
    reply = await removed.say("typing", {"stream": f"conv:{conversation}", "typing": False})
    await second.say("typing", {"stream": f"conv:{conversation}", "typing": True})
    await end_window(world, conversation)

    assert reply["error"]["code"] == "not_subscribed"
    assert removed.received() == []
    assert changed((eve, "offline")) in received_events(first)
    assert (await subscribe(removed, conversation))[conversation] == {"gone": True}


async def test_presence_changes_above_the_maximum_come_in_the_next_event(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    socket = await subscribed_socket(ada, conversation)
    await subscribed_socket(grace, conversation)
    await reset_window(world, conversation, socket)
    ids = [uuid7() for _ in range(150)]
    people: dict[Any, Any] = {f"p:{short(id)}": "" for id in ids}
    world.valkey.hset(channel_key("buffered", conversation), mapping=people)
    named: list[str] = []
    for together in (100, 150):
        await end_window(world, conversation)
        ((_, data),) = received_events(socket)
        named += [person["user_id"] for person in data["people"]]
        assert len(named) == together

    assert named == sorted(map(str, ids))
    assert not is_flush_scheduled(world, conversation)


async def test_an_invalid_status_is_refused(ada: Person, conversation: str) -> None:
    socket = await subscribed_socket(ada, conversation)
    for data in ({}, {"status": "offline"}, {"status": 1}, {"status": "online "}):
        assert (await socket.say("presence", data))["error"]["code"] == "validation_failed"
