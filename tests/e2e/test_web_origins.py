"""A page in a real browser on the origin that the local cloud admits, and pages on others."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from tests.browser.chromium import FOLDER, find_chromium, open_page
from tests.prepared_home import start_prepared
from tests.system import LocalSystem

ADMITTED, OTHER = "http://app.example", "http://other.example"
WITH_PASSKEYS = "http://localhost:4173"
"""A browser has passkeys on secure pages only, and on those of localhost."""

FAILED = "TypeError: Failed to fetch"


@pytest.fixture(scope="module")
def chromium() -> str:
    return find_chromium()


@pytest.fixture(scope="module")
def admitting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalSystem]:
    folder = tmp_path_factory.mktemp("admitting") / "home"
    system = start_prepared(folder, CGRAPH_WEB_ORIGINS=f"{ADMITTED},{WITH_PASSKEYS}")
    yield system
    system.stop()


def test_a_page_of_the_admitted_origin_uses_the_api_and_sockets(
    admitting: LocalSystem, chromium: str
) -> None:
    outcomes = visit(admitting, chromium, ADMITTED)
    username = outcomes.pop("username")
    assert outcomes == {
        "register": 201,
        "me": {"username": username, "limit": "300", "correlation": "from-the-page"},
        "refusal": "invalid_token",
        "change": 200,
        "socket": "hello",
        "socket_without_ticket": "Error: closed by 1006",
    }


@pytest.mark.parametrize("origin", [OTHER, "http://localhost:5173", "http://app.example:8080"])
def test_a_page_of_any_other_origin_gets_nothing(
    admitting: LocalSystem, chromium: str, origin: str
) -> None:
    outcomes = visit(admitting, chromium, origin)
    assert {outcomes[name] for name in ("register", "me", "refusal", "change", "socket")} == {
        FAILED
    }
    assert outcomes["socket_without_ticket"] == "Error: closed by 1006"


def test_a_page_adds_a_passkey_and_logs_in_with_it(admitting: LocalSystem, chromium: str) -> None:
    outcomes = visit(admitting, chromium, WITH_PASSKEYS, page="passkeys.html")
    outcomes.pop("username")
    assert outcomes == {
        "create": [201, "Chromium"],
        "again": "InvalidStateError",
        "log_in": [200, True],
        "replay": "401 invalid_passkey",
        "second_factor": ["401 second_factor_required", 200],
        "confirm": 204,
    }


def test_preflight_requests_are_answered_for_the_admitted_origin_only(
    admitting: LocalSystem,
) -> None:
    headers = preflight(admitting, ADMITTED)
    assert headers["access-control-allow-origin"] == ADMITTED
    assert set(headers["access-control-allow-methods"].split(",")) >= {"PUT", "PATCH", "DELETE"}
    assert "authorization" in headers["access-control-allow-headers"].split(",")
    assert headers["access-control-max-age"] == "7200"
    assert "access-control-allow-credentials" not in headers
    for other in (OTHER, "http://localhost:5173"):
        refused = preflight(admitting, other)
        assert not [name for name in refused if name.startswith("access-control-")]


def test_by_default_no_origin_is_admitted(local: LocalSystem) -> None:
    headers = preflight(local, "http://localhost:5173")
    assert not [name for name in headers if name.startswith("access-control-")]


def preflight(system: LocalSystem, origin: str) -> httpx.Headers:
    asks = {"origin": origin, "access-control-request-method": "PUT"}
    return httpx.options(f"{system.url}/me", headers=asks, trust_env=False).headers


def visit(
    system: LocalSystem, chromium: str, origin: str, *, page: str = "client.html"
) -> dict[str, object]:
    """How each step of the page ended for it, and the name that it registers."""
    settings = {"gateway": system.url, "username": f"page-{uuid4().hex[:8]}"}
    text = (FOLDER / page).read_text().replace("SETTINGS", json.dumps(settings), 1)
    return {**open_page(chromium, f"{origin}/", text), "username": settings["username"]}
