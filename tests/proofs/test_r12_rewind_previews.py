"""A rewind of the consumer `previews` gives all texts the previews that they had."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from cgraph.media.previews.links import preview_id
from tests.proofs.broken import Breakable, Mutation
from tests.system import LocalSystem

LIMIT_SECONDS = 90.0
TABLES = ("messages", "posts", "comments")
SHOWS_NO_KNOWN_PAGE = Mutation(
    "layers/cgraph/cgraph/previews/consumer.py",
    original="    _show(key for key, links in pages.items() if links and key not in waits)\n",
    replacement="",
)


async def write(system: LocalSystem) -> list[str]:
    """A message, a post and a comment with a link to one page, which was read before: their ids."""
    url = f"https://{uuid4().hex}.example/tea"
    system.query(
        "INSERT INTO link_previews (id, url, title, site, requested_at, fetched_at, expires_at) "
        f"VALUES ('{preview_id(url)}', '{url}', 'Tea', 'Kitchen', now(), now(), 'infinity')"
    )
    (ada, _), conversation = await system.group(2)
    message = (await ada.send_message(conversation, url)).json()
    slug = f"tea-{uuid4().hex[:12]}"
    await ada.request_json("POST", "/forums", body={"slug": slug, "name": "Tea"})
    draft = {"title": "Tea", "kind": "link", "url": url}
    post = await ada.request_json("POST", f"/forums/{slug}/posts", body=draft)
    path = f"/posts/{post['id']}/comments"
    comment = await ada.request_json("POST", path, body={"body": url})
    return [message["id"], post["id"], comment["id"]]


def shown(system: LocalSystem, ids: list[str]) -> list[str]:
    """The titles of all their previews."""
    texts = " UNION ALL ".join(f"SELECT id, previews FROM {table}" for table in TABLES)
    rows = system.query(
        f"SELECT item ->> 'title' FROM ({texts}) t, jsonb_array_elements(t.previews) AS item "
        f"WHERE t.id = ANY ('{{{','.join(ids)}}}')"
    )
    return [title for (title,) in rows]


async def all_shown(system: LocalSystem, ids: list[str], *, seconds: float) -> bool:
    """Whether all show their page within the time."""
    pause, deadline = 0.05, asyncio.get_running_loop().time() + seconds
    while len(await asyncio.to_thread(shown, system, ids)) < len(ids):
        if asyncio.get_running_loop().time() > deadline:
            return False
        await asyncio.sleep(pause)
        pause = min(2 * pause, 1.0)
    return True


async def test_a_rewind_of_previews_makes_them_again(short_lived: Breakable) -> None:
    system = short_lived.system
    ids = await write(system)
    assert await all_shown(system, ids, seconds=LIMIT_SECONDS)
    for table in TABLES:
        system.query(f"UPDATE {table} SET previews = '[]' WHERE previews <> '[]'")
    await asyncio.to_thread(system.cgraph, "consumers", "rewind", "previews")
    assert await all_shown(system, ids, seconds=LIMIT_SECONDS)
    assert set(shown(system, ids)) == {"Tea"}


async def test_the_proof_fails_where_known_pages_are_not_shown(short_lived: Breakable) -> None:
    async with short_lived.broken(SHOWS_NO_KNOWN_PAGE):
        ids = await write(short_lived.system)
        assert not await all_shown(short_lived.system, ids, seconds=1)
