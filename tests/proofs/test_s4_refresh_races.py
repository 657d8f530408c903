"""S4: 20 refreshes at once × 50: one winner or one pair. A reuse ends the family and its
sockets."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

from tests.conftest import Report, Size
from tests.person import Person, Socket
from tests.system import LocalSystem, System

AT_ONCE = 20
REUSES = 5
CONNECTIONS = 4
CLOSED_SECONDS = 2.0 + 3.0  # for a cold start of the worker
PATIENCE_SECONDS = 60.0
"""Of the fast variant, which runs beside other tests."""

Pair = tuple[str, str]


async def test_concurrent_refreshes_have_one_outcome_and_a_reuse_ends_the_family(
    system: System, size: Size, report: Report
) -> None:
    rounds = size(5, 50)
    person = await system.new_person()
    bystander = await person.open_socket()
    devices = [system.new_http() for _ in range(CONNECTIONS)]
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for number in range(rounds):
        session = await person.log_in()
        socket = await session.open_socket()
        clients = [replace(session, http=http) for http in devices]
        pair = await one_outcome(clients, outcomes)
        assert await is_valid(replace(session, access_token=pair[0]))
        assert await is_valid(session), "the token that was replaced lives on for its grace period"
        newest = await make_reuse_late(system, session, pair, by_time=bool(number % 2))
        outcomes += await reuse(clients)
        slowest = max(slowest, await wait_until_closed(system, socket))
        for token in (session.access_token, pair[0], newest[0]):
            assert not await is_valid(replace(session, access_token=token))
        assert (await refresh(session, newest[1]))[0] == "401 invalid_token"
    report("S4 refresh races", rounds=rounds, **outcomes, sockets_closed_after=f"{slowest:.2f} s")
    assert slowest <= size(PATIENCE_SECONDS, CLOSED_SECONDS)
    assert (await bystander.call("ping", {}))["type"] == "pong", (
        "the socket of another session stays open"
    )
    assert await is_valid(person)
    await bystander.close()


async def refresh(person: Person, token: str) -> tuple[str, Pair | None]:
    response = await person.http.post("/auth/refresh", json={"refresh_token": token})
    document = response.json()
    if response.status_code == 200:
        return "200", (document["access_token"], document["refresh_token"])
    return f"{response.status_code} {document['code']}", None


async def one_outcome(clients: list[Person], outcomes: Counter[str]) -> Pair:
    """All at once with one token: either all get the same pair, or one gets a pair."""
    refreshes = (
        refresh(client, client.refresh_token) for client in clients * (AT_ONCE // CONNECTIONS)
    )
    results = await asyncio.gather(*refreshes)
    outcomes.update(f"refreshed {outcome}" for outcome, _ in results)
    pairs = {pair for _, pair in results if pair is not None}
    assert len(pairs) == 1, f"{len(pairs)} pairs from one token"
    assert {outcome for outcome, _ in results} <= {"200", "401 invalid_token"}
    return pairs.pop()


async def make_reuse_late(system: System, session: Person, pair: Pair, *, by_time: bool) -> Pair:
    """Ends the grace period of the first token: half a minute passes (in the database, where it is
    counted), or the successor is used. Returns the newest pair of the family."""
    if by_time and isinstance(system, LocalSystem):
        system.query(
            "UPDATE refresh_tokens SET used_at = used_at - interval '31 s' WHERE session_id ="
            f" (SELECT id FROM sessions WHERE user_id = '{session.id}' ORDER BY id DESC LIMIT 1)"
        )
        return pair
    outcome, newest = await refresh(session, pair[1])
    assert newest is not None, outcome
    return newest


async def reuse(clients: list[Person]) -> Counter[str]:
    """Several at once here too: the first ends the family, and the others are refused."""
    refreshes = (refresh(client, client.refresh_token) for client in (clients * REUSES)[:REUSES])
    codes = Counter(outcome for outcome, _ in await asyncio.gather(*refreshes))
    assert codes.keys() <= {"401 refresh_token_reused", "401 invalid_token"}, codes
    assert codes["401 refresh_token_reused"] >= 1
    return Counter({f"reused {how}": number for how, number in codes.items()})


async def wait_until_closed(system: System, socket: Socket) -> float:
    """The seconds until the socket got the reason and was closed at the gateway."""
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(PATIENCE_SECONDS):
        await socket.reading
    took = asyncio.get_running_loop().time() - began
    assert '"session_revoked"' in socket.frames[-1]
    if isinstance(system, LocalSystem):
        assert socket.hello["data"]["connection_id"] not in system.connections()
    await socket.close()
    return took


async def is_valid(person: Person) -> bool:
    response = await person.request("GET", "/me")
    assert response.is_success or response.json()["code"] == "invalid_token", response.text
    return response.is_success
