"""S5 behind an edge: what a client says about its address, or about having come through the edge,
counts for nothing, and the API's own address answers nobody.
"""

from __future__ import annotations

import sys

import httpx
import pytest

from cgraph_local.core.credentials import Credentials
from tests.conftest import Report
from tests.proofs.broken import Breakable, Mutation
from tests.system import LocalSystem

ATTEMPTS = 10
NO_KEY_NEEDED = Mutation(
    file="layers/cgraph/cgraph/core/addresses.py",
    original="if not any(known) or not _is_address(address):",
    replacement="if not _is_address(address):",
)

several_addresses = pytest.mark.skipif(
    sys.platform != "linux", reason="other systems have one loopback address"
)


@several_addresses
async def test_forged_headers_give_no_attempts_and_no_way_around_the_edge(
    edged: Breakable, report: Report
) -> None:
    system = edged.system
    owner = (await system.new_person()).username
    attacker, elsewhere = (system.new_http_from(f"127.0.3.{place}") for place in (1, 2))
    statuses = [
        await status(attacker, owner, headers=forged(number)) for number in range(2 * ATTEMPTS)
    ]
    key = Credentials.of(system.home).edge_key
    passed_by = [
        await status(attacker, owner, headers={**headers, **origin(system)})
        for headers in (forged(1), {}, {"x-cgraph-edge": key}, {"x-cgraph-edge": f"{key},"})
    ]
    assert statuses == [401] * ATTEMPTS + [429] * ATTEMPTS
    assert passed_by == [403] * 4
    assert await status(elsewhere, owner) == 401, "another address has attempts of its own"
    report("S5 behind an edge", tried=ATTEMPTS, refused=ATTEMPTS, passed_by=len(passed_by))


@several_addresses
@pytest.mark.usefixtures("only_in_full")
async def test_the_proof_fails_where_the_edge_needs_no_key(edged: Breakable) -> None:
    async with edged.broken(NO_KEY_NEEDED) as system:
        owner = (await system.new_person()).username
        attacker = system.new_http_from("127.0.3.3")
        statuses = [
            await status(attacker, owner, headers={**forged(number), **origin(system)})
            for number in range(2 * ATTEMPTS)
        ]
    assert statuses.count(401) > ATTEMPTS, "each forged address has attempts of its own"


def forged(number: int) -> dict[str, str]:
    address = f"203.0.113.{number}"
    return {
        "x-cgraph-viewer": address,
        "x-cgraph-edge": f"1.{number}",
        "cloudfront-viewer-address": f"{address}:443",
        "x-forwarded-for": address,
        "forwarded": f"for={address}",
        "x-real-ip": address,
    }


def origin(system: LocalSystem) -> dict[str, str]:
    """The Host of the API's own address."""
    return {"host": f"origin.localhost:{system.port}"}


async def status(
    http: httpx.AsyncClient, login: str, *, headers: dict[str, str] | None = None
) -> int:
    body = {"login": login, "password": "a guess"}
    return (await http.post("/auth/login", json=body, headers=headers)).status_code
