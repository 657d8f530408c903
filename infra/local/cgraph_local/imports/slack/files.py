"""The files of messages. Slack's own exports name them only; tools that download them put them into
the archive: `__uploads/ID/NAME`, or `attachments/ID-NAME` in the folder of a channel or of all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any, LiteralString
from uuid import UUID

from psycopg import Connection
from psycopg.rows import tuple_row

from cgraph.core.markdown import render
from cgraph.core.text import clean_line
from cgraph.media.uses.models import ATTACHMENTS_AT_MOST
from cgraph_local.imports.identity import imported_id
from cgraph_local.imports.slack.archive import Archive
from cgraph_local.imports.slack.json_object import JsonObject, to_datetime
from cgraph_local.imports.slack.mrkdwn import to_markdown
from cgraph_local.imports.slack.users import SOURCE
from cgraph_local.imports.uploads import FileToImport

UPLOADS, ATTACHMENTS = "__uploads", "attachments"
LONGEST_NAME, LONGEST_ALT = 200, 1000
FILES = (
    "message_id uuid",
    "place smallint",
    "id uuid",
    "owner_id uuid",
    "filename text",
    "content_type text",
    "alt text",
    "name text",
    "line text",
    "file text",
    "ts text",
)

FILES_OF_MESSAGES: LiteralString = """
    SELECT DISTINCT ON (f.id) f.id, f.owner_id, f.filename, f.content_type, f.name, f.file, f.ts
    FROM staged_files f JOIN staged_messages m ON m.id = f.message_id
    ORDER BY f.id, f.position
    """

ATTACH: LiteralString = """
    UPDATE staged_messages m SET attachments = attached.files
    FROM (SELECT message_id,
                 jsonb_agg(jsonb_build_object('id', id, 'alt', alt, 'spoiler', false)
                           ORDER BY place) AS files
          FROM (SELECT DISTINCT ON (message_id, id) * FROM staged_files
                WHERE id = ANY (%(ready)s) ORDER BY message_id, id, place) AS each
          GROUP BY message_id) AS attached
    WHERE m.id = attached.message_id
    """

NOT_ATTACHED: LiteralString = """
    SELECT m.id, m.content, string_agg(f.line, E'\n' ORDER BY f.place)
    FROM (SELECT DISTINCT ON (message_id, id) * FROM staged_files
          WHERE id <> ALL (%(ready)s) ORDER BY message_id, id, place) AS f
    JOIN staged_messages m ON m.id = f.message_id
    GROUP BY m.id, m.content
    """

WRITE_CONTENT: LiteralString = """
    UPDATE staged_messages SET content = %s, content_html = %s WHERE id = %s
    """


@dataclass(frozen=True, slots=True)
class SlackFile:
    """`key`: Slack's id. `name`: in the archive. `line`: of the text, where the file cannot be
    attached.
    """

    key: str
    id: UUID
    filename: str
    content_type: str
    alt: str
    name: str
    line: str

    def row(self, message_id: UUID, place: int, *, owner_id: UUID) -> tuple[object, ...]:
        """Of the staging table, up to where the message is."""
        return (
            *(message_id, place, self.id, owner_id, self.filename, self.content_type),
            *(self.alt, self.name, self.line),
        )


def contents(names: list[str]) -> dict[str, str]:
    """The name in the archive of each file that is in it, by Slack's id."""
    found = {}
    for name in names:
        parts = PurePosixPath(name).parts
        if len(parts) == 3 and parts[0] == UPLOADS:
            found[parts[1]] = name
        elif len(parts) >= 2 and parts[-2] == ATTACHMENTS:
            found[parts[-1].partition("-")[0]] = name
    return found


def is_content(name: str) -> bool:
    parts = PurePosixPath(name).parts
    return parts[0] == UPLOADS or ATTACHMENTS in parts[:-1]


def file_name(file: JsonObject) -> str:
    return file.optional_text("title") or file.optional_text("name") or "no name"


def file_line(file: JsonObject) -> str:
    return f"[file: {file_name(file)}]"


def attached_files(
    message: JsonObject, *, found: dict[str, str], message_id: UUID, at: int
) -> list[SlackFile]:
    """Those whose content is in the archive, as many as a message may have. `at`: microseconds."""
    named = {
        file.optional_text("id"): file
        for file in message.children("files")
        if file.optional_text("id") in found
    }
    return [
        SlackFile(
            key=key,
            id=imported_id(
                to_datetime(at), source=SOURCE, kind="upload", key=f"{message_id}/{key}"
            ),
            filename=clean_line(_filename(file), at_most=LONGEST_NAME) or "file",
            content_type=file.optional_text("mimetype").lower(),
            alt=clean_line(file.optional_text("alt_txt"), at_most=LONGEST_ALT),
            name=found[key],
            line=to_markdown(file_line(file), usernames={}),
        )
        for key, file in list(named.items())[:ATTACHMENTS_AT_MOST]
    ]


def _filename(file: JsonObject) -> str:
    return file.optional_text("name") or file_name(file)


def staged_files(connection: Connection[Any], archive: Archive) -> Iterator[FileToImport]:
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(FILES_OF_MESSAGES).fetchall()
    for id, owner_id, filename, content_type, name, file, ts in rows:
        yield FileToImport(
            id=id,
            owner_id=owner_id,
            filename=filename,
            content_type=content_type,
            open=partial(archive.open, name),
            file=file,
            where=ts,
        )


def attach(connection: Connection[Any], ready: list[UUID]) -> None:
    """The texts of messages name the files that are not ready."""
    connection.execute(ATTACH, {"ready": ready})
    with connection.cursor(row_factory=tuple_row) as cursor:
        rows = cursor.execute(NOT_ATTACHED, {"ready": ready}).fetchall()
        for id, content, lines in rows:
            named = f"{content}\n{lines}".strip()
            cursor.execute(WRITE_CONTENT, (named, render(named).html, id))
