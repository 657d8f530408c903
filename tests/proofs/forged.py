"""What somebody who owns the database may do to an audit log, and what must be said of it then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, LiteralString

ALTERED, MISSING, INSERTED = "altered", "missing", "inserted"

EDITS: dict[str, LiteralString] = {
    "actor_id": "gen_random_uuid()",
    "actor_id, to nobody": "NULL",
    "action": "action || ' '",
    "target_kind": "'user'",
    "target_id": "gen_random_uuid()",
    "detail": 'detail || \'{"reason": "another"}\'',
    "detail, emptied": "'{}'",
    "created_at": "created_at + interval '1 microsecond'",
    "previous": "sha256('another')",
    "hash": "sha256('another')",
}

REHASHED: LiteralString = """
    UPDATE audit_log a SET hash = audit_hash(a)
    WHERE forum_id = %(forum)s AND number = %(number)s
"""
SHIFTED: LiteralString = """
    UPDATE audit_log SET number = -number WHERE forum_id = %(forum)s AND number >= %(number)s;
    UPDATE audit_log SET number = 1 - number WHERE forum_id = %(forum)s AND number < 0
"""
COPIED: LiteralString = """
    INSERT INTO audit_log
    SELECT forum_id, %(number)s, actor_id, 'unban_user', target_kind, target_id, detail, created_at,
           previous, hash
    FROM audit_log WHERE forum_id = %(forum)s AND number = %(copied)s
"""
DELETED: LiteralString = "DELETE FROM audit_log WHERE forum_id = %(forum)s AND number = %(number)s"
CLOSED: LiteralString = """
    UPDATE audit_log SET number = -number WHERE forum_id = %(forum)s AND number > %(number)s;
    UPDATE audit_log SET number = -number - 1 WHERE forum_id = %(forum)s AND number < 0
"""
SWAPPED: LiteralString = """
    UPDATE audit_log SET number = -number
    WHERE forum_id = %(forum)s AND number IN (%(number)s, %(other)s);
    UPDATE audit_log SET number = %(number)s + %(other)s + number
    WHERE forum_id = %(forum)s AND number < 0
"""
CUT: LiteralString = "DELETE FROM audit_log WHERE forum_id = %(forum)s AND number >= %(number)s"


@dataclass(frozen=True, slots=True)
class Forgery:
    """Statements, and the row that the verifier must name."""

    kind: str
    statements: tuple[LiteralString, ...]
    values: dict[str, Any]
    named: tuple[int, str]


def forgeries(number: int, *, entries: int) -> Iterator[Forgery]:
    """All kinds, at this row of a log with so many."""
    at = {"number": number}
    for kind, value in EDITS.items():
        column = kind.partition(",")[0]
        edit = _edit(column, value)
        yield Forgery(f"edited: {kind}", (edit,), at, (number, ALTERED))
        if column != "hash":
            both = (edit, REHASHED)
            yield Forgery(f"edited and rehashed: {kind}", both, at, (number, ALTERED))
    yield Forgery("deleted", (DELETED,), at, (number, MISSING))
    named = (number, MISSING if number == entries else ALTERED)
    yield Forgery("deleted, and the gap closed", (DELETED, CLOSED), at, named)
    yield Forgery("cut off", (CUT,), at, (number, MISSING))
    other = number + 1 if number < entries else 1
    swap = {**at, "other": other}
    yield Forgery("swapped", (SWAPPED,), swap, (min(number, other), ALTERED))
    yield from _insertions(number, entries=entries)


def _edit(column: LiteralString, value: LiteralString) -> LiteralString:
    where: LiteralString = " WHERE forum_id = %(forum)s AND number = %(number)s"
    return "UPDATE audit_log SET " + column + " = " + value + where


def _insertions(number: int, *, entries: int) -> Iterator[Forgery]:
    between = {"number": number, "copied": number + 1}
    shifted = (SHIFTED, COPIED)
    yield Forgery("inserted", shifted, between, (number, ALTERED))
    yield Forgery("inserted and rehashed", (*shifted, REHASHED), between, (number, ALTERED))
    end = {"number": entries + 1, "copied": number}
    yield Forgery("added", (COPIED,), end, (entries + 1, INSERTED))
    yield Forgery("added and rehashed", (COPIED, REHASHED), end, (entries + 1, INSERTED))
