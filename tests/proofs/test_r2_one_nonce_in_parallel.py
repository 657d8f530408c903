"""R2: 200 nonces × 50 requests at once, over HTTP and sockets: one message each, which all the
responses have."""

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
class Result:
    """`outcome`: `written` (201, or the same of a frame), `replayed` (200 with the header, or the
    same of a frame), or the refusal."""

    outcome: str
    message: Document | None


async def test_parallel_requests_with_one_nonce_write_one_message(
    system: System, size: Size, report: Report
) -> None:
    nonces = size(5, 200)
    (person, *_), conversation = await system.group(4)
    devices = [replace(person, http=system.new_http()) for _ in range(DEVICES)]
    sockets = [await person.open_socket() for _ in range(2)]
    outcomes: Counter[str] = Counter()
    for number in range(nonces):
        results = await send_at_once(devices, sockets, conversation, nonce=f"n{number}")
        outcomes.update(result.outcome for result in results)
        assert len({str(result.message) for result in results}) == 1, results
    for socket in sockets:
        await socket.close()
    history = await person.history(conversation)
    report(
        "R2 one nonce in parallel",
        nonces=nonces,
        requests=nonces * REQUESTS,
        rows=len(history),
        **outcomes,
    )
    assert outcomes == {"written": nonces, "replayed": nonces * (REQUESTS - 1)}
    assert [message["content"] for message in history] == [f"sent with n{n}" for n in range(nonces)]


async def send_at_once(
    devices: list[Person], sockets: list[Socket], conversation: str, *, nonce: str
) -> list[Result]:
    body = {"conversation_id": conversation, "content": f"sent with {nonce}", "nonce": nonce}
    over_sockets = (
        send_over_socket(socket, body) for socket in islice(cycle(sockets), OVER_SOCKETS)
    )
    over_http = (
        send_over_http(device, body) for device in islice(cycle(devices), REQUESTS - OVER_SOCKETS)
    )
    return await asyncio.gather(*over_http, *over_sockets)


async def send_over_http(person: Person, body: Document) -> Result:
    response = await person.request("POST", "/messages", body=body)
    replayed = response.headers.get("idempotent-replayed")
    status = response.status_code
    outcome = {(201, None): "written", (200, "true"): "replayed"}.get((status, replayed))
    return Result(outcome or f"{status} {response.text}", response.json())


async def send_over_socket(socket: Socket, body: Document) -> Result:
    frame = await socket.call("send", body)
    if not frame["ok"]:
        return Result(str(frame["error"]), None)
    return Result("replayed" if frame["replayed"] else "written", frame["data"]["message"])
