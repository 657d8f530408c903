"""The OpenSearch of the local cloud: what ends comes back, and nothing stays."""

from __future__ import annotations

import asyncio
import json
import time
import urllib.request
from pathlib import Path
from typing import Any

import psutil
import pytest

from cgraph_local.core.home import Home
from cgraph_local.core.progress import Progress
from cgraph_local.services import ServiceFailed, Services, opensearch
from cgraph_local.services.outage import kill
from tests.search_engines import skip_without_assembly
from tests.shared_folder import shared_folder

STOP_SECONDS = 2.0


def ask(url: str, method: str, path: str, body: object = None) -> Any:
    request = urllib.request.Request(f"{url}{path}", method=method)
    request.add_header("content-type", "application/json")
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(request, data) as answer:
        return json.load(answer)


@pytest.mark.usefixtures("only_in_full")
async def test_it_comes_back_with_its_data_and_stops_at_once() -> None:
    skip_without_assembly()
    home = Home(shared_folder() / "opensearch-service")
    services = Services(home, only=["opensearch"])
    with home.lock():
        url = (await services.start(Progress(stream=None))).opensearch_url
        try:
            ask(url, "PUT", "/a/_doc/1?refresh=true", {"text": "running"})
            first = services.pid("opensearch")
            kill(home, "opensearch")
            await _wait_for_another(services, first)
            found = ask(url, "GET", "/a/_search?q=text:running")
            assert found["hits"]["total"]["value"] == 1
            last = services.pid("opensearch")
        finally:
            began = time.monotonic()
            await services.stop()
    assert time.monotonic() - began < STOP_SECONDS
    assert last is not None and not psutil.pid_exists(last)


async def _wait_for_another(services: Services, pid: int | None) -> None:
    limit = time.monotonic() + 120
    while services.pid("opensearch") in (pid, None) or not _is_ready(services):
        assert time.monotonic() < limit
        await asyncio.sleep(0.1)


def _is_ready(services: Services) -> bool:
    try:
        health = ask(services.endpoints().opensearch_url, "GET", "/_cluster/health/a")
    except OSError:
        return False
    return bool(health["status"] != "red")


async def test_a_home_that_is_closed_to_its_user_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When root starts it, as another user."""
    skip_without_assembly()
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(opensearch, "service_user", lambda *_, **__: "nobody")
    service = opensearch.OpenSearch(Home(closed / "home"))
    with pytest.raises(ServiceFailed, match=r"nobody.*closed.*CGRAPH_HOME"):
        await service.command()
