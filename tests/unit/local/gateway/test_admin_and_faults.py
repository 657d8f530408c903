"""The API documents, the admin API and fault injection."""

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
from tests.unit.local.gateway.running_gateway import CREDENTIALS, SOCKET_API, RunningGateway


async def test_documents_are_served_once_they_exist(gateway: RunningGateway) -> None:
    assert (await gateway.http.get("/openapi.json")).json()["code"] == "not_found"
    (gateway.documents / "openapi.json").write_text('{"openapi": "3.1.0"}')
    (gateway.documents / "asyncapi.json").write_text('{"asyncapi": "3.0.0"}')
    assert (await gateway.http.get("/openapi.json")).json() == {"openapi": "3.1.0"}
    assert (await gateway.http.get("/asyncapi.json")).json() == {"asyncapi": "3.0.0"}
    page = await gateway.http.get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "http" not in page.text.replace("http-equiv", "")


async def test_the_admin_api_refuses_callers_without_its_token(gateway: RunningGateway) -> None:
    for token in ("", "Bearer", "Bearer other", CREDENTIALS.admin_headers["Authorization"] + "x"):
        headers = {"authorization": token}
        response = await gateway.admin.get("/_local/statistics", headers=headers)
        assert response.status_code == 403, token
        invoked = await gateway.admin.post("/_local/invoke/Echo", json={}, headers=headers)
        assert invoked.status_code == 403, token
    assert (await gateway.admin.get("/_local/other")).status_code == 404


async def test_a_function_can_be_invoked_by_name(gateway: RunningGateway) -> None:
    response = await gateway.admin.post("/_local/invoke/Echo", json={"a": 1})
    invocation = response.json()
    assert json.loads(invocation["payload"]["body"]) == {"a": 1}
    assert (invocation["error"], invocation["log"]) == (None, [])
    failed = (await gateway.admin.post("/_local/invoke/Fail", json={})).json()
    assert failed["error"] == "Unhandled"
    assert failed["payload"]["errorType"] == "ValueError"
    assert "ValueError" in failed["log"][0]
    assert (await gateway.admin.post("/_local/invoke/Other", json={})).status_code == 404
    assert (await gateway.admin.post("/_local/invoke/Echo", content=b"{")).status_code == 400
    statistics = (await gateway.admin.get("/_local/statistics")).json()
    assert statistics["Echo"]["invocations"] >= 1


async def test_connections_are_listed(own_gateway: RunningGateway) -> None:
    async with own_gateway.connect() as socket:
        name = await own_gateway.connection_id(socket)
        listed = (await own_gateway.admin.get("/_local/connections")).json()
        assert list(listed) == [name]
        assert listed[name].keys() == {"connectedAt", "identity", "lastActiveAt"}


async def set_faults(gateway: RunningGateway, **settings: Any) -> httpx.Response:
    return await gateway.admin.post("/_local/faults", json=settings)


async def counts(gateway: RunningGateway) -> Any:
    return (await gateway.admin.get("/_local/faults")).json()["counts"]


async def test_replies_are_lost_after_the_function_has_returned(
    own_gateway: RunningGateway,
) -> None:
    await set_faults(own_gateway, seed=1, replies={"lose": 0.5, "routes": ["GET /echo"]})
    lost = 0
    for _ in range(40):
        try:
            assert (await own_gateway.http.get("/echo")).status_code == 200
        except (httpx.RemoteProtocolError, httpx.ReadError):
            lost += 1
    assert 8 < lost < 32
    assert await counts(own_gateway) == {"replies_lost": lost}
    assert (await own_gateway.http.get("/posts/1")).status_code == 200
    cleared = (await own_gateway.admin.delete("/_local/faults")).json()
    assert (cleared["settings"]["replies"]["lose"], cleared["counts"]) == (0.0, {})


async def test_open_sockets_are_cut(own_gateway: RunningGateway) -> None:
    sockets = [await own_gateway.connect() for _ in range(4)]
    names = [await own_gateway.connection_id(socket) for socket in sockets]
    await set_faults(own_gateway, sockets={"cut": 1.0})
    for socket, name in zip(sockets, names, strict=True):
        await socket.wait_closed()
        event = await own_gateway.recorded_event("DISCONNECT", name)
        assert event["requestContext"]["disconnectStatusCode"] == 1006
    assert await counts(own_gateway) == {"sockets_cut": 4}


