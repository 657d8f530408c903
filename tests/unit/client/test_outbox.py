from __future__ import annotations

import asyncio

import pytest

from cgraph_client import Client, Invalid, Outbox
from tests.unit.client.conftest import QUICK
from tests.unit.client.reader import Reader
from tests.unit.client.small_server import SmallServer


async def test_lost_replies_write_nothing_twice_and_keep_the_order(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    outbox = Outbox(ada, backoff=QUICK)
    server.faults.replies_lost = 10
    server.faults.limited = 3
    texts = [f"message {n}" for n in range(30)]
    sending = [asyncio.create_task(outbox.send(talk.id, text)) for text in texts]
    await asyncio.sleep(0)
    assert [draft.content for draft in outbox.pending] == texts
    sent = await asyncio.gather(*sending)
    assert tuple(sent) == await grace.history(talk.id)
    assert [message.content for message in sent] == texts
    assert server.counts["replayed"] == 10
    assert outbox.pending == ()


async def test_it_sends_over_the_socket_and_when_that_is_cut_over_http(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace")
    async with Reader(ada) as reader:
        outbox = Outbox(ada, over=reader.subscription, backoff=QUICK)
        await outbox.send(talk.id, "by socket")
        assert server.counts["POST /messages"] == 0
        server.faults.mute = True
        sending = asyncio.create_task(outbox.send(talk.id, "by http"))
        await asyncio.sleep(0.1)
        server.faults.mute = False
        server.cut()
        await sending
        assert server.counts["POST /messages"] == 1
        await reader.until(lambda: reader.contents == ["by socket", "by http"])


async def test_a_function_that_failed_is_not_waited_for(server: SmallServer, ada: Client) -> None:
    talk = await ada.create_conversation("ada")
    async with Reader(ada) as reader:
        outbox = Outbox(ada, over=reader.subscription, backoff=QUICK)
        server.faults.mute = True
        sending = asyncio.create_task(outbox.send(talk.id, "again, please"))
        await asyncio.sleep(0.1)
        await server.tell_all({"message": "Internal server error", "requestId": "r"})
        async with asyncio.timeout(2):
            assert (await sending).content == "again, please"
        server.faults.mute = False


async def test_it_waits_for_a_server_that_is_away(server: SmallServer, ada: Client) -> None:
    talk = await ada.create_conversation("ada")
    await server.stop()
    outbox = Outbox(ada, backoff=QUICK)
    sending = asyncio.create_task(outbox.send(talk.id, "hello"))
    await asyncio.sleep(0.3)
    assert len(outbox.pending) == 1
    await server.start()
    assert (await sending).content == "hello"


async def test_what_is_refused_for_good_is_raised_and_does_not_hold_up_the_next(
    ada: Client,
) -> None:
    talk = await ada.create_conversation("ada")
    outbox = Outbox(ada, backoff=QUICK)
    too_long = asyncio.create_task(outbox.send(talk.id, "x" * 4_001))
    fine = asyncio.create_task(outbox.send(talk.id, "fine"))
    with pytest.raises(Invalid):
        await too_long
    assert (await fine).seq == 1
    assert outbox.pending == ()


async def test_a_frame_above_32_kb_is_never_sent(ada: Client) -> None:
    talk = await ada.create_conversation("ada")
    async with Reader(ada) as reader:
        outbox = Outbox(ada, over=reader.subscription, backoff=QUICK)
        message = await outbox.send(talk.id, "\N{GRINNING FACE}" * 4_000)
        assert len(message.content) == 4_000
