"""Queries of API tokens."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.api_tokens.models import (
    TOKENS_MAX,
    CreatedRow,
    DeletedRow,
    NewApiToken,
    TokenRow,
)
from cgraph.core.database import Transaction


async def create_api_token(
    tx: Transaction, *, user_id: UUID, token: NewApiToken, hash: bytes
) -> bool:
    """Returns False if the user has as many as one may have."""
    row = await tx.fetch_one(
        CreatedRow,
        """
        SELECT create_api_token(%(id)s, %(user_id)s, %(name)s, %(scopes)s::text[], %(hash)s,
                                %(created_at)s, %(expires_at)s, %(max)s) AS created
        """,
        {
            "id": token.id,
            "user_id": user_id,
            "name": token.name,
            "scopes": [scope.value for scope in token.scopes],
            "hash": hash,
            "created_at": token.created_at,
            "expires_at": token.expires_at,
            "max": TOKENS_MAX,
        },
    )
    return row is not None and row.created


async def list_api_tokens(tx: Transaction, *, user_id: UUID, now: datetime) -> list[TokenRow]:
    """Those that have not expired, newest first."""
    return await tx.fetch(
        TokenRow,
        """
        SELECT id, json_build_object(
                'id', id, 'name', name, 'scopes', scopes, 'created_at', rfc3339(created_at),
                'expires_at', rfc3339(expires_at), 'last_used_at', rfc3339(last_used_at)
            )::text AS json
        FROM api_tokens
        WHERE user_id = %(user_id)s AND expires_at > %(now)s
        ORDER BY id DESC
        LIMIT %(max)s
        """,
        {"user_id": user_id, "now": now, "max": TOKENS_MAX},
    )


async def delete_api_token(tx: Transaction, *, user_id: UUID, id: UUID) -> DeletedRow | None:
    return await tx.fetch_one(
        DeletedRow,
        "DELETE FROM api_tokens WHERE id = %(id)s AND user_id = %(user_id)s RETURNING hash",
        {"id": id, "user_id": user_id},
    )
