"""R12: a function dies between its commit and its publish, 500 times: no event is missing and no
effect is there twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.conftest import Report, Size
from tests.person import Document, Person
from tests.proofs.broken import Mutation, broken_system
from tests.reader import Reader, reading
from tests.system import LocalSystem

DIES_BEFORE_IT_TELLS = Mutation(
    "layers/cgraph/cgraph/delivery.py",
    was="""\
    if not announcements:
        return
    try:
""",
    becomes="""\
    if not announcements:
        return
    import os, random, signal
    is_asked = "MaintainSockets" not in os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    is_message = announcements[0].event.type.startswith("message.")
    if is_asked and is_message and random.random() < 0.5:
        os.kill(os.getpid(), signal.SIGKILL)
    try:
""",
)
"""Half the times, where a caller waits for an answer and asks again."""

WRITERS = 4
FOLLOWERS = 3
ATTEMPTS = 60
EMOJI = "👍"
HEARTBEAT_SECONDS = 2.0
PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class Writing:
    """Until so many deaths. `said`: the ids and the numbers of rounds; `unanswered`: tries."""

    system: LocalSystem
    conversation: str
    deaths: int
    said: dict[str, int] = field(default_factory=dict)
    unanswered: Counter[str] = field(default_factory=Counter)
    replayed: int = 0

    async def write(self, author: Person, other: Person) -> None:
        """Each round is a message, its edit, and two reactions, the second of which waits."""
        while self.unanswered.total() < self.deaths:
            nonce = f"{author.id}-{len(self.said)}"
            body = {"conversation_id": self.conversation, "content": nonce, "nonce": nonce}
            message = await self.insist(author, "POST", "/messages", body)
            path = f"/messages/{message['id']}"
            self.said[message["id"]] = message["seq"]
            edited = {"content": f"{nonce}, edited", "version": message["version"]}
            await self.insist(author, "PATCH", path, edited)
            for person in (author, other):
                await self.insist(person, "PUT", f"{path}/reactions/{EMOJI}", None)

    async def insist(self, person: Person, method: str, path: str, body: object) -> Document:
        """The same again until it is answered."""
        for _ in range(ATTEMPTS):
            answer = await person.ask(method, path, body=body)
            if answer.is_success:
                self.replayed += answer.headers.get("idempotent-replayed") == "true"
                return dict(answer.json())
            assert _is_death(answer), f"{method} {path}: {answer.status_code} {answer.text}"
            self.unanswered[method] += 1
        raise AssertionError(f"{method} {path} was not answered in {ATTEMPTS} tries")


async def test_what_was_committed_is_told_once(tmp_path: Path, size: Size, report: Report) -> None:
    async with broken_system(tmp_path, DIES_BEFORE_IT_TELLS) as system:
        people, conversation = await system.group(WRITERS + FOLLOWERS)
        writers, followers = people[:WRITERS], people[WRITERS:]
        writing = Writing(system, conversation, deaths=size(15, 500))
        stream = f"conv:{conversation}"
        async with AsyncExitStack() as open_now:
            readers = [
                await open_now.enter_async_context(
                    reading(system, person, focus=stream, heartbeat=HEARTBEAT_SECONDS)
                )
                for person in followers
            ]
            others = [*writers[1:], writers[0]]
            await asyncio.gather(*map(writing.write, writers, others))
            await told(system, conversation, messages=len(writing.said))
            head = (await people[0].get(f"/conversations/{conversation}"))["head"]
            await until_all_have(readers, stream, head=head)
        deaths = sum(n for what, n in system.errors().items() if what.endswith("crashed"))
        history = await people[0].history(conversation)
        log = logged(system, conversation)
    report(
        "R12 death between commit and publish",
        deaths=deaths,
        unanswered=dict(writing.unanswered),
        replayed=writing.replayed,
        messages=len(history),
        events=head,
        followers=len(readers),
        seen=[len(reader.numbers(stream)) for reader in readers],
    )
    assert deaths >= writing.unanswered.total() >= writing.deaths
    check_state(history, writing)
    check_log(log, writing, head=head)
    for reader in readers:
        assert reader.numbers(stream) == list(range(1, head + 1))
        assert not reader.snapshots


def check_state(history: Sequence[Document], writing: Writing) -> None:
    assert {message["id"]: message["seq"] for message in history} == writing.said
    for message in history:
        assert (message["version"], message["reactions"]) == (2, {EMOJI: 2}), message
        assert message["content"].endswith(", edited")


def check_log(log: Sequence[tuple[str, str]], writing: Writing, *, head: int) -> None:
    """Each effect of each message, once."""
    effects = Counter(log)
    types = ("message.created", "message.updated", "reaction")
    wanted = {(id, type): 1 + (type == "reaction") for id in writing.said for type in types}
    assert effects == wanted


def logged(system: LocalSystem, conversation: str) -> list[tuple[str, str]]:
    """What happened, by message; each change of a reaction for itself."""
    found = system.query(
        f"""
        SELECT payload -> 'message' ->> 'id', type FROM events
        WHERE stream_id = '{conversation}' AND type <> 'message.reacted'
        UNION ALL
        SELECT payload ->> 'message_id', 'reaction'
        FROM events, jsonb_array_elements(payload -> 'changes')
        WHERE stream_id = '{conversation}' AND type = 'message.reacted'
        """
    )
    return [(str(id), str(type)) for id, type in found]


async def told(system: LocalSystem, conversation: str, *, messages: int) -> None:
    """Until no reaction waits to be told any more; what is missing then, the check says."""
    clock = asyncio.get_running_loop().time
    limit = clock() + PATIENCE_SECONDS
    while sum(type == "reaction" for _, type in logged(system, conversation)) < 2 * messages:
        if clock() > limit:
            return
        await asyncio.sleep(0.2)


async def until_all_have(readers: Sequence[Reader], stream: str, *, head: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while any(len(reader.numbers(stream)) < head for reader in readers):
            await asyncio.sleep(0.05)


def _is_death(answer: httpx.Response) -> bool:
    return answer.status_code >= 500 and "died" in answer.text
