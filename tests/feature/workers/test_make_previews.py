"""The links of messages get previews, from real pages on a server of this machine."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.feature.conversation import Conversation, send, start_direct, start_group
from tests.feature.web_pages import (
    fetching_from_this_machine,
    make_previews,
    previews_switched_off,
)
from tests.feature.world import Person, World
from tests.web_pages import WebServer, redirect, reply, web_server

TEA = b"""<html><head><title>Tea</title><meta name="description" content="Leaves &amp; water">
<meta property="og:site_name" content="Kitchen"></head><body>How to brew it</body></html>"""
LONG = f"<title>{'🫖' * 200}</title><meta name=description content={'🫖' * 500}>"
COFFEE = b"<html><head><title>Coffee</title></head></html>"


@pytest.fixture
def pages() -> Iterator[WebServer]:
    answers = {
        "/tea": reply(TEA),
        "/coffee": reply(COFFEE),
        "/moved": redirect("/tea"),
        **{f"/long{number}": reply(LONG, type="text/html; charset=utf-8") for number in range(4)},
        "/none": reply(b"<html></html>"),
    }
    with web_server(answers) as server:
        yield server


@pytest.fixture(autouse=True)
async def fetching(world: World) -> AsyncIterator[None]:
    async with fetching_from_this_machine(world):
        yield


@pytest.fixture
async def direct(ada: Person, grace: Person) -> Conversation:
    return await start_direct(ada, grace)


def link(pages: WebServer, path: str) -> str:
    return f"http://127.0.0.1:{pages.port}{path}"


async def previews(direct: Conversation, reader: Person, message: Any) -> list[Any]:
    return list((await direct.show_message(reader, message)).body["previews"])


async def test_a_message_shows_what_the_page_says(
    world: World, pages: WebServer, direct: Conversation, ada: Person, grace: Person
) -> None:
    message = (await send(ada, direct.id, f"See {link(pages, '/tea')}#steep")).body
    assert message["previews"] == []
    await make_previews(world)
    tea = {
        "url": link(pages, "/tea"),
        "title": "Tea",
        "description": "Leaves & water",
        "site": "Kitchen",
        "picture": None,
    }
    assert await previews(direct, grace, message) == [tea]
    assert (await direct.list_messages(grace))[-1]["previews"] == [tea]
    (event,) = await direct.events("message.updated")
    assert event == {"message": {**message, "previews": [tea]}}


async def test_members_are_pushed_the_previews(
    world: World, pages: WebServer, direct: Conversation, ada: Person, grace: Person
) -> None:
    socket = await grace.open_socket()
    await socket.say("hello")
    await send(ada, direct.id, link(pages, "/coffee"))
    await make_previews(world)
    frames = [frame for frame in socket.received() if frame.get("event") == "message.updated"]
    assert [each["title"] for each in frames[0]["data"]["message"]["previews"]] == ["Coffee"]
    assert frames[0]["seq"] == await direct.head()


async def test_previews_come_in_the_order_of_the_links_without_those_that_failed(
    world: World, pages: WebServer, direct: Conversation, ada: Person
) -> None:
    paths = ("/moved", "/none", "/missing", "/coffee", "/coffee")
    message = (await send(ada, direct.id, " ".join(link(pages, path) for path in paths))).body
    await make_previews(world)
    shown = await previews(direct, ada, message)
    assert [each["title"] for each in shown] == ["Tea", "Coffee"]
    assert shown[0]["url"] == link(pages, "/moved")
    assert len(await direct.events("message.updated")) == 1


async def test_a_page_is_fetched_once_a_day(
    world: World, pages: WebServer, direct: Conversation, ada: Person
) -> None:
    for _ in range(2):
        message = (await send(ada, direct.id, link(pages, "/tea"))).body
        await make_previews(world)
        assert len(await previews(direct, ada, message)) == 1
    assert pages.paths == ["/tea"]
    await world.sql(
        "UPDATE link_previews SET expires_at = now(), requested_at = now() - interval '1 day'"
        " WHERE url = %s",
        link(pages, "/tea"),
    )
    await send(ada, direct.id, link(pages, "/tea"))
    await make_previews(world)
    assert pages.paths == ["/tea", "/tea"]


async def test_a_failure_is_kept_for_an_hour(
    world: World, pages: WebServer, direct: Conversation, ada: Person
) -> None:
    for _ in range(2):
        await send(ada, direct.id, link(pages, "/missing"))
        await make_previews(world)
    assert pages.paths == ["/missing"]
    kept = "SELECT failed, expires_at - fetched_at = '1 hour' FROM link_previews WHERE url = %s"
    assert await world.sql(kept, link(pages, "/missing")) == [("status", True)]
    assert await direct.events("message.updated") == []


async def test_an_edit_replaces_the_previews_also_in_the_log(
    world: World, pages: WebServer, direct: Conversation, ada: Person
) -> None:
    message = (await send(ada, direct.id, link(pages, "/tea"))).body
    await make_previews(world)
    edited = (await direct.edit(ada, message, link(pages, "/coffee"))).body
    assert edited["previews"] == []
    assert "Leaves" not in str(await direct.events())
    await make_previews(world)
    assert [each["title"] for each in await previews(direct, ada, message)] == ["Coffee"]


async def test_a_deleted_message_has_no_previews_also_in_the_log(
    world: World, pages: WebServer, direct: Conversation, ada: Person
) -> None:
    message = (await send(ada, direct.id, link(pages, "/tea"))).body
    await make_previews(world)
    assert (await direct.delete(ada, message)).body["previews"] == []
    assert "Leaves" not in str(await direct.events())


async def test_a_message_that_is_deleted_meanwhile_stays_a_tombstone(
    world: World, pages: WebServer, direct: Conversation, ada: Person
) -> None:
    message = (await send(ada, direct.id, link(pages, "/tea"))).body
    await world.work_off("workers.make_previews", {"shard": None})
    await direct.delete(ada, message)
    head = await direct.head()
    await make_previews(world)
    assert (await previews(direct, ada, message), await direct.head()) == ([], head)


async def test_a_group_may_have_no_previews(
    world: World, pages: WebServer, ada: Person, grace: Person
) -> None:
    group = await start_group(ada, grace)
    change = {"link_previews": False}
    shown = (await ada.call("change_conversation", change, id=group.id)).body
    assert shown["link_previews"] is False
    (event,) = await group.events("conversation.updated")
    assert event["conversation"]["link_previews"] is False
    message = (await send(ada, group.id, link(pages, "/tea"))).body
    await make_previews(world)
    assert (pages.paths, await previews(group, ada, message)) == ([], [])


async def test_a_stage_may_have_no_previews(
    world: World, pages: WebServer, direct: Conversation, ada: Person
) -> None:
    async with previews_switched_off(world):
        message = (await send(ada, direct.id, link(pages, "/tea"))).body
        await make_previews(world)
    assert (pages.paths, await previews(direct, ada, message)) == ([], [])


async def test_a_message_has_previews_of_its_first_five_links(
    world: World, pages: WebServer, direct: Conversation, ada: Person
) -> None:
    links = " ".join(link(pages, f"/tea?{number}") for number in range(7))
    message = (await send(ada, direct.id, links)).body
    await make_previews(world)
    assert sorted(pages.paths) == [f"/tea?{number}" for number in range(5)]
    assert await previews(direct, ada, message) == []  # the server knows no such page


async def test_previews_of_one_message_have_a_few_kilobytes(
    world: World, pages: WebServer, direct: Conversation, ada: Person
) -> None:
    links = " ".join(link(pages, f"/long{number}") for number in range(4))
    message = (await send(ada, direct.id, links)).body
    await make_previews(world)
    shown = await previews(direct, ada, message)
    assert [len(each["title"]) for each in shown] == [200, 200]
    assert len(json.dumps(shown, ensure_ascii=False).encode()) < 8000


async def test_a_link_in_code_has_no_preview(
    world: World, pages: WebServer, direct: Conversation, ada: Person
) -> None:
    await send(ada, direct.id, f"`{link(pages, '/tea')}` and\n\n    {link(pages, '/coffee')}")
    await make_previews(world)
    assert pages.paths == []


async def test_members_without_the_right_leave_the_setting(ada: Person, grace: Person) -> None:
    group = await start_group(ada, grace)
    refused = await grace.call("change_conversation", {"link_previews": False}, id=group.id)
    assert refused.refusal == (403, "not_allowed")


async def test_a_result_that_comes_twice_changes_nothing(
    world: World, pages: WebServer, direct: Conversation, ada: Person
) -> None:
    await send(ada, direct.id, link(pages, "/tea"))
    await world.work_off("workers.make_previews", {"shard": None})
    (page,) = world.queues.drain(world.queues.new("preview-fetches"))
    await world.work_off("workers.fetch_previews", page, page)
    results = world.queues.drain(world.queues.consumers["previews"])
    assert len(results) == 2
    await world.work_off("workers.make_previews", *results)
    assert len(await direct.events("message.updated")) == 1


async def test_a_nudge_is_delivered_again_while_postgres_is_away(world: World) -> None:
    async with world.away("postgres"):
        result = await world.work_off("workers.make_previews", {"shard": 0})
    assert result == {"batchItemFailures": [{"itemIdentifier": "0"}]}
