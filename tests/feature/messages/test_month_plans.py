"""Tables with a partition for each month are read in the partitions that a page lies in, however
many months there are."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID, uuid4

import pytest

from cgraph.chat.conversations import queries as conversations
from cgraph.chat.conversations.read_markers import queries as read_markers
from cgraph.chat.messages import queries as messages
from cgraph.chat.messages.history import queries
from cgraph.chat.messages.models import MessageDraft
from cgraph.chat.policies import MEMBER
from cgraph.core import clock, ids
from cgraph.core.database import Transaction
from cgraph.core.ids import UserId
from cgraph.core.markdown import render
from cgraph.core.pagination import END_OF_TIME, LAST_ID
from cgraph.events import nonces
from cgraph.sync import queries as sync
from tests.feature.conversation import Conversation
from tests.feature.months import DAYS, fill_months, partitions
from tests.feature.plans import assert_index_scans, plan_nodes
from tests.feature.world import Person, World

LIMIT = 5
MIDDLE = DAYS // 2
Query = Callable[[Transaction], Awaitable[object]]


@pytest.fixture
async def aged(ada: Person, direct: Conversation) -> Conversation:
    await fill_months(direct, ada)
    return direct


async def read_partitions(world: World, query: Query, *, of: str) -> set[str]:
    """The partitions of the table that the plans read."""
    names = [node.get("Relation Name", "") for node in await plan_nodes(world, query)]
    return {name for name in names if name.startswith(f"{of}_y") or name == f"{of}_default"}


@pytest.mark.parametrize(
    ("before", "after", "around", "seqs"),
    [
        (None, None, None, (DAYS - LIMIT, DAYS)),
        (MIDDLE, None, None, (MIDDLE - LIMIT - 1, MIDDLE - 1)),
        (None, MIDDLE, None, (MIDDLE, MIDDLE + LIMIT + 1)),
        (None, None, MIDDLE, (MIDDLE - LIMIT, MIDDLE + LIMIT)),
        (30, None, None, (24, 29)),
    ],
)
async def test_a_page_of_history(
    world: World,
    ada: Person,
    aged: Conversation,
    before: int | None,
    after: int | None,
    around: int | None,
    seqs: tuple[int, int],
) -> None:
    read = await read_partitions(
        world,
        lambda tx: queries.list_messages(
            tx,
            reader=UUID(ada.id),
            conversation_id=UUID(aged.id),
            before=before,
            after=after,
            around=around,
            limit=LIMIT,
        ),
        of="messages",
    )

    quoted = await partitions(aged, seqs=(1, 1))
    assert 0 < len(read - quoted) <= 2
    assert read <= await partitions(aged, seqs=seqs) | quoted


async def test_a_page_of_replies(world: World, ada: Person, aged: Conversation) -> None:
    ((parent,),) = await world.sql(
        "SELECT id FROM messages WHERE conversation_id = %s AND seq = 1", aged.id
    )
    read = await read_partitions(
        world,
        lambda tx: queries.list_replies(
            tx,
            reader=UUID(ada.id),
            id=parent,
            conversation_id=UUID(aged.id),
            after=MIDDLE,
            limit=2,
        ),
        of="messages",
    )

    quoted = await partitions(aged, seqs=(1, 1))
    assert read - quoted == await partitions(aged, seqs=(MIDDLE + 1, (MIDDLE // 10 + 2) * 10))


async def test_the_last_messages_of_conversations(
    world: World, ada: Person, aged: Conversation
) -> None:
    """The old one is found by its id."""
    old = await partitions(aged, seqs=(MIDDLE, MIDDLE))
    await world.sql(
        "UPDATE conversations SET last_message_id = (SELECT id FROM messages"
        " WHERE conversation_id = conversations.id AND seq = %s) WHERE id = %s",
        MIDDLE,
        aged.id,
    )
    read = await read_partitions(
        world,
        lambda tx: conversations.list_conversations(
            tx, reader=UUID(ada.id), below=(END_OF_TIME, LAST_ID), limit=LIMIT, member_limit=1
        ),
        of="messages",
    )

    assert old < read
    assert len(read) == 3  # with this month and the one before


async def test_marking_as_read_and_deleting_the_last_message(
    world: World, ada: Person, aged: Conversation
) -> None:
    marked = await read_partitions(
        world,
        lambda tx: read_markers.mark_read(
            tx, reader=UUID(ada.id), policy=MEMBER, id=UUID(aged.id), seq=MIDDLE, now=clock.now()
        ),
        of="messages",
    )
    ((last,),) = await world.sql("SELECT last_message_id FROM conversations WHERE id = %s", aged.id)

    async def delete(tx: Transaction) -> None:
        is_last = {"message": last, "id": aged.id}
        await tx.execute(
            "UPDATE conversations SET last_message_id = %(message)s WHERE id = %(id)s", is_last
        )
        await tx.execute("SELECT uncount_message(%(message)s)", is_last)
        await tx.execute("SELECT update_text_in_log(%(message)s)", is_last)

    deleted = await read_partitions(world, delete, of="messages")

    assert marked == await partitions(aged, seqs=(MIDDLE, MIDDLE))
    assert deleted == await partitions(aged, seqs=(DAYS, DAYS))


async def test_events_after_a_cursor(world: World, ada: Person, aged: Conversation) -> None:
    """Of a client that has been away for a short time; the other streams do not exist."""
    ranges = [(UUID(aged.id), DAYS - LIMIT, DAYS)]
    nodes = await plan_nodes(
        world, lambda tx: sync.events_between(tx, reader=UUID(ada.id), ranges=ranges)
    )
    scans = [node for node in nodes if node.get("Relation Name", "").startswith("events_")]

    assert 0 < len({scan["Relation Name"] for scan in scans}) <= 3  # tomorrow may be a new month
    assert_index_scans(scans, tables={scan["Relation Name"] for scan in scans}, rows=LIMIT)


async def test_the_result_of_a_nonce(world: World, ada: Person, aged: Conversation) -> None:
    nonce = str(uuid4())
    await ada.send(aged.id, "once", nonce=nonce)
    read = await read_partitions(
        world,
        lambda tx: nonces.first_result(tx, user_id=UserId(UUID(ada.id)), nonce=nonce),
        of="events",
    )

    assert len(read) == 1


async def test_sending_a_reply(world: World, ada: Person, aged: Conversation) -> None:
    ((first,),) = await world.sql(
        "SELECT id FROM messages WHERE conversation_id = %s AND seq = 1", aged.id
    )
    draft = MessageDraft(conversation_id=UUID(aged.id), content="late", reply_to=first)

    async def reply(tx: Transaction) -> None:
        now = clock.now()
        await messages.send_message(
            tx,
            id=ids.uuid7(now),
            author=UUID(ada.id),
            policy=MEMBER,
            draft=draft,
            rendered=render(draft.content),
            request_hash=b"",
            now=now,
        )

    read = await read_partitions(world, reply, of="messages")

    assert read == await partitions(aged, seqs=(1, 1))
