from __future__ import annotations

import asyncio

import pytest

from cgraph_client import Client, Invalid, Outbox
from tests.unit.client.change_recorder import ChangeRecorder
from tests.unit.client.conftest import QUICK
from tests.unit.client.fake_server.server import FakeServer


async def test_retries_after_lost_replies_write_each_message_once_and_in_order(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    outbox = Outbox(ada, backoff=QUICK)
    server.faults.lost_replies = 10
    server.faults.limited_sends = 3
    texts = [f"message {n}" for n in range(30)]
    sending = [asyncio.create_task(outbox.send(conversation.id, text)) for text in texts]
    await asyncio.sleep(0)
    assert [draft.content for draft in outbox.pending] == texts
    sent = await asyncio.gather(*sending)
    assert tuple(sent) == await grace.history(conversation.id)
    assert [message.content for message in sent] == texts
    assert server.counts["replayed"] == 10
    assert outbox.pending == ()


async def test_a_message_goes_over_the_socket_and_over_http_where_that_is_cut(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    async with ChangeRecorder(ada) as recorder:
        outbox = Outbox(ada, connection=recorder.connection, backoff=QUICK)
        await outbox.send(conversation.id, "by socket")
        assert server.counts["POST /messages"] == 0
        server.faults.silent_sockets = True
        sending = asyncio.create_task(outbox.send(conversation.id, "by http"))
        await asyncio.sleep(0.1)
        server.faults.silent_sockets = False
        server.cut()
        await sending
        assert server.counts["POST /messages"] == 1
        await recorder.until(lambda: recorder.contents == ["by socket", "by http"])


async def test_a_gateway_error_ends_the_wait_for_an_answer(server: FakeServer, ada: Client) -> None:
    conversation = await ada.create_conversation("ada")
    async with ChangeRecorder(ada) as recorder:
        outbox = Outbox(ada, connection=recorder.connection, backoff=QUICK)
        server.faults.silent_sockets = True
        sending = asyncio.create_task(outbox.send(conversation.id, "again, please"))
        await asyncio.sleep(0.1)
        await server.broadcast({"message": "Internal server error", "requestId": "r"})
        async with asyncio.timeout(30):
            assert (await sending).content == "again, please"
        server.faults.silent_sockets = False


async def test_a_message_is_sent_when_the_server_is_up_again(
    server: FakeServer, ada: Client
) -> None:
    conversation = await ada.create_conversation("ada")
    await server.stop()
    outbox = Outbox(ada, backoff=QUICK)
    sending = asyncio.create_task(outbox.send(conversation.id, "hello"))
    await asyncio.sleep(0.3)
    assert len(outbox.pending) == 1
    await server.start()
    assert (await sending).content == "hello"


async def test_a_refused_message_raises_and_does_not_block_the_next(
    ada: Client,
) -> None:
    conversation = await ada.create_conversation("ada")
    outbox = Outbox(ada, backoff=QUICK)
    too_long = asyncio.create_task(outbox.send(conversation.id, "x" * 4_001))
    fine = asyncio.create_task(outbox.send(conversation.id, "fine"))
    with pytest.raises(Invalid):
        await too_long
    assert (await fine).seq == 1
    assert outbox.pending == ()


async def test_a_message_above_32_kb_is_sent_in_several_frames(ada: Client) -> None:
    conversation = await ada.create_conversation("ada")
    async with ChangeRecorder(ada) as recorder:
        outbox = Outbox(ada, connection=recorder.connection, backoff=QUICK)
        message = await outbox.send(conversation.id, "\N{GRINNING FACE}" * 4_000)
        assert len(message.content) == 4_000


async def test_edits_deletions_and_reactions_arrive_once_over_the_socket_and_over_http(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace")
    async with ChangeRecorder(ada) as recorder:
        outbox = Outbox(ada, connection=recorder.connection, backoff=QUICK)
        message = await outbox.send(conversation.id, "frist")
        edited = await outbox.edit(message, "first")
        assert (edited.content, edited.version) == ("first", 2)
        assert (await outbox.edit(message, "first")).version == 2, (
            "the repeated edit changes nothing"
        )
        assert (await outbox.react(message, "👍🏽")).my_reactions == ("👍🏽",)
        server.cut()
        assert (await outbox.react(message, "👍🏽", added=False)).reactions == {}
        assert (await outbox.delete(message)).deleted_at is not None
        events = [e["event"] for e in server.state.streams[f"conv:{conversation.id}"]]
        assert events == ["message.created", "message.updated"] + ["message.reacted"] * 2 + [
            "message.deleted"
        ]
