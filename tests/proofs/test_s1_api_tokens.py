"""S1 with API tokens: each route and each socket action, called with a token that has its scope
alone and with one that has every other: only the first is let in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from cgraph.accounts.api_tokens.models import Scope
from tests.conftest import Report
from tests.person import Document, Person
from tests.proofs.broken import Breakable, Mutation
from tests.proofs.expectations import declared_functions
from tests.proofs.route_cases import NOTHING
from tests.system import System

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

FOLDERS = {
    **{name: name for name in ("conversations", "messages", "notifications", "moderation")},
    **{name: name for name in ("forums", "posts", "comments", "votes", "search", "uploads")},
    "people": "profile",
    "sync": "events",
    "realtime": "events",
}
"""The feature of a scope by the folder of the endpoint; the routes of other folders need a session.
Not from the code that decides.
"""

READ_BY_POST = {"sync_streams", "make_ticket", "sign_uploads"}
WRITTEN_BY_FRAMES = {
    **dict.fromkeys(("send", "edit", "delete", "react", "typing"), "messages:write"),
    "read": "conversations:write",
}
WITHOUT_SCOPES = Mutation(
    "layers/cgraph/cgraph/core/scopes.py",
    original="    if granted is not None and scope not in granted:\n",
    replacement="    if granted is not None and not granted:\n",
)


def scopes_of_routes() -> Mapping[str, str | None]:
    """By function; None for a session only."""
    found: dict[str, str | None] = {}
    for name, declared in declared_functions().items():
        method, _, path = declared.operation.partition(" ")
        if not path:
            found[name] = WRITTEN_BY_FRAMES.get(name, "events:read")
        elif declared.policy.signed_in:
            folder = FOLDERS.get(declared.folder)
            is_read = method == "GET" or name in READ_BY_POST
            found[name] = folder and f"{folder}:{'read' if is_read else 'write'}"
    return found


async def test_a_token_is_let_in_where_it_has_the_scope_and_nowhere_else(
    system: System, report: Report
) -> None:
    wrong, calls = await try_all(await system.new_person())
    report("S1 API tokens", routes=len(scopes_of_routes()), scopes=len(Scope), calls=calls)
    assert not wrong, "\n".join(wrong)


async def test_the_proof_fails_where_no_scope_is_required(edged: Breakable) -> None:
    person = await edged.system.new_person()
    async with edged.broken(WITHOUT_SCOPES):
        wrong, _ = await try_all(person, only={"search:read", "messages:write"})
    with pytest.raises(AssertionError, match="list_suggestions"):
        assert not wrong, "\n".join(wrong)
    assert any(line.startswith("send ") for line in wrong)


async def try_all(person: Person, *, only: set[str] | None = None) -> tuple[list[str], int]:
    """What was not as expected, a line each, and the number of calls."""
    routes, every = scopes_of_routes(), {scope.value for scope in Scope}
    assert set(routes.values()) - {None} == every, "a scope opens no route"
    by_scope: dict[tuple[str | None, bool], list[str]] = {}
    for name, scope in routes.items():
        if only is None or scope in only:
            is_frame = " " not in declared_functions()[name].operation
            by_scope.setdefault((scope, is_frame), []).append(name)
    wrong, calls = [], 0
    for (scope, is_frame), names in by_scope.items():
        least = {scope, "events:read"} if is_frame else {scope}  # which opens a socket
        async with tokens(person, own=least & every, others=every - {scope}) as (own, others):
            for name in names:
                if scope is not None and await refused(name, own):
                    wrong.append(f"{name} with {scope}: refused")
                if not await refused(name, others):
                    wrong.append(f"{name} without {scope}: let in")
                calls += 2
    return wrong, calls


@asynccontextmanager
async def tokens(
    person: Person, *, own: set[str | None], others: set[str]
) -> AsyncIterator[tuple[Person, Person]]:
    """The same user with a token of these scopes, and with one of the others."""
    fresh = await person.log_in()
    made: list[Document] = []
    for scopes in (own or others, others):
        draft = {"name": "S1", "scopes": sorted(str(scope) for scope in scopes)}
        made.append(await fresh.request_json("POST", "/me/tokens", body=draft))
    try:
        first, second = (replace(person, access_token=token["token"]) for token in made)
        yield first, second
    finally:
        for token in made:
            await fresh.request_json("DELETE", f"/me/tokens/{token['id']}")


async def refused(name: str, person: Person) -> bool:
    """Whether the scope is missing. A call that is let in finds nothing, or is not valid."""
    method, _, path = declared_functions()[name].operation.partition(" ")
    if not path:
        return await frame_refused(name, person)
    filled = re.sub(r"\{\w+\}", NOTHING, path)
    response = await person.request(method, filled)
    code = response.json().get("code") if response.content else None
    assert response.status_code < 500, (name, response.text)
    return (response.status_code, code) == (403, "scope_missing")


async def frame_refused(name: str, person: Person) -> bool:
    """In a socket that the token has opened, or that it may not open at all."""
    async with AsyncExitStack() as stack:
        if not (await person.request("POST", "/realtime/ticket")).is_success:
            return True
        socket = await person.open_socket()
        stack.push_async_callback(socket.close)
        reply = await socket.call(name, {})
        return bool(reply.get("error", {}).get("code") == "scope_missing")
