"""What a user is notified of in conversations."""

from __future__ import annotations

import pytest

from tests.feature.conversation import Conversation
from tests.feature.notifications.inbox import kinds, make_notifications, notifications, read_all
from tests.feature.world import Person, World


@pytest.fixture
async def group(world: World, ada: Person, grace: Person, eve: Person) -> Conversation:
    """Ada's; nobody has an unread notification."""
    id = await ada.converse(grace, eve, kind="group")
    for person in (grace, eve):
        assert await kinds(person) == [("invitation", 1)]
        await read_all(person)
    return Conversation(world, id)


async def test_a_mention_notifies_who_is_named(
    group: Conversation, ada: Person, grace: Person, eve: Person
) -> None:
    message = await ada.send(group.id, f"Ask @{grace.username}")
    (mention, *_) = await notifications(grace)
    assert mention["kind"] == "mention" and mention["rings"]
    assert mention["place"] == {"kind": "conversation", "id": group.id, "name": None}
    assert mention["target"] == {"kind": "message", "id": message["id"]}
    assert [actor["id"] for actor in mention["actors"]] == [ada.id]
    assert mention["excerpt"] == f"Ask @{grace.username}"
    assert await kinds(eve) == [] == await kinds(ada)
    assert (await group.show(grace))["mention_count"] == 1
    assert (await group.show(eve))["mention_count"] == 0


async def test_an_edit_that_mentions_notifies_once(
    group: Conversation, ada: Person, grace: Person
) -> None:
    message = await ada.send(group.id, "Ask somebody")
    assert (await group.edit(ada, message, f"Ask @{grace.username}")).status == 200
    assert await kinds(grace) == [("mention", 1)]
    assert (await group.edit(ada, message, f"Ask @{grace.username}!", version=2)).status == 200
    assert await kinds(grace) == [("mention", 1)]


async def test_what_happens_about_one_thing_is_one_notification(
    group: Conversation, ada: Person, grace: Person, eve: Person
) -> None:
    message = await ada.send(group.id, "Tea?")
    for person in (grace, eve, grace):
        await person.send(group.id, "Yes", reply_to=message["id"])
        assert (await group.react(grace, message, "👍")).status == 200
    replies, reaction = sorted(await notifications(ada), key=lambda each: -each["event_count"])
    assert (replies["kind"], replies["event_count"], replies["actor_count"]) == ("reply", 3, 2)
    assert [actor["id"] for actor in replies["actors"]] == [grace.id, eve.id]
    assert (reaction["kind"], reaction["event_count"]) == ("reaction", 1)


async def test_a_direct_message_notifies_until_it_is_read(
    world: World, ada: Person, grace: Person
) -> None:
    direct = Conversation(world, await ada.converse(grace))
    for text in ("Hello", "Are you there?"):
        await ada.send(direct.id, text)
        assert await kinds(grace) == [("direct_message", 1 + (text != "Hello"))]
    marked = await grace.call("mark_read", {"seq": 1}, id=direct.id)
    assert marked.status == 200
    assert await kinds(grace) == [("direct_message", 1)]
    assert (await grace.call("mark_read", {"seq": 2}, id=direct.id)).status == 200
    assert await kinds(grace) == []
    await ada.send(direct.id, "Again")
    await grace.send(direct.id, "I am")
    assert await kinds(grace) == []


async def test_what_was_read_before_it_was_made_makes_nothing(
    world: World, ada: Person, grace: Person
) -> None:
    direct = await ada.converse(grace)
    await ada.send(direct, "Hello")
    assert (await grace.call("mark_read", {"seq": 1}, id=direct)).status == 200
    assert await notifications(grace) == []


async def test_reading_up_to_a_number_leaves_the_mentions_after_it(
    group: Conversation, ada: Person, grace: Person
) -> None:
    first, second, third = [
        await ada.send(group.id, f"@{grace.username} {number}") for number in range(3)
    ]
    assert await kinds(grace) == [("mention", 3)]
    assert (await grace.call("mark_read", {"seq": first["seq"]}, id=group.id)).status == 200
    (left,) = await notifications(grace, "unread=true")
    assert (left["event_count"], left["target"]["id"]) == (2, third["id"])
    assert (await group.show(grace))["mention_count"] == 2
    assert (await grace.call("mark_read", {"seq": second["seq"]}, id=group.id)).status == 200
    assert (await group.show(grace))["mention_count"] == 1


