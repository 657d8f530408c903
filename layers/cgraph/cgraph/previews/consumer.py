"""The consumer `previews`: the links of new and edited texts get previews.

It asks for the pages that are not known, and never waits for one. What is fetched comes back
through the queue of its own nudges.
"""

from collections.abc import Iterable, Sequence
from typing import get_args
from uuid import UUID

from cgraph.core import clock, queues
from cgraph.core.database import Transaction
from cgraph.core.encoding import encode_json
from cgraph.core.settings import settings
from cgraph.events.consumers import Consumer, LoggedEvent
from cgraph.media.previews.links import preview_id
from cgraph.media.previews.models import FetchJob
from cgraph.previews import queries
from cgraph.previews.links import links_of
from cgraph.previews.models import TextKey, TextKind

NAME = "previews"
TYPES = frozenset(
    (
        *("message.created", "message.updated"),
        *("post.created", "post.updated", "post.moved", "post.restored"),
        *("comment.created", "comment.updated"),
    )
)

TEXTS_IN_A_JOB = 20


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
        key: missing
        for key, links in pages.items()
        if (missing := unknown.intersection(map(preview_id, links)))
    }
    await queries.insert_waits(tx, waits, now=now)
    _fetch(FetchJob(id=id, url=urls[id]) for id in requested)
    _show(key for key, links in pages.items() if links and key not in waits)


def consumer() -> Consumer:
    return Consumer(NAME, TYPES, find_links, batch=100)


def _with_links(events: Iterable[LoggedEvent]) -> set[TextKey]:
    """Of a post that was moved out of sight there is only the id."""
    found = set()
    for event in events:
        kind = _kind_of(event)
        text = event.payload[kind]
        html = text.get("content_html" if kind == "message" else "body_html") or ""
        if "<a href=" in html or text.get("url"):
            found.add(TextKey(kind, UUID(text["id"])))
    return found


def _kind_of(event: LoggedEvent) -> TextKind:
    kind = event.type.partition(".")[0]
    return next(each for each in get_args(TextKind) if each == kind)


async def _pages(tx: Transaction, keys: Iterable[TextKey]) -> dict[TextKey, list[str]]:
    """The links of each text as it is now, where there are previews."""
    texts = await queries.texts(tx, keys)
    return {each.key: links_of(each) for each in texts if each.link_previews}


def _fetch(jobs: Iterable[FetchJob]) -> None:
    bodies = [job.model_dump_json() for job in jobs]
    for start in range(0, len(bodies), queues.BATCH_MESSAGES):
        some = bodies[start : start + queues.BATCH_MESSAGES]
        queues.send(settings().preview_fetch_queue_url, some)


def _show(keys: Iterable[TextKey]) -> None:
    texts = [[key.kind, str(key.id)] for key in keys]
    for start in range(0, len(texts), TEXTS_IN_A_JOB):
        body = encode_json({"texts": texts[start : start + TEXTS_IN_A_JOB]})
        queues.send(settings().previews_queue_url, [body], group="texts")
