from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from tests.feature.conversation import Conversation, send, start_direct
from tests.feature.world import Person, World


async def test_a_sent_message_is_returned(ada: Person, direct: Conversation) -> None:
    answer = await send(ada, direct.id, "hi")

    assert answer.status == 201
    body = dict(answer.body)
    assert UUID(body.pop("id")).version == 7
    created_at = datetime.fromisoformat(body.pop("created_at"))
    assert abs((datetime.now(UTC) - created_at).total_seconds()) < 5
    assert body == {
        "conversation_id": direct.id,
        "seq": 1,
        "author_id": ada.id,
        "content": "hi",
        "content_html": "<p>hi</p>\n",
        "reply_to": None,
        "quoted": None,
        "version": 1,
        "edited_at": None,
        "deleted_at": None,
        "reply_count": 0,
        "reactions": {},
        "mentions": [],
        "mentions_everyone": None,
        "attachments": [],
        "previews": [],
        "pinned_at": None,
    }
    assert "idempotent-replayed" not in answer.headers


async def test_the_event_of_a_sent_message_has_the_same_message(
    world: World, ada: Person, direct: Conversation
) -> None:
    message = await ada.send(direct.id, "zwei 🦉")

    ((kind, payload, in_order),) = await world.sql(
        "SELECT type, payload, xid < pg_snapshot_xmin(pg_current_snapshot()) FROM events"
        " WHERE stream_id = %s",
        direct.id,
    )
    assert (kind, payload, in_order) == ("message.created", {"message": message}, True)


async def test_every_connected_member_gets_the_message(
    ada: Person, grace: Person, eve: Person, direct: Conversation
) -> None:
    sockets = [await person.open_socket() for person in (ada, grace, grace, eve)]
    for socket in sockets:
        await socket.say("hello")
    silent = await grace.open_socket()
    message = await ada.send(direct.id, "hi")

    received = [socket.received() for socket in sockets]
    (event,) = received[0]
    assert event == {
        "type": "event",
        "stream": f"conv:{direct.id}",
        "seq": 1,
        "event": "message.created",
        "ts": message["created_at"],
        "data": {"message": message},
    }
    assert received == [[event], [event], [event], []]
    assert silent.received() == []


async def test_messages_of_concurrent_writers_are_numbered_without_a_gap(
    world: World, ada: Person, grace: Person, direct: Conversation
) -> None:
    async def write(person: Person, writer: int) -> list[int]:
        numbers = []
        for number in range(15):
            answer = await send(person, direct.id, f"{writer}:{number}", many=True)
            numbers.append(int(answer.body["seq"]))
        return numbers

    written = await asyncio.gather(
        *(write((ada, grace)[writer % 2], writer) for writer in range(8))
    )
    assert sorted(seq for seqs in written for seq in seqs) == list(range(1, 121))
    assert all(seqs == sorted(seqs) for seqs in written)
    rows = await world.sql(
        """
        SELECT m.seq, m.ordinal, m.content, e.payload->'message'->>'content'
        FROM messages m JOIN events e ON e.stream_id = m.conversation_id AND e.seq = m.seq
        WHERE m.conversation_id = %s ORDER BY m.seq
        """,
        direct.id,
    )
    assert [row[:2] for row in rows] == [(seq, seq) for seq in range(1, 121)]
    assert all(row[2] == row[3] for row in rows)


async def test_a_stranger_cannot_send_a_message(
    world: World, ada: Person, eve: Person, direct: Conversation
) -> None:
    existing = await send(eve, direct.id, nonce="n1")
    missing = await send(eve, uuid4(), nonce="n1")
    own_stream = await send(eve, eve.id)

    assert existing.refusal == missing.refusal == (404, "conversation_not_found")
    assert own_stream.refusal == (404, "conversation_not_found")
    assert existing.body == missing.body
    assert await world.sql("SELECT head FROM streams WHERE id = %s", direct.id) == [(0,)]
    assert await world.sql("SELECT count(*) FROM nonces WHERE user_id = %s", eve.id) == [(0,)]


async def test_a_removed_member_can_neither_send_nor_receive_messages(
    world: World, ada: Person, grace: Person, direct: Conversation
) -> None:
    socket = await grace.open_socket()
    await socket.say("hello")
    await world.sql(
        "DELETE FROM conversation_members WHERE conversation_id = %s AND user_id = %s",
        direct.id,
        grace.id,
    )
    await ada.send(direct.id, "without you")

    assert (await send(grace, direct.id)).refusal == (404, "conversation_not_found")
    assert socket.received() == []


