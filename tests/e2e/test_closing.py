"""A session that ends closes its sockets, and no others."""

from __future__ import annotations

import asyncio

from tests.system import LocalSystem, System


async def test_logging_out_closes_the_socket_within_two_seconds(system: System) -> None:
    person, bystander = await system.new_person(), await system.new_person()
    ended, other = await person.open_socket(), await bystander.open_socket()
    assert (await person.request("POST", "/auth/logout")).status_code == 204
    async with asyncio.timeout(2 + 3):  # for a cold start of the worker on a busy machine
        await ended.reading
    assert '"closing"' in ended.frames[-1]
    assert (await other.call("ping", {}))["type"] == "pong"
    await other.close()


async def test_revoking_a_session_closes_its_sockets_and_no_others(local: LocalSystem) -> None:
    person = await local.new_person()
    other_device = await person.log_in()
    ended = [await other_device.open_socket() for _ in range(3)]
    kept = await person.open_socket()
    sessions = (await person.get("/auth/sessions"))["items"]
    (id,) = (session["id"] for session in sessions if not session["current"])
    assert (await person.request("DELETE", f"/auth/sessions/{id}")).status_code == 204
    async with asyncio.timeout(2 + 3):
        await asyncio.gather(*(socket.reading for socket in ended))
    assert ['"closing"' in socket.frames[-1] for socket in ended] == [True] * 3
    assert (await kept.call("ping", {}))["type"] == "pong"
    open_ids = local.connections()
    assert not open_ids & {socket.hello["data"]["connection_id"] for socket in ended}
    assert kept.hello["data"]["connection_id"] in open_ids
    for socket in (*ended, kept):
        await socket.close()
