"""What was sent and acknowledged, compared with the history of a conversation."""

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
class SendLog:
    """`acknowledged`: by content, the message that its sender received. The counts are those of
    single attempts, of which a message may need several."""

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
                response = await person.send_message(conversation_id, content, nonce=nonce)
            except httpx.TransportError:
                self.unknown += 1
            else:
                if response.is_success:
                    self.ok += 1
                    self.acknowledged[content] = response.json()
                    return
                assert response.status_code >= 500, response.text
                self.failed += 1
            await asyncio.sleep(PAUSE_SECONDS)
        raise AssertionError(f"{content} was not acknowledged in {ATTEMPTS} attempts")

    def compare(self, history: Sequence[Document]) -> Comparison:
        times = Counter(message["content"] for message in history)
        by_id = {message["id"]: message for message in history}
        return Comparison(
            acknowledged=len(self.acknowledged),
            rows=len(history),
            lost=len(self.acknowledged.keys() - times.keys()),
            twice=sum(number - 1 for number in times.values()),
            never_sent=len(times.keys() - self.acknowledged.keys()),
            different=sum(
                by_id.get(message["id"]) != message for message in self.acknowledged.values()
            ),
        )


@dataclass(frozen=True, slots=True)
class Comparison:
    """`different`: acknowledged with another message than the one in the history."""

    acknowledged: int
    rows: int
    lost: int
    twice: int
    never_sent: int
    different: int

    def check(self, *, sent: int) -> None:
        expected = Comparison(sent, sent, lost=0, twice=0, never_sent=0, different=0)
        assert self == expected, f"{self}, not {expected}"
