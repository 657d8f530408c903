from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from tests.feature.world import Answer, Person, World


async def send(
    person: Person, conversation: object, content: object = "hi", **fields: object
) -> Answer:
    many = bool(fields.pop("many", False))
    draft = {"conversation_id": str(conversation), "content": content, **fields}
    return await person.call("send_message", draft, many=many)


@pytest.fixture
async def conversation(ada: Person, grace: Person) -> str:
    return await ada.converse(grace)


async def test_what_is_answered(ada: Person, conversation: str) -> None:
    answer = await send(ada, conversation, "hi")

    assert answer.status == 201
    body = dict(answer.body)
    assert UUID(body.pop("id")).version == 7
    moment = datetime.fromisoformat(body.pop("created_at"))
    assert abs((datetime.now(UTC) - moment).total_seconds()) < 5
    assert body == {
        "conversation_id": conversation,
        "seq": 1,
        "author_id": ada.id,
        "content": "hi",
        "reply_to": None,
        "quoted": None,
        "version": 1,
        "edited_at": None,
        "deleted_at": None,
        "reply_count": 0,
        "reactions": {},
        "mentions": [],
        "attachments": [],
        "pinned_at": None,
    }
    assert "idempotent-replayed" not in answer.headers


async def test_state_and_event_say_the_same(world: World, ada: Person, conversation: str) -> None:
    message = await ada.send(conversation, "zwei 🦉")

    ((kind, payload, in_order),) = await world.sql(
        "SELECT type, payload, xid < pg_snapshot_xmin(pg_current_snapshot()) FROM events"
        " WHERE stream_id = %s",
        conversation,
    )
    assert (kind, payload, in_order) == ("message.created", {"message": message}, True)


async def test_everybody_who_listens_gets_it(
    ada: Person, grace: Person, eve: Person, conversation: str
) -> None:
    sockets = [await person.open_socket() for person in (ada, grace, grace, eve)]
    for socket in sockets:
        await socket.say("hello")
    deaf = await grace.open_socket()
    message = await ada.send(conversation, "hi")

    heard = [socket.received() for socket in sockets]
    (event,) = heard[0]
    assert event == {
        "type": "event",
        "stream": f"conv:{conversation}",
        "seq": 1,
        "event": "message.created",
        "ts": message["created_at"],
        "data": {"message": message},
    }
    assert heard == [[event], [event], [event], []]
    assert deaf.received() == []


async def test_a_nonce_sends_once(world: World, ada: Person, conversation: str) -> None:
    first = await send(ada, conversation, "hi", nonce="n1")
    again = await send(ada, conversation, "hi", nonce="n1")

    assert (first.status, again.status) == (201, 200)
    assert first.body == again.body
    assert again.headers["idempotent-replayed"] == "true"
    assert await world.sql(
        "SELECT count(*) FROM messages WHERE conversation_id = %s", conversation
    ) == [(1,)]


async def test_a_replay_is_told_to_nobody(ada: Person, grace: Person, conversation: str) -> None:
    await send(ada, conversation, nonce="n1")
    socket = await grace.open_socket()
    await socket.say("hello")
    await send(ada, conversation, nonce="n1")

    assert socket.received() == []


async def test_a_nonce_stands_for_one_body(
    ada: Person, grace: Person, eve: Person, conversation: str
) -> None:
    first = await send(ada, conversation, "hi", nonce="n1")
    others = [
        await send(ada, conversation, "ho", nonce="n1"),
        await send(ada, conversation, "hi", nonce="n1", reply_to=first.body["id"]),
        await send(ada, await ada.converse(eve), "hi", nonce="n1"),
    ]

    assert [answer.refusal for answer in others] == [(409, "nonce_conflict")] * 3
    assert (await send(grace, conversation, "ho", nonce="n1")).status == 201


async def test_one_nonce_many_times_at_once(world: World, ada: Person, conversation: str) -> None:
    answers = await asyncio.gather(
        *(send(ada, conversation, "hi", nonce="n1", many=True) for _ in range(24))
    )

    assert sorted(answer.status for answer in answers) == [200] * 23 + [201]
    assert len({str(answer.body) for answer in answers}) == 1
    rows = await world.sql(
        """
        SELECT (SELECT count(*) FROM messages WHERE conversation_id = %s),
               (SELECT count(*) FROM events WHERE stream_id = %s),
               (SELECT head FROM streams WHERE id = %s)
        """,
        *[conversation] * 3,
    )
    assert rows == [(1, 1, 1)]


async def test_one_nonce_for_two_bodies_at_once(world: World, ada: Person, grace: Person) -> None:
    """Also in two conversations, where no common row makes them wait for each other."""
    places = [await ada.converse(grace), await ada.converse(grace, kind="group")]
    answers = await asyncio.gather(
        *(send(ada, places[turn % 2], "hi", nonce="n1", many=True) for turn in range(16))
    )

    statuses = [answer.status for answer in answers]
    assert (statuses.count(201), statuses.count(200), statuses.count(409)) == (1, 7, 8)
    assert await world.sql(
        "SELECT count(*) FROM messages WHERE conversation_id = ANY(%s::uuid[])", places
    ) == [(1,)]


