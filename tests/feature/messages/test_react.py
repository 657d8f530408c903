from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest

from tests.feature.messages.talk import Talk, talk
from tests.feature.world import Person, World

THUMB = "👍🏽"
FLAG = "🏴󠁧󠁢󠁳󠁣󠁴󠁿"
FAMILY = "👩‍👩‍👧"


@pytest.fixture
async def chat(ada: Person, grace: Person) -> Talk:
    return await talk(ada, grace)


@pytest.fixture
async def message(ada: Person, chat: Talk) -> Any:
    return await ada.send(chat.id, "hi")


async def passed(world: World, message: Any, *, seconds: int) -> None:
    """As if the last event, and all that waits, were so much older."""
    ago = "reactions_published_at - make_interval(secs => %s)"
    await world.sql(
        f"UPDATE messages SET reactions_published_at = {ago} WHERE id = %s", seconds, message["id"]
    )
    ago = "UPDATE pending_reactions SET created_at = created_at - make_interval(secs => %s)"
    await world.sql(f"{ago} WHERE message_id = %s", seconds, message["id"])


async def waiting(world: World, message: Any) -> int:
    query = "SELECT count(*) FROM pending_reactions WHERE message_id = %s"
    return int((await world.sql(query, message["id"]))[0][0])


def due(chat: Talk, message: Any) -> Any:
    """The job that tells what waits."""
    return {
        "flush": {"channel": "reactions", "stream": f"conv:{chat.id}", "message_id": message["id"]}
    }


async def test_counted_and_told_and_seen(
    ada: Person, grace: Person, chat: Talk, message: Any
) -> None:
    socket = await ada.open_socket()
    await socket.say("hello")
    answer = await chat.react(grace, message, THUMB)

    assert (answer.status, answer.body) == (
        200,
        {"message_id": message["id"], "reactions": {THUMB: 1}, "my_reactions": [THUMB]},
    )
    data = {
        "message_id": message["id"],
        "reactions": {THUMB: 1},
        "changes": [{"user_id": grace.id, "emoji": THUMB, "added": True}],
    }
    (event,) = socket.received()
    assert (event["event"], event["seq"], event["data"]) == ("message.reacted", 2, data)
    assert await chat.events("message.reacted") == [data]
    seen = {**message, "reactions": {THUMB: 1}}
    assert (await chat.show(ada, message)).body == seen
    assert (await chat.show(grace, message)).body == {**seen, "my_reactions": [THUMB]}
    assert await chat.history(grace) == [{**seen, "my_reactions": [THUMB]}]


async def test_taken_back(ada: Person, grace: Person, chat: Talk, message: Any) -> None:
    for person in (ada, grace):
        await chat.react(person, message, THUMB)
    first = await chat.unreact(ada, message, THUMB)
    second = await chat.unreact(grace, message, THUMB)

    assert (first.body["reactions"], first.body["my_reactions"]) == ({THUMB: 1}, [])
    assert second.body["reactions"] == {}
    assert (await chat.show(grace, message)).body == message


async def test_again_changes_nothing(ada: Person, grace: Person, chat: Talk, message: Any) -> None:
    answers = await asyncio.gather(*(chat.react(ada, message, THUMB, many=True) for _ in range(6)))

    assert {str(answer.body) for answer in answers} == {str(answers[0].body)}
    assert answers[0].body["reactions"] == {THUMB: 1}
    assert len(await chat.events("message.reacted")) == 1
    assert (await chat.unreact(grace, message, THUMB)).body["reactions"] == {THUMB: 1}
    assert len(await chat.events("message.reacted")) == 1


async def test_from_many_at_once_each_is_counted(
    world: World, ada: Person, grace: Person, chat: Talk, message: Any
) -> None:
    emoji = [chr(0x1F600 + number) for number in range(8)]
    await asyncio.gather(
        *(chat.react(person, message, each, many=True) for each in emoji for person in (ada, grace))
    )

    assert (await chat.show(ada, message)).body["reactions"] == dict.fromkeys(emoji, 2)
    assert await waiting(world, message) == 15
    await world.work_off("workers.maintain_sockets", due(chat, message))
    told = await chat.events("message.reacted")
    assert [len(data["changes"]) for data in told] == [1, 15]
    assert told[1]["reactions"] == dict.fromkeys(emoji, 2)


