"""A running CGraph at an address, for tests."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any

import httpx

from tests.person import Person


class System:
    """A running CGraph at an address, wherever it runs."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self._settings: dict[str, Any] = {
            "base_url": self.url,
            "timeout": 30.0,
            "verify": ssl.create_default_context(),  # once: it takes longer than many requests
            "trust_env": not self.url.startswith("http://127."),
        }
        self._clients: list[httpx.AsyncClient] = []
        self._people: list[Person] = []

    def new_http(self) -> httpx.AsyncClient:
        """A client with connections of its own, closed with the system."""
        self._clients.append(httpx.AsyncClient(transport=self._transport(), **self._settings))
        return self._clients[-1]

    async def people(self, number: int) -> list[Person]:
        """Always the same ones, since each registration costs a password hash. A test that ends a
        session or changes an account uses `new_person`."""
        while (missing := number - len(self._people)) > 0:
            some = (self.new_person() for _ in range(min(missing, 4)))
            self._people += await asyncio.gather(*some)
        return self._people[:number]

    async def new_person(self, name: str = "someone") -> Person:
        return await Person.register(self.new_http(), name=name)

    async def group(self, number: int) -> tuple[list[Person], str]:
        """That many people, and the id of a new conversation of theirs."""
        first, *others = await self.people(number)
        return [first, *others], await first.start_conversation(*others)

    async def close(self) -> None:
        for client in self._clients:
            await client.aclose()

    def _transport(self) -> httpx.AsyncBaseTransport | None:
        """None: the one of httpx."""
        return None
