"""Functions whose only credentials come from the endpoint of the runtime, as where SnapStart
restores environments: every way to AWS signs with them.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import connect

from cgraph_local.cloud.function_environment import with_environment
from cgraph_local.core.function_logs import FunctionLogs
from cgraph_local.core.home import CHECKOUT
from cgraph_local.host import LambdaHost
from cgraph_local.template import Function
from tests.credentials_endpoint import CredentialsEndpoint, credentials_endpoint
from tests.feature.conftest import environment
from tests.feature.environment import Request, http_event
from tests.feature.iam_doors import HOST, Certificate, Doors, opened
from tests.feature.world import Person, World

HANDLERS = {
    "SendMessage": "api.messages.send_message.handler",
    "PushEvents": "workers.push_events.handler",
}
ABSENT = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "CGRAPH_CACHE_PASSWORD",
    "PGPASSFILE",
)
"""What a function does not have here: every key and password."""


@dataclass(slots=True)
class Cloud:
    host: LambdaHost
    doors: Doors
    issuer: CredentialsEndpoint

    async def send(self, author: Person, conversation: str, content: str) -> dict[str, Any]:
        request = Request(
            "send_message",
            headers={"authorization": f"Bearer {author.access_token}"},
            body={"conversation_id": conversation, "content": content},
        )
        event = http_event(request, method="POST", path="/messages")
        result = await self.host.invoke("SendMessage", event, tail=True)
        assert isinstance(result.payload, dict), result
        return result.payload


@pytest.fixture
async def cloud(world: World, tmp_path: Path) -> AsyncIterator[Cloud]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of the two doors")
    with ExitStack() as stack:
        issuer = stack.enter_context(credentials_endpoint())
        issue(issuer, world)
        certificate = Certificate.create(tmp_path)
        doors = Doors(world.endpoints, issuer, certificate, [], [])
        variables = {
            **environment(world.endpoints, gateway=world.gateway),
            **issuer.variables,
            "AWS_LAMBDA_INITIALIZATION_TYPE": "snap-start",
            "DATABASE_AUTH": "iam",
            "DATABASE_HOST": HOST,
            "DATABASE_PORT": str(stack.enter_context(opened(doors.postgres))),
            "CACHE_AUTH": "iam",
            "CACHE_HOST": HOST,
            "CACHE_PORT": str(stack.enter_context(opened(doors.valkey))),
            "SSL_CERT_FILE": str(certificate.file),
            "POWERTOOLS_LOG_LEVEL": "INFO",
        }
        logs = FunctionLogs(tmp_path, console=None)
        functions = {name: function(name, variables, world) for name in HANDLERS}
        host = LambdaHost(functions, log=logs)
        await host.start()
        yield Cloud(host, doors, issuer)
        await host.stop()
        logs.close()


def log_of(function: str, folder: Path) -> str:
    return "".join(path.read_text() for path in folder.rglob(f"*{function}*"))


def issue(issuer: CredentialsEndpoint, world: World) -> None:
    """The key of this cloud, which its SQS and its gateway know."""
    keys = world.endpoints.credentials
    issuer.issue(keys.access_key_id, secret=keys.secret_access_key)


def function(name: str, variables: dict[str, str], world: World) -> Function:
    made = Function(
        name=name,
        handler=HANDLERS[name],
        timeout=30,
        memory_mb=512,
        environment=variables,
        reserved_concurrency=None,
        code=CHECKOUT / "functions",
        layers=(CHECKOUT / "layers" / "cgraph",),
    )
    made = with_environment(made, endpoints=world.endpoints)
    for absent in ABSENT:
        made.environment.pop(absent, None)  # type: ignore[attr-defined]
    return made


async def test_a_message_is_sent_through_postgres_valkey_and_sqs(
    cloud: Cloud, world: World, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    socket = await grace.open_socket()
    await socket.say("hello")
    socket.received()

    answer = await cloud.send(ada, conversation, "Signed by the endpoint")

    assert answer["statusCode"] == 201, answer
    assert set(cloud.doors.admitted) == {"rds-db", "elasticache"}
    assert cloud.doors.refused == []
    assert "Signed by the endpoint" in json.dumps(socket.received()), "what SQS holds for grace"
    assert cloud.issuer.requests == 1, "one environment fetches its credentials once"


async def test_a_frame_is_posted_to_an_open_socket(cloud: Cloud, world: World) -> None:
    url = f"{world.gateway.replace('http', 'ws', 1)}/ws"
    headers = world.endpoints.credentials.admin_headers
    async with (
        connect(url, proxy=None) as socket,
        httpx.AsyncClient(trust_env=False, headers=headers) as administrator,
    ):
        opened = (await administrator.get(f"{world.gateway}/_local/connections")).json()
        deliveries = [{"frames": ["one", "two"], "connections": list(opened)}]
        about = {"announced_at": time.time(), "correlation_id": "request-1", "attempt": 1}
        record = {
            "messageId": "1",
            "receiptHandle": "of no queue",
            "body": json.dumps({"deliveries": deliveries, **about}),
            "attributes": {"ApproximateReceiveCount": "1"},
            "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:none",
        }
        result = await cloud.host.invoke("PushEvents", {"Records": [record]})
        assert result.payload == {"batchItemFailures": []}
        assert [await socket.recv(), await socket.recv()] == ["one", "two"]
    assert cloud.issuer.requests == 1


async def test_without_credentials_a_message_is_refused_and_the_log_names_the_reason(
    cloud: Cloud, world: World, ada: Person, grace: Person, tmp_path: Path
) -> None:
    conversation = await ada.converse(grace)
    cloud.issuer.answers.extend([(500, b"no role")] * 100)

    answer = await cloud.send(ada, conversation, "Not signed")

    assert answer["statusCode"] == 503, answer
    logged = log_of("SendMessage", tmp_path)
    assert "gives no credentials: 500 no role" in logged
    assert '"credentials.failed"' in logged

    cloud.issuer.answers.clear()
    async with asyncio.timeout(20):  # what was found away is left alone for a second
        while answer["statusCode"] != 201:
            await asyncio.sleep(0.2)
            answer = await cloud.send(ada, conversation, "Signed again")


async def test_the_doors_refuse_a_wrong_signature(
    cloud: Cloud, world: World, ada: Person, grace: Person
) -> None:
    """Otherwise the tests above would show nothing."""
    conversation = await ada.converse(grace)
    cloud.issuer.answers.append(
        (200, json.dumps({**cloud.issuer.document, "SecretAccessKey": "another"}).encode())
    )
    answer = await cloud.send(ada, conversation, "Signed with another key")
    assert answer["statusCode"] == 503, answer
    assert set(cloud.doors.refused) == {"rds-db", "elasticache"}
