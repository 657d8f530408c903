"""Cursors of lists: opaque to clients, bound to the list that gave them. They grant nothing: access
is checked anyway.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Generic
from uuid import UUID

from cgraph.core.errors import InvalidCursor
from cgraph.core.fields import Item, Model

Value = str | int
Position = tuple[datetime, UUID]
"""In a list by time: the ids order what has one time."""


def encode_cursor(scope: str, *values: Value) -> str:
    """`scope` names the list and whose it is."""
    body = json.dumps(values, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(_check(scope, body) + body).decode().rstrip("=")


def decode_cursor(scope: str, cursor: str, *kinds: type[Value]) -> list[Value]:
    """The values given to `encode_cursor`, of these kinds. Raises InvalidCursor."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw[6:])
    except (binascii.Error, ValueError, RecursionError):
        raise InvalidCursor from None
    if raw[:6] != _check(scope, raw[6:]) or not isinstance(values, list):
        raise InvalidCursor
    if [type(value) for value in values] != list(kinds):
        raise InvalidCursor
    return values


def encode_position(scope: str, position: Position) -> str:
    return encode_cursor(scope, position[0].isoformat(), str(position[1]))


def decode_position(scope: str, cursor: str) -> Position:
    """Raises InvalidCursor."""
    at, identifier = decode_cursor(scope, cursor, str, str)
    try:
        return datetime.fromisoformat(str(at)).astimezone(UTC), UUID(str(identifier))
    except (ValueError, OverflowError):
        raise InvalidCursor from None


def _check(scope: str, body: bytes) -> bytes:
    return hashlib.sha256(scope.encode() + b"\0" + body).digest()[:6]


class Page(Model, Generic[Item]):
    """One page of a list; `next` is the cursor of the one after it, null at the end."""

    items: list[Item]
    next: str | None


def page_json(items: Sequence[str], *, next: str | None) -> str:
    """A Page of items that Postgres wrote as JSON, as JSON: what nobody here reads is not parsed,
    validated and written anew.
    """
    return f'{{"items":[{",".join(items)}],"next":{json.dumps(next)}}}'