async def test_of_several_messages_in_one_batch_all_is_told(
    world: World, ada: Person, grace: Person, chat: Talk
) -> None:
    """There is one connection to Postgres, on which no two transactions may meet."""
    messages = [await ada.send(chat.id, f"message {number}") for number in range(6)]
    for message in messages:
        for person in (ada, grace):
            await chat.react(person, message, THUMB)
    answer = await world.work_off(
        "workers.maintain_sockets", *(due(chat, message) for message in messages)
    )

    assert answer == {"batchItemFailures": []}
    assert [await waiting(world, message) for message in messages] == [0] * 6


async def test_once_in_two_seconds(
    world: World, ada: Person, grace: Person, chat: Talk, message: Any
) -> None:
    """The first at once, what follows together; what was taken back meanwhile is said as it is."""
    socket = await ada.open_socket()
    await socket.say("hello")
    await chat.react(grace, message, THUMB)
    await chat.react(ada, message, FLAG)
    await chat.unreact(ada, message, FLAG)
    await chat.react(ada, message, FAMILY)
    assert len(socket.received()) == 1
    assert (await chat.show(grace, message)).body["reactions"] == {THUMB: 1, FAMILY: 1}

    for _ in range(2):
        await world.work_off("workers.maintain_sockets", due(chat, message))
    (event,) = socket.received()
    assert event["data"] == {
        "message_id": message["id"],
        "reactions": {THUMB: 1, FAMILY: 1},
        "changes": [
            {"user_id": ada.id, "emoji": FLAG, "added": False},
            {"user_id": ada.id, "emoji": FAMILY, "added": True},
        ],
    }
    await chat.react(ada, message, THUMB)
    assert socket.received() == []
    await passed(world, message, seconds=12)
    await chat.unreact(ada, message, THUMB)
    (event,) = socket.received()
    assert event["data"]["changes"] == [{"user_id": ada.id, "emoji": THUMB, "added": False}]


async def test_the_job_that_tells_comes_by_itself(
    world: World, ada: Person, grace: Person, chat: Talk, message: Any
) -> None:
    await chat.react(grace, message, THUMB)
    for emoji in (FLAG, FAMILY):
        await chat.react(ada, message, emoji)

    async def jobs() -> list[Any]:
        while True:
            found = await asyncio.to_thread(world.queues.drain, world.queues.sockets)
            if own := [job for job in found if job == due(chat, message)]:
                return own
            await asyncio.sleep(0.1)

    assert len(await asyncio.wait_for(jobs(), 5)) == 1


async def test_what_waits_for_a_lost_job_is_told_with_the_next(
    world: World, ada: Person, chat: Talk, message: Any
) -> None:
    await chat.react(ada, message, THUMB)
    await chat.react(ada, message, FLAG)
    await passed(world, message, seconds=9)
    await chat.react(ada, message, FAMILY)
    assert len(await chat.events("message.reacted")) == 1
    await passed(world, message, seconds=2)
    await chat.unreact(ada, message, THUMB)

    told = await chat.events("message.reacted")
    assert [len(data["changes"]) for data in told] == [1, 3]
    assert await waiting(world, message) == 0


async def test_where_no_job_can_be_sent_it_is_told_at_once(
    world: World, ada: Person, chat: Talk, message: Any
) -> None:
    await chat.react(ada, message, THUMB)
    async with world.away("emulator"):
        assert (await chat.react(ada, message, FLAG)).status == 200

    assert len(await chat.events("message.reacted")) == 2
    assert await waiting(world, message) == 0


@pytest.mark.parametrize("emoji", [THUMB, FLAG, FAMILY, "🇺🇦", "#️⃣", "❤️", "party_parrot", "é"])
async def test_in_a_path_it_is_percent_encoded(
    ada: Person, chat: Talk, message: Any, emoji: str
) -> None:
    """As API Gateway decodes it, or not."""
    answer = await chat.react(ada, message, quote(emoji))

    assert answer.body["reactions"] == {emoji: 1}
    assert (await chat.unreact(ada, message, emoji)).body["reactions"] == {}


async def test_what_looks_the_same_is_the_same(ada: Person, chat: Talk, message: Any) -> None:
    await chat.react(ada, message, "e\u0301")

    assert (await chat.react(ada, message, "\u00e9")).body["reactions"] == {"\u00e9": 1}


