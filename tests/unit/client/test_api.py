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
from tests.unit.client.small_server import SmallServer


async def test_a_person_logs_in_and_finds_their_conversations(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    for name in ("one", "two", "three"):
        await ada.create_conversation("grace", name=name)
    async with Client(server.url) as again:
        user = await again.log_in("grace", password="correct horse")
        assert user == await again.me()
        names = [c.name async for c in again.all_conversations()]
    assert names == ["one", "two", "three"]


async def test_history_is_oldest_first_and_paged_by_number(ada: Client, grace: Client) -> None:
    talk = await ada.create_conversation("grace")
    sent = [await ada.send(talk.id, f"hello {n}") for n in range(5)]
    assert await grace.history(talk.id) == tuple(sent)
    assert await grace.history(talk.id, before=3) == tuple(sent[:2])
    assert await grace.history(talk.id, after=3) == tuple(sent[3:])


async def test_refusals_are_types_with_a_code(ada: Client, server: SmallServer) -> None:
    with pytest.raises(Conflict) as taken:
        await ada.register("ada", email="ada@example.org", password="correct horse")
    assert (taken.value.code, taken.value.status) == ("username_taken", 409)
    talk = await ada.create_conversation("ada")
    with pytest.raises(Invalid, match="content_too_long"):
        await ada.send(talk.id, "x" * 4_001)
    server.faults.limited = 1
    with pytest.raises(RateLimited) as limited:
        await ada.send(talk.id, "hi")
    assert limited.value.retry_after == 0.02
    assert limited.value.is_passing


async def test_an_answer_that_is_no_problem_document_is_still_an_api_error(
    ada: Client,
) -> None:
    with pytest.raises(ApiError, match="404 http_404: Not Found"):
        await ada.ask("GET", "/nowhere")


async def test_a_server_that_is_away_is_unreachable(server: SmallServer) -> None:
    async with Client("http://127.0.0.1:9") as client:
        with pytest.raises(Unreachable, match=r"POST http://127\.0\.0\.1:9/auth/login"):
            await client.log_in("ada", password="x")


async def test_many_requests_renew_an_expired_session_once(server: SmallServer) -> None:
    server.faults.access_seconds = -1
    kept: list[Session | None] = []
    async with Client(server.url, on_session=kept.append) as client:
        await client.register("ada", email="a@example.org", password="correct horse")
        server.faults.access_seconds = 3_600
        people = await asyncio.gather(*(client.me() for _ in range(20)))
        assert {person.username for person in people} == {"ada"}
        assert server.counts["POST /auth/refresh"] == 1
        assert kept[-1] is client.session


async def test_a_session_near_its_end_is_renewed_before_it_is_used(
    server: SmallServer, ada: Client
) -> None:
    assert ada.session is not None
    old = Session.read(
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


async def test_who_gives_up_during_a_renewal_does_not_lose_the_new_pair(
    server: SmallServer,
) -> None:
    server.faults.access_seconds = -1
    async with Client(server.url) as client:
        await client.register("ada", email="a@example.org", password="correct horse")
        server.faults.access_seconds = 3_600
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.015):
                await client.me()
        assert (await client.me()).username == "ada"
        assert server.counts["POST /auth/refresh"] == 1


async def test_a_session_that_ended_says_so(server: SmallServer, ada: Client) -> None:
    server.world.refresh.clear()
    server.world.access = {token: (who, 0.0) for token, (who, _) in server.world.access.items()}
    with pytest.raises(Unauthenticated, match="session_ended"):
        await ada.me()
    assert ada.session is None
