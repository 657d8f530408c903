"""The client sends only what the API documents allow: the server refuses unknown fields."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from operator import attrgetter
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from cgraph_client import ActivityReporter, Client, Outbox, RealtimeConnection
from cgraph_client.api import base_client
from cgraph_client.api.api_client import ApiClient
from cgraph_client.api.comments import Comments
from cgraph_client.api.forums import Forums
from cgraph_client.api.moderation import Moderation
from cgraph_client.api.notifications import Notifications
from cgraph_client.api.posts import Posts
from cgraph_client.api.search import Search
from cgraph_client.api.uploads import Uploads
from tests.unit.client.calls import CALLS, FORUM_CALLS, ID
from tests.unit.client.change_recorder import ChangeRecorder
from tests.unit.client.conftest import QUICK
from tests.unit.client.fake_server.server import FakeServer

DOCUMENTS = Path(__file__).parents[3] / "docs" / "api"

ANSWER = {
    **{"state": "contact", "since": "2030-01-01T00:00:00Z", "messages_from": "everyone"},
    **{"groups_from": "everyone", "receipts": True, "name": "a bot", "scopes": []},
    **{"id": ID, "username": "ada", "user": {"id": ID, "username": "ada"}, "role": "admin"},
    **{
        "access_token": "a",
        "refresh_token": "r",
        "expires_in": 3_600,
        "url": "ws://",
        "next": None,
    },
    **{
        "secret": "s",
        "public_key": "k",
        "platform": "web",
        "uri": "u",
        "backup_codes": [],
        "items": [],
        "streams": {},
        "kind": "group",
    },
    **{"conversation_id": ID, "seq": 1, "author_id": ID, "content": "hi", "message_id": ID},
    **{"created_at": "2026-11-23T07:00:00Z", "reactions": {}, "last_read_seq": 1},
    **{"unread_count": 0, "head": 1},
}
"""It has the fields of every answer."""

FORUM = {"id": ID, "slug": "tea", "name": "Tea"}
CONTENT = {"post_id": ID, "author": {"id": ID, "username": "ada"}, "title": "t", "body": "b"}
FORUM_ANSWER: dict[str, Any] = {
    **ANSWER,
    **FORUM,
    **CONTENT,
    **{"forum": FORUM, "target": {"kind": "post", "id": ID, **CONTENT}, "against": {**ANSWER}},
    **{"state": "open", "kind": "text", "joined_at": "2026-11-23T07:00:00Z", "reason": "spam"},
    **{"removed_at": "2026-11-23T07:00:00Z", "edited_at": "2026-11-23T07:00:00Z"},
    **{"edited_by": ID, "version": 1, "removed": 1, "restored": 1},
    **{"status": "ready", "filename": "a", "content_type": "a/b", "size": 1, "purpose": "voice"},
    **{"expires_at": "2026-11-23T07:00:00Z", "parts": [], "level": "mentions"},
    **{
        "picture": {"id": ID, "path": "public/a/b.webp"},
        "created_by": {"id": ID, "username": "ada"},
    },
    **{"score": 1, "ups": 1, "downs": 0, "total": {"count": 0}},
}
FORUM_ANSWER["target"]["created_at"] = FORUM_ANSWER["created_at"]
FORUM_ANSWER["upload"] = {**FORUM_ANSWER}
VOTES = {**FORUM_ANSWER, "target": ID}

RESOURCES = {
    **{"forums": Forums, "posts": Posts, "comments": Comments},
    **{"moderation": Moderation, "search": Search},
    **{"notifications": Notifications, "uploads": Uploads},
}
OF_SEVERAL_REQUESTS = {f"uploads.{name}" for name in ("upload", "resume", "wait_ready", "download")}
NOT_CALLED = {"all_conversations", "call", "close", "get", "get_page", "request"}
WITHOUT_METHOD = {
    "check_health": "for load balancers and monitoring",
    "check_readiness": "for deployments and monitoring",
    "refresh_session": "the session refreshes itself, under a lock",
    "show_unsubscribe_page": "a link in mails, for browsers",
    **dict.fromkeys(
        ("show_email_page", "confirm_email", "show_reset_page"), "links in mails, for browsers"
    ),
    **dict.fromkeys(
        ("start_passkey", "create_passkey", "start_passkey_login", "log_in_with_passkey"),
        "a browser has the passkey",
    ),
    "unsubscribe_mail": "for the button of mail programs, and for the page",
}
"""The operations that a client developer does not call, and why."""


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

    @cached_property
    def operation_ids(self) -> set[str]:
        paths = self.content["paths"].values()
        return {operation["operationId"] for item in paths for operation in item.values()}

    def operation_of(self, request: SentRequest) -> dict[str, Any]:
        path = next(path for path in self.paths if request.matches(path))
        operation: dict[str, Any] = self.content["paths"][path][request.method.lower()]
        return operation

    def request_problems(self, request: SentRequest) -> list[str]:
        path = next(path for path in self.paths if request.matches(path))
        operation = self.operation_of(request)
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
        return answer

    monkeypatch.setattr(base_client, "send_request", record)
    async with ApiClient("http://127.0.0.1:9") as client:
        for name, (arguments, options) in {**FORUM_CALLS, **CALLS}.items():
            answer = ANSWER if name in CALLS else VOTES if "vote" in name else FORUM_ANSWER
            await attrgetter(name)(client)(*arguments, **options)
    assert _methods(ApiClient) == CALLS.keys() | NOT_CALLED
    of_resources = {f"{name}.{each}" for name, kind in RESOURCES.items() for each in _methods(kind)}
    assert of_resources == FORUM_CALLS.keys() | OF_SEVERAL_REQUESTS
    assert len(requests) == len(CALLS) + len(FORUM_CALLS)
    document = Document("openapi.json")
    assert [each for request in requests for each in document.request_problems(request)] == []
    called = {document.operation_of(request)["operationId"] for request in requests}
    assert called | WITHOUT_METHOD.keys() == document.operation_ids, "each has a method"
    assert not called & WITHOUT_METHOD.keys()


def _methods(kind: type) -> set[str]:
    functions = inspect.getmembers(kind, inspect.isfunction)
    return {name for name, _ in functions if not name.startswith("_")}


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
