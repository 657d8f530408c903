"""The links of posts and comments get previews, as those of messages do."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from tests.feature.environment import work_off
from tests.feature.forum import Forum, new_forum, new_moderated_forum
from tests.feature.web_pages import fetching_from_this_machine, make_previews
from tests.feature.world import Person, World
from tests.web_pages import WebServer, reply, web_server

TEA, COFFEE, CUP = (
    reply(f"<title>{name}</title><meta name=description content='About {name}'>")
    for name in ("Tea", "Coffee", "Cup")
)


@pytest.fixture
def pages() -> Iterator[WebServer]:
    with web_server({"/tea": TEA, "/coffee": COFFEE, "/cup": CUP}) as server:
        yield server


@pytest.fixture(autouse=True)
async def fetching(world: World) -> AsyncIterator[None]:
    async with fetching_from_this_machine(world):
        yield


async def post(person: Person, forum: Forum, body: str = "", **fields: Any) -> Any:
    draft = {"title": "Drinks", "body": body, **fields}
    answer = await person.call("create_post", draft, slug=forum.slug)
    assert answer.status == 201, answer
    return answer.body


async def comment(person: Person, post: Any, body: str, **fields: Any) -> Any:
    answer = await person.call("create_comment", {"body": body, **fields}, id=post["id"])
    assert answer.status == 201, answer
    return answer.body


def titles(text: Any) -> list[str]:
    return [each["title"] for each in text["previews"]]


async def shown(reader: Person, post: Any) -> list[str]:
    return titles((await reader.call("show_post", id=post["id"])).body)


async def shown_comment(reader: Person, comment: Any) -> list[str]:
    return titles((await reader.call("show_comment", id=comment["id"])).body)


async def logged(world: World, stream_id: str, type: str) -> list[Any]:
    query = "SELECT payload FROM events WHERE stream_id = %s AND type = %s ORDER BY seq"
    rows = await world.sql(query, stream_id, type)
    return [payload for (payload,) in rows]


async def test_a_link_post_shows_its_own_page_first_and_readers_get_an_event(
    world: World, pages: WebServer, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada)
    created = await post(
        ada, forum, f"and <{pages.url}/coffee>", kind="link", url=f"{pages.url}/tea#steep"
    )
    assert created["previews"] == []
    await make_previews(world)
    assert await shown(grace, created) == ["Tea", "Coffee"]
    (listed,) = (await grace.call("list_posts", slug=forum.slug)).body["items"]
    assert titles(listed) == ["Tea", "Coffee"]
    for stream in (forum.id, created["id"]):
        (event,) = await logged(world, stream, "post.updated")
        assert event["post"]["version"] == created["version"]
        assert titles(event["post"]) == ["Tea", "Coffee"]


async def test_a_comment_shows_the_pages_of_its_links_and_readers_get_an_event(
    world: World, pages: WebServer, ada: Person, grace: Person
) -> None:
    created = await post(ada, await new_forum(ada))
    reply_of_grace = await comment(grace, created, f"See {pages.url}/cup")
    await make_previews(world)
    assert await shown_comment(ada, reply_of_grace) == ["Cup"]
    (listed,) = (await ada.call("list_comments", id=created["id"])).body["items"]
    assert titles(listed) == ["Cup"]
    (event,) = await logged(world, created["id"], "comment.updated")
    assert (titles(event["comment"]), event["comment"]["version"]) == (["Cup"], 1)


async def test_an_edit_changes_the_previews_also_in_the_log(
    world: World, pages: WebServer, ada: Person
) -> None:
    created = await post(ada, await new_forum(ada), f"{pages.url}/tea")
    below = await comment(ada, created, f"{pages.url}/tea")
    await make_previews(world)
    kept = await ada.call("edit_post", {"version": 1, "title": "Hot drinks"}, id=created["id"])
    assert titles(kept.body) == ["Tea"], "the links are the same"
    edit = {"version": 2, "body": f"{pages.url}/coffee"}
    assert titles((await ada.call("edit_post", edit, id=created["id"])).body) == []
    edit = {"version": 1, "body": f"{pages.url}/cup"}
    assert titles((await ada.call("edit_comment", edit, id=below["id"])).body) == []
    in_log = "SELECT payload::text FROM events WHERE stream_id = %s AND payload::text LIKE %s"
    assert await world.sql(in_log, created["id"], "%About Tea%") == []
    await make_previews(world)
    assert await shown(ada, created) == ["Coffee"]
    assert await shown_comment(ada, below) == ["Cup"]


async def test_what_is_deleted_or_removed_has_no_previews_also_in_the_log(
    world: World, pages: WebServer, ada: Person, grace: Person
) -> None:
    forum = await new_moderated_forum(ada, await world.new_person("mod"), grace)
    eve = await world.new_person("eve")
    posts = [await post(grace, forum, f"{pages.url}/tea") for _ in range(2)]
    below = await post(ada, forum)
    comments = [await comment(grace, below, f"{pages.url}/tea") for _ in range(2)]
    await make_previews(world)
    assert [*await shown(eve, posts[0]), *await shown_comment(eve, comments[0])] == ["Tea", "Tea"]
    await grace.call("delete_post", id=posts[0]["id"])
    await grace.call("delete_comment", id=comments[0]["id"])
    for kind, target in (("post", posts[1]), ("comment", comments[1])):
        removed = await ada.call(f"remove_{kind}", {"reason": "No"}, id=target["id"])
        assert removed.status == 200, removed
    await make_previews(world)
    assert [await shown(eve, each) for each in posts] == [[], []]
    assert [await shown_comment(eve, each) for each in comments] == [[], []]
    in_log = "SELECT count(*) FROM events WHERE stream_id = ANY(%s) AND payload::text LIKE %s"
    streams = [forum.id, below["id"], *(each["id"] for each in posts)]
    assert await world.sql(in_log, streams, "%About Tea%") == [(0,)]
    await ada.call("restore_post", id=posts[1]["id"])
    await ada.call("restore_comment", id=comments[1]["id"])
    assert [*await shown(eve, posts[1]), *await shown_comment(eve, comments[1])] == ["Tea", "Tea"]


async def test_the_author_of_a_withheld_text_alone_gets_the_event(
    world: World, pages: WebServer, ada: Person, grace: Person
) -> None:
    forum = await new_forum(ada)
    draft = {"shadow": True, "reason": "spam"}
    ban = await ada.call("ban_user", draft, slug=forum.slug, user_id=grace.id)
    assert ban.status == 200, ban
    created = await post(grace, forum, f"{pages.url}/tea")
    open_post = await post(ada, forum)
    below = await comment(grace, open_post, f"{pages.url}/tea")
    await make_previews(world)
    assert [*await shown(grace, created), *await shown_comment(grace, below)] == ["Tea", "Tea"]
    assert await logged(world, forum.id, "post.updated") == []
    assert await logged(world, open_post["id"], "comment.updated") == []


async def test_a_forum_may_have_no_previews_and_its_audit_log_says_who_decided(
    world: World, pages: WebServer, ada: Person, grace: Person
) -> None:
    forum = await new_moderated_forum(ada, await world.new_person("mod"), grace)
    refused = await grace.call("change_forum", {"link_previews": False}, slug=forum.slug)
    assert refused.refusal == (403, "not_allowed")
    changed = await ada.call("change_forum", {"link_previews": False}, slug=forum.slug)
    assert changed.body["link_previews"] is False
    entry = (await forum.audit_log())[-1]
    assert (entry["action"], entry["detail"]) == ("change_forum", {"changed": ["link_previews"]})
    assert await forum.audit_faults() == []
    created = await post(ada, forum, f"{pages.url}/tea", kind="link", url=f"{pages.url}/coffee")
    await comment(ada, created, f"{pages.url}/cup")
    await make_previews(world)
    assert (pages.paths, await shown(ada, created)) == ([], [])


async def test_what_is_deleted_while_its_page_is_fetched_stays_a_tombstone(
    world: World, pages: WebServer, ada: Person
) -> None:
    created = await post(ada, await new_forum(ada), f"{pages.url}/tea")
    await world.work_off("workers.make_previews", {"shard": None})
    await ada.call("delete_post", id=created["id"])
    await make_previews(world)
    assert await shown(ada, created) == []
    assert await logged(world, created["id"], "post.updated") == []


async def test_a_moved_post_keeps_its_previews_and_tells_the_new_forum(
    world: World, pages: WebServer, ada: Person
) -> None:
    old, new = await new_forum(ada), await new_forum(ada)
    created = await post(ada, old, f"{pages.url}/tea")
    await world.work_off("workers.make_previews", {"shard": None})
    moved = await ada.call("move_post", {"forum": new.slug}, id=created["id"])
    assert moved.status == 200, moved
    await make_previews(world)
    assert await shown(ada, created) == ["Tea"]
    (event,) = await logged(world, new.id, "post.updated")
    assert titles(event["post"]) == ["Tea"]


async def test_a_rewind_gives_all_texts_their_previews_again(
    world: World, pages: WebServer, ada: Person, grace: Person
) -> None:
    """R12: what was fetched is known, so that no page is asked for again."""
    created = await post(ada, await new_forum(ada), kind="link", url=f"{pages.url}/tea")
    below = await comment(ada, created, f"{pages.url}/coffee")
    message = await ada.send(await ada.converse(grace), f"{pages.url}/cup")
    await make_previews(world)
    asked = len(pages.paths)
    await world.sql("UPDATE posts SET previews = '[]' WHERE id = %s", created["id"])
    await world.sql("UPDATE comments SET previews = '[]' WHERE id = %s", below["id"])
    await world.sql("UPDATE messages SET previews = '[]' WHERE id = %s", message["id"])
    command = {"action": "rewind", "name": "previews"}
    await world.run(work_off, "deployment.manage_consumers", command)
    await make_previews(world)
    assert await shown(ada, created) == ["Tea"]
    assert await shown_comment(ada, below) == ["Coffee"]
    kept = "SELECT previews -> 0 ->> 'title' FROM messages WHERE id = %s"
    assert await world.sql(kept, message["id"]) == [("Cup",)]
    assert len(pages.paths) == asked
