"""One WebSocket, from the handshake to its end."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException

from cgraph_client.core.addresses import is_loopback
from cgraph_client.core.backoff import jitter
from cgraph_client.core.errors import (
    ApiError,
    CGraphError,
    ProtocolError,
    Unreachable,
    new_api_error,
)
from cgraph_client.core.parsing import parse
from cgraph_client.realtime.control_frames import Hello, ReconnectRequest, closing_error

ANSWER_TIMEOUT_SECONDS = 10.0
FRAGMENT_CHARACTERS = 7_500  # at most 30,000 bytes: API Gateway takes no frame above 32 KB
MAX_MESSAGE_BYTES = 120_000  # nor a message above 128 KB
MAX_CURSORS = 2_000
MAX_PUSH_BYTES = 1 << 20
ABRUPT_CLOSE_CODES = {1001, 1006, 1012}  # of sockets that usually end together with many others


class Socket:
    """An open WebSocket. It is used once: the connection manager opens the next one.

    `on_frame` is called with each frame that is not the answer to a request.
    """

    def __init__(
        self, connection: ClientConnection, *, on_frame: Callable[[dict[str, Any]], None]
    ) -> None:
        self._connection = connection
        self._on_frame = on_frame
        self._pending: dict[str, asyncio.Future[dict[str, Any]]] = {}
        loop = asyncio.get_running_loop()
        self.reconnect_request: asyncio.Future[ReconnectRequest] = loop.create_future()
        self.closing_error: asyncio.Future[CGraphError] = loop.create_future()
        self.reader = asyncio.create_task(self._read())
        self._heartbeat: asyncio.Task[None] | None = None
        self.close_reason = ""
        self.replace_after: float | None = None  # seconds until the client opens the next socket
        self.storm_jitter = 0.0

    @property
    def is_open(self) -> bool:
        return not self.reader.done()

    @property
    def ended_abruptly(self) -> bool:
        return self._connection.close_code in ABRUPT_CLOSE_CODES

    async def hello(self, cursors: Mapping[str, int]) -> Hello:
        """Sends the cursors. Where they are too many for one message it sends none: the client
        then catches up by `POST /sync`."""
        data: dict[str, Any] = {"cursors": dict(cursors)}
        if len(cursors) > MAX_CURSORS or len(json.dumps(data)) > MAX_MESSAGE_BYTES:
            data = {"cursors": {}}
        return parse(Hello.from_json, await self.request("hello", data))

    def start_heartbeat(self, interval: float, *, streams: Callable[[], Sequence[str]]) -> None:
        """From now on sends a ping every `interval` seconds, which asks for the heads of
        `streams()`, and aborts the socket where no answer comes."""
        self._heartbeat = asyncio.create_task(self._send_pings(interval, streams))

    async def request(self, action: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """Sends a frame and returns the data of its answer. Raises ApiError where the server
        refuses it, Unreachable where no answer comes."""
        frame_id = uuid.uuid4().hex
        answer = self._pending[frame_id] = asyncio.get_running_loop().create_future()
        try:
            await self._send({"action": action, "id": frame_id, "data": dict(data)})
            # Until Python 3.12 `wait_for` returns an answer that comes while this is cancelled.
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                document = await answer
        except TimeoutError as error:
            message = f"no answer to {action} in {ANSWER_TIMEOUT_SECONDS:.0f} s"
            raise Unreachable(message) from error
        finally:
            del self._pending[frame_id]
        if document["type"] == "connection_lost":
            raise Unreachable(document["reason"])
        if document.get("ok") is False:
            self._raise_refusal(document.get("error") or {})
        data = document.get("data")
        return data if isinstance(data, dict) else {}

    async def drain(self) -> None:
        """Closes the socket when all pending requests are answered. No request may follow."""
        try:
            if self._pending and self.is_open:
                await asyncio.wait(list(self._pending.values()), timeout=ANSWER_TIMEOUT_SECONDS)
        finally:
            await self.close()

    async def close(self) -> None:
        """Closes the socket and ends its tasks. Raises the error of a task that failed."""
        tasks = [self.reader, *filter(None, [self._heartbeat])]
        if self._heartbeat is not None:
            self._heartbeat.cancel()
        await self._connection.close()
        failures = await asyncio.gather(*tasks, return_exceptions=True)
        for failure in failures:
            if isinstance(failure, Exception):
                raise failure

    async def _send(self, frame: Mapping[str, Any]) -> None:
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        fragments = [
            text[start : start + FRAGMENT_CHARACTERS]
            for start in range(0, len(text), FRAGMENT_CHARACTERS)
        ]
        try:
            await self._connection.send(fragments if len(fragments) > 1 else text)
        except ConnectionClosed as error:
            raise Unreachable(f"the socket closed: {error}") from error

    async def _read(self) -> None:
        try:
            async for text in self._connection:
                self._dispatch(_parse_frame(text))
        except ConnectionClosed as error:
            self.close_reason = self.close_reason or str(error)
        except Exception:
            await self._connection.close(1002)
            raise
        finally:
            code, reason = self._connection.close_code, self._connection.close_reason
            described = f"the server closed the socket ({code} {reason})"
            self.close_reason = self.close_reason or described
            self._fail_pending(f"the socket ended: {self.close_reason}")

    def _fail_pending(self, reason: str) -> None:
        for answer in self._pending.values():
            if not answer.done():
                answer.set_result({"type": "connection_lost", "reason": reason})

    def _dispatch(self, frame: dict[str, Any]) -> None:
        answer = self._pending.get(frame.get("id") or "")
        data = frame.get("data") or {}
        if frame["type"] == "reconnect" and not self.reconnect_request.done():
            self.reconnect_request.set_result(parse(ReconnectRequest.from_json, data))
        elif frame["type"] == "closing" and not self.closing_error.done():
            self.closing_error.set_result(closing_error(data))
        elif answer is not None and not answer.done():
            answer.set_result(frame)
        elif frame["type"] == "gateway_error" and len(self._pending) == 1:
            self._fail_pending(f"the gateway says: {data}")
        if frame["type"] != "ack":
            self._on_frame(frame)

    def _raise_refusal(self, problem: Mapping[str, Any]) -> NoReturn:
        error = new_api_error(problem, status=problem.get("status", 500))
        if error.status == 401:
            # The request for the next ticket will show whether the session has ended too.
            self._abort(f"the server no longer knows this socket: {error}")
            raise Unreachable(self.close_reason) from error
        raise error

    def _abort(self, reason: str) -> None:
        self.close_reason = self.close_reason or reason
        self._connection.transport.abort()

    async def _send_pings(self, interval: float, streams: Callable[[], Sequence[str]]) -> None:
        await asyncio.sleep(jitter(interval))
        while self.is_open:
            try:
                await self.request("ping", {"streams": list(streams())})
            except Unreachable as error:
                return self._abort(str(error))
            except ApiError:
                pass  # the server answers, so the socket is alive
            await asyncio.sleep(interval)


async def open_socket(url: str, *, on_frame: Callable[[dict[str, Any]], None]) -> Socket:
    """Connects to the complete URL of a ticket. Raises Unreachable."""
    try:
        connection = await connect(
            url,
            compression=None,
            ping_interval=None,
            max_size=MAX_PUSH_BYTES,
            open_timeout=ANSWER_TIMEOUT_SECONDS,
            close_timeout=2,
            proxy=None if is_loopback(url) else True,
        )
    except InvalidHandshake as error:
        raise Unreachable(f"the socket was refused: {error}") from error
    except (OSError, TimeoutError, WebSocketException) as error:
        raise Unreachable(f"the socket did not open: {error!r}") from error
    return Socket(connection, on_frame=on_frame)


def _parse_frame(text: str | bytes) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except ValueError as error:
        raise ProtocolError(f"not a frame: {text!r:.200}") from error
    if not isinstance(frame, dict) or "type" not in frame:
        # API Gateway's own answer ({"message": "Internal server error", …}) is not a frame of ours.
        return {"type": "gateway_error", "data": frame}
    return frame
