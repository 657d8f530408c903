"""A socket that goes on after it was refused is closed: refusing costs as much as answering."""

from __future__ import annotations

from cgraph.limits import SOCKET
from cgraph.realtime.connections import FLOOD
from tests.feature.world import Person


async def test_a_flood_ends_the_socket_and_no_other(ada: Person) -> None:
    flooding, other = await ada.open_socket(), await ada.open_socket()
    codes = []
    while "authentication_required" not in codes:
        reply = await flooding.say("ping", {})
        codes.append(reply["error"]["code"] if reply["type"] == "ack" else "pong")
        assert len(codes) < 2 * (SOCKET.burst + FLOOD)
    assert codes.count("rate_limited") == FLOOD

    told = {"type": "closing", "data": {"reason": "rate_limited"}}
    assert flooding.received() == [told]
    assert (await other.say("ping", {}))["type"] == "pong"
