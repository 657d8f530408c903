"""Two people and a conversation, so that a newcomer has somebody to talk to."""

import asyncio
from typing import Any

import aiohttp

PEOPLE = ("ada", "grace")
PASSWORD = "correct horse battery"  # noqa: S105 (of two people who exist on this machine only)


class DemoFailed(Exception):
    """The API answered what it should not."""


async def make_demo(address: str) -> None:
    """Does nothing to people and a conversation that are there already."""
    async with aiohttp.ClientSession(address) as session:
        tokens = await asyncio.gather(*(_welcome(session, name) for name in PEOPLE))
        conversation = {"kind": "direct", "members": [PEOPLE[1]]}
        await _post(session, "/conversations", conversation, token=tokens[0], accept={200, 201})
        for token in tokens:
            await _post(session, "/auth/logout", {}, token=token, accept={200, 204})


async def _welcome(session: aiohttp.ClientSession, name: str) -> str:
    credentials = {"login": name, "password": PASSWORD}
    answer = await _post(session, "/auth/login", credentials, accept={200, 401})
    if "access_token" not in answer:
        person = {"username": name, "email": f"{name}@example.org", "password": PASSWORD}
        answer = await _post(session, "/auth/register", person, accept={201})
    return str(answer["access_token"])


async def _post(
    session: aiohttp.ClientSession,
    path: str,
    body: dict[str, Any],
    *,
    accept: set[int],
    token: str | None = None,
) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with session.post(path, json=body, headers=headers) as response:
        text = await response.text()
        if response.status not in accept:
            raise DemoFailed(f"POST {path} answered {response.status}: {text}")
        return dict(await response.json(content_type=None)) if text else {}
