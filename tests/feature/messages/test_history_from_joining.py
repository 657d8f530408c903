"""A member who was added while the group's history was `from_joining` sees nothing from before:
by every way in which a message can be seen.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest

from tests.feature.conversation import Conversation, send, start_group
from tests.feature.world import Person

SECRET = "what was said before"


@dataclass(frozen=True, slots=True)
class Group:
    """`old`: a message from before Eve was added, pinned, with a reaction and an old reply;
    `reply`: to it, from after.
    """

    conversation: Conversation
    old: Any
    old_reply: Any
    reply: Any


@pytest.fixture
async def scene(ada: Person, grace: Person, eve: Person) -> Group:
    group = await start_group(ada, grace)
    await ada.call("change_conversation", {"history": "from_joining"}, id=group.id)
    old = await ada.send(group.id, SECRET)
    old_reply = await grace.send(group.id, f"{SECRET} too", reply_to=old["id"])
    await group.react(grace, old, "👍")
    await group.pin(ada, old)
    await group.put_member(ada, eve)
    reply = await grace.send(group.id, "and now", reply_to=old["id"])
    return Group(group, old, old_reply, reply)


async def test_the_history_begins_with_the_joining(ada: Person, eve: Person, scene: Group) -> None:
    group = scene.conversation
    for query in ("", "after=0", "around=1", "before=5", "limit=1"):
        answer = await eve.call("list_messages", id=group.id, query=query)
        assert SECRET not in json.dumps(answer.body)
    seen = await group.list_messages(eve)
    assert [message["id"] for message in seen] == [scene.reply["id"]]
    assert (seen[0]["quoted"], seen[0]["reply_to"]) == (None, scene.old["id"])
    assert (await group.list_messages(ada))[-1]["quoted"]["content"] == SECRET
    assert (await group.list_pins(eve)).body["items"] == []
    assert len((await group.list_pins(ada)).body["items"]) == 1


async def test_an_older_message_does_not_exist_for_a_new_member(eve: Person, scene: Group) -> None:
    group, missing = scene.conversation, (404, "message_not_found")
    for message in (scene.old, scene.old_reply):
        answers = [
            await group.show_message(eve, message),
            await group.react(eve, message, "👍"),
            await group.unreact(eve, message, "👍"),
            await group.pin(eve, message),
            await group.edit(eve, message, "mine"),
            await group.delete(eve, message),
            await eve.call("list_replies", id=message["id"]),
            await eve.call("list_reactions", id=message["id"], emoji="👍"),
            await eve.call("list_message_versions", id=message["id"]),
        ]
        assert [answer.refusal for answer in answers] == [missing] * len(answers)
        refused = await send(eve, group.id, reply_to=message["id"])
        assert refused.refusal == (422, "reply_target_not_found")


async def test_the_last_message_is_hidden_with_the_rest(
    ada: Person, grace: Person, eve: Person, scene: Group
) -> None:
    group = scene.conversation
    await group.delete(grace, scene.reply)

    assert (await group.show(eve))["last_message"] is None
    (listed,) = (await eve.call("list_conversations")).body["items"]
    assert (listed["last_message"], listed["unread_count"]) == (None, 0)
    assert (await group.show(ada))["last_message"]["id"] == scene.old_reply["id"]
    (joined,) = await ada.world.sql(
        "SELECT payload FROM events WHERE stream_id = %s AND type = 'conversation.joined'", eve.id
    )
    assert joined[0]["conversation"]["last_message"] is None


async def change_old_messages(ada: Person, grace: Person, scene: Group) -> None:
    """Everything that makes an event in which an older message could be."""
    group = scene.conversation
    await group.edit(ada, scene.old, f"{SECRET}, edited")
    await group.unpin(ada, scene.old)
    await group.react(grace, scene.old_reply, "🎉")
    await group.edit(grace, scene.reply, "and now, edited")
    again = await ada.send(group.id, "once more", reply_to=scene.old_reply["id"])
    await group.delete(ada, again)
    await group.delete(grace, scene.reply)
    await group.delete(grace, scene.old_reply)


async def test_neither_a_push_nor_a_catch_up_shows_older_messages(
    ada: Person, grace: Person, eve: Person, scene: Group
) -> None:
    group, stream = scene.conversation, f"conv:{scene.conversation.id}"
    sockets = [await person.open_socket() for person in (eve, grace)]
    for socket in sockets:
        await socket.say("hello")
    begin = await group.head()
    await change_old_messages(ada, grace, scene)
    pushed, whole = ([e for e in s.received() if e["stream"] == stream] for s in sockets)

    assert SECRET in json.dumps(whole) and SECRET not in json.dumps(pushed)
    numbers = list(range(begin + 1, await group.head() + 1))
    assert [event["seq"] for event in pushed] == numbers == [event["seq"] for event in whole]
    hidden = [event for event in pushed if event["event"] == "history.hidden"]
    assert len(hidden) == 4 and all(event["data"] == {} for event in hidden)
    synced = (await eve.call("sync_streams", {"cursors": {stream: 0}})).body["streams"][stream]
    assert SECRET not in json.dumps(synced)
    assert [event["seq"] for event in synced["events"]] == list(range(1, synced["head"] + 1))
    types = [(event["seq"], event["event"]) for event in synced["events"][begin:]]
    assert types == [(event["seq"], event["event"]) for event in pushed]


async def test_a_catch_up_over_the_socket_and_a_snapshot_show_no_older_messages(
    ada: Person, grace: Person, eve: Person, scene: Group
) -> None:
    stream = f"conv:{scene.conversation.id}"
    socket = await eve.open_socket()
    await socket.say("hello", {"cursors": {stream: 0}})
    assert SECRET not in json.dumps(socket.received())
    ahead = {"cursors": {stream: 10**6}}  # of a restored database: the answer is a snapshot
    gap = (await eve.call("sync_streams", ahead)).body["streams"][stream]
    assert gap["limited"] and SECRET not in json.dumps(gap)
    assert [message["id"] for message in gap["snapshot"]["messages"]] == [scene.reply["id"]]


async def test_the_setting_applies_to_those_who_are_added_later(
    ada: Person, grace: Person, eve: Person, scene: Group
) -> None:
    group = scene.conversation
    await ada.call("change_conversation", {"history": "all"}, id=group.id)
    assert len(await group.list_messages(eve)) == 1
    await group.remove_member(ada, eve)
    await group.put_member(ada, eve)
    assert len(await group.list_messages(eve)) == 3
    assert len(await group.list_messages(grace)) == 3


async def test_a_group_starts_with_the_setting_and_its_members_learn_of_changes(
    ada: Person, grace: Person
) -> None:
    draft = {"kind": "group", "members": [grace.username], "history": "from_joining"}
    started = (await ada.call("start_conversation", draft)).body
    assert started["history"] == "from_joining"
    socket = await grace.open_socket()
    await socket.say("hello")
    for _ in range(2):
        changed = await ada.call("change_conversation", {"history": "all"}, id=started["id"])

    assert (changed.status, changed.body["history"]) == (200, "all")
    (event,) = socket.received()
    assert event["data"]["conversation"] == {
        "id": started["id"], "name": None, "history": "all", "link_previews": True,
    }  # fmt: skip
    refused = await grace.call("change_conversation", {"history": "all"}, id=started["id"])
    assert refused.refusal == (403, "not_allowed")
    direct = {"kind": "direct", "members": [grace.username], "history": "from_joining"}
    assert (await ada.call("start_conversation", direct)).refusal == (422, "validation_failed")
