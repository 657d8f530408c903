from __future__ import annotations

from typing import Any

import pytest

from cgraph.forums.models import Forum as Told
from tests.feature.forums.forum import forum
from tests.feature.world import Person


async def test_the_owner_changes_what_is_said(ada: Person, grace: Person, eve: Person) -> None:
    made = await forum(ada, grace)
    await made.appoint(ada, grace)
    before = await made.shown(ada)
    change = {"name": "Another", "rules": "None", "tags": ["a"], "tag_required": True}
    change |= {"slow_mode_seconds": 5, "posting": "moderators", "description": "Why not"}
    answer = await made.change(ada, **change)

    assert (answer.status, answer.body) == (200, {**before, **change, "head": 3})
    assert (await made.shown(eve))["name"] == "Another"
    kind, data = (await made.events())[-1]
    assert (kind, data["forum"]["name"]) == ("forum.updated", "Another")
    assert Told.model_validate(data["forum"]).model_dump(mode="json") == data["forum"]
    assert data["forum"].keys().isdisjoint({"role", "banned", "head"})

    again = await made.change(ada, **change)
    assert (again.status, again.body) == (200, answer.body)
    assert (await made.change(ada, name=None)).body == answer.body
    for other in (grace, eve):
        assert (await made.change(other, name="Mine")).refusal == (403, "not_allowed")


async def test_no_longer_public_it_is_the_members(ada: Person) -> None:
    made = await forum(ada)
    assert (await made.change(ada, visibility="restricted")).body["posting"] == "members"
    for change in ({"posting": "everyone"}, {"visibility": "private", "posting": "everyone"}):
        refused = await made.change(ada, **change)
        assert refused.refusal == (422, "validation_failed")
        assert [error["field"] for error in refused.body["errors"]] == ["posting"]
    assert (await made.shown(ada))["visibility"] == "restricted"
    public = await made.change(ada, visibility="public", posting="everyone")
    assert (public.body["visibility"], public.body["posting"]) == ("public", "everyone")


async def test_turned_private_it_is_gone_for_others(
    ada: Person, grace: Person, eve: Person
) -> None:
    made = await forum(ada, grace)
    stream = f"forum:{made.id}"
    sockets = {}
    for person in (grace, eve):
        sockets[person.id] = await person.open_socket()
        await sockets[person.id].say("hello")
        focus = await sockets[person.id].say("subscribe", {"streams": [stream]})
        assert focus["data"]["streams"][stream]["head"] == 1
        sockets[person.id].received()
    await made.change(ada, name="Ours", visibility="private")
    await made.change(ada, name="Ours alone")

    assert [frame["event"] for frame in sockets[grace.id].received()] == ["forum.updated"] * 2
    assert sockets[eve.id].received() == []
    assert (await eve.call("show_forum", slug=made.slug)).refusal == (
        404,
        "forum_not_found",
    )
    synced = await eve.call("sync_streams", {"cursors": {stream: 0}})
    assert synced.body["streams"] == {stream: {"gone": True}}


@pytest.mark.parametrize(
    "change",
    [{"name": ""}, {"tags": ["a", "A"]}, {"slow_mode_seconds": 1.5}, {"visibility": 1}, [], "x"],
)
async def test_what_is_no_change(ada: Person, change: Any) -> None:
    made = await forum(ada)
    answer = await ada.call("change_forum", change, slug=made.slug)
    assert answer.status in (400, 422)
    assert (await made.events()) == []