async def test_numbers_without_a_gap_from_many_writers(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    async def write(person: Person, writer: int) -> list[int]:
        found = []
        for number in range(15):
            answer = await send(person, conversation, f"{writer}:{number}", many=True)
            found.append(int(answer.body["seq"]))
        return found

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
        conversation,
    )
    assert [row[:2] for row in rows] == [(seq, seq) for seq in range(1, 121)]
    assert all(row[2] == row[3] for row in rows)


async def test_a_reply_is_to_a_message_of_the_conversation(
    ada: Person, grace: Person, eve: Person, conversation: str
) -> None:
    first = await ada.send(conversation, "hi")
    elsewhere = await ada.send(await ada.converse(eve), "hi")

    assert (await grace.send(conversation, "ho", reply_to=first["id"]))["reply_to"] == first["id"]
    for unknown in (elsewhere["id"], str(uuid4())):
        answer = await send(ada, conversation, "ho", reply_to=unknown, nonce="n1")
        assert answer.refusal == (422, "reply_target_not_found")
    assert (await send(ada, conversation, "ho", nonce="n1")).body["seq"] == 3


async def test_not_into_what_is_not_ones_own(
    world: World, ada: Person, eve: Person, conversation: str
) -> None:
    there = await send(eve, conversation, nonce="n1")
    nowhere = await send(eve, uuid4(), nonce="n1")
    own_stream = await send(eve, eve.id)

    assert there.refusal == nowhere.refusal == (404, "conversation_not_found")
    assert own_stream.refusal == (404, "conversation_not_found")
    assert there.body == nowhere.body
    assert await world.sql("SELECT head FROM streams WHERE id = %s", conversation) == [(0,)]
    assert await world.sql("SELECT count(*) FROM nonces WHERE user_id = %s", eve.id) == [(0,)]


async def test_not_once_one_was_removed(
    world: World, ada: Person, grace: Person, conversation: str
) -> None:
    socket = await grace.open_socket()
    await socket.say("hello")
    await world.sql(
        "DELETE FROM conversation_members WHERE conversation_id = %s AND user_id = %s",
        conversation,
        grace.id,
    )
    await ada.send(conversation, "without you")

    assert (await send(grace, conversation)).refusal == (404, "conversation_not_found")
    assert socket.received() == []


@pytest.mark.parametrize("content", ["x" * 4000, "🦉" * 4000, "\x01" * 4000, '"\\' * 2000])
async def test_four_thousand_characters_of_any_kind(
    ada: Person, grace: Person, conversation: str, content: str
) -> None:
    socket = await grace.open_socket()
    await socket.say("hello")
    message = await ada.send(conversation, content)

    assert message["content"] == content
    page = (await grace.call("list_messages", id=conversation)).body
    assert page["items"] == [message]
    (event,) = socket.received()
    assert event["data"] == {"message": message}


@pytest.mark.parametrize(
    "content", ["x" * 4001, "🦉" * 4001, "", " \n\t ", "nul\0", None, 5, ["hi"], {"text": "hi"}]
)
async def test_content_that_is_not_valid(
    world: World, ada: Person, conversation: str, content: object
) -> None:
    answer = await send(ada, conversation, content)

    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == ["content"]
    assert await world.sql("SELECT head FROM streams WHERE id = %s", conversation) == [(0,)]


async def test_other_fields_that_are_not_valid(ada: Person, conversation: str) -> None:
    for field, value in {
        "conversation_id": "first",
        "nonce": "with space",
        "reply_to": "that",
        "attachments": [str(uuid4())] * 11,
    }.items():
        answer = await send(ada, conversation, "hi", **{field: value})
        assert answer.refusal == (422, "validation_failed")
        assert answer.body["errors"][0]["field"] == field
    missing = await ada.call("send_message", {"content": "hi"})
    assert [error["field"] for error in missing.body["errors"]] == ["conversation_id"]


async def test_half_a_character_is_refused(ada: Person, conversation: str) -> None:
    body = f'{{"conversation_id": "{conversation}", "content": "\\ud83d"}}'
    answer = await ada.call("send_message", body)

    assert answer.refusal == (422, "validation_failed")


async def test_the_sender_cannot_set_the_author_or_the_time(
    ada: Person, grace: Person, conversation: str
) -> None:
    draft = {"conversation_id": conversation, "content": "hi"}
    claimed = {"author_id": grace.id, "seq": 99, "created_at": "2001-01-01T00:00:00Z"}
    refused = await ada.call("send_message", {**draft, **claimed})
    message = await ada.send(conversation, "hi")

    assert refused.refusal == (422, "unknown_field")
    assert (message["author_id"], message["seq"]) == (ada.id, 1)
    assert not message["created_at"].startswith("2001")


async def test_a_message_of_the_month_lies_in_its_partition(
    world: World, ada: Person, conversation: str
) -> None:
    message = await ada.send(conversation, "hi")
    month = datetime.fromisoformat(message["created_at"]).strftime("y%Ym%m")

    assert await world.sql(
        "SELECT tableoid::regclass::text FROM messages WHERE id = %s", message["id"]
    ) == [(f"messages_{month}",)]
    assert await world.sql(
        "SELECT tableoid::regclass::text FROM events WHERE stream_id = %s", conversation
    ) == [(f"events_{month}",)]
