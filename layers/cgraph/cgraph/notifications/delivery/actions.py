"""Sends what is due about notifications: claims it in Postgres, writes it down, and puts it on the
queues of the functions that send.

A claim commits before anything is on a queue. So what dies in between is not sent at all, and
nothing is sent twice.
"""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from cgraph.core import clock, database, metrics, queues
from cgraph.core.cache import CacheUnavailable
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.log import logger
from cgraph.core.settings import settings
from cgraph.mail import links, posting
from cgraph.mail.models import MailJob
from cgraph.notifications.delivery import queries
from cgraph.notifications.delivery.devices import actions as devices
from cgraph.notifications.delivery.models import (
    ClaimedRow,
    ContentRow,
    DeliveryJob,
    RecipientRow,
    SubscriptionRow,
)
from cgraph.notifications.delivery.phones.messages import phone_push_job
from cgraph.notifications.delivery.platforms import is_available
from cgraph.notifications.delivery.push_attempts import PushJob
from cgraph.notifications.delivery.sentences import letter
from cgraph.notifications.presence import looking_at

DELIVERIES_AT_ONCE = 200
"""Whose users are locked and served in one transaction, with all that is due of them."""
WORK_SECONDS = 20.0
"""Of one invocation; the next timer goes on."""

PUSH_SECONDS = 10
"""How long after a notification the first push is due: the default of schedule_deliveries()."""

NUDGE_SECONDS = 5.0
"""One nudge of a process is for all that it schedules within so long."""

KEPT = timedelta(days=30)
EXPIRED_AT_ONCE = 10_000


_nudged_at, _is_expecting = -NUDGE_SECONDS, False


@dataclass(frozen=True, slots=True)
class _Due:
    """What was claimed: the rows to send, with all that the messages are made of."""

    rows: Sequence[ClaimedRow]
    contents: Mapping[tuple[UUID, UUID], ContentRow]
    recipients: Mapping[UUID, RecipientRow]
    subscriptions: Sequence[SubscriptionRow]
    signer: links.Signer
    secret: bytes


def expect_deliveries(tx: Transaction) -> None:
    """The transaction may schedule some: `deliver_soon` need not be called otherwise."""
    tx.on_commit(_expect, None)


async def _expect(_: Sequence[None]) -> None:
    global _is_expecting
    _is_expecting = True


async def deliver_soon() -> None:
    """What this process has scheduled is sent when it is due, and not at the next minute."""
    global _nudged_at, _is_expecting
    if not _is_expecting or time.monotonic() - _nudged_at < NUDGE_SECONDS:
        return
    _nudged_at, _is_expecting = time.monotonic(), False
    body, delay = encode_json({"due": True}), PUSH_SECONDS + int(NUDGE_SECONDS) + 1
    try:
        queues.send(settings().delivery_queue_url, [body], delay_seconds=delay)
    except queues.QueueUnavailable as error:  # then the timer does it
        logger.warning("deliveries_not_nudged", extra={"reason": str(error)})


async def deliver_notifications(jobs: Sequence[DeliveryJob]) -> None:
    """Raises DatabaseUnavailable."""
    gone = [device for job in jobs for device in job.gone]
    if gone:
        async with database.autocommit() as tx:
            metrics.add_property("devices_gone", await devices.forget_devices(tx, ids=gone))
    if any(job.due for job in jobs):
        await deliver_due()


async def start_deliveries() -> None:
    """Each minute: what is due, and once in a while away with what is old. Raises
    DatabaseUnavailable.
    """
    await deliver_due()
    async with database.autocommit() as tx:
        await queries.expire_deliveries(tx, before=clock.now() - KEPT, most=EXPIRED_AT_ONCE)


async def deliver_due() -> None:
    """All that is due, for some hundred users at a time. Raises DatabaseUnavailable."""
    ends_at = time.monotonic() + WORK_SECONDS
    while time.monotonic() < ends_at:
        async with database.transaction() as tx:
            claimed = await queries.claim_deliveries(tx, now=clock.now(), most=DELIVERIES_AT_ONCE)
            rows = [row for row in claimed if row.is_due]
            due = await _read(tx, rows) if rows else None
        if due is not None:
            await _send(due)
        elif not claimed:
            return


