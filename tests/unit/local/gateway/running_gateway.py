"""A gateway that runs for tests: functions that return or record their events, and their APIs."""

import asyncio
import json
import os
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect

from cgraph.core import iam
from cgraph_local.core.credentials import Credentials
from cgraph_local.gateway import Gateway, GatewayServer
from cgraph_local.template import Function, HttpApi, HttpRoute, SocketApi, SocketRoute

CREDENTIALS = Credentials("password", "token", "LOCALKEY", "secret", Path(os.devnull), "1.key")

FUNCTIONS = """
import json, os, pathlib, time

def echo(event, context):
    return {"statusCode": 200, "headers": {"content-type": "application/json"},
            "body": json.dumps(event)}

def result(event, context):
    return json.loads(event["body"])

def fail(event, context):
    raise ValueError("no")

def crash(event, context):
    os._exit(3)

def slow(event, context):
    time.sleep(30)

def connect(event, context):
    query = event.get("queryStringParameters") or {}
    if "fail" in query:
        raise ValueError("no")
    record(event)
    time.sleep(float(query.get("wait", 0)))
    headers = {"Sec-WebSocket-Protocol": query["protocol"]} if "protocol" in query else {}
    return {"statusCode": int(query.get("status", 200)), "headers": headers}

def message(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}

def pause(event, context):
    body = event.get("body", '{"seconds": 1}')
    time.sleep(json.loads(body)["seconds"])
    return {"statusCode": 200, "body": body}

def single(event, context):
    time.sleep(0.3)

def empty(event, context):
    return None

def disconnect(event, context):
    record(event)
    return {"statusCode": 200}

def record(connection_event):
    context = connection_event["requestContext"]
    name = context["eventType"] + context["connectionId"]
    part = pathlib.Path(os.environ["RECORDS"], name + ".part")
    part.write_text(json.dumps(connection_event))
    part.rename(part.with_suffix(".json"))
"""


class CollectedLog:
    """Collects the lines that functions write."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lines: list[bytes] = []

    def write(self, function: str, line: bytes, *, request_id: str) -> None:
        self.lines.append(line)


def new_functions(folder: Path) -> dict[str, Function]:
    (folder / "records").mkdir()
    (folder / "probe.py").write_text(FUNCTIONS)
    names = re.findall(r"^def (\w+)\(event", FUNCTIONS, re.MULTILINE)
    return {
        name.capitalize(): Function(
            name=name.capitalize(),
            handler=f"probe.{name}",
            timeout=1 if name == "slow" else 20,
            memory_mb=128,
            environment={
                "RECORDS": str(folder / "records"),
                "_HANDLER": f"probe.{name}",
                "LAMBDA_TASK_ROOT": str(folder),
                "AWS_REGION": "us-east-1",
                "AWS_LAMBDA_FUNCTION_NAME": name.capitalize(),
                "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
                "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "128",
                "AWS_LAMBDA_LOG_GROUP_NAME": "log",
                "AWS_LAMBDA_LOG_STREAM_NAME": "log",
            },
            reserved_concurrency=1 if name == "single" else None,
            code=folder,
        )
        for name in names
    }


HTTP_API = HttpApi(
    id="api123",
    stage="$default",
    routes=(
        HttpRoute("GET", "/echo", "Echo"),
        HttpRoute("POST", "/echo", "Echo"),
        HttpRoute("GET", "/posts/{id}", "Echo"),
        HttpRoute("POST", "/result", "Result"),
        HttpRoute("GET", "/fail", "Fail"),
        HttpRoute("GET", "/crash", "Crash"),
        HttpRoute("GET", "/slow", "Slow"),
        HttpRoute("GET", "/single", "Single"),
        HttpRoute("GET", "/late", "Pause", timeout=0.3),
    ),
    throttle_rate=None,
    throttle_burst=None,
)

SOCKET_API = SocketApi(
    id="sock123",
    stage="local",
    selection="$request.body.action",
    routes=(
        SocketRoute("$connect", "Connect", responds=False),
        SocketRoute("$disconnect", "Disconnect", responds=False),
        SocketRoute("$default", "Message", responds=True),
        SocketRoute("ping", "Message", responds=True),
        SocketRoute("silent", "Message", responds=False),
        SocketRoute("pause", "Pause", responds=True),
        SocketRoute("late", "Pause", responds=True, timeout=0.3),
        SocketRoute("fail", "Fail", responds=True),
        SocketRoute("empty", "Empty", responds=True),
    ),
    throttle_rate=None,
    throttle_burst=None,
)


@dataclass
class RunningGateway:
    app: Gateway
    server: GatewayServer
    port: int
    http: httpx.AsyncClient
    admin: httpx.AsyncClient
    """With the token of the administration API."""
    recorded_events: Path
    """The folder of the `$connect` and `$disconnect` events."""
    documents: Path
    """The folder of the API documents."""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def signed(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        credentials: Credentials = CREDENTIALS,
        age: timedelta = timedelta(),
    ) -> dict[str, str]:
        """The headers of a request that a function has signed `age` ago."""
        with pytest.MonkeyPatch.context() as patch:
            for name, value in {**credentials.environment, "AWS_REGION": "us-east-1"}.items():
                patch.setenv(name, value)
            return iam.signed_headers(
                "execute-api",
                method=method,
                host=f"127.0.0.1:{self.port}",
                path=path,
                headers={},
                body=body,
                at=datetime.now(UTC) - age,
            )

    def connect(self, query: str = "", **options: Any) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}/ws{query}", compression=None, **options)

    async def send(self, socket: ClientConnection, frame: object) -> Any:
        """Sends a frame and returns the next message."""
        await socket.send(frame if isinstance(frame, str) else json.dumps(frame))
        return json.loads(await socket.recv())

    async def recorded_event(self, kind: str, connection_id: str) -> Any:
        """The event of a `$connect` or `$disconnect`. Waits until it has been recorded."""
        path = self.recorded_events / f"{kind}{connection_id}.json"
        for _ in range(500):
            if path.exists():
                return json.loads(path.read_text())
            await asyncio.sleep(0.01)
        raise AssertionError(f"there was no {kind} event for {connection_id}")

    async def connection_id(self, socket: ClientConnection) -> str:
        context = (await self.send(socket, {"action": "ping"}))["requestContext"]
        return str(context["connectionId"])


StartGateway = Callable[..., Awaitable[RunningGateway]]
