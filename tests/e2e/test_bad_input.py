"""Bad input: a problem document with a stable code, never a 5xx, and nothing half-written."""

from __future__ import annotations

import json
from collections import Counter

import httpx
import pytest

from tests.conftest import Report
from tests.e2e.bad_input import STRANGE, Bad, Place, all_of
from tests.person import PAGE, Document, Person, Socket
from tests.system import LocalSystem

TABLES = (
    *("users", "streams", "events", "nonces", "conversations", "conversation_members", "messages"),
    *("sessions", "refresh_tokens"),
)


@pytest.fixture(scope="module")
async def person(system: LocalSystem) -> Person:
    return await system.new_person()


@pytest.fixture(scope="module")
async def place(system: LocalSystem, person: Person) -> Place:
    (other, another, *_) = await system.people(4)
    foreign = await other.start(another)
    for number in range(2):
        assert (await other.send(foreign, f"{number}")).status_code == 201
    page = await other.get(f"/conversations/{foreign}/messages", limit=1)
    return Place(await person.start(other), foreign, page["next"], person.username)


async def test_bad_input_is_refused_and_leaves_nothing(
    local: LocalSystem, person: Person, place: Place, report: Report
) -> None:
    before, errors = rows(local), local.errors()
    wrong: list[str] = []
    outcomes: Counter[str] = Counter()
    for bad in all_of(place):
        answer = await ask(person, bad)
        outcomes[str(answer.status_code)] += 1
        found = is_wrong(bad, answer)
        if found:
            wrong.append(f"{bad.what} ({bad.method} {bad.path[:60]}): {found}")
        if rows(local) != before:
            wrong.append(f"{bad.what}: wrote {changes(before, rows(local))}")
            before = rows(local)
    report("Bad input", kinds=outcomes.total(), **outcomes)
    assert not wrong, "\n".join(wrong)
    assert local.errors() == errors


async def test_what_is_just_within_the_limits_is_taken(person: Person, place: Place) -> None:
    for content in ("x" * 4000, "\U0001f600" * 4000, "'; DROP TABLE messages; --", "\u202e\u200b!"):
        answer = await person.send(place.conversation, content)
        assert answer.status_code == 201, answer.text
        assert answer.json()["content"] == content
    history = await person.get(f"/conversations/{place.conversation}/messages", limit=PAGE)
    assert len(history["items"]) == 4


async def test_bad_input_over_a_socket_is_refused_too(
    local: LocalSystem, person: Person, place: Place
) -> None:
    socket = await person.open_socket()
    before, errors = rows(local), local.errors()
    draft = {"conversation_id": place.conversation, "content": "bad input"}
    for action, data, code in (
        ("send", {}, "validation_failed"),
        ("send", draft | {"content": 7}, "validation_failed"),
        ("send", draft | {"content": "x" * 4001}, "validation_failed"),
        ("send", draft | {"content": "\0"}, "validation_failed"),
        ("send", draft | {"content": "\ud800"}, "malformed_frame"),
        ("send", draft | {"nonce": "\n"}, "validation_failed"),
        ("send", draft | {"conversation_id": STRANGE}, "conversation_not_found"),
        ("send", draft | {"conversation_id": place.foreign}, "conversation_not_found"),
        ("send", draft | {"reply_to": STRANGE}, "reply_target_not_found"),
        ("sync", {"cursors": {"x": 1}}, "validation_failed"),
        ("sync", {"cursors": {f"conv:{STRANGE}": -1}}, "validation_failed"),
        ("ping", {"streams": 7}, "validation_failed"),
        ("hello", {"cursors": []}, "validation_failed"),
        ("shout", {}, "unknown_action"),
    ):
        refusal = await refused(socket, action, data)
        assert refusal["error"]["code"] == code, (action, str(data)[:100], refusal)
        assert 400 <= refusal["error"]["status"] < 500
    await socket.close()
    assert rows(local) == before
    assert local.errors() == errors


async def refused(socket: Socket, action: str, data: object) -> Document:
    """A frame that could not be read is answered without its id."""
    socket.refusals.clear()
    await socket.connection.send(json.dumps({"action": action, "id": "x", "data": data}))
    await socket.until(lambda: bool(socket.refusals))
    return socket.refusals[0]


async def ask(person: Person, bad: Bad) -> httpx.Response:
    return await person.http.request(
        bad.method,
        bad.path,
        content=bad.content,
        params=bad.query,
        headers={"authorization": f"Bearer {person.access_token}", **bad.headers},
    )


def is_wrong(bad: Bad, answer: httpx.Response) -> str:
    """What is not as it should be; empty where all is."""
    said = f"{answer.status_code} {answer.text[:300]}"
    if answer.headers.get("content-type") != "application/problem+json":
        return f"no problem document: {said}"
    problem = answer.json()
    if not {"type", "title", "status", "code", "detail"} <= problem.keys():
        return f"half a problem document: {said}"
    if "Traceback" in answer.text or problem["status"] != answer.status_code:
        return said
    wanted, found = (bad.status, bad.code), (answer.status_code, problem["code"])
    return "" if found == wanted else f"wanted {wanted}: {said}"


def rows(system: LocalSystem) -> tuple[int, ...]:
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
    return tuple(map(int, system.query(f"SELECT {counts}")[0]))


def changes(before: tuple[int, ...], after: tuple[int, ...]) -> dict[str, int]:
    return {
        table: now - then
        for table, then, now in zip(TABLES, before, after, strict=True)
        if now != then
    }
