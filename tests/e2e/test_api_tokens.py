"""The reference client and the terminal with an API token, against the running system."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from cgraph_client import Client, Forbidden, Unauthenticated
from tests.command import run_command
from tests.person import PASSWORD
from tests.system import LocalSystem

CHAT = (
    *("events:read", "profile:read", "conversations:read", "conversations:write"),
    *("messages:read", "messages:write", "notifications:read"),
)


async def test_a_program_with_a_token_sends_and_gets_what_its_scopes_allow(
    local: LocalSystem,
) -> None:
    (ada, _), conversation = await local.group(2)
    async with Client(local.url) as owner:
        await owner.log_in(ada.username, password=PASSWORD)
        created = await owner.create_api_token("a program", scopes=CHAT, expires_in_days=1)
        assert created.token is not None
        async with Client(local.url, token=created.token) as program:
            async with program.connect() as connection, asyncio.timeout(60):
                message = await program.send(conversation, "from a program")
                async for change in connection:
                    if getattr(getattr(change, "message", None), "id", None) == message.id:
                        break
            with pytest.raises(Forbidden, match="scope"):
                await program.change_me(bio="written by a program")
            content = f"from a script {uuid4().hex}"
            done = await asyncio.to_thread(
                run_command,
                local.home.path,
                ["chat", conversation],
                port=local.port,
                stdin=f"{content}\n",
                CGRAPH_TOKEN=created.token,
            )
            assert done.returncode == 0, done.stderr
            assert content in [each.content for each in await owner.history(conversation)]
            await owner.delete_api_token(created.id)
            with pytest.raises(Unauthenticated):
                await program.me()
