from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from tests.feature.world import Person, World


async def test_hello_answers_the_user_and_the_heads_of_the_streams(
    ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    await ada.send(conversation, "one")
    socket = await ada.open_socket()
    reply = await socket.say("hello", {}, id="h1")

    data = reply["data"]
    assert (reply["type"], reply["id"]) == ("hello", "h1")
    assert (data["connection_id"], data["user"]["id"]) == (socket.id, ada.id)
    assert "email" not in data["user"]
    assert data["heads"] == {f"user:{ada.id}": 1, f"conv:{conversation}": 1}
    assert (data["more_heads"], data["heartbeat_ms"], data["max_frame_bytes"]) == (
        False, 30_000, 32_000,
    )  # fmt: skip
    left = datetime.fromisoformat(data["expires_at"]) - datetime.now(UTC)
    assert timedelta(hours=1, minutes=59) < left < timedelta(hours=2, seconds=2)
    assert len(json.dumps(reply)) < 32_000


async def test_hello_answers_how_long_to_wait_after_a_storm(world: World, ada: Person) -> None:
    soon, past = time.time() + 60, time.time() - 1
    many = {f"storm-{number}": soon for number in range(600)}
    gone = {f"past-{number}": past for number in range(600)}
    socket = await ada.open_socket()
    world.valkey.zadd("sockets", mapping={**many, **gone})
    data = (await socket.say("hello"))["data"]
    open_now = int(str(world.valkey.zcard("sockets")))
    world.valkey.zrem("sockets", *many)

    assert data["storm_jitter_ms"] == -(-open_now // 500) * 1500
    assert world.valkey.zscore("sockets", "past-0") is None
    assert data["lease_ms"] == 600_000
    ends = datetime.fromisoformat(data["expires_at"]).timestamp()
    assert world.valkey.zscore("sockets", socket.id) == ends
    await socket.disconnect()
    assert world.valkey.zscore("sockets", socket.id) is None


async def test_events_are_pushed_after_hello(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    socket = await ada.open_socket()
    await grace.send(conversation, "before")
    assert socket.received() == []
    await socket.say("hello")
    await grace.send(conversation, "after")

    assert [event["seq"] for event in socket.received()] == [2]


async def test_hello_of_a_session_that_has_ended_is_refused_and_gets_no_events(
    world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    socket = await ada.open_socket()
    await world.sql("UPDATE sessions SET ended_at = now() WHERE user_id = %s", ada.id)
    for _ in range(2):
        reply = await socket.say("hello")
        assert (reply["ok"], reply["error"]["code"]) == (False, "authentication_required")
    await grace.send(conversation, "after")

    assert socket.received() == []
    assert world.valkey.hgetall(f"connections:{{{ada.id}}}") == {}


async def test_hello_with_cursors_pushes_the_missed_events(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    for number in range(5):
        await grace.send(conversation, f"{number}")
    socket = await ada.open_socket()
    cursors = {f"conv:{conversation}": 2, f"user:{ada.id}": 0, f"conv:{uuid4()}": 0}
    await socket.say("hello", {"cursors": cursors})

    batch, caught_up = socket.received()
    assert batch["type"] == "batch"
    told = [(event["stream"].split(":")[0], event["seq"]) for event in batch["events"]]
    assert told == [("conv", 3), ("conv", 4), ("conv", 5), ("user", 1)]
    assert caught_up == {"type": "caught_up", "data": {"streams": 3, "events": 4}}


async def test_frames_of_a_catch_up_stay_below_the_frame_limit(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    for content in ["🦉" * 4000, "👩🏽\u200d🚀" * 1500] * 3:
        await grace.send(conversation, content)
    socket = await ada.open_socket()
    await socket.say("hello", {"cursors": {f"conv:{conversation}": 0}})
    frames = socket.world.queues.frames_for(socket.id)

    assert max(len(frame.encode()) for frame in frames) <= 28_000
    events: list[Any] = [event for frame in frames for event in json.loads(frame).get("events", [])]
    assert [event["seq"] for event in events] == [1, 2, 3, 4, 5, 6]


async def test_hello_of_a_user_with_very_many_conversations_says_there_are_more(
    world: World, ada: Person
) -> None:
    await world.sql(
        """
        WITH made AS (
            INSERT INTO conversations (id, kind, created_by, created_at, member_count, active_at)
            SELECT gen_random_uuid(), 'group', %s, now(), 1, now() FROM generate_series(1, 450)
            RETURNING id, active_at
        ), stream AS (
            INSERT INTO streams (id, kind) SELECT id, 'conv' FROM made
        )
        INSERT INTO conversation_members
               (conversation_id, user_id, role, joined_at, large, active_at)
        SELECT id, %s, 'owner', now(), false, active_at FROM made
        """,
        ada.id,
        ada.id,
    )
    reply = await (await ada.open_socket()).say("hello")

    assert reply["data"]["more_heads"] is True
    assert f"user:{ada.id}" in reply["data"]["heads"]
    assert len(reply["data"]["heads"]) == 401
    assert len(json.dumps(reply, separators=(",", ":"))) < 32_000


async def test_hello_refuses_invalid_cursors(ada: Person) -> None:
    socket = await ada.open_socket()
    wrong: list[object] = [
        {"conv:x": 0},
        {f"team:{uuid4()}": 0},
        {f"conv:{uuid4()}": -1},
        {f"conv:{uuid4()}": "far"},
        {f"conv:{uuid4().hex}": 0},
        [],
    ]
    for cursors in wrong:
        reply = await socket.say("hello", {"cursors": cursors})
        assert (reply["ok"], reply["error"]["code"]) == (False, "validation_failed"), cursors
        assert reply["error"]["errors"]
