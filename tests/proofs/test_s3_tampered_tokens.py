"""S3: tokens tampered with in 40 ways and more, on every route that asks for one; none accepted."""

from __future__ import annotations

from collections import Counter

import pytest
from websockets.exceptions import InvalidStatus

from tests.conftest import Report, Size
from tests.person import PASSWORD, Person, Socket
from tests.proofs.tampered import Shown, all_of, altered
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
    system: System, limited: LocalSystem, size: Size, report: Report
) -> None:
    owner, stranger, foreigner = (
        await system.new_person(),
        await system.new_person(),
        await limited.new_person(),
    )
    spent = {
        "of another environment": foreigner.access_token,
        "logged out": await logged_out(owner),
        "refreshed": await refreshed(owner),
    }
    if isinstance(system, LocalSystem):
        spent["expired"] = await expired(system, owner)
    ticket = (await owner.ticket())["ticket"]
    kinds = list(all_of(owner, stranger=stranger, spent=spent, ticket=ticket))
    routes = ROUTES[: size(3, len(ROUTES))]
    outcomes: Counter[str] = Counter()
    for shown in kinds:
        for route in routes:
            outcome = await show(owner, shown, route)
            assert outcome in REFUSALS, f"{shown.kind}: {route[0]} {route[1]} answered {outcome}"
            outcomes[outcome] += 1
    report("S3 tampered tokens", kinds=len(kinds), routes=len(routes), **outcomes)
    assert len({shown.kind for shown in kinds}) == len(kinds) >= 40
    assert outcomes["401 token_expired"] == ("expired" in spent) * len(routes)
    assert (await owner.get("/me"))["bio"] == "", "the good token is good, and changed nothing"


async def test_no_tampered_refresh_token_is_accepted(system: System) -> None:
    owner, stranger = await system.new_person(), await system.new_person()
    tokens = [
        *altered(owner.refresh_token, stranger=stranger.refresh_token),
        ("an access token", owner.access_token),
        ("an access token's secret", f"cgr{owner.access_token[3:]}"),
        ("logged out", await logged_out(owner, kind="refresh_token")),
    ]
    for kind, token in tokens:
        answer = await owner.http.post("/auth/refresh", json={"refresh_token": token})
        outcome = answer.status_code, answer.json()["code"]
        assert outcome in {(401, "invalid_token"), (422, "validation_failed")}, (kind, outcome)
    answer = await owner.http.post("/auth/refresh", json={"refresh_token": owner.refresh_token})
    assert answer.status_code == 200, "the good token is good"


async def test_no_tampered_ticket_opens_a_socket(system: System) -> None:
    owner = await system.new_person()
    address, _, ticket = (await owner.ticket())["url"].partition("?ticket=")
    wrong = [
        ticket[:-1],
        ticket[1:],
        f"{ticket}0",
        ticket.upper(),
        f"cgt_{'0' * 48}",
        owner.access_token,
        owner.refresh_token,
        "",
        "%00",
        "a" * 4000,
    ]
    for text in [f"?ticket={one}" for one in wrong] + ["", f"?token={ticket}"]:
        with pytest.raises(InvalidStatus) as refused:
            await Socket.open(f"{address}{text}")
        assert refused.value.response.status_code in (400, 401, 403), text
    socket = await Socket.open(f"{address}?ticket={ticket}")
    await socket.close()


async def show(owner: Person, shown: Shown, route: tuple[str, str, object]) -> str:
    method, path, body = route
    answer = await owner.http.request(
        method,
        path,
        headers={name.encode(): value.encode() for name, value in shown.headers.items()},
        params=shown.query,
        json=body,
    )
    return f"{answer.status_code} {answer.json().get('code')}"


async def log_in(person: Person) -> dict[str, str]:
    account = {"login": person.username, "password": PASSWORD}
    answer = await person.http.post("/auth/login", json=account)
    assert answer.is_success, answer.text
    return dict(answer.json())


async def logged_out(person: Person, *, kind: str = "access_token") -> str:
    session = await log_in(person)
    headers = {"authorization": f"Bearer {session['access_token']}"}
    assert (await person.http.get("/me", headers=headers)).is_success
    assert (await person.http.post("/auth/logout", headers=headers)).is_success
    return session[kind]


async def refreshed(person: Person) -> str:
    """The access token that a refresh has replaced."""
    session = await log_in(person)
    body = {"refresh_token": session["refresh_token"]}
    assert (await person.http.post("/auth/refresh", json=body)).is_success
    return session["access_token"]


async def expired(system: LocalSystem, person: Person) -> str:
    """An hour in a moment: moved back where the hour is kept."""
    session = await log_in(person)
    system.query(
        f"UPDATE sessions SET access_expires_at = now() - interval '1 s' WHERE id ="
        f" (SELECT id FROM sessions WHERE user_id = '{person.id}' ORDER BY id DESC LIMIT 1)"
    )
    return session["access_token"]
