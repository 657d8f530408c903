"""The tests' view of the application: people who call functions, and what they left behind."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, LiteralString
from uuid import uuid4

import redis
from psycopg import AsyncConnection
from psycopg.sql import Composed

from cgraph_local.services import Endpoints, Services
from tests.feature.environment import (
    Request,
    answer_frame,
    answer_request,
    printed_by,
    with_settings,
    work_off,
)
from tests.feature.queue import Queues

PASSWORD = "correct horse battery"


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]

    @property
    def refusal(self) -> tuple[int, str]:
        """Status and code of a problem document, which must be a whole one."""
        assert self.headers["content-type"] == "application/problem+json", self
        assert {"type", "title", "status", "code", "detail"} <= self.body.keys()
        assert self.body["status"] == self.status
        return self.status, self.body["code"]


@dataclass(slots=True)
class Person:
    """Signed in, from an address of their own."""

    world: World
    id: str
    username: str
    email: str
    access_token: str
    refresh_token: str
    address: str

    async def call(self, function: str, body: object = None, **options: Any) -> Answer:
        """`options`: query, headers, many, and what the path holds."""
        headers = {"authorization": f"Bearer {self.access_token}", **options.pop("headers", {})}
        return await self.world.call(
            function, body, headers=headers, address=self.address, **options
        )

    async def send(self, conversation: str, content: str, **fields: Any) -> Any:
        """The message."""
        answer = await self.call(
            "send_message",
            {"conversation_id": conversation, "content": content, **fields},
        )
        assert answer.status in (200, 201), answer
        return answer.body

    async def converse(self, *others: Person, kind: str = "direct") -> str:
        """The conversation's id."""
        answer = await self.call(
            "start_conversation",
            {"kind": kind, "members": [other.username for other in others]},
        )
        assert answer.status in (200, 201), answer
        return str(answer.body["id"])

    async def open_socket(self) -> Socket:
        """Connected; it has not said hello."""
        ticket = (await self.call("make_ticket")).body["ticket"]
        socket = Socket(self.world, f"socket-{uuid4().hex}")
        assert await socket.connect(ticket) == 200
        return socket


@dataclass(frozen=True, slots=True)
class Socket:
    world: World
    id: str

    async def connect(self, ticket: str) -> int:
        """The status of the handshake."""
        event = {**self._event(), "queryStringParameters": {"ticket": ticket}}
        return int((await self.world.run(answer_frame, "connect", event))["statusCode"])

    async def disconnect(self) -> None:
        await self.world.run(answer_frame, "disconnect", self._event())

    async def say(
        self, action: str, data: object = None, *, id: object = "1", received_ms: int | None = None
    ) -> Any:
        """One frame and what came back, or None. `received_ms`: by API Gateway; now by default."""
        frame = {"action": action, "id": id, **({} if data is None else {"data": data})}
        return await self.say_raw(json.dumps(frame), route=action, received_ms=received_ms)

    async def say_raw(
        self, body: str, *, route: str = "default", received_ms: int | None = None
    ) -> Any:
        event = {**self._event(), "body": body}
        if received_ms is not None:
            event["requestContext"]["requestTimeEpoch"] = received_ms
        answer = await self.world.run(answer_frame, route, event)
        assert answer["statusCode"] == 200
        return json.loads(answer["body"]) if "body" in answer else None

    def received(self) -> list[Any]:
        """Frames that were put on the push queue for this socket since the last look, in order."""
        return [json.loads(frame) for frame in self.world.queues.frames_for(self.id)]

    def _event(self) -> dict[str, Any]:
        identity = {"sourceIp": "127.0.0.1"}
        return {"requestContext": {"connectionId": self.id, "identity": identity}}


@dataclass(frozen=True, slots=True)
class Admission:
    """What the stage requires of new accounts."""

    unverified_may: str = "all"
    registration: str = "open"


