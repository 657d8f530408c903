"""Nonces: a client's own name for a write, so that sent again it has one effect and one answer."""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.core.errors import NonceConflict
from cgraph.core.ids import UserId


@dataclass(frozen=True, slots=True)
class FirstResult:
    """What the first write with this nonce made: its event's data."""

    body_hash: bytes
    payload: dict[str, Any]


def body_hash(action: str, body: dict[str, Any]) -> bytes:
    """SHA-256 of what was asked, whatever the order of its fields. `body` is JSON-ready."""
    return hashlib.sha256(json.dumps([action, body], sort_keys=True).encode()).digest()


def replay(first: FirstResult, *, asked: bytes) -> dict[str, Any]:
    """The first result's data. Raises NonceConflict where the nonce stood for another body."""
    if first.body_hash != asked:
        raise NonceConflict
    return first.payload


async def first_result(tx: Transaction, *, user_id: UserId, nonce: str) -> FirstResult | None:
    return await tx.fetch_one(
        FirstResult,
        """
        SELECT n.body_hash, coalesce(e.payload, '{}') AS payload
        FROM nonces n
        LEFT JOIN events e
            ON e.stream_id = n.stream_id AND e.seq = n.seq AND e.created_at = n.created_at
        WHERE n.user_id = %(user_id)s AND n.nonce = %(nonce)s
        """,
        {"user_id": user_id, "nonce": nonce},
    )


@dataclass(frozen=True, slots=True)
class Made:
    """What the first write with this nonce made, where it is answered as it is now: a post, a
    comment.
    """

    body_hash: bytes
    id: UUID


def require_same(made: Made, *, asked: bytes) -> UUID:
    """What was made. Raises NonceConflict where the nonce stood for another body."""
    if made.body_hash != asked:
        raise NonceConflict
    return made.id


async def made_with(tx: Transaction, *, user_id: UserId, nonce: str) -> Made | None:
    return await tx.fetch_one(
        Made,
        "SELECT body_hash, stream_id AS id FROM nonces"
        " WHERE user_id = %(user_id)s AND nonce = %(nonce)s",
        {"user_id": user_id, "nonce": nonce},
    )


async def spend(
    tx: Transaction, *, user_id: UserId, nonce: str, body_hash: bytes, made: UUID, now: datetime
) -> None:
    """For `made_with`. Raises AlreadyExists where the same nonce was spent meanwhile."""
    await tx.execute(
        """
        INSERT INTO nonces (user_id, nonce, body_hash, stream_id, seq, created_at)
        VALUES (%(user_id)s, %(nonce)s, %(body_hash)s, %(made)s, 0, %(now)s)
        """,
        {"user_id": user_id, "nonce": nonce, "body_hash": body_hash, "made": made, "now": now},
    )
