"""Queries of passkeys."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.passkeys.models import (
    PASSKEYS_MAX,
    CreatedRow,
    IdRow,
    KnownCredentialRow,
    PasskeyListRow,
    UserNameRow,
)
from cgraph.accounts.webauthn.models import PasskeyRow
from cgraph.core.database import Transaction


async def name_of(tx: Transaction, *, user_id: UUID) -> UserNameRow | None:
    return await tx.fetch_one(
        UserNameRow,
        "SELECT username, display_name FROM users WHERE id = %(user_id)s",
        {"user_id": user_id},
    )


async def credentials_of(tx: Transaction, *, user_id: UUID) -> list[KnownCredentialRow]:
    return await tx.fetch(
        KnownCredentialRow,
        "SELECT credential_id, transports FROM passkeys WHERE user_id = %(user_id)s",
        {"user_id": user_id},
    )


async def create_passkey(
    tx: Transaction,
    *,
    passkey: PasskeyRow,
    name: str,
    transports: list[str],
    synced: bool,
    second_factor: bool,
    now: datetime,
) -> bool:
    """Returns False if the user has as many as one may have. Raises AlreadyExists."""
    row = await tx.fetch_one(
        CreatedRow,
        """
        SELECT create_passkey(
            ROW (%(id)s, %(user_id)s, %(credential_id)s, %(public_key)s, %(sign_count)s, %(name)s,
                 %(transports)s::text[], %(synced)s, %(second_factor)s, %(now)s, NULL)::passkeys,
            %(max)s) AS created
        """,
        {
            "id": passkey.id,
            "user_id": passkey.user_id,
            "credential_id": passkey.credential_id,
            "public_key": passkey.public_key,
            "sign_count": passkey.sign_count,
            "name": name,
            "transports": transports,
            "synced": synced,
            "second_factor": second_factor,
            "now": now,
            "max": PASSKEYS_MAX,
        },
    )
    return row is not None and row.created


async def list_passkeys(tx: Transaction, *, user_id: UUID) -> list[PasskeyListRow]:
    """All, newest first."""
    return await tx.fetch(
        PasskeyListRow,
        """
        SELECT k.id, passkey_json(k)::text AS json
        FROM passkeys k
        WHERE k.user_id = %(user_id)s
        ORDER BY k.id DESC
        LIMIT %(max)s
        """,
        {"user_id": user_id, "max": PASSKEYS_MAX},
    )


async def change_passkey(
    tx: Transaction, *, user_id: UUID, id: UUID, name: str | None, second_factor: bool | None
) -> PasskeyListRow | None:
    return await tx.fetch_one(
        PasskeyListRow,
        """
        UPDATE passkeys k
        SET name = coalesce(%(name)s, name),
            second_factor = coalesce(%(second_factor)s, second_factor)
        WHERE k.id = %(id)s AND k.user_id = %(user_id)s
        RETURNING k.id, passkey_json(k)::text AS json
        """,
        {"id": id, "user_id": user_id, "name": name, "second_factor": second_factor},
    )


async def has_passkey(tx: Transaction, *, user_id: UUID, id: UUID) -> bool:
    row = await tx.fetch_one(
        IdRow,
        "SELECT id FROM passkeys WHERE id = %(id)s AND user_id = %(user_id)s",
        {"id": id, "user_id": user_id},
    )
    return row is not None


async def delete_passkey(tx: Transaction, *, user_id: UUID, id: UUID) -> bool:
    deleted = await tx.execute(
        "DELETE FROM passkeys WHERE id = %(id)s AND user_id = %(user_id)s",
        {"id": id, "user_id": user_id},
    )
    return deleted > 0
