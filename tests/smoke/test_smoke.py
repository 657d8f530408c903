"""What a deployed CGraph must do, seen from outside: `make smoke URL=…`.

What it leaves behind: two people who have logged out, and their conversation.
"""

from __future__ import annotations

import asyncio
from uuid import uuid4

import httpx
import pytest

from tests.person import Person, Socket
from tests.system import System

pytestmark = pytest.mark.timeout(60)


async def test_it_answers_and_so_does_all_it_stands_on(system: System) -> None:
    http = system.new_http()
    assert (await http.get("/health")).json() == {"status": "ok"}
    ready = await http.get("/health/ready")
    assert ready.status_code == 200, ready.text


async def test_strangers_are_refused_by_name(system: System) -> None:
    http = system.new_http()
    assert refusal(await http.get("/me")) == (401, "authentication_required")
    assert refusal(await http.get("/no/such/route")) == (404, "not_found")


async def test_two_people_talk_over_http_and_sockets(system: System) -> None:
    ada, grace = await asyncio.gather(system.new_person("smoke"), system.new_person("smoke"))
    conversation = await ada.start(grace, kind="direct")
    sockets = await asyncio.gather(ada.open_socket(), grace.open_socket())
    try:
        await talk(ada, sockets[1], conversation)
        await asyncio.gather(*(sees(socket, conversation, messages=2) for socket in sockets))
    finally:
        await asyncio.gather(*(socket.close() for socket in sockets))
    histories = await asyncio.gather(ada.history(conversation), grace.history(conversation))
    assert histories[0] == histories[1]
    assert [message["seq"] for message in histories[0]] == [1, 2]
    for person in (ada, grace):
        assert (await person.ask("POST", "/auth/logout")).is_success
        assert refusal(await person.ask("GET", "/me")) == (401, "invalid_token")


async def talk(ada: Person, grace: Socket, conversation: str) -> None:
    """One message over HTTP, twice under one nonce; one over a socket."""
    nonce = uuid4().hex
    first = await ada.send(conversation, "Over HTTP", nonce=nonce)
    again = await ada.send(conversation, "Over HTTP", nonce=nonce)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    draft = {"conversation_id": conversation, "content": "Over a socket", "nonce": uuid4().hex}
    answer = await grace.ask("send", draft)
    assert answer["ok"], answer


async def sees(socket: Socket, conversation: str, *, messages: int) -> None:
    def created() -> set[int]:
        return {
            event["seq"]
            for event in socket.events
            if event["stream"] == f"conv:{conversation}" and event["event"] == "message.created"
        }

    await socket.until(lambda: len(created()) >= messages)


def refusal(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]
