"""R4: 32 writers × 300 messages in one conversation while a reader pages: no gap, and one order."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from tests.conftest import Report, Size
from tests.person import PAGE, Document, Person
from tests.proofs.broken import Mutation, broken_schema
from tests.system import LocalSystem, System

SENDING = "infra/schema/chat.sql"
NUMBERED_BY_TIME = (
    Mutation(
        SENDING,
        original="    PERFORM FROM streams s "
        "WHERE s.id = conversation_id AND s.kind = 'conv' FOR NO KEY UPDATE;\n",
        replacement="",
    ),
    Mutation(
        SENDING,
        original="UPDATE streams s SET head = s.head + 1 "
        "WHERE s.id = conversation_id RETURNING s.head INTO new_seq;",
        replacement="new_seq := extract(epoch FROM now_at) * 1000000 + floor(random() * 1000);\n"
        "    PERFORM pg_sleep(random() / 25);",
    ),
)
"""Numbers without a lock, and then a wait before the commit as long as a network may take."""


@dataclass(frozen=True, slots=True)
class Order:
    """`read`: what the reader got page by page; `history`: when everything was written."""

    read: Sequence[Document]
    history: Sequence[Document]

    @property
    def gaps(self) -> int:
        numbers = [message["seq"] for message in self.history]
        return len(set(range(1, len(numbers) + 1)) - set(numbers))

    @property
    def passed_over(self) -> int:
        """Messages that were committed below a number that the reader had already got."""
        return len({m["seq"] for m in self.history} - {m["seq"] for m in self.read})

    @property
    def disordered(self) -> int:
        """Writers whose messages are not in the order in which they wrote them."""
        numbers = defaultdict(list)
        for message in self.history:
            numbers[message["author_id"]].append(int(message["content"]))
        return sum(own != list(range(len(own))) for own in numbers.values())

    def check(self, *, sent: int) -> None:
        assert len(self.history) == sent
        assert (self.gaps, self.passed_over, self.disordered) == (0, 0, 0), "not in order"
        assert self.read == self.history


async def test_message_numbers_follow_the_order_of_commits(
    system: System, size: Size, report: Report
) -> None:
    writers, each = size(16, 32), size(8, 300)
    order = await write_and_read(system, writers=writers, each=each)
    report(
        "R4 order",
        writers=writers,
        messages=len(order.history),
        gaps=order.gaps,
        passed_over=order.passed_over,
        writers_out_of_order=order.disordered,
    )
    order.check(sent=writers * each)


async def test_the_proof_fails_where_numbers_come_from_a_clock(
    local: LocalSystem, report: Report
) -> None:
    with broken_schema(local, *NUMBERED_BY_TIME):
        order = await write_and_read(local, writers=8, each=20)
    report("R4 with numbers from a clock", messages=160, passed_over=order.passed_over)
    with pytest.raises(AssertionError, match=r"not in order|== 160"):
        order.check(sent=160)
    assert order.passed_over > 0


async def write_and_read(system: System, *, writers: int, each: int) -> Order:
    people, conversation = await system.group(writers)
    writing = asyncio.gather(*(write(person, conversation, each) for person in people))
    read: list[Document] = []
    while not writing.done():
        read += await read_on(people[0], conversation, after=read)
    await writing
    while page := await read_on(people[0], conversation, after=read):
        read += page
    return Order(read, await people[0].history(conversation))


async def write(person: Person, conversation: str, number: int) -> None:
    for which in range(number):
        response = await person.send_message(conversation, str(which))
        assert response.status_code == 201, response.text


async def read_on(
    person: Person, conversation: str, *, after: Sequence[Document]
) -> list[Document]:
    path = f"/conversations/{conversation}/messages"
    last = after[-1]["seq"] if after else 0
    return list((await person.get(path, after=last, limit=PAGE))["items"])
