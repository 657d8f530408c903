"""What a deployed CGraph must do, from outside: `make smoke URL=…`.

It leaves two users who have logged out, and their conversation; `make smoke` takes the same two the
next time.
"""

from __future__ import annotations

import asyncio
from base64 import b64decode
from uuid import uuid4

import httpx
import pytest

from tests.conftest import Report
from tests.person import Person, Socket
from tests.smoke.accounts import people
from tests.system import System

PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAFElEQVR4nGM8IWfDgA0wYRUdtBIA5+ABMmcf2iwAAAAA"
    "SUVORK5CYII="
)

pytestmark = pytest.mark.timeout(60)


async def test_it_is_healthy_and_its_dependencies_are_ready(system: System) -> None:
    http = system.new_http()
    assert (await http.get("/health")).json() == {"status": "ok"}
    ready = await http.get("/health/ready")
    assert ready.status_code == 200, ready.text


async def test_anonymous_requests_and_unknown_routes_are_refused(system: System) -> None:
    http = system.new_http()
    assert refusal(await http.get("/me")) == (401, "authentication_required")
    assert refusal(await http.get("/no/such/route")) == (404, "not_found")


async def test_two_people_exchange_messages_over_http_and_sockets(
    system: System, report: Report
) -> None:
    ada, grace = await people(system.url, system.new_http())
    conversation = await ada.start_conversation(grace, kind="direct")
    before = (await ada.get(f"/conversations/{conversation}"))["head"]
    sockets = await asyncio.gather(ada.open_socket(), grace.open_socket())
    try:
        await send_messages(ada, sockets[1], conversation)
        await asyncio.gather(
            *(receives(socket, conversation, seq=before + 2) for socket in sockets)
        )
    finally:
        await asyncio.gather(*(socket.close() for socket in sockets))
    histories = await asyncio.gather(
        ada.history(conversation, after=before), grace.history(conversation, after=before)
    )
    assert histories[0] == histories[1]
    assert [message["seq"] for message in histories[0]] == [before + 1, before + 2]
    report("A picture", seen=await sees_a_picture(ada))
    for person in (ada, grace):
        assert (await person.request("POST", "/auth/logout")).is_success
        assert refusal(await person.request("GET", "/me")) == (401, "invalid_token")
    report("Users that stay", names=f"{ada.username}, {grace.username}")


async def send_messages(ada: Person, grace: Socket, conversation: str) -> None:
    """One message over HTTP, twice under one nonce; one over a socket."""
    nonce = uuid4().hex
    first = await ada.send_message(conversation, "Over HTTP", nonce=nonce)
    again = await ada.send_message(conversation, "Over HTTP", nonce=nonce)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    draft = {"conversation_id": conversation, "content": "Over a socket", "nonce": uuid4().hex}
    reply = await grace.call("send", draft)
    assert reply["ok"], reply


async def sees_a_picture(ada: Person) -> str:
    """It is sent to the storage, looked at, seen through the edge, and deleted again. Without a key
    a stage serves no media, which is no fault.
    """
    draft = {"filename": "smoke.png", "content_type": "image/png", "size": len(PNG)}
    new = await ada.request_json("POST", "/uploads", body=draft)
    id = new["upload"]["id"]
    async with httpx.AsyncClient(timeout=20) as http:
        sent = await http.post(new["url"], data=new["fields"], files={"file": PNG})
        assert sent.status_code == 204, sent.text
        async with asyncio.timeout(30):
            while (upload := await ada.get(f"/uploads/{id}"))["status"] != "ready":
                assert upload["status"] != "refused", upload["reason"]
                await asyncio.sleep(0.2)
        urls = await ada.request("POST", "/uploads/urls", body={"uploads": [id]})
        is_served = urls.status_code != 503
        if is_served:
            (item,) = urls.json()["items"]
            seen = await http.get(item["url"])
            assert (seen.status_code, seen.headers["content-type"]) == (200, "image/png")
            assert (await http.get(item["url"].partition("?")[0])).status_code == 403
        else:
            assert refusal(urls)[1] == "media_unavailable"
    (await ada.request("DELETE", f"/uploads/{id}")).raise_for_status()
    return "through the edge" if is_served else "not: there is no key"


async def receives(socket: Socket, conversation: str, *, seq: int) -> None:
    """The message with this number and the one before it."""
    expected = {seq - 1, seq}

    def created() -> set[int]:
        return {
            event["seq"]
            for event in socket.events
            if event["stream"] == f"conv:{conversation}" and event["event"] == "message.created"
        }

    await socket.wait_until(lambda: expected <= created())


def refusal(response: httpx.Response) -> tuple[int, str]:
    return response.status_code, response.json()["code"]