async def _read(tx: Transaction, rows: Sequence[ClaimedRow]) -> _Due:
    user_ids = list({row.user_id for row in rows})
    contents = await queries.contents_of(tx, rows=rows)
    return _Due(
        rows=rows,
        contents={(each.user_id, each.id): each for each in contents},
        recipients={each.id: each for each in await queries.recipients_of(tx, user_ids=user_ids)},
        subscriptions=await queries.subscriptions_of(tx, user_ids=user_ids),
        signer=await links.signer(tx),
        secret=await devices.vapid_secret(tx),
    )


async def _send(due: _Due) -> None:
    pushes = await _without_present([row for row in due.rows if row.channel == "push"], due)
    mails = [row for row in due.rows if row.channel != "push"]
    metrics.add_property("deliveries", len(due.rows))
    try:
        _queue_pushes(due, pushes)
    except queues.QueueUnavailable as error:
        await _release(pushes, reason=str(error))
    try:
        _queue_mails(due, mails)
    except queues.QueueUnavailable as error:
        await _release(mails, reason=str(error))


async def _without_present(rows: Sequence[ClaimedRow], due: _Due) -> Sequence[ClaimedRow]:
    """Those whose users do not look at what it is about. The others are due again a minute later:
    who reads gets none, and who has left by then gets one.
    """
    try:
        seen = await looking_at(list({row.user_id for row in rows}))
    except CacheUnavailable:  # then a phone may ring beside an open window
        return rows
    present = [row for row in rows if _subject(row, due) in seen.get(row.user_id, ())]
    if not present:
        return rows
    metrics.add_property("pushes_postponed", len(present))
    async with database.autocommit() as tx:
        await queries.release_deliveries(tx, rows=present, now=clock.now())
    return [row for row in rows if row not in present]


def _subject(row: ClaimedRow, due: _Due) -> UUID | None:
    """The stream that users see what it is about in: the conversation, or the post."""
    content = due.contents[row.user_id, row.notification_id]
    return content.place_id if content.place_kind == "conversation" else content.target_id


async def _release(rows: Sequence[ClaimedRow], *, reason: str) -> None:
    logger.error("deliveries_not_queued", extra={"reason": reason, "deliveries": len(rows)})
    async with database.autocommit() as tx:
        await queries.release_deliveries(tx, rows=rows, now=clock.now())


def _queue_pushes(due: _Due, rows: Sequence[ClaimedRow]) -> None:
    """One message for each notification and device. Raises QueueUnavailable."""
    messages = [
        (due.contents[row.user_id, row.notification_id], subscription)
        for row in rows
        for subscription in due.subscriptions
        if subscription.user_id == row.user_id and is_available(subscription.platform)
    ]
    to_browsers = [message for message in messages if message[1].platform == "web"]
    if to_browsers:
        from cgraph.notifications.delivery.web_push.writing import write_messages  # cryptography

        jobs = write_messages(to_browsers, recipients=due.recipients, secret=due.secret)
        _queue(jobs, settings().web_push_queue_url)
    to_phones = [
        phone_push_job(content, to=device, recipient=due.recipients[device.user_id])
        for content, device in messages
        if device.platform != "web"
    ]
    _queue(to_phones, settings().phone_push_queue_url)


def _queue(jobs: Sequence[PushJob], url: str) -> None:
    """Raises QueueUnavailable."""
    for start in range(0, len(jobs), queues.BATCH_MESSAGES):
        batch = jobs[start : start + queues.BATCH_MESSAGES]
        queues.send(url, [job.model_dump_json() for job in batch])


def _queue_mails(due: _Due, rows: Sequence[ClaimedRow]) -> None:
    """One mail for each user. Raises QueueUnavailable."""
    if not rows or not posting.is_configured():
        return
    by_user: defaultdict[UUID, list[ContentRow]] = defaultdict(list)
    claimed = {(row.user_id, row.notification_id) for row in rows}
    for key, content in due.contents.items():  # newest first
        if key in claimed:
            by_user[content.user_id].append(content)
    posting.post([_mail(due, user_id, contents) for user_id, contents in by_user.items()])


def _mail(due: _Due, user_id: UUID, contents: Sequence[ContentRow]) -> MailJob:
    recipient = due.recipients[user_id]
    written = letter(contents, to=recipient, unsubscribe_url=due.signer.url(user_id))
    return posting.mail_job(written, to=recipient.email)
