"""A page in a real browser that tries to reach the local cloud: only pages of this machine may."""

from __future__ import annotations

import json
from dataclasses import dataclass
from uuid import uuid4

import pytest

from tests.browser.chromium import FOLDER, find_chromium, open_page
from tests.conftest import Report
from tests.system import LocalSystem


@dataclass(frozen=True, slots=True)
class Traces:
    """How often each function has run, and what a page might leave behind."""

    functions: dict[str, int]
    users: int
    sockets: set[str]
    faults: dict[str, int]
    keys: int


@pytest.fixture(scope="module")
def chromium() -> str:
    return find_chromium()


@pytest.mark.parametrize("origin", ["http://evil.example", "http://rebound.example"])
def test_a_page_of_another_origin_makes_the_local_cloud_do_nothing(
    local: LocalSystem, chromium: str, origin: str, report: Report
) -> None:
    """The name of the second one leads to 127.0.0.1: to the browser it is the gateway itself."""
    is_rebound = origin == "http://rebound.example"
    address = f"{origin}:{local.port}/" if is_rebound else f"{origin}/"
    before = traces(local)
    outcomes = visit(local, chromium, address, is_rebound=is_rebound)
    assert traces(local) == before, outcomes
    assert all(outcome in REFUSED for outcome in outcomes.values() if isinstance(outcome, int))
    report(f"A page of {origin}", attempts=len(outcomes), functions_run=0)


def test_the_same_page_of_this_machine_reaches_functions(local: LocalSystem, chromium: str) -> None:
    """Otherwise the test above would pass for a page that does not work."""
    before = traces(local)
    visit(local, chromium, "http://127.0.0.1:3000/", is_rebound=False)
    after = traces(local)
    ran = {name for name, times in after.functions.items() if times != before.functions.get(name)}
    assert {"Register", "CheckHealth", "CheckReadiness", "ListForums"} <= ran


REFUSED = (0, 403)
"""0: the browser hides the answer from the page."""


def visit(
    local: LocalSystem, chromium: str, address: str, *, is_rebound: bool
) -> dict[str, object]:
    """How each attempt of the page ended for it."""
    endpoints = local.endpoints
    ports = {
        "gateway": local.port,
        "emulator": endpoints.emulator_port,
        "valkey": endpoints.valkey_port,
        "postgres": endpoints.postgres_port,
        "rebound": is_rebound,
        "username": f"page-{uuid4().hex[:8]}",
    }
    page = (FOLDER / "hostile.html").read_text().replace("PORTS", json.dumps(ports), 1)
    return open_page(chromium, address, page)


def traces(local: LocalSystem) -> Traces:
    with local.valkey() as valkey:
        keys = int(valkey.exists("evil"))
    functions = {
        name: int(each["invocations"])
        for name, each in local.statistics().items()
        if name not in BY_ITSELF
    }
    users = local.count("SELECT count(*) FROM users")
    return Traces(functions, users, local.connections(), local.fault_counts(), keys)


BY_ITSELF = (
    *("MakeNotifications", "StartDeliveries", "DeliverNotifications", "SendWebPush", "SendMail"),
    *("MakePreviews", "FetchPreviews", "SweepUploads"),
    *("MaintainSockets", "MakePartitions", "ExpireNonces", "ExpireRanks"),
    *("NudgeConsumers", "WatchConsumers", "IndexDocuments", "PushEvents", "FlushEvents"),
)
"""Functions that run without a client."""
