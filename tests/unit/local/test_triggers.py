"""Queues and buckets start functions as event source mappings and notifications do."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

import aiohttp
import psutil
import pytest
import pytest_asyncio

from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.host import Error, Invocation
from cgraph_local.services import Services
from cgraph_local.template import Bucket, BucketTrigger, Queue, QueueTrigger, Stack
from cgraph_local.triggers import Triggers
from cgraph_local.triggers.dead_letter_queues import find_dead_letters
from cgraph_local.triggers.sqs import AWAY, Sqs, SqsError
from cgraph_local.triggers.sqs_batch import failed_ids, fitting, out_of_order

Answer = Callable[[list[dict[str, Any]]], object]


class Host:
    """The functions of these tests are Python functions of records; everything else is real."""

    ceiling = 4

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.answers: dict[str, Answer] = {}
        self.batches: dict[str, list[list[dict[str, Any]]]] = {}
        self.at_once = self.most_at_once = 0
        self.takes = 0.0

    async def invoke(self, function: str, event: Mapping[str, object] | bytes) -> Invocation:
        assert isinstance(event, bytes)
        records = json.loads(event)["Records"]
        self.batches.setdefault(function, []).append(records)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.takes)
        self.at_once -= 1
        answer = self.answers[function](records) if function in self.answers else None
        error = answer if isinstance(answer, Error) else None
        return Invocation(None if error else answer, error, billed_ms=1, request_id="r")

    def bodies(self, function: str) -> list[str]:
        return [record["body"] for batch in self.batches.get(function, []) for record in batch]


def new_queue(name: str, *, dead_letter: str | None = None, **more: Any) -> Queue:
    return Queue(
        name=name,
        fifo=name.endswith(".fifo"),
        visibility_timeout=more.get("visibility", 1),
        dead_letter=dead_letter,
        max_receives=more.get("receives", 2) if dead_letter else None,
        delay=0,
        retention=600,
        receive_wait=0,
        deduplicates_content=False,
    )


def new_trigger(function: str, queue: str, **more: Any) -> QueueTrigger:
    return QueueTrigger(
        function=function,
        queue=queue,
        batch_size=more.get("batch_size", 10),
        window=more.get("window", 0.0),
        maximum_concurrency=more.get("concurrency"),
        partial_failures=more.get("partial", True),
    )


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
async def services(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Services]:
    home = Home(tmp_path_factory.mktemp("home"))
    services = Services(home, only=["emulator"])
    with home.lock():
        await services.start(Progress(stream=None))
        yield services
        await services.stop()


@pytest_asyncio.fixture(scope="module")
async def sqs(services: Services) -> AsyncIterator[Sqs]:
    sqs = Sqs(services.endpoints().emulator_url)
    yield sqs
    await sqs.close()


@pytest_asyncio.fixture(scope="module")
async def started(services: Services) -> AsyncIterator[tuple[Host, list[str]]]:
    host, said = Host(), list[str]()
    emulator = services.endpoints().emulator_url
    triggers = Triggers(STACK, host=host, emulator=emulator, say=said.append)  # type: ignore[arg-type]
    await triggers.start()
    yield host, said
    await triggers.stop()


@pytest.fixture
def world(started: tuple[Host, list[str]]) -> tuple[Host, list[str]]:
    """As new: starting and stopping the triggers takes a second."""
    host, said = started
    host.forget()
    said.clear()
    return host, said


async def send(sqs: Sqs, queue: str, *bodies: str, group: str | None = None) -> None:
    for body in bodies:
        more = {"MessageGroupId": group, "MessageDeduplicationId": body} if group else {}
        await sqs.call("SendMessage", QueueUrl=sqs.queue_url(queue), MessageBody=body, **more)


async def until(holds: Callable[[], bool | Awaitable[bool]], *, seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while True:
            answer = holds()
            if answer if isinstance(answer, bool) else await answer:
                return
            await asyncio.sleep(0.02)


async def is_empty(sqs: Sqs, queue: str) -> bool:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    answer = await sqs.call(
        "GetQueueAttributes", QueueUrl=sqs.queue_url(queue), AttributeNames=names
    )
    return all(answer["Attributes"][name] == "0" for name in names)


async def test_records_have_the_documented_shape(sqs: Sqs, world: tuple[Host, Any]) -> None:
    host, _ = world
    await sqs.call(
        "SendMessage",
        QueueUrl=sqs.queue_url("plain"),
        MessageBody='{"a": "ü"}',
        MessageAttributes={
            "kind": {"DataType": "String", "StringValue": "note"},
            "raw": {"DataType": "Binary", "BinaryValue": "AQI="},
        },
    )
    await until(lambda: len(host.batches.get("Plain", [])) == 1)
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
    await until(lambda: is_empty(sqs, "plain"))


async def test_a_failed_batch_comes_again_and_then_dies(sqs: Sqs, world: tuple[Host, Any]) -> None:
    host, _ = world
    host.answers["Whole"] = lambda records: (
        Error.UNHANDLED if records[0]["body"] == "poison" else None
    )
    await send(sqs, "whole", "good", "poison")
    await until(lambda: host.bodies("Whole").count("poison") == 2)
    dead = next(one for one in await find_dead_letters(sqs) if one.source == "whole")
    assert dead.name == "dead"

    async def has_died() -> bool:
        await sqs.receive("whole", most=1, wait=0)
        return [letter.body for letter in await dead.read(sqs)] == ["poison"]

    await until(has_died)
    assert host.bodies("Whole").count("good") == 1
    del host.answers["Whole"]
    assert await dead.redrive(sqs) == 1
    await until(lambda: host.bodies("Whole").count("poison") == 3)
    await until(lambda: is_empty(sqs, "whole"))


async def test_only_what_failed_comes_again(sqs: Sqs, world: tuple[Host, Any]) -> None:
    host, _ = world

    def fail_odd_ones_once(records: list[dict[str, Any]]) -> object:
        failed = [
            {"itemIdentifier": record["messageId"]}
            for record in records
            if int(record["body"]) % 2 and record["attributes"]["ApproximateReceiveCount"] == "1"
        ]
        return {"batchItemFailures": failed}

    host.answers["Parts"] = fail_odd_ones_once
    numbers = [str(number) for number in range(10)]
    await asyncio.gather(*(send(sqs, "parts", number) for number in numbers))
    await until(lambda: is_empty(sqs, "parts"))
    seen = sorted(host.bodies("Parts"))
    assert seen == sorted(numbers + [number for number in numbers if int(number) % 2])


async def test_maximum_concurrency_is_kept(sqs: Sqs, world: tuple[Host, Any]) -> None:
    host, _ = world
    host.takes = 0.1
    await asyncio.gather(*(send(sqs, "slow", str(number)) for number in range(12)))
    await until(lambda: is_empty(sqs, "slow"))
    assert len(host.bodies("Slow")) == 12
    assert host.most_at_once == 3


async def test_a_window_gathers_a_batch(sqs: Sqs, world: tuple[Host, Any]) -> None:
    host, _ = world
    for number in range(15):
        await send(sqs, "windowed", str(number))
    await until(lambda: is_empty(sqs, "windowed"))
    assert sum(len(batch) for batch in host.batches["Windowed"]) == 15
    assert max(len(batch) for batch in host.batches["Windowed"]) > 10


async def test_a_failure_holds_back_its_own_group_only(sqs: Sqs, world: tuple[Host, Any]) -> None:
    host, said = world
    done: list[str] = []

    def stop_at_the_first_failure(records: list[dict[str, Any]]) -> object:
        for position, record in enumerate(records):
            if record["body"] == "a2" and record["attributes"]["ApproximateReceiveCount"] == "1":
                rest = [{"itemIdentifier": one["messageId"]} for one in records[position:]]
                return {"batchItemFailures": rest}
            done.append(record["body"])
        return None

    host.answers["Steps"] = stop_at_the_first_failure
    for body in ("a1", "b1", "a2", "b2", "a3", "b3"):
        await send(sqs, "steps.fifo", body, group=body[0])
    await until(lambda: is_empty(sqs, "steps.fifo"))
    assert [body for body in done if body[0] == "a"] == ["a1", "a2", "a3"]
    assert [body for body in done if body[0] == "b"] == ["b1", "b2", "b3"]
    assert said == []


async def test_an_emulator_that_forgot_everything_is_mended(
    services: Services, sqs: Sqs, world: tuple[Host, list[str]]
) -> None:
    """Killed, it has not saved its state: its queues are made again."""
    host, said = world
    await until(lambda: is_empty(sqs, "plain"))
    pid = services.pid("emulator")
    assert pid is not None
    psutil.Process(pid).kill()

    async def is_sent() -> bool:
        try:
            await send(sqs, "plain", "after")
        except (SqsError, *AWAY):
            return False
        return True

    await until(is_sent, seconds=20)
    await until(lambda: "after" in host.bodies("Plain"))
    assert said


async def test_a_bucket_tells_of_the_objects_that_are_asked_for(
    services: Services, world: tuple[Host, Any]
) -> None:
    host, _ = world
    emulator = services.endpoints().emulator_url
    async with aiohttp.ClientSession(emulator) as session:
        for key in ("in/a.txt", "out/a.png", "in/a.png"):
            async with session.put(f"/media/{key}", data=b"x") as response:
                assert response.status == 200
    await until(lambda: bool(host.batches.get("Uploaded")))
    await asyncio.sleep(0.2)
    ((record,),) = host.batches["Uploaded"]
    assert record["eventSource"] == "aws:s3"
    assert record["eventName"] == "ObjectCreated:Put"
    assert (record["s3"]["bucket"]["name"], record["s3"]["object"]["key"]) == ("media", "in/a.png")


MESSAGES = [
    {"MessageId": name, "Attributes": {"MessageGroupId": name[0]}, "Body": "", "ReceiptHandle": "r"}
    for name in ("a1", "b1", "a2")
]
ALL = frozenset(("a1", "b1", "a2"))


@pytest.mark.parametrize(
    ("answer", "failed"),
    [
        (None, frozenset()),
        ({}, frozenset()),
        ({"batchItemFailures": []}, frozenset()),
        ({"batchItemFailures": None}, frozenset()),
        ({"batchItemFailures": [{"itemIdentifier": "b1"}]}, frozenset(("b1",))),
        ({"batchItemFailures": [{"itemIdentifier": ""}]}, ALL),
        ({"batchItemFailures": [{"itemIdentifier": None}]}, ALL),
        ({"batchItemFailures": [{"messageId": "b1"}]}, ALL),
        ({"batchItemFailures": [{"itemIdentifier": "stranger"}]}, ALL),
        ({"batchItemFailures": ["b1"]}, ALL),
        ({"batchItemFailures": "b1"}, ALL),
        ({"failures": []}, ALL),
        ("done", ALL),
    ],
)
def test_only_a_documented_answer_lets_messages_go(answer: object, failed: frozenset[str]) -> None:
    invocation = Invocation(answer, None, billed_ms=1, request_id="r")
    assert failed_ids(invocation, messages=MESSAGES, partial=True) == failed
    assert failed_ids(invocation, messages=MESSAGES, partial=False) == frozenset()


def test_a_function_that_loses_the_order_is_found_out() -> None:
    assert out_of_order(MESSAGES, failed=frozenset(("a1",))) == ["a2"]
    assert out_of_order(MESSAGES, failed=frozenset(("a1", "a2"))) == []
    assert out_of_order(MESSAGES, failed=frozenset(("b1",))) == []


def test_a_batch_is_cut_where_lambda_would_refuse_it() -> None:
    large = [{"MessageId": str(number), "Body": "x" * 1_000_000} for number in range(10)]
    batches = list(fitting(large))
    assert [message for batch in batches for message in batch] == large
    assert [len(batch) for batch in batches] == [6, 4]
