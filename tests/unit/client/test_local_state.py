"""An old snapshot with the events since then is equal to a fresh snapshot."""

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
    LocalState,
    Message,
    Snapshot,
    StreamAdded,
    StreamRemoved,
    Timeline,
    User,
)
from cgraph_client.core.parsing import parse, parse_all
from tests.unit.client.conftest import QUICK
from tests.unit.client.fake_server.server import FakeServer
from tests.unit.client.fake_server.state import Refusal

USERNAMES = ("ada", "grace", "linus")
ME = "grace"
CONVERSATION = "c1"
STREAM = f"conv:{CONVERSATION}"

ACTIONS = st.tuples(
    st.sampled_from(
        (
            *("send", "reply", "edit", "delete", "react", "rename", "membership"),
            *("read", "mark unread"),
        )
    ),
    st.sampled_from(USERNAMES[:2]),
    st.integers(0, 5),
)


def new_server() -> FakeServer:
    """Returns a server with a conversation of two, which does not listen."""
    server = FakeServer()
    users = {name: {"id": name, "username": name, "display_name": name} for name in USERNAMES}
    server.state.users = dict(users)
    server.state.conversations[CONVERSATION] = {
        "id": CONVERSATION,
        "kind": "group",
        "name": None,
        "history": "all",
        "created_at": "2026-11-23T07:00:00Z",
        "members": [users["ada"], users["grace"]],
    }
    return server


def do(server: FakeServer, action: str, user_id: str, number: int) -> None:
    """`number` chooses the message, the emoji and so on."""
    ids = [message["id"] for message in server.state.history(CONVERSATION)]
    target = ids[number % len(ids)] if ids else "none"
    actions, conversation = server.actions, server.state.conversations[CONVERSATION]
    match action:
        case "send" | "reply" if action == "send" or ids:
            draft = {"conversation_id": CONVERSATION, "content": f"message {len(ids)}"}
            actions.send(user_id, draft | ({"reply_to": target} if action == "reply" else {}))
        case "edit":
            version = server.state.message(target)["version"]
            data = {"message_id": target, "version": version, "content": f"edited {number}"}
            actions.edit(user_id, data)
        case "delete":
            actions.delete(user_id, target)
        case "react":
            emoji = "+!?"[number % 3]
            actions.react(user_id, {"message_id": target, "emoji": emoji, "added": number < 4})
        case "read" | "mark unread":
            mark(server, user_id, seq=number if action == "read" else None)
        case "rename":
            rename(server, number)
        case "membership":
            is_member = any(member["id"] == "linus" for member in conversation["members"])
            change = actions.remove_member if is_member else actions.add_member
            change(CONVERSATION, "linus")


def mark(server: FakeServer, user_id: str, *, seq: int | None) -> None:
    """As read up to a number, or without one as unread."""
    if seq is None:
        server.actions.mark_unread(user_id, CONVERSATION)
    else:
        seq = min(seq, len(server.state.streams[STREAM]))
        server.actions.mark_read(user_id, CONVERSATION, seq=seq)


def rename(server: FakeServer, number: int) -> None:
    """Changes the history setting too."""
    conversation = server.state.conversations[CONVERSATION]
    conversation["name"] = f"name {number}"
    conversation["history"] = ("all", "from_joining")[number % 2]
    changed = {key: conversation[key] for key in ("id", "name", "history")}
    server.log.record(STREAM, "conversation.updated", {"conversation": changed})


def do_all(server: FakeServer, actions: list[Any]) -> None:
    """An action that is refused changes nothing."""
    for action, user_id, number in actions:
        try:
            do(server, action, user_id, number)
        except Refusal:
            continue


def snapshot(server: FakeServer, *, loaded: int = 50) -> Timeline:
    """With so many messages."""
    conversation = server.state.conversation(CONVERSATION, reader=ME)
    messages = server.state.history(CONVERSATION, reader=ME)[-loaded:] if loaded else []
    return Timeline.load(
        parse(Conversation.from_json, conversation),
        me=ME,
        messages=parse_all(Message.from_json, messages),
    )


def events(server: FakeServer, stream: str, *, after: int) -> Iterable[Event]:
    return parse_all(Event.from_json, server.state.streams[stream][after:])


@settings(max_examples=150, deadline=None)
@given(
    before=st.lists(ACTIONS, max_size=15),
    after=st.lists(ACTIONS, max_size=25),
    repeated=st.integers(0, 5),
    user_stream_first=st.booleans(),
)
def test_an_old_snapshot_with_the_events_since_equals_a_fresh_snapshot(
    before: list[Any], after: list[Any], repeated: int, user_stream_first: bool
) -> None:
    server = new_server()
    do_all(server, before)
    state = LocalState(User(ME, ME))
    state.timelines[CONVERSATION] = snapshot(server)
    head, user_head = len(server.state.streams[STREAM]), len(server.state.streams[f"user:{ME}"])
    do_all(server, after)
    missed = [
        *events(server, STREAM, after=max(0, head - repeated)),
        *events(server, f"user:{ME}", after=max(0, user_head - repeated)),
    ]
    for event in user_events_first(missed) if user_stream_first else missed:
        state.apply(event)
    assert state.timelines[CONVERSATION] == snapshot(server)


