"""Notifications as the consumer of the log leaves them, with their deliveries."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from cgraph.core.ids import uuid7
from tests.feature.mailed import verified
from tests.feature.world import Person, World

LONG_AGO = timedelta(hours=1)


async def notify(
    person: Person,
    *,
    actor: Person,
    kind: str = "direct_message",
    level: int = 2,
    after: timedelta = -LONG_AGO,
    group: str | None = None,
    message: Mapping[str, Any] | None = None,
) -> str:
    """The id of a new unread notification, whose deliveries were scheduled then. `message`: what it
    is about.
    """
    world, id, at = person.world, uuid7(), datetime.now(UTC) + after
    await world.sql(
        """
        INSERT INTO notifications (user_id, id, kind, group_key, actors, actor_count, event_count,
                                   seq, level, created_at, updated_at)
        SELECT %s, %s, %s, %s, %s, 1, 1, last_seq + 1, %s, %s, %s
        FROM notification_counters WHERE user_id = %s
        """,
        *(person.id, id, kind, group or f"{kind}:{uuid4()}", [UUID(actor.id)], level, at, at),
        person.id,
    )
    await world.sql(
        "UPDATE notification_counters SET unread = unread + 1, last_seq = last_seq + 1 "
        "WHERE user_id = %s",
        person.id,
    )
    await world.sql(
        """
        INSERT INTO notification_sources (user_id, source_id, notification_id, actor_id, created_at)
        VALUES (%s, gen_random_uuid(), %s, %s, %s)
        """,
        *(person.id, id, actor.id, at),
    )
    if message is not None:
        await world.sql(
            "UPDATE notifications SET target_kind = 'message', target_id = %s, "
            "place_kind = 'conversation', place_id = %s WHERE user_id = %s AND id = %s",
            *(message["id"], message["conversation_id"], person.id, id),
        )
    await raise_again(person, str(id), at=at)
    return str(id)


async def raise_again(person: Person, id: str, *, at: datetime) -> None:
    await person.world.sql("SELECT schedule_deliveries(%s, %s, %s)", person.id, id, at)


async def read(person: Person, *ids: str) -> None:
    """As another device does it."""
    world, uuids = person.world, [UUID(id) for id in ids]
    await world.sql(
        "UPDATE notifications SET read_at = now() WHERE user_id = %s AND id = ANY (%s)",
        *(person.id, uuids),
    )
    await world.sql("SELECT cancel_deliveries(%s, %s)", person.id, uuids)


async def prefer(person: Person, **values: object) -> None:
    """mail, push, show_preview, time_zone, quiet_from, quiet_until, silenced. Mail goes to verified
    addresses."""
    world = person.world
    if values.get("mail", "off") != "off":
        await verified(person)
    await world.sql(
        "INSERT INTO notification_preferences (user_id) VALUES (%s) ON CONFLICT DO NOTHING",
        person.id,
    )
    await world.sql(
        """
        UPDATE notification_preferences
        SET mail = coalesce(%s, mail), push = coalesce(%s, push),
            show_preview = coalesce(%s, show_preview), time_zone = coalesce(%s, time_zone),
            quiet_from = %s, quiet_until = %s, silenced = coalesce(%s, silenced)
        WHERE user_id = %s
        """,
        *(values.get("mail"), values.get("push"), values.get("show_preview")),
        values.get("time_zone"),
        *(values.get("quiet_from"), values.get("quiet_until"), values.get("silenced"), person.id),
    )


async def deliveries(person: Person) -> list[tuple[Any, ...]]:
    """Channel, whether it was sent, and why not."""
    return await person.world.sql(
        "SELECT channel, sent_at IS NOT NULL, reason FROM deliveries WHERE user_id = %s "
        "ORDER BY notification_id, channel",
        person.id,
    )


async def deliver(world: World) -> None:
    await world.work_off("schedules.start_deliveries")


async def sent_to(person: Person, url: str) -> list[Any]:
    """The mails or the push messages in a queue that are for them: others may be due too."""
    world = person.world
    found = await world.sql("SELECT endpoint FROM devices WHERE user_id = %s", person.id)
    targets = {person.email, *(endpoint for (endpoint,) in found)}
    jobs = world.queues.drain(url)
    return [job for job in jobs if {job.get(name) for name in ("to", "url", "token")} & targets]


def queue(world: World, name: str) -> str:
    """The URL of `mails`, `web-pushes`, `phone-pushes` or `deliveries`, which is empty now."""
    url = world.queues.new(name)
    world.queues.drain(url)
    return url
