"""The storage of files, which is another host than the API: requests that their URL authorizes.

Errors name neither the query of a URL, which is its signature, nor a field of a form.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from cgraph_client.core.errors import StorageError, Unreachable
from cgraph_client.core.file_reader import BLOCK_BYTES, FileReader, Progress
from cgraph_client.models.uploads import NewUpload

TIMEOUT = httpx.Timeout(60.0, connect=10.0)
_CODE = re.compile(r"<Code>([A-Za-z0-9.]{1,60})</Code>")


async def send_form(
    http: httpx.AsyncClient, new: NewUpload, path: Path, *, on_progress: Progress
) -> None:
    assert new.url is not None, "an upload without parts has a form"
    size, done = new.upload.size, 0

    def report(number: int) -> None:
        nonlocal done
        done += number
        on_progress(done, size)

    with open(path, "rb") as file:  # noqa: ASYNC230, PTH123 - a local file, read in small pieces
        reader = FileReader(file, offset=0, size=size, on_read=report)
        await _send(
            http,
            "POST",
            new.url,
            data=dict(new.fields),
            files={"file": ("file", reader, new.upload.content_type)},
        )


async def send_part(http: httpx.AsyncClient, url: str, content: bytes) -> None:
    await _send(http, "PUT", url, content=content)


async def download(http: httpx.AsyncClient, url: str, to: Path, *, on_progress: Progress) -> int:
    """Writes to a path that must not exist yet, and leaves nothing there where it fails. Returns
    the size. Raises FileExistsError, StorageError, Unreachable."""
    async with _asked(http, url) as response:
        size, done = int(response.headers.get("content-length", 0)), 0
        with open(to, "xb") as file:  # noqa: ASYNC230, PTH123 - as above
            try:
                async for block in response.aiter_bytes(BLOCK_BYTES):
                    file.write(block)
                    done += len(block)
                    on_progress(done, size)
            except BaseException:
                _remove(to)
                raise
    return done


@asynccontextmanager
async def _asked(http: httpx.AsyncClient, url: str) -> AsyncIterator[httpx.Response]:
    try:
        async with http.stream("GET", url, timeout=TIMEOUT) as response:
            if response.status_code != 200:
                raise StorageError(response.status_code, "Denied")
            yield response
    except httpx.TransportError as error:
        raise Unreachable(f"GET {_plain(url)}: {type(error).__name__}") from error


async def _send(http: httpx.AsyncClient, method: str, url: str, **content: Any) -> None:
    try:
        response = await http.request(method, url, timeout=TIMEOUT, **content)
    except httpx.TransportError as error:
        raise Unreachable(f"{method} {_plain(url)}: {type(error).__name__}") from error
    if not response.is_success:
        code = _CODE.search(response.text[:2000])
        raise StorageError(response.status_code, code[1] if code else "Unknown")


def _plain(url: str) -> str:
    return str(httpx.URL(url).copy_with(query=None))


def _remove(path: Path) -> None:
    path.unlink(missing_ok=True)
