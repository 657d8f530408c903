"""People who write while everything fails, and the outcome of everything they wrote."""

from __future__ import annotations

import asyncio
import random
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import count
from urllib.parse import quote

import httpx
from websockets.exceptions import WebSocketException

from tests.person import Document, NoReply, Person, RequestRefused, Socket

PAUSE_SECONDS = 0.05
RETRY_SECONDS = 0.1
GIVE_UP_SECONDS = 60.0
FRAME_SECONDS = 3.0
IMPATIENT = 5
"""Each writer gives up one in so many writes if the first attempt has no response."""

EMOJIS = ("👍", "🎉", "👀")
ROUTES = {
    "send": ("POST", "/messages"),
    "edit": ("PATCH", "/messages/{message_id}"),
    "delete": ("DELETE", "/messages/{message_id}"),
    "react": ("PUT", "/messages/{message_id}/reactions/{emoji}"),
}

WriteKey = tuple[str, ...]
"""What identifies a write: `("send", content)`, `("edit", id, version)` …"""


class Outcome(StrEnum):
    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Write:
    """`seq`: of an acknowledged message; `code`: of the refusal."""

    author_id: str
    key: WriteKey
    outcome: Outcome
    message_id: str = ""
    seq: int = 0
    code: str = ""


class HttpTransport:
    """Tries once. Raises RequestRefused where the write is refused for good, NoReply where it may
    or may not have been done."""

    def __init__(self, person: Person) -> None:
        self._person = person

    async def call(self, action: str, data: Document) -> Document:
        method, path = ROUTES[action]
        names = {name: value for name, value in data.items() if f"{{{name}}}" in path}
        rest = {name: value for name, value in data.items() if name not in names}
        body = rest if method in ("POST", "PATCH") else None
        path = path.format_map({name: quote(value, safe="") for name, value in names.items()})
        try:
            response = await self._person.request(method, path, body=body)
        except httpx.TransportError as error:
            raise NoReply(repr(error)) from error
        if not response.is_success:
            raise _refusal(response.status_code, response.json())
        return dict(response.json())

    async def close(self) -> None:
        """It keeps nothing open."""


class SocketTransport:
    """The same by frames, over one socket after another."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._socket: Socket | None = None

    async def call(self, action: str, data: Document) -> Document:
        socket = await self._open()
        try:
            frame = await socket.call(action, data, seconds=FRAME_SECONDS)
        except NoReply:
            await self.close()
            raise
        if not frame["ok"]:
            error = frame["error"]
            if error["status"] == 401:  # the registry has lost the socket
                await self.close()
                raise NoReply(error["code"])
            raise _refusal(error["status"], error)
        document = frame["data"]
        return dict(document.get("message", document))

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def _open(self) -> Socket:
        if self._socket is None or self._socket.reading.done():
            await self.close()
            try:
                self._socket = await self._person.open_socket()
            except (httpx.TransportError, WebSocketException, OSError, RequestRefused) as error:
                raise NoReply(repr(error)) from error
        return self._socket


def _refusal(status: int, problem: Document) -> Exception:
    if status >= 500 or status in (408, 425, 429):
        return NoReply(f"{status} {problem}")
    return RequestRefused(str(problem.get("code", problem)))


@dataclass(slots=True)
class WriteLog:
    """The writes of all writers. `recent`: messages that they react to; `attempts`: by action."""

    writes: list[Write] = field(default_factory=list)
    recent: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    attempts: Counter[str] = field(default_factory=Counter)

    def keys(self, outcome: Outcome) -> Iterable[WriteKey]:
        return (write.key for write in self.writes if write.outcome is outcome)

    def table(self) -> dict[str, dict[str, int]]:
        """By action: how many had each outcome, and the attempts that they took."""
        outcomes = Counter((write.key[0], write.outcome) for write in self.writes)
        return {
            action: {
                **{str(outcome): outcomes[action, outcome] for outcome in Outcome},
                "attempts": self.attempts[action],
            }
            for action in ROUTES
        }


@dataclass(slots=True)
class Writer:
    person: Person
    conversation: str
    transport: HttpTransport | SocketTransport
    log: WriteLog
    seed: int
    _reacted: set[WriteKey] = field(default_factory=set)

    async def write(self, ending: asyncio.Event) -> None:
        dice = random.Random(self.seed)
        for number in count():
            if ending.is_set():
                break
            message = await self._send(number)
            if message is not None:
                self.log.recent.append(message["id"])
                if number % 8 == 1:
                    await self._edit(message, number)
                elif number % 8 == 3:
                    await self._write("delete", ("delete", message["id"]), number)
            if self.log.recent and number % 2 == 0:
                await self._react(dice.choice(self.log.recent), number)
            await asyncio.sleep(PAUSE_SECONDS)
        await self.transport.close()

    async def _send(self, number: int) -> Document | None:
        content = f"{number} of {self.person.username}"
        draft = {"conversation_id": self.conversation, "content": content}
        draft["nonce"] = f"{self.conversation}-{number}"
        return await self._write("send", ("send", content), number, **draft)

    async def _edit(self, message: Document, number: int) -> None:
        version = message["version"]
        change = {"version": version, "content": f"{message['content']}, changed"}
        await self._write("edit", ("edit", message["id"], str(version + 1)), number, **change)

    async def _react(self, message_id: str, number: int) -> None:
        emoji = EMOJIS[number % len(EMOJIS)]
        key = ("react", message_id, self.person.id, emoji)
        if key not in self._reacted:
            self._reacted.add(key)
            await self._write("react", key, number, emoji=emoji, added=True)

    async def _write(
        self, action: str, key: WriteKey, number: int, **data: object
    ) -> Document | None:
        """Until it is acknowledged, refused or given up. The document where it is done."""
        if action != "send":
            data["message_id"] = key[1]
        clock = asyncio.get_running_loop().time
        ends = clock() + (0 if number % IMPATIENT == IMPATIENT - 1 else GIVE_UP_SECONDS)
        while True:
            self.log.attempts[action] += 1
            try:
                document = await self.transport.call(action, data)
            except RequestRefused as refusal:
                self._note(key, Outcome.FAILED, code=str(refusal))
                return None
            except NoReply:
                if clock() >= ends:
                    self._note(key, Outcome.UNKNOWN)
                    return None
                await asyncio.sleep(RETRY_SECONDS)
            else:
                id, seq = str(document.get("id", "")), int(document.get("seq", 0))
                self._note(key, Outcome.OK, message_id=id, seq=seq)
                return document

    def _note(
        self, key: WriteKey, outcome: Outcome, *, message_id: str = "", seq: int = 0, code: str = ""
    ) -> None:
        self.log.writes.append(Write(self.person.id, key, outcome, message_id, seq, code))
