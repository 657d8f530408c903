"""The emulator tells which queues have new messages, so that nobody has to poll them."""

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
from cgraph_local.triggers.sqs_batch import Message


@pytest_asyncio.fixture(scope="module")
async def sqs(emulator: Services) -> AsyncIterator[SqsClient]:
    sqs = SqsClient(emulator.endpoints())
    for name in ("one", "two"):
        await sqs.call("CreateQueue", QueueName=name)
    yield sqs
    await sqs.close()


@pytest_asyncio.fixture(autouse=True)
async def empty(sqs: SqsClient) -> None:
    for queue in ("one", "two"):
        await sqs.call("PurgeQueue", QueueUrl=sqs.queue_url(queue))


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


async def test_a_delayed_message_ends_the_wait_when_it_can_be_received(
    sqs: SqsClient, sent: SentMessages
) -> None:
    url, began = sqs.queue_url("one"), time.monotonic()
    await sqs.call("SendMessage", QueueUrl=url, MessageBody="x", DelaySeconds=1)
    await receive_when_told(sqs, sent)
    assert time.monotonic() - began >= 1


async def test_a_message_that_was_received_and_not_deleted_ends_the_wait_again(
    sqs: SqsClient, sent: SentMessages
) -> None:
    await send(sqs, "one")
    message = await receive_when_told(sqs, sent)
    for seconds in (1, 0):
        await sqs.call(
            "ChangeMessageVisibility",
            QueueUrl=sqs.queue_url("one"),
            ReceiptHandle=message["ReceiptHandle"],
            VisibilityTimeout=seconds,
        )
        message = await receive_when_told(sqs, sent)
    await sqs.delete("one", receipt_handles=[message["ReceiptHandle"]])
    sent.forget("one")
    assert await seconds_until_sent(sent, "one", at_most=1) >= 1


async def receive_when_told(sqs: SqsClient, sent: SentMessages) -> Message:
    """The message of the queue `one`, which is asked only when it has new messages."""
    async with asyncio.timeout(10):
        while True:
            await sent.wait("one", seconds=60)
            sent.forget("one")
            if messages := await sqs.receive("one", max_messages=10, wait_seconds=0):
                (message,) = messages
                return message


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
