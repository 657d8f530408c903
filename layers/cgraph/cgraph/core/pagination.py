"""Lists in pages: a page is JSON that Postgres wrote, its cursor the position of its last row.

A cursor is opaque to clients and bound to the list that gave it. It grants nothing: access is
checked anyway.
"""

import base64
import binascii
import hashlib
import json
import math
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from pydantic import Field

from cgraph.core.encoding import encode_json
from cgraph.core.errors import InvalidCursor
from cgraph.core.fields import Model

Item = TypeVar("Item")
Value = str | int | float | datetime | UUID

END_OF_TIME = datetime(9999, 1, 1, tzinfo=UTC)
FIRST_ID = UUID(int=0)
LAST_ID = UUID(int=2**128 - 1)
"""Bounds of positions, for the first page of a list."""


class Page(Model, Generic[Item]):
    """One page of a list; `next` is the cursor of the page after it, null at the end."""

    items: list[Item] = Field(description="The items of this page, in the order of the list.")
    next: str | None = Field(description="The cursor of the next page; null on the last one.")


class Row(Protocol):
    """A row of a list: the item as JSON, beside what its position is made of."""

    @property
    def json(self) -> str: ...


RowType = TypeVar("RowType", bound=Row)


def page_json(
    rows: Sequence[RowType],
    *,
    limit: int,
    scope: str,
    position: Callable[[RowType], tuple[Value, ...]],
) -> str:
    """A Page, as JSON: what Postgres wrote is neither parsed nor validated nor written again.

    `rows`: one more than `limit` where there is a further page. `scope`, `position`: see
    `encode_cursor`.
    """
    items = rows[:limit]
    following = encode_cursor(scope, *position(items[-1])) if len(rows) > limit else None
    return f'{{"items":[{",".join(row.json for row in items)}],"next":{json.dumps(following)}}}'


def encode_cursor(scope: str, *values: Value) -> str:
    """`scope` names the list, its filters and, where it is a user's own, the user."""
    body = encode_json([_to_wire(value) for value in values]).encode(errors="surrogatepass")
    return base64.urlsafe_b64encode(_checksum(scope, body) + body).decode().rstrip("=")


def decode_cursor(scope: str, cursor: str, *kinds: type[Value]) -> list[Any]:
    """The values given to `encode_cursor`, each of its kind. Raises InvalidCursor."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        values = json.loads(raw[6:])
        if raw[:6] != _checksum(scope, raw[6:]) or not isinstance(values, list):
            raise InvalidCursor
        return [_from_wire(value, kind) for value, kind in zip(values, kinds, strict=True)]
    except (binascii.Error, ValueError, OverflowError, RecursionError):
        raise InvalidCursor from None


def _to_wire(value: Value) -> str | int:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, float):
        return repr(value)
    return str(value) if isinstance(value, UUID) else value


def _from_wire(value: object, kind: type[Value]) -> Value:
    """Raises ValueError, OverflowError."""
    if type(value) is not (int if kind is int else str):
        raise ValueError(f"not a {kind.__name__}: {value!r}")
    return _PARSERS[kind](str(value))


def _text(text: str) -> str:
    """Raises ValueError where Postgres could not take it: NUL, half a surrogate pair."""
    if "\0" in text.encode().decode():
        raise ValueError("NUL in a cursor")
    return text


def _bigint(text: str) -> int:
    """Raises ValueError where Postgres could not take it."""
    number = int(text)
    if not -(2**63) <= number < 2**63:
        raise ValueError("no bigint")
    return number


def _number(text: str) -> float:
    """Raises ValueError."""
    number = float(text)
    if math.isnan(number):
        raise ValueError("not a number")
    return number


_PARSERS: dict[type[Value], Callable[[str], Value]] = {
    str: _text,
    int: _bigint,
    float: _number,
    datetime: lambda text: datetime.fromisoformat(text).astimezone(UTC),
    UUID: UUID,
}


def _checksum(scope: str, body: bytes) -> bytes:
    return hashlib.sha256(scope.encode() + b"\0" + body).digest()[:6]
