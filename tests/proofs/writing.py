"""People who write while everything fails, and know of each thing whether it was done."""

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

from tests.person import Document, NoAnswer, Person, Refused, Socket

PAUSE_SECONDS = 0.05
AGAIN_SECONDS = 0.1
GIVE_UP_SECONDS = 60.0
FRAME_SECONDS = 3.0
IMPATIENT = 5
"""Of so many things each writer gives one up, where the first try is not answered."""

EMOJIS = ("👍", "🎉", "👀")
ROUTES = {
    "send": ("POST", "/messages"),
    "edit": ("PATCH", "/messages/{message_id}"),
    "delete": ("DELETE", "/messages/{message_id}"),
    "react": ("PUT", "/messages/{message_id}/reactions/{emoji}"),
}

Key = tuple[str, ...]
"""One thing done, by what it says everywhere: `("send", content)`, `("edit", id, version)` …"""


class Outcome(StrEnum):
    OK = "ok"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Deed:
    """`seq`: the number an acknowledged message was given; `code`: why it was refused."""

    author_id: str
    key: Key
    outcome: Outcome
    message_id: str = ""
    seq: int = 0
    code: str = ""


class HttpLine:
    """Tries once. Raises Refused for good, NoAnswer where it may or may not have been done."""

    def __init__(self, person: Person) -> None:
        self._person = person

    async def ask(self, action: str, data: Document) -> Document:
        method, path = ROUTES[action]
        names = {name: value for name, value in data.items() if f"{{{name}}}" in path}
        body = {name: value for name, value in data.items() if name not in names} or None
        path = path.format_map({name: quote(value, safe="") for name, value in names.items()})
        try:
            answer = await self._person.ask(method, path, body=body)
        except httpx.TransportError as error:
            raise NoAnswer(repr(error)) from error
        if not answer.is_success:
            raise _refusal(answer.status_code, answer.json())
        return dict(answer.json())

    async def close(self) -> None:
        """It holds nothing open."""


class SocketLine:
    """The same by frames, over one socket after the other."""

    def __init__(self, person: Person) -> None:
        self._person = person
        self._socket: Socket | None = None

    async def ask(self, action: str, data: Document) -> Document:
        socket = await self._opened()
        try:
            answer = await socket.ask(action, data, patience=FRAME_SECONDS)
        except NoAnswer:
            await self.close()
            raise
        if not answer["ok"]:
            error = answer["error"]
            if error["status"] == 401:  # the socket is not known any more
                await self.close()
                raise NoAnswer(error["code"])
            raise _refusal(error["status"], error)
        found = answer["data"]
        return dict(found.get("message", found))

    async def close(self) -> None:
        if self._socket is not None:
            await self._socket.close()
            self._socket = None

    async def _opened(self) -> Socket:
        if self._socket is None or self._socket.reading.done():
            await self.close()
            try:
                self._socket = await self._person.open_socket()
            except (httpx.TransportError, WebSocketException, OSError, Refused) as error:
                raise NoAnswer(repr(error)) from error
        return self._socket


def _refusal(status: int, problem: Document) -> Exception:
    if status >= 500 or status in (408, 425, 429):
        return NoAnswer(f"{status} {problem}")
    return Refused(str(problem.get("code", problem)))


@dataclass(slots=True)
class Book:
    """What all writers have done. `recent` is what they react to; `tries` of each action."""

    deeds: list[Deed] = field(default_factory=list)
    recent: deque[str] = field(default_factory=lambda: deque(maxlen=20))
    tries: Counter[str] = field(default_factory=Counter)

    def keys(self, outcome: Outcome) -> Iterable[Key]:
        return (deed.key for deed in self.deeds if deed.outcome is outcome)

    def table(self) -> dict[str, dict[str, int]]:
        """Of each action: how many ended how, and the tries it took."""
        ends = Counter((deed.key[0], deed.outcome) for deed in self.deeds)
        return {
            action: {
                **{str(how): ends[action, how] for how in Outcome},
                "tries": self.tries[action],
            }
            for action in ROUTES
        }


@dataclass(slots=True)
class Writer:
    person: Person
    conversation: str
    line: HttpLine | SocketLine
    book: Book
    seed: int
    _reacted: set[Key] = field(default_factory=set)

    async def write(self, ending: asyncio.Event) -> None:
        chance = random.Random(self.seed)
        for number in count():
            if ending.is_set():
                break
            message = await self._send(number)
            if message is not None:
                self.book.recent.append(message["id"])
                if number % 8 == 1:
                    await self._edit(message, number)
                elif number % 8 == 3:
                    await self._do("delete", ("delete", message["id"]), number)
            if self.book.recent and number % 2 == 0:
                await self._react(chance.choice(self.book.recent), number)
            await asyncio.sleep(PAUSE_SECONDS)
        await self.line.close()

    async def _send(self, number: int) -> Document | None:
        content = f"{number} of {self.person.username}"
        draft = {"conversation_id": self.conversation, "content": content}
        draft["nonce"] = f"{self.conversation}-{number}"
        return await self._do("send", ("send", content), number, **draft)

    async def _edit(self, message: Document, number: int) -> None:
        version = message["version"]
        change = {"version": version, "content": f"{message['content']}, changed"}
        await self._do("edit", ("edit", message["id"], str(version + 1)), number, **change)

    async def _react(self, message_id: str, number: int) -> None:
        emoji = EMOJIS[number % len(EMOJIS)]
        key = ("react", message_id, self.person.id, emoji)
        if key not in self._reacted:
            self._reacted.add(key)
            await self._do("react", key, number, emoji=emoji, added=True)

    async def _do(self, action: str, key: Key, number: int, **data: object) -> Document | None:
        """Until it is answered, or given up. The answer where it was done."""
        if action != "send":
            data["message_id"] = key[1]
        clock = asyncio.get_running_loop().time
        ends = clock() + (0 if number % IMPATIENT == IMPATIENT - 1 else GIVE_UP_SECONDS)
        while True:
            self.book.tries[action] += 1
            try:
                answer = await self.line.ask(action, data)
            except Refused as refusal:
                self._note(key, Outcome.FAILED, code=str(refusal))
                return None
            except NoAnswer:
                if clock() >= ends:
                    self._note(key, Outcome.UNKNOWN)
                    return None
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                id, seq = str(answer.get("id", "")), int(answer.get("seq", 0))
                self._note(key, Outcome.OK, message_id=id, seq=seq)
                return answer

    def _note(self, key: Key, outcome: Outcome, **about: object) -> None:
        self.book.deeds.append(Deed(self.person.id, key, outcome, **about))  # type: ignore[arg-type]
