"""The consumer `previews`: the links of new and edited messages get previews.

It asks for the pages that are not known, and never waits for one. What is fetched comes back
through the queue of its own nudges.
"""

from collections.abc import Iterable, Sequence
from uuid import UUID

from cgraph.chat.messages.previews import queries
from cgraph.core import clock, queues
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.settings import settings
from cgraph.events.consumers import Consumer, LoggedEvent
from cgraph.media.previews.links import html_links, preview_id, preview_links
from cgraph.media.previews.models import FetchJob

NAME = "previews"
TYPES = frozenset({"message.created", "message.updated"})

MESSAGES_IN_A_JOB = 20


async def find_links(tx: Transaction, events: Sequence[LoggedEvent]) -> None:
    """Jobs are sent before the commit, which does no harm: a result waits for the rows of
    link_previews that this transaction has locked, and then sees who waits for it. Raises
    QueueUnavailable.
    """
    candidates = _with_links(events) if settings().link_previews else set()
    if not candidates:
        return
    pages = await _pages(tx, candidates)
    urls = {preview_id(url): url for links in pages.values() for url in links}
    if not urls:
        return
    now = clock.now()
    requested = await queries.request_previews(tx, urls, now=now)
    unknown = set(urls) - await queries.known_previews(tx, urls, now=now)
    waits = {
        id: missing
        for id, links in pages.items()
        if (missing := unknown.intersection(map(preview_id, links)))
    }
    await queries.insert_waits(tx, waits, now=now)
    _fetch(FetchJob(id=id, url=urls[id]) for id in requested)
    _show(id for id, links in pages.items() if links and id not in waits)


def consumer() -> Consumer:
    return Consumer(NAME, TYPES, find_links, batch=100)


def _with_links(events: Iterable[LoggedEvent]) -> set[UUID]:
    messages = (event.payload["message"] for event in events)
    return {UUID(each["id"]) for each in messages if "<a href=" in each["content_html"]}


async def _pages(tx: Transaction, ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    """The links of each message as it is now."""
    texts = await queries.texts(tx, ids)
    return {each.id: preview_links(html_links(each.content_html)) for each in texts}


def _fetch(jobs: Iterable[FetchJob]) -> None:
    bodies = [job.model_dump_json() for job in jobs]
    for start in range(0, len(bodies), queues.BATCH_MESSAGES):
        some = bodies[start : start + queues.BATCH_MESSAGES]
        queues.send(settings().preview_fetch_queue_url, some)


def _show(messages: Iterable[UUID]) -> None:
    ids = [str(id) for id in messages]
    for start in range(0, len(ids), MESSAGES_IN_A_JOB):
        body = encode_json({"messages": ids[start : start + MESSAGES_IN_A_JOB]})
        queues.send(settings().previews_queue_url, [body], group="messages")
