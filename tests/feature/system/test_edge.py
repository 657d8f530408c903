"""Functions behind an edge."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import uuid4

import pytest

from tests.feature.world import Answer, Socket, World

KEYS = "1.the-first,1.the-second"


def edge_headers(address: str, *, key: str = "1.the-first") -> Mapping[str, str]:
    return {"x-cgraph-edge": key, "x-cgraph-viewer": address}


@pytest.mark.parametrize("function", ["check_health", "show_limits", "show_me", "log_in"])
async def test_a_request_that_passes_the_edge_by_is_refused_before_anything_else(
    world: World, function: str
) -> None:
    answer = await world.call(
        function, "{not JSON" if function == "log_in" else None, edge_keys=KEYS
    )

    assert answer.refusal == (403, "edge_required")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-correlation-id"]
    assert "ratelimit-remaining" not in answer.headers


async def test_either_key_opens_the_api(world: World) -> None:
    for key in KEYS.split(","):
        headers = edge_headers("203.0.113.7", key=key)
        assert (await world.call("check_health", headers=headers, edge_keys=KEYS)).status == 200


async def test_requests_are_counted_by_the_address_that_the_edge_names(world: World) -> None:
    async def left(viewer: str, **headers: str) -> int:
        sent = {**edge_headers(viewer), **headers}
        answer: Answer = await world.call(
            "show_limits", headers=sent, address="198.51.100.1", edge_keys=KEYS
        )
        return int(answer.headers["ratelimit-remaining"])

    one, two = (f"203.0.{uuid4().int % 250}.{uuid4().int % 250}" for _ in range(2))
    assert await left(one) == 149
    assert await left(one, **{"x-forwarded-for": two}) == 148
    assert await left(two) == 149, "the edge's own address is not what counts"


async def test_a_socket_opens_without_an_edge(world: World) -> None:
    headers = edge_headers("203.0.113.7")
    username = f"edge-{uuid4().hex[:10]}"
    draft = {"username": username, "email": f"{username}@example.org", "password": "a long word"}
    welcome = await world.call("register", draft, headers=headers, edge_keys=KEYS)
    token = {"authorization": f"Bearer {welcome.body['access_token']}"}
    ticket = await world.call("make_ticket", headers={**headers, **token}, edge_keys=KEYS)

    socket = Socket(world, f"socket-{uuid4().hex}")
    assert await socket.connect(ticket.body["ticket"]) == 200
