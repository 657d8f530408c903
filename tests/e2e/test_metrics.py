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
"""By function: the metrics that each invocation prints, with their units."""

VALID: dict[str, Any] = {
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
async def after_a_message(local: LocalSystem) -> LocalSystem:
    (ada, grace), conversation = await local.group(2)
    socket = await grace.open_socket()
    await local.new_http().get("/health")
    await ada.send_message(conversation, "Counted")
    await socket.wait_until(lambda: bool(socket.events))
    await socket.call("ping", {})
    await socket.close()
    return local


@pytest.mark.parametrize("function", EXPECTED)
async def test_an_invocation_prints_its_metrics(
    after_a_message: LocalSystem, function: str
) -> None:
    document = await last_document(after_a_message.home.logs, function)
    metrics = emf.read_metrics(document)
    expected = EXPECTED[function]
    assert {name: each.unit for name, each in metrics.items() if name in expected} == expected
    assert len(metrics) <= len(expected | STATEMENTS) + 1
    for name, each in metrics.items():
        assert each.namespace == "CGraph"
        assert each.dimensions.keys() == {"service"}, (
            "each further dimension is more metrics to pay for"
        )
        assert all(value >= 0 for value in each.values), name
    assert document["function"] == function
    assert abs(document["_aws"]["Timestamp"] / 1000 - time.time()) < 60


async def test_one_correlation_id_leads_from_the_client_to_the_push(local: LocalSystem) -> None:
    (ada, grace), conversation = await local.group(2)
    socket = await grace.open_socket()
    followed = f"followed-{uuid4().hex}"
    with local.faults(post_statuses={socket.hello["data"]["connection_id"]: 429}):
        response = await ada.http.post(
            "/messages",
            json={"conversation_id": conversation, "content": "Follow me"},
            headers={
                "authorization": f"Bearer {ada.access_token}",
                "x-correlation-id": followed,
            },
        )
        assert response.headers["x-correlation-id"] == followed
        for function in ("SendMessage", "PushEvents"):
            await wait_for_line(log_of(local.home.logs, function), followed)
    await socket.close()


@pytest.mark.parametrize(
    "broken",
    [
        {"push.lag": "soon"},
        {"push.lag": []},
        {"push.lag": [1.0] * 101},
        {"service": ""},
        {"_aws": {"Timestamp": "now", "CloudWatchMetrics": []}},
        {"_aws": {"CloudWatchMetrics": VALID["_aws"]}},
    ],
)
def test_a_document_that_cloudwatch_would_drop_is_refused(broken: dict[str, Any]) -> None:
    assert emf.read_metrics(VALID)["push.lag"].values == [12.5]
    with pytest.raises((AssertionError, ValidationError)):
        emf.read_metrics({**VALID, **broken})


async def last_document(logs: Path, function: str) -> dict[str, Any]:
    """It is written when the function has ended, which is after its response."""
    await wait_for_line(log_of(logs, function), '"_aws"')
    return list(emf.documents_in(log_of(logs, function)))[-1]


async def wait_for_line(log: Path, text: str) -> None:
    async with asyncio.timeout(10):
        while not _has(log, text):
            await asyncio.sleep(0.05)


def _has(log: Path, text: str) -> bool:
    return log.exists() and text in log.read_text()


def log_of(logs: Path, function: str) -> Path:
    return logs / f"{function}.log"
