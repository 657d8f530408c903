"""R19: the replay of the replica is paused for 30 s, and the replica is killed: all read what they
have written and what an event has told them, and no request fails."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest

from cgraph_local.services import outage
from tests.conftest import Report, Size
from tests.person import Document, Person, Socket
from tests.proofs.broken import Mutation, broken_system
from tests.proofs.replicated import await_replay, forget_changes, replay_paused, statements
from tests.system import LocalSystem

WRITES_MARK_NOBODY = Mutation(
    "layers/cgraph/cgraph/core/recent_changes.py",
    original="  redis.call('SET', key, time[1] * 1000",
    replacement="  redis.call('SET', key .. ':lost', time[1] * 1000",
)


@dataclass(slots=True)
class Counts:
    """`missed`: reads without what their caller knew, by the kind of the read."""

    statuses: Counter[int] = field(default_factory=Counter)
    reads: Counter[str] = field(default_factory=Counter)
    missed: Counter[str] = field(default_factory=Counter)

    async def write(self, person: Person, method: str, path: str, body: object) -> Document:
        return await self._send(person, method, path, body)

    async def check(self, person: Person, kind: str, path: str, known: str) -> None:
        """That the response has what the caller knows of."""
        document = await self._send(person, "GET", path, None)
        self.reads[kind] += 1
        self.missed[kind] += known not in str(document)

    async def _send(self, person: Person, method: str, path: str, body: object) -> Document:
        response = await person.request(method, path, body=body)
        self.statuses[response.status_code] += 1
        return dict(response.json()) if response.content else {}


@dataclass(slots=True)
class Scene:
    """`listener` has a socket, and writes nothing. `bystander` only reads."""

    writer: Person
    listener: Person
    bystander: Person
    socket: Socket
    conversation: str
    slug: str
    post: str

    @property
    def history(self) -> str:
        return f"/conversations/{self.conversation}/messages"


@asynccontextmanager
async def new_scene(system: LocalSystem) -> AsyncIterator[Scene]:
    writer, listener, bystander = [await system.new_person() for _ in range(3)]
    conversation = await writer.start_conversation(listener, bystander)
    slug = f"lag-{conversation[-12:]}"
    await writer.request_json("POST", "/forums", body={"slug": slug, "name": "Lag"})
    draft = {"title": "first", "body": "first"}
    post = await writer.request_json("POST", f"/forums/{slug}/posts", body=draft)
    socket = await listener.open_socket()
    try:
        await socket.call("subscribe", {"streams": [f"post:{post['id']}"]})
        scene = Scene(writer, listener, bystander, socket, conversation, slug, post["id"])
        await repeat(scene, Counts(), seconds=0.1)  # or cold starts take the time of the lag
        yield scene
    finally:
        await socket.close()


async def write_and_read(scene: Scene, counts: Counts) -> None:
    """The writer reads each of their writes in every list that has it; the listener reads what
    events tell of."""
    writer, text = scene.writer, f"unique-{uuid4().hex}"
    heard = len(scene.socket.events)
    await counts.write(
        writer, "POST", "/messages", {"conversation_id": scene.conversation, "content": text}
    )
    await counts.check(writer, "history after send", scene.history, text)
    await counts.check(writer, "conversations after send", "/conversations", text)
    await scene.socket.wait_until(lambda: text in str(scene.socket.events[heard:]))
    await counts.check(scene.listener, "history after event", scene.history, text)
    await counts.write(writer, "PATCH", "/me", {"bio": text})
    await counts.check(writer, "profile after change", "/me", text)
    draft = {"title": text, "body": text}
    await counts.write(writer, "POST", f"/forums/{scene.slug}/posts", draft)
    await counts.check(writer, "posts after post", f"/forums/{scene.slug}/posts?sort=new", text)
    comments = f"/posts/{scene.post}/comments"
    await counts.write(writer, "POST", comments, {"body": text})
    await counts.check(writer, "comments after comment", f"{comments}?sort=new", text)
    await scene.socket.wait_until(lambda: text in str(scene.socket.events[heard + 1 :]))
    await counts.check(scene.listener, "comments after event", f"{comments}?sort=new", text)


async def repeat(scene: Scene, counts: Counts, *, seconds: float) -> int:
    """Returns how often."""
    clock = asyncio.get_running_loop().time
    began, number = clock(), 0
    while clock() - began < seconds:
        number += 1
        await counts._send(scene.bystander, "GET", scene.history, None)
        await write_and_read(scene, counts)
    return number


@contextmanager
def lagging(system: LocalSystem, scene: Scene) -> Iterator[None]:
    """With a replica that has all of before, and a bystander who reads there."""
    await_replay(system)
    forget_changes(system, scene.bystander)
    with replay_paused(system):
        yield


async def test_all_read_what_they_know_while_the_reader_lags(
    replicated: LocalSystem, size: Size, report: Report
) -> None:
    counts = Counts()
    async with new_scene(replicated) as scene:
        with lagging(replicated, scene):
            _, before = statements(replicated)
            rounds = await repeat(scene, counts, seconds=size(1.5, 30))
            _, after = statements(replicated)
    report(
        "R19 a lagging reader",
        rounds=rounds,
        statuses=dict(counts.statuses),
        reads=counts.reads.total(),
        missed=counts.missed.total(),
        statements_at_the_lagging_reader=after - before,
    )
    assert +counts.missed == {}
    assert set(counts.statuses) <= {200, 201}
    assert after > before, "nobody has read at the reader, so nothing was proved"


@pytest.mark.usefixtures("only_in_full")
async def test_the_proof_fails_where_writes_leave_no_mark(tmp_path: Path, report: Report) -> None:
    counts = Counts()
    async with (
        broken_system(tmp_path, WRITES_MARK_NOBODY, CGRAPH_REPLICA="1") as system,
        new_scene(system) as scene,
    ):
        with lagging(system, scene):
            await repeat(scene, counts, seconds=2)
    report("R19 where writes leave no mark", missed=dict(counts.missed))
    assert counts.missed["history after send"] > 0
    assert counts.missed["history after event"] > 0


async def test_no_request_fails_while_the_reader_is_away(
    replicated: LocalSystem, size: Size, report: Report
) -> None:
    """It is killed with readers on it, stays away, and comes back."""
    counts = Counts()
    async with new_scene(replicated) as scene:
        await asyncio.to_thread(await_replay, replicated)
        forget_changes(replicated, scene.bystander)
        await counts._send(scene.bystander, "GET", scene.history, None)
        with outage.outage(replicated.home, "replica"):
            rounds = await repeat(scene, counts, seconds=size(1, 10))
            away = (await scene.bystander.get("/health/ready"))["dependencies"]["database_reader"]
        await asyncio.to_thread(await_replay, replicated)
        rounds += await repeat(scene, counts, seconds=size(1, 10))
        await reads_at_the_reader_again(replicated, scene)
    report(
        "R19 a reader that was killed",
        rounds=rounds,
        statuses=dict(counts.statuses),
        missed=counts.missed.total(),
    )
    assert away == {"ok": False, "latency_ms": None, "lag_ms": None}
    assert +counts.missed == {}
    assert set(counts.statuses) <= {200, 201}


async def reads_at_the_reader_again(system: LocalSystem, scene: Scene) -> None:
    """Raises TimeoutError."""
    pause = 0.1
    async with asyncio.timeout(20):
        while True:
            forget_changes(system, scene.bystander)
            _, before = statements(system)
            await scene.bystander.get(scene.history)
            if statements(system)[1] > before:
                return
            await asyncio.sleep(pause := min(pause * 2, 2))
