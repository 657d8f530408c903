"""The pictures of pages: written anew, public, the same for all who share a link, and swept."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from PIL import Image

from tests.feature.environment import work_off
from tests.feature.forum import new_forum
from tests.feature.uploads.files import picture, stored, versions
from tests.feature.web_pages import fetching_from_this_machine, make_previews
from tests.feature.world import Person, World
from tests.web_pages import WebServer, redirect, reply, web_server


def page(picture_path: str) -> bytes:
    return reply(f"<title>Tea</title><meta property=og:image content='{picture_path}'>")


LARGE = picture(1600, 1200, format="JPEG", comment=b"Secret")


@pytest.fixture
def pages() -> Iterator[WebServer]:
    answers = {
        "/tea": page("/large.jpg"),
        "/moved": page("/there"),
        "/there": redirect("/large.jpg"),
        "/large.jpg": reply(LARGE.decode("latin-1").encode("latin-1"), type="image/jpeg"),
        "/program": page("/program.svg"),
        "/program.svg": reply(b"<svg xmlns='http://www.w3.org/2000/svg'/>", type="image/svg+xml"),
        "/false": page("/false.png"),
        "/false.png": reply(b"<html>", type="image/png"),
        "/pixel": page("/pixel.gif"),
        "/pixel.gif": reply(picture(1, 1, format="GIF"), type="image/gif"),
        "/none": page("/missing.png"),
    }
    with web_server(answers) as server:
        yield server


@pytest.fixture(autouse=True)
async def fetching(world: World) -> AsyncIterator[None]:
    async with fetching_from_this_machine(world):
        yield


def sweep() -> None:
    work_off("schedules.sweep_uploads", {})


async def fetch_job(world: World) -> Any:
    """Of the page whose link was sent last."""
    await world.work_off("workers.make_previews", {"shard": None})
    return world.queues.drain(world.queues.new("preview-fetches"))[-1]


async def preview_of(reader: Person, conversation: str) -> Any:
    items = (await reader.call("list_messages", id=conversation)).body["items"]
    newest = max(items, key=lambda each: each["seq"])
    return newest["previews"][0]


async def test_the_picture_of_a_page_is_small_public_and_ours(
    world: World, pages: WebServer, ada: Person, grace: Person, s3: Any
) -> None:
    conversation = await ada.converse(grace)
    await ada.send(conversation, f"{pages.url}/tea")
    await make_previews(world)
    shown = (await preview_of(grace, conversation))["picture"]
    assert (shown["width"], shown["height"]) == (640, 480)
    assert shown["path"] == f"public/{shown['id']}/picture.webp"
    assert shown["url"] == f"https://media.example/{shown['path']}"
    (content,) = stored(s3, shown["id"], folder="public").values()
    assert len(content) <= 60_000
    assert b"Secret" not in content
    image = Image.open(io.BytesIO(content))
    assert (image.format, image.size) == ("WEBP", (640, 480))
    head = s3.head_object(Bucket="cgraph-media", Key=shown["path"])
    assert head["ContentType"] == "image/webp"
    assert "immutable" in head["CacheControl"]


@pytest.mark.parametrize("path", ["/program", "/false", "/pixel", "/none"])
async def test_a_page_without_a_readable_picture_keeps_its_texts(
    world: World, pages: WebServer, ada: Person, grace: Person, path: str
) -> None:
    conversation = await ada.converse(grace)
    await ada.send(conversation, f"{pages.url}{path}")
    await make_previews(world)
    shown = await preview_of(grace, conversation)
    assert (shown["title"], shown["picture"]) == ("Tea", None)


async def test_all_who_share_a_link_show_one_picture_until_the_last_is_gone(
    world: World, pages: WebServer, ada: Person, grace: Person, s3: Any
) -> None:
    forum = await new_forum(ada)
    body = {"title": "Tea", "body": f"{pages.url}/moved"}
    created = (await ada.call("create_post", body, slug=forum.slug)).body
    await make_previews(world)
    conversation = await ada.converse(grace)
    sent = await ada.send(conversation, f"{pages.url}/moved")
    reply_draft = {"body": f"{pages.url}/moved"}
    below = (await grace.call("create_comment", reply_draft, id=created["id"])).body
    await make_previews(world)
    id = (await preview_of(grace, conversation))["picture"]["id"]
    assert pages.paths == ["/moved", "/there", "/large.jpg"]
    uses = "SELECT used_by::text FROM upload_uses WHERE upload_id = %s"
    users = {used_by for (used_by,) in await world.sql(uses, id)}
    assert users == {sent["id"], created["id"], below["id"]}
    edit = {"version": 1, "body": "No link any more"}
    assert (await grace.call("edit_comment", edit, id=below["id"])).status == 200
    await ada.call("delete_message", id=sent["id"])
    gone = "SELECT deleted_at IS NOT NULL FROM uploads WHERE id = %s"
    assert await world.sql(gone, id) == [(False,)]
    await ada.call("delete_post", id=created["id"])
    assert await world.sql(gone, id) == [(True,)]
    await world.sql("UPDATE uploads SET deleted_at = now() - interval '1 hour' WHERE id = %s", id)
    await world.run(sweep)
    assert versions(s3, id) == []
    assert await world.sql("SELECT FROM uploads WHERE id = %s", id) == []


async def test_a_picture_that_is_gone_is_fetched_again(
    world: World, pages: WebServer, ada: Person, grace: Person, s3: Any
) -> None:
    conversation = await ada.converse(grace)
    sent = await ada.send(conversation, f"{pages.url}/tea")
    await make_previews(world)
    first = (await preview_of(grace, conversation))["picture"]["id"]
    await ada.call("delete_message", id=sent["id"])
    await world.sql("UPDATE link_previews SET requested_at = now() - interval '1 hour'")
    await ada.send(conversation, f"{pages.url}/tea")
    await make_previews(world)
    second = (await preview_of(grace, conversation))["picture"]["id"]
    assert second != first
    assert stored(s3, second, folder="public")


async def test_a_result_that_comes_twice_stores_one_picture(
    world: World, pages: WebServer, ada: Person, grace: Person
) -> None:
    conversation = await ada.converse(grace)
    await ada.send(conversation, f"{pages.url}/tea")
    job = await fetch_job(world)
    await world.work_off("workers.fetch_previews", job)
    result = world.queues.drain(world.queues.consumers["previews"])[-1]
    before = await world.sql("SELECT count(*) FROM uploads WHERE purpose = 'preview'")
    await world.work_off("workers.make_previews", result, result)
    ((number,),) = await world.sql("SELECT count(*) FROM uploads WHERE purpose = 'preview'")
    assert number == before[0][0] + 1
    updated = "SELECT count(*) FROM events WHERE stream_id = %s AND type = 'message.updated'"
    assert await world.sql(updated, conversation) == [(1,)]


@pytest.mark.parametrize("data", ["", "bm8gcGljdHVyZQ==", "no base64"])
async def test_what_is_no_picture_is_not_stored(
    world: World, pages: WebServer, ada: Person, grace: Person, data: str
) -> None:
    """The fetcher reads hostile files: what it says is not believed."""
    conversation = await ada.converse(grace)
    await ada.send(conversation, f"{pages.url}/tea")
    job = await fetch_job(world)
    forged = {**job, "title": "Tea", "picture": {"data": data, "width": 20, "height": 20}}
    await world.work_off("workers.make_previews", {"result": forged})
    shown = await preview_of(grace, conversation)
    assert (shown["title"], shown["picture"]) == ("Tea", None)
