"""Makes streams complete: turns frames and syncs into changes, each once and in order."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from cgraph_client.api.api_client import ApiClient
from cgraph_client.core.backoff import Backoff, jitter
from cgraph_client.core.errors import CGraphError
from cgraph_client.core.parsing import parse
from cgraph_client.models.changes import USER_STREAM, Change, Event, Snapshot
from cgraph_client.models.sync import SyncResult
from cgraph_client.realtime.stream_tracker import GAP_SECONDS, StreamTracker

MAX_STREAMS_PER_SYNC = 2_000
MAX_QUEUED_CHANGES = 10_000  # while more wait for a slow reader, pushes are left to the next sync
HEADS_JITTER_SECONDS = 3.0  # a large audience gets heads at the same time, and must not sync so

logger = logging.getLogger("cgraph_client")


class Synchronizer:
    """Puts the changes into a queue, from which `next_change` takes them."""

    def __init__(
        self, client: ApiClient, *, cursors: Mapping[str, int] | None, backoff: Backoff
    ) -> None:
        self.tracker = StreamTracker(cursors)
        self._client = client
        self._backoff = backoff
        self._changes: asyncio.Queue[Change | None] = asyncio.Queue()
        self._wake_up = asyncio.Event()
        self._skipped_memberships: dict[str, int] = {}  # the user's stream and its head

    async def next_change(self) -> Change | None:
        """Returns None at the end, however often it is called."""
        change = await self._changes.get()
        if change is None:
            self.end()
        elif self._has_room:
            self._wake_up.set()
        return change

    def end(self) -> None:
        self._changes.put_nowait(None)

    # input

    def apply_frame(self, frame: Mapping[str, Any]) -> None:
        match frame["type"]:
            case "pong":
                self.apply_heads(frame.get("heads") or {})
            case "heads":
                patience = GAP_SECONDS + jitter(HEADS_JITTER_SECONDS)
                self.apply_heads(frame["heads"], patience=patience)
            case "event":
                self._apply_event(parse(Event.from_json, frame))
            case "batch":
                for document in frame["events"]:
                    self._apply_event(parse(Event.from_json, document))
            case "gateway_error":
                logger.warning("the gateway says: %s", frame["data"])
        self._check_sync_times()

    def apply_hello(self, heads: Mapping[str, int]) -> None:
        self.put(self.tracker.apply_hello(heads, now=_now()))
        self._check_sync_times()

    def apply_heads(self, heads: Mapping[str, int], *, patience: float = GAP_SECONDS) -> None:
        """Their events may arrive by themselves for `patience` seconds."""
        self.put(self.tracker.apply_heads(heads, now=_now(), patience=patience))
        self._check_sync_times()

    def request_sync(self, stream: str) -> None:
        self.tracker.request_sync(stream, now=_now())
        self._check_sync_times()

    def request_sync_of_all(self) -> None:
        """Replaces the pushes while no socket can be opened."""
        self.tracker.request_sync_of_all(now=_now() + GAP_SECONDS)
        self._check_sync_times()

    def put(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._changes.put_nowait(change)
            if isinstance(change, Snapshot) and change.stream.startswith(USER_STREAM):
                self._skipped_memberships = {change.stream: change.head}

    def _apply_event(self, event: Event) -> None:
        if self._has_room:
            self.put(self.tracker.apply_event(event, now=_now()))
        elif event.seq is not None:
            self.apply_heads({event.stream: event.seq})

    @property
    def _has_room(self) -> bool:
        return self._changes.qsize() < MAX_QUEUED_CHANGES

    def _check_sync_times(self) -> None:
        if self.tracker.next_sync_time() is not None:
            self._wake_up.set()

    # sync

    async def run(self) -> None:
        """Syncs streams with gaps until it is cancelled, or raises an error that another attempt
        cannot solve."""
        attempt = 0
        while True:
            await self._wait_until_due()
            try:
                await self._sync()
                attempt = 0
            except CGraphError as error:
                if not error.is_transient:
                    raise
                await asyncio.sleep(self._backoff.delay(attempt, at_least=error.retry_after))
                attempt += 1

    async def _sync(self) -> None:
        cursors = dict(islice(self.tracker.streams_to_sync(_now()).items(), MAX_STREAMS_PER_SYNC))
        self.tracker.begin_sync(cursors)
        result = await self._client.sync(cursors)
        if not self._apply_result(result, cursors):
            await asyncio.sleep(GAP_SECONDS)
        if self._skipped_memberships:  # the list of conversations has them
            heads = await self._client.stream_heads()
            self.apply_hello(heads | self._skipped_memberships)
            self._skipped_memberships = {}

    async def _wait_until_due(self) -> None:
        while True:
            due_at = self.tracker.next_sync_time() if self._has_room else None
            if due_at is not None and due_at <= _now():
                return
            self._wake_up.clear()
            try:
                async with asyncio.timeout_at(due_at):
                    await self._wake_up.wait()
            except TimeoutError:
                return

    def _apply_result(self, result: SyncResult, cursors: Mapping[str, int]) -> bool:
        """Returns whether the sync has brought anything further."""
        now = _now()
        before = self.tracker.streams_to_sync(now)
        for name, answer in result.streams.items():
            if name in cursors:
                changes = self.tracker.apply_sync(name, answer, cursor=cursors[name], now=now)
                self.put(changes)
        return self.tracker.streams_to_sync(now) != before


def _now() -> float:
    return asyncio.get_running_loop().time()
