"""Waits until the running system and its dependencies are ready."""

import asyncio
import time

import aiohttp

TIMEOUT_SECONDS = 20.0


class NotReady(Exception):
    """`GET /health/ready` did not return 200 in time. The message holds its last response."""


async def wait_ready(address: str) -> None:
    """Raises NotReady after 20 seconds."""
    deadline = time.monotonic() + TIMEOUT_SECONDS
    async with aiohttp.ClientSession(address) as session:
        while True:
            async with session.get("/health/ready") as response:
                if response.status == 200:
                    return
                last_response = f"{response.status}: {await response.text()}"
            if time.monotonic() > deadline:
                raise NotReady(f"GET {address}/health/ready answers {last_response}")
            await asyncio.sleep(0.1)
