from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.feature.world import Answer, Person, World


async def sync(person: Person, cursors: object, **fields: object) -> Answer:
    return await person.call("sync_streams", {"cursors": cursors, **fields})


async def gap(person: Person, stream: str, cursor: int) -> Any:
    return (await sync(person, {stream: cursor})).body["streams"][stream]


@pytest.fixture
async def conversation(ada: Person, grace: Person) -> str:
    return await ada.converse(grace)


async def test_each_stream_answers_its_events_after_the_cursor(
    ada: Person, grace: Person, conversation: str
) -> None:
    sent = [await grace.send(conversation, f"{number}") for number in range(3)]
    stream, own = f"conv:{conversation}", f"user:{ada.id}"
    answer = (await sync(ada, {stream: 1, own: 1})).body

    assert answer["streams"][own] == {
        "from": 1, "to": 1, "head": 1, "limited": False, "events": [],
    }  # fmt: skip
    found = answer["streams"][stream]
    assert (found["from"], found["to"], found["head"], found["limited"]) == (1, 3, 3, False)
    assert [event["data"]["message"] for event in found["events"]] == sent[1:]
    assert [event["ts"] for event in found["events"]] == [m["created_at"] for m in sent[1:]]
    assert answer["next"] is None


async def test_an_answer_is_bounded_and_has_the_next_cursors(
    ada: Person, grace: Person, eve: Person
) -> None:
    streams = {f"conv:{await ada.converse(other)}": 0 for other in (grace, eve)}
    for stream in streams:
        for number in range(5):
            await ada.send(stream.removeprefix("conv:"), f"{number}")
    seen: dict[str, list[int]] = {stream: [] for stream in streams}
    cursors, answers = streams, 0
    while cursors:
        answer = (await sync(ada, cursors, limit=3)).body
        for stream, found in answer["streams"].items():
            seen[stream] += [event["seq"] for event in found["events"]]
        cursors, answers = answer["next"], answers + 1

    assert list(seen.values()) == [[1, 2, 3, 4, 5]] * 2
    assert answers == 4


async def test_a_stream_without_access_is_gone_and_has_nothing_else(
    world: World, ada: Person, grace: Person, eve: Person, conversation: str
) -> None:
    await ada.send(conversation, "secret")
    streams = {f"conv:{conversation}": 0, f"conv:{uuid4()}": 0, f"user:{ada.id}": 0}
    streams |= {f"conv:{ada.id}": 0, f"user:{conversation}": 0}
    answer = (await sync(eve, streams)).body

    assert answer == {"streams": {stream: {"gone": True} for stream in streams}, "next": None}
    await world.sql("DELETE FROM conversation_members WHERE user_id = %s", grace.id)
    assert await gap(grace, f"conv:{conversation}", 0) == {"gone": True}


async def test_a_cursor_too_far_behind_gets_a_snapshot(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    sent = [await grace.send(conversation, f"{number}") for number in range(52)]
    await world.sql("UPDATE streams SET head = 1100 WHERE id = %s", conversation)
    found = await gap(ada, f"conv:{conversation}", 52)

    assert (found["from"], found["to"], found["head"]) == (52, 1100, 1100)
    assert (found["limited"], found["events"]) == (True, [])
    assert found["snapshot"]["messages"] == sent[-50:]
    assert found["snapshot"]["unread_count"] == 52
    assert found["snapshot"]["conversation"]["last_message"] == sent[-1]


async def test_a_cursor_older_than_the_log_gets_a_snapshot(
    world: World, ada: Person, conversation: str
) -> None:
    for number in range(4):
        await ada.send(conversation, f"{number}")
    await world.sql("DELETE FROM events WHERE stream_id = %s AND seq <= 2", conversation)

    assert (await gap(ada, f"conv:{conversation}", 1))["limited"] is True
    found = await gap(ada, f"conv:{conversation}", 2)
    assert [event["seq"] for event in found["events"]] == [3, 4]


async def test_a_cursor_ahead_of_the_head_gets_a_snapshot(ada: Person, conversation: str) -> None:
    await ada.send(conversation, "one")
    found = await gap(ada, f"conv:{conversation}", 9)

    assert (found["limited"], found["to"]) == (True, 1)


async def test_a_users_own_stream_has_no_snapshot(world: World, ada: Person) -> None:
    await world.sql("UPDATE streams SET head = 2000 WHERE id = %s", ada.id)

    assert await gap(ada, f"user:{ada.id}", 0) == {
        "from": 0, "to": 2000, "head": 2000, "limited": True, "events": [],
    }  # fmt: skip


@pytest.mark.parametrize("head", [5000, 9], ids=["too far", "older than the log"])
async def test_snapshots_come_twenty_at_a_time(world: World, ada: Person, head: int) -> None:
    conversations = [await ada.converse(kind="group") for _ in range(23)]
    await world.sql("UPDATE streams SET head = %s WHERE id = ANY(%s::uuid[])", head, conversations)
    first = (await sync(ada, {f"conv:{each}": 1 for each in conversations})).body
    cursors = first["next"]
    assert set(cursors.values()) == {1}
    rest = (await sync(ada, cursors)).body

    assert (len(first["streams"]), len(rest["streams"]), rest["next"]) == (20, 3, None)
    assert all(found["limited"] for found in (first["streams"] | rest["streams"]).values())


async def test_what_exceeds_lambdas_limit_comes_with_the_next_request(
    world: World, ada: Person
) -> None:
    limited, short = [await ada.converse(kind="group") for _ in range(2)]
    for conversation in (limited, short):
        for number in range(3):
            await ada.send(conversation, f"{number}")
    owls = "🦉" * 250_000  # as much as some hundred messages say
    tell = "UPDATE events SET payload = jsonb_build_object('owls', %s::text) WHERE stream_id = %s"
    await world.sql(tell, owls, short)
    await world.sql("UPDATE messages SET content = %s WHERE conversation_id = %s", owls, limited)
    await world.sql("UPDATE streams SET head = 5000 WHERE id = %s", limited)
    cursors = {f"conv:{short}": 0, f"conv:{limited}": 0}
    told: list[list[list[int]]] = []
    while cursors and len(told) < 6:
        answer = (await sync(ada, cursors)).body
        found = answer["streams"]
        told.append([[event["seq"] for event in gap["events"]] for gap in found.values()])
        cursors = answer["next"]

    assert told == [[[1, 2]], [[3]], [[]]]


async def test_a_request_names_at_most_two_thousand_streams(ada: Person) -> None:
    streams = {f"conv:{uuid4()}": 0 for _ in range(2000)}
    answer = await sync(ada, streams)

    assert set(map(str, answer.body["streams"].values())) == {"{'gone': True}"}
    assert (await sync(ada, streams | {f"user:{ada.id}": 0})).refusal == (422, "validation_failed")


@pytest.mark.parametrize(
    ("cursors", "fields"),
    [
        ({"conv:x": 0}, {}),
        ({f"team:{uuid4()}": 0}, {}),
        ({f"CONV:{uuid4()}": 0}, {}),
        ({f"conv:{uuid4()}": -1}, {}),
        ({f"conv:{uuid4()}": 2**63}, {}),
        ({f"conv:{uuid4()}": "far"}, {}),
        (["conv"], {}),
        ({}, {"limit": 0}),
        ({}, {"limit": 1001}),
    ],
)
async def test_an_invalid_sync_request_is_refused(
    ada: Person, cursors: object, fields: dict[str, object]
) -> None:
    assert (await sync(ada, cursors, **fields)).refusal == (422, "validation_failed")