async def test_a_block_prevents_direct_messages_in_both_directions(
    world: World, ada: Person, grace: Person, group: Conversation
) -> None:
    direct = await start_direct(ada, grace)
    await grace.call("block_user", user_id=ada.id)
    for person in (ada, grace):
        draft = {"conversation_id": direct.id, "content": "hi", "nonce": "n1"}
        assert (await person.call("send_message", draft)).refusal == (403, "blocked")
        await person.send(group.id, "hi")

    assert await direct.events() == []
    await grace.call("unblock_user", user_id=ada.id)
    assert (await ada.send(direct.id, "hi", nonce="n1"))["seq"] == 1


@pytest.mark.parametrize(
    ("content", "fits_a_frame"),
    [
        ("x" * 4000, True),
        ("🦉" * 4000, False),
        ("👩🏽\u200d🚀" * 1500, False),
        ('"\\' * 2000, True),
    ],
)
async def test_a_message_has_up_to_four_thousand_characters_of_any_kind(
    ada: Person, grace: Person, direct: Conversation, content: str, fits_a_frame: bool
) -> None:
    """With its HTML it may be too large for a frame, and its event is partial then."""
    socket = await grace.open_socket()
    await socket.say("hello")
    message = await ada.send(direct.id, content)

    assert message["content"] == content
    page = (await grace.call("list_messages", id=direct.id)).body
    assert page["items"] == [message]
    (event,) = socket.received()
    assert event.get("partial", False) is not fits_a_frame
    assert event.get("data") == ({"message": message} if fits_a_frame else None)


@pytest.mark.parametrize(
    "content", ["x" * 4001, "🦉" * 4001, "nul\0", None, 5, ["hi"], {"text": "hi"}]
)
async def test_invalid_content_of_a_message_is_refused_and_named(
    world: World, ada: Person, direct: Conversation, content: object
) -> None:
    answer = await send(ada, direct.id, content)

    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == ["content"]
    assert await world.sql("SELECT head FROM streams WHERE id = %s", direct.id) == [(0,)]


async def test_an_invalid_field_of_a_message_is_refused_and_named(
    ada: Person, direct: Conversation
) -> None:
    for field, value in {
        "conversation_id": "first",
        "nonce": "with space",
        "reply_to": "that",
        "attachments": [str(uuid4())] * 11,
    }.items():
        answer = await send(ada, direct.id, "hi", **{field: value})
        assert answer.refusal == (422, "validation_failed")
        assert answer.body["errors"][0]["field"] == field
    missing = await ada.call("send_message", {"content": "hi"})
    assert [error["field"] for error in missing.body["errors"]] == ["conversation_id"]


async def test_half_a_surrogate_pair_in_a_message_is_refused(
    ada: Person, direct: Conversation
) -> None:
    body = f'{{"conversation_id": "{direct.id}", "content": "\\ud83d"}}'
    answer = await ada.call("send_message", body)

    assert answer.refusal == (422, "validation_failed")


async def test_the_author_and_the_time_of_a_message_cannot_be_set(
    ada: Person, grace: Person, direct: Conversation
) -> None:
    claimed = {"author_id": grace.id, "seq": 99, "created_at": "2001-01-01T00:00:00Z"}
    draft = {"conversation_id": direct.id, "content": "hi"}
    refused = await ada.call("send_message", {**draft, **claimed})
    message = await ada.send(direct.id, "hi")

    assert refused.refusal == (422, "unknown_field")
    assert (message["author_id"], message["seq"]) == (ada.id, 1)
    assert not message["created_at"].startswith("2001")


async def test_a_message_and_its_event_are_stored_in_the_partition_of_the_month(
    world: World, ada: Person, direct: Conversation
) -> None:
    message = await ada.send(direct.id, "hi")
    month = datetime.fromisoformat(message["created_at"]).strftime("y%Ym%m")

    assert await world.sql(
        "SELECT tableoid::regclass::text FROM messages WHERE id = %s", message["id"]
    ) == [(f"messages_{month}",)]
    assert await world.sql(
        "SELECT tableoid::regclass::text FROM events WHERE stream_id = %s", direct.id
    ) == [(f"events_{month}",)]
