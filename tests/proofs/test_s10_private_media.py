"""S10: private files open only with a URL that was signed for them a few minutes ago, and URLs go
only to those who may see the file now.
"""

from __future__ import annotations

import asyncio
import json
import time
from base64 import b64decode
from collections.abc import AsyncIterator, Awaitable, Callable
from itertools import pairwise
from pathlib import Path
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import httpx
import pytest

from cgraph_local.core.home import Home
from cgraph_local.gateway import MediaKeys
from tests.conftest import Report
from tests.proofs.broken import Breakable, Mutation
from tests.proofs.media_scene import MediaScene
from tests.proofs.short_life import SHORT_LIFE_IN_FULL

WAIT_SECONDS = 30.0


@pytest.fixture
async def scene(short_lived: Breakable) -> AsyncIterator[MediaScene]:
    async with httpx.AsyncClient(timeout=30) as edge:
        yield MediaScene(short_lived.system, edge)


def without_query(url: str, another: str) -> str:
    return url.partition("?")[0]


FORGED: dict[str, Callable[[str, str], str]] = {
    "unsigned": without_query,
    "with another file's signature": lambda url, another: (
        f"{without_query(url, another)}?{another.partition('?')[2]}"
    ),
    "with a changed signature": lambda url, _: url.replace("&Signature=", "&Signature=AAAA"),
    "with a changed policy": lambda url, _: url.replace("Policy=", "Policy=AAAA"),
    "without the key's id": lambda url, _: url.partition("&Key-Pair-Id")[0],
    "of the quarantine": lambda url, _: url.replace("/media/", "/incoming/"),
    "through the public folder": lambda url, _: without_query(url, "").replace(
        "/media/", "/public/%2e%2e/media/"
    ),
}


async def test_only_a_url_signed_for_the_file_opens_it(
    scene: MediaScene, report: Report, tmp_path: Path
) -> None:
    ada, grace = await scene.system.people(2)
    id, other = await scene.upload(ada), await scene.upload(grace)
    statuses = {}
    for name, forge in FORGED.items():
        url, another = await scene.url_for(ada, id), await scene.url_for(grace, other)
        statuses[name] = await scene.status(forge(url, another))
        assert await scene.status(url) == 200, "the URL itself was right"
    stranger = MediaKeys.of(Home(tmp_path))
    path = urlsplit(await scene.url_for(ada, id)).path
    ours, by_another = scene.sign(id, path=path), scene.sign(id, path=path, key=stranger.file)
    assert await scene.status(ours) == 200, "it was signed as the server signs"
    statuses["signed with another key"] = await scene.status(by_another)
    statuses["expired"] = await scene.status(scene.sign(id, path=path, lives=-1))
    report("S10 URLs", forged=len(statuses), opened=sum(each == 200 for each in statuses.values()))
    assert set(statuses.values()) == {403}, statuses


async def hidden(scene: MediaScene) -> None:
    ada, grace = await scene.system.people(2)
    id = await scene.upload(ada)
    assert await scene.shown_to(grace, id) == [], "a stranger got a URL"
    assert (await grace.request("GET", f"/uploads/{id}")).status_code == 404


async def removed(scene: MediaScene) -> str:
    """The URL that a former member got last."""
    (ada, grace), conversation = await scene.system.group(2)
    id = await scene.upload(ada)
    draft = {"conversation_id": conversation, "content": "", "attachments": [id]}
    await ada.request_json("POST", "/messages", body=draft)
    (message,) = await grace.history(conversation)
    url = str(message["attachments"][0]["url"])
    assert await scene.status(url) == 200, "a member sees it"
    await ada.request_json("DELETE", f"/conversations/{conversation}/members/{grace.id}")
    assert await scene.shown_to(grace, id) == [], "a former member got a URL"
    assert (await grace.request("GET", f"/uploads/{id}")).status_code == 404
    assert len(await scene.shown_to(ada, id)) == 1
    return url


async def of_a_comment(scene: MediaScene) -> None:
    """A file of a comment in a private forum."""
    ada, grace, eve = await scene.system.people(3)
    slug, id = f"tea-{uuid4().hex[:12]}", await scene.upload(ada)
    await ada.request_json(
        "POST", "/forums", body={"slug": slug, "name": "Tea", "visibility": "private"}
    )
    await ada.request_json("PUT", f"/forums/{slug}/members/{grace.id}")
    post = await ada.request_json("POST", f"/forums/{slug}/posts", body={"title": "Look"})
    comments = f"/posts/{post['id']}/comments"
    draft = {"body": "", "attachments": [id]}
    await ada.request_json("POST", comments, body=draft)
    (comment,) = (await grace.get(comments))["items"]
    assert await scene.status(str(comment["attachments"][0]["url"])) == 200, "a member sees it"
    assert await scene.shown_to(eve, id) == [], "a stranger got a URL"
    await ada.request_json("DELETE", f"/forums/{slug}/members/{grace.id}")
    assert await scene.shown_to(grace, id) == [], "a former member got a URL"
    assert (await grace.request("GET", comments)).status_code == 404


