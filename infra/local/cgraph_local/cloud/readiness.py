"""Whether the running system answers for all it depends on."""

import asyncio
import time

import aiohttp

PATIENCE_SECONDS = 20.0


class NotReady(Exception):
    """`GET /health/ready` did not come to answer 200."""


async def wait_ready(address: str) -> None:
    """Raises NotReady with the last answer."""
    limit = time.monotonic() + PATIENCE_SECONDS
    async with aiohttp.ClientSession(address) as session:
        while True:
            async with session.get("/health/ready") as response:
                if response.status == 200:
                    return
                answer = f"{response.status}: {await response.text()}"
            if time.monotonic() > limit:
                raise NotReady(f"GET {address}/health/ready answers {answer}")
            await asyncio.sleep(0.1)
