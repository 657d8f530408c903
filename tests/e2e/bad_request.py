"""An invalid request, with the status and code of its refusal."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

UNKNOWN_ID = "00000000-0000-7000-8000-000000000000"
JSON = {"content-type": "application/json"}


@dataclass(frozen=True, slots=True)
class Targets:
    """`conversation`: one of the sender; `foreign`: one that they are not in, and a cursor of its
    history; `username`: the sender's."""

    conversation: str
    foreign: str
    foreign_cursor: str
    username: str


@dataclass(frozen=True, slots=True)
class BadRequest:
    title: str
    method: str
    path: str
    code: str
    status: int = 422
    content: bytes | None = None
    query: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=lambda: JSON)


def message(
    targets: Targets, title: str, code: str = "validation_failed", **changed: object
) -> BadRequest:
    draft = {"conversation_id": targets.conversation, "content": "bad input"} | changed
    body = {name: value for name, value in draft.items() if value is not ...}
    return post(title, "/messages", body, code=code)


def post(
    title: str, path: str, body: object, *, code: str = "validation_failed", status: int = 422
) -> BadRequest:
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return BadRequest(title, "POST", path, code, status, content)


def get(title: str, path: str, *, code: str, status: int, **query: str) -> BadRequest:
    return BadRequest(title, "GET", path, code, status, query=query)
