"""What is due goes out once, and what was read in time does not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.feature.environment import work_off
from tests.feature.notified import (
    deliver,
    deliveries,
    notify,
    prefer,
    queue,
    raise_again,
    read,
    sent_to,
)
from tests.feature.push_receiver import PushReceiver, receiving_pushes
from tests.feature.world import Person, World

HOUR = timedelta(hours=1)
TIMER: dict[str, object] = {}


@pytest.fixture
async def receiver(world: World, tmp_path: Path) -> AsyncIterator[PushReceiver]:
    async with receiving_pushes(world, tmp_path) as receiver:
        yield receiver


@pytest.fixture
async def reader(world: World, receiver: PushReceiver) -> Person:
    """With a browser, and mail at once."""
    person = await world.new_person("reader")
    await receiver.subscribe(person)
    await prefer(person, mail="immediate")
    return person


async def test_a_notification_that_nobody_reads_is_pushed_and_then_mailed(
    world: World, reader: Person, ada: Person
) -> None:
    pushes, mails = queue(world, "web-pushes"), queue(world, "mails")
    await notify(reader, actor=ada)
    await deliver(world)
    (job,) = await sent_to(reader, pushes)
    assert job["url"].startswith("https://127.0.0.1")
    (mail,) = await sent_to(reader, mails)
    assert mail["to"] == reader.email
    assert mail["subject"] == f"{ada.username} sent you a message"
    assert await deliveries(reader) == [("mail", True, None), ("push", True, None)]


async def test_the_mail_waits_for_minutes_after_the_push(
    world: World, reader: Person, ada: Person
) -> None:
    pushes, mails = queue(world, "web-pushes"), queue(world, "mails")
    id = await notify(reader, actor=ada, after=timedelta(seconds=-30))
    await deliver(world)
    assert len(await sent_to(reader, pushes)) == 1
    assert await sent_to(reader, mails) == []
    await read(reader, id)
    await world.sql("UPDATE deliveries SET due_at = now() WHERE user_id = %s", reader.id)
    await deliver(world)
    assert await sent_to(reader, mails) == []


async def test_nothing_is_sent_about_what_was_read(
    world: World, reader: Person, ada: Person
) -> None:
    pushes, mails = queue(world, "web-pushes"), queue(world, "mails")
    await read(reader, await notify(reader, actor=ada))
    await deliver(world)
    assert await sent_to(reader, pushes) == []
    assert await sent_to(reader, mails) == []
    assert await deliveries(reader) == [("mail", False, "read"), ("push", False, "read")]


async def test_what_was_read_without_a_cancellation_is_found_out_when_it_is_claimed(
    world: World, reader: Person, ada: Person
) -> None:
    mails = queue(world, "mails")
    await notify(reader, actor=ada)
    await world.sql("UPDATE notifications SET read_at = now() WHERE user_id = %s", reader.id)
    await deliver(world)
    assert await sent_to(reader, mails) == []
    assert await deliveries(reader) == [("mail", False, "read"), ("push", False, "read")]


async def test_timers_at_once_send_each_delivery_once(
    world: World, reader: Person, ada: Person
) -> None:
    mails = queue(world, "mails")
    people = [await world.new_person() for _ in range(6)]
    for person in people:
        await prefer(person, mail="immediate")
        await notify(person, actor=ada)
    await asyncio.gather(
        *(world.run(work_off, "schedules.start_deliveries", TIMER, many=True) for _ in range(4))
    )
    addresses = [mail["to"] for mail in world.queues.drain(mails)]
    assert sorted(set(addresses)) == sorted(addresses)
    assert {person.email for person in people} <= set(addresses)


async def test_what_the_queue_does_not_take_is_sent_a_minute_later(
    world: World, reader: Person, ada: Person
) -> None:
    mails = queue(world, "mails")
    await notify(reader, actor=ada)
    async with world.away("emulator"):
        await deliver(world)
    assert await deliveries(reader) == [("mail", False, None), ("push", False, None)]
    assert await world.sql(
        "SELECT bool_and(due_at > now()) FROM deliveries WHERE user_id = %s", reader.id
    ) == [(True,)]
    await world.sql("UPDATE deliveries SET due_at = now() WHERE user_id = %s", reader.id)
    await deliver(world)
    assert [mail["to"] for mail in await sent_to(reader, mails)] == [reader.email]


async def test_a_digest_is_one_mail_about_all_that_is_unread(
    world: World, ada: Person, grace: Person
) -> None:
    mails = queue(world, "mails")
    person = await world.new_person()
    await prefer(person, mail="daily")
    await notify(person, actor=ada, after=-49 * HOUR, kind="mention")
    await notify(person, actor=grace, after=-48 * HOUR, kind="new_post", level=1)
    await read(person, await notify(person, actor=grace, after=-48 * HOUR))
    await deliver(world)
    (mail,) = await sent_to(person, mails)
    assert mail["subject"] == "2 new notifications"
    assert f"- {grace.username} wrote a post\n- {ada.username} mentioned you\n" in mail["text"]
    await deliver(world)
    assert await sent_to(person, mails) == []


@pytest.mark.parametrize(
    ("every", "at", "due"),
    [
        ("hourly", "2026-03-10 10:20 UTC", "2026-03-10 11:00 UTC"),
        ("daily", "2026-03-10 06:00 UTC", "2026-03-10 07:00 UTC"),  # 8 h in Berlin
        ("daily", "2026-03-10 07:00 UTC", "2026-03-11 07:00 UTC"),
        ("daily", "2026-03-28 12:00 UTC", "2026-03-29 06:00 UTC"),  # summer time begins
        ("weekly", "2026-03-10 12:00 UTC", "2026-03-16 07:00 UTC"),
    ],
)
async def test_digests_are_due_in_the_morning_of_their_reader(
    world: World, every: str, at: str, due: str
) -> None:
    query = "SELECT next_digest(%s::timestamptz, %s, 'Europe/Berlin') = %s::timestamptz"
    assert await world.sql(query, at, every, due) == [(True,)]


@pytest.mark.parametrize(
    ("at", "quiet", "due"),
    [
        ("2026-03-10 21:30 UTC", ("22:00", "07:00"), "2026-03-11 06:00 UTC"),
        ("2026-03-11 01:00 UTC", ("22:00", "07:00"), "2026-03-11 06:00 UTC"),
        ("2026-03-11 06:00 UTC", ("22:00", "07:00"), "2026-03-11 06:00 UTC"),
        ("2026-03-11 12:30 UTC", ("13:00", "14:00"), "2026-03-11 13:00 UTC"),
        ("2026-03-11 13:00 UTC", ("13:00", "14:00"), "2026-03-11 13:00 UTC"),
    ],
)
async def test_quiet_hours_are_those_of_the_readers_clock(
    world: World, at: str, quiet: tuple[str, str], due: str
) -> None:
    query = """
        SELECT after_quiet_hours(%s::timestamptz, 'Europe/Berlin', %s, %s) = %s::timestamptz
    """
    assert await world.sql(query, at, *quiet, due) == [(True,)]


async def test_quiet_hours_that_began_since_put_the_delivery_off(
    world: World, reader: Person, ada: Person
) -> None:
    pushes = queue(world, "web-pushes")
    await notify(reader, actor=ada)
    now = datetime.now(UTC)
    quiet = {"quiet_from": (now - HOUR).time(), "quiet_until": (now + HOUR).time()}
    await prefer(reader, **quiet)
    await deliver(world)
    assert await sent_to(reader, pushes) == []
    assert await world.sql(
        "SELECT bool_and(due_at > now() + interval '50 minutes') FROM deliveries "
        "WHERE user_id = %s AND sent_at IS NULL AND cancelled_at IS NULL",
        reader.id,
    ) == [(True,)]


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        ({"push": False, "mail": "off"}, "off"),
        ({"silenced": ["direct_message"]}, "off"),
    ],
)
async def test_what_the_reader_turned_off_since_is_not_sent(
    world: World, reader: Person, ada: Person, wishes: dict[str, object], reason: str
) -> None:
    mails, pushes = queue(world, "mails"), queue(world, "web-pushes")
    await notify(reader, actor=ada)
    await prefer(reader, **wishes)
    await deliver(world)
    assert await sent_to(reader, mails) == await sent_to(reader, pushes) == []
    assert await deliveries(reader) == [("mail", False, reason), ("push", False, reason)]


async def test_nothing_is_sent_about_somebody_who_was_blocked_since(
    world: World, reader: Person, ada: Person
) -> None:
    mails, pushes = queue(world, "mails"), queue(world, "web-pushes")
    await notify(reader, actor=ada)
    assert (await reader.call("block_user", user_id=ada.id)).status == 204
    await deliver(world)
    assert await sent_to(reader, mails) == await sent_to(reader, pushes) == []
    assert await deliveries(reader) == [("mail", False, "hidden"), ("push", False, "hidden")]


async def test_a_raised_notification_pushes_again_after_a_minute_and_mails_once(
    world: World, reader: Person, ada: Person
) -> None:
    mails, pushes = queue(world, "mails"), queue(world, "web-pushes")
    id = await notify(reader, actor=ada)
    await deliver(world)
    await raise_again(reader, id, at=datetime.now(UTC))
    await deliver(world)
    assert len(await sent_to(reader, pushes)) == 1
    assert await world.sql(
        "SELECT due_at > now() + interval '50 seconds' FROM deliveries "
        "WHERE user_id = %s AND channel = 'push' AND sent_at IS NULL",
        reader.id,
    ) == [(True,)]
    await world.sql("UPDATE deliveries SET due_at = now() WHERE user_id = %s", reader.id)
    await deliver(world)
    assert len(await sent_to(reader, pushes)) == 1
    assert len(await sent_to(reader, mails)) == 1


async def test_old_deliveries_are_deleted(world: World, reader: Person, ada: Person) -> None:
    await notify(reader, actor=ada)
    await deliver(world)
    await world.sql(
        "UPDATE deliveries SET due_at = now() - interval '31 days' WHERE user_id = %s", reader.id
    )
    await deliver(world)
    assert await deliveries(reader) == []
