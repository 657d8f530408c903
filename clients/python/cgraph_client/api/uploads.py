"""Files: sending them, waiting until the server has looked at them, and getting them."""

from __future__ import annotations

import asyncio
import mimetypes
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cgraph_client.api import storage
from cgraph_client.api.resource import Resource, without_none
from cgraph_client.core.backoff import Backoff
from cgraph_client.core.errors import StorageError, Unreachable, UploadRefused
from cgraph_client.core.file_reader import Progress, sha256_base64
from cgraph_client.core.parsing import parse_all
from cgraph_client.models.page import Page
from cgraph_client.models.uploads import Attachment, NewUpload, Upload, UploadPart, UploadParts

ATTEMPTS = 5
FORM_BYTES = 50 * 1024 * 1024
"""A larger file goes in parts, whose storage checks no checksum of the whole."""


def _no_progress(done: int, size: int) -> None:
    return None


class Uploads(Resource):
    """A file is sent straight to the storage; the server looks at it afterwards. Raises ApiError,
    StorageError and Unreachable."""

    async def create(
        self, filename: str, *, content_type: str, size: int, **fields: Any
    ) -> NewUpload:
        """`fields`: `purpose`, `checksum`, `waveform`, `duration_ms`."""
        body = without_none(filename=filename, content_type=content_type, size=size, **fields)
        return await self._client.call(NewUpload.from_json, "POST", "/uploads", body=body)

    async def upload(
        self,
        path: Path,
        *,
        filename: str | None = None,
        content_type: str | None = None,
        on_progress: Progress = _no_progress,
        wait_seconds: float = 60.0,
        **fields: Any,
    ) -> Upload:
        """Sends a file and waits until it is ready to be attached. Raises UploadRefused where the
        server does not take it, TimeoutError where it has not looked at it in time. `fields`: as
        for `create`."""
        name, size = filename or path.name, _size(path)
        kind = content_type or mimetypes.guess_type(name)[0] or "application/octet-stream"
        if size <= FORM_BYTES:
            fields.setdefault("checksum", await asyncio.to_thread(sha256_base64, path))
        new = await self.create(name, content_type=kind, size=size, **fields)
        if new.parts:
            await self._send_parts(new.upload.id, path, new.parts, on_progress=on_progress)
        else:
            await storage.send_form(self._client.http, new, path, on_progress=on_progress)
        return await self.wait_ready(new.upload.id, seconds=wait_seconds)

    async def resume(
        self,
        upload_id: str,
        path: Path,
        *,
        on_progress: Progress = _no_progress,
        wait_seconds: float = 60.0,
    ) -> Upload:
        """Goes on with a large file after an interruption: sends the parts that are missing."""
        parts = (await self.parts(upload_id)).parts
        await self._send_parts(upload_id, path, parts, on_progress=on_progress)
        return await self.wait_ready(upload_id, seconds=wait_seconds)

    async def parts(self, upload_id: str) -> UploadParts:
        """The parts of a large file, with new URLs for those that have not arrived."""
        return await self._client.call(UploadParts.from_json, "POST", f"{_path(upload_id)}/parts")

    async def complete(self, upload_id: str) -> Upload:
        """Says that all parts of a large file are there. Raises Conflict where some are missing."""
        return await self._client.call(Upload.from_json, "POST", f"{_path(upload_id)}/complete")

    async def wait_ready(self, upload_id: str, *, seconds: float = 60.0) -> Upload:
        """Raises UploadRefused, TimeoutError. A program with a connection also gets the events
        `upload.ready` and `upload.refused`."""
        backoff, attempt = Backoff(base=0.1, cap=2.0), 0
        async with asyncio.timeout(seconds):
            while True:
                upload = await self.show(upload_id)
                if upload.status == "ready":
                    return upload
                if upload.status == "refused":
                    raise UploadRefused(upload.reason or "unknown")
                await asyncio.sleep(backoff.delay(attempt))
                attempt += 1

    async def show(self, upload_id: str) -> Upload:
        return await self._client.get(Upload.from_json, _path(upload_id))

    async def own(self, *, limit: int | None = None, cursor: str | None = None) -> Page[Upload]:
        """The user's own, newest first."""
        return await self._client.get_page(Upload.from_json, "/uploads", limit=limit, cursor=cursor)

    async def delete(self, upload_id: str) -> None:
        """Raises Conflict where a message, a post or a profile shows it."""
        await self._client.request("DELETE", _path(upload_id))

    async def urls(self, upload_ids: Sequence[str]) -> tuple[Attachment, ...]:
        """Uploads with fresh URLs, at most 100: only those that the user may see now."""
        body = {"uploads": list(upload_ids)}
        document = await self._client.request("POST", "/uploads/urls", body=body)
        return parse_all(Attachment.from_json, document["items"])

    async def download(
        self, attachment: Attachment, to: Path, *, on_progress: Progress = _no_progress
    ) -> int:
        """Writes the file to a path that must not exist yet, and returns its size. Where the URL is
        missing or has ended, it gets a new one. Raises FileExistsError, and StorageError where the
        user may not see the file any more."""
        try:
            if attachment.url is not None:
                return await self._download(attachment.url, to, on_progress)
        except StorageError as error:
            if error.status != 403:
                raise
        fresh = await self.urls([attachment.id])
        if not fresh or fresh[0].url is None:
            raise StorageError(404, "NotFound")
        return await self._download(fresh[0].url, to, on_progress)

    async def _download(self, url: str, to: Path, on_progress: Progress) -> int:
        return await storage.download(self._client.http, url, to, on_progress=on_progress)

    async def _send_parts(
        self, upload_id: str, path: Path, parts: Sequence[UploadPart], *, on_progress: Progress
    ) -> None:
        """One after the other. A part that fails is sent again, with a new URL."""
        backoff, attempt = Backoff(), 0
        while missing := [part for part in parts if part.url is not None]:
            started = time.monotonic()
            try:
                await self._send_missing(path, parts, missing, on_progress=on_progress)
                break
            except (StorageError, Unreachable) as error:
                attempt = 0 if time.monotonic() - started > 60 else attempt + 1
                if attempt >= ATTEMPTS or not (error.is_transient or _has_ended(error)):
                    raise
            await asyncio.sleep(backoff.delay(attempt))
            parts = (await self.parts(upload_id)).parts
        await self.complete(upload_id)

    async def _send_missing(
        self,
        path: Path,
        parts: Sequence[UploadPart],
        missing: Sequence[UploadPart],
        *,
        on_progress: Progress,
    ) -> None:
        size = sum(part.size for part in parts)
        done = size - sum(part.size for part in missing)
        offsets, offset = {}, 0
        for part in parts:
            offsets[part.number] = offset
            offset += part.size
        with open(path, "rb") as file:  # noqa: ASYNC230, PTH123 - a local file
            for part in missing:
                assert part.url is not None, "it is missing"
                file.seek(offsets[part.number])
                content = await asyncio.to_thread(file.read, part.size)
                await storage.send_part(self._client.http, part.url, content)
                done += part.size
                on_progress(done, size)


def _size(path: Path) -> int:
    return path.stat().st_size


def _has_ended(error: StorageError | Unreachable) -> bool:
    """The URL of a part."""
    return isinstance(error, StorageError) and error.status == 403


def _path(upload_id: str) -> str:
    return f"/uploads/{upload_id}"
