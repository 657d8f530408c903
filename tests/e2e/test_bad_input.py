"""Invalid requests are refused with a problem document and a stable code, and change nothing."""

from __future__ import annotations

import json
from collections import Counter

import httpx
import pytest

from tests.conftest import Report
from tests.e2e.bad_input import all_bad_requests
from tests.e2e.bad_request import UNKNOWN_ID, BadRequest, Targets
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
async def targets(system: LocalSystem, person: Person) -> Targets:
    (other, another, *_) = await system.people(4)
    foreign = await other.start_conversation(another)
    for number in range(2):
        assert (await other.send_message(foreign, f"{number}")).status_code == 201
    page = await other.get(f"/conversations/{foreign}/messages", limit=1)
    return Targets(await person.start_conversation(other), foreign, page["next"], person.username)


@pytest.mark.usefixtures("held_nudges")
async def test_a_bad_request_is_refused_and_changes_nothing(
    local: LocalSystem, person: Person, targets: Targets, report: Report
) -> None:
    before, errors = rows(local), local.errors()
    wrong: list[str] = []
    outcomes: Counter[str] = Counter()
    for bad in all_bad_requests(targets):
        response = await send(person, bad)
        outcomes[str(response.status_code)] += 1
        if problem := problem_with(bad, response):
            wrong.append(f"{bad.title} ({bad.method} {bad.path[:60]}): {problem}")
        if rows(local) != before:
            wrong.append(f"{bad.title}: wrote {changes(before, rows(local))}")
            before = rows(local)
    report("Bad requests", kinds=outcomes.total(), **outcomes)
    assert not wrong, "\n".join(wrong)
    assert local.errors() == errors


async def test_content_just_within_the_limits_is_accepted(person: Person, targets: Targets) -> None:
    for content in ("x" * 4000, "\U0001f600" * 4000, "'; DROP TABLE messages; --", "\u202e\u200b!"):
        response = await person.send_message(targets.conversation, content)
        assert response.status_code == 201, response.text
        assert response.json()["content"] == content
    history = await person.get(f"/conversations/{targets.conversation}/messages", limit=PAGE)
    assert len(history["items"]) == 4


@pytest.mark.usefixtures("held_nudges")
async def test_a_bad_frame_is_refused_and_changes_nothing(
    local: LocalSystem, person: Person, targets: Targets
) -> None:
    socket = await person.open_socket()
    before, errors = rows(local), local.errors()
    draft = {"conversation_id": targets.conversation, "content": "bad input"}
    for action, data, code in (
        ("send", {}, "validation_failed"),
        ("send", draft | {"content": 7}, "validation_failed"),
        ("send", draft | {"content": "x" * 4001}, "validation_failed"),
        ("send", draft | {"content": "\0"}, "validation_failed"),
        ("send", draft | {"content": "\ud800"}, "malformed_frame"),
        ("send", draft | {"nonce": "\n"}, "validation_failed"),
        ("send", draft | {"conversation_id": UNKNOWN_ID}, "conversation_not_found"),
        ("send", draft | {"conversation_id": targets.foreign}, "conversation_not_found"),
        ("send", draft | {"reply_to": UNKNOWN_ID}, "reply_target_not_found"),
        ("sync", {"cursors": {"x": 1}}, "validation_failed"),
        ("sync", {"cursors": {f"conv:{UNKNOWN_ID}": -1}}, "validation_failed"),
        ("ping", {"streams": 7}, "validation_failed"),
        ("hello", {"cursors": []}, "validation_failed"),
        ("shout", {}, "unknown_action"),
    ):
        refusal = await refusal_of(socket, action, data)
        assert refusal["error"]["code"] == code, (action, str(data)[:100], refusal)
        assert 400 <= refusal["error"]["status"] < 500
    await socket.close()
    assert rows(local) == before
    assert local.errors() == errors


async def refusal_of(socket: Socket, action: str, data: object) -> Document:
    """The refusal of a frame that cannot be read has no id."""
    socket.refusals.clear()
    await socket.connection.send(json.dumps({"action": action, "id": "x", "data": data}))
    await socket.wait_until(lambda: bool(socket.refusals))
    return socket.refusals[0]


async def send(person: Person, bad: BadRequest) -> httpx.Response:
    return await person.http.request(
        bad.method,
        bad.path,
        content=bad.content,
        params=bad.query,
        headers={"authorization": f"Bearer {person.access_token}", **bad.headers},
    )


def problem_with(bad: BadRequest, response: httpx.Response) -> str:
    """What is wrong with the response; empty where nothing is."""
    shown = f"{response.status_code} {response.text[:300]}"
    if response.headers.get("content-type") != "application/problem+json":
        return f"no problem document: {shown}"
    problem = response.json()
    if not {"type", "title", "status", "code", "detail"} <= problem.keys():
        return f"half a problem document: {shown}"
    if "Traceback" in response.text or problem["status"] != response.status_code:
        return shown
    expected, actual = (bad.status, bad.code), (response.status_code, problem["code"])
    return "" if actual == expected else f"expected {expected}: {shown}"


def rows(system: LocalSystem) -> tuple[int, ...]:
    counts = ", ".join(f"(SELECT count(*) FROM {table})" for table in TABLES)
    return tuple(map(int, system.query(f"SELECT {counts}")[0]))


def changes(before: tuple[int, ...], after: tuple[int, ...]) -> dict[str, int]:
    return {
        table: now - then
        for table, then, now in zip(TABLES, before, after, strict=True)
        if now != then
    }
