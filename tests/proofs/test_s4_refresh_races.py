"""S4: 20 refreshes at once × 50, one winner or one pair; a reuse ends the family, sockets too."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace

from tests.conftest import Report, Size
from tests.person import PASSWORD, Person, Socket
from tests.system import LocalSystem, System

AT_ONCE = 20
REUSES = 5
CONNECTIONS = 4
CLOSED_SECONDS = 2.0 + 3.0  # a cold worker on a busy machine is not what is asked

Pair = tuple[str, str]


async def test_twenty_refreshes_have_one_outcome_and_a_reuse_ends_the_family(
    system: System, size: Size, report: Report
) -> None:
    rounds = size(5, 50)
    person = await system.new_person()
    bystander = await person.open_socket()
    devices = [system.new_http() for _ in range(CONNECTIONS)]
    outcomes: Counter[str] = Counter()
    slowest = 0.0
    for number in range(rounds):
        session = await log_in(person)
        socket = await session.open_socket()
        clients = [replace(session, http=http) for http in devices]
        pair = await one_outcome(clients, outcomes)
        assert await answers(replace(session, access_token=pair[0]))
        assert not await answers(session), "the token that was replaced is good no longer"
        newest = await make_reuse_late(system, session, pair, by_time=bool(number % 2))
        outcomes += await reuse(clients)
        slowest = max(slowest, await until_closed(system, socket))
        assert not await answers(replace(session, access_token=newest[0]))
        assert (await refresh(session, newest[1]))[0] == "401 invalid_token"
    report("S4 refresh races", rounds=rounds, **outcomes, sockets_closed_after=f"{slowest:.2f} s")
    assert (await bystander.ask("ping", {}))["type"] == "pong", "another session's lives on"
    assert await answers(person)
    await bystander.close()


async def log_in(person: Person) -> Person:
    account = {"login": person.username, "password": PASSWORD}
    answer = await person.http.post("/auth/login", json=account)
    assert answer.is_success, answer.text
    document = answer.json()
    tokens = document["access_token"], document["refresh_token"]
    return Person(person.http, person.username, person.id, *tokens)


async def refresh(person: Person, token: str) -> tuple[str, Pair | None]:
    answer = await person.http.post("/auth/refresh", json={"refresh_token": token})
    document = answer.json()
    if answer.status_code == 200:
        return "200", (document["access_token"], document["refresh_token"])
    return f"{answer.status_code} {document['code']}", None


async def one_outcome(clients: list[Person], outcomes: Counter[str]) -> Pair:
    """All at once with one token: either all get the same pair, or one gets a pair."""
    asked = (refresh(client, client.refresh_token) for client in clients * (AT_ONCE // CONNECTIONS))
    answered = await asyncio.gather(*asked)
    outcomes.update(f"refreshed {how}" for how, _ in answered)
    pairs = {pair for _, pair in answered if pair is not None}
    assert len(pairs) == 1, f"{len(pairs)} pairs from one token"
    assert {how for how, _ in answered} <= {"200", "401 invalid_token"}
    return pairs.pop()


async def make_reuse_late(system: System, session: Person, pair: Pair, *, by_time: bool) -> Pair:
    """The family's newest pair, once the first token's grace is over: half a minute has passed (in
    the database, where it is counted), or the successor was spent."""
    if by_time and isinstance(system, LocalSystem):
        system.query(
            "UPDATE refresh_tokens SET used_at = used_at - interval '31 s' WHERE session_id ="
            f" (SELECT id FROM sessions WHERE user_id = '{session.id}' ORDER BY id DESC LIMIT 1)"
        )
        return pair
    how, newest = await refresh(session, pair[1])
    assert newest is not None, how
    return newest


async def reuse(clients: list[Person]) -> Counter[str]:
    """Several at once here too: the first ends the family, which the others find ended."""
    asked = (refresh(client, client.refresh_token) for client in (clients * REUSES)[:REUSES])
    codes = Counter(how for how, _ in await asyncio.gather(*asked))
    assert codes.keys() <= {"401 refresh_token_reused", "401 invalid_token"}, codes
    assert codes["401 refresh_token_reused"] >= 1
    return Counter({f"reused {how}": number for how, number in codes.items()})


async def until_closed(system: System, socket: Socket) -> float:
    """Seconds; told why, and held by the gateway no more."""
    began = asyncio.get_running_loop().time()
    async with asyncio.timeout(CLOSED_SECONDS):
        await socket.reading
    took = asyncio.get_running_loop().time() - began
    assert '"session_revoked"' in socket.texts[-1]
    if isinstance(system, LocalSystem):
        assert socket.greeting["data"]["connection_id"] not in system.connections()
    await socket.close()
    return took


async def answers(person: Person) -> bool:
    answer = await person.ask("GET", "/me")
    assert answer.is_success or answer.json()["code"] == "invalid_token", answer.text
    return answer.is_success
