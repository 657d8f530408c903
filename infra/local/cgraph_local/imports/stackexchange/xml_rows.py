"""Reads the rows of a Stack Exchange dump. The memory it needs does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, NoReturn
from xml.parsers import expat

from cgraph.core.text import is_blank
from cgraph_local.imports.errors import InvalidItem
from cgraph_local.imports.progress_meter import ProgressMeter
from cgraph_local.imports.report import Report

CHUNK_BYTES = 1 << 20
MAX_ROW_BYTES = 1 << 24
"""A row is in memory until it ends, so larger ones are refused."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """A `<row …/>` and its line. The methods raise InvalidItem when a value is missing or
    invalid.
    """

    line: int
    values: Mapping[str, str]

    def text(self, name: str) -> str:
        value = self.values.get(name, "")
        if is_blank(value):
            raise InvalidItem(f"no {name}")
        return value

    def number(self, name: str, *, maximum: int = 2**62) -> int:
        value = self.text(name)
        try:
            number = int(value) if len(value) < 24 else maximum + 1
        except ValueError:
            raise InvalidItem(f"{name} is not a number", value) from None
        if abs(number) > maximum:
            raise InvalidItem(f"{name} is out of range", value)
        return number

    def number_or_none(self, name: str) -> int | None:
        return self.number(name) if name in self.values else None

    def time(self, name: str) -> datetime:
        """In UTC like all times of the dump, in whole milliseconds."""
        value = self.text(name)
        try:
            time = datetime.fromisoformat(value)
        except ValueError:
            raise InvalidItem(f"{name} is not a date", value) from None
        time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
        if not EARLIEST <= time <= datetime.now(UTC) + timedelta(days=1):
            raise InvalidItem(f"{name} is out of range", value)
        return time.replace(microsecond=time.microsecond // 1000 * 1000)

    def time_or_none(self, name: str) -> datetime | None:
        return self.time(name) if name in self.values else None


class UnsafeDoctype(Exception):
    """The DOCTYPE of the file declares entities or default values, which may expand to gigabytes,
    or it names another file.
    """


def read_rows(path: Path, *, report: Report, meter: ProgressMeter) -> Iterator[Row]:
    """A row that is not well-formed is reported, and reading goes on with the next line that begins
    a row. Raises UnsafeDoctype.
    """
    with path.open("rb") as file:
        reader = _Reader(path.name, report)
        for line, text in _lines(file):
            meter.update(file.tell())
            yield from reader.read(line, text)
        yield from reader.end()
    meter.finish()


class _Reader:
    def __init__(self, name: str, report: Report) -> None:
        self._name = name
        self._report = report
        self._root = ""
        self._rows: list[Row] = []
        self._line = 1
        self._size = 0  # bytes since the last element began
        self._is_lost = False
        """The parser has failed, and no row has begun since."""
        self._parser = self._new_parser()

    def read(self, line: int, text: bytes) -> list[Row]:
        is_row = text.lstrip().startswith(b"<row")
        if self._is_lost:
            if not is_row:
                return self._take_rows()
            self._resume()
        self._line = line
        was_inside_row = self._size > 0
        self._parse(text)
        if self._is_lost and is_row and was_inside_row:  # the row before it has no end
            self._resume()
            self._parse(text)
        return self._take_rows()

    def end(self) -> list[Row]:
        if not self._is_lost:
            try:
                self._parser.Parse(b"", True)
            except expat.ExpatError as error:
                self._give_up(f"the file ends early ({_reason(error)})")
        return self._take_rows()

    def _parse(self, text: bytes) -> None:
        self._size += len(text) if text.strip() else 0
        try:
            if self._size > MAX_ROW_BYTES:
                raise InvalidItem("a row is too large")
            self._parser.Parse(text, False)
        except expat.ExpatError as error:
            self._give_up(f"not XML: {_reason(error)}")
        except InvalidItem as error:
            self._give_up(error.reason)

    def _give_up(self, reason: str) -> None:
        self._report.leave_out(self._name, self._line, reason)
        self._is_lost = True

    def _resume(self) -> None:
        self._parser = self._new_parser("utf-8")
        self._parser.Parse(f"<{self._root}>".encode(), False)
        self._is_lost, self._size = False, 0

    def _take_rows(self) -> list[Row]:
        rows, self._rows = self._rows, []
        return rows

    def _new_parser(self, encoding: str | None = None) -> expat.XMLParserType:
        parser = expat.ParserCreate(encoding)
        parser.StartElementHandler = self._element
        parser.EndElementHandler = self._element_end
        parser.StartDoctypeDeclHandler = self._doctype
        parser.EntityDeclHandler = self._entity
        parser.AttlistDeclHandler = self._attribute
        return parser

    def _element(self, name: str, values: dict[str, str]) -> None:
        self._root, self._size = self._root or name, 0
        if name == "row":
            self._rows.append(Row(self._line, values))

    def _element_end(self, _: str) -> None:
        self._size = 0

    def _doctype(self, *details: Any) -> None:
        _, system_id, public_id, _ = details
        if system_id is not None or public_id is not None:
            self._refuse("names another file")

    def _entity(self, *_: object) -> None:
        self._refuse("declares entities")

    def _attribute(self, *details: Any) -> None:
        _, _, _, default, _ = details
        if default is not None:
            self._refuse("declares default values")

    def _refuse(self, what: str) -> NoReturn:
        raise UnsafeDoctype(f"{self._name}: its DOCTYPE {what}: not a Stack Exchange dump")


def _reason(error: expat.ExpatError) -> str:
    return str(error).split(":")[0]


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Lines with their numbers. A long line is returned in parts."""
    line = 1
    while text := file.readline(CHUNK_BYTES):
        yield line, text
        line += text.endswith(b"\n")
