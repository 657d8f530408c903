"""The emulator tells which queues were sent messages, so that nobody has to poll them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import aiohttp
import pytest
import pytest_asyncio

from cgraph_local.services import Services
from cgraph_local.triggers.sent_messages import SentMessages
from cgraph_local.triggers.sqs import SqsClient


@pytest_asyncio.fixture(scope="module")
async def sqs(emulator: Services) -> AsyncIterator[SqsClient]:
    sqs = SqsClient(emulator.endpoints())
    for name in ("one", "two"):
        await sqs.call("CreateQueue", QueueName=name)
    yield sqs
    await sqs.close()


@pytest_asyncio.fixture
async def sent(sqs: SqsClient) -> AsyncIterator[SentMessages]:
    sent = SentMessages(sqs)
    sent.start()
    yield sent
    await sent.stop()


async def send(sqs: SqsClient, queue: str) -> None:
    await sqs.call("SendMessage", QueueUrl=sqs.queue_url(queue), MessageBody="x")


async def send_batch(sqs: SqsClient, queue: str) -> None:
    entries = [{"Id": "1", "MessageBody": "x"}]
    await sqs.call("SendMessageBatch", QueueUrl=sqs.queue_url(queue), Entries=entries)


async def seconds_until_sent(sent: SentMessages, queue: str, *, at_most: float) -> float:
    began = time.monotonic()
    await sent.wait(queue, seconds=at_most)
    return time.monotonic() - began


@pytest.mark.parametrize("send_to", [send, send_batch])
async def test_a_message_ends_the_wait_for_its_queue_only(
    sqs: SqsClient,
    sent: SentMessages,
    send_to: Callable[[SqsClient, str], Awaitable[None]],
) -> None:
    await sqs.receive("one", max_messages=10, wait_seconds=0)
    for queue in ("one", "two"):
        await sent.wait(queue, seconds=0.5)  # what earlier tests sent
        sent.forget(queue)
    one = asyncio.create_task(seconds_until_sent(sent, "one", at_most=20))
    two = asyncio.create_task(seconds_until_sent(sent, "two", at_most=1.5))
    await send_to(sqs, "one")
    assert await one < 10
    assert await sqs.receive("one", max_messages=10, wait_seconds=0), "it is there by then"
    assert await two >= 1.5


async def test_what_was_sent_while_the_emulator_was_away_is_not_missed(
    sqs: SqsClient, sent: SentMessages, emulator: Services
) -> None:
    """A new emulator counts from 0."""
    await send(sqs, "one")
    await emulator.restart_service("emulator")
    await sqs.call("CreateQueue", QueueName="two")
    sent.forget("two")
    await send(sqs, "two")
    assert await seconds_until_sent(sent, "two", at_most=20) < 10


async def test_only_who_knows_the_access_key_is_told(emulator: Services, sqs: SqsClient) -> None:
    url = f"{emulator.endpoints().emulator_url}/_cgraph/sends?after=0"
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        assert response.status == 403