@pytest.mark.parametrize(
    "emoji",
    ["x" * 33, "a b", " ", "\u00a0", "a\tb", "\x7f", "\0", "\u202e", "\u200d", "\ufe0f", "%FF"],
)
async def test_what_is_no_emoji(ada: Person, chat: Talk, message: Any, emoji: str) -> None:
    answer = await chat.react(ada, message, quote(emoji, safe="%"))

    assert answer.refusal == (422, "validation_failed")
    assert [error["field"] for error in answer.body["errors"]] == ["emoji"]
    socket = await ada.open_socket()
    frame = {"message_id": message["id"], "emoji": emoji, "added": True}
    assert (await socket.say("react", frame))["error"]["code"] == "validation_failed"


async def test_at_most_twenty_different_ones(
    ada: Person, grace: Person, chat: Talk, message: Any
) -> None:
    emoji = [chr(0x1F600 + number) for number in range(21)]
    answers = [await chat.react(ada, message, each) for each in emoji]

    assert [answer.status for answer in answers] == [200] * 20 + [422]
    assert answers[-1].refusal == (422, "too_many_reactions")
    assert (await chat.react(grace, message, emoji[0])).body["reactions"][emoji[0]] == 2
    await chat.unreact(ada, message, emoji[5])
    assert (await chat.react(grace, message, emoji[20])).status == 200


async def test_by_members(ada: Person, grace: Person, eve: Person, chat: Talk) -> None:
    message = await ada.send(chat.id, "hi")
    await chat.react(grace, message, THUMB)
    for call in (chat.react, chat.unreact):
        there, nowhere = await call(eve, message, THUMB), await call(eve, uuid4(), THUMB)
        assert there.refusal == nowhere.refusal == (404, "message_not_found")
    await chat.left(grace)

    assert (await chat.unreact(grace, message, THUMB)).refusal == (404, "message_not_found")
    assert (await chat.show(ada, message)).body["reactions"] == {THUMB: 1}


async def test_not_to_what_is_deleted(world: World, ada: Person, chat: Talk, message: Any) -> None:
    for emoji in (THUMB, FLAG):
        await chat.react(ada, message, emoji)
    await chat.delete(ada, message)

    assert (await chat.react(ada, message, THUMB)).refusal == (409, "message_deleted")
    assert (await chat.unreact(ada, message, THUMB)).body["reactions"] == {}
    assert await waiting(world, message) == 0
    await world.work_off("workers.maintain_sockets", due(chat, message))
    assert len(await chat.events("message.reacted")) == 1


async def test_not_to_somebody_who_has_blocked(
    ada: Person, grace: Person, chat: Talk, message: Any
) -> None:
    await chat.react(grace, message, THUMB)
    await ada.call("block_user", user_id=grace.id)

    assert (await chat.react(grace, message, FLAG)).refusal == (403, "blocked")
    assert (await chat.unreact(grace, message, THUMB)).body["reactions"] == {}


async def test_an_edit_keeps_them(ada: Person, chat: Talk, message: Any) -> None:
    await chat.react(ada, message, THUMB)
    edited = (await chat.edit(ada, message, "ho")).body

    assert (edited["reactions"], edited["my_reactions"]) == ({THUMB: 1}, [THUMB])
    ((told),) = await chat.events("message.updated")
    assert "my_reactions" not in told["message"]
    assert (await chat.show(ada, message)).body == edited


async def test_over_the_socket(ada: Person, grace: Person, chat: Talk, message: Any) -> None:
    socket = await ada.open_socket()
    frame = {"message_id": message["id"], "emoji": THUMB, "added": True}
    added = await socket.say("react", frame, id="r1")
    removed = await socket.say("react", {**frame, "added": False}, id="r2")

    mine = {"message_id": message["id"], "reactions": {THUMB: 1}, "my_reactions": [THUMB]}
    assert added == {"type": "ack", "id": "r1", "ok": True, "data": mine}
    assert removed["data"] == {**mine, "reactions": {}, "my_reactions": []}
    unsaid = await socket.say("react", {"message_id": message["id"], "emoji": THUMB})
    assert unsaid["error"]["code"] == "validation_failed"
