"""The bucket behind the local edge: objects of the emulator's S3."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Self
from urllib.parse import quote

import aiohttp

from cgraph_local.core.credentials import Credentials
from cgraph_local.gateway.byte_ranges import ByteRange

CHUNK_BYTES = 65_536
KEPT_HEADERS = ("content-type", "content-disposition", "cache-control", "etag", "last-modified")
"""What is stored with an object and goes to the client."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    size: int
    headers: Mapping[str, str]

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Self:
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        return cls(int(headers["content-length"]), kept)


class OriginFailed(Exception):
    """The emulator does not answer, or not as S3 does."""


class MediaOrigin:
    def __init__(self, emulator_url: str, *, bucket: str, credentials: Credentials) -> None:
        self._url = f"{emulator_url}/{bucket}"
        self._headers = credentials.emulator_headers("s3")
        self._session: aiohttp.ClientSession | None = None

    async def find(self, key: str) -> StoredObject | None:
        """None where there is no such object. Raises OriginFailed."""
        try:
            async with self._client.head(self._object_url(key)) as response:
                if response.status == 404:
                    return None
                if response.status != 200:
                    raise OriginFailed(f"S3 answered {response.status}")
                return StoredObject.of(response.headers)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OriginFailed(repr(error)) from error

    @asynccontextmanager
    async def open(self, key: str, part: ByteRange | None) -> AsyncIterator[AsyncIterator[bytes]]:
        """The bytes of an object, or of a part of it. Raises OriginFailed."""
        headers = {"Range": f"bytes={part.first}-{part.last}"} if part else {}
        try:
            async with self._client.get(self._object_url(key), headers=headers) as response:
                if response.status != (206 if part else 200):
                    raise OriginFailed(f"S3 answered {response.status}")
                yield response.content.iter_chunked(CHUNK_BYTES)
        except (aiohttp.ClientError, TimeoutError) as error:
            raise OriginFailed(repr(error)) from error

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def _client(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                headers=self._headers,
                auto_decompress=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=2, sock_read=30),
            )
        return self._session

    def _object_url(self, key: str) -> str:
        return f"{self._url}/{quote(key)}"
