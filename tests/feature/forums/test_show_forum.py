from __future__ import annotations

import pytest

from tests.feature.forum import new_forum
from tests.feature.world import Person


@pytest.mark.parametrize("slug", ["nowhere", "a", "%00", "%ed%a0%80", "a%27--", "x" * 300, "%FF"])
async def test_an_unknown_or_malformed_slug_is_not_found(ada: Person, slug: str) -> None:
    assert (await ada.call("show_forum", slug=slug)).refusal == (404, "forum_not_found")
    assert (await ada.call("join_forum", slug=slug)).refusal == (404, "forum_not_found")


async def test_a_private_forum_does_not_exist_for_others(ada: Person, eve: Person) -> None:
    forum = await new_forum(ada, visibility="private")
    stream = f"forum:{forum.id}"
    for function, body in (
        ("show_forum", None),
        ("list_forum_members", None),
        ("change_forum", {"name": "Mine"}),
        ("join_forum", None),
        ("leave_forum", None),
    ):
        for slug in (forum.slug, "no-such-forum"):
            answer = await eve.call(function, body, slug=slug)
            assert answer.refusal == (404, "forum_not_found"), function
    assert (await forum.add(eve, eve)).refusal == (404, "forum_not_found")
    assert (await forum.appoint(eve, eve)).refusal == (404, "forum_not_found")
    synced = await eve.call("sync_streams", {"cursors": {stream: 0}})
    assert synced.body["streams"] == {stream: {"gone": True}}
    socket = await eve.open_socket()
    await socket.say("hello")
    answer = await socket.say("subscribe", {"streams": [stream]})
    assert answer["data"]["streams"] == {stream: {"gone": True}}
