"""Queries of the use of passkeys."""

from datetime import datetime
from uuid import UUID

from cgraph.accounts.webauthn.models import PasskeyRow, UsedPasskeyRow
from cgraph.core.database import Transaction


async def passkey_of(tx: Transaction, *, credential_id: bytes) -> PasskeyRow | None:
    return await tx.fetch_one(
        PasskeyRow,
        """
        SELECT id, user_id, credential_id, public_key, sign_count
        FROM passkeys
        WHERE credential_id = %(credential_id)s
        """,
        {"credential_id": credential_id},
    )


async def note_use(
    tx: Transaction, *, id: UUID, sign_count: int, now: datetime
) -> UsedPasskeyRow | None:
    """Returns None if the passkey is gone, or was used with this count or a later one meanwhile; an
    authenticator that does not count always has 0.
    """
    return await tx.fetch_one(
        UsedPasskeyRow,
        """
        UPDATE passkeys k SET sign_count = %(sign_count)s, last_used_at = %(now)s
        FROM users u
        WHERE k.id = %(id)s AND u.id = k.user_id
          AND (k.sign_count < %(sign_count)s OR (k.sign_count = 0 AND %(sign_count)s = 0))
        RETURNING u.id, me_json(u) AS me
        """,
        {"id": id, "sign_count": sign_count, "now": now},
    )
