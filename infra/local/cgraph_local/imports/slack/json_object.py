"""Access to the untrusted JSON objects of an export."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cgraph.core.text import is_blank
from cgraph_local.imports.errors import InvalidItem

EARLIEST_SECONDS = 946_684_800
_TIMESTAMP = re.compile(r"(\d{9,11})(?:\.(\d{1,6}))?")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class JsonObject:
    """An object of the export. `text` and `timestamp` raise InvalidItem when there is no valid
    value.
    """

    values: Mapping[str, Any]

    @classmethod
    def of(cls, value: object) -> JsonObject:
        """Raises InvalidItem."""
        if not isinstance(value, dict):
            raise InvalidItem("not an object", value)
        return cls(value)

    def text(self, name: str) -> str:
        value = self.optional_text(name)
        if is_blank(value):
            raise InvalidItem(f"no {name}")
        return value

    def optional_text(self, name: str) -> str:
        """An empty text when there is none."""
        value = self.values.get(name)
        return storable(value) if isinstance(value, str) else ""

    def timestamp(self, name: str) -> int:
        """Microseconds since 1970."""
        value = self.values.get(name)
        match = _TIMESTAMP.fullmatch(str(value))
        if match is None:
            raise InvalidItem(f"{name} is not a timestamp", value)
        seconds = int(match[1])
        latest = (datetime.now(UTC) + timedelta(days=1)).timestamp()
        if not EARLIEST_SECONDS <= seconds <= latest:
            raise InvalidItem(f"{name} is out of range", value)
        return seconds * 1_000_000 + int((match[2] or "0").ljust(6, "0"))

    def child(self, name: str) -> JsonObject:
        """An empty object when there is none."""
        value = self.values.get(name)
        return JsonObject(value if isinstance(value, dict) else {})

    def children(self, name: str) -> list[JsonObject]:
        items = _list(self.values.get(name))
        return [JsonObject(each) for each in items if isinstance(each, dict)]

    def strings(self, name: str) -> list[str]:
        """The strings of a list, each once."""
        items = _list(self.values.get(name))
        return list(
            dict.fromkeys(storable(each) for each in items if isinstance(each, str) and each)
        )


def storable(text: str) -> str:
    """Replaces the characters that Postgres cannot store."""
    return _UNSTORABLE.sub("\ufffd", text)


def to_datetime(microseconds: int) -> datetime:
    """In whole milliseconds, which is the precision of the API."""
    return datetime.fromtimestamp(microseconds // 1000 / 1000, tz=UTC)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
