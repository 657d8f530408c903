from __future__ import annotations

from tests.feature.notifications.inbox import make_notifications
from tests.feature.world import Person, World


async def test_the_badge_is_the_same_everywhere(world: World, ada: Person, grace: Person) -> None:
    assert (await grace.call("show_badge")).body == {"unread": 0, "unseen": 0}
    await ada.send(await ada.converse(grace), "Hello")
    await make_notifications(world)
    badge = (await grace.call("show_badge")).body
    assert badge == {"unread": 1, "unseen": 1}
    hello = await (await grace.open_socket()).say("hello")
    assert hello["data"]["badge"] == badge


async def test_devices_are_told_of_a_notification_and_the_badge(
    world: World, ada: Person, grace: Person
) -> None:
    socket = await grace.open_socket()
    await socket.say("hello")
    conversation = await ada.converse(grace)
    message = await ada.send(conversation, "Hello")
    socket.received()
    await make_notifications(world)
    (created,) = [each for each in socket.received() if each["event"] == "notification.created"]
    assert created["stream"] == f"user:{grace.id}"
    assert created["data"]["badge"] == {"unread": 1, "unseen": 1}
    assert created["data"]["notification"]["target"] == {"kind": "message", "id": message["id"]}
    assert "excerpt" not in created["data"]["notification"]
    assert (await grace.call("mark_read", {"seq": 1}, id=conversation)).status == 200
    events = {each["event"]: each["data"] for each in socket.received()}
    assert events["notifications.read"] == {
        "ids": [created["data"]["notification"]["id"]],
        "badge": {"unread": 0, "unseen": 0},
    }
