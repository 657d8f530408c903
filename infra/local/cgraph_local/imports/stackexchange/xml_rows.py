"""The rows of a Stack Exchange dump, in memory that does not grow with the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

from cgraph_local.imports.progress_meter import Meter
from cgraph_local.imports.report import BadRow, Report

CHUNK_BYTES = 1 << 20
ROW_BYTES = 1 << 24
"""No row is larger: an attribute is kept in memory until it ends."""

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One `<row …/>` and the line it stands in. What asks for a value raises BadRow."""

    line: int
    values: Mapping[str, str]

    def text(self, name: str) -> str:
        value = self.values.get(name, "")
        if not value.strip():
            raise BadRow(f"no {name}")
        return value

    def number(self, name: str, *, at_most: int = 2**62) -> int:
        value = self.text(name)
        try:
            number = int(value) if len(value) < 24 else at_most + 1
        except ValueError:
            raise BadRow(f"{name} is no number", value) from None
        if abs(number) > at_most:
            raise BadRow(f"{name} is out of range", value)
        return number

    def number_or_none(self, name: str) -> int | None:
        return self.number(name) if name in self.values else None

    def moment(self, name: str) -> datetime:
        """UTC, as the dump's times are, in whole milliseconds."""
        value = self.text(name)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            raise BadRow(f"{name} is no date", value) from None
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        if not EARLIEST <= moment <= datetime.now(UTC) + timedelta(days=1):
            raise BadRow(f"{name} is out of range", value)
        return moment.replace(microsecond=moment.microsecond // 1000 * 1000)

    def moment_or_none(self, name: str) -> datetime | None:
        return self.moment(name) if name in self.values else None


class EntityDeclared(Exception):
    """The file declares what its text may stand for; a dump has no need to."""


def read_rows(path: Path, *, report: Report, meter: Meter) -> Iterator[Row]:
    """A row that is no XML is reported, and reading goes on with the next line that begins one.
    Raises EntityDeclared.
    """
    with path.open("rb") as file:
        reader = _Reader(path.name, report)
        for line, text in _lines(file):
            meter.reached(file.tell())
            yield from reader.read(line, text)
        yield from reader.end()
    meter.done()


class _Reader:
    def __init__(self, name: str, report: Report) -> None:
        self._name = name
        self._report = report
        self._root = ""
        self._found: list[Row] = []
        self._line = 1
        self._size = 0  # of what has been read since the last element began
        self._lost = False
        self._parser = self._new_parser()

    def read(self, line: int, text: bytes) -> list[Row]:
        is_row = text.lstrip().startswith(b"<row")
        if self._lost:
            if not is_row:
                return self._taken()
            self._begin_anew()
        self._line = line
        was_within = self._size > 0
        self._parse(text)
        if self._lost and is_row and was_within:  # what never ended was the one before
            self._begin_anew()
            self._parse(text)
        return self._taken()

    def end(self) -> list[Row]:
        if not self._lost:
            try:
                self._parser.Parse(b"", True)
            except expat.ExpatError as error:
                self._lose(f"the file ends early ({_reason(error)})")
        return self._taken()

    def _parse(self, text: bytes) -> None:
        self._size += len(text) if text.strip() else 0
        try:
            if self._size > ROW_BYTES:
                raise BadRow("a row is too large")
            self._parser.Parse(text, False)
        except expat.ExpatError as error:
            self._lose(f"not XML: {_reason(error)}")
        except BadRow as bad:
            self._lose(bad.reason)

    def _lose(self, reason: str) -> None:
        self._report.leave_out(self._name, self._line, reason)
        self._lost = True

    def _begin_anew(self) -> None:
        self._parser = self._new_parser("utf-8")
        self._parser.Parse(f"<{self._root}>".encode(), False)
        self._lost, self._size = False, 0

    def _taken(self) -> list[Row]:
        found, self._found = self._found, []
        return found

    def _new_parser(self, encoding: str | None = None) -> expat.XMLParserType:
        parser = expat.ParserCreate(encoding)
        parser.StartElementHandler = self._element
        parser.EndElementHandler = self._element_end
        parser.StartDoctypeDeclHandler = self._refuse
        return parser

    def _element(self, name: str, values: dict[str, str]) -> None:
        self._root, self._size = self._root or name, 0
        if name == "row":
            self._found.append(Row(self._line, values))

    def _element_end(self, _: str) -> None:
        self._size = 0

    def _refuse(self, *_: object) -> None:
        raise EntityDeclared(f"{self._name} has a DOCTYPE: not a Stack Exchange dump")


def _reason(error: expat.ExpatError) -> str:
    return str(error).split(":")[0]


def _lines(file: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """With their numbers; of a long line one part after another."""
    line = 1
    while text := file.readline(CHUNK_BYTES):
        yield line, text
        line += text.endswith(b"\n")
