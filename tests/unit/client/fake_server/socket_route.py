"""The WebSocket of the fake server."""

from __future__ import annotations

import asyncio
import json
from weakref import WeakKeyDictionary

from aiohttp import WSMsgType, web

from tests.unit.client.fake_server.actions import Actions
from tests.unit.client.fake_server.event_log import EventLog
from tests.unit.client.fake_server.state import Faults, JsonObject, Refusal, ServerState, utc_now


class SocketRoute:
    """`frames`: all that were received. `most_open`: the most sockets that were open at once."""

    def __init__(
        self, state: ServerState, *, faults: Faults, log: EventLog, actions: Actions
    ) -> None:
        self.frames: list[JsonObject] = []
        self.most_open = 0
        self._state = state
        self._faults = faults
        self._log = log
        self._actions = actions
        self._transports: WeakKeyDictionary[web.WebSocketResponse, asyncio.Transport | None] = (
            WeakKeyDictionary()
        )

    async def handle(self, request: web.Request) -> web.StreamResponse:
        user_id = self._state.tickets.pop(request.query["ticket"], None)
        if user_id is None:
            raise Refusal(403, "bad_ticket")
        if self._faults.refused_sockets:
            raise Refusal(503, "realtime_unavailable")
        socket = web.WebSocketResponse(max_msg_size=131_072)
        await socket.prepare(request)
        self._log.counts["sockets"] += 1
        self._transports[socket] = request.transport
        try:
            async for message in socket:
                if message.type is WSMsgType.TEXT and not self._faults.silent_sockets:
                    await self._answer(socket, user_id, json.loads(message.data))
        except ConnectionError:
            self._log.counts["sockets cut"] += 1
        finally:
            self._log.sockets.pop(socket, None)
        return socket

    def cut(self, share: float) -> None:
        chosen = [ws for ws in self._log.sockets if self._log.random.random() < share]
        for socket in chosen:
            transport = self._transports[socket]
            if transport is not None:
                transport.abort()

    async def _answer(self, socket: web.WebSocketResponse, user_id: str, frame: JsonObject) -> None:
        self.frames.append(frame)
        self._log.counts[f"frame {frame['action']}"] += 1
        match frame["action"]:
            case "ping" if self._faults.unknown_sockets:
                answer = {"ok": False, "error": Refusal(401, "authentication_required").problem}
                answer |= {"type": "ack"}
            case "hello":
                self._log.sockets[socket] = user_id
                self.most_open = max(self.most_open, len(self._log.sockets))
                answer = {"type": "hello", "data": self._hello(user_id)}
            case "ping":
                all_heads = self._state.heads(user_id)
                streams = [f"user:{user_id}", *frame["data"]["streams"]]
                heads = {stream: all_heads[stream] for stream in streams if stream in all_heads}
                answer = {"type": "pong", "heads": heads}
            case action:
                answer = {"type": "ack", **self._try(user_id, action, frame["data"])}
        await socket.send_json({**answer, "id": frame["id"]})

    def _hello(self, user_id: str) -> JsonObject:
        heads = self._state.heads(user_id)
        count = 1 + self._faults.heads_in_hello
        return {
            "connection_id": "c",
            "heartbeat_ms": self._faults.heartbeat_ms,
            "storm_jitter_ms": self._faults.storm_jitter_ms,
            "expires_at": utc_now(plus=self._faults.socket_seconds),
            "heads": dict(list(heads.items())[:count]),
            "more_heads": len(heads) > count,
        }

    def _try(self, user_id: str, action: str, data: JsonObject) -> JsonObject:
        try:
            return {"ok": True, "data": self._do(user_id, action, data)}
        except Refusal as refusal:
            return {"ok": False, "error": refusal.problem}

    def _do(self, user_id: str, action: str, data: JsonObject) -> JsonObject:
        match action:
            case "send":
                return {"message": self._actions.send(user_id, data)}
            case "edit":
                return {"message": self._actions.edit(user_id, data)}
            case "delete":
                return {"message": self._actions.delete(user_id, data["message_id"])}
            case "react":
                return self._actions.react(user_id, data)
            case "read":
                id = data["stream"].removeprefix("conv:")
                return self._actions.mark_read(user_id, id, seq=data["seq"])
            case "subscribe":
                streams = {name: self._subscription(user_id, name) for name in data["streams"]}
                return {"streams": streams, "lease_ms": self._faults.lease_ms}
        return {}

    def _subscription(self, user_id: str, stream: str) -> JsonObject:
        if not self._state.has_access(user_id, stream):
            return {"gone": True}
        present = [{"user_id": user_id, "status": "online"}]
        head = len(self._state.streams[stream])
        return {"head": head, "present": present, "present_count": 1}
