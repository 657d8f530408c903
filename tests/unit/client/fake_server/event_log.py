"""Numbers events and pushes them to the open sockets, with faults."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter

from aiohttp import web

from tests.unit.client.fake_server.state import Faults, JsonObject, ServerState, utc_now


class EventLog:
    """`sockets`: the user id of each socket that has said hello. `counts`: what happened, by
    name."""

    def __init__(self, state: ServerState, *, faults: Faults, seed: int) -> None:
        self.sockets: dict[web.WebSocketResponse, str] = {}
        self.counts: Counter[str] = Counter()
        self.random = random.Random(seed)
        self._state = state
        self._faults = faults
        self._pushes: set[asyncio.Task[None]] = set()

    def record(self, stream: str, event: str, data: JsonObject) -> JsonObject:
        """Gives the event the next number of its stream, keeps it and pushes it."""
        seq = len(self._state.streams[stream]) + 1
        frame = {"type": "event", "stream": stream, "seq": seq, "event": event, "ts": utc_now()}
        frame["data"] = data
        self._state.streams[stream].append(frame)
        pushed = frame
        if len(json.dumps(frame)) > self._faults.partial_above:
            pushed = {name: frame[name] for name in ("type", "stream", "seq", "event")}
            pushed |= {"partial": True, "ref": "/somewhere"}
        for socket, user_id in list(self.sockets.items()):
            if self._state.has_access(user_id, stream):
                self._push(socket, pushed)
        return frame

    async def wait_for_pushes(self) -> None:
        await asyncio.gather(*self._pushes)

    def _push(self, socket: web.WebSocketResponse, frame: JsonObject) -> None:
        if self.random.random() < self._faults.dropped:
            self.counts["dropped"] += 1
            return
        times = 2 if self.random.random() < self._faults.duplicated else 1
        for _ in range(times):
            is_late = self.random.random() < self._faults.reordered
            self.counts["reordered"] += is_late
            delay = self.random.uniform(0.005, 0.05) if is_late else 0.0
            task = asyncio.create_task(self._deliver(socket, frame, delay))
            self._pushes.add(task)
            task.add_done_callback(self._pushes.discard)
        self.counts["duplicated"] += times - 1

    async def _deliver(
        self, socket: web.WebSocketResponse, frame: JsonObject, delay: float
    ) -> None:
        await asyncio.sleep(delay)
        if self._faults.silent_sockets:
            return
        try:
            await socket.send_json(frame)
        except ConnectionError:
            self.counts["pushes to closed sockets"] += 1
