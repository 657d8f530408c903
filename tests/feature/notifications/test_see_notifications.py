from __future__ import annotations

from uuid import uuid4

from tests.feature.notifications.inbox import badge, notifications
from tests.feature.world import Person


async def test_what_was_seen_stays_unread_until_more_comes(ada: Person, grace: Person) -> None:
    conversation = await ada.converse(grace)
    await ada.send(conversation, "Hello")
    (shown,) = await notifications(grace)
    answer = await grace.call("see_notifications", {"up_to": shown["id"]})
    assert answer.body == {"unread": 1, "unseen": 0}
    assert (await notifications(grace))[0]["seen"]
    await ada.send(conversation, "Are you there?")
    await notifications(grace)
    assert await badge(grace) == {"unread": 1, "unseen": 1}


async def test_an_unknown_notification_is_refused(ada: Person) -> None:
    answer = await ada.call("see_notifications", {"up_to": str(uuid4())})
    assert answer.refusal == (404, "notification_not_found")
