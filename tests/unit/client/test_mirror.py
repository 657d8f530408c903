"""Event = state: an old snapshot and what happened since show what a fresh snapshot shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cgraph_client import (
    Client,
    Conversation,
    Event,
    Following,
    Gone,
    Message,
    Mirror,
    Snapshot,
    User,
)
from cgraph_client.reading import read, read_all
from cgraph_client.timeline import Timeline
from tests.unit.client.conftest import QUICK
from tests.unit.client.small_routes import Routes
from tests.unit.client.small_server import SmallServer
from tests.unit.client.world import Refused

PEOPLE = ("ada", "grace", "linus")
ME = "grace"
PLACE = "talk"
STREAM = f"conv:{PLACE}"

DEEDS = st.tuples(
    st.sampled_from(("write", "reply", "edit", "delete", "react", "read", "rename", "coming")),
    st.sampled_from(PEOPLE[:2]),
    st.integers(0, 5),
)


def new_server() -> SmallServer:
    """With a conversation of two; nothing listens."""
    server = SmallServer()
    users = {name: {"id": name, "username": name, "display_name": name} for name in PEOPLE}
    server.world.users = dict(users)
    server.world.conversations[PLACE] = {
        "id": PLACE,
        "kind": "group",
        "name": None,
        "created_at": "2026-11-23T07:00:00Z",
        "members": [users["ada"], users["grace"]],
    }
    return server


def do(server: SmallServer, deed: str, who: str, which: int) -> None:
    """One of the things people do; refused ones change nothing."""
    ids = [message["id"] for message in server.world.messages(PLACE)]
    target = ids[which % len(ids)] if ids else "none"
    deeds, here = server.deeds, server.world.conversations[PLACE]
    match deed:
        case "write" | "reply" if deed == "write" or ids:
            draft = {"conversation_id": PLACE, "content": f"said {len(ids)}"}
            deeds.write(who, draft | ({"reply_to": target} if deed == "reply" else {}))
        case "edit":
            version = server.world.message(target)["version"]
            content = {"message_id": target, "version": version, "content": f"edited {which}"}
            deeds.edit(who, content)
        case "delete":
            deeds.delete(who, target)
        case "react":
            deeds.react(who, {"message_id": target, "emoji": "+!?"[which % 3], "added": which < 4})
        case "read":
            deeds.read(who, PLACE, seq=min(which, len(server.world.streams[STREAM])))
        case "rename":
            here["name"] = f"name {which}"
            server.record(
                STREAM,
                "conversation.updated",
                {"conversation": {"id": PLACE, "name": here["name"]}},
            )
        case "coming":
            is_in = any(member["id"] == "linus" for member in here["members"])
            (server.leave if is_in else server.join)(PLACE, "linus")


def snapshot(server: SmallServer) -> Timeline:
    talk = Routes(server)._as_seen(server.world.conversations[PLACE], ME)
    messages = server.world.messages(PLACE, reader=ME)[-50:]
    return Timeline.begin(
        read(Conversation.read, talk), me=ME, messages=read_all(Message.read, messages)
    )


def events(server: SmallServer, stream: str, *, after: int) -> Iterable[Event]:
    return read_all(Event.read, server.world.streams[stream][after:])


@settings(max_examples=150, deadline=None)
@given(
    before=st.lists(DEEDS, max_size=15),
    after=st.lists(DEEDS, max_size=25),
    repeated=st.integers(0, 5),
    own_first=st.booleans(),
)
def test_an_old_snapshot_and_the_events_since_are_a_fresh_snapshot(
    before: list[Any], after: list[Any], repeated: int, own_first: bool
) -> None:
    server = new_server()
    attempt(server, before)
    mirror = Mirror(User(ME, ME))
    mirror.timelines[PLACE] = snapshot(server)
    seen, own_seen = len(server.world.streams[STREAM]), len(server.world.streams[f"user:{ME}"])
    attempt(server, after)
    told = [
        *events(server, STREAM, after=max(0, seen - repeated)),
        *events(server, f"user:{ME}", after=max(0, own_seen - repeated)),
    ]
    for event in reversed_streams(told) if own_first else told:
        mirror.apply(event)
    assert mirror.timelines[PLACE] == snapshot(server)


def attempt(server: SmallServer, deeds: list[Any]) -> None:
    for deed, who, which in deeds:
        try:
            do(server, deed, who, which)
        except Refused:
            continue


def reversed_streams(told: list[Event]) -> list[Event]:
    """One's own stream before the conversation's: between two streams there is no order."""
    return sorted(told, key=lambda event: event.stream, reverse=True)


def test_a_missing_event_is_an_error_and_not_a_wrong_state() -> None:
    server = new_server()
    timeline = snapshot(server)
    attempt(server, [("write", "ada", 0)] * 2)
    _, second = events(server, STREAM, after=0)
    with pytest.raises(ValueError, match="stands at 0: 2 is not next"):
        timeline.apply(second)


def test_older_pages_and_fewer_messages_keep_the_order_and_the_count() -> None:
    server = new_server()
    attempt(server, [("write", "ada", 0)] * 9)
    timeline = snapshot(server)
    whole = list(timeline.messages.values())
    timeline.keep(4)
    assert list(timeline.messages.values()) == whole[-4:]
    timeline.add_older(whole[2:5])
    assert list(timeline.messages.values()) == whole[2:]
    assert (timeline.since, timeline.conversation.unread_count) == (2, 9)


def test_events_of_a_later_version_only_count() -> None:
    timeline = snapshot(new_server())
    assert timeline.apply(Event(STREAM, "message.embroidered", 1, data={"thread": "gold"}))
    assert timeline.head == 1


def test_old_events_without_the_newer_fields_are_read() -> None:
    old = {"id": "m", "conversation_id": PLACE, "seq": 1, "author_id": "ada", "content": "hi"}
    message = read(Message.read, old | {"created_at": "2026-11-23T07:00:00Z", "reply_to": None})
    assert (message.version, message.reactions, message.quoted) == (1, {}, None)


def test_ones_own_stream_tells_of_conversations_blocks_and_oneself() -> None:
    mirror = Mirror(User(ME, ME))

    def tell(event: str, **data: Any) -> bool:
        return mirror.apply(Event(f"user:{ME}", event, 1, data=data))

    tell("conversation.joined", conversation={"id": PLACE, "kind": "group", "head": 4})
    assert mirror.knows(STREAM) and mirror.timelines[PLACE].head == 4
    tell("conversation.muted", conversation_id=PLACE, muted=True, muted_until=None)
    assert mirror.timelines[PLACE].conversation.muted
    tell("block.added", user_id="linus")
    tell("block.added", user_id="ada")
    tell("block.removed", user_id="linus")
    assert mirror.blocked == {"ada"}
    tell("user.updated", user={"id": ME, "username": ME, "display_name": "Grace H."})
    assert mirror.me.display_name == "Grace H."
    assert not tell("unheard.of")
    assert not mirror.apply(Following(STREAM, 4))
    fresh = Conversation(PLACE, "group", head=9)
    assert mirror.apply(Snapshot(STREAM, 9, conversation=fresh))
    assert mirror.timelines[PLACE].head == 9
    assert mirror.apply(Gone(STREAM)) and not mirror.knows(STREAM)


async def test_whatever_delivery_does_the_state_is_that_of_the_server(
    server: SmallServer, ada: Client, grace: Client
) -> None:
    talk = await ada.create_conversation("grace", name="all of it")
    server.faults.duplicated = server.faults.reordered = 0.3
    server.faults.dropped, server.faults.heartbeat_ms = 0.2, 200
    server.faults.partial_above = 420
    async with grace.subscribe(backoff=QUICK) as changes:
        mirror = Mirror(await grace.me())
        mirror.begin([each async for each in grace.all_conversations()])
        for n in range(40):
            message = await ada.send(talk.id, f"message {n} " + "long " * (n % 12))
            await grace.react(message.id, "+")
            await ada.edit(message.id, f"edited {n}", version=1)
            if n % 13 == 12:
                server.cut()
                await ada.delete(message.id)
        head = len(server.world.streams[f"conv:{talk.id}"])
        async for change in changes:
            mirror.apply(change)
            if mirror.timelines[talk.id].head == head:
                break
    fresh = await grace.conversation(talk.id)
    messages = await grace.history(talk.id)
    assert mirror.timelines[talk.id] == Timeline.begin(fresh, me=mirror.me.id, messages=messages)
    assert server.counts["dropped"] and server.counts["POST /sync"]