async def test_sockets_are_cut_after_a_lifetime(own_gateway: RunningGateway) -> None:
    before = await own_gateway.connect()
    await set_faults(own_gateway, sockets={"lifetime": [0.0, 0.05]})
    after = await own_gateway.connect()
    await asyncio.gather(before.wait_closed(), after.wait_closed())
    assert await counts(own_gateway) == {"sockets_cut": 2}
    await set_faults(own_gateway)
    async with own_gateway.connect() as kept:
        await asyncio.sleep(0.1)
        assert kept.state is State.OPEN


async def test_disconnect_is_not_called_when_it_is_lost(own_gateway: RunningGateway) -> None:
    await set_faults(own_gateway, sockets={"lose_disconnects": 1.0})
    async with own_gateway.connect():
        pass
    await asyncio.sleep(0.1)
    assert await counts(own_gateway) == {"disconnects_lost": 1}


async def post_and_receive(
    gateway: RunningGateway, socket: ClientConnection, *, messages: int
) -> list[int]:
    path = f"/ws/@connections/{await gateway.connection_id(socket)}"
    for number in range(messages):
        content = b"%d" % number
        headers = gateway.signed("POST", path, content)
        response = await gateway.http.post(path, content=content, headers=headers)
        assert response.status_code == 200
    received = []
    try:
        while True:
            async with asyncio.timeout(0.5):
                received.append(int(await socket.recv()))
    except TimeoutError:
        return received


@pytest.mark.parametrize("fault", ["drop", "duplicate", "reorder", "delay"])
async def test_deliveries_are_dropped_duplicated_reordered_or_delayed(
    own_gateway: RunningGateway, fault: str
) -> None:
    await set_faults(own_gateway, seed=3, deliveries={fault: 0.3, "delay_seconds": 0.1})
    async with own_gateway.connect() as socket:
        received = await post_and_receive(own_gateway, socket, messages=60)
    (count,) = (await counts(own_gateway)).values()
    assert 5 < count < 35
    everything = list(range(60))
    lost, twice = set(everything) - set(received), len(received) - len(set(received))
    assert len(lost) == (count if fault == "drop" else 0)
    assert twice == (count if fault == "duplicate" else 0)
    assert (received != sorted(received)) == (fault in ("reorder", "delay"))


async def test_posts_to_chosen_connections_get_the_set_status(own_gateway: RunningGateway) -> None:
    await set_faults(own_gateway, post_statuses={"stale": 410, "slow": 429, "broken": 500})
    for name, status in (("stale", 410), ("slow", 429), ("broken", 500)):
        path = f"/ws/@connections/{name}"
        headers = own_gateway.signed("POST", path, b"x")
        response = await own_gateway.http.post(path, content=b"x", headers=headers)
        assert response.status_code == status
    assert await counts(own_gateway) == {"answered_410": 1, "answered_429": 1, "answered_500": 1}


@pytest.mark.parametrize(
    "settings",
    [
        {"other": 1},
        {"replies": {"lose": 2}},
        {"deliveries": {"lost": 1}},
        {"post_statuses": {"a": 404}},
    ],
)
async def test_invalid_fault_settings_are_refused(
    own_gateway: RunningGateway, settings: Any
) -> None:
    response = await set_faults(own_gateway, **settings)
    assert (response.status_code, response.json()["code"]) == (400, "bad_request")


async def test_a_changed_template_is_applied_to_open_sockets(own_gateway: RunningGateway) -> None:
    functions = {"Message": Function("Message", "probe.message", 20, 128, {}, None, Path())}
    routes = (SocketRoute("renamed", "Message", responds=True),)
    stack = Stack(functions, socket_api=replace(SOCKET_API, routes=routes))
    async with own_gateway.connect() as socket:
        await own_gateway.connection_id(socket)
        own_gateway.app.apply(stack)
        assert (await own_gateway.send(socket, {"action": "ping"}))["message"] == "Forbidden"
        event = await own_gateway.send(socket, {"action": "renamed"})
        assert event["requestContext"]["routeKey"] == "renamed"
        assert (await own_gateway.http.get("/echo")).status_code == 404
