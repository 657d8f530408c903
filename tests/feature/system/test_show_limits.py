"""The limits that the endpoint shows, and how they are applied."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from uuid import uuid4

import pytest

from tests.feature.environment import forget_the_mode, takes
from tests.feature.world import Answer, Person, World

SetMode = Callable[[str], Awaitable[None]]


@pytest.fixture
async def set_mode(world: World) -> AsyncIterator[SetMode]:
    """Sets the operating mode, which the process `alone` reads at once; resets it afterwards."""

    async def set_mode(name: str) -> None:
        world.valkey.set("mode", name)
        await world.run(forget_the_mode)

    yield set_mode
    world.valkey.delete("mode")
    await world.run(forget_the_mode)


async def change_me(person: Person, **options: object) -> Answer:
    return await person.call("change_me", {}, **options)


async def test_rate_limits_and_size_limits_are_shown(world: World) -> None:
    answer = await world.call("show_limits")

    assert answer.status == 200
    rates = {rate["name"]: (rate["per_minute"], rate["burst"]) for rate in answer.body["rates"]}
    assert (rates["send"], rates["password"]) == ((600, 120), (0.1, 10))
    assert answer.body["content_characters"] == 4000


async def test_all_processes_share_one_count(world: World) -> None:
    whose = uuid4().hex
    passed = await asyncio.gather(
        *(world.run(takes, "test", 100, whose, 50, many=True) for _ in range(20))
    )

    assert 99 <= sum(count for count, _ in passed) <= 101
    assert len({process for _, process in passed}) == 4


async def test_the_headers_count_down(ada: Person) -> None:
    """By one a request; in the meantime 600 a minute, one in 100 ms, come back."""
    began = time.monotonic()
    for number in range(5):
        answer = await change_me(ada)
        returned = int((time.monotonic() - began) * 10)
        left = 119 - number
        assert answer.headers["ratelimit-limit"] == "120"
        assert left <= int(answer.headers["ratelimit-remaining"]) <= left + returned


async def test_a_client_that_waits_for_retry_after_is_let_through(ada: Person) -> None:
    statuses = {(await change_me(ada)).status for _ in range(110)}
    assert statuses == {200}
    while (refused := await change_me(ada)).status == 200:
        pass
    assert refused.refusal == (429, "rate_limited")
    await asyncio.sleep(int(refused.headers["retry-after"]))

    assert (await change_me(ada)).status == 200


async def test_each_user_has_a_count_of_their_own(ada: Person, grace: Person) -> None:
    await change_me(ada)

    assert (await change_me(grace)).headers["ratelimit-remaining"] == "119"


async def test_requests_without_a_session_are_counted_by_address_whatever_a_header_claims(
    world: World,
) -> None:
    async def left(address: str, **headers: str) -> int:
        answer = await world.call("show_limits", address=address, headers=headers)
        return int(answer.headers["ratelimit-remaining"])

    address = f"192.0.2.{uuid4().int % 250}"
    first = await left(address)
    second = await left(address, **{"x-forwarded-for": "203.0.113.9"})
    assert (first, second) == (149, 148)


async def test_a_read_only_system_refuses_messages_over_http_and_over_sockets(
    world: World, ada: Person, grace: Person, set_mode: SetMode
) -> None:
    conversation = await ada.converse(grace)
    socket = await ada.open_socket()
    await set_mode("read_only")
    draft = {"conversation_id": conversation, "content": "hi"}
    refused = await ada.call("send_message", draft)
    frame = await socket.say("send", draft)

    assert refused.refusal == (503, "read_only")
    assert int(refused.headers["retry-after"]) >= 30
    assert (frame["ok"], frame["error"]["code"]) == (False, "read_only")
    assert (await ada.call("list_conversations")).status == 200
    assert (await ada.call("sync_streams", {"cursors": {}})).status == 200
    assert (await socket.say("ping"))["type"] == "pong"
    await ada.open_socket()


async def test_an_unknown_mode_changes_nothing(
    world: World, ada: Person, set_mode: SetMode
) -> None:
    await set_mode("holiday")

    assert (await change_me(ada)).status == 200


async def test_in_an_emergency_each_request_counts_four_times(
    world: World, ada: Person, set_mode: SetMode
) -> None:
    """Each process has read the mode anew after two seconds."""
    await set_mode("normal")
    await change_me(ada)
    world.valkey.set("mode", "emergency")
    await asyncio.sleep(2.1)
    began = time.monotonic()
    for _ in range(25):
        answer = await change_me(ada)

    assert 9 - (time.monotonic() - began) <= int(answer.headers["ratelimit-reset"]) <= 10
