"""The documents, the administration, and the faults."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection
from websockets.protocol import State

from cgraph_local.template import Function, SocketRoute, Stack
from tests.unit.local.gateway.world import SOCKET_API, World

SIGNED = {"authorization": "AWS4-HMAC-SHA256 Credential=x"}


async def test_documents_are_served_once_they_are_there(world: World) -> None:
    assert (await world.http.get("/openapi.json")).json()["code"] == "not_found"
    (world.documents / "openapi.json").write_text('{"openapi": "3.1.0"}')
    (world.documents / "asyncapi.json").write_text('{"asyncapi": "3.0.0"}')
    assert (await world.http.get("/openapi.json")).json() == {"openapi": "3.1.0"}
    assert (await world.http.get("/asyncapi.json")).json() == {"asyncapi": "3.0.0"}
    page = await world.http.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "http" not in page.text.replace("http-equiv", "")


async def test_the_page_and_the_administration_are_for_this_machine_only(world: World) -> None:
    for header in ("origin", "x-forwarded-for"):
        answer = await world.http.get("/_local/statistics", headers={header: "elsewhere"})
        assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert (await world.http.get("/_local/other")).status_code == 404


async def test_a_function_is_invoked_by_name(world: World) -> None:
    answer = await world.http.post("/_local/invoke/Echo", json={"a": 1})
    invocation = answer.json()
    assert json.loads(invocation["payload"]["body"]) == {"a": 1}
    assert (invocation["error"], invocation["log"]) == (None, [])
    failed = (await world.http.post("/_local/invoke/Fail", json={})).json()
    assert failed["error"] == "Unhandled"
    assert failed["payload"]["errorType"] == "ValueError"
    assert "ValueError" in failed["log"][0]
    assert (await world.http.post("/_local/invoke/Other", json={})).status_code == 404
    assert (await world.http.post("/_local/invoke/Echo", content=b"{")).status_code == 400
    statistics = (await world.http.get("/_local/statistics")).json()
    assert statistics["Echo"]["invocations"] >= 1


async def test_connections_are_listed(own_world: World) -> None:
    async with own_world.connect() as socket:
        name = await own_world.id_of(socket)
        listed = (await own_world.http.get("/_local/connections")).json()
        assert list(listed) == [name]
        assert listed[name].keys() == {"connectedAt", "identity", "lastActiveAt"}


async def set_faults(world: World, **settings: Any) -> httpx.Response:
    return await world.http.post("/_local/faults", json=settings)


async def counts(world: World) -> Any:
    return (await world.http.get("/_local/faults")).json()["counts"]


async def test_replies_are_lost_after_the_function_answered(own_world: World) -> None:
    await set_faults(own_world, seed=1, replies={"lose": 0.5, "routes": ["GET /echo"]})
    lost = 0
    for _ in range(40):
        try:
            assert (await own_world.http.get("/echo")).status_code == 200
        except (httpx.RemoteProtocolError, httpx.ReadError):
            lost += 1
    assert 8 < lost < 32
    assert await counts(own_world) == {"replies_lost": lost}
    assert (await own_world.http.get("/posts/1")).status_code == 200
    cleared = (await own_world.http.delete("/_local/faults")).json()
    assert (cleared["settings"]["replies"]["lose"], cleared["counts"]) == (0.0, {})


async def test_sockets_are_cut(own_world: World) -> None:
    sockets = [await own_world.connect() for _ in range(4)]
    names = [await own_world.id_of(socket) for socket in sockets]
    await set_faults(own_world, sockets={"cut": 1.0})
    for socket, name in zip(sockets, names, strict=True):
        await socket.wait_closed()
        event = await own_world.record("DISCONNECT", name)
        assert event["requestContext"]["disconnectStatusCode"] == 1006
    assert await counts(own_world) == {"sockets_cut": 4}


async def test_sockets_live_as_long_as_they_are_let(own_world: World) -> None:
    before = await own_world.connect()
    await set_faults(own_world, sockets={"live": [0.0, 0.05]})
    after = await own_world.connect()
    await asyncio.gather(before.wait_closed(), after.wait_closed())
    assert await counts(own_world) == {"sockets_cut": 2}
    await set_faults(own_world)
    async with own_world.connect() as kept:
        await asyncio.sleep(0.1)
        assert kept.state is State.OPEN


async def test_disconnects_are_lost(own_world: World) -> None:
    await set_faults(own_world, sockets={"lose_disconnects": 1.0})
    async with own_world.connect():
        pass
    await asyncio.sleep(0.1)
    assert await counts(own_world) == {"disconnects_lost": 1}


async def deliver(world: World, socket: ClientConnection, *, messages: int) -> list[int]:
    path = f"/ws/@connections/{await world.id_of(socket)}"
    for number in range(messages):
        answer = await world.http.post(path, content=b"%d" % number, headers=SIGNED)
        assert answer.status_code == 200
    received = []
    try:
        while True:
            async with asyncio.timeout(0.5):
                received.append(int(await socket.recv()))
    except TimeoutError:
        return received


@pytest.mark.parametrize("fault", ["drop", "duplicate", "reorder", "delay"])
async def test_deliveries_go_wrong(own_world: World, fault: str) -> None:
    await set_faults(own_world, seed=3, deliveries={fault: 0.3, "delay_seconds": 0.1})
    async with own_world.connect() as socket:
        received = await deliver(own_world, socket, messages=60)
    (count,) = (await counts(own_world)).values()
    assert 5 < count < 35
    everything = list(range(60))
    lost, twice = set(everything) - set(received), len(received) - len(set(received))
    assert len(lost) == (count if fault == "drop" else 0)
    assert twice == (count if fault == "duplicate" else 0)
    assert (received != sorted(received)) == (fault in ("reorder", "delay"))


async def test_chosen_connections_answer_as_told(own_world: World) -> None:
    await set_faults(own_world, answers={"stale": 410, "slow": 429, "broken": 500})
    for name, status in (("stale", 410), ("slow", 429), ("broken", 500)):
        answer = await own_world.http.post(f"/ws/@connections/{name}", content=b"x", headers=SIGNED)
        assert answer.status_code == status
    assert await counts(own_world) == {"answered_410": 1, "answered_429": 1, "answered_500": 1}


@pytest.mark.parametrize(
    "settings",
    [{"other": 1}, {"replies": {"lose": 2}}, {"deliveries": {"lost": 1}}, {"answers": {"a": 404}}],
)
async def test_settings_that_are_wrong_are_refused(own_world: World, settings: Any) -> None:
    answer = await set_faults(own_world, **settings)
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


async def test_a_changed_template_is_applied_to_open_sockets(own_world: World) -> None:
    functions = {"Message": Function("Message", "probe.message", 20, 128, {}, None, Path())}
    routes = (SocketRoute("renamed", "Message", responds=True),)
    stack = Stack(functions, socket_api=replace(SOCKET_API, routes=routes))
    async with own_world.connect() as socket:
        await own_world.id_of(socket)
        own_world.gateway.apply(stack)
        assert (await own_world.say(socket, {"action": "ping"}))["message"] == "Forbidden"
        event = await own_world.say(socket, {"action": "renamed"})
        assert event["requestContext"]["routeKey"] == "renamed"
        assert (await own_world.http.get("/echo")).status_code == 404
