"""What the consumer `previews` is given: nudges, pages that were fetched, messages to show them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from cgraph.chat.messages.actions import record_change
from cgraph.chat.messages.previews import queries
from cgraph.chat.messages.previews.consumer import consumer
from cgraph.chat.messages.previews.models import PreviewsJob
from cgraph.core import clock
from cgraph.core.database import Transaction, transaction
from cgraph.core.encoding import encode_json
from cgraph.events.consumer_worker import following
from cgraph.events.nudges import Nudge
from cgraph.media.previews.links import html_links, preview_id, preview_links
from cgraph.media.previews.models import FetchResult

LIFE, LIFE_OF_FAILURE = timedelta(days=1), timedelta(hours=1)


BYTES_AT_MOST = 8000
"""Of the previews of one message, as JSON: a page of a hundred messages must fit one answer."""


async def make_previews(jobs: Sequence[PreviewsJob]) -> None:
    """Each of them may be done again. Raises Unavailable, DatabaseUnavailable, QueueUnavailable:
    the jobs come again.
    """
    for job in jobs:
        if job.result is not None:
            await _store(job.result)
        await _show(job.messages)
    if nudges := [Nudge(shard=job.shard) for job in jobs if job.is_nudge]:
        await following(consumer())(nudges)


async def _store(result: FetchResult) -> None:
    """Where this ends before all messages have their previews, the same result comes again."""
    now = clock.now()
    life = LIFE if result.failed is None else LIFE_OF_FAILURE
    async with transaction() as tx:
        await queries.store_preview(tx, result, expires_at=now + life, now=now)
        waiting = await queries.answer_waits(tx, preview=result.id)
    await _show(waiting)


async def _show(messages: Iterable[UUID]) -> None:
    """Each in a transaction of its own: one locks the stream of its conversation."""
    for id in messages:
        async with transaction() as tx:
            await show_previews(tx, message_id=id, now=clock.now())


async def show_previews(tx: Transaction, *, message_id: UUID, now: datetime) -> None:
    """Gives the message, as it is now, the previews of its links once all of them are fetched, and
    tells its members where that changes it.
    """
    await queries.lock_stream(tx, message_id=message_id)
    await queries.delete_answered_waits(tx, message_id=message_id)
    shown = await queries.shown_by(tx, message_id=message_id)
    if shown is None or shown.waits or not shown.link_previews:
        return
    links = preview_links(html_links(shown.content_html))
    previews = _fitting(await queries.previews(tx, [preview_id(link) for link in links]))
    if previews != shown.previews:
        changed = await queries.set_previews(tx, message_id=message_id, previews=previews)
        await record_change(tx, changed, type="message.updated", now=now)


def _fitting(previews: Iterable[dict[str, str]]) -> list[dict[str, str]]:
    """The first of them that fit."""
    left, fitting = BYTES_AT_MOST, []
    for preview in previews:
        left -= len(encode_json(preview).encode())
        if left < 0:
            break
        fitting.append(preview)
    return fitting
