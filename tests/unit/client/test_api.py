from __future__ import annotations

import asyncio

import pytest

from cgraph_client import (
    ApiError,
    Client,
    Conflict,
    Invalid,
    RateLimited,
    Session,
    Unauthenticated,
    Unreachable,
)
from tests.unit.client.fake_server.server import FakeServer


async def test_a_user_logs_in_and_lists_their_conversations(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    for name in ("one", "two", "three"):
        await ada.create_conversation("grace", name=name)
    async with Client(server.url) as again:
        user = await again.log_in("grace", password="correct horse")
        assert user == await again.me()
        names = [c.name async for c in again.all_conversations()]
    assert names == ["one", "two", "three"]


async def test_history_is_oldest_first_and_paged_by_number(ada: Client, grace: Client) -> None:
    conversation = await ada.create_conversation("grace")
    sent = [await ada.send(conversation.id, f"hello {n}") for n in range(5)]
    assert await grace.history(conversation.id) == tuple(sent)
    assert await grace.history(conversation.id, before=3) == tuple(sent[:2])
    assert await grace.history(conversation.id, after=3) == tuple(sent[3:])


async def test_refusals_are_raised_as_types_with_a_code(ada: Client, server: FakeServer) -> None:
    with pytest.raises(Conflict) as taken:
        await ada.register("ada", email="ada@example.org", password="correct horse")
    assert (taken.value.code, taken.value.status) == ("username_taken", 409)
    conversation = await ada.create_conversation("ada")
    with pytest.raises(Invalid, match="content_too_long"):
        await ada.send(conversation.id, "x" * 4_001)
    server.faults.limited_sends = 1
    with pytest.raises(RateLimited) as limited:
        await ada.send(conversation.id, "hi")
    assert limited.value.retry_after == 0.02
    assert limited.value.is_transient


async def test_an_error_without_a_problem_document_is_an_api_error_too(
    ada: Client,
) -> None:
    with pytest.raises(ApiError, match="404 http_404: Not Found"):
        await ada.request("GET", "/nowhere")


async def test_a_server_that_is_down_raises_unreachable(server: FakeServer) -> None:
    async with Client("http://127.0.0.1:9") as client:
        with pytest.raises(Unreachable, match=r"POST http://127\.0\.0\.1:9/auth/login"):
            await client.log_in("ada", password="x")


async def test_concurrent_requests_refresh_an_expired_session_once(server: FakeServer) -> None:
    server.faults.access_token_seconds = -1
    kept: list[Session | None] = []
    async with Client(server.url, on_session=kept.append) as client:
        await client.register("ada", email="a@example.org", password="correct horse")
        server.faults.access_token_seconds = 3_600
        people = await asyncio.gather(*(client.me() for _ in range(20)))
        assert {person.username for person in people} == {"ada"}
        assert server.counts["POST /auth/refresh"] == 1
        assert kept[-1] is client.session


async def test_a_session_that_expires_soon_is_refreshed_before_the_request(
    server: FakeServer, ada: Client
) -> None:
    assert ada.session is not None
    old = Session.from_json(
        {
            "access_token": ada.session.access_token,
            "refresh_token": ada.session.refresh_token,
            "expires_in": 20,
        }
    )
    async with Client(server.url, session=old) as client:
        await client.me()
        assert server.counts["POST /auth/refresh"] == 1
        assert server.counts["GET /me"] == 1


async def test_a_caller_that_is_cancelled_during_a_refresh_does_not_lose_the_new_tokens(
    server: FakeServer,
) -> None:
    server.faults.access_token_seconds = -1
    async with Client(server.url) as client:
        await client.register("ada", email="a@example.org", password="correct horse")
        server.faults.access_token_seconds = 3_600
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.015):
                await client.me()
        assert (await client.me()).username == "ada"
        assert server.counts["POST /auth/refresh"] == 1


async def test_a_request_with_an_ended_session_raises_unauthenticated(
    server: FakeServer, ada: Client
) -> None:
    server.state.refresh_tokens.clear()
    for token, (user_id, _) in server.state.access_tokens.items():
        server.state.access_tokens[token] = (user_id, 0.0)
    with pytest.raises(Unauthenticated, match="session_ended"):
        await ada.me()
    assert ada.session is None
