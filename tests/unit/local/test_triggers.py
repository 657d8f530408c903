"""Queues and buckets invoke functions like event source mappings and S3 notifications on AWS."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import psutil
import pytest
import pytest_asyncio

from cgraph_local.host import InvocationError
from cgraph_local.services import Services
from cgraph_local.template import Bucket, BucketTrigger, Stack
from cgraph_local.triggers import Triggers
from cgraph_local.triggers.dead_letter_queues import find_dead_letter_queues
from cgraph_local.triggers.sqs import CONNECTION_ERRORS, SqsClient, SqsError
from tests.unit.local.event_sources import new_queue, new_trigger
from tests.unit.local.fake_host import FakeHost

QUEUES = [
    new_queue("plain"),
    new_queue("whole", dead_letter="dead"),
    new_queue("parts", dead_letter="dead"),
    new_queue("slow", visibility=30),
    new_queue("windowed", visibility=30),
    new_queue("steps.fifo", dead_letter="dead.fifo", receives=3),
    new_queue("dead"),
    new_queue("dead.fifo"),
]
STACK = Stack(
    functions={},
    queues={queue.name: queue for queue in QUEUES},
    queue_triggers=(
        new_trigger("Plain", "plain"),
        new_trigger("Whole", "whole", partial=False, batch_size=1),
        new_trigger("Parts", "parts"),
        new_trigger("Slow", "slow", batch_size=1, concurrency=3),
        new_trigger("Windowed", "windowed", batch_size=25, window=1.0),
        new_trigger("Steps", "steps.fifo"),
    ),
    buckets={"Media": Bucket("media")},
    bucket_triggers=(
        BucketTrigger("media", "Uploaded", ("s3:ObjectCreated:*",), prefix="in/", suffix=".png"),
    ),
)


@pytest_asyncio.fixture(scope="module")
async def sqs(emulator: Services) -> AsyncIterator[SqsClient]:
    sqs = SqsClient(emulator.endpoints())
    yield sqs
    await sqs.close()


@pytest_asyncio.fixture(scope="module")
async def started(emulator: Services) -> AsyncIterator[tuple[FakeHost, list[str]]]:
    host, printed = FakeHost(), list[str]()
    endpoints = emulator.endpoints()
    triggers = Triggers(STACK, host=host, endpoints=endpoints, print_line=printed.append)  # type: ignore[arg-type]
    await triggers.start()
    yield host, printed
    await triggers.stop()


@pytest.fixture
def running(started: tuple[FakeHost, list[str]]) -> tuple[FakeHost, list[str]]:
    """The host and the lines printed, both reset. The triggers are shared because starting and
    stopping them takes a second.
    """
    host, printed = started
    host.reset()
    printed.clear()
    return host, printed


async def send(sqs: SqsClient, queue: str, *bodies: str, group: str | None = None) -> None:
    for body in bodies:
        more = {"MessageGroupId": group, "MessageDeduplicationId": body} if group else {}
        await sqs.call("SendMessage", QueueUrl=sqs.queue_url(queue), MessageBody=body, **more)


async def wait_until(
    condition: Callable[[], bool | Awaitable[bool]], *, seconds: float = 30
) -> None:
    async with asyncio.timeout(seconds):
        while True:
            met = condition()
            if met if isinstance(met, bool) else await met:
                return
            await asyncio.sleep(0.02)


async def is_empty(sqs: SqsClient, queue: str) -> bool:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    result = await sqs.call(
        "GetQueueAttributes", QueueUrl=sqs.queue_url(queue), AttributeNames=names
    )
    return all(result["Attributes"][name] == "0" for name in names)


async def test_records_have_the_documented_shape(
    sqs: SqsClient, running: tuple[FakeHost, Any]
) -> None:
    host, _ = running
    await sqs.call(
        "SendMessage",
        QueueUrl=sqs.queue_url("plain"),
        MessageBody='{"a": "ü"}',
        MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "note"},
            "raw": {"DataType": "Binary", "BinaryValue": "AQI="},
        },
    )
    await wait_until(lambda: len(host.batches.get("Plain", [])) == 1)
    (record,) = host.batches["Plain"][0]
    sent = record["attributes"]
    assert record == {
        "messageId": record["messageId"],
        "receiptHandle": record["receiptHandle"],
        "body": '{"a": "ü"}',
        "attributes": {
            "ApproximateReceiveCount": "1",
            "SentTimestamp": sent["SentTimestamp"],
            "SenderId": sent["SenderId"],
            "ApproximateFirstReceiveTimestamp": sent["ApproximateFirstReceiveTimestamp"],
        },
        "messageAttributes": {
            "kind": {
                "stringValue": "note",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "String",
            },
            "raw": {
                "binaryValue": "AQI=",
                "stringListValues": [],
                "binaryListValues": [],
                "dataType": "Binary",
            },
        },
        "md5OfBody": hashlib.md5('{"a": "ü"}'.encode()).hexdigest(),
        "md5OfMessageAttributes": record["md5OfMessageAttributes"],
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:plain",
        "awsRegion": "us-east-1",
    }
    await wait_until(lambda: is_empty(sqs, "plain"))


async def test_a_failed_batch_is_delivered_again_and_then_goes_to_the_dead_letter_queue(
    sqs: SqsClient, running: tuple[FakeHost, Any]
) -> None:
    host, _ = running
    host.handlers["Whole"] = lambda records: (
        InvocationError.UNHANDLED if records[0]["body"] == "poison" else None
    )
    await send(sqs, "whole", "good", "poison")
    await wait_until(lambda: host.bodies("Whole").count("poison") == 2)
    dead = next(one for one in await find_dead_letter_queues(sqs) if one.source == "whole")
    assert dead.name == "dead"

    async def is_dead_letter() -> bool:
        await sqs.receive("whole", max_messages=1, wait_seconds=0)
        return [letter.body for letter in await dead.messages(sqs)] == ["poison"]

    await wait_until(is_dead_letter)
    assert host.bodies("Whole").count("good") == 1
    del host.handlers["Whole"]
    assert await dead.redrive(sqs) == 1
    await wait_until(lambda: host.bodies("Whole").count("poison") == 3)
    await wait_until(lambda: is_empty(sqs, "whole"))


async def test_only_reported_failures_are_delivered_again(
    sqs: SqsClient, running: tuple[FakeHost, Any]
) -> None:
    host, _ = running

    def fail_odd_numbers_once(records: list[dict[str, Any]]) -> object:
        failed = [
            {"itemIdentifier": record["messageId"]}
            for record in records
            if int(record["body"]) % 2 and record["attributes"]["ApproximateReceiveCount"] == "1"
        ]
        return {"batchItemFailures": failed}

    host.handlers["Parts"] = fail_odd_numbers_once
    numbers = [str(number) for number in range(10)]
    await asyncio.gather(*(send(sqs, "parts", number) for number in numbers))
    await wait_until(lambda: is_empty(sqs, "parts"))
    seen = sorted(host.bodies("Parts"))
    assert seen == sorted(numbers + [number for number in numbers if int(number) % 2])


async def test_batches_in_progress_never_exceed_the_maximum_concurrency(
    sqs: SqsClient, running: tuple[FakeHost, Any]
) -> None:
    host, _ = running
    host.duration = 0.1
    await asyncio.gather(*(send(sqs, "slow", str(number)) for number in range(12)))
    await wait_until(lambda: is_empty(sqs, "slow"))
    assert len(host.bodies("Slow")) == 12
    assert host.max_concurrency == 3


async def test_a_batching_window_collects_more_than_one_receive(
    sqs: SqsClient, running: tuple[FakeHost, Any]
) -> None:
    host, _ = running
    for number in range(15):
        await send(sqs, "windowed", str(number))
    await wait_until(lambda: is_empty(sqs, "windowed"))
    assert sum(len(batch) for batch in host.batches["Windowed"]) == 15
    assert max(len(batch) for batch in host.batches["Windowed"]) > 10


async def test_a_failure_delays_only_its_own_fifo_group(
    sqs: SqsClient, running: tuple[FakeHost, Any]
) -> None:
    host, printed = running
    handled: list[str] = []

    def stop_at_the_first_failure(records: list[dict[str, Any]]) -> object:
        for position, record in enumerate(records):
            if record["body"] == "a2" and record["attributes"]["ApproximateReceiveCount"] == "1":
                rest = [{"itemIdentifier": one["messageId"]} for one in records[position:]]
                return {"batchItemFailures": rest}
            handled.append(record["body"])
        return None

    host.handlers["Steps"] = stop_at_the_first_failure
    for body in ("a1", "b1", "a2", "b2", "a3", "b3"):
        await send(sqs, "steps.fifo", body, group=body[0])
    await wait_until(lambda: is_empty(sqs, "steps.fifo"))
    assert [body for body in handled if body[0] == "a"] == ["a1", "a2", "a3"]
    assert [body for body in handled if body[0] == "b"] == ["b1", "b2", "b3"]
    assert printed == []


async def test_missing_queues_are_created_again_after_the_emulator_was_killed(
    emulator: Services, sqs: SqsClient, running: tuple[FakeHost, list[str]]
) -> None:
    """An emulator that is killed does not save its state."""
    host, printed = running
    await wait_until(lambda: is_empty(sqs, "plain"))
    pid = emulator.pid("emulator")
    assert pid is not None
    psutil.Process(pid).kill()

    async def is_sent() -> bool:
        try:
            await send(sqs, "plain", "after")
        except (SqsError, *CONNECTION_ERRORS):
            return False
        return True

    await wait_until(is_sent, seconds=20)
    await wait_until(lambda: "after" in host.bodies("Plain"))
    assert printed


async def test_a_bucket_notifies_of_objects_that_match_the_filter(
    emulator: Services, running: tuple[FakeHost, Any]
) -> None:
    host, _ = running
    endpoints = emulator.endpoints()
    headers = endpoints.credentials.emulator_headers("s3")
    async with aiohttp.ClientSession(endpoints.emulator_url, headers=headers) as session:
        for key in ("in/a.txt", "out/a.png", "in/a.png"):
            async with session.put(f"/media/{key}", data=b"x") as response:
                assert response.status == 200
    await wait_until(lambda: bool(host.batches.get("Uploaded")))
    await asyncio.sleep(0.2)
    ((record,),) = host.batches["Uploaded"]
    assert record["eventSource"] == "aws:s3"
    assert record["eventName"] == "ObjectCreated:Put"
    assert (record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]) == ("media", "in/a.png")
