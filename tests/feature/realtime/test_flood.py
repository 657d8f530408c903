"""A socket that goes on after it was refused is closed: refusing costs as much as answering."""

from __future__ import annotations

from cgraph.core.limits import SOCKET
from cgraph.realtime.connections import FLOOD_REFUSALS, LOCKOUT_SECONDS
from tests.feature.world import Person, Socket


async def test_a_flood_of_frames_closes_the_socket_and_no_other(ada: Person) -> None:
    flooding, other = await ada.open_socket(), await ada.open_socket()
    codes = []
    while "authentication_required" not in codes:
        reply = await flooding.say("ping", {})
        codes.append(reply["error"]["code"] if reply["type"] == "ack" else "pong")
        assert len(codes) < 2 * (SOCKET.burst + FLOOD_REFUSALS)
    assert codes.count("rate_limited") == FLOOD_REFUSALS

    told = {"type": "closing", "data": {"reason": "rate_limited", "retry_after_ms": 60_000}}
    assert flooding.received() == [told]
    assert (await other.say("ping", {}))["type"] == "pong"


async def test_the_session_of_a_flood_gets_no_socket_for_a_while(
    ada: Person, grace: Person
) -> None:
    flooding = await ada.open_socket()
    early = (await ada.call("make_ticket")).body["ticket"]
    while (await flooding.say("ping", {})).get("error", {}).get("status") != 401:
        pass

    refused = await ada.call("make_ticket")
    assert refused.refusal == (429, "rate_limited")
    assert 0 < int(refused.headers["retry-after"]) <= LOCKOUT_SECONDS + 1
    assert await Socket(ada.world, "with-an-early-ticket").connect(early) == 429
    assert (await grace.call("make_ticket")).status == 201
