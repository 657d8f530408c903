"""What requests, frames and pushes print for CloudWatch."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from jsonschema import ValidationError

from tests import emf
from tests.system import LocalSystem

COMMON = {"vm.memory.total": "Bytes"}
STATEMENTS = {"query.total_time": "Milliseconds"}
EXPECTED = {
    "SendMessage": {"http.request.duration": "Milliseconds", **STATEMENTS, **COMMON},
    "CheckHealth": {"http.request.duration": "Milliseconds", **COMMON},
    "Hello": {"channel.join.duration": "Milliseconds", **STATEMENTS, **COMMON},
    "Ping": {"frame.duration": "Milliseconds", **COMMON},
    "PushEvents": {
        "job.duration": "Milliseconds",
        "push.lag": "Milliseconds",
        "push.connections": "Count",
        **COMMON,
    },
}
"""By function: what every invocation of it prints, with its unit."""

SOUND: dict[str, Any] = {
    "_aws": {
        "Timestamp": 1795417200123,
        "CloudWatchMetrics": [
            {
                "Namespace": "CGraph",
                "Dimensions": [["service"]],
                "Metrics": [{"Name": "push.lag", "Unit": "Milliseconds"}],
            }
        ],
    },
    "service": "cgraph",
    "push.lag": [12.5],
}


@pytest.fixture
async def talked(local: LocalSystem) -> LocalSystem:
    (ada, grace), conversation = await local.group(2)
    socket = await grace.open_socket()
    await local.new_http().get("/health")
    await ada.send(conversation, "Counted")
    await socket.until(lambda: bool(socket.events))
    await socket.ask("ping", {})
    await socket.close()
    return local


@pytest.mark.parametrize("function", EXPECTED)
async def test_an_invocation_prints_its_metrics(talked: LocalSystem, function: str) -> None:
    document = await last_printed(talked.home.logs, function)
    found = emf.read(document)
    expected = EXPECTED[function]
    assert {name: each.unit for name, each in found.items() if name in expected} == expected
    assert len(found) <= len(expected | STATEMENTS) + 1
    for name, each in found.items():
        assert each.namespace == "CGraph"
        assert each.dimensions.keys() == {"service"}, "each further one is metrics to pay for"
        assert all(value >= 0 for value in each.values), name
    assert document["function"] == function
    assert abs(document["_aws"]["Timestamp"] / 1000 - time.time()) < 60


async def test_one_correlation_id_leads_from_the_client_to_the_push(local: LocalSystem) -> None:
    (ada, grace), conversation = await local.group(2)
    socket = await grace.open_socket()
    followed = f"followed-{uuid4().hex}"
    with local.faults(post_statuses={socket.greeting["data"]["connection_id"]: 429}):
        answer = await ada.http.post(
            "/messages",
            json={"conversation_id": conversation, "content": "Follow me"},
            headers={
                "authorization": f"Bearer {ada.access_token}",
                "x-correlation-id": followed,
            },
        )
        assert answer.headers["x-correlation-id"] == followed
        for function in ("SendMessage", "PushEvents"):
            await mentions(find(local.home.logs, function), followed)
    await socket.close()


@pytest.mark.parametrize(
    "broken",
    [
        {"push.lag": "soon"},
        {"push.lag": []},
        {"push.lag": [1.0] * 101},
        {"service": ""},
        {"_aws": {"Timestamp": "now", "CloudWatchMetrics": []}},
        {"_aws": {"CloudWatchMetrics": SOUND["_aws"]}},
    ],
)
def test_what_cloudwatch_would_drop_is_told(broken: dict[str, Any]) -> None:
    assert emf.read(SOUND)["push.lag"].values == [12.5]
    with pytest.raises((AssertionError, ValidationError)):
        emf.read({**SOUND, **broken})


async def last_printed(logs: Path, function: str) -> dict[str, Any]:
    """It is written when the function has ended, which is after its answer."""
    await mentions(find(logs, function), '"_aws"')
    return list(emf.printed(find(logs, function)))[-1]


async def mentions(log: Path, words: str) -> None:
    async with asyncio.timeout(10):
        while not is_in(log, words):
            await asyncio.sleep(0.05)


def is_in(log: Path, words: str) -> bool:
    return log.exists() and words in log.read_text()


def find(logs: Path, function: str) -> Path:
    return logs / f"{function}.log"
