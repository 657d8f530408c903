"""The devices that get push messages, each for as long as the session that registered it."""

from collections.abc import Sequence
from uuid import UUID

from cgraph.core import clock
from cgraph.core.caller import Caller
from cgraph.core.database import Transaction
from cgraph.core.ids import uuid7
from cgraph.core.pagination import page_json
from cgraph.core.server_keys import server_key
from cgraph.notifications.delivery.devices import queries
from cgraph.notifications.delivery.devices.addresses import read_address
from cgraph.notifications.delivery.devices.models import Device, DeviceDraft, PushKey
from cgraph.notifications.delivery.errors import DeviceNotFound
from cgraph.notifications.delivery.platforms import require_available

DEVICES_AT_MOST = 20


async def show_push_key(tx: Transaction) -> PushKey:
    """Raises PlatformNotAvailable."""
    require_available("web")
    from cgraph.notifications.delivery.web_push import vapid  # imports cryptography

    key = vapid.private_key(await vapid_secret(tx))
    return PushKey(public_key=vapid.public_key(key))


async def add_device(tx: Transaction, *, caller: Caller, draft: DeviceDraft) -> Device:
    """Raises PlatformNotAvailable, MissingDeviceField, InvalidEndpoint, InvalidPushKey,
    InvalidPushToken.
    """
    require_available(draft.platform)
    address = read_address(draft)
    now = clock.now()
    device = Device(id=uuid7(now), platform=draft.platform, created_at=now, is_current=True)
    added = await queries.put_device(
        tx,
        device=device,
        user_id=caller.id,
        session_id=caller.session_id,
        address=address,
        most=DEVICES_AT_MOST,
    )
    assert added is not None, "the statement always returns one row"
    return added


async def list_devices(tx: Transaction, *, caller: Caller) -> str:
    """Returns all as one page of Device as JSON, newest first."""
    rows = await queries.list_devices(tx, user_id=caller.id, session_id=caller.session_id)
    return page_json(
        rows, limit=DEVICES_AT_MOST, scope=f"devices:{caller.id}", position=lambda row: (row.id,)
    )


async def remove_device(tx: Transaction, *, caller: Caller, id: UUID) -> None:
    """Raises DeviceNotFound."""
    if not await queries.delete_device(tx, id=id, user_id=caller.id):
        raise DeviceNotFound


async def forget_devices(tx: Transaction, *, ids: Sequence[UUID]) -> int:
    """Those that their push services do not know any more."""
    return await queries.delete_devices(tx, ids=list(ids))


async def vapid_secret(tx: Transaction) -> bytes:
    """Of this installation; the first caller makes it."""
    return await server_key(tx, name="vapid")
