"""The HTTP routes of the small server."""

from __future__ import annotations

import asyncio
import secrets
import uuid
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from aiohttp import web

from tests.unit.client.world import Document, Refused, now

if TYPE_CHECKING:
    from tests.unit.client.small_server import SmallServer

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Routes:
    def __init__(self, server: SmallServer) -> None:
        self.server = server
        self.world = server.world
        self.deeds = server.deeds

    def all(self) -> list[tuple[str, str, Handler]]:
        return [
            ("POST", "/auth/register", self._register),
            ("POST", "/auth/login", self._log_in),
            ("POST", "/auth/refresh", self._refresh),
            ("POST", "/auth/logout", self._log_out),
            ("GET", "/me", self._me),
            ("GET", "/conversations", self._conversations),
            ("POST", "/conversations", self._create),
            ("GET", "/conversations/{id}", self._conversation),
            ("GET", "/conversations/{id}/messages", self._history),
            ("PUT", "/conversations/{id}/read", self._mark_read),
            ("POST", "/messages", self._send),
            ("PATCH", "/messages/{id}", self._edit),
            ("DELETE", "/messages/{id}", self._delete),
            ("PUT", "/messages/{id}/reactions/{emoji}", self._react),
            ("DELETE", "/messages/{id}/reactions/{emoji}", self._react),
            ("POST", "/realtime/ticket", self._ticket),
            ("POST", "/sync", self._sync),
        ]

    @web.middleware
    async def guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        self.server.counts[f"{request.method} {request.path}"] += 1
        try:
            return await handler(request)
        except Refused as refusal:
            after = refusal.problem.get("retry_after_ms")
            return web.json_response(
                refusal.problem,
                status=refusal.status,
                content_type="application/problem+json",
                headers={} if after is None else {"Retry-After": str(after // 1000 or 1)},
            )

    def _who(self, request: web.Request) -> str:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        if token not in self.world.access:
            raise Refused(401, "unauthenticated")
        user_id, until = self.world.access[token]
        if asyncio.get_running_loop().time() > until:
            raise Refused(401, "token_expired")
        return user_id

    def _new_session(self, user_id: str) -> Document:
        access, refresh = secrets.token_hex(8), secrets.token_hex(8)
        until = asyncio.get_running_loop().time() + self.server.faults.access_seconds
        self.world.access[access] = (user_id, until)
        self.world.refresh[refresh] = user_id
        return {"access_token": access, "refresh_token": refresh, "expires_in": 3_600}

    async def _register(self, request: web.Request) -> web.Response:
        body = await request.json()
        if any(u["username"] == body["username"] for u in self.world.users.values()):
            raise Refused(409, "username_taken")
        user = {"id": str(uuid.uuid4()), "username": body["username"], "novelty": 1}
        self.world.users[user["id"]] = user
        self.world.passwords[user["id"]] = body["password"]
        return web.json_response({"user": user, **self._new_session(user["id"])}, status=201)

    async def _log_in(self, request: web.Request) -> web.Response:
        body = await request.json()
        user = self.world.by_name(body["login"])
        if self.world.passwords[user["id"]] != body["password"]:
            raise Refused(401, "wrong_password", detail="The name or the password is wrong.")
        return web.json_response({"user": user, **self._new_session(user["id"])})

    async def _refresh(self, request: web.Request) -> web.Response:
        user_id = self.world.refresh.pop((await request.json())["refresh_token"], None)
        await asyncio.sleep(0.02)
        if user_id is None:
            raise Refused(401, "session_ended")
        return web.json_response(self._new_session(user_id))

    async def _log_out(self, request: web.Request) -> web.Response:
        self._who(request)
        return web.Response(status=204)

    async def _me(self, request: web.Request) -> web.Response:
        return web.json_response(self.world.users[self._who(request)])

    async def _conversations(self, request: web.Request) -> web.Response:
        user_id = self._who(request)
        mine = [c for c in self.world.conversations.values() if user_id in _ids(c)]
        start = int(request.query.get("cursor", 0))
        more = start + 2 < len(mine)
        items = [self._as_seen(c, user_id) for c in mine[start : start + 2]]
        return web.json_response({"items": items, "next": str(start + 2) if more else None})

    def _as_seen(self, conversation: Document, user_id: str) -> Document:
        place = conversation["id"]
        last_read, unread = self.world.seen(user_id, place)
        last = next(iter(self.world.messages(place, reader=user_id)[-1:]), None)
        return {
            **conversation,
            "active_at": last["created_at"] if last else conversation["created_at"],
            "head": len(self.world.streams[f"conv:{place}"]),
            "last_message": last,
            "member_count": len(conversation["members"]),
            "last_read_seq": last_read,
            "unread_count": unread,
        }

    async def _create(self, request: web.Request) -> web.Response:
        user_id, body = self._who(request), await request.json()
        others = [self.world.by_name(name) for name in body["members"]]
        conversation = {"id": str(uuid.uuid4()), "kind": body["kind"], "name": body.get("name")}
        conversation |= {"created_by": user_id, "created_at": now(), "active_at": now()}
        conversation["members"] = [self.world.users[user_id], *others]
        self.world.conversations[conversation["id"]] = conversation
        for member in conversation["members"]:
            joined = {"conversation": conversation}
            self.server.record(f"user:{member['id']}", "conversation.joined", joined)
        return web.json_response(conversation, status=201)

    async def _conversation(self, request: web.Request) -> web.Response:
        found = self.world.conversations.get(request.match_info["id"])
        if found is None or self._who(request) not in _ids(found):
            raise Refused(404, "conversation_not_found")
        return web.json_response(self._as_seen(found, self._who(request)))

    async def _mark_read(self, request: web.Request) -> web.Response:
        seq = (await request.json())["seq"]
        return web.json_response(
            self.deeds.read(self._who(request), request.match_info["id"], seq=seq)
        )

    async def _edit(self, request: web.Request) -> web.Response:
        body = await request.json()
        return web.json_response(
            self.deeds.edit(self._who(request), {**body, "message_id": request.match_info["id"]})
        )

    async def _delete(self, request: web.Request) -> web.Response:
        return web.json_response(self.deeds.delete(self._who(request), request.match_info["id"]))

    async def _react(self, request: web.Request) -> web.Response:
        emoji, added = request.match_info["emoji"], request.method == "PUT"
        what = {"message_id": request.match_info["id"], "emoji": emoji, "added": added}
        return web.json_response(self.deeds.react(self._who(request), what))

    async def _history(self, request: web.Request) -> web.Response:
        reader = self._who(request)
        before = int(request.query.get("before", 1 << 40))
        after = int(request.query.get("after", 0))
        everything = self.world.messages(request.match_info["id"], reader=reader)
        found = [m for m in everything if after < m["seq"] < before]
        return web.json_response({"items": found[::-1][:50], "next": None})

    async def _send(self, request: web.Request) -> web.Response:
        message = self.server.deeds.write(self._who(request), await request.json())
        if self.server.faults.replies_lost > 0:
            self.server.faults.replies_lost -= 1
            assert request.transport is not None
            request.transport.abort()
        return web.json_response(message, status=201)

    async def _ticket(self, request: web.Request) -> web.Response:
        ticket = secrets.token_hex(8)
        self.world.tickets[ticket] = self._who(request)
        url = f"{self.server.url.replace('http', 'ws')}/ws?ticket={ticket}"
        return web.json_response({"ticket": ticket, "url": url, "expires_in": 30})

    async def _sync(self, request: web.Request) -> web.Response:
        user_id, body = self._who(request), await request.json()
        room = min(self.server.faults.page, body["limit"])
        parts, rest = {}, {}
        for stream, seq in body["cursors"].items():
            if not self.world.may_see(user_id, stream):
                parts[stream] = {"gone": True}
                continue
            part = self._part(stream, seq, room, reader=user_id)
            parts[stream] = part
            room -= len(part["events"])
            if part["to"] < part["head"]:
                rest[stream] = part["to"]
        return web.json_response({"streams": parts, "next": rest or None})

    def _part(self, stream: str, seq: int, room: int, *, reader: str) -> Document:
        log = self.world.streams[stream]
        head = len(log)
        part: Document = {"from": seq, "to": head, "head": head, "limited": True, "events": []}
        if seq > head or head - seq > self.server.faults.snapshot_above:
            self.server.counts["snapshots"] += 1
            kind, _, place = stream.partition(":")
            if kind == "user":
                return part
            talk = self._as_seen(self.world.conversations[place], reader)
            messages = self.world.messages(place, reader=reader)[-50:]
            snapshot = {"messages": messages, "unread_count": talk["unread_count"]}
            return {**part, "snapshot": {**snapshot, "conversation": talk}}
        events = log[seq : seq + room]
        return {**part, "to": seq + len(events), "events": events, "limited": False}


def _ids(conversation: Document) -> list[str]:
    return [member["id"] for member in conversation["members"]]
