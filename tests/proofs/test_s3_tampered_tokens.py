"""S3: tokens tampered with in more than 40 ways, on routes that need one: none is accepted."""

from __future__ import annotations

from collections import Counter

import pytest
from websockets.exceptions import InvalidStatus

from tests.conftest import Report, Size
from tests.person import Person, Socket
from tests.proofs.tampered_tokens import Credential, altered, tampered_credentials
from tests.system import LocalSystem, System

NOBODY = "00000000-0000-7000-8000-000000000000"
ROUTES: tuple[tuple[str, str, object], ...] = (
    ("GET", "/me", None),
    ("POST", "/messages", {"conversation_id": NOBODY, "content": "let me in"}),
    ("POST", "/realtime/ticket", None),
    ("PATCH", "/me", {"bio": "tampered"}),
    ("GET", "/users/ada", None),
    ("GET", "/conversations", None),
    ("POST", "/conversations", {"kind": "group", "members": []}),
    ("GET", f"/conversations/{NOBODY}", None),
    ("GET", f"/conversations/{NOBODY}/messages", None),
    ("PUT", f"/conversations/{NOBODY}/read", {"seq": 1}),
    ("POST", "/sync", {"cursors": {}}),
    ("POST", "/auth/logout", None),
)
REFUSALS = {"401 authentication_required", "401 invalid_token", "401 token_expired"}


async def test_no_tampered_token_is_accepted(
    system: System, rate_limited: LocalSystem, size: Size, report: Report
) -> None:
    owner, stranger, foreigner = (
        await system.new_person(),
        await system.new_person(),
        await rate_limited.new_person(),
    )
    spent = {
        "of another environment": foreigner.access_token,
        "logged out": (await logged_out(owner)).access_token,
        "refreshed": await refreshed(owner),
    }
    if isinstance(system, LocalSystem):
        spent["expired"] = await expired(system, owner)
    ticket = (await owner.make_ticket())["ticket"]
    credentials = list(tampered_credentials(owner, stranger=stranger, spent=spent, ticket=ticket))
    routes = ROUTES[: size(3, len(ROUTES))]
    outcomes: Counter[str] = Counter()
    for credential in credentials:
        for route in routes:
            outcome = await call(owner, credential, route)
            assert outcome in REFUSALS, f"{credential.kind}: {route[0]} {route[1]}: {outcome}"
            outcomes[outcome] += 1
    report("S3 tampered tokens", kinds=len(credentials), routes=len(routes), **outcomes)
    assert len({each.kind for each in credentials}) == len(credentials) >= 40
    assert outcomes["401 token_expired"] == ("expired" in spent) * len(routes)
    assert (await owner.get("/me"))["bio"] == "", (
        "the valid token is still valid, and nothing has changed"
    )


async def test_no_tampered_refresh_token_is_accepted(system: System) -> None:
    owner, stranger = await system.new_person(), await system.new_person()
    tokens = [
        *altered(owner.refresh_token, stranger=stranger.refresh_token),
        ("an access token", owner.access_token),
        ("an access token's secret", f"cgr{owner.access_token[3:]}"),
        ("logged out", (await logged_out(owner)).refresh_token),
    ]
    for kind, token in tokens:
        response = await owner.http.post("/auth/refresh", json={"refresh_token": token})
        outcome = response.status_code, response.json()["code"]
        assert outcome in {(401, "invalid_token"), (422, "validation_failed")}, (kind, outcome)
    response = await owner.http.post("/auth/refresh", json={"refresh_token": owner.refresh_token})
    assert response.status_code == 200, "the valid token is still valid"


async def test_no_tampered_ticket_opens_a_socket(system: System) -> None:
    owner = await system.new_person()
    address, _, ticket = (await owner.make_ticket())["url"].partition("?ticket=")
    wrong = [
        ticket[:-1],
        ticket[1:],
        f"{ticket}0",
        ticket.upper(),
        f"cgt_{'0' * 48}",
        f"{ticket[:-64]}{'0' * 64}",
        owner.access_token,
        owner.refresh_token,
        "",
        "%00",
        "a" * 4000,
    ]
    for text in [f"?ticket={each}" for each in wrong] + ["", f"?token={ticket}"]:
        with pytest.raises(InvalidStatus) as refused:
            await Socket.open(f"{address}{text}")
        assert refused.value.response.status_code in (400, 401, 403), text
    socket = await Socket.open(f"{address}?ticket={ticket}")
    await socket.close()


async def call(owner: Person, credential: Credential, route: tuple[str, str, object]) -> str:
    method, path, body = route
    response = await owner.http.request(
        method,
        path,
        headers={name.encode(): value.encode() for name, value in credential.headers.items()},
        params=credential.query,
        json=body,
    )
    return f"{response.status_code} {response.json().get('code')}"


async def logged_out(person: Person) -> Person:
    session = await person.log_in()
    await session.get("/me")
    await session.request_json("POST", "/auth/logout")
    return session


async def refreshed(person: Person) -> str:
    """The access token that two refreshes have replaced; after one it has a grace period."""
    session = await person.log_in()
    token = session.refresh_token
    for _ in range(2):
        response = await person.http.post("/auth/refresh", json={"refresh_token": token})
        assert response.is_success
        token = response.json()["refresh_token"]
    return session.access_token


async def expired(system: LocalSystem, person: Person) -> str:
    """Its expiry is moved into the past, in the database."""
    session = await person.log_in()
    system.query(
        f"UPDATE sessions SET access_expires_at = now() - interval '1 s' WHERE id ="
        f" (SELECT id FROM sessions WHERE user_id = '{person.id}' ORDER BY id DESC LIMIT 1)"
    )
    return session.access_token
