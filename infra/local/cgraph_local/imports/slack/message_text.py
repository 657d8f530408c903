"""Gathers the text of a message, still with Slack's tokens. Bots have it in attachments, comments
on files in an object of their own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from cgraph_local.imports.slack.files import file_line, file_name
from cgraph_local.imports.slack.json_object import JsonObject

_COMMENTER = re.compile(r"<@(\w+)(?:\|[^>]*)?> commented on ")


def message_text(message: JsonObject, *, attached: Collection[str] = ()) -> str:
    """The text, the texts of attachments (of bots), and the names of files. `attached`: Slack's ids
    of the files that the message gets itself.
    """
    comment = _file_comment(message).optional_text("comment")
    lines = [comment or message.optional_text("text")]
    for attachment in message.children("attachments"):
        if not _is_preview(attachment, of=message):
            lines += _attachment_lines(attachment)
    for file in message.children("files"):
        if file.optional_text("id") not in attached:
            lines.append(file_line(file))
    if comment:
        lines.append(f"[about the file: {file_name(message.child('file'))}]")
    return "\n".join(line for line in lines if line.strip())


def commenter(message: JsonObject) -> str:
    """Slack's id of the author of a comment on a file; empty for other messages. Where the export
    has no `comment`, the text begins with the author.
    """
    if message.optional_text("subtype") != "file_comment":
        return ""
    if key := _file_comment(message).optional_text("user"):
        return key
    named = _COMMENTER.match(message.optional_text("text"))
    return named[1] if named else ""


def link_previews(message: JsonObject) -> Iterator[str]:
    """The addresses of links whose previews are attached. Previews are not imported."""
    for attachment in message.children("attachments"):
        if _is_preview(attachment, of=message):
            yield attachment.optional_text("from_url")


def _file_comment(message: JsonObject) -> JsonObject:
    is_comment = message.optional_text("subtype") == "file_comment"
    return message.child("comment") if is_comment else JsonObject({})


def _is_preview(attachment: JsonObject, *, of: JsonObject) -> bool:
    """Of a link in the text, made by Slack."""
    return bool(attachment.optional_text("from_url") and of.optional_text("text").strip())


def _attachment_lines(attachment: JsonObject) -> Iterator[str]:
    yield attachment.optional_text("pretext")
    yield attachment.optional_text("title")
    text = attachment.optional_text("text")
    fields = [_field(each) for each in attachment.children("fields")]
    yield text or ("" if any(fields) else attachment.optional_text("fallback"))
    yield from fields


def _field(field: JsonObject) -> str:
    return ": ".join(filter(None, map(field.optional_text, ("title", "value"))))
