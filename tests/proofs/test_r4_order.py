"""R4: 32 writers × 300 into one conversation while a reader pages; no gap, no order but one."""

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

WRITERS = 32

SENDING = "infra/schema/chat.sql"
NUMBERED_BY_TIME = (
    Mutation(
        SENDING,
        was="    PERFORM FROM streams s "
        "WHERE s.id = conversation_id AND s.kind = 'conv' FOR NO KEY UPDATE;\n",
        becomes="",
    ),
    Mutation(
        SENDING,
        was="UPDATE streams s SET head = s.head + 1 "
        "WHERE s.id = conversation_id RETURNING s.head INTO new_seq;",
        becomes="new_seq := extract(epoch FROM now_at) * 1000000 + floor(random() * 1000);\n"
        "    PERFORM pg_sleep(random() / 25);",
    ),
)
"""A number nobody waits for, and then as long until the commit as a network may take."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the reader was given page by page, and the history when all was written."""

    read: Sequence[Document]
    history: Sequence[Document]

    @property
    def gaps(self) -> int:
        numbers = [message["seq"] for message in self.history]
        return len(set(range(1, len(numbers) + 1)) - set(numbers))

    @property
    def passed_over(self) -> int:
        """Came below a number that the reader had already seen."""
        return len({m["seq"] for m in self.history} - {m["seq"] for m in self.read})

    @property
    def disordered(self) -> int:
        """Writers whose messages are not in the order they wrote them in."""
        said = defaultdict(list)
        for message in self.history:
            said[message["author_id"]].append(int(message["content"]))
        return sum(numbers != list(range(len(numbers))) for numbers in said.values())

    def check(self, *, sent: int) -> None:
        assert len(self.history) == sent
        assert (self.gaps, self.passed_over, self.disordered) == (0, 0, 0), "not in order"
        assert self.read == self.history


async def test_numbers_are_the_order_of_commits(system: System, size: Size, report: Report) -> None:
    each = size(8, 300)
    order = await write_and_read(system, writers=WRITERS, each=each)
    report(
        "R4 order",
        writers=WRITERS,
        messages=len(order.history),
        gaps=order.gaps,
        passed_over=order.passed_over,
        writers_out_of_order=order.disordered,
    )
    order.check(sent=WRITERS * each)


async def test_with_numbers_by_time_this_proof_fails(local: LocalSystem, report: Report) -> None:
    with broken_schema(local, *NUMBERED_BY_TIME):
        order = await write_and_read(local, writers=8, each=20)
    report("R4 with numbers by time", messages=160, passed_over=order.passed_over)
    with pytest.raises(AssertionError, match="not in order"):
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
        answer = await person.send(conversation, str(which))
        assert answer.status_code == 201, answer.text


async def read_on(
    person: Person, conversation: str, *, after: Sequence[Document]
) -> list[Document]:
    path = f"/conversations/{conversation}/messages"
    last = after[-1]["seq"] if after else 0
    return list((await person.get(path, after=last, limit=PAGE))["items"])
