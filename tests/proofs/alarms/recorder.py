"""Has functions of a running system succeed, be slow and fail, and takes what they print."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg

from tests import emf
from tests.person import Person
from tests.proofs.alarms.recordings import Recordings, Values
from tests.proofs.alarms.series import MetricId
from tests.proofs.broken import Mutation, broken_schema
from tests.system import LocalSystem

SENDING_FAILS = Mutation(
    "infra/schema/chat.sql",
    original="    PERFORM FROM streams s "
    "WHERE s.id = conversation_id AND s.kind = 'conv' FOR NO KEY UPDATE;\n",
    replacement="    RAISE EXCEPTION 'broken on purpose';\n",
)
LOCK_MS = 150
WAITING = f"""SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'
    AND clock_timestamp() - state_change > interval '{LOCK_MS} milliseconds'"""


async def record(system: LocalSystem) -> Recordings:
    (ada, _), conversation = await system.group(2)
    message = await printed(system, "SendMessage", lambda: _post(ada, conversation, expected=201))
    slow = await printed(
        system, "SendMessage", lambda: _post_while_locked(system, ada, conversation)
    )
    frame = await printed(system, "Send", lambda: _send(ada, conversation, is_ok=True))
    with broken_schema(system, SENDING_FAILS):
        return Recordings(
            message=message,
            slow_message=slow,
            frame=frame,
            failed_message=await printed(
                system, "SendMessage", lambda: _post(ada, conversation, expected=500), lines=2
            ),
            failed_frame=await printed(
                system, "Send", lambda: _send(ada, conversation, is_ok=False), lines=2
            ),
            watch=await _watch(system),
        )


async def printed(
    system: LocalSystem, function: str, call: Callable[[], Awaitable[None]], *, lines: int = 1
) -> Values:
    """The metrics of the one invocation that the call causes, in as many lines. They are written
    when the function has ended, which is after its response.
    """
    log = system.home.logs / f"{function}.log"
    before = log.stat().st_size if log.exists() else 0
    await call()
    async with asyncio.timeout(10):
        while len(documents := _documents_after(log, before)) < lines:
            await asyncio.sleep(0.05)
    assert len(documents) == lines, f"{function} printed {len(documents)} lines of metrics"
    return {
        MetricId.of(metric.namespace, name, metric.dimensions): metric.values
        for document in documents
        for name, metric in emf.read_metrics(document).items()
    }


def _documents_after(log: Path, offset: int) -> list[dict[str, object]]:
    if not log.exists():
        return []
    with log.open("rb") as stream:
        stream.seek(offset)
        complete = stream.read().rpartition(b"\n")[0].splitlines()
    return [entry for line in complete if "_aws" in (entry := json.loads(line))]


async def _watch(system: LocalSystem) -> Values:
    """A line for the invocation, and one for each consumer."""
    async with asyncio.timeout(20):
        while not (consumers := system.count("SELECT count(DISTINCT name) FROM consumers")):
            await asyncio.sleep(0.2)

    async def watch() -> None:
        await asyncio.to_thread(system.invoke, "WatchConsumers", {})

    return await printed(system, "WatchConsumers", watch, lines=1 + consumers)


async def _post(person: Person, conversation: str, *, expected: int) -> None:
    response = await person.send_message(conversation, "Measured")
    assert response.status_code == expected, response.text


async def _post_while_locked(system: LocalSystem, person: Person, conversation: str) -> None:
    with psycopg.connect(system.endpoints.admin_conninfo) as holder:
        rows = holder.execute("SELECT 1 FROM streams WHERE id = %s FOR UPDATE", (conversation,))
        assert rows.fetchall(), "the conversation has no stream"
        sending = asyncio.create_task(_post(person, conversation, expected=201))
        async with asyncio.timeout(10):
            while not system.count(WAITING):
                await asyncio.sleep(0.02)
        holder.rollback()
        await sending


async def _send(person: Person, conversation: str, *, is_ok: bool) -> None:
    socket = await person.open_socket()
    try:
        answer = await socket.call("send", {"conversation_id": conversation, "content": "Measured"})
        assert answer["ok"] is is_ok, answer
    finally:
        await socket.close()
