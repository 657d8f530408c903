"""R22: while old and new code answer by turns on the schema of the new one, no request fails, and
every client sees every event once and in order."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from tests.conftest import Report, Size
from tests.person import Document, Person, Socket
from tests.proofs.broken import Mutation
from tests.proofs.rolling_deploy import check_out, invocations, rolling_system
from tests.reader import Reader, open_reader, wait_for_events
from tests.system import LocalSystem

pytestmark = pytest.mark.usefixtures("only_in_full")
"""Nothing in `make test` runs the code of two versions."""

DEPLOYED = "3c11d3b9b2e51cbf4e6b0cca502cd166140d7286"
"""The commit whose code is deployed. Move it to the last release, as soon as there are releases."""

WRITERS, FOLLOWERS = 4, 2
HEARTBEAT_SECONDS = 2.0
TIMEOUT_SECONDS = 60.0
RENAME = "ALTER TABLE users RENAME COLUMN bio TO biography"
KNOWS_THE_NEW_NAME = Mutation(
    "layers/cgraph/cgraph/accounts/people/queries.py",
    original="""\
        SELECT id, username, display_name, bio, avatar, status_json(status) AS status, created_at,
               coalesce(karma, 0) AS karma
        FROM users LEFT JOIN user_karma k ON k.user_id = id
""",
    replacement="""\
        SELECT id, username, display_name, biography AS bio, avatar, NULL AS status, created_at,
               coalesce(karma, 0) AS karma
        FROM users LEFT JOIN user_karma k ON k.user_id = id
