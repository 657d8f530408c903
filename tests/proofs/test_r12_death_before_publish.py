"""R12: a function dies between its commit and its publish, 500 times: no event is missing and no
write has its effect twice."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field

import httpx

from tests.conftest import Report, Size
from tests.person import Document, Person
from tests.proofs.broken import Breakable, Mutation
from tests.reader import open_reader, wait_for_events
from tests.system import LocalSystem

DIES_BEFORE_PUBLISH = Mutation(
    "layers/cgraph/cgraph/realtime/fanout.py",
    original="""\
    try:
        shares, answer = await _offer_or_find(
""".rstrip(),
    replacement="""\
    import os, random, signal
    has_caller = "MaintainSockets" not in os.environ["AWS_LAMBDA_FUNCTION_NAME"]
    is_message = any(each.event.type.startswith("message.") for each in announcements)
    if has_caller and is_message and random.random() < 0.5:
        os.kill(os.getpid(), signal.SIGKILL)
    try:
        shares, answer = await _offer_or_find(
""".rstrip(),
)
"""Half the times, in functions whose caller waits for a response and retries."""

WRITERS = 4
FOLLOWERS = 3
ATTEMPTS = 60
EMOJI = "👍"
HEARTBEAT_SECONDS = 1.0
TIMEOUT_SECONDS = 60.0


@dataclass(slots=True)
class Writing:
    """Until so many deaths. `sent`: the number of each message, by id; `unanswered`: attempts."""

    system: LocalSystem
    conversation: str
    deaths: int
    sent: dict[str, int] = field(default_factory=dict)
    unanswered: Counter[str] = field(default_factory=Counter)
    replayed: int = 0

    async def write(self, author: Person, other: Person) -> None:
        """Each round is a message, its edit, and two reactions, the second of which waits."""
        while self.unanswered.total() < self.deaths:
            nonce = f"{author.id}-{len(self.sent)}"
            body = {"conversation_id": self.conversation, "content": nonce, "nonce": nonce}
            message = await self.retry(author, "POST", "/messages", body)
            path = f"/messages/{message['id']}"
            self.sent[message["id"]] = message["seq"]
            edited = {"content": f"{nonce}, edited", "version": message["version"]}
            await self.retry(author, "PATCH", path, edited)
            for person in (author, other):
                await self.retry(person, "PUT", f"{path}/reactions/{EMOJI}", None)

    async def retry(self, person: Person, method: str, path: str, body: object) -> Document:
        """The same request until it has a response."""
        for _ in range(ATTEMPTS):
            response = await person.request(method, path, body=body)
            if response.is_success:
                self.replayed += response.headers.get("idempotent-replayed") == "true"
                return dict(response.json())
            assert _is_death(response), f"{method} {path}: {response.status_code} {response.text}"
            self.unanswered[method] += 1
        raise AssertionError(f"{method} {path} had no response in {ATTEMPTS} attempts")


async def test_what_was_committed_is_published_once(
    short_lived: Breakable, size: Size, report: Report
) -> None:
    system = short_lived.system
    people, conversation = await system.group(WRITERS + FOLLOWERS)
    writers, followers = people[:WRITERS], people[WRITERS:]
    writing = Writing(system, conversation, deaths=size(10, 500))
    stream, before = f"conv:{conversation}", deaths_in(system)
    async with short_lived.broken(DIES_BEFORE_PUBLISH), AsyncExitStack() as stack:
        readers = [
            await stack.enter_async_context(
                open_reader(system, person, subscribe_to=stream, heartbeat=HEARTBEAT_SECONDS)
            )
            for person in followers
        ]
        others = [*writers[1:], writers[0]]
        await asyncio.gather(*map(writing.write, writers, others))
        await wait_until_flushed(system, conversation, messages=len(writing.sent))
        head = (await people[0].get(f"/conversations/{conversation}"))["head"]
        await wait_for_events(readers, stream, number=head, seconds=TIMEOUT_SECONDS)
    deaths = deaths_in(system) - before
    history = await people[0].history(conversation)
    effects = logged_effects(system, conversation)
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
    check_effects(effects, writing, head=head)
    for reader in readers:
        assert reader.numbers(stream) == list(range(1, head + 1))
        assert not reader.snapshots


def deaths_in(system: LocalSystem) -> int:
    return sum(number for what, number in system.errors().items() if what.endswith("crashed"))


def check_state(history: Sequence[Document], writing: Writing) -> None:
    assert {message["id"]: message["seq"] for message in history} == writing.sent
    for message in history:
        assert (message["version"], message["reactions"]) == (2, {EMOJI: 2}), message
        assert message["content"].endswith(", edited")


def check_effects(logged: Sequence[tuple[str, str]], writing: Writing, *, head: int) -> None:
    """Each effect of each message, once."""
    effects = Counter(logged)
    types = ("message.created", "message.updated", "reaction")
    expected = {(id, type): 1 + (type == "reaction") for id in writing.sent for type in types}
    assert effects == expected


def logged_effects(system: LocalSystem, conversation: str) -> list[tuple[str, str]]:
    """The effects in the log, by message; each change of a reaction is one."""
    rows = system.query(
        f"""
        SELECT payload -> 'message' ->> 'id', type FROM events
        WHERE stream_id = '{conversation}' AND type <> 'message.reacted'
        UNION ALL
        SELECT payload ->> 'message_id', 'reaction'
        FROM events, jsonb_array_elements(payload -> 'changes')
        WHERE stream_id = '{conversation}' AND type = 'message.reacted'
        """
    )
    return [(str(id), str(type)) for id, type in rows]


async def wait_until_flushed(system: LocalSystem, conversation: str, *, messages: int) -> None:
    """Until no reaction waits for its event. After a minute the check shows what is missing."""
    clock = asyncio.get_running_loop().time
    limit = clock() + TIMEOUT_SECONDS
    while (
        sum(type == "reaction" for _, type in logged_effects(system, conversation)) < 2 * messages
    ):
        if clock() > limit:
            return
        await asyncio.sleep(0.2)


def _is_death(response: httpx.Response) -> bool:
    return response.status_code >= 500 and "died" in response.text