async def test_everybody_is_mentioned_except_who_muted_the_group(
    group: Conversation, ada: Person, grace: Person, eve: Person
) -> None:
    assert (await eve.call("mute_conversation", id=group.id)).status == 200
    await ada.send(group.id, "@everyone, tea is ready")
    assert await kinds(grace) == [("broadcast", 1)]
    assert await kinds(eve) == []
    assert (await group.show(grace))["mention_count"] == 1


async def test_here_reaches_those_with_an_open_socket(
    group: Conversation, ada: Person, grace: Person, eve: Person
) -> None:
    socket = await grace.open_socket()
    assert (await socket.say("hello"))["type"] == "hello"
    await ada.send(group.id, "@here, tea is ready")
    assert await kinds(grace) == [("broadcast", 1)]
    assert await kinds(eve) == []


async def test_a_deleted_message_takes_its_notification_along(
    group: Conversation, ada: Person, grace: Person
) -> None:
    message = await ada.send(group.id, f"@{grace.username}")
    kept = await ada.send(group.id, f"@{grace.username}?")
    assert await kinds(grace) == [("mention", 2)]
    assert (await group.delete(ada, kept)).status == 200
    (left,) = await notifications(grace, "unread=true")
    assert (left["event_count"], left["target"]["id"]) == (1, message["id"])
    assert (await group.delete(ada, message)).status == 200
    assert await kinds(grace) == []
    assert (await group.show(grace))["mention_count"] == 0


async def test_who_is_blocked_notifies_nobody_and_what_they_did_is_withdrawn(
    group: Conversation, ada: Person, grace: Person
) -> None:
    await ada.send(group.id, f"@{grace.username}")
    assert await kinds(grace) == [("mention", 1)]
    assert (await grace.call("block_user", user_id=ada.id)).status == 204
    (answer,) = [await grace.call("list_notifications", query="unread=true")]
    assert answer.body["items"] == []
    assert await kinds(grace) == []
    await ada.send(group.id, "@everyone")
    assert await kinds(grace) == []


async def test_who_left_has_nothing_of_the_conversation(
    group: Conversation, ada: Person, grace: Person
) -> None:
    await ada.send(group.id, f"@{grace.username}")
    assert await kinds(grace) == [("mention", 1)]
    assert (await group.remove_member(ada, grace)).status == 204
    answer = await grace.call("list_notifications")
    assert answer.body["items"] == []
    assert await notifications(grace) == []


async def test_reading_the_log_again_notifies_nobody_twice(
    world: World, group: Conversation, ada: Person, grace: Person
) -> None:
    await ada.send(group.id, f"@{grace.username}")
    before = await notifications(grace)
    # other tests write events that no feature writes
    await world.sql("DELETE FROM events WHERE type LIKE 'message.%%' AND NOT payload ? 'message'")
    await world.sql(
        "UPDATE consumers SET since = '0', until = NULL, seq = 0, since_at = 'epoch',"
        " stream_id = '00000000-0000-0000-0000-000000000000' WHERE name = 'notifications'"
    )
    await make_notifications(world)
    assert await notifications(grace) == before


async def test_the_text_of_somebody_who_is_blocked_now_is_not_shown(
    world: World, group: Conversation, ada: Person, grace: Person, eve: Person
) -> None:
    message = await ada.send(group.id, "Tea?")
    await eve.send(group.id, "Please", reply_to=message["id"])
    await grace.send(group.id, "No", reply_to=message["id"])
    (both,) = await notifications(ada)
    assert both["excerpt"] == "No"
    assert (await ada.call("block_user", user_id=grace.id)).status in (200, 204)
    shown = (await ada.call("list_notifications")).body["items"]  # before the consumer knows
    assert [(each["excerpt"], [actor["id"] for actor in each["actors"]]) for each in shown] == [
        (None, [eve.id])
    ]