""",
)
"""What a release must not do: its migration renames a column that the old code reads."""


@dataclass(slots=True)
class Work:
    """`sent`: the numbers of the messages, by id; `done`: the requests; `failed`: those that
    failed, by what they were.
    """

    conversation: str
    forum: str
    wanted: int
    sent: dict[str, int] = field(default_factory=dict)
    done: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    async def write(self, person: Person, other: Person, socket: Socket) -> None:
        number = 0
        while self.done.total() < self.wanted:
            number += 1
            await self.chat(person, socket, f"{person.username}-{number}")
            await self.discuss(person, other, f"{person.username}-{number}")

    async def chat(self, person: Person, socket: Socket, nonce: str) -> None:
        """A message by HTTP whose request is repeated, so that the other code replays it; another
        one by a frame; and what people do with them."""
        body = {"conversation_id": self.conversation, "content": nonce, "nonce": nonce}
        message = await self.http(person, "POST", "/messages", body)
        again = await self.http(person, "POST", "/messages", body)
        assert again.get("id") == message.get("id"), "a replay was another message"
        framed = await self.frame(socket, "send", {**body, "nonce": f"{nonce}-frame"})
        for each in (message, framed):
            self.sent[str(each.get("id"))] = each.get("seq", 0)
        path = f"/messages/{message.get('id')}"
        edited = {"content": f"{nonce}, edited", "version": message.get("version", 1)}
        await self.http(person, "PATCH", path, edited)
        await self.http(person, "PUT", f"{path}/reactions/{quote('👍')}")
        await self.frame(socket, "react", _reaction(framed))
        stream, seq = f"conv:{self.conversation}", framed.get("seq", 1)
        await self.frame(socket, "read", {"stream": stream, "seq": seq})
        await self.http(person, "POST", "/sync", {"cursors": {stream: seq}})
        await self.frame(socket, "ping", {})
        messages = f"/conversations/{self.conversation}/messages"
        for path in (messages, "/conversations", f"/users/{person.username}"):
            await self.http(person, "GET", path)

    async def discuss(self, person: Person, voter: Person, title: str) -> None:
        path = f"/forums/{self.forum}/posts"
        post = await self.http(
            person, "POST", path, {"kind": "text", "title": title, "body": "text"}
        )
        comments = f"/posts/{post.get('id')}/comments"
        await self.http(person, "POST", comments, {"body": "a comment"})
        await self.http(voter, "PUT", f"/posts/{post.get('id')}/vote", {"value": 1})
        await self.http(person, "GET", path)
        await self.http(person, "GET", comments)

    async def http(self, person: Person, method: str, path: str, body: object = None) -> Document:
        response = await person.request(method, path, body=body)
        self.done["http"] += 1
        if not response.is_success:
            self.failed[f"{method} {response.status_code} {response.text[:120]}"] += 1
            return {}
        return dict(response.json()) if response.content else {}

    async def frame(self, socket: Socket, action: str, data: Document) -> Document:
        reply = await socket.call(action, data)
        self.done["frames"] += 1
        if not reply.get("ok", True):
            self.failed[f"{action} {reply['error']['code']}"] += 1
            return {}
        found: Document = reply.get("data") or {}
        message: Document = found.get("message", found)
        return message


@asynccontextmanager
async def open_all(
    system: LocalSystem, people: Sequence[Person], stream: str
) -> AsyncIterator[tuple[list[Socket], list[Reader]]]:
    """The sockets of the writers, and the readers of the others."""
    async with AsyncExitStack() as stack:
        sockets = [await person.open_socket() for person in people[:WRITERS]]
        for socket in sockets:
            stack.push_async_callback(socket.close)
        yield (
            sockets,
            [
                await stack.enter_async_context(
                    open_reader(system, person, subscribe_to=stream, heartbeat=HEARTBEAT_SECONDS)
                )
                for person in people[WRITERS:]
            ],
        )


async def work_in(system: LocalSystem, *, requests: int) -> tuple[Work, Person]:
    people, conversation = await system.group(WRITERS + FOLLOWERS)
    slug = f"rolling-{people[0].username[-12:]}"
    await people[0].request_json("POST", "/forums", body={"slug": slug, "name": "Rolling"})
    for person in people[1:]:
        await person.request_json("PUT", f"/forums/{slug}/membership")
    return Work(conversation, slug, requests), people[0]


async def test_old_and_new_code_work_together(tmp_path: Path, size: Size, report: Report) -> None:
    old = check_out(DEPLOYED, tmp_path / "old")
    async with rolling_system(tmp_path, old=old) as system:
        work, someone = await work_in(system, requests=size(60, 5000))
        people = await system.people(WRITERS + FOLLOWERS)
        stream = f"conv:{work.conversation}"
        async with open_all(system, people, stream) as (sockets, readers):
            await asyncio.gather(*map(work.write, people[:WRITERS], people[1:], sockets))
            head = (await someone.get(f"/conversations/{work.conversation}"))["head"]
            await wait_for_events(readers, stream, number=head, seconds=TIMEOUT_SECONDS)
            read = [reader.numbers(stream) for reader in readers]
            snapshots = [each for reader in readers for each in reader.snapshots]
        history = await someone.history(work.conversation)
        by_code, errors = invocations(system), system.errors()
    report(
        "R22 rolling deploy",
        **work.done,
        failed=work.failed.total(),
        **{f"{name}_code": number for name, number in by_code.items()},
        messages=len(history),
        events=head,
        read=[len(numbers) for numbers in read],
    )
    assert work.failed == Counter()
    assert errors == {}
    assert {message["id"]: message["seq"] for message in history} == work.sent
    for numbers in read:  # more than `head` where a coalesced reaction was published since
        assert numbers == list(range(1, max(len(numbers), head) + 1))
    assert snapshots == []
    assert min(by_code["old"], by_code["new"]) > work.done.total() * 0.4, "they did not take turns"


@pytest.mark.usefixtures("only_in_full")
async def test_a_renamed_column_fails_the_proof(tmp_path: Path) -> None:
    old = check_out(DEPLOYED, tmp_path / "old")
    async with rolling_system(tmp_path, KNOWS_THE_NEW_NAME, old=old) as system:
        work, someone = await work_in(system, requests=1)
        people = await system.people(WRITERS + FOLLOWERS)
        async with open_all(system, people, f"conv:{work.conversation}") as (sockets, _):
            with psycopg.connect(system.endpoints.admin_conninfo, autocommit=True) as connection:
                connection.execute(RENAME)
            await work.write(someone, people[1], sockets[0])
            for _ in range(4):
                await work.http(someone, "GET", f"/users/{someone.username}")
    assert sum(work.failed.values()) >= 2
    assert all(each.startswith("GET 500") for each in work.failed), work.failed


def _reaction(message: Document) -> Document:
    return {"message_id": message.get("id"), "emoji": "🎉", "added": True}
