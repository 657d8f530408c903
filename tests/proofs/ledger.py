"""What was sent and acknowledged, held against what a conversation has."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

import httpx

from tests.person import Document, Person

PAUSE_SECONDS = 0.05
ATTEMPTS = 400


@dataclass(slots=True)
class Ledger:
    """`acknowledged`: the message of each content, as its sender was told. The counts are those of
    single tries, of which a message may need several."""

    acknowledged: dict[str, Document] = field(default_factory=dict)
    ok: int = 0
    failed: int = 0
    unknown: int = 0

    async def send(
        self, person: Person, conversation_id: str, content: str, *, nonce: str | None
    ) -> None:
        """Tries until it is acknowledged, as a client does that may not lose a message."""
        for _ in range(ATTEMPTS):
            try:
                answer = await person.send(conversation_id, content, nonce=nonce)
            except httpx.TransportError:
                self.unknown += 1
            else:
                if answer.is_success:
                    self.ok += 1
                    self.acknowledged[content] = answer.json()
                    return
                assert answer.status_code >= 500, answer.text
                self.failed += 1
            await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError(f"{content} was not acknowledged in {ATTEMPTS} tries")

    def compare(self, history: Sequence[Document]) -> Comparison:
        times = Counter(message["content"] for message in history)
        ids = {message["id"]: message for message in history}
        return Comparison(
            acknowledged=len(self.acknowledged),
            rows=len(history),
            lost=len(self.acknowledged.keys() - times.keys()),
            twice=sum(number - 1 for number in times.values()),
            never_sent=len(times.keys() - self.acknowledged.keys()),
            told_otherwise=sum(
                ids.get(message["id"]) != message for message in self.acknowledged.values()
            ),
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """`told_otherwise`: acknowledged with another message than the one in the history."""

    acknowledged: int
    rows: int
    lost: int
    twice: int
    never_sent: int
    told_otherwise: int

    def check(self, *, sent: int) -> None:
        wanted = Comparison(sent, sent, lost=0, twice=0, never_sent=0, told_otherwise=0)
        assert self == wanted, f"{self}, not {wanted}"
