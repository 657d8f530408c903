"""A server that speaks the protocol, badly on purpose: it repeats, reorders, loses and cuts."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter
from weakref import WeakKeyDictionary

from aiohttp import WSMsgType, web

from tests.unit.client.small_deeds import Deeds
from tests.unit.client.small_routes import Routes
from tests.unit.client.world import Document, Faults, Refused, World, now


class SmallServer:
    def __init__(self, seed: int = 7) -> None:
        self.world = World()
        self.faults = Faults()
        self.counts: Counter[str] = Counter()
        self.random = random.Random(seed)
        self.port = 0
        self.most_open = 0
        self.deeds = Deeds(self)
        self.typed: list[bool] = []
        self.forget_sockets = False
        self._sockets: dict[web.WebSocketResponse, str] = {}
        self._transports: WeakKeyDictionary[web.WebSocketResponse, asyncio.Transport | None] = (
            WeakKeyDictionary()
        )
        self._pushes: set[asyncio.Task[None]] = set()
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        routes = Routes(self)
        app = web.Application(middlewares=[routes.guard])
        app.router.add_get("/ws", self._socket)
        for method, path, handler in routes.all():
            app.router.add_route(method, path, handler)
        self._runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]

    async def stop(self) -> None:
        assert self._runner is not None
        await asyncio.gather(*self._pushes)
        self.cut()
        await self._runner.cleanup()

    def cut(self, share: float = 1.0) -> int:
        """Ends sockets as a dead network does: no closing frame."""
        chosen = [ws for ws in self._sockets if self.random.random() < share]
        for ws in chosen:
            transport = self._transports[ws]
            if transport is not None:
                transport.abort()
        return len(chosen)

    @property
    def open_sockets(self) -> int:
        return len(self._sockets)

    async def tell_all(self, frame: Document) -> None:
        for ws in list(self._sockets):
            await ws.send_json(frame)

    def leave(self, conversation_id: str, username: str) -> None:
        user = self.world.by_name(username)
        conversation = self.world.conversations[conversation_id]
        conversation["members"] = [m for m in conversation["members"] if m["id"] != user["id"]]
        self.record(f"conv:{conversation_id}", "member.removed", {"user_id": user["id"]})
        gone = {"conversation_id": conversation_id}
        self.record(f"user:{user['id']}", "conversation.left", gone)

    def join(self, conversation_id: str, username: str) -> None:
        user = self.world.by_name(username)
        conversation = self.world.conversations[conversation_id]
        conversation["members"] = [*conversation["members"], user]
        self.record(f"conv:{conversation_id}", "member.added", {"member": user})
        joined = conversation | {"head": len(self.world.streams[f"conv:{conversation_id}"])}
        self.record(f"user:{user['id']}", "conversation.joined", {"conversation": joined})

    def record(self, stream: str, event: str, data: Document) -> Document:
        """Takes the next number, keeps the event and pushes it with the faults of the day."""
        seq = len(self.world.streams[stream]) + 1
        frame = {"type": "event", "stream": stream, "seq": seq, "event": event, "ts": now()}
        frame["data"] = data
        self.world.streams[stream].append(frame)
        pushed = frame
        if len(json.dumps(frame)) > self.faults.partial_above:
            pushed = {name: frame[name] for name in ("type", "stream", "seq", "event")}
            pushed |= {"partial": True, "ref": "/somewhere"}
        for ws, user_id in list(self._sockets.items()):
            if self.world.may_see(user_id, stream):
                self._push(ws, pushed)
        return frame

    def _push(self, ws: web.WebSocketResponse, frame: Document) -> None:
        if self.random.random() < self.faults.dropped:
            self.counts["dropped"] += 1
            return
        times = 2 if self.random.random() < self.faults.duplicated else 1
        for _ in range(times):
            late = self.random.random() < self.faults.reordered
            self.counts["reordered"] += late
            delay = self.random.uniform(0.005, 0.05) if late else 0.0
            task = asyncio.create_task(self._deliver(ws, frame, delay))
            self._pushes.add(task)
            task.add_done_callback(self._pushes.discard)
        self.counts["duplicated"] += times - 1

    async def _deliver(self, ws: web.WebSocketResponse, frame: Document, delay: float) -> None:
        await asyncio.sleep(delay)
        if self.faults.mute:
            return
        try:
            await ws.send_json(frame)
        except ConnectionError:
            self.counts["pushes to the gone"] += 1

    # the socket

    async def _socket(self, request: web.Request) -> web.StreamResponse:
        user_id = self.world.tickets.pop(request.query["ticket"], None)
        if user_id is None:
            raise Refused(403, "bad_ticket")
        if self.faults.no_sockets:
            raise Refused(503, "realtime_unavailable")
        ws = web.WebSocketResponse(max_msg_size=131_072)
        await ws.prepare(request)
        self.counts["sockets"] += 1
        self._transports[ws] = request.transport
        try:
            async for message in ws:
                if message.type is WSMsgType.TEXT and not self.faults.mute:
                    await self._answer(ws, user_id, json.loads(message.data))
        except ConnectionError:
            self.counts["sockets cut"] += 1
        finally:
            self._sockets.pop(ws, None)
        return ws

    async def _answer(self, ws: web.WebSocketResponse, user_id: str, frame: Document) -> None:
        self.counts[f"frame {frame['action']}"] += 1
        match frame["action"]:
            case "ping" if self.forget_sockets:
                refusal = Refused(401, "authentication_required")
                error = {"type": "ack", "id": frame["id"], "ok": False, "error": refusal.problem}
                await ws.send_json(error)
            case "hello":
                self._sockets[ws] = user_id
                self.most_open = max(self.most_open, len(self._sockets))
                data = {"connection_id": "c", "heartbeat_ms": self.faults.heartbeat_ms}
                data["storm_jitter_ms"] = self.faults.storm_jitter_ms
                data["expires_at"] = now(plus=self.faults.life_seconds)
                heads = self.world.heads(user_id)
                shown = 1 + self.faults.heads_in_hello
                data["heads"] = dict(list(heads.items())[:shown])
                data["more_heads"] = len(heads) > shown
                await ws.send_json({"type": "hello", "id": frame["id"], "data": data})
            case "ping":
                every = self.world.heads(user_id)
                asked = [f"user:{user_id}", *frame["data"]["streams"]]
                heads = {stream: every[stream] for stream in asked if stream in every}
                await ws.send_json({"type": "pong", "id": frame["id"], "heads": heads})
            case action:
                await ws.send_json(self._ack(user_id, frame, action))

    def _ack(self, user_id: str, frame: Document, action: str) -> Document:
        try:
            data = self._do(user_id, action, frame["data"])
            return {"type": "ack", "id": frame["id"], "ok": True, "data": data}
        except Refused as refusal:
            return {"type": "ack", "id": frame["id"], "ok": False, "error": refusal.problem}

    def _do(self, user_id: str, action: str, data: Document) -> Document:
        match action:
            case "send":
                return {"message": self.deeds.write(user_id, data)}
            case "edit":
                return {"message": self.deeds.edit(user_id, data)}
            case "delete":
                return {"message": self.deeds.delete(user_id, data["message_id"])}
            case "react":
                return self.deeds.react(user_id, data)
            case "read":
                return self.deeds.read(user_id, data["stream"][5:], seq=data["seq"])
            case "subscribe":
                streams = {name: self._looked_at(user_id, name) for name in data["streams"]}
                return {"streams": streams, "lease_ms": self.faults.lease_ms}
            case "typing":
                self.typed.append(data["typing"])
        return {}

    def _looked_at(self, user_id: str, stream: str) -> Document:
        if not self.world.may_see(user_id, stream):
            return {"gone": True}
        present = [{"user_id": user_id, "status": "online"}]
        head = len(self.world.streams[stream])
        return {"head": head, "present": present, "present_count": 1}
