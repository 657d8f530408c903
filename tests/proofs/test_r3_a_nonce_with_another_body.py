"""R3: 1,000 nonces used again with another body: 1,000 × 409, and nothing is written."""

from __future__ import annotations

import asyncio
from collections import Counter

from tests.conftest import Report, Size
from tests.person import Document, Person
from tests.system import System

AT_ONCE = 16


async def test_a_nonce_with_another_body_is_refused(
    system: System, size: Size, report: Report
) -> None:
    number = size(60, 1000)
    (person, other, *_), conversation = await system.group(4)
    elsewhere = await person.start_conversation(other)
    gate = asyncio.Semaphore(AT_ONCE)
    outcomes: Counter[str] = Counter()

    async def use_twice(which: int) -> None:
        async with gate:
            first = {"conversation_id": conversation, "content": f"{which}", "nonce": f"{which}"}
            outcomes[await send(person, first)] += 1
            outcomes[await send(person, first | other_body(which, elsewhere))] += 1

    await asyncio.gather(*map(use_twice, range(number)))
    history = await person.history(conversation)
    report("R3 a nonce with another body", nonces=number, rows=len(history), **outcomes)
    assert outcomes == {"201": number, "409 nonce_conflict": number}
    assert {message["content"] for message in history} == {str(which) for which in range(number)}
    assert len(history) == number
    assert await person.history(elsewhere) == []


async def test_two_users_may_use_the_same_nonce(system: System) -> None:
    people, conversation = await system.group(4)
    body = {"conversation_id": conversation, "nonce": "same"}
    sent = [await send(person, body | {"content": person.username}) for person in people]
    assert sent == ["201"] * len(people)


async def test_a_nonce_conflict_is_refused_over_a_socket_too(system: System) -> None:
    (person, *_), conversation = await system.group(4)
    socket = await person.open_socket()
    body = {"conversation_id": conversation, "content": "first", "nonce": "over-a-socket"}
    written = await socket.call("send", body)
    refused = await socket.call("send", body | {"content": "second"})
    again = await socket.call("send", body)
    await socket.close()
    assert refused["ok"] is False
    assert (refused["error"]["code"], refused["error"]["status"]) == ("nonce_conflict", 409)
    assert again["replayed"] is True
    assert again["data"] == written["data"]


def other_body(which: int, elsewhere: str) -> Document:
    """Another content, or the same content in another conversation."""
    return {"content": f"not {which}"} if which % 2 else {"conversation_id": elsewhere}


async def send(person: Person, body: Document) -> str:
    response = await person.request("POST", "/messages", body=body)
    code = response.json().get("code")
    return f"{response.status_code} {code}" if code else str(response.status_code)
