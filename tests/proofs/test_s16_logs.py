"""S16: whether requests succeed or fail, no log has a secret or the content of a message."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest
from websockets.exceptions import InvalidStatus

from tests.conftest import Report
from tests.person import Document, Person, Socket
from tests.proofs.media_scene import PNG, MediaScene
from tests.system import LocalSystem

SETTLED_SECONDS = 1.0


class Canaries:
    """`texts`: by kind, each unique and sent to the system."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def new(self, kind: str) -> str:
        return self.take(kind, f"canary{uuid4().hex}")

    def take(self, kind: str, value: str) -> str:
        self.texts[f"{kind} {len(self.texts)}"] = value
        return value


async def test_no_log_has_a_secret_or_the_content_of_a_message(
    local: LocalSystem, report: Report
) -> None:
    canaries = Canaries()
    ada, grace = await join(local, canaries), await join(local, canaries)
    draft = {"kind": "group", "members": [grace.username], "name": canaries.new("name")}
    conversation = (await ada.request_json("POST", "/conversations", body=draft))["id"]
    sockets = [await open_socket(ada, canaries), await open_socket(grace, canaries)]
    await send_messages(ada, sockets[1], conversation, canaries)
    await sockets[0].wait_until(lambda: len(sockets[0].events) >= 2)
    await send_refused(ada, sockets[1], conversation, canaries)
    await send_files(local, ada, canaries)
    await refresh(grace, canaries)
    for person in (ada, grace):
        await person.request("POST", "/auth/logout")
    await asyncio.gather(*(socket.close() for socket in sockets))
    await asyncio.sleep(SETTLED_SECONDS)
    found = leaks(local, canaries)
    report(
        "S16 logs",
        canaries=len(canaries.texts),
        lines=sum(text.count("\n") for text in logs(local).values()),
        files=len(logs(local)),
        leaks=found.total(),
    )
    assert not found


@pytest.mark.parametrize("place", ["SendMessage.log", "postgres.log"])
def test_a_leak_is_found(place: str) -> None:
    canaries = Canaries()
    text = f'{{"message": "{canaries.new("message")}"}}\n'
    assert leaks_in({place: text, "Ping.log": "nothing"}, canaries) == {f"message 0 in {place}": 1}


async def join(system: LocalSystem, canaries: Canaries) -> Person:
    http, username = system.new_http(), f"canary-{uuid4().hex[:8]}"
    account = {
        "username": username,
        "email": f"{username}@example.org",
        "password": canaries.new("password"),
    }
    await http.post("/auth/register", json={**account, "username": "?"})
    document = (await http.post("/auth/register", json=account)).json()
    await http.post("/auth/login", json={"login": username, "password": canaries.new("guess")})
    return Person(http, username, document["user"]["id"], *tokens(document, canaries))


def tokens(document: Document, canaries: Canaries) -> tuple[str, str]:
    kinds = ("access_token", "refresh_token")
    access, refreshing = (canaries.take(kind, secret(document[kind])) for kind in kinds)
    assert access in document["access_token"] and refreshing in document["refresh_token"]
    return document["access_token"], document["refresh_token"]


def secret(token: str) -> str:
    """Its last characters, without a prefix and ids."""
    return token.rpartition(".")[2][-20:]


async def open_socket(person: Person, canaries: Canaries) -> Socket:
    ticket = await person.make_ticket()
    canaries.take("ticket", secret(ticket["ticket"]))
    socket = await Socket.open(ticket["url"])
    with pytest.raises(InvalidStatus):
        await Socket.open(ticket["url"])
    socket.hello = await socket.call("hello", {"cursors": {}})
    return socket


async def send_messages(ada: Person, grace: Socket, conversation: str, canaries: Canaries) -> None:
    await ada.send_message(conversation, canaries.new("message"), nonce=uuid4().hex)
    draft = {"conversation_id": conversation, "content": canaries.new("frame")}
    assert (await grace.call("send", draft))["ok"]


async def send_refused(ada: Person, grace: Socket, conversation: str, canaries: Canaries) -> None:
    """What the API refuses and what Postgres refuses: failures are logged most often."""
    nonce = uuid4().hex
    for _ in range(2):
        await ada.send_message(conversation, canaries.new("contested message"), nonce=nonce)
    await ada.send_message(conversation, canaries.new("long message") * 10_000)
    await ada.send_message("nowhere", canaries.new("lost message"))
    await ada.request("PATCH", "/me", body={"bio": canaries.new("bio") + "\0"})
    await ada.request("POST", "/messages", body=canaries.new("body"))
    unknown = {"conversation_id": str(uuid4()), "content": canaries.new("stray frame")}
    assert not (await grace.call("send", unknown))["ok"]
    await grace.connection.send(f'{{"action": "send", "data": "{canaries.new("malformed frame")}')
    await grace.connection.send(json.dumps({"action": canaries.new("unknown action"), "id": 1}))
    await ada.http.get("/me", headers={"authorization": f"Bearer {canaries.new('forged token')}"})


async def send_files(local: LocalSystem, ada: Person, canaries: Canaries) -> None:
    """One that is taken and seen, one that the storage refuses, and one that the worker refuses."""
    async with httpx.AsyncClient(timeout=30) as edge:
        scene = MediaScene(local, edge)
        name, url = f"{canaries.new('filename')}.png", ""
        for content, sent in ((PNG, PNG), (PNG, PNG + b"more"), (b"no picture", b"no picture")):
            new = await scene.begin(ada, filename=name, size=len(content))
            for field in ("policy", "x-amz-signature"):
                canaries.take(f"form field {field}", new["fields"][field][-40:])
            await edge.post(new["url"], data=new["fields"], files={"file": sent})
            if content is sent is PNG:
                id = await scene.ready(ada, str(new["upload"]["id"]))
                url = await scene.url_for(ada, id)
        canaries.take("signature of a URL", parse_qs(urlsplit(url).query)["Signature"][0][-40:])
        for asked in (url, url.replace("Policy=", "Policy=A"), url.replace("/media/", "/nothing/")):
            await scene.status(asked)


async def refresh(person: Person, canaries: Canaries) -> None:
    body = {"refresh_token": person.refresh_token}
    response = await person.http.post("/auth/refresh", json=body)
    tokens(response.json(), canaries)


def logs(local: LocalSystem) -> dict[str, str]:
    """Of functions and services, and the console."""
    files = [path for path in local.home.logs.rglob("*") if path.is_file()]
    found = {path.name: path.read_text(errors="replace") for path in files}
    assert {"SendMessage.log", "ProcessUploads.log", "postgres.log"} <= found.keys()
    return {**found, "console": local.console}


def leaks(local: LocalSystem, canaries: Canaries) -> Counter[str]:
    return leaks_in(logs(local), canaries)


def leaks_in(texts: dict[str, str], canaries: Canaries) -> Counter[str]:
    return Counter(
        {
            f"{kind} in {name}": count
            for name, text in texts.items()
            for kind, canary in canaries.texts.items()
            if (count := text.count(canary))
        }
    )