@settings(max_examples=150, deadline=None)
@given(
    before=st.lists(ACTIONS, min_size=5, max_size=15),
    after=st.lists(ACTIONS, max_size=25),
    loaded=st.integers(0, 3),
    user_stream_first=st.booleans(),
)
def test_unread_counts_are_right_where_few_messages_are_loaded(
    before: list[Any], after: list[Any], loaded: int, user_stream_first: bool
) -> None:
    """Also those of messages that are deleted, and that another device has read."""
    server = new_server()
    do_all(server, before)
    state = LocalState(User(ME, ME))
    state.timelines[CONVERSATION] = snapshot(server, loaded=loaded)
    head, user_head = len(server.state.streams[STREAM]), len(server.state.streams[f"user:{ME}"])
    do_all(server, after)
    missed = [
        *events(server, STREAM, after=head),
        *events(server, f"user:{ME}", after=user_head),
    ]
    for event in user_events_first(missed) if user_stream_first else missed:
        state.apply(event)
    shown, fresh = state.timelines[CONVERSATION].conversation, snapshot(server).conversation
    assert (shown.last_read_seq, shown.unread_count, shown.marked_unread) == (
        fresh.last_read_seq, fresh.unread_count, fresh.marked_unread,
    )  # fmt: skip
    last = [each.last_message and each.last_message.id for each in (shown, fresh)]
    assert last[0] == last[1]


def user_events_first(events: list[Event]) -> list[Event]:
    """Events of two streams have no order between them."""
    return sorted(events, key=lambda event: event.stream, reverse=True)


def test_a_missing_event_raises_an_error_instead_of_a_wrong_state() -> None:
    server = new_server()
    timeline = snapshot(server)
    do_all(server, [("send", "ada", 0)] * 2)
    _, second = events(server, STREAM, after=0)
    with pytest.raises(ValueError, match="is at 0: 2 is not next"):
        timeline.apply(second)


def test_trimming_and_older_pages_keep_the_order_and_the_unread_count() -> None:
    server = new_server()
    do_all(server, [("send", "ada", 0)] * 9)
    timeline = snapshot(server)
    messages = list(timeline.messages.values())
    timeline.trim(4)
    assert list(timeline.messages.values()) == messages[-4:]
    timeline.add_older(messages[2:5])
    assert list(timeline.messages.values()) == messages[2:]
    assert (timeline.complete_after, timeline.conversation.unread_count) == (2, 9)


def test_an_unknown_event_only_takes_its_number() -> None:
    timeline = snapshot(new_server())
    assert timeline.apply(Event(STREAM, "message.embroidered", 1, data={"thread": "gold"}))
    assert timeline.head == 1


def test_a_message_without_the_newer_fields_is_parsed() -> None:
    old = {"id": "m", "conversation_id": CONVERSATION, "seq": 1, "author_id": "ada"}
    old |= {"content": "hi", "created_at": "2026-11-23T07:00:00Z", "reply_to": None}
    message = parse(Message.from_json, old)
    assert (message.version, message.reactions, message.quoted) == (1, {}, None)


def test_events_of_the_users_own_stream_change_conversations_blocks_and_profile() -> None:
    state = LocalState(User(ME, ME))

    def apply(event: str, **data: Any) -> bool:
        return state.apply(Event(f"user:{ME}", event, 1, data=data))

    apply("conversation.joined", conversation={"id": CONVERSATION, "kind": "group", "head": 4})
    assert state.has_conversation(STREAM) and state.timelines[CONVERSATION].head == 4
    apply("conversation.muted", conversation_id=CONVERSATION, muted=True, muted_until=None)
    assert state.timelines[CONVERSATION].conversation.muted
    apply("block.added", user_id="linus")
    apply("block.added", user_id="ada")
    apply("block.removed", user_id="linus")
    assert state.blocked == {"ada"}
    assert state.collapses({"author": {"id": "ada"}}) and not state.collapses(
        {"author": {"id": ME}}
    )
    assert state.collapses({"author": {"id": "linus"}, "blocked": True})
    apply("user.updated", user={"id": ME, "username": ME, "display_name": "Grace H."})
    assert state.me.display_name == "Grace H."
    assert not apply("unknown.event")
    assert not state.apply(StreamAdded(STREAM, 4))
    fresh = Conversation(CONVERSATION, "group", head=9)
    assert state.apply(Snapshot(STREAM, 9, conversation=fresh))
    assert state.timelines[CONVERSATION].head == 9
    assert state.apply(StreamRemoved(STREAM)) and not state.has_conversation(STREAM)


async def test_the_state_equals_the_servers_after_bad_delivery(
    server: FakeServer, ada: Client, grace: Client
) -> None:
    conversation = await ada.create_conversation("grace", name="all of it")
    server.faults.duplicated = server.faults.reordered = 0.3
    server.faults.dropped, server.faults.heartbeat_ms = 0.2, 200
    server.faults.partial_above = 420
    async with grace.connect(backoff=QUICK) as connection:
        state = LocalState(await grace.me())
        state.load([each async for each in grace.all_conversations()])
        for n in range(40):
            message = await ada.send(conversation.id, f"message {n} " + "long " * (n % 12))
            await grace.react(message.id, "+")
            await ada.edit(message.id, f"edited {n}", version=1)
            if n % 13 == 12:
                server.cut()
                await ada.delete(message.id)
        head = len(server.state.streams[f"conv:{conversation.id}"])
        async for change in connection:
            state.apply(change)
            if state.timelines[conversation.id].head == head:
                break
    fresh = await grace.conversation(conversation.id)
    messages = await grace.history(conversation.id)
    assert state.timelines[conversation.id] == Timeline.load(
        fresh, me=state.me.id, messages=messages
    )
    assert server.counts["dropped"] and server.counts["POST /sync"]
