from __future__ import annotations

from uuid import uuid4

import pytest

from tests.feature.account import another_session
from tests.feature.forum import new_thread
from tests.feature.notifications.inbox import badge, kinds, notifications
from tests.feature.world import Person, World


@pytest.fixture
async def three(ada: Person, grace: Person, eve: Person) -> list[str]:
    """Grace's, of two direct messages and of a reaction: their ids, newest first."""
    await ada.send(await ada.converse(grace), "Hello")
    await eve.send(await eve.converse(grace), "Hello")
    thread = await new_thread(grace)
    await thread.comment(ada)
    return [each["id"] for each in await notifications(grace)]


async def test_some_are_read_on_all_devices(world: World, grace: Person, three: list[str]) -> None:
    device = await another_session(world, grace)
    answer = await device.call("read_notifications", {"ids": [three[1], str(uuid4())]})
    assert answer.body == {"unread": 2, "unseen": 2, "complete": True}
    shown = await notifications(grace)
    assert [each["id"] for each in shown if each["read"]] == [three[1]]


async def test_all_up_to_one_are_read_and_later_ones_are_not(
    grace: Person, three: list[str]
) -> None:
    answer = await grace.call("read_notifications", {"up_to": three[1]})
    assert answer.body == {"unread": 1, "unseen": 1, "complete": True}
    assert [each["id"] for each in await notifications(grace, "unread=true")] == three[:1]


async def test_those_about_a_place_or_a_post_are_read(
    grace: Person, ada: Person, three: list[str]
) -> None:
    conversation = await ada.converse(grace)
    assert (await grace.call("read_notifications", {"about": conversation})).body["unread"] == 2
    (reply, _) = await notifications(grace, "unread=true")
    comment = await grace.call("show_comment", id=reply["target"]["id"])
    answer = await grace.call("read_notifications", {"about": comment.body["post_id"]})
    assert answer.body["unread"] == 1
    assert await kinds(grace) == [("direct_message", 1)]


async def test_reading_again_changes_nothing(grace: Person, three: list[str]) -> None:
    answers = [await grace.call("read_notifications", {"ids": three}) for _ in range(2)]
    assert [answer.body["unread"] for answer in answers] == [0, 0]
    assert await badge(grace) == {"unread": 0, "unseen": 0}


async def test_others_notifications_stay_unread(
    ada: Person, grace: Person, three: list[str]
) -> None:
    answer = await ada.call("read_notifications", {"ids": three})
    assert answer.status == 200
    refused = await ada.call("read_notifications", {"up_to": three[0]})
    assert refused.refusal == (404, "notification_not_found")
    assert (await badge(grace))["unread"] == 3


@pytest.mark.parametrize("body", [{}, {"ids": []}, {"about": str(uuid4()), "up_to": str(uuid4())}])
async def test_exactly_one_field_says_which(ada: Person, body: object) -> None:
    answer = await ada.call("read_notifications", body)
    assert answer.refusal == (422, "validation_failed")
