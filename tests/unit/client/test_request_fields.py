"""The client sends only what the API documents allow: the server refuses unknown fields."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
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
from cgraph_client.api.posts import Posts
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
    **{"score": 1, "ups": 1, "downs": 0},
}
FORUM_ANSWER["target"]["created_at"] = FORUM_ANSWER["created_at"]
VOTES = {**FORUM_ANSWER, "target": ID}

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
    "limits": ((), {}),
    "change_me": ((), {"display_name": "Ada", "bio": "Counts"}),
    "log_out": ((), {}),
}
"""The arguments of each method that sends a request: all that it has."""

PAGE = {"limit": 10, "cursor": "c"}
FORUM_CALLS: Mapping[str, tuple[tuple[Any, ...], Mapping[str, Any]]] = {
    "forums.list": ((), {"q": "tea", "sort": "name", "mine": True, **PAGE}),
    "forums.create": (("tea",), {"name": "Tea", "nonce": "n", "visibility": "private"}),
    "forums.show": (("tea",), {}),
    "forums.change": (("tea",), {"name": "Tea", "slow_mode_seconds": 5}),
    "forums.join": (("tea",), {}),
    "forums.leave": (("tea",), {}),
    "forums.members": (("tea",), {"moderating": True, **PAGE}),
    "forums.add_member": (("tea", ID), {}),
    "forums.remove_member": (("tea", ID), {}),
    "forums.appoint": (("tea", ID), {"role": "owner"}),
    "forums.dismiss": (("tea", ID), {}),
    "forums.request_membership": (("tea",), {"message": "please"}),
    "forums.withdraw_membership_request": (("tea",), {}),
    "forums.membership_requests": (("tea",), PAGE),
    "forums.resolve_membership_request": (("tea", ID, "accept"), {"note": "hello"}),
    "forums.filters": (("tea",), {}),
    "forums.set_filters": (("tea",), {"words": ["x"], "domains": ["x.org"], "action": "hold"}),
    "forums.audit_log": (("tea",), PAGE),
    "posts.list": (("tea",), {"sort": "top", "time": "day", "tag": "x", **PAGE}),
    "posts.create": (("tea", "t"), {"body": "b", "url": "https://x.org/", "tags": ["x"]}),
    "posts.create_poll": (
        ("tea", "t", ["a", "b"]),
        {"body": "b", "multiple": True, "closes_at": datetime.now(UTC), "tags": ["x"]},
    ),
    "posts.show": ((ID,), {}),
    "posts.edit": ((ID,), {"version": 1, "title": "t", "body": "b", "tags": ["x"]}),
    "posts.delete": ((ID,), {}),
    "posts.vote": ((ID, 1), {}),
    "posts.choose": ((ID, [0]), {}),
    "posts.accept": ((ID, None), {}),
    "posts.versions": ((ID,), PAGE),
    "posts.hide_version": ((ID, 1), {}),
    "posts.unhide_version": ((ID, 1), {}),
    "posts.pin": ((ID,), {}),
    "posts.unpin": ((ID,), {}),
    "posts.lock": ((ID,), {}),
    "posts.unlock": ((ID,), {}),
    "posts.move": ((ID, "coffee"), {}),
    "comments.list": ((ID,), {"parent": ID, "sort": "new", **PAGE}),
    "comments.create": ((ID, "b"), {"parent_id": ID, "nonce": "n"}),
    "comments.show": ((ID,), {}),
    "comments.edit": ((ID, "b"), {"version": 1}),
    "comments.delete": ((ID,), {}),
    "comments.vote": ((ID, -1), {}),
    "moderation.report": (("post", ID, "spam"), {"note": "n"}),
    "moderation.reports": ((), {"state": "open", **PAGE}),
    "moderation.forum_reports": (("tea",), {"state": "open", **PAGE}),
    "moderation.show_report": ((ID,), {}),
    "moderation.claim_report": ((ID,), {}),
    "moderation.release_report": ((ID,), {}),
    "moderation.resolve_report": ((ID, "ban"), {"note": "n", "days": 1, "shadow": True}),
    "moderation.remove_post": ((ID,), {"reason": "r"}),
    "moderation.restore_post": ((ID,), {}),
    "moderation.approve_post": ((ID,), {}),
    "moderation.remove_comment": ((ID,), {"reason": "r"}),
    "moderation.restore_comment": ((ID,), {}),
    "moderation.approve_comment": ((ID,), {}),
    "moderation.ban": (
        ("tea", ID),
        {"days": 1, "until": datetime.now(UTC), "shadow": True, "reason": "r", "remove": "all"},
    ),
    "moderation.unban": (("tea", ID), {"restore": True}),
    "moderation.bans": (("tea",), PAGE),
    "moderation.remove_texts": (("tea", ID, "day"), {"reason": "r"}),
    "moderation.restore_texts": (("tea", ID), {}),
    "moderation.warn": (("tea", ID, "r"), {"target": ("post", ID), "nonce": "n"}),
    "moderation.appeal": (("post", ID, "please"), {}),
    "moderation.appeals": (("tea",), {"state": "open", **PAGE}),
    "moderation.resolve_appeal": ((ID, "accept"), {"note": "n"}),
}
"""As CALLS, of the parts of the client that have an attribute of their own."""

RESOURCES = {"forums": Forums, "posts": Posts, "comments": Comments, "moderation": Moderation}
NOT_CALLED = {"all_conversations", "call", "close", "get", "get_page", "request"}
WITHOUT_METHOD = {
    "check_health": "for load balancers and monitoring",
    "check_readiness": "for deployments and monitoring",
    "refresh_session": "the session refreshes itself, under a lock",
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
    assert of_resources == FORUM_CALLS.keys()
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
