"""The HTTP routes of the fake server."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable

from aiohttp import web

from tests.unit.client.fake_server.actions import Actions
from tests.unit.client.fake_server.event_log import EventLog
from tests.unit.client.fake_server.sessions import Sessions
from tests.unit.client.fake_server.state import Faults, JsonObject, Refusal, ServerState, utc_now
from tests.unit.client.fake_server.sync import sync_streams

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

PAGE = 2
MAX_MESSAGES = 50


class HttpRoutes:
    def __init__(
        self, state: ServerState, *, faults: Faults, log: EventLog, actions: Actions
    ) -> None:
        self._state = state
        self._faults = faults
        self._log = log
        self._actions = actions
        self._sessions = Sessions(state, faults=faults)
        self._authenticate = self._sessions.authenticate

    def all(self) -> list[tuple[str, str, Handler]]:
        return [
            ("POST", "/auth/register", self._sessions.register),
            ("POST", "/auth/login", self._sessions.log_in),
            ("POST", "/auth/refresh", self._sessions.refresh),
            ("POST", "/auth/logout", self._sessions.log_out),
            ("GET", "/me", self._show_me),
            ("GET", "/limits", self._show_limits),
            ("GET", "/notifications/badge", self._show_badge),
            ("GET", "/conversations", self._list_conversations),
            ("POST", "/conversations", self._create_conversation),
            ("GET", "/conversations/{id}", self._show_conversation),
            ("GET", "/conversations/{id}/messages", self._list_messages),
            ("PUT", "/conversations/{id}/read", self._mark_read),
            ("POST", "/messages", self._send),
            ("PATCH", "/messages/{id}", self._edit),
            ("DELETE", "/messages/{id}", self._delete),
            ("PUT", "/messages/{id}/reactions/{emoji}", self._react),
            ("DELETE", "/messages/{id}/reactions/{emoji}", self._react),
            ("POST", "/realtime/ticket", self._sessions.make_ticket),
            ("POST", "/sync", self._sync),
        ]

    @web.middleware
    async def render_refusals(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self._log.counts[f"{request.method} {request.path}"] += 1
        try:
            return await handler(request)
        except Refusal as refusal:
            after = refusal.problem.get("retry_after_ms")
            return web.json_response(
                refusal.problem,
                status=refusal.status,
                content_type="application/problem+json",
                headers={} if after is None else {"Retry-After": str(after // 1000 or 1)},
            )

    async def _show_limits(self, request: web.Request) -> web.Response:
        return web.json_response({"media_url": "https://media.example"})

    async def _show_me(self, request: web.Request) -> web.Response:
        return web.json_response(self._state.users[self._authenticate(request)])

    async def _show_badge(self, request: web.Request) -> web.Response:
        return web.json_response({"unread": 0, "unseen": 0})

    async def _list_conversations(self, request: web.Request) -> web.Response:
        user_id = self._authenticate(request)
        own = [c["id"] for c in self._state.conversations.values() if _is_member(c, user_id)]
        start = int(request.query.get("cursor", 0))
        end = start + PAGE
        items = [self._state.conversation(id, reader=user_id) for id in own[start:end]]
        return web.json_response({"items": items, "next": str(end) if end < len(own) else None})

    async def _create_conversation(self, request: web.Request) -> web.Response:
        user_id, body = self._authenticate(request), await request.json()
        others = [self._state.user_by_name(name) for name in body["members"]]
        conversation = {"id": str(uuid.uuid4()), "kind": body["kind"], "name": body.get("name")}
        conversation |= {"created_by": user_id, "created_at": utc_now(), "active_at": utc_now()}
        conversation["members"] = [self._state.users[user_id], *others]
        self._state.conversations[conversation["id"]] = conversation
        for member in conversation["members"]:
            joined = {"conversation": conversation}
            self._log.record(f"user:{member['id']}", "conversation.joined", joined)
        return web.json_response(conversation, status=201)

    async def _show_conversation(self, request: web.Request) -> web.Response:
        user_id, id = self._authenticate(request), request.match_info["id"]
        conversation = self._state.conversations.get(id)
        if conversation is None or not _is_member(conversation, user_id):
            raise Refusal(404, "conversation_not_found")
        return web.json_response(self._state.conversation(id, reader=user_id))

    async def _list_messages(self, request: web.Request) -> web.Response:
        reader = self._authenticate(request)
        before = int(request.query.get("before", 1 << 40))
        after = int(request.query.get("after", 0))
        history = self._state.history(request.match_info["id"], reader=reader)
        found = [m for m in history if after < m["seq"] < before]
        return web.json_response({"items": found[::-1][:MAX_MESSAGES], "next": None})

    async def _mark_read(self, request: web.Request) -> web.Response:
        user_id, seq = self._authenticate(request), (await request.json())["seq"]
        marker = self._actions.mark_read(user_id, request.match_info["id"], seq=seq)
        return web.json_response(marker)

    async def _send(self, request: web.Request) -> web.Response:
        message = self._actions.send(self._authenticate(request), await request.json())
        if self._faults.lost_replies > 0:
            self._faults.lost_replies -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(message, status=201)

    async def _edit(self, request: web.Request) -> web.Response:
        data = {**await request.json(), "message_id": request.match_info["id"]}
        return web.json_response(self._actions.edit(self._authenticate(request), data))

    async def _delete(self, request: web.Request) -> web.Response:
        user_id = self._authenticate(request)
        return web.json_response(self._actions.delete(user_id, request.match_info["id"]))

    async def _react(self, request: web.Request) -> web.Response:
        emoji, added = request.match_info["emoji"], request.method == "PUT"
        data = {"message_id": request.match_info["id"], "emoji": emoji, "added": added}
        return web.json_response(self._actions.react(self._authenticate(request), data))

    async def _sync(self, request: web.Request) -> web.Response:
        user_id, body = self._authenticate(request), await request.json()
        counts = self._log.counts
        answer = sync_streams(self._state, user_id, body, faults=self._faults, counts=counts)
        return web.json_response(answer)


def _is_member(conversation: JsonObject, user_id: str) -> bool:
    return any(member["id"] == user_id for member in conversation["members"])
