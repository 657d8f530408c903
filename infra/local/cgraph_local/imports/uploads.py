"""Imports files: they come into the bucket like any other upload, and the same worker reads them.

What an import attaches is ready by then. An import that was stopped goes on where it was: a file
that is ready or refused already is not sent again.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import islice
from typing import IO, Any, LiteralString
from uuid import UUID

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph.media.processing.sniffing import HEAD_BYTES, UNKNOWN, sniff
from cgraph.media.storage import incoming_key
from cgraph.media.uploads.models import Purpose
from cgraph.media.uploads.rules import PLANS, is_accepted, kind_of
from cgraph_local.imports.errors import CannotImport, InvalidItem
from cgraph_local.imports.report import Report

LARGEST = max(PLANS.values(), key=lambda quota: quota.bytes).largest
"""By kind: an import has no plan of its own."""
AT_ONCE = 20
STALLED_SECONDS = 600.0
"""After this time without any progress, nobody processes uploads."""
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 1.0
MEMORY_BYTES = 16 << 20
BLOCK = 1 << 20

BEGIN: LiteralString = """
    INSERT INTO uploads (id, user_id, purpose, status, filename, content_type, size, created_at)
    VALUES (%(id)s, %(owner)s, 'attachment', 'pending', %(filename)s, %(content_type)s, %(size)s,
            %(now)s)
    ON CONFLICT (id) DO NOTHING
    """

STATES: LiteralString = """
    SELECT id, CASE WHEN deleted_at IS NULL THEN status ELSE 'deleted' END, reason
    FROM uploads WHERE id = ANY (%(ids)s)
    """
SETTLED = ("ready", "refused", "deleted")


@dataclass(frozen=True, slots=True)
class FileToImport:
    """`content_type`: as the source has it. `open` raises InvalidItem. `file`, `where`: of the item
    that has it, for the report.
    """

    id: UUID
    owner_id: UUID
    filename: str
    content_type: str
    open: Callable[[], AbstractContextManager[IO[bytes]]]
    file: str
    where: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """`client`: of boto3."""

    client: Any
    name: str

    def put(self, id: UUID, content: IO[bytes], *, content_type: str) -> None:
        """Raises CannotImport."""
        extra = {"ContentType": content_type}
        try:
            self.client.upload_fileobj(content, self.name, incoming_key(id), ExtraArgs=extra)
        except (BotoCoreError, Boto3Error, ClientError) as error:
            raise CannotImport(f"A file cannot be stored; run the import again: {error}") from error


@dataclass(frozen=True, slots=True)
class UploadImport:
    connection: Connection[Any]
    bucket: Bucket
    report: Report

    def run(self, files: Iterable[FileToImport]) -> Iterator[tuple[FileToImport, bool]]:
        """Each file and whether it is ready to be attached; if not, why is in the report. Raises
        CannotImport: nobody processes what is uploaded.
        """
        for some in _batches(files, AT_ONCE):
            before = self._states(some)
            reasons = {file.id: self._send(file) for file in some if not _settled(before, file)}
            sent = [file for file in some if reasons.get(file.id) is None]
            states = self._wait(sent)
            for file in some:
                reason = reasons.get(file.id) or _refusal(*states[file.id])
                if reason is not None:
                    self.report.leave_out(file.file, file.where, reason, file.filename)
                yield file, reason is None

    def _send(self, file: FileToImport) -> str | None:
        """Why the file cannot be sent; None if it was."""
        try:
            with tempfile.SpooledTemporaryFile(MEMORY_BYTES) as content:
                most = max(LARGEST.values())
                with file.open() as source:
                    _copy_at_most(source, content, most)
                self._begin_and_put(file, content)
        except InvalidItem as error:
            return error.reason
        return None

    def _begin_and_put(self, file: FileToImport, content: IO[bytes]) -> None:
        """Raises InvalidItem."""
        size = content.tell()
        content.seek(0)
        content_type = _content_type(file.content_type, content.read(HEAD_BYTES))
        content.seek(0)
        if not 0 < size <= LARGEST[kind_of(content_type)]:
            raise InvalidItem("a file that is too large" if size else "an empty file")
        values = {
            "id": file.id,
            "owner": file.owner_id,
            "filename": file.filename,
            "content_type": content_type,
            "size": size,
            "now": datetime.now(UTC),
        }
        self.connection.execute(BEGIN, values)
        self.bucket.put(file.id, content, content_type=content_type)

    def _wait(self, files: list[FileToImport]) -> dict[UUID, tuple[str, str | None]]:
        """The states when all are settled."""
        waiting, pause, changed_at = len(files) + 1, FIRST_PAUSE, time.monotonic()
        while True:
            states = self._states(files)
            left = sum(not _settled(states, file) for file in files)
            if not left:
                return states
            if left < waiting:
                waiting, pause, changed_at = left, FIRST_PAUSE, time.monotonic()
            elif time.monotonic() - changed_at > STALLED_SECONDS:
                raise CannotImport("Uploads are not processed: run the import again later")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _states(self, files: Iterable[FileToImport]) -> dict[UUID, tuple[str, str | None]]:
        with self.connection.cursor(row_factory=tuple_row) as cursor:
            rows = cursor.execute(STATES, {"ids": [file.id for file in files]}).fetchall()
        return {id: (status, reason) for id, status, reason in rows}


def _batches(files: Iterable[FileToImport], size: int) -> Iterator[list[FileToImport]]:
    iterator = iter(files)
    while some := list(islice(iterator, size)):
        yield some


def _settled(states: dict[UUID, tuple[str, str | None]], file: FileToImport) -> bool:
    return file.id in states and states[file.id][0] in SETTLED


def _refusal(status: str, reason: str | None) -> str | None:
    if status == "ready":
        return None
    if status == "deleted":
        return "a file that was deleted before"
    return f"a file that was refused: {reason}"


def _copy_at_most(source: IO[bytes], target: IO[bytes], most: int) -> None:
    """Raises InvalidItem, whatever size the source states."""
    while block := source.read(BLOCK):
        target.write(block)
        if target.tell() > most:
            raise InvalidItem("a file that is too large")


def _content_type(stated: str, head: bytes) -> str:
    """What the bytes are, where they say it: a file under a wrong type would be refused."""
    found = sniff(head)
    if found != UNKNOWN and kind_of(found) != "file":
        return found
    if kind_of(stated) != "file" or not is_accepted(stated, purpose=Purpose.ATTACHMENT):
        return UNKNOWN
    return stated if found in (UNKNOWN, stated) else found
