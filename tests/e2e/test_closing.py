"""A session that ends closes its sockets, and no others."""

from __future__ import annotations

import asyncio
from dataclasses import replace

from tests.person import PASSWORD
from tests.system import LocalSystem, System


async def test_logging_out_closes_the_socket_within_two_seconds(system: System) -> None:
    person, bystander = await system.new_person(), await system.new_person()
    ended, other = await person.open_socket(), await bystander.open_socket()
    assert (await person.ask("POST", "/auth/logout")).status_code == 204
    async with asyncio.timeout(2 + 3):  # a cold worker on a busy machine is not what is asked
        await ended.reading
    assert '"closing"' in ended.texts[-1]
    assert (await other.ask("ping", {}))["type"] == "pong"
    await other.close()


async def test_revoking_a_session_closes_its_sockets_and_no_others(local: LocalSystem) -> None:
    person = await local.new_person()
    account = {"login": person.username, "password": PASSWORD}
    lost_tokens = (await person.http.post("/auth/login", json=account)).json()
    lost = replace(person, access_token=lost_tokens["access_token"])
    ended = [await lost.open_socket() for _ in range(3)]
    kept = await person.open_socket()
    sessions = (await person.get("/auth/sessions"))["items"]
    (id,) = (session["id"] for session in sessions if not session["current"])
    assert (await person.ask("DELETE", f"/auth/sessions/{id}")).status_code == 204
    async with asyncio.timeout(2 + 3):
        await asyncio.gather(*(socket.reading for socket in ended))
    assert ['"closing"' in socket.texts[-1] for socket in ended] == [True] * 3
    assert (await kept.ask("ping", {}))["type"] == "pong"
    held = local.connections()
    assert not held & {socket.greeting["data"]["connection_id"] for socket in ended}
    assert kept.greeting["data"]["connection_id"] in held
    for socket in (*ended, kept):
        await socket.close()
