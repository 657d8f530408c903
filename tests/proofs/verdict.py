"""What was acknowledged and what was read, held against the log of a stream."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from tests.person import Document
from tests.proofs.writing import Book, Key, Outcome
from tests.system import LocalSystem


class Entry(NamedTuple):
    """One event, by what does not change when a message is deleted later."""

    seq: int
    type: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Log:
    rows: Sequence[tuple[int, str, Document]]

    @classmethod
    def of(cls, system: LocalSystem, conversation: str) -> Log:
        sql = f"SELECT seq, type, payload FROM events WHERE stream_id = '{conversation}'"
        return cls(system.query(f"{sql} ORDER BY seq"))

    def entries(self) -> list[Entry]:
        return [entry(seq, type, payload) for seq, type, payload in self.rows]

    def keys(self, originals: dict[str, str]) -> Iterator[Key]:
        """What was done, each thing as often as it is told. `originals`: what acknowledged messages
        said first, for a deleted one says nothing."""
        for _, type, payload in self.rows:
            message = payload.get("message", {})
            if type == "message.created":
                yield "send", originals.get(message["id"], message["content"])
            elif type == "message.updated":
                yield "edit", message["id"], str(message["version"])
            elif type == "message.deleted":
                yield "delete", message["id"]
            else:
                changes = payload["changes"]
                yield from (
                    ("react", payload["message_id"], change["user_id"], change["emoji"])
                    for change in changes
                )


@dataclass(frozen=True, slots=True)
class Verdict:
    """`lost`: acknowledged and not told; `never_done`: told, and nobody did it; `out_of_order`:
    numbers that are not the next one, and messages before an earlier one of their author."""

    acknowledged: int
    unknown: int
    of_which_done: int
    lost: int
    twice: int
    never_done: int
    out_of_order: int

    def check(self) -> None:
        wrong = (self.lost, self.twice, self.never_done, self.out_of_order)
        assert wrong == (0, 0, 0, 0), f"not what was acknowledged: {self}"


def judge(book: Book, log: Log) -> Verdict:
    sent = [deed for deed in book.deeds if deed.outcome is Outcome.OK and deed.key[0] == "send"]
    told = Counter(log.keys({deed.message_id: deed.key[1] for deed in sent}))
    deleted = {key[1] for key in told if key[0] == "delete"}
    done = set(book.keys(Outcome.OK))
    open_questions = set(book.keys(Outcome.UNKNOWN)) | {
        deed.key for deed in book.deeds if deed.code == "message_deleted"
    }
    # what is still to be told of reactions goes with their message
    expected = {key for key in done if key[0] != "react" or key[1] not in deleted}
    numbers = [row[0] for row in log.rows]
    return Verdict(
        acknowledged=len(done),
        unknown=len(set(book.keys(Outcome.UNKNOWN))),
        of_which_done=len(set(book.keys(Outcome.UNKNOWN)) & told.keys()),
        lost=len(expected - told.keys()),
        twice=sum(times - 1 for times in told.values()),
        never_done=len(told.keys() - done - open_questions),
        out_of_order=_breaks(numbers) + sum(map(_steps_back, _numbers_by_author(book))),
    )


def entry(seq: int, type: str, payload: Document) -> Entry:
    message = payload.get("message") or {"id": payload.get("message_id", "")}
    return Entry(seq, type, message["id"])


def _numbers_by_author(book: Book) -> Iterable[list[int]]:
    said = defaultdict(list)
    for deed in book.deeds:
        if deed.outcome is Outcome.OK and deed.key[0] == "send":
            said[deed.author_id].append(deed.seq)
    return said.values()


def _breaks(numbers: Sequence[int]) -> int:
    return sum(number != place for place, number in enumerate(numbers, start=1))


def _steps_back(numbers: Sequence[int]) -> int:
    return sum(after <= before for before, after in pairwise(numbers))
