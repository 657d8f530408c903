"""What people, channels and messages of an export hold, asked for with suspicion."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from cgraph_local.imports.report import BadRow

EARLIEST_SECONDS = 946_684_800
_STAMP = re.compile(r"(\d{9,11})(?:\.(\d{1,6}))?")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Thing:
    """An object of the export. What asks for a value that must be there raises BadRow."""

    values: Mapping[str, Any]

    @classmethod
    def of(cls, found: object) -> Thing:
        if not isinstance(found, dict):
            raise BadRow("no object", found)
        return cls(found)

    def text(self, name: str) -> str:
        value = self.words(name)
        if not value.strip():
            raise BadRow(f"no {name}")
        return value

    def words(self, name: str) -> str:
        """Empty where there are none."""
        value = self.values.get(name)
        return clean(value) if isinstance(value, str) else ""

    def stamp(self, name: str) -> int:
        """Microseconds since 1970."""
        value = self.values.get(name)
        found = _STAMP.fullmatch(str(value))
        if found is None:
            raise BadRow(f"{name} is no time", value)
        seconds = int(found[1])
        latest = (datetime.now(UTC) + timedelta(days=1)).timestamp()
        if not EARLIEST_SECONDS <= seconds <= latest:
            raise BadRow(f"{name} is out of range", value)
        return seconds * 1_000_000 + int((found[2] or "0").ljust(6, "0"))

    def thing(self, name: str) -> Thing:
        """An empty one where there is none."""
        value = self.values.get(name)
        return Thing(value if isinstance(value, dict) else {})

    def things(self, name: str) -> list[Thing]:
        found = _list(self.values.get(name))
        return [Thing(each) for each in found if isinstance(each, dict)]

    def keys(self, name: str) -> list[str]:
        """The texts of a list, each once."""
        found = _list(self.values.get(name))
        return list(dict.fromkeys(clean(each) for each in found if isinstance(each, str) and each))


def clean(text: str) -> str:
    """As Postgres can keep it."""
    return _UNSTORABLE.sub("\ufffd", text)


def moment_of(microseconds: int) -> datetime:
    """In whole milliseconds, which is what the wire can say."""
    return datetime.fromtimestamp(microseconds // 1000 / 1000, tz=UTC)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
