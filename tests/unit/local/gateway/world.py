"""Functions that show what they were given, the APIs in front of them, and a way to both."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
from websockets.asyncio.client import ClientConnection, connect

from cgraph_local.gateway import Gateway, GatewayServer
from cgraph_local.template import Function, HttpApi, HttpRoute, SocketApi, SocketRoute

FUNCTIONS = """
import json, os, pathlib, time

def echo(event, context):
    return {"statusCode": 200, "headers": {"content-type": "application/json"},
            "body": json.dumps(event)}

def answer(event, context):
    return json.loads(event["body"])

def fail(event, context):
    raise ValueError("no")

def crash(event, context):
    os._exit(3)

def slow(event, context):
    time.sleep(30)

def connect(event, context):
    wants = event.get("queryStringParameters") or {}
    if "fail" in wants:
        raise ValueError("no")
    record(event)
    time.sleep(float(wants.get("wait", 0)))
    headers = {"Sec-WebSocket-Protocol": wants["protocol"]} if "protocol" in wants else {}
    return {"statusCode": int(wants.get("status", 200)), "headers": headers}

def message(event, context):
    return {"statusCode": 200, "body": json.dumps(event)}

def pause(event, context):
    body = event.get("body", '{"seconds": 1}')
    time.sleep(json.loads(body)["seconds"])
    return {"statusCode": 200, "body": body}

def single(event, context):
    time.sleep(0.3)

def nothing(event, context):
    return None

def disconnect(event, context):
    record(event)
    return {"statusCode": 200}

def record(arrived):
    context = arrived["requestContext"]
    name = context["eventType"] + context["connectionId"]
    part = pathlib.Path(os.environ["RECORDS"], name + ".part")
    part.write_text(json.dumps(arrived))
    part.rename(part.with_suffix(".json"))
"""


class Log:
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
        HttpRoute("POST", "/answer", "Answer"),
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
        SocketRoute("nothing", "Nothing", responds=True),
    ),
    throttle_rate=None,
    throttle_burst=None,
)


@dataclass
class World:
    gateway: Gateway
    server: GatewayServer
    port: int
    http: httpx.AsyncClient
    records: Path
    documents: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def connect(self, query: str = "", **options: Any) -> connect:
        return connect(f"ws://127.0.0.1:{self.port}/ws{query}", compression=None, **options)

    async def say(self, socket: ClientConnection, frame: object) -> Any:
        await socket.send(frame if isinstance(frame, str) else json.dumps(frame))
        return json.loads(await socket.recv())

    async def record(self, kind: str, connection_id: str) -> Any:
        """The event of a `$connect` or `$disconnect`, which is asked for once it has come."""
        path = self.records / f"{kind}{connection_id}.json"
        for _ in range(500):
            if path.exists():
                return json.loads(path.read_text())
            await asyncio.sleep(0.01)
        raise AssertionError(f"no {kind} event came for {connection_id}")

    async def id_of(self, socket: ClientConnection) -> str:
        context = (await self.say(socket, {"action": "ping"}))["requestContext"]
        return str(context["connectionId"])


NewWorld = Callable[..., Awaitable[World]]
