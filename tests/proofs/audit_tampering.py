"""What the owner of the database can do to an audit log, and what the verifier must report."""

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
class Tampering:
    """Statements, and the entry that the verifier must report."""

    kind: str
    statements: tuple[LiteralString, ...]
    values: dict[str, Any]
    reported: tuple[int, str]


def tamperings(number: int, *, entries: int) -> Iterator[Tampering]:
    """Of every kind, at one entry of a log with so many."""
    at = {"number": number}
    for kind, value in EDITS.items():
        column = kind.partition(",")[0]
        edit = _edit(column, value)
        yield Tampering(f"edited: {kind}", (edit,), at, (number, ALTERED))
        if column != "hash":
            both = (edit, REHASHED)
            yield Tampering(f"edited and rehashed: {kind}", both, at, (number, ALTERED))
    yield Tampering("deleted", (DELETED,), at, (number, MISSING))
    reported = (number, MISSING if number == entries else ALTERED)
    yield Tampering("deleted, and the gap closed", (DELETED, CLOSED), at, reported)
    yield Tampering("cut off", (CUT,), at, (number, MISSING))
    other = number + 1 if number < entries else 1
    swap = {**at, "other": other}
    yield Tampering("swapped", (SWAPPED,), swap, (min(number, other), ALTERED))
    yield from _insertions(number, entries=entries)


def _edit(column: LiteralString, value: LiteralString) -> LiteralString:
    where: LiteralString = " WHERE forum_id = %(forum)s AND number = %(number)s"
    return "UPDATE audit_log SET " + column + " = " + value + where


def _insertions(number: int, *, entries: int) -> Iterator[Tampering]:
    between = {"number": number, "copied": number + 1}
    shifted = (SHIFTED, COPIED)
    yield Tampering("inserted", shifted, between, (number, ALTERED))
    yield Tampering("inserted and rehashed", (*shifted, REHASHED), between, (number, ALTERED))
    end = {"number": entries + 1, "copied": number}
    yield Tampering("added", (COPIED,), end, (entries + 1, INSERTED))
    yield Tampering("added and rehashed", (COPIED, REHASHED), end, (entries + 1, INSERTED))
