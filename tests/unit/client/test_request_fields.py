"""The client sends only what the API documents allow: the server refuses unknown fields."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cgraph_client import ActivityReporter, Client, Outbox, RealtimeConnection
from cgraph_client.api import base_client
from cgraph_client.api.api_client import ApiClient
from tests.unit.client.change_recorder import ChangeRecorder
from tests.unit.client.conftest import QUICK
from tests.unit.client.fake_server.server import FakeServer

DOCUMENTS = Path(__file__).parents[3] / "docs" / "api"

ID = "00000000-0000-7000-8000-000000000001"
PASSWORD = "correct horse battery"

ANSWER = {
    **{"id": ID, "username": "ada", "user": {"id": ID, "username": "ada"}, "role": "admin"},
    **{
        "access_token": "a",
        "refresh_token": "r",
        "expires_in": 3_600,
        "url": "ws://",
        "next": None,
    },
    **{"secret": "s", "uri": "u", "backup_codes": [], "items": [], "streams": {}, "kind": "group"},
    **{"conversation_id": ID, "seq": 1, "author_id": ID, "content": "hi", "message_id": ID},
    **{"created_at": "2026-11-23T07:00:00Z", "reactions": {}, "last_read_seq": 1},
    **{"unread_count": 0, "head": 1},
}
"""It has the fields of every answer."""

CALLS: Mapping[str, tuple[tuple[Any, ...], Mapping[str, Any]]] = {
    "register": (("ada",), {"email": "ada@example.org", "password": PASSWORD}),
    "log_in": (("ada",), {"password": PASSWORD, "code": "123456"}),
    "me": ((), {}),
    "user": (("ada",), {}),
    "user_by_id": ((ID,), {}),
    "sessions": ((), {"limit": 10, "cursor": "c"}),
    "revoke_session": ((ID,), {}),
    "revoke_sessions": ((), {"current": True}),
    "change_password": ((PASSWORD, PASSWORD), {}),
    "set_up_totp": ((PASSWORD,), {}),
    "confirm_totp": (("123456",), {}),
    "remove_totp": (("123456",), {}),
    "block": ((ID,), {}),
    "unblock": ((ID,), {}),
    "blocks": ((), {"limit": 10, "cursor": "c"}),
    "conversations": ((), {"unread": True, "muted": False, "limit": 10, "cursor": "c"}),
    "stream_heads": ((), {}),
    "conversation": ((ID,), {}),
    "create_conversation": (
        ("ada",),
        {"kind": "group", "name": "notes", "history": "from_joining", "nonce": "n"},
    ),
    "rename": ((ID, "notes"), {}),
    "set_history": ((ID, "from_joining"), {}),
    "mark_read": ((ID, 1), {}),
    "mark_unread": ((ID,), {}),
    "mute": ((ID,), {"until": datetime.now(UTC)}),
    "unmute": ((ID,), {}),
    "members": ((ID,), {"limit": 10, "cursor": "c"}),
    "add_member": ((ID, ID), {}),
    "set_role": ((ID, ID, "admin"), {}),
    "remove_member": ((ID, ID), {}),
    "history": ((ID,), {"before": 9, "after": 1, "around": 5, "limit": 5}),
    "pins": ((ID,), {}),
    "message": ((ID,), {}),
    "send": ((ID, "hi"), {"nonce": "n", "reply_to": ID}),
    "edit": ((ID, "hi"), {"version": 1}),
    "delete": ((ID,), {}),
    "react": ((ID, "👍"), {}),
    "unreact": ((ID, "👍"), {}),
    "reactions": ((ID, "👍"), {"limit": 10, "cursor": "c"}),
    "replies": ((ID,), {"limit": 10, "cursor": "c"}),
    "versions": ((ID,), {"limit": 10, "cursor": "c"}),
    "pin": ((ID,), {}),
    "unpin": ((ID,), {}),
    "ticket": ((), {}),
    "sync": (({f"user:{ID}": 1},), {"limit": 10}),
    "log_out": ((), {}),
}
"""The arguments of each method that sends a request: all that it has."""

NOT_CALLED = {"all_conversations", "close", "get", "get_page", "request"}


@dataclass(frozen=True, slots=True)
class SentRequest:
    method: str
    path: str
    query: frozenset[str]
    body: Mapping[str, Any] | None

    def matches(self, template: str) -> bool:
        return re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), self.path) is not None


class Document:
    def __init__(self, name: str) -> None:
        self.content: dict[str, Any] = json.loads((DOCUMENTS / name).read_text())

    @cached_property
    def paths(self) -> list[str]:
        """Those with the fewest parameters first, because they win."""
        return sorted(self.content["paths"], key=lambda path: path.count("{"))

    def problems(self, value: object, schema: Mapping[str, Any]) -> list[str]:
        """Where `value` does not fit the schema, or has a property that the schema does not."""
        strict = {**schema, "components": self.content["components"]}
        validator = Draft202012Validator({**strict, "unevaluatedProperties": False})
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(value)]

    def request_problems(self, request: SentRequest) -> list[str]:
        path = next(path for path in self.paths if request.matches(path))
        operation = self.content["paths"][path][request.method.lower()]
        parameters = operation.get("parameters", [])
        known = {each["name"] for each in parameters if each["in"] == "query"}
        problems = [f"unknown parameter {name}" for name in request.query - known]
        if request.body is not None:
            schema = operation["requestBody"]["content"]["application/json"]["schema"]
            problems += self.problems(request.body, schema)
        return [f"{request.method} {path}: {problem}" for problem in problems]


async def test_requests_have_only_documented_parameters_and_fields(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    requests: list[SentRequest] = []

    async def record(_: object, method: str, path: str, **sent: Any) -> Any:
        query = {name for name, value in (sent.get("query") or {}).items() if value is not None}
        requests.append(SentRequest(method, path, frozenset(query), sent.get("body")))
        return ANSWER

    monkeypatch.setattr(base_client, "send_request", record)
    async with ApiClient("http://127.0.0.1:9") as client:
        for name, (arguments, options) in CALLS.items():
            await getattr(client, name)(*arguments, **options)
    methods = {name for name, _ in inspect.getmembers(ApiClient, inspect.isfunction)}
    assert {name for name in methods if not name.startswith("_")} == CALLS.keys() | NOT_CALLED
    assert len(requests) == len(CALLS)
    document = Document("openapi.json")
    assert [each for request in requests for each in document.request_problems(request)] == []


async def test_frames_have_only_documented_fields(server: FakeServer, ada: Client) -> None:
    server.faults.heartbeat_ms = 50
    conversation = await ada.create_conversation("ada", name="notes")
    async with (
        ChangeRecorder(ada) as recorder,
        ActivityReporter(ada, connection=recorder.connection, backoff=QUICK) as activity,
    ):
        outbox = Outbox(ada, connection=recorder.connection, backoff=QUICK)
        await send_every_frame(recorder.connection, activity, outbox, conversation.id)
        await recorder.until(lambda: server.counts["frame subscribe"] > 0)
        recorder.connection.subscribed_streams = []
        await recorder.until(lambda: server.counts["frame unsubscribe"] > 0)
        await recorder.until(lambda: server.counts["frame ping"] > 0)
    document = Document("asyncapi.json")
    messages = document.content["components"]["messages"]
    # The server sends "push", and the client catches up over HTTP.
    actions = document.content["operations"].keys() - {"push", "sync"}
    assert {frame["action"] for frame in server.frames} == actions
    for frame in server.frames:
        payload = messages[frame["action"]]["payload"]
        assert document.problems(frame, payload) == []
        assert document.problems(frame["data"], payload["properties"]["data"]) == []


async def send_every_frame(
    connection: RealtimeConnection,
    activity: ActivityReporter,
    outbox: Outbox,
    conversation_id: str,
) -> None:
    connection.set_presence("away")
    connection.subscribed_streams = [f"conv:{conversation_id}"]
    message = await outbox.send(conversation_id, "hi", reply_to=ID)
    message = await outbox.edit(message, "hello")
    await outbox.react(message, "👍")
    await outbox.delete(message)
    activity.start_typing(conversation_id)
    activity.mark_read(conversation_id, message.seq)
