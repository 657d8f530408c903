"""Several clients with one session, as the tabs of a browser have it."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cgraph_client import Client, FileSessionStore, ProtocolError, SavedLogin, Unauthenticated
from tests.unit.client.fake_server.server import FakeServer


@pytest.fixture
async def tabs(server: FakeServer, tmp_path: Path) -> AsyncIterator[list[Client]]:
    """Three clients with one file. The first has logged in."""
    async with AsyncExitStack() as stack:
        path = tmp_path / "session.json"
        first = Client(server.url, store=FileSessionStore(path))
        await stack.enter_async_context(first)
        await first.register("ada", email="a@example.org", password="correct horse")
        others = [Client(server.url, store=FileSessionStore(path)) for _ in range(2)]
        yield [first, *[await stack.enter_async_context(each) for each in others]]


def expire(path: Path) -> None:
    store = FileSessionStore(path)
    login = store.load()
    assert login.session is not None
    store.save(replace(login, session=replace(login.session, expires_at=datetime.now(UTC))))


async def test_clients_with_one_store_share_a_log_in(tabs: list[Client]) -> None:
    assert {(await tab.me()).username for tab in tabs} == {"ada"}


async def test_of_several_clients_that_find_the_token_expired_one_refreshes_it(
    server: FakeServer, tabs: list[Client]
) -> None:
    for token, (user_id, _) in server.state.access_tokens.items():
        server.state.access_tokens[token] = (user_id, 0.0)
    await asyncio.gather(*(tab.me() for tab in tabs * 3))

    assert server.counts["POST /auth/refresh"] == 1
    assert len({tab.session.access_token for tab in tabs if tab.session}) == 1


async def test_a_client_whose_token_was_replaced_elsewhere_uses_the_new_one(
    server: FakeServer, tabs: list[Client]
) -> None:
    first, second, _ = tabs
    assert first.session is not None
    old = first.session.access_token
    await first._session.refresh(first.session)
    del server.state.access_tokens[old]  # its grace period is over

    assert (await second.me()).username == "ada"
    assert server.counts["POST /auth/refresh"] == 1


async def test_a_client_whose_session_has_ended_everywhere_raises(
    server: FakeServer, tabs: list[Client]
) -> None:
    server.state.access_tokens.clear()
    server.state.refresh_tokens.clear()
    for tab in tabs:
        with pytest.raises(Unauthenticated):
            await tab.me()


async def test_the_next_run_goes_on_with_the_session(server: FakeServer, tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    async with Client(server.url, store=FileSessionStore(path)) as client:
        await client.register("ada", email="a@example.org", password="correct horse")
    expire(path)
    async with Client(server.url, store=FileSessionStore(path)) as client:
        assert (await client.me()).username == "ada"
    assert server.counts["POST /auth/refresh"] == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


async def test_a_device_stays_known_after_a_log_out(server: FakeServer, tabs: list[Client]) -> None:
    await tabs[0].log_out()
    await tabs[1].log_in("ada", password="correct horse")

    (user,) = server.state.users.values()
    assert server.state.device_tokens == [f"cgd_{user['id']}"]


def test_a_file_with_other_content_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    store = FileSessionStore(path)
    assert store.load() == SavedLogin()
    for text in ("", "[]", "{}", '{"session": {}, "device_token": null}'):
        path.write_text(text)
        with pytest.raises(ProtocolError):
            store.load()


async def test_the_lock_of_a_client_that_was_killed_is_free(tmp_path: Path) -> None:
    path = tmp_path / "session.json"
    killed = await asyncio.create_subprocess_exec(
        "python3", "-c",
        f"import fcntl, time; f = open({str(path) + '.lock'!r}, 'a');"
        " fcntl.flock(f, fcntl.LOCK_EX); print('locked', flush=True); time.sleep(60)",
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert killed.stdout is not None
    await killed.stdout.readline()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1), FileSessionStore(path).exclusive():
            pass
    killed.kill()
    async with asyncio.timeout(30), FileSessionStore(path).exclusive():
        pass
    await killed.wait()
