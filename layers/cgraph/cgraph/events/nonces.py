"""Nonces: a client's own name for a write, so that sending it again has one effect and
one answer.
"""

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from cgraph.core.database import AlreadyExists, Transaction
from cgraph.core.errors import NonceConflict
from cgraph.core.ids import UserId


@dataclass(frozen=True, slots=True)
class FirstResult:
    """The data of the event that the first write with this nonce logged."""

    request_hash: bytes
    payload: dict[str, Any]


@dataclass(frozen=True, slots=True)
class CreatedRow:
    """The id of what the first write with this nonce created: a post, a comment, a warning."""

    request_hash: bytes
    id: UUID


def request_hash(action: str, body: dict[str, Any]) -> bytes:
    """SHA-256 of the request, whatever the order of its fields. `body` is JSON-ready."""
    return hashlib.sha256(json.dumps([action, body], sort_keys=True).encode()).digest()


def replay(first: FirstResult, *, request_hash: bytes) -> dict[str, Any]:
    """The data of the first result. Raises NonceConflict where the first request was another."""
    require_same_request(first.request_hash, request_hash=request_hash)
    return first.payload


def require_same_request(first_hash: bytes, *, request_hash: bytes) -> None:
    """Raises NonceConflict where the first request with the nonce was another."""
    if first_hash != request_hash:
        raise NonceConflict


async def first_result(tx: Transaction, *, user_id: UserId, nonce: str) -> FirstResult | None:
    """For writes that are answered as they were: the result is the event."""
    return await tx.fetch_one(
        FirstResult,
        """
        SELECT request_hash, payload FROM first_result(%(user_id)s, %(nonce)s)
        """,
        {"user_id": user_id, "nonce": nonce},
    )


async def created_id(
    tx: Transaction, *, user_id: UserId, nonce: str, request_hash: bytes
) -> UUID | None:
    """For writes that are answered with the thing as it is now. None where the nonce is unused.
    Raises NonceConflict where the first request was another.
    """
    row = await tx.fetch_one(
        CreatedRow,
        "SELECT body_hash AS request_hash, stream_id AS id FROM nonces"
        " WHERE user_id = %(user_id)s AND nonce = %(nonce)s",
        {"user_id": user_id, "nonce": nonce},
    )
    if row is None:
        return None
    require_same_request(row.request_hash, request_hash=request_hash)
    return row.id


async def store_nonce(
    tx: Transaction,
    *,
    user_id: UserId,
    nonce: str,
    request_hash: bytes,
    created_id: UUID,
    now: datetime,
) -> None:
    """For `created_id`, in the transaction that creates the thing and has locked its stream: a
    request that stores the same nonce meanwhile writes elsewhere, so it is another one. Raises
    NonceConflict.
    """
    try:
        await tx.execute(
            """
            INSERT INTO nonces (user_id, nonce, body_hash, stream_id, seq, created_at)
            VALUES (%(user_id)s, %(nonce)s, %(request_hash)s, %(created_id)s, 0, %(now)s)
            """,
            {
                "user_id": user_id,
                "nonce": nonce,
                "request_hash": request_hash,
                "created_id": created_id,
                "now": now,
            },
        )
    except AlreadyExists:
        raise NonceConflict from None
