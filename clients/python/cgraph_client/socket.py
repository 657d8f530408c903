"""One WebSocket from its ticket to its end. It never comes back: a subscription opens the next."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, WebSocketException

from cgraph_client.backoff import spread
from cgraph_client.control import Departure, Hello, ending
from cgraph_client.errors import (
    ApiError,
    CGraphError,
    ProtocolError,
    Unreachable,
    new_api_error,
)
from cgraph_client.reading import read
from cgraph_client.wire import is_loopback

ANSWER_SECONDS = 10.0
FRAGMENT_CHARACTERS = 7_500  # at most 30,000 bytes: API Gateway takes no frame above 32 KB
MESSAGE_BYTES = 120_000  # nor a message above 128 KB
CURSORS = 2_000
LARGEST_PUSH = 1 << 20
SUDDEN = {1001, 1006, 1012}  # how sockets end that end with many others


class Socket:
    """An open socket that was greeted. `on_frame` gets each frame that answers nothing asked."""

    def __init__(
        self, connection: ClientConnection, *, on_frame: Callable[[dict[str, Any]], None]
    ) -> None:
        self._connection = connection
        self._on_frame = on_frame
        self._asked: dict[str, asyncio.Future[dict[str, Any]]] = {}
        loop = asyncio.get_running_loop()
        self.departure: asyncio.Future[Departure] = loop.create_future()
        self.closing: asyncio.Future[CGraphError] = loop.create_future()
        self.reading = asyncio.create_task(self._read())
        self._beating: asyncio.Task[None] | None = None
        self.why_ended = ""
        self.stay: float | None = None  # seconds after which to open the next one unasked
        self.storm = 0.0

    @property
    def is_open(self) -> bool:
        return not self.reading.done()

    @property
    def ended_suddenly(self) -> bool:
        return self._connection.close_code in SUDDEN

    async def hello(self, cursors: Mapping[str, int]) -> Hello:
        """Says who follows what; where the cursors are too many for one message, the sync does."""
        data: dict[str, Any] = {"cursors": dict(cursors)}
        if len(cursors) > CURSORS or len(json.dumps(data)) > MESSAGE_BYTES:
            data = {"cursors": {}}
        return read(Hello.read, await self.ask("hello", data))

    def beat(self, every: float, *, watched: Callable[[], Sequence[str]]) -> None:
        """From now on asks for the heads of the watched streams, and leaves when nobody answers."""
        self._beating = asyncio.create_task(self._beat(every, watched))

    async def ask(self, action: str, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data of the answer; an `ApiError` where it was refused."""
        frame_id = uuid.uuid4().hex
        answer = self._asked[frame_id] = asyncio.get_running_loop().create_future()
        try:
            await self._send({"action": action, "id": frame_id, "data": dict(data)})
            document = await asyncio.wait_for(answer, ANSWER_SECONDS)
        except TimeoutError as error:
            raise Unreachable(f"no answer to {action} in {ANSWER_SECONDS:.0f} s") from error
        finally:
            del self._asked[frame_id]
        if document["type"] == "lost":
            raise Unreachable(document["why"])
        if document.get("ok") is False:
            self._refuse(document.get("error") or {})
        data = document.get("data")
        return data if isinstance(data, dict) else {}

    async def retire(self) -> None:
        """Closes once what was asked is answered; nothing new is asked of it by then."""
        try:
            if self._asked and self.is_open:
                await asyncio.wait(list(self._asked.values()), timeout=ANSWER_SECONDS)
        finally:
            await self.close()

    async def close(self) -> None:
        """Ends the socket and what runs for it; what failed for another reason is raised."""
        tasks = [self.reading, *filter(None, [self._beating])]
        if self._beating is not None:
            self._beating.cancel()
        await self._connection.close()
        failures = await asyncio.gather(*tasks, return_exceptions=True)
        for failure in failures:
            if isinstance(failure, Exception):
                raise failure

    async def _send(self, frame: Mapping[str, Any]) -> None:
        text = json.dumps(frame, ensure_ascii=False, separators=(",", ":"))
        pieces = [
            text[start : start + FRAGMENT_CHARACTERS]
            for start in range(0, len(text), FRAGMENT_CHARACTERS)
        ]
        try:
            await self._connection.send(pieces if len(pieces) > 1 else text)
        except ConnectionClosed as error:
            raise Unreachable(f"the socket closed: {error}") from error

    async def _read(self) -> None:
        try:
            async for text in self._connection:
                self._take(_parse(text))
        except ConnectionClosed as error:
            self.why_ended = self.why_ended or str(error)
        except Exception:
            await self._connection.close(1002)
            raise
        finally:
            code, reason = self._connection.close_code, self._connection.close_reason
            self.why_ended = self.why_ended or f"the server closed the socket ({code} {reason})"
            self._give_up(f"the socket ended: {self.why_ended}")

    def _give_up(self, why: str) -> None:
        for answer in self._asked.values():
            if not answer.done():
                answer.set_result({"type": "lost", "why": why})

    def _take(self, frame: dict[str, Any]) -> None:
        asked = self._asked.get(frame.get("id") or "")
        if frame["type"] == "reconnect" and not self.departure.done():
            self.departure.set_result(read(Departure.read, frame.get("data") or {}))
        elif frame["type"] == "closing" and not self.closing.done():
            self.closing.set_result(ending(frame.get("data") or {}))
        elif asked is not None and not asked.done():
            asked.set_result(frame)
        elif frame["type"] == "foreign" and len(self._asked) == 1:
            self._give_up(f"the gateway says: {frame['data']}")
        if frame["type"] != "ack":
            self._on_frame(frame)

    def _refuse(self, problem: Mapping[str, Any]) -> NoReturn:
        refusal = new_api_error(problem, status=problem.get("status", 500))
        if refusal.status == 401:  # whether the session is over too, the next ticket will tell
            self._abandon(f"the server no longer knows this socket: {refusal}")
            raise Unreachable(self.why_ended) from refusal
        raise refusal

    def _abandon(self, why: str) -> None:
        self.why_ended = self.why_ended or why
        self._connection.transport.abort()

    async def _beat(self, every: float, watched: Callable[[], Sequence[str]]) -> None:
        await asyncio.sleep(spread(every))
        while self.is_open:
            try:
                await self.ask("ping", {"streams": list(watched())})
            except Unreachable as error:
                return self._abandon(str(error))
            except ApiError:
                pass  # a refusal is a sign of life too
            await asyncio.sleep(every)


async def open_socket(url: str, *, on_frame: Callable[[dict[str, Any]], None]) -> Socket:
    """Connects with the complete address of a ticket."""
    try:
        connection = await connect(
            url,
            compression=None,
            ping_interval=None,
            max_size=LARGEST_PUSH,
            open_timeout=ANSWER_SECONDS,
            close_timeout=2,
            proxy=None if is_loopback(url) else True,
        )
    except InvalidHandshake as error:
        raise Unreachable(f"the socket was refused: {error}") from error
    except (OSError, TimeoutError, WebSocketException) as error:
        raise Unreachable(f"the socket did not open: {error!r}") from error
    return Socket(connection, on_frame=on_frame)


def _parse(text: str | bytes) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except ValueError as error:
        raise ProtocolError(f"not a frame: {text!r:.200}") from error
    if not isinstance(frame, dict) or "type" not in frame:
        # API Gateway's own words ({"message": "Internal server error", …}) are no frame of ours.
        return {"type": "foreign", "data": frame}
    return frame
