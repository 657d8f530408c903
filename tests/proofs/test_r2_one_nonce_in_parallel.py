"""R2: 200 nonces × 50 requests at once, over HTTP and sockets; one row each, all answers right."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from itertools import cycle, islice

from tests.conftest import Report, Size
from tests.person import Document, Person, Socket
from tests.system import System

DEVICES = 8
REQUESTS = 50
OVER_SOCKETS = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """`how`: 201 and 200, or what a socket says in their place; 200 is a replay that says so."""

    how: str
    message: Document | None


async def test_one_nonce_makes_one_message(system: System, size: Size, report: Report) -> None:
    nonces = size(10, 200)
    (person, *_), conversation = await system.group(4)
    devices = [replace(person, http=system.new_http()) for _ in range(DEVICES)]
    sockets = [await person.open_socket() for _ in range(2)]
    kinds: Counter[str] = Counter()
    for number in range(nonces):
        answers = await send_at_once(devices, sockets, conversation, nonce=f"n{number}")
        kinds.update(answer.how for answer in answers)
        assert len({str(answer.message) for answer in answers}) == 1, answers
    for socket in sockets:
        await socket.close()
    history = await person.history(conversation)
    report(
        "R2 one nonce in parallel",
        nonces=nonces,
        requests=nonces * REQUESTS,
        rows=len(history),
        **kinds,
    )
    assert kinds == {"written": nonces, "replayed": nonces * (REQUESTS - 1)}
    assert [message["content"] for message in history] == [f"says n{n}" for n in range(nonces)]


async def send_at_once(
    devices: list[Person], sockets: list[Socket], conversation: str, *, nonce: str
) -> list[Answer]:
    body = {"conversation_id": conversation, "content": f"says {nonce}", "nonce": nonce}
    over_sockets = (
        send_over_socket(socket, body) for socket in islice(cycle(sockets), OVER_SOCKETS)
    )
    over_http = (
        send_over_http(device, body) for device in islice(cycle(devices), REQUESTS - OVER_SOCKETS)
    )
    return await asyncio.gather(*over_http, *over_sockets)


async def send_over_http(person: Person, body: Document) -> Answer:
    answer = await person.ask("POST", "/messages", body=body)
    replayed = answer.headers.get("idempotent-replayed")
    how = {(201, None): "written", (200, "true"): "replayed"}.get((answer.status_code, replayed))
    return Answer(how or f"{answer.status_code} {answer.text}", answer.json())


async def send_over_socket(socket: Socket, body: Document) -> Answer:
    frame = await socket.ask("send", body)
    if not frame["ok"]:
        return Answer(str(frame["error"]), None)
    return Answer("replayed" if frame["replayed"] else "written", frame["data"]["message"])