async def ends(scene: MediaScene) -> tuple[float, int]:
    """The seconds for which a URL was given, and how often it opened the file."""
    ada, _ = await scene.system.people(2)
    return await end_of(scene, await scene.url_for(ada, await scene.upload(ada)))


async def end_of(scene: MediaScene, url: str) -> tuple[float, int]:
    given, opened, end = time.time(), 0, expires_of(url)
    assert end - given <= 2 * SHORT_LIFE_IN_FULL.window, "it lives for longer than two windows"
    deadline = time.monotonic() + WAIT_SECONDS
    while True:
        asked = time.time()
        if await scene.status(url) != 200:
            break
        assert asked < end, "it opened the file after its end"
        assert time.monotonic() < deadline, "it does not end"
        opened += 1
        await asyncio.sleep(0.05)
    assert time.time() >= end, "it ended before its time"
    return end - given, opened


def expires_of(url: str) -> int:
    policy = parse_qs(urlsplit(url).query)["Policy"][0].translate(str.maketrans("-_~", "+=/"))
    statement = json.loads(b64decode(policy))["Statement"][0]
    return int(statement["Condition"]["DateLessThan"]["AWS:EpochTime"])


async def test_who_may_not_see_a_file_gets_no_url_of_it(scene: MediaScene) -> None:
    await hidden(scene)


async def test_a_file_of_a_comment_is_for_the_readers_of_its_forum(scene: MediaScene) -> None:
    await of_a_comment(scene)


async def test_a_former_members_page_loses_the_file(scene: MediaScene, report: Report) -> None:
    lasted, _ = await end_of(scene, await removed(scene))
    report("S10 a former member's URL", seconds=f"{lasted:.1f}")


async def test_a_url_ends_within_two_windows(scene: MediaScene, report: Report) -> None:
    """Five minutes are two windows of two, and the minute for which a browser keeps the file."""
    lasted, opened = await ends(scene)
    report("S10 life of a URL", seconds=f"{lasted:.1f}", opened=opened)


async def test_everybody_gets_the_same_url_within_a_window(scene: MediaScene) -> None:
    ada, _ = await scene.system.people(2)
    id = await scene.upload(ada)
    seen = [await scene.url_for(ada, id) for _ in range(10)]
    assert all(
        url == other for url, other in pairwise(seen) if expires_of(url) == expires_of(other)
    )


async def test_what_is_deleted_is_missing_at_the_edge(scene: MediaScene) -> None:
    """The worker removes it; the edge of AWS keeps a copy for a minute at most."""
    ada, _ = await scene.system.people(2)
    id = await scene.upload(ada)
    path = urlsplit(await scene.url_for(ada, id)).path
    url = scene.sign(id, lives=300, path=path)
    assert await scene.status(url) == 200
    (await ada.request("DELETE", f"/uploads/{id}")).raise_for_status()
    async with asyncio.timeout(WAIT_SECONDS):
        while await scene.status(url) != 404:
            await asyncio.sleep(0.05)


VISIBLE = "JOIN visible_uploads(%(viewer)s, %(ids)s) AS visible (id) ON visible.id = u.id"
QUERIES = "layers/cgraph/cgraph/media/uploads/links/queries.py"
URLS = "layers/cgraph/cgraph/media/urls.py"


@pytest.mark.parametrize(
    ("proof", "mutation", "problem"),
    [
        (hidden, Mutation(QUERIES, VISIBLE, ""), "a stranger got a URL"),
        (of_a_comment, Mutation(QUERIES, VISIBLE, ""), "a stranger got a URL"),
        (removed, Mutation(QUERIES, VISIBLE, ""), "a former member got a URL"),
        (ends, Mutation(URLS, "window + 2)", "window + 200)"), "longer than two windows"),
    ],
)
async def test_the_proof_fails_where_it_is_not_so(
    request: pytest.FixtureRequest,
    scene: MediaScene,
    short_lived: Breakable,
    proof: Callable[[MediaScene], Awaitable[object]],
    mutation: Mutation,
    problem: str,
) -> None:
    if proof is not hidden:
        request.getfixturevalue("only_in_full")
    async with short_lived.broken(mutation):
        with pytest.raises(AssertionError, match=problem):
            await proof(scene)