@dataclass(slots=True)
class World:
    """`alone` is one process, `several` are four that answer side by side."""

    endpoints: Endpoints
    services: Services
    alone: ProcessPoolExecutor
    several: ProcessPoolExecutor
    queues: Queues
    valkey: redis.Redis
    gateway: str
    opensearch: tuple[str, str] = ("", "cgraph")
    """URL and prefix of the one that functions use; by default none: Postgres searches."""
    admission: Admission = Admission()
    _connections: list[AsyncConnection[tuple[Any, ...]]] = field(default_factory=list)

    async def call(self, function: str, body: object = None, **options: Any) -> Answer:
        many = options.pop("many", False)
        known = {
            name: options.pop(name)
            for name in ("headers", "query", "address", "edge_keys") & options.keys()
        }
        request = Request(function, body=body, path=options, **known)
        raw = await self.run(answer_request, request, many=many)
        return Answer(raw["statusCode"], _read(raw.get("body", "")), raw["headers"])

    async def run(self, work: Callable[..., Any], *arguments: Any, many: bool = False) -> Any:
        pool = self.several if many else self.alone
        return await asyncio.get_running_loop().run_in_executor(
            pool, with_settings, self._settings(), work, *arguments
        )

    def _settings(self) -> dict[str, str]:
        url, prefix = self.opensearch
        return {
            "OPENSEARCH_URL": url,
            "OPENSEARCH_PREFIX": prefix,
            "UNVERIFIED_MAY": self.admission.unverified_may,
            "REGISTRATION": self.admission.registration,
        }

    async def work_off(self, function: str, *jobs: object) -> Any:
        """A worker with these jobs, or a schedule with none."""
        records = [
            {
                "messageId": str(place),
                "receiptHandle": f"of no queue {place}",
                "body": json.dumps(job),
                "attributes": {"ApproximateReceiveCount": "1"},
                "eventSourceARN": "arn:aws:sqs:us-east-1:000000000000:none",
            }
            for place, job in enumerate(jobs)
        ]
        return await self.work_off_records(function, records)

    async def printed_by(self, function: str, job: object) -> str:
        """What a worker prints on the job: its metrics."""
        record = {"messageId": "0", "body": json.dumps(job)}
        return str(await self.run(printed_by, function, {"Records": [record]}))

    async def work_off_records(self, function: str, records: Sequence[Mapping[str, Any]]) -> Any:
        """A worker with records of an SQS event."""
        return await self.run(work_off, function, {"Records": records})

    @asynccontextmanager
    async def away(self, service: str) -> AsyncIterator[None]:
        if service == "postgres":
            await self.close()
        await self.services.stop_service(service)
        try:
            yield
        finally:
            await self.services.start_service(service)
            await asyncio.sleep(1.1)  # as long as a process leaves alone what it found away

    async def new_person(self, name: str = "person") -> Person:
        username = f"{name}-{uuid4().hex[:10]}"
        email = f"{username}@Example.org"
        address = f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}"
        answer = await self.call(
            "register",
            {"username": username, "email": email, "password": PASSWORD},
            address=address,
        )
        assert answer.status == 201, answer
        return self.signed_in(answer.body, address=address)

    def signed_in(self, welcome: Mapping[str, Any], *, address: str = "127.0.0.1") -> Person:
        """From what register and log in answer."""
        user = welcome["user"]
        tokens = welcome["access_token"], welcome["refresh_token"]
        return Person(self, user["id"], user["username"], user["email"], *tokens, address)

    async def sql(self, query: LiteralString | Composed, *values: object) -> list[tuple[Any, ...]]:
        """As the superuser, committed. Its connections are kept: opening one takes ten times as
        long as a statement.
        """
        connection = self._connections.pop() if self._connections else await self._connect()
        try:
            async with connection.cursor() as cursor:
                await cursor.execute(query, values)
                return await cursor.fetchall() if cursor.description else []
        finally:
            if not connection.closed:
                self._connections.append(connection)

    async def _connect(self) -> AsyncConnection[tuple[Any, ...]]:
        return await AsyncConnection.connect(
            self.endpoints.admin_conninfo,
            autocommit=True,
            prepare_threshold=None,  # tests change tables
        )

    async def close(self) -> None:
        while self._connections:
            await self._connections.pop().close()


def _read(body: str) -> Any:
    return json.loads(body) if body else None
