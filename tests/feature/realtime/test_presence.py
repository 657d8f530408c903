from __future__ import annotations

from typing import Any

import pytest

from cgraph.core.ids import short, uuid7
from tests.feature.realtime.looking import (
    focus_of,
    is_due,
    lane_key,
    look,
    pass_window,
    start_anew,
    subscribe,
    told,
)
from tests.feature.world import Person, World


@pytest.fixture
async def conversation(ada: Person, grace: Person) -> str:
    return await ada.converse(grace)


def changed(*people: tuple[Person, str]) -> tuple[str, object]:
    return "presence.changed", {
        "people": [{"user_id": person.id, "status": status} for person, status in people]
    }


async def test_wherever_the_socket_looks_and_will_look(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    group, later = [await ada.converse(grace, kind="group") for _ in range(2)]
    own = await look(ada, conversation, group)
    others = [await look(grace, each) for each in (conversation, group)]
    for each in (conversation, group):
        await start_anew(world, each, own, *others)
    reply = await own.say("presence", {"status": "away"})
    assert reply == {"type": "ack", "id": "1", "ok": True, "data": {}}
    for each in (conversation, group):
        assert is_due(world, each)
        await pass_window(world, each)

    assert [told(other) for other in others] == [[changed((ada, "away"))]] * 2
    assert told(own) == [], "nobody is told of themselves"
    await subscribe(own, later)
    present = (await subscribe(others[0], later))[later]["present"]
    assert present == [{"user_id": ada.id, "status": "away"}]


async def test_of_two_sockets_the_busier_counts(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    first, second = await look(ada, conversation), await look(ada, conversation)
    other = await look(grace, conversation)
    await start_anew(world, conversation, other)
    told_of = []
    for socket, status in ((first, "away"), (second, "busy"), (second, "away")):
        await socket.say("presence", {"status": status})
        await pass_window(world, conversation)
        told_of += told(other)

    assert told_of == [changed((ada, status)) for status in ("online", "busy", "away")]


async def test_who_leaves_is_offline(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    other = await look(grace, conversation)
    sockets = [await look(ada, conversation) for _ in range(3)]
    await start_anew(world, conversation, other)
    await sockets[0].say("unsubscribe", {"streams": [f"conv:{conversation}"]})
    await sockets[1].disconnect()
    await pass_window(world, conversation)
    assert told(other) == [changed((ada, "online"))], "one is left"
    await world.work_off("workers.maintain_sockets", {"gone": [sockets[2].id]})
    await pass_window(world, conversation)

    assert told(other) == [changed((ada, "offline"))]
    assert world.valkey.hkeys(focus_of(conversation)) == [other.id]


async def test_with_the_session_its_sockets_leave(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    other, own = await look(grace, conversation), await look(ada, conversation)
    await start_anew(world, conversation, other)
    await ada.call("log_out")
    await pass_window(world, conversation)

    assert told(other) == [changed((ada, "offline"))]
    assert [frame["type"] for frame in own.received()] == ["closing"]


async def test_who_is_removed_is_told_nothing_more(
    world: World, ada: Person, grace: Person, eve: Person
) -> None:
    conversation = await ada.converse(grace, eve, kind="group")
    first, second, removed = [await look(person, conversation) for person in (ada, grace, eve)]
    await start_anew(world, conversation, first, second, removed)
    await removed.say("typing", {"stream": f"conv:{conversation}", "typing": True})
    told(first), told(second)
    path = {"id": conversation, "user_id": eve.id}
    assert (await ada.call("remove_member", **path)).status in (200, 204)
    removed.received()
    reply = await removed.say("typing", {"stream": f"conv:{conversation}", "typing": False})
    await second.say("typing", {"stream": f"conv:{conversation}", "typing": True})
    await pass_window(world, conversation)

    assert reply["error"]["code"] == "not_subscribed"
    assert removed.received() == []
    assert changed((eve, "offline")) in told(first)
    assert (await subscribe(removed, conversation))[conversation] == {"gone": True}


async def test_more_people_than_one_event_names_come_in_the_next(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    socket = await look(ada, conversation)
    await look(grace, conversation)
    await start_anew(world, conversation, socket)
    ids = [uuid7() for _ in range(150)]
    people: dict[Any, Any] = {f"p:{short(id)}": "" for id in ids}
    world.valkey.hset(lane_key("held", conversation), mapping=people)
    named: list[str] = []
    for together in (100, 150):
        await pass_window(world, conversation)
        ((_, data),) = told(socket)
        named += [person["user_id"] for person in data["people"]]
        assert len(named) == together

    assert named == sorted(map(str, ids))
    assert not is_due(world, conversation)


async def test_what_is_not_valid(ada: Person, conversation: str) -> None:
    socket = await look(ada, conversation)
    for data in ({}, {"status": "offline"}, {"status": 1}, {"status": "online "}):
        assert (await socket.say("presence", data))["error"]["code"] == "validation_failed"
