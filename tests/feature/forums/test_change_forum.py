from __future__ import annotations

from typing import Any

import pytest

from cgraph.forums.models import Forum as ForumModel
from tests.feature.forum import new_forum
from tests.feature.world import Person


async def test_only_the_owner_changes_the_settings(ada: Person, grace: Person, eve: Person) -> None:
    forum = await new_forum(ada, grace)
    await forum.appoint(ada, grace)
    before = await forum.show(ada)
    change = {"name": "Another", "rules": "None", "tags": ["a"], "tag_required": True}
    change |= {"slow_mode_seconds": 5, "posting": "moderators", "description": "Why not"}
    answer = await forum.change(ada, **change)

    assert (answer.status, answer.body) == (200, {**before, **change, "head": 3})
    assert (await forum.show(eve))["name"] == "Another"
    kind, data = (await forum.events())[-1]
    assert (kind, data["forum"]["name"]) == ("forum.updated", "Another")
    assert ForumModel.model_validate(data["forum"]).model_dump(mode="json") == data["forum"]
    assert data["forum"].keys().isdisjoint({"role", "banned", "head"})

    again = await forum.change(ada, **change)
    assert (again.status, again.body) == (200, answer.body)
    assert (await forum.change(ada, name=None)).body == answer.body
    for other in (grace, eve):
        assert (await forum.change(other, name="Mine")).refusal == (403, "not_allowed")


async def test_in_a_forum_that_is_no_longer_public_only_members_post(ada: Person) -> None:
    forum = await new_forum(ada)
    assert (await forum.change(ada, visibility="restricted")).body["posting"] == "members"
    for change in ({"posting": "everyone"}, {"visibility": "private", "posting": "everyone"}):
        refused = await forum.change(ada, **change)
        assert refused.refusal == (422, "validation_failed")
        assert [error["field"] for error in refused.body["errors"]] == ["posting"]
    assert (await forum.show(ada))["visibility"] == "restricted"
    public = await forum.change(ada, visibility="public", posting="everyone")
    assert (public.body["visibility"], public.body["posting"]) == ("public", "everyone")


async def test_a_forum_that_becomes_private_is_gone_for_others(
    ada: Person, grace: Person, eve: Person
) -> None:
    forum = await new_forum(ada, grace)
    stream = f"forum:{forum.id}"
    sockets = {}
    for person in (grace, eve):
        sockets[person.id] = await person.open_socket()
        await sockets[person.id].say("hello")
        focus = await sockets[person.id].say("subscribe", {"streams": [stream]})
        assert focus["data"]["streams"][stream]["head"] == 1
        sockets[person.id].received()
    await forum.change(ada, name="Ours", visibility="private")
    await forum.change(ada, name="Ours alone")

    assert [frame["event"] for frame in sockets[grace.id].received()] == ["forum.updated"] * 2
    assert sockets[eve.id].received() == []
    assert (await eve.call("show_forum", slug=forum.slug)).refusal == (
        404,
        "forum_not_found",
    )
    synced = await eve.call("sync_streams", {"cursors": {stream: 0}})
    assert synced.body["streams"] == {stream: {"gone": True}}


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"tags": ["a", "A"]}, {"slow_mode_seconds": 1.5}, {"visibility": 1}, [], "x"],
)
async def test_an_invalid_change_is_refused(ada: Person, change: Any) -> None:
    forum = await new_forum(ada)
    answer = await ada.call("change_forum", change, slug=forum.slug)
    assert answer.status in (400, 422)
    assert (await forum.events()) == []
