"""Queries of the devices that get push messages."""

from uuid import UUID

from cgraph.core.database import Transaction
from cgraph.notifications.delivery.devices.models import Address, Device, DeviceRow


async def put_device(
    tx: Transaction,
    *,
    device: Device,
    user_id: UUID,
    session_id: UUID,
    address: Address,
    most: int,
) -> Device | None:
    """An endpoint belongs to the session that registered it last. What a user has beyond `most` is
    deleted, oldest first.
    """
    return await tx.fetch_one(
        Device,
        """
        WITH put AS (
            INSERT INTO devices AS d
                (id, user_id, session_id, platform, endpoint, public_key, auth, created_at)
            VALUES (%(id)s, %(user_id)s, %(session_id)s, %(platform)s, %(endpoint)s,
                    %(public_key)s, %(auth)s, %(now)s)
            ON CONFLICT (endpoint) DO UPDATE
            SET user_id = EXCLUDED.user_id, session_id = EXCLUDED.session_id,
                platform = EXCLUDED.platform, public_key = EXCLUDED.public_key, auth = EXCLUDED.auth
            RETURNING d.id, d.platform, d.created_at
        ), surplus AS (
            DELETE FROM devices d
            WHERE d.id IN (
                SELECT o.id FROM devices o
                WHERE o.user_id = %(user_id)s AND o.endpoint <> %(endpoint)s
                ORDER BY o.id DESC OFFSET %(most)s - 1
            )
        )
        SELECT id, platform, created_at, true AS is_current FROM put
        """,
        {
            "id": device.id,
            "user_id": user_id,
            "session_id": session_id,
            "platform": device.platform,
            "endpoint": address.endpoint,
            "public_key": address.public_key,
            "auth": address.auth,
            "now": device.created_at,
            "most": most,
        },
    )


async def list_devices(tx: Transaction, *, user_id: UUID, session_id: UUID) -> list[DeviceRow]:
    return await tx.fetch(
        DeviceRow,
        """
        SELECT v.id, json_build_object(
                'id', v.id, 'platform', v.platform, 'created_at', rfc3339(v.created_at),
                'is_current', v.session_id = %(session_id)s
            )::text AS json
        FROM devices v JOIN sessions s ON s.id = v.session_id
        WHERE v.user_id = %(user_id)s AND s.ended_at IS NULL AND s.expires_at > now()
        ORDER BY v.id DESC
        """,
        {"user_id": user_id, "session_id": session_id},
    )


async def delete_device(tx: Transaction, *, id: UUID, user_id: UUID) -> int:
    return await tx.execute(
        "DELETE FROM devices WHERE id = %(id)s AND user_id = %(user_id)s",
        {"id": id, "user_id": user_id},
    )


async def delete_devices(tx: Transaction, *, ids: list[UUID]) -> int:
    return await tx.execute("DELETE FROM devices WHERE id = ANY (%(ids)s)", {"ids": ids})
