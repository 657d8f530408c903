"""What the consumer `previews` is given: nudges, pages that were fetched, texts to show them."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from cgraph.chat.messages.actions import record_change
from cgraph.core import clock
from cgraph.core.database import Transaction, transaction
from cgraph.core.encoding import encode_json
from cgraph.events.consumer_worker import following
from cgraph.events.nudges import Nudge
from cgraph.media.previews.links import preview_id
from cgraph.media.previews.models import FetchResult
from cgraph.previews import queries
from cgraph.previews.consumer import consumer
from cgraph.previews.links import links_of
from cgraph.previews.models import PreviewsJob, TextKey
from cgraph.previews.pictures import store_picture
from cgraph.realtime.announcements import announce_logged

LIFE, LIFE_OF_FAILURE = timedelta(days=1), timedelta(hours=1)


BYTES_AT_MOST = 8000
"""Of the previews of one text, as JSON: a page of a hundred messages must fit one answer."""


async def make_previews(jobs: Sequence[PreviewsJob]) -> None:
    """Each of them may be done again. Raises Unavailable, DatabaseUnavailable, QueueUnavailable,
    StorageUnavailable: the jobs come again.
    """
    for job in jobs:
        if job.result is not None:
            await _store(job.result)
        await _show(job.texts)
    if nudges := [Nudge(shard=job.shard) for job in jobs if job.is_nudge]:
        await following(consumer())(nudges)


async def _store(result: FetchResult) -> None:
    """Where this ends before all texts have their previews, the same result comes again."""
    picture_id = await store_picture(result)
    now = clock.now()
    life = LIFE if result.failed is None else LIFE_OF_FAILURE
    async with transaction() as tx:
        await queries.store_preview(
            tx, result, picture_id=picture_id, expires_at=now + life, now=now
        )
        waiting = await queries.answer_waits(tx, preview=result.id)
    await _show(waiting)


async def _show(texts: Iterable[TextKey]) -> None:
    """Each in a transaction of its own: one locks the streams in which the change is logged."""
    for key in texts:
        async with transaction() as tx:
            await show_previews(tx, key=key, now=clock.now())


async def show_previews(tx: Transaction, *, key: TextKey, now: datetime) -> None:
    """Gives the text, as it is now, the previews of its links once all of them are fetched, and
    tells its readers where that changes it.
    """
    await queries.lock_streams(tx, key)
    await queries.delete_answered_waits(tx, key)
    found = await queries.texts(tx, [key])
    if not found or not found[0].link_previews or await queries.is_waiting(tx, key):
        return
    ids = [preview_id(link) for link in links_of(found[0])]
    previews = _fitting(await queries.previews(tx, ids))
    if previews != found[0].previews:
        await _set_previews(tx, key=key, previews=previews, now=now)


async def _set_previews(
    tx: Transaction, *, key: TextKey, previews: list[dict[str, Any]], now: datetime
) -> None:
    if key.kind == "message":
        changed = await queries.set_message_previews(tx, id=key.id, previews=previews)
        await record_change(tx, changed, type="message.updated", now=now)
    else:
        row = await queries.set_forum_previews(tx, key, previews=previews, now=now)
        announce_logged(tx, row.logged, audience=row.audience, now=now)


def _fitting(previews: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first of them that fit."""
    left, fitting = BYTES_AT_MOST, []
    for preview in previews:
        left -= len(encode_json(preview).encode())
        if left < 0:
            break
        fitting.append(preview)
    return fitting
