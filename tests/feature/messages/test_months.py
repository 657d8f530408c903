"""A conversation looks the same wherever its months begin."""

from __future__ import annotations

import random

import pytest

from tests.feature.conversation import Conversation
from tests.feature.months import DAYS, fill_months
from tests.feature.world import Person, World

MIDDLE = DAYS // 2
ALL = list(range(1, DAYS + 1))


@pytest.fixture
async def aged(ada: Person, direct: Conversation) -> Conversation:
    await fill_months(direct, ada)
    return direct


async def seqs(reader: Person, conversation: Conversation, query: str) -> list[int]:
    answer = await reader.call("list_messages", id=conversation.id, query=query)
    assert answer.status == 200, answer
    return [message["seq"] for message in answer.body["items"]]


async def all_pages(reader: Person, function: str, id: str, query: str) -> list[int]:
    found: list[int] = []
    cursor = ""
    while True:
        page = (await reader.call(function, id=id, query=query + cursor)).body
        found += [message["seq"] for message in page["items"]]
        if page["next"] is None:
            return found
        cursor = f"&cursor={page['next']}"


async def test_pages_cross_months_in_both_directions(ada: Person, aged: Conversation) -> None:
    newest_first = await all_pages(ada, "list_messages", aged.id, "limit=40")
    oldest_first = await all_pages(ada, "list_messages", aged.id, "limit=40&after=0")

    assert newest_first == ALL[::-1]
    assert oldest_first == ALL


async def test_a_page_that_is_just_full_has_a_next_only_if_there_is_more(
    ada: Person, aged: Conversation
) -> None:
    full = await ada.call("list_messages", id=aged.id, query="limit=20&before=21")
    more = await ada.call("list_messages", id=aged.id, query="limit=19&before=21")

    assert (len(full.body["items"]), full.body["next"]) == (20, None)
    assert (len(more.body["items"]), more.body["next"] is None) == (19, False)


async def test_a_page_around_each_number_has_both_sides(ada: Person, aged: Conversation) -> None:
    for around in (1, 5, MIDDLE, DAYS - 2, DAYS, DAYS + 9):
        newer = ALL[around : around + 25]
        older = ALL[: min(around, DAYS)][-(50 - len(newer)) :]
        assert await seqs(ada, aged, f"around={around}") == (older + newer)[::-1], around


async def test_replies_of_many_months_are_listed(ada: Person, aged: Conversation) -> None:
    first = (await ada.call("list_messages", id=aged.id, query="before=2")).body["items"][0]

    assert await all_pages(ada, "list_replies", first["id"], "limit=7") == ALL[9::10]


async def test_the_unread_count_is_right_for_a_marker_in_any_month(
    grace: Person, aged: Conversation
) -> None:
    for seq in (3, MIDDLE, DAYS - 1):
        state = (await grace.call("mark_read", {"seq": seq}, id=aged.id)).body
        assert state["unread_count"] == DAYS - seq


async def test_the_last_message_is_shown_from_any_month(
    world: World, ada: Person, aged: Conversation
) -> None:
    for last in (MIDDLE, 1):
        await world.sql(
            "UPDATE messages SET deleted_at = now() WHERE conversation_id = %s AND seq > %s + 1",
            aged.id,
            last,
        )
        await world.sql(
            "UPDATE conversations SET last_message_id = (SELECT id FROM messages m WHERE"
            " m.conversation_id = conversations.id AND m.seq = %s + 1) WHERE id = %s",
            last,
            aged.id,
        )
        ((id,),) = await world.sql(
            "SELECT last_message_id FROM conversations WHERE id = %s", aged.id
        )
        await world.sql("UPDATE messages SET deleted_at = now() WHERE id = %s", id)
        await world.sql("SELECT uncount_message(%s)", id)
        listed = (await ada.call("list_conversations")).body["items"]
        (shown,) = [each["last_message"] for each in listed if each["id"] == aged.id]
        assert shown["seq"] == last
        assert (await aged.show(ada))["last_message"]["seq"] == last


async def test_a_conversation_goes_on_in_a_new_month(
    world: World, ada: Person, aged: Conversation
) -> None:
    before = await world.sql(
        "SELECT count(*) FROM message_months WHERE conversation_id = %s", aged.id
    )
    sent = [await ada.send(aged.id, f"new {n}") for n in range(3)]

    assert [message["seq"] for message in sent] == [DAYS + 1, DAYS + 2, DAYS + 3]
    assert await all_pages(ada, "list_messages", aged.id, "limit=40") == [
        *(message["seq"] for message in sent[::-1]),
        *ALL[::-1],
    ]
    assert before == await world.sql(
        "SELECT count(*) FROM message_months WHERE conversation_id = %s", aged.id
    )


async def test_senders_whose_clocks_differ_at_the_turn_of_a_month_lose_nothing(
    world: World, ada: Person, direct: Conversation
) -> None:
    """The ids of successive messages are of one month and the other by turns."""
    dice = random.Random(7)
    for number in range(1, 31):
        await world.sql(
            """
            SELECT send_message(
                overlay(uuid7_floor(at)::text placing %s from 25)::uuid, %s, %s, %s, 'x', NULL,
                '[]', '{}', NULL, NULL, '', at, ARRAY['member'], NULL)
            FROM (SELECT date_trunc('month', now(), 'UTC') + make_interval(secs => %s) AS at)
            """,
            f"{number:012x}",
            direct.id,
            ada.id,
            f"message {number}",
            dice.choice((-1, 1)),
        )
    sent = list(range(1, 31))

    assert await all_pages(ada, "list_messages", direct.id, "limit=7") == sent[::-1]
    assert await all_pages(ada, "list_messages", direct.id, "limit=7&after=0") == sent
    for around in sent:
        assert around in await seqs(ada, direct, f"around={around}&limit=3")
