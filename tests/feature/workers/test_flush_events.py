"""Events of a busy stream wait for a moment and go together: once found, once sent."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any
from uuid import UUID

import pytest

from cgraph.core.ids import short
from cgraph.realtime.event_buffer import AUDIENCE_MIN
from tests.feature.realtime.subscribers import subscribed_socket
from tests.feature.world import Person, Socket, World


@pytest.fixture
async def crowd(world: World, ada: Person, grace: Person) -> str:
    """A group of Ada, Grace and so many others that its events may wait."""
    conversation = await ada.converse(grace, kind="group")
    await add_members(world, conversation, number=AUDIENCE_MIN)
    return conversation


async def add_members(world: World, conversation: str, *, number: int) -> None:
    await world.sql(
        """
        WITH crowd AS (
            SELECT gen_random_uuid() AS id FROM generate_series(1, %s)
        ), people AS (
            INSERT INTO users (id, username, email, password_hash, display_name, created_at)
            SELECT id, 'one-' || left(id::text, 20), id || '@example.org', '', 'One', now()
            FROM crowd
        ), own AS (
            INSERT INTO streams (id, kind) SELECT id, 'user' FROM crowd
        ), grown AS (
            UPDATE conversations SET member_count = member_count + %s WHERE id = %s
        )
        INSERT INTO conversation_members
               (conversation_id, user_id, role, joined_at, large, active_at)
        SELECT %s, id, 'member', now(), false, now() FROM crowd
        """,
        number,
        number,
        conversation,
        conversation,
    )


async def listening(person: Person) -> Socket:
    socket = await person.open_socket()
    await socket.say("hello")
    socket.received()
    return socket


async def send_within_a_window(
    world: World, person: Person, conversation: str, *contents: str
) -> None:
    """The window of a slow machine would end between two of them, so it is held open."""
    for content in contents:
        await person.send(conversation, content)
        world.valkey.set(key("window", conversation), 1, px=60_000)


async def flush(world: World, *conversations: str) -> None:
    jobs = [{"stream": f"conv:{each}", "due": time.time()} for each in conversations]
    assert await world.work_off("workers.flush_events", *jobs) == {"batchItemFailures": []}


def key(name: str, conversation: str) -> str:
    return f"{name}:{{{short(UUID(conversation))}}}"


def contents(frames: Sequence[Any]) -> list[str]:
    return [frame["data"]["message"]["content"] for frame in frames]


async def test_the_first_goes_at_once_and_the_others_together(
    world: World, ada: Person, grace: Person, crowd: str
) -> None:
    socket = await listening(grace)
    world.queues.drain(world.queues.flushes)
    await send_within_a_window(world, ada, crowd, "first", "second", "third", "fourth")

    assert contents(socket.received()) == ["first"]
    (job,) = world.queues.drain(world.queues.flushes)
    assert job["stream"] == f"conv:{crowd}"
    assert job["due"] < time.time() + 61
    await flush(world, crowd)
    pushed = world.queues.drain(world.queues.push)
    (delivery,) = [each for job in pushed for each in job["deliveries"]]
    assert (len(delivery["frames"]), delivery["connections"]) == (3, [socket.id])
    assert [f'"seq":{seq},' in frame for seq, frame in enumerate(delivery["frames"], 2)] == [
        True
    ] * 3


async def test_a_quiet_stream_does_not_wait(
    world: World, ada: Person, grace: Person, crowd: str
) -> None:
    socket = await listening(grace)
    for content in ("one", "two", "three"):
        await ada.send(crowd, content)
        world.valkey.delete(key("window", crowd))  # as it ends by itself

    assert contents(socket.received()) == ["one", "two", "three"]


async def test_events_for_few_never_wait(world: World, ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    socket = await listening(grace)
    await send_within_a_window(world, ada, conversation, "one", "two", "three")

    assert contents(socket.received()) == ["one", "two", "three"]


async def test_each_event_goes_to_those_who_were_members_when_it_was_written(
    world: World, ada: Person, grace: Person, eve: Person, crowd: str
) -> None:
    sockets = {person.id: await listening(person) for person in (ada, grace, eve)}
    await send_within_a_window(world, ada, crowd, "at once", "before")
    assert (await ada.call("remove_member", id=crowd, user_id=grace.id)).status == 204
    assert (await ada.call("put_member", {}, id=crowd, user_id=eve.id)).status == 200
    await send_within_a_window(world, ada, crowd, "after")
    await flush(world, crowd)

    seen = {
        person: [
            frame["data"]["message"]["content"]
            for frame in socket.received()
            if frame["event"] == "message.created"
        ]
        for person, socket in sockets.items()
    }
    assert seen == {
        ada.id: ["at once", "before", "after"],
        grace.id: ["at once", "before"],
        eve.id: ["after"],
    }


async def test_what_was_taken_but_not_sent_is_sent_after_the_lease(
    world: World, ada: Person, grace: Person, crowd: str
) -> None:
    socket = await listening(grace)
    await send_within_a_window(world, ada, crowd, "at once", "waits")
    assert await world.run(take_and_die, crowd) == 1
    assert contents(socket.received()) == ["at once"]
    await flush(world, crowd)
    assert socket.received() == []
    world.valkey.delete(key("lease", crowd))  # as it ends by itself
    await flush(world, crowd)
    assert contents(socket.received()) == ["waits"]
    await flush(world, crowd)
    assert socket.received() == []


async def test_what_was_taken_keeps_its_audience_while_others_are_sent(
    world: World, ada: Person, grace: Person, eve: Person, crowd: str
) -> None:
    socket = await listening(grace)
    await send_within_a_window(world, ada, crowd, "at once", "waits")
    await world.run(take_and_die, crowd)
    await ada.call("put_member", {}, id=crowd, user_id=eve.id)
    await send_within_a_window(world, ada, crowd, "for eve too")
    await flush(world, crowd)
    world.valkey.delete(key("lease", crowd))
    await flush(world, crowd)

    frames = [each for each in socket.received() if each["event"] == "message.created"]
    assert sorted(contents(frames)) == ["at once", "for eve too", "waits"]


async def test_an_event_does_not_overtake_those_whose_flush_is_late(
    world: World, ada: Person, grace: Person, crowd: str
) -> None:
    socket = await listening(grace)
    await send_within_a_window(world, ada, crowd, "at once", "waits")
    world.valkey.delete(key("window", crowd))
    await ada.send(crowd, "waits too")

    assert contents(socket.received()) == ["at once"]
    await flush(world, crowd)
    assert contents(socket.received()) == ["waits", "waits too"]


def take_and_die(conversation: str) -> int:
    """What a worker does that dies before it sends."""
    from cgraph.core import loop
    from cgraph.events.streams import Stream, StreamKind
    from cgraph.realtime import event_buffer

    stream = Stream(StreamKind.CONVERSATION, UUID(conversation))
    return len(loop.run(event_buffer.take([stream])))


async def test_several_streams_are_flushed_together(
    world: World, ada: Person, grace: Person, crowd: str
) -> None:
    other = await ada.converse(grace, kind="group")
    await add_members(world, other, number=AUDIENCE_MIN)
    socket = await listening(grace)
    await send_within_a_window(world, ada, crowd, "at once", "one")
    await send_within_a_window(world, ada, other, "at once", "two")
    await flush(world, crowd, other, crowd)

    assert sorted(contents(socket.received())) == ["at once", "at once", "one", "two"]


async def test_a_subscribed_socket_gets_each_event_once(
    world: World, ada: Person, grace: Person, crowd: str
) -> None:
    socket = await subscribed_socket(grace, crowd)
    await send_within_a_window(world, ada, crowd, *map(str, range(10)))
    await flush(world, crowd)

    assert contents(socket.received()) == [*map(str, range(10))]


async def test_a_flush_without_valkey_comes_again(world: World, ada: Person, crowd: str) -> None:
    job = {"stream": f"conv:{crowd}", "due": time.time()}
    async with world.away("valkey"):
        answer = await world.work_off("workers.flush_events", job)
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}]}
