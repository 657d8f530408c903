"""After which calls a user reads at the primary, seen in what Valkey keeps of it."""

from __future__ import annotations

import asyncio

import psycopg
import pytest

from cgraph.core.recent_changes import key_of
from tests.person import Person
from tests.proofs.replicated import await_replay, forget_changes, statements
from tests.system import LocalSystem


def changed_at(system: LocalSystem, person: Person) -> int | None:
    """In milliseconds since 1970, by the clock of Valkey; None where it is not known."""
    with system.valkey() as valkey:
        text = valkey.get(key_of(person.id))
        assert text is None or isinstance(text, str)
        return int(text) if text else None


async def test_a_write_that_commits_late_is_marked_when_it_has_committed(
    replicated: LocalSystem,
) -> None:
    person = await replicated.new_person()
    with psycopg.connect(replicated.endpoints.admin_conninfo) as other:
        other.execute("SELECT 1 FROM users WHERE id = %s FOR UPDATE", [person.id])
        write = asyncio.create_task(person.request_json("PATCH", "/me", body={"bio": "late"}))
        async with asyncio.timeout(20):
            while (admitted_at := changed_at(replicated, person)) is None:
                await asyncio.sleep(0.05)
        await passed(replicated, milliseconds=1200, since=admitted_at)
        released_at = now(replicated)
        other.rollback()
        await write

    marked_at = changed_at(replicated, person)
    assert marked_at is not None
    assert admitted_at < released_at <= marked_at


async def test_a_session_that_valkey_has_forgotten_reads_at_the_primary_first(
    replicated: LocalSystem,
) -> None:
    """Valkey may have forgotten a change too."""
    person = await replicated.new_person()
    with replicated.held_nudges():
        for _ in range(2):  # a timer's statements may be among those of the first time
            if (counted := await forgotten_read(replicated, person)) == (2, 0):
                break

    assert counted == (2, 0), "the session, and the profile"
    assert changed_at(replicated, person) is not None


async def forgotten_read(system: LocalSystem, person: Person) -> tuple[int, int]:
    """The statements at the primary and at the replica."""
    await person.get("/me")
    await asyncio.to_thread(await_replay, system)
    with system.valkey() as valkey:
        keys = [key for key in valkey.scan_iter() if f"{{{person.id}}}" in str(key)]
        valkey.delete(*keys)
    before = statements(system)
    await person.get("/me")
    primary, replica = (now - then for now, then in zip(statements(system), before, strict=True))
    return primary, replica


@pytest.mark.parametrize("action", ("ping", "sync", "subscribe", "typing"))
async def test_a_frame_whose_answer_has_heads_is_marked(
    replicated: LocalSystem, action: str
) -> None:
    person = await replicated.new_person()
    stream = f"conv:{await person.start_conversation()}"
    socket = await person.open_socket()
    try:
        await socket.call("subscribe", {"streams": [stream]})
        forget_changes(replicated, person)
        data = {
            "ping": {"streams": [stream]},
            "sync": {"cursors": {stream: 0}},
            "subscribe": {"streams": [stream]},
            "typing": {"stream": stream, "typing": True},
        }[action]
        answer = await socket.call(action, data)
    finally:
        await socket.close()

    assert answer.get("ok", True), answer
    assert (changed_at(replicated, person) is not None) == (action != "typing")


def now(system: LocalSystem) -> int:
    """As `changed_at`."""
    with system.valkey() as valkey:
        seconds, microseconds = valkey.time()
        return int(seconds * 1000 + microseconds // 1000)


async def passed(system: LocalSystem, *, milliseconds: int, since: int) -> None:
    while (left := milliseconds - (now(system) - since)) > 0:
        await asyncio.sleep(left / 1000)
